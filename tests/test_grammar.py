"""The lifecycle's grammar: legal variety passes, one event missing or too many gives one departure."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.streams.automaton import Machine, Table
from conformance.streams.events import StreamEvent
from conformance.streams.grammar import (
    ARGUMENTS,
    ITEM,
    LEVELS,
    PART,
    STREAM,
    SUMMARY,
    Departure,
    departures,
)
from conformance.streams.vocabulary import VOCABULARY
from tests import streams
from tests.streams import Json, tell


def departing(events: Sequence[Json], *, ended: bool = True) -> list[Departure]:
    told = [StreamEvent(number, str(e["type"]), None, e, 0.0) for number, e in enumerate(events)]
    return departures(told, ended=ended)


def rules(events: Sequence[Json]) -> list[str]:
    return [departure.rule for departure in departing(events)]


def index_of(events: Sequence[Json], type_: str, which: int = 0) -> int:
    return [number for number, event in enumerate(events) if event["type"] == type_][which]


def without(events: list[Json], type_: str, which: int = 0) -> list[Json]:
    at = index_of(events, type_, which)
    return [*events[:at], *events[at + 1 :]]


def doubled(events: list[Json], type_: str) -> list[Json]:
    at = index_of(events, type_)
    return [*events[: at + 1], *events[at:]]


def interleaved() -> list[Json]:
    first, second = streams.call_item(0), streams.call_item(1, "London")
    mixed = [event for pair in zip(first, second, strict=True) for event in pair]
    return streams.whole(mixed)


def broken_off(status: str) -> list[Json]:
    item = streams.text_item()[:-3]
    return streams.whole(item, status=status)


ADDED_REASONING = tell(
    "response.output_item.added", output_index=0, item={"id": "rs_0", "type": "reasoning", "summary": []}
)
DONE_REASONING = tell(
    "response.output_item.done", output_index=0, item={"id": "rs_0", "type": "reasoning", "summary": []}
)
THOUGHT = {"item_id": "rs_0", "output_index": 0, "content_index": 0}


def thinking(name: str, *, with_part: bool) -> list[Json]:
    part = {"type": "reasoning_text", "text": "Hm"}
    return streams.whole(
        [
            ADDED_REASONING,
            *([tell("response.content_part.added", **THOUGHT, part=part)] if with_part else []),
            tell(f"response.{name}.delta", **THOUGHT, delta="Hm"),
            tell(f"response.{name}.done", **THOUGHT, text="Hm"),
            *([tell("response.content_part.done", **THOUGHT, part=part)] if with_part else []),
            DONE_REASONING,
        ]
    )


ANNOTATION = tell(
    "response.output_text.annotation.added",
    item_id="msg_0",
    output_index=0,
    content_index=0,
    annotation_index=0,
    annotation={"type": "url_citation"},
)

LEGAL: dict[str, list[Json]] = {
    "text": streams.text(),
    "everything": streams.rich(),
    "refusal": streams.whole(streams.refusal_item()),
    "interleaved": interleaved(),
    "no-in-progress": without(streams.text(), "response.in_progress"),
    "queued": [streams.text()[0], tell("response.queued", response={}), *streams.text()[1:]],
    "extension": [*streams.text()[:4], tell("acme:ping"), *streams.text()[4:]],
    "hosted-tool": [
        *streams.text()[:2],
        tell("response.web_search_call.searching", output_index=0, item_id="ws_0"),
        *streams.text()[2:],
    ],
    "no-output": streams.whole(),
    "bare-reasoning": streams.whole([ADDED_REASONING, DONE_REASONING]),
    "reasoning-text": thinking("reasoning_text", with_part=True),
    "reasoning-text-without-part": thinking("reasoning_text", with_part=False),
    "reasoning": thinking("reasoning", with_part=False),
    "error": [*streams.text()[:5], tell("error", message="busy")],
    "error-then-failed": [*streams.text()[:5], tell("error", message="busy"), tell("response.failed")],
    "error-at-once": [tell("error", message="busy")],
    "annotation": [*streams.text()[:6], ANNOTATION, *streams.text()[6:]],
    "late-annotation": [*streams.text()[:9], ANNOTATION, *streams.text()[9:]],
    "no-delta": [e for e in streams.text() if not e["type"].endswith("delta")],
}


@pytest.mark.parametrize("events", LEGAL.values(), ids=LEGAL)
def test_legal_variety_departs_nowhere(events: list[Json]) -> None:
    assert departing(events) == []


@pytest.mark.parametrize(
    ("type_", "rule"),
    [
        ("response.created", "created-first"),
        ("response.output_item.added", "item-added"),
        ("response.content_part.added", "part-added"),
        ("response.output_text.done", "text-done"),
        ("response.content_part.done", "part-done"),
        ("response.output_item.done", "item-done"),
        ("response.completed", "terminal"),
    ],
)
def test_one_missing_event_is_one_departure(type_: str, rule: str) -> None:
    assert rules(without(streams.text(), type_)) == [rule]
    if "created" not in type_ and "completed" not in type_:
        assert rules(without(streams.rich(), type_, -1)) == [rule]


@pytest.mark.parametrize(
    ("type_", "rule"),
    [
        ("response.reasoning_summary_part.added", "part-added"),
        ("response.reasoning_summary_text.done", "text-done"),
        ("response.reasoning_summary_part.done", "part-done"),
        ("response.function_call_arguments.done", "arguments-done"),
    ],
)
def test_one_missing_event_of_other_items_is_one_departure(type_: str, rule: str) -> None:
    assert rules(without(streams.rich(), type_)) == [rule]


@pytest.mark.parametrize(
    ("type_", "rule"),
    [
        ("response.created", "created-once"),
        ("response.in_progress", "in-progress-place"),
        ("response.output_item.added", "item-added-once"),
        ("response.content_part.added", "part-added-once"),
        ("response.output_text.done", "nothing-after-text-done"),
        ("response.content_part.done", "nothing-after-part-done"),
        ("response.output_item.done", "nothing-after-item-done"),
        ("response.completed", "terminal-once"),
        ("response.function_call_arguments.done", "nothing-after-text-done"),
        ("response.reasoning_summary_part.added", "part-added-once"),
    ],
)
def test_one_event_too_many_is_one_departure(type_: str, rule: str) -> None:
    assert rules(doubled(streams.rich(), type_)) == [rule]


@pytest.mark.parametrize(
    "type_",
    [
        "response.created",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.done",
    ],
)
def test_one_event_that_comes_late_is_one_departure(type_: str) -> None:
    events = streams.text()
    at = index_of(events, type_)
    swapped = [*events[:at], events[at + 1], events[at], *events[at + 2 :]]
    assert len(rules(swapped)) == 1


def test_event_after_the_end_departs() -> None:
    assert rules([*streams.text(), streams.text()[4]]) == ["nothing-after-terminal"]
    assert rules([*streams.text(), tell("acme:ping")]) == ["nothing-after-terminal"]
    assert rules([*streams.text(), tell("response.in_progress")]) == ["nothing-after-terminal"]


def test_delta_after_its_item_departs_once() -> None:
    events = streams.whole(streams.text_item(), [streams.text_item()[3]], streams.text_item(1))
    assert rules(events) == ["nothing-after-item-done"]


def test_departure_tells_where_what_was_allowed_and_what_came() -> None:
    (departure,) = departing(without(streams.text(), "response.content_part.added"))
    assert departure == Departure(
        "part-added", 3, "response.content_part.added", "response.output_text.delta", 0
    )


def test_foreign_terminal_type_shows_as_no_terminal_event() -> None:
    events = [*streams.text()[:-1], {**streams.text()[-1], "type": "response.done"}]
    (departure,) = departing(events)
    assert (departure.rule, departure.came) == ("terminal", "the end of the stream after response.done")


def test_three_event_stream_departs_for_each_event_that_it_lacks() -> None:
    events = streams.text()
    told = rules([events[0], events[4], events[-1]])
    assert told == ["item-added", "part-added", "text-done", "part-done", "item-done"]


@pytest.mark.parametrize("status", ["incomplete", "failed"])
def test_items_left_open_by_an_early_end_are_told_apart(status: str) -> None:
    assert rules(broken_off(status)) == ["left-open"]


def test_cut_connection_is_not_blamed_for_what_is_missing() -> None:
    assert departing(streams.text()[:5], ended=False) == []
    assert rules(streams.text()[:5]) == ["terminal"]


def test_items_without_ids_or_indices_are_followed() -> None:
    bare = [tell("response.output_text.delta", delta="a"), tell("response.output_text.delta", delta="b")]
    assert rules(streams.whole(bare)) == ["item-added", "part-added", "text-done", "part-done", "item-done"]
    wrong_ids = [{**e, "item_id": f"x{n}"} if "item_id" in e else e for n, e in enumerate(streams.text())]
    assert rules(wrong_ids) == []
    wrong_index = [{**e, "output_index": 0} if "item_id" in e else e for e in streams.rich()]
    assert rules(wrong_index) == []


def test_tables_have_a_place_for_each_symbol_and_no_other() -> None:
    tables = (STREAM, ITEM, PART, SUMMARY, ARGUMENTS)
    placed = {symbol.split()[0] for table in tables for _, symbol in table.moves}
    assert placed - set(LEVELS) == {row.symbol for row in VOCABULARY.values()} - {None}


def test_types_with_one_symbol_are_judged_alike() -> None:
    """A message names the first of them, so that its rules must hold for all."""
    judged: dict[str, set[tuple[object, ...]]] = {}
    for row in VOCABULARY.values():
        if row.symbol is not None:
            alike = (row.carries, row.key, row.step, row.text, row.index, row.missing, row.surplus)
            judged.setdefault(row.symbol, set()).add(alike)
    assert [symbol for symbol, ways in judged.items() if len(ways) > 1] == []


def test_what_closes_something_is_missed() -> None:
    closing = [row for row in VOCABULARY.values() if row.step == "closes" and not row.of_stream]
    assert len(closing) == 9
    assert [row.name for row in closing if row.missing is None] == []


def test_machine_names_what_should_have_come_and_goes_on() -> None:
    table = Table({("a", "x"): "b", ("b", "y"): "c", ("c", "z"): "d"}, frozenset({"d"}))
    machine = Machine(table, "a")
    assert machine.take("z") == (["x", "y"], True)
    assert machine.take("y") == ([], True)  # late, not a second departure
    assert machine.take("y") == ([], False)
    assert (machine.unfinished, machine.allowed) == ([], ())


VALUES = (
    st.none() | st.booleans() | st.integers(-2, 3) | st.text(max_size=3) | st.lists(st.integers(), max_size=2)
)
ITEMS = st.dictionaries(st.sampled_from(["id", "type", "status"]), VALUES, max_size=3) | VALUES
EVENTS = st.fixed_dictionaries(
    {"type": st.sampled_from([*VOCABULARY, "acme:x", "response.done", ""])},
    optional=dict.fromkeys(
        ("item_id", "output_index", "content_index", "summary_index", "delta", "text"), VALUES
    )
    | {"item": ITEMS, "part": ITEMS, "response": ITEMS},
)


@given(st.lists(EVENTS, max_size=25))
def test_nothing_raises_whatever_the_events(events: list[Json]) -> None:
    assert isinstance(departing(events), list)


@given(st.data())
def test_losing_any_event_gives_few_departures(data: st.DataObject) -> None:
    events = streams.rich()
    lost = data.draw(st.integers(0, len(events) - 1))
    assert len(rules([*events[:lost], *events[lost + 1 :]])) <= 1
