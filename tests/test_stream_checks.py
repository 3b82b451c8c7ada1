"""The checks of streams: each fault shows on its own requirement, and legal variety on none."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.checks import test_stream_content as content
from conformance.contract.contracts import Contract
from conformance.contract.level import Level
from conformance.contract.requirements import catalogue
from conformance.exchange import Fault
from conformance.streams.vocabulary import TEXTS
from tests import streams
from tests.streams import Json, numbered, tell, violated, wire

Break = Callable[[list[Json]], object]


def broken(change: Break, events: list[Json] | None = None) -> list[Json]:
    """A copy of a healthy stream (the rich one unless given) after a change in place."""
    told: list[Json] = json.loads(json.dumps(streams.rich() if events is None else events))
    change(told)
    return told


def find(events: list[Json], type_: str, which: int = 0) -> Json:
    return [event for event in events if event["type"] == f"response.{type_}"][which]


def at(type_: str, which: int = 0, **fields: object) -> Break:
    """Set fields of one event."""
    return lambda events: find(events, type_, which).update(fields)


def within(type_: str, key: str, which: int = 0, **fields: object) -> Break:
    """Set fields of the object under one key of an event."""
    return lambda events: find(events, type_, which)[key].update(fields)


def lose(type_: str, which: int = 0) -> Break:
    def change(events: list[Json]) -> None:
        events.remove(find(events, type_, which))
        events[:] = numbered(events)

    return change


def everywhere(key: str, value: Callable[[int], object]) -> Break:
    def change(events: list[Json]) -> None:
        for number, event in enumerate(events):
            event[key] = value(number)

    return change


def swap_deltas(events: list[Json]) -> None:
    first, second = find(events, "output_text.delta", 0), find(events, "output_text.delta", 1)
    first["delta"], second["delta"] = second["delta"], first["delta"]


def cumulative(events: list[Json]) -> None:
    so_far = ""
    for event in events:
        if event["type"] == "response.output_text.delta" and event["output_index"] == 1:
            so_far += event["delta"]
            event["delta"] = so_far


def final(change: Callable[[list[Json]], object]) -> Break:
    """Change the output of the terminal response."""
    return lambda events: change(events[-1]["response"]["output"])


def renumber_items(events: list[Json]) -> None:
    for event in events:
        if event.get("output_index") == 4:
            event["output_index"] = 5
    output = events[-1]["response"]["output"]
    output.insert(4, {"id": "extra", "type": "acme:thing"})


def foreign_snapshot(events: list[Json]) -> None:
    events[1]["response"]["id"] = "resp_other"


def mixed_arguments(events: list[Json]) -> None:
    for which, item in ((0, 3), (1, 4)):
        text = '{"city": "Par{"city": "London"}' if which == 0 else "is"
        first = [e for e in events if e["type"].endswith("arguments.delta") and e["output_index"] == item]
        first[0]["delta"], first[1]["delta"] = text[:2], text[2:]
        find(events, "function_call_arguments.done", which)["arguments"] = text
        done = next(e for e in events if e["type"].endswith("item.done") and e["output_index"] == item)
        done["item"]["arguments"] = text
        events[-1]["response"]["output"][item]["arguments"] = text


def no_deltas(events: list[Json]) -> None:
    events[:] = numbered([event for event in events if not event["type"].endswith("delta")])


def other_status(events: list[Json]) -> None:
    events[-1]["response"]["status"] = "incomplete"


def ends_as(type_: str) -> Break:
    def change(events: list[Json]) -> None:
        events[-1].update(type=type_)

    return change


def told(**members: list[object]) -> Break:
    """Members of the responses of created, in_progress and completed, in that order."""

    def change(events: list[Json]) -> None:
        for name, values in members.items():
            for event, value in zip((events[0], events[1], events[-1]), values, strict=True):
                event["response"][name] = value

    return change


def parallel_calls(*values: bool) -> Break:
    return told(parallel_tool_calls=[*values])


def annotate(**place: int) -> Break:
    """An annotation of the first message before its text is done."""

    def change(events: list[Json]) -> None:
        done = find(events, "output_text.done")
        at = {key: done[key] for key in ("item_id", "output_index", "content_index")} | place
        kind = "response.output_text.annotation.added"
        note = tell(kind, **at, annotation_index=0, annotation={"type": "url_citation"})
        events.insert(events.index(done), note)
        events[:] = numbered(events)

    return change


FAULTS: dict[str, tuple[Break, set[str]]] = {
    "sequence-missing": (everywhere("sequence_number", lambda _: None), {"sequence-number"}),
    "sequence-as-text": (everywhere("sequence_number", str), {"sequence-number"}),
    "sequence-all-zero": (everywhere("sequence_number", lambda _: 0), {"sequence-increases"}),
    "sequence-restarts": (everywhere("sequence_number", lambda n: n % 20), {"sequence-increases"}),
    "sequence-gap": (everywhere("sequence_number", lambda n: n + (n > 5)), {"sequence-contiguous"}),
    "sequence-from-one": (everywhere("sequence_number", lambda n: n + 1), {"sequence-start"}),
    "created-lost": (lose("created"), {"created-first"}),
    "item-added-lost": (lose("output_item.added", 1), {"item-added"}),
    "item-done-lost": (lose("output_item.done", 1), {"item-done"}),
    "part-added-lost": (lose("content_part.added"), {"part-added"}),
    "part-done-lost": (lose("content_part.done"), {"part-done"}),
    "text-done-lost": (lose("output_text.done"), {"text-done"}),
    "arguments-done-lost": (lose("function_call_arguments.done"), {"arguments-done"}),
    "summary-done-lost": (lose("reasoning_summary_text.done"), {"text-done"}),
    "terminal-lost": (lose("completed"), {"terminal"}),
    "terminal-foreign": (ends_as("response.done"), {"terminal"}),
    "terminal-twice": (lambda e: e.append({**e[-1], "sequence_number": len(e)}), {"terminal-once"}),
    "after-terminal": (
        lambda e: e.append(tell("acme:x", sequence_number=len(e))),
        {"nothing-after-terminal"},
    ),
    "terminal-failed": (ends_as("response.failed"), {"successful", "terminal-status"}),
    "terminal-status": (other_status, {"terminal-status"}),
    "terminal-bare": (lambda e: e[-1].pop("response"), {"terminal-response", "event-fields"}),
    "terminal-without-usage": (within("completed", "response", usage=None), {"terminal-usage"}),
    "terminal-without-model": (lambda e: e[-1]["response"].pop("model"), {"terminal-full"}),
    "other-response": (foreign_snapshot, {"response-id"}),
    "response-without-id": (lambda e: e[0]["response"].pop("id"), {"response-id-present", "snapshot-full"}),
    "other-created-at": (within("completed", "response", created_at=1), {"response-created-at"}),
    "other-model": (within("completed", "response", model="llama"), {"response-model"}),
    "early-output": (within("created", "response", output=[{}]), {"created-output-empty"}),
    "early-status": (within("created", "response", status="completed"), {"created-status"}),
    "early-usage": (within("in_progress", "response", usage={"total_tokens": 0}), {"early-usage"}),
    "thin-created": (lambda e: e[0]["response"].pop("object"), {"snapshot-full"}),
    "index-skipped": (renumber_items, {"output-index", "output-announced"}),
    "id-changes": (at("output_text.delta", 1, item_id="msg_x"), {"item-id"}),
    "index-changes": (at("output_text.delta", 1, output_index=0), {"item-index"}),
    "type-changes": (
        within("output_item.done", "item", 1, type="function_call"),
        {"item-type", "item-in-output"},
    ),
    "call-id-changes": (within("output_item.done", "item", 3, call_id="call_x"), {"item-call"}),
    "added-completed": (within("output_item.added", "item", 1, status="completed"), {"added-item-status"}),
    "added-full": (within("output_item.added", "item", 3, arguments="{}"), {"added-item-empty"}),
    "added-nameless": (within("output_item.added", "item", 3, name=""), {"added-item-complete"}),
    "added-without-content": (
        lambda e: find(e, "output_item.added", 1)["item"].pop("content"),
        {"added-message-content"},
    ),
    "settings-change": (parallel_calls(True, True, False), {"response-steady"}),
    "settings-change-and-return": (parallel_calls(True, False, True), {"response-steady"}),
    "annotation-of-no-part": (annotate(content_index=1), {"part-added"}),
    "done-in-progress": (within("output_item.done", "item", 1, status="in_progress"), {"done-item-status"}),
    "final-output-empty": (final(list.clear), {"final-output"}),
    "final-item-lost": (final(list.pop), {"item-in-output"}),
    "final-id-other": (final(lambda output: output[1].update(id="msg_x")), {"item-in-output"}),
    "final-item-more": (
        final(lambda output: output.append({"id": "m", "type": "message"})),
        {"output-announced"},
    ),
    "content-index-gap": (
        lambda e: [x.update(content_index=1) for x in e if x.get("content_index") == 0],
        {"content-index"},
    ),
    "summary-index-from-one": (
        lambda e: [x.update(summary_index=x["summary_index"] + 1) for x in e if "summary_index" in x],
        {"summary-index"},
    ),
    "delta-lost": (lose("output_text.delta", 1), {"text-deltas"}),
    "deltas-swapped": (swap_deltas, {"text-deltas"}),
    "deltas-cumulative": (cumulative, {"text-deltas"}),
    "delta-doubled": (at("output_text.delta", 0, delta="HelHel"), {"text-deltas"}),
    "done-other": (at("output_text.done", text="Bye"), {"text-in-done"}),
    "part-other": (
        within("content_part.done", "part", text="Bye"),
        {"text-in-part"},
    ),
    "item-other": (
        lambda e: find(e, "output_item.done", 1)["item"]["content"][0].update(text="Bye"),
        {"text-in-item"},
    ),
    "response-other": (final(lambda output: output[1]["content"][0].update(text="")), {"text-in-response"}),
    "arguments-delta-lost": (lose("function_call_arguments.delta"), {"arguments-deltas"}),
    "arguments-done-other": (at("function_call_arguments.done", arguments="{}"), {"arguments-in-done"}),
    "arguments-item-other": (within("output_item.done", "item", 3, arguments="{}"), {"arguments-in-item"}),
    "arguments-response-other": (
        final(lambda output: output[3].update(arguments="{}")),
        {"arguments-in-response"},
    ),
    "arguments-mixed": (mixed_arguments, {"arguments-json"}),
    "summary-delta-lost": (lose("reasoning_summary_text.delta"), {"reasoning-deltas"}),
    "summary-done-other": (at("reasoning_summary_text.done", text="x"), {"reasoning-in-done"}),
    "no-deltas": (no_deltas, {"some-delta"}),
    "torn-character": (at("output_text.delta", 0, delta="H\ufffd"), {"text-deltas"}),
    "field-missing": (lambda e: find(e, "output_text.delta").pop("content_index"), {"event-fields"}),
    "field-mistyped": (at("output_text.done", logprobs="none"), {"event-field-types"}),
    "delta-null": (
        at("output_text.delta", 1, delta=None),
        {"event-field-types"},
    ),
    "unspoken": (
        final(lambda output: output[1]["content"].append({"type": "output_text", "text": "more"})),
        {"unspoken"},
    ),
}


def names(requirements: set[str]) -> set[str]:
    return {requirement.removeprefix("stream.") for requirement in requirements}


@pytest.mark.parametrize(("change", "expected"), FAULTS.values(), ids=FAULTS)
def test_fault_shows_on_its_own_requirement(change: Break, expected: set[str]) -> None:
    assert names(violated(wire(broken(change)))) == expected


BODIES: dict[str, tuple[bytes, set[str]]] = {
    "not-json": (wire(streams.text()).replace(b'"Hel"', b'"Hel', 1), {"data-json"}),
    "type-missing": (
        wire(streams.text()).replace(b'{"type": "response.output_text.delta", ', b"{", 1),
        {"data-type"},
    ),
    "nan": (wire(streams.text()).replace(b'"logprobs": []', b'"logprobs": [], "x": NaN', 1), {"data-json"}),
    "key-twice": (wire(streams.text()).replace(b'"delta":', b'"delta": "x", "delta":', 1), {"data-json"}),
    "doubly-encoded": (
        wire(streams.text()[:-1], done=False)
        + b"event: response.completed\ndata: "
        + json.dumps(json.dumps(streams.text()[-1])).encode()
        + b"\n\ndata: [DONE]\n\n",
        {"data-object", "terminal-response"},
    ),
    "heartbeat-as-data": (wire(streams.text()).replace(b"event", b"data: ping\n\nevent", 1), {"data-json"}),
    "heartbeat-empty": (wire(streams.text()).replace(b"event", b"data:\n\nevent", 1), {"data-json"}),
    "no-event-lines": (
        b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in streams.text())
        + b"data: [DONE]\n\n",
        {"event-line"},
    ),
    "event-line-other": (
        wire(streams.text()).replace(b"event: response.created", b"event: message"),
        {"event-line-type"},
    ),
    "invalid-utf-8": (wire(streams.text()).replace(b"there", b"\xff\xfe"), {"utf-8"}),
    "unterminated": (wire(streams.text(), done=False)[:-2] + b"\n", {"last-event-terminated"}),
    "done-twice": (wire(streams.text()) + b"data: [DONE]\n\n", {"done-once"}),
    "done-early": (
        wire(streams.text()[:-1]) + wire(streams.text()[-1:], done=False),
        {"done-last"},
    ),
    "done-other": (wire(streams.text(), done=False) + b"data: [END]\n\n", {"done-literal"}),
    "done-none": (wire(streams.text(), done=False), {"done-present"}),
}


@pytest.mark.parametrize(("body", "expected"), BODIES.values(), ids=BODIES)
def test_fault_in_the_bytes_shows_on_its_own_requirement(body: bytes, expected: set[str]) -> None:
    found = names(violated(body)) - ({"done-present"} if b"[DONE]" not in body else set())
    assert found == expected - {"done-present"} or names(violated(body)) == expected


def test_each_kind_of_text_is_judged() -> None:
    assert sorted(content.TEXT + content.ARGUMENTS + content.REASONING) == sorted(TEXTS)


def test_arguments_that_are_no_text_anywhere_do_not_parse() -> None:
    """No event brings them, so that the finding stands at the one that ends the item."""
    events = [event for event in streams.whole(streams.call_item()) if not event["type"].endswith("delta")]
    find(events, "function_call_arguments.done")["arguments"] = None
    find(events, "output_item.done")["item"]["arguments"] = None
    assert names(violated(wire(numbered(events)))) == {"event-field-types", "arguments-json"}


def test_json_in_place_of_a_stream_is_one_violation() -> None:
    assert names(violated(json.dumps(streams.response("completed")).encode())) == {"content-type"}


def test_cut_connection_is_one_violation() -> None:
    body = wire(streams.rich())
    fault = Fault("cut", "the connection was reset")
    for end in range(200, len(body), 171):
        assert names(violated(body[:end], fault=fault)) - {"arguments-deltas"} <= {"transfer"}


VARIETY: dict[str, bytes] = {
    "crlf": wire(streams.rich()).replace(b"\n", b"\r\n"),
    "cr": wire(streams.rich()).replace(b"\n", b"\r"),
    "no-space": wire(streams.rich()).replace(b"\ndata: ", b"\ndata:").replace(b"event: ", b"event:"),
    "data-first": b"".join(
        b"data: %s\nevent: %s\n\n" % (json.dumps(event).encode(), event["type"].encode())
        for event in streams.rich()
    )
    + b"data: [DONE]\n\n",
    "several-data-lines": wire(streams.rich()).replace(b', "sequence', b',\ndata:  "sequence'),
    "comments": wire(streams.rich()).replace(b"event: ", b": keep-alive\n\n: again\nevent: "),
    "id-and-retry": wire(streams.rich()).replace(b"event: ", b"id: 1\nretry: 3000\nevent: "),
    "bom": b"\xef\xbb\xbf" + wire(streams.rich()),
    "escaped": wire([*streams.whole(streams.text_item(0, "👋🏽", "\u0301", "\\"))]),
    "unescaped": b"".join(
        f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n".encode()
        for event in streams.whole(streams.text_item(0, "👋🏽", "\u0301", "\\"))
    )
    + b"data: [DONE]\n\n",
    "white-space": wire(streams.whole(streams.text_item(0, " ", "\n", "\t", "", "  "))),
    "extra-fields": wire([{**event, "vendor_note": {"a": 1}} for event in streams.rich()]),
    "extension-events": wire(numbered([*streams.rich()[:9], tell("acme:ping"), *streams.rich()[9:]])),
    "extension-without-number": wire([*streams.rich()[:9], tell("acme:ping"), *streams.rich()[9:]]),
    "queued": wire(
        numbered(
            [
                tell("response.created", response=streams.response("queued")),
                tell("response.queued", response=streams.response("queued")),
                *streams.rich()[1:],
            ]
        )
    ),
    "obfuscation": wire([{**event, "obfuscation": f"x{n}"} for n, event in enumerate(streams.rich())]),
    "no-in-progress": wire(numbered([*streams.rich()[:1], *streams.rich()[2:]])),
    "interleaved": wire(
        streams.whole(
            [
                event
                for pair in zip(streams.call_item(0), streams.call_item(1, "London"), strict=True)
                for event in pair
            ]
        )
    ),
    "two-messages": wire(streams.whole(streams.text_item(0), streams.text_item(1))),
    "nothing-said": wire(streams.whole()),
    "refusal": wire(streams.whole(streams.refusal_item())),
    "no-output": wire(streams.whole(streams.text_item(), status="incomplete")),
    "dated-model": wire(broken(within("completed", "response", model="gpt-5.2-2025-12-11"), streams.text())),
    "foreign-ids": wire(streams.whole(streams.text_item(0, id_="0b1c"), streams.text_item(1, id_="17"))),
    "annotation": wire(broken(annotate())),
    "state-changes": wire(
        broken(
            told(
                service_tier=["auto", "auto", "default"],
                reasoning=[
                    None,
                    {"effort": None, "summary": "auto"},
                    {"effort": "low", "summary": "detailed"},
                ],
                tools=[[{"name": "f"}], [{"name": "f"}], [{"name": "f", "strict": True}]],
                temperature=[None, 1, 1.0],
                x_progress=[0, 1, 2],
            )
        )
    ),
    "changing-encrypted-content": wire(
        broken(within("output_item.added", "item", encrypted_content="a"), streams.rich())
    ),
}


@pytest.mark.parametrize("chunk", [0, 7])
@pytest.mark.parametrize("body", VARIETY.values(), ids=VARIETY)
def test_legal_variety_violates_nothing(body: bytes, chunk: int) -> None:
    assert violated(body, chunk=chunk) == set()


def test_bare_stream_of_the_page_violates_no_must_of_it() -> None:
    """The streaming page shows `{type, delta}` and a completed response with id, status and usage."""
    usage = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
    stub = {"id": "resp_1", "status": "completed", "usage": usage}
    bare = [
        tell("response.output_text.delta", delta="Hel"),
        tell("response.output_text.delta", delta="lo"),
        tell("response.completed", response=stub),
    ]
    found = violated(wire(bare, done=False), Contract.ANYFAST) - {"stream.done-present"}
    must = {id_ for id_ in found if catalogue()[id_].level(Contract.ANYFAST) is Level.MUST}
    assert must == set()
    assert found  # what the public specifications ask for beyond that is told as SHOULD


def test_every_requirement_of_a_single_stream_is_seen_to_fail() -> None:
    seen = {f"stream.{name}" for _, expected in (*FAULTS.values(), *BODIES.values()) for name in expected}
    elsewhere = {"accepted", "content-type", "transfer", "event-id", "known-events"}
    left = {requirement for requirement, _ in streams.judges()} - seen - {f"stream.{n}" for n in elsewhere}
    assert names(left) <= {
        "created-once",
        "in-progress-place",
        "item-added-once",
        "nothing-after-item-done",
        "part-added-once",
        "nothing-after-part-done",
        "nothing-after-text-done",
        "closed-when-cut-short",
        "annotation-index",
        "text-delta",
        "arguments-delta",
        "reasoning-in-part",
        "reasoning-in-item",
        "reasoning-in-response",
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
PLACES = st.integers(0, len(streams.rich()) - 1)


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_bring_anything_but_violations(body: bytes) -> None:
    violated(body)


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(PLACES, st.data(), JSON)
def test_no_value_anywhere_brings_anything_but_violations(
    place: int, data: st.DataObject, value: object
) -> None:
    events: list[Json] = json.loads(json.dumps(streams.rich()))
    target: Json = events[place]
    key = data.draw(st.sampled_from(sorted(target)))
    while isinstance(target[key], dict) and target[key] and data.draw(st.booleans()):
        target = target[key]
        key = data.draw(st.sampled_from(sorted(target)))
    target[key] = value
    violated(wire(events))


@settings(max_examples=25, deadline=None)
@given(st.lists(PLACES, max_size=30))
def test_no_order_of_events_brings_anything_but_violations(order: list[int]) -> None:
    events = streams.rich()
    violated(wire([events[place] for place in order]))
