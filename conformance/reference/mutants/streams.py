"""Mutants of a stream's events: what is told, in which order, and whether it is one story."""

import copy
from collections.abc import Iterator
from typing import Any

from conformance.reference.conversation import Json
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import (
    Change,
    change_events,
    edit_and_renumber_events,
    edit_events,
    map_field,
    omit_events,
    remove_fields,
    set_field,
)

TERMINAL = ("response.completed", "response.incomplete", "response.failed")


def stream_mutants() -> Iterator[Mutant]:
    """Numbers, lifecycle, members of events."""
    yield from _numbers()
    yield from _lifecycle()
    yield from _members()


def _numbers() -> Iterator[Mutant]:
    for name, line, requirement, how in _NUMBERS:
        change: Change = (
            remove_fields("sequence_number") if how is None else map_field("sequence_number", how)
        )
        yield Mutant(name, line, requirement, change_events("*", change))
    yield Mutant(
        "sequence-numbers-per-item",
        "numbers the events of each item from 0",
        "stream.sequence-increases",
        edit_events(_numbered_by_item),
    )


def _numbered_by_item(events: list[Json]) -> list[Json]:
    number = 0
    for event in events:
        number = 0 if event["type"] == "response.output_item.added" else number
        event["sequence_number"] = number
        number += 1
    return events


def _lifecycle() -> Iterator[Mutant]:
    """Events lost, doubled, in another order, or under another name."""
    for name, line, requirement, hooks in _LIFECYCLE:
        yield Mutant(name, line, requirement, hooks)


_DELTAS = (
    "response.output_text.delta",
    "response.function_call_arguments.delta",
    "response.reasoning_summary_text.delta",
)


def _swapped(events: list[Json]) -> list[Json]:
    return [events[1], events[0], *events[2:]]


def _late(events: list[Json]) -> list[Json]:
    return [events[0], events[2], events[1], *events[3:]]


def _after_end(events: list[Json]) -> list[Json]:
    delta = next((e for e in events if e["type"].endswith(".delta")), events[2])
    return [*events, delta]


def _completed(event: Json) -> None:
    event["type"] = "response.completed"
    event["response"].update(
        status="completed", incomplete_details=None, completed_at=event["response"]["created_at"]
    )
    for item in event["response"]["output"]:
        item["status"] = "completed"


def _three(events: list[Json]) -> list[Json]:
    return [events[0], *[e for e in events if e["type"].endswith(".delta")][:1], events[-1]]


def _merged(events: list[Json]) -> list[Json]:
    """One delta for all of a part's."""
    found: list[Json] = []
    for event in events:
        if event["type"].endswith(".delta") and found and found[-1]["type"] == event["type"]:
            found[-1]["delta"] += event["delta"]
        else:
            found.append(event)
    return found


def _doubled(kind: str) -> Any:
    return lambda events: [copy.deepcopy(e) for e in events for _ in range(2 if e["type"] == kind else 1)]


def _moved(events: list[Json], kind: str, target: str, after: bool) -> list[Json]:
    """The first event of a kind put before or behind the first of another."""
    mover = next((e for e in events if e["type"] == kind), None)
    place = next((e for e in events if e["type"] == target), None)
    if mover is None or place is None:
        return events
    rest = [e for e in events if e is not mover]
    at = next(i for i, e in enumerate(rest) if e is place) + after
    return [*rest[:at], mover, *rest[at:]]


def _before_part(events: list[Json]) -> list[Json]:
    return _moved(events, "response.output_text.delta", "response.content_part.added", after=False)


def _after_done(events: list[Json]) -> list[Json]:
    return _moved(events[::-1], "response.output_text.delta", "response.output_text.done", after=False)[::-1]


def _second_call_mute(events: list[Json]) -> list[Json]:
    kind = "response.function_call_arguments.delta"
    return [e for e in events if not (e["type"] == kind and e["output_index"] == 1)]


def _chunks(events: list[Json]) -> list[Json]:
    return [
        {"type": "chat.completion.chunk", "choices": [{"delta": {"content": e["delta"]}}]}
        for e in events
        if e["type"].endswith(".delta")
    ]


def _members() -> Iterator[Mutant]:
    """Members that an event must have, left out one by one."""
    for kind, names in _MEMBERS:
        for name in names:
            yield Mutant(
                f"{kind.removeprefix('response.').replace('.', '-')}-without-{name}",
                f"leaves {name} out of {kind}",
                "stream.event-fields",
                change_events(kind, remove_fields(name)),
            )
    yield Mutant(
        "delta-an-object",
        "sends deltas as objects, as chat completions do",
        "stream.event-field-types",
        change_events("response.output_text.delta", map_field("delta", lambda text: {"content": text})),
    )
    yield Mutant(
        "type-missing",
        "leaves the type out of the data",
        "stream.data-type",
        change_events("response.output_text.delta", remove_fields("type")),
    )
    yield Mutant(
        "terminal-without-response",
        "ends without the response",
        "stream.terminal-response",
        change_events("response.completed", remove_fields("response")),
    )


_NUMBERS: tuple[Any, ...] = (
    ("sequence-numbers-all-zero", "numbers every event 0", "stream.sequence-increases", lambda _: 0),
    ("sequence-numbers-missing", "numbers no event", "stream.sequence-number", None),
    ("sequence-numbers-strings", "numbers events with strings", "stream.sequence-number", str),
    (
        "sequence-numbers-with-gaps",
        "numbers events 0, 2, 4",
        "stream.sequence-contiguous",
        lambda n: 2 * n,
    ),
    ("sequence-numbers-from-one", "numbers events from 1", "stream.sequence-start", lambda n: n + 1),
    (
        "sequence-numbers-falling",
        "numbers events backwards",
        "stream.sequence-increases",
        lambda n: 1000 - n,
    ),
    (
        "sequence-numbers-reset",
        "starts to number anew after ten events",
        "stream.sequence-increases",
        lambda n: n % 10,
    ),
    ("sequence-numbers-doubled", "gives each number twice", "stream.sequence-increases", lambda n: n // 2),
)

_LIFECYCLE: tuple[Any, ...] = (
    (
        "created-missing",
        "does not announce the response",
        "stream.created-first",
        omit_events("response.created"),
    ),
    (
        "created-twice",
        "announces the response twice",
        "stream.created-once",
        edit_and_renumber_events(lambda e: [e[0], *e]),
    ),
    (
        "created-late",
        "announces the response after in_progress",
        "stream.created-first",
        edit_and_renumber_events(_swapped),
    ),
    (
        "in-progress-late",
        "tells in_progress after the first item",
        "stream.in-progress-place",
        edit_and_renumber_events(_late),
    ),
    ("terminal-missing", "ends without a terminal event", "stream.terminal", omit_events(*TERMINAL)),
    ("terminal-twice", "ends twice", "stream.terminal-once", edit_and_renumber_events(lambda e: [*e, e[-1]])),
    (
        "event-after-terminal",
        "goes on after the end",
        "stream.nothing-after-terminal",
        edit_and_renumber_events(_after_end),
    ),
    (
        "response-done",
        "ends with response.done",
        "stream.terminal",
        change_events("response.completed", set_field("type", "response.done")),
    ),
    (
        "terminal-of-chat",
        "ends with chat.completion.chunk",
        "stream.terminal",
        change_events("response.completed", set_field("type", "chat.completion.chunk")),
    ),
    (
        "incomplete-streamed-as-completed",
        "ends a cut answer with response.completed",
        "stream.terminal-status",
        change_events("response.incomplete", set_field("type", "response.completed")),
    ),
    (
        "completed-streamed-as-incomplete",
        "ends a whole answer with response.incomplete",
        "stream.terminal-status",
        change_events("response.completed", set_field("type", "response.incomplete")),
    ),
    (
        "truncation-streamed-as-completed",
        "calls a cut answer completed in a stream only",
        "stream.truncated",
        change_events("response.incomplete", _completed),
    ),
    (
        "three-events",
        "streams three events: created, one delta, completed",
        "stream.item-added",
        edit_and_renumber_events(_three),
    ),
    ("deltas-missing", "streams no delta", "stream.some-delta", omit_events("*.delta", *_DELTAS)),
    (
        "one-delta",
        "streams a long text as a single delta",
        "stream.several-deltas",
        edit_and_renumber_events(_merged),
    ),
    (
        "item-added-missing",
        "does not announce its items",
        "stream.item-added",
        omit_events("response.output_item.added"),
    ),
    (
        "item-done-missing",
        "does not finish its items",
        "stream.item-done",
        omit_events("response.output_item.done"),
    ),
    (
        "item-added-twice",
        "announces an item twice",
        "stream.item-added-once",
        edit_and_renumber_events(_doubled("response.output_item.added")),
    ),
    (
        "item-done-twice",
        "finishes an item twice",
        "stream.nothing-after-item-done",
        edit_and_renumber_events(_doubled("response.output_item.done")),
    ),
    (
        "part-added-missing",
        "does not announce its parts",
        "stream.part-added",
        omit_events("response.content_part.added"),
    ),
    (
        "part-done-missing",
        "does not finish its parts",
        "stream.part-done",
        omit_events("response.content_part.done"),
    ),
    (
        "text-done-missing",
        "does not finish its texts",
        "stream.text-done",
        omit_events("response.output_text.done"),
    ),
    (
        "text-done-twice",
        "finishes a text twice",
        "stream.nothing-after-text-done",
        edit_and_renumber_events(_doubled("response.output_text.done")),
    ),
    (
        "delta-before-part",
        "sends a delta before the part is announced",
        "stream.part-added",
        edit_and_renumber_events(_before_part),
    ),
    (
        "delta-after-done",
        "sends a delta after the text was finished",
        "stream.nothing-after-text-done",
        edit_and_renumber_events(_after_done),
    ),
    (
        "arguments-done-missing",
        "does not finish a call's arguments",
        "stream.arguments-done",
        omit_events("response.function_call_arguments.done"),
    ),
    (
        "arguments-deltas-missing",
        "streams the second call without its arguments' deltas",
        "stream.arguments-delta",
        edit_and_renumber_events(_second_call_mute),
    ),
    (
        "summary-events-missing",
        "gives a summary without telling it",
        "stream.unspoken",
        omit_events("response.reasoning_summary_*"),
    ),
    (
        "summary-done-missing",
        "does not finish a summary's text",
        "stream.text-done",
        omit_events("response.reasoning_summary_text.done"),
    ),
    (
        "summary-part-added-missing",
        "does not announce a summary's part",
        "stream.part-added",
        omit_events("response.reasoning_summary_part.added"),
    ),
    (
        "summary-part-done-missing",
        "does not finish a summary's part",
        "stream.part-done",
        omit_events("response.reasoning_summary_part.done"),
    ),
    (
        "events-reversed",
        "tells everything backwards",
        "stream.created-first",
        edit_and_renumber_events(lambda e: e[::-1]),
    ),
    ("chat-chunks", "streams the chunks of chat completions", "stream.terminal", edit_events(_chunks)),
)

_MEMBERS: tuple[Any, ...] = (
    ("response.output_text.delta", ("item_id", "output_index", "content_index", "delta")),
    ("response.output_text.done", ("item_id", "text")),
    ("response.output_item.added", ("output_index", "item")),
    ("response.output_item.done", ("output_index", "item")),
    ("response.content_part.added", ("item_id", "part")),
    ("response.content_part.done", ("content_index", "part")),
    ("response.function_call_arguments.delta", ("item_id", "delta")),
    ("response.function_call_arguments.done", ("item_id", "arguments")),
    ("response.reasoning_summary_text.delta", ("summary_index", "delta")),
    ("response.created", ("response",)),
)
