"""Mutants of what a stream says more than once: an item's type, its call, its text."""

import copy
from collections.abc import Callable, Iterator

from conformance.contract.contracts import Contract
from conformance.reference.conversation import Json
from conformance.reference.hooks import Asked, Called, Draft, Piece, Said, Seams
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import (
    Change,
    both,
    drop,
    each,
    numbered,
    put,
    renumbered,
    replaced,
    retold,
    turn,
)

Row = tuple[str, str, str, Seams]


def repeat_mutants() -> Iterator[Mutant]:
    """Identities first, then texts, then what comes too late or not at all."""
    for row in (*_IDENTITIES, *_TEXTS, *_PLACES):
        contract = _CONTRACTS.get(row[0], Contract.ANYFAST)
        yield Mutant(*row, contract)


def _done(kind: str, change: Change) -> Seams:
    """Changes the items of a type as `output_item.done` shows them."""

    def event(found: Json) -> None:
        if found["item"]["type"] == kind:
            change(found["item"])

    return each("response.output_item.done", event)


def _final(kind: str, change: Change) -> Seams:
    """Changes the items of a type as the terminal event shows them."""

    def event(found: Json) -> None:
        for item in found["response"]["output"]:
            if item["type"] == kind:
                change(item)

    return both(each("response.completed", event), each("response.incomplete", event))


def _first_part(name: str, how: Callable[[str], str]) -> Change:
    def change(item: Json) -> None:
        for part in item[name][:1]:
            part["text"] = how(part["text"])

    return change


def _doubled(kind: str) -> Callable[[list[Json]], list[Json]]:
    def double(events: list[Json]) -> list[Json]:
        return [copy.deepcopy(e) for e in events for _ in range(2 if e["type"] == kind else 1)]

    return double


def _late_text_done(events: list[Json]) -> list[Json]:
    """The text is done after its part is."""
    for place, event in enumerate(events):
        if event["type"] == "response.content_part.done":
            events[place - 1], events[place] = event, events[place - 1]
    return events


def _annotated(events: list[Json]) -> list[Json]:
    """One annotation, counted from 3, which the finished text has too."""
    citation = {
        "type": "url_citation",
        "url": "https://example.org/",
        "title": "t",
        "start_index": 0,
        "end_index": 1,
    }
    found: list[Json] = []
    for event in events:
        if event["type"] == "response.output_text.done":
            place = {key: event[key] for key in ("item_id", "output_index", "content_index")}
            kind = "response.output_text.annotation.added"
            found.append({"type": kind, **place, "annotation_index": 3, "annotation": citation})
        found.append(event)
    return numbered(found)


def _mute_after_first(events: list[Json]) -> list[Json]:
    """Deltas for the first text only: any later one comes all at once."""
    first = next((e["item_id"] for e in events if e["type"].endswith("text.delta")), None)
    return [e for e in events if not e["type"].endswith("text.delta") or e["item_id"] == first]


def _open_at_the_end(events: list[Json]) -> list[Json]:
    """A cut answer ends with everything still open."""
    if events[-1]["type"] != "response.incomplete":
        return events
    return [e for e in events if not e["type"].endswith(".done")]


def _call_in_words(asked: Asked, draft: Draft) -> Draft:
    """A streamed call comes as text."""

    def change(piece: Piece) -> Piece:
        if isinstance(piece, Called) and asked.streamed:
            return Said(f"{piece.name}({piece.arguments})", piece.whole)
        return piece

    return replaced(draft, change)


def _failed_silently(event: Json) -> None:
    event["type"] = "response.incomplete"
    event["response"].update(
        status="incomplete", incomplete_details={"reason": "content_filter"}, completed_at=None
    )


def _bare(event: Json) -> None:
    event["response"] = {"id": event["response"]["id"]}


_IDENTITIES: tuple[Row, ...] = (
    (
        "item-type-changes",
        "finishes a call as an item of another type",
        "stream.item-type",
        _done("function_call", put("type", "custom_tool_call")),
    ),
    (
        "call-name-changes",
        "finishes another call than it announced",
        "stream.item-call",
        each("response.output_item.added", turn("item.name", lambda name: f"{name}_2")),
    ),
    (
        "call-id-changes",
        "announces a call under another call_id",
        "stream.item-call",
        each("response.output_item.added", turn("item.call_id", lambda _: "call_0")),
    ),
    (
        "done-item-in-progress",
        "finishes items that are in progress",
        "stream.done-item-status",
        each("response.output_item.done", turn("item.status", lambda _: "in_progress")),
    ),
    (
        "snapshots-of-id-only",
        "announces a response by its id alone",
        "stream.snapshot-full",
        both(each("response.created", _bare), each("response.in_progress", _bare)),
    ),
    (
        "snapshots-without-output",
        "announces a response without output",
        "stream.snapshot-full",
        both(
            each("response.created", drop("response.output")),
            each("response.in_progress", drop("response.output")),
        ),
    ),
)


_TEXTS: tuple[Row, ...] = (
    (
        "done-item-text-another",
        "finishes an item with another text",
        "stream.text-in-item",
        _done("message", _first_part("content", str.swapcase)),
    ),
    (
        "done-part-text-another",
        "finishes a part with another text",
        "stream.text-in-part",
        each("response.content_part.done", turn("part.text", str.swapcase)),
    ),
    (
        "arguments-in-item-another",
        "finishes a call with other arguments than it streamed",
        "stream.arguments-in-item",
        _done("function_call", put("arguments", '{"city":"Atlantis"}')),
    ),
    (
        "arguments-in-item-empty",
        "finishes a call with empty arguments",
        "stream.arguments-in-item",
        _done("function_call", put("arguments", "")),
    ),
    (
        "arguments-streamed-not-json",
        "streams arguments that no JSON parser reads",
        "stream.arguments-json",
        both(
            each("response.function_call_arguments.delta", turn("delta", lambda t: t.replace('"', "'"))),
            each("response.function_call_arguments.done", turn("arguments", lambda t: t.replace('"', "'"))),
            _done("function_call", turn("arguments", lambda t: t.replace('"', "'"))),
            _final("function_call", turn("arguments", lambda t: t.replace('"', "'"))),
        ),
    ),
    (
        "summary-in-part-another",
        "finishes a summary's part with another text",
        "stream.reasoning-in-part",
        each("response.reasoning_summary_part.done", turn("part.text", str.swapcase)),
    ),
    (
        "summary-in-item-another",
        "finishes a reasoning item with another summary",
        "stream.reasoning-in-item",
        _done("reasoning", _first_part("summary", str.swapcase)),
    ),
    (
        "summary-in-response-another",
        "ends with another summary than it streamed",
        "stream.reasoning-in-response",
        _final("reasoning", _first_part("summary", str.swapcase)),
    ),
)

_PLACES: tuple[Row, ...] = (
    (
        "part-added-twice",
        "announces a part twice",
        "stream.part-added-once",
        renumbered(_doubled("response.content_part.added")),
    ),
    (
        "part-done-twice",
        "finishes a part twice",
        "stream.nothing-after-part-done",
        renumbered(_doubled("response.content_part.done")),
    ),
    (
        "text-done-after-part",
        "finishes a text after its part",
        "stream.text-done",
        renumbered(_late_text_done),
    ),
    (
        "annotation-index-from-three",
        "counts annotations from 3",
        "stream.annotation-index",
        retold(_annotated),
    ),
    (
        "one-text-without-deltas",
        "streams deltas for the first text only",
        "stream.text-delta",
        renumbered(_mute_after_first),
    ),
    (
        "left-open-when-cut",
        "ends a cut answer with its items open",
        "stream.closed-when-cut-short",
        renumbered(_open_at_the_end),
    ),
    (
        "streamed-as-incomplete",
        "ends whole answers as incomplete in streams only",
        "stream.same-status",
        each("response.completed", _failed_silently),
    ),
    (
        "streamed-call-as-text",
        "writes calls into the text in streams only",
        "stream.same-items",
        Seams(draft=_call_in_words),
    ),
    (
        "unknown-events",
        "tells of every delta once more in an event of its own",
        "stream.known-events",
        each("response.output_text.delta", put("type", "response.text.delta")),
    ),
)

_CONTRACTS = {
    "snapshots-of-id-only": Contract.OPENAI,
    "snapshots-without-output": Contract.OPENAI,
    "left-open-when-cut": Contract.OPENRESPONSES,
}
