"""Mutants of what a stream says: texts, snapshots and the final response that tell different stories."""

import copy
from collections.abc import Iterator
from typing import Any

from conformance.contract.contracts import Contract
from conformance.reference.conversation import Json
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import (
    Change,
    both,
    drop,
    each,
    numbered,
    put,
    renumbered,
    retold,
    turn,
)


def story_mutants() -> Iterator[Mutant]:
    """Texts, snapshots, the final response."""
    yield from _texts()
    yield from _snapshots()
    yield from _final()


def _texts() -> Iterator[Mutant]:
    """Deltas, done text, part, item and final text that do not say the same."""
    for name, line, requirement, seams in _TEXTS:
        yield Mutant(name, line, requirement, seams)


def _deltas(events: list[Json], kind: str = "response.output_text.delta") -> list[int]:
    return [index for index, event in enumerate(events) if event["type"] == kind]


def _lossy(events: list[Json], kind: str = "response.output_text.delta") -> list[Json]:
    places = _deltas(events, kind)
    return [e for i, e in enumerate(events) if i not in places[1:2]]


def _lossy_arguments(events: list[Json]) -> list[Json]:
    return _lossy(events, "response.function_call_arguments.delta")


def _lossy_summary(events: list[Json]) -> list[Json]:
    return _lossy(events, "response.reasoning_summary_text.delta")


def _stuttering(events: list[Json]) -> list[Json]:
    places = _deltas(events)
    return [copy.copy(e) for i, e in enumerate(events) for _ in range(2 if i in places[1:2] else 1)]


def _shuffled(events: list[Json]) -> list[Json]:
    places = _deltas(events)[:2]
    if len(places) == 2:
        first, second = (events[place] for place in places)
        first["delta"], second["delta"] = second["delta"], first["delta"]
    return events


def _cumulative(events: list[Json]) -> list[Json]:
    so_far = ""
    for place in _deltas(events):
        so_far += events[place]["delta"]
        events[place]["delta"] = so_far
    return events


def _broken(events: list[Json]) -> list[Json]:
    """Each character beyond ASCII comes in halves, decoded one by one."""
    for place in _deltas(events):
        event = events[place]
        event["delta"] = "".join(c if c.isascii() else "\ufffd\ufffd" for c in event["delta"])
    return events


def _emptied(event: Json) -> None:
    if event["item"]["type"] == "message":
        event["item"]["content"] = []


def _in_final(key: str, how: Any) -> Change:
    def change(event: Json) -> None:
        for item in event["response"]["output"]:
            for part in item.get("content", ()):
                turn(key, how)(part)

    return change


def _other_arguments(event: Json) -> None:
    for item in event["response"]["output"]:
        if "arguments" in item:
            item["arguments"] = '{"city":"Atlantis"}'


def _full_items(events: list[Json]) -> list[Json]:
    done = {e["output_index"]: e["item"] for e in events if e["type"] == "response.output_item.done"}
    return [
        {**e, "item": done[e["output_index"]]} if e["type"] == "response.output_item.added" else e
        for e in events
    ]


def _snapshots() -> Iterator[Mutant]:
    """The response as the created, in_progress and terminal events show it."""
    for name, line, requirement, seams in _SNAPSHOTS:
        yield Mutant(name, line, requirement, seams)


def _created_full(events: list[Json]) -> list[Json]:
    events[0]["response"] = {**events[0]["response"], "output": events[-1]["response"]["output"]}
    return events


def _created_billed(events: list[Json]) -> list[Json]:
    events[0]["response"] = {**events[0]["response"], "usage": events[-1]["response"]["usage"]}
    return events


def _final() -> Iterator[Mutant]:
    for name, line, requirement, change in _FINAL:
        kinds = ("response.completed", "response.incomplete")
        yield Mutant(name, line, requirement, both(*(each(kind, change) for kind in kinds)))
    yield Mutant("error-mid-stream", "breaks off with an error event", "stream.successful", retold(_failing))
    yield Mutant("failed-mid-stream", "breaks off with response.failed", "stream.successful", retold(_failed))
    yield Mutant(
        "final-stub-openai",
        "ends with a stub: id, status, usage",
        "stream.terminal-full",
        both(*(each(kind, _stub) for kind in ("response.completed", "response.incomplete"))),
        Contract.OPENAI,
    )


def _new_item_ids(event: Json) -> None:
    for item in event["response"]["output"]:
        item["id"] = f"{item['id']}f"


def _first_item(event: Json) -> None:
    del event["response"]["output"][1:]


def _reversed_items(event: Json) -> None:
    event["response"]["output"].reverse()


def _one_more_item(event: Json) -> None:
    item = copy.deepcopy(event["response"]["output"][-1])
    event["response"]["output"].append({**item, "id": f"{item['id']}2"})


def _stub(event: Json) -> None:
    kept = ("id", "object", "created_at", "model", "status", "usage")
    event["response"] = {key: event["response"][key] for key in kept}


def _failing(events: list[Json]) -> list[Json]:
    """An error in the middle of everything but the shortest texts."""
    error = {"type": "error", "code": "server_error", "message": "Something broke.", "param": None}
    return numbered([*events[:5], error])


def _failed(events: list[Json]) -> list[Json]:
    broken = {
        **events[0]["response"],
        "status": "failed",
        "error": {"code": "server_error", "message": "It broke."},
    }
    return numbered([*events[:5], {"type": "response.failed", "response": broken}])


_TEXTS: tuple[Any, ...] = (
    ("delta-lost", "loses the second delta", "stream.text-deltas", renumbered(_lossy)),
    ("delta-doubled", "sends the second delta twice", "stream.text-deltas", renumbered(_stuttering)),
    (
        "deltas-swapped",
        "sends the first two deltas in the wrong order",
        "stream.text-deltas",
        renumbered(_shuffled),
    ),
    (
        "deltas-cumulative",
        "sends the text so far as each delta",
        "stream.text-deltas",
        retold(_cumulative),
    ),
    (
        "deltas-stripped",
        "strips the white space off every delta",
        "stream.text-deltas",
        each("response.output_text.delta", turn("delta", str.strip)),
    ),
    (
        "done-text-empty",
        "finishes a text with none",
        "stream.text-in-done",
        each("response.output_text.done", put("text", "")),
    ),
    (
        "done-text-another",
        "finishes with another text",
        "stream.text-in-done",
        each("response.output_text.done", turn("text", str.swapcase)),
    ),
    (
        "done-part-empty",
        "finishes a part with no text",
        "stream.text-in-part",
        each("response.content_part.done", put("part.text", "")),
    ),
    (
        "done-item-empty",
        "finishes an item with no content",
        "stream.text-in-item",
        each("response.output_item.done", _emptied),
    ),
    (
        "final-text-another",
        "ends with another text than it streamed",
        "stream.text-in-response",
        each("response.completed", _in_final("text", str.swapcase)),
    ),
    (
        "final-text-trimmed",
        "ends with the first half of the text",
        "stream.text-in-response",
        each("response.completed", _in_final("text", lambda t: t[: len(t) // 2])),
    ),
    (
        "replacement-characters",
        "breaks characters at the borders of deltas",
        "stream.non-ascii",
        retold(_broken),
    ),
    (
        "arguments-delta-lost",
        "loses a delta of the arguments",
        "stream.arguments-deltas",
        renumbered(_lossy_arguments),
    ),
    (
        "arguments-done-empty",
        "finishes arguments with none",
        "stream.arguments-in-done",
        each("response.function_call_arguments.done", put("arguments", "")),
    ),
    (
        "arguments-final-another",
        "ends with other arguments than it streamed",
        "stream.arguments-in-response",
        each("response.completed", _other_arguments),
    ),
    (
        "summary-done-another",
        "finishes a summary with another text",
        "stream.reasoning-in-done",
        each("response.reasoning_summary_text.done", put("text", "Something else.")),
    ),
    (
        "summary-delta-lost",
        "loses a delta of the summary",
        "stream.reasoning-deltas",
        renumbered(_lossy_summary),
    ),
    (
        "item-added-full",
        "announces an item with its whole content",
        "stream.added-item-empty",
        retold(_full_items),
    ),
    (
        "item-added-completed",
        "announces an item as completed",
        "stream.added-item-status",
        each("response.output_item.added", put("item.status", "completed")),
    ),
    (
        "item-added-without-role",
        "announces a message of nobody",
        "stream.added-item-complete",
        each("response.output_item.added", drop("item.role")),
    ),
    (
        "item-added-without-name",
        "announces a nameless call",
        "stream.added-item-complete",
        each("response.output_item.added", drop("item.name")),
    ),
)

_SNAPSHOTS: tuple[Any, ...] = (
    (
        "id-changes",
        "ends with another response id than it began with",
        "stream.response-id",
        each("response.completed", turn("response.id", lambda i: f"{i}x")),
    ),
    (
        "id-of-created-empty",
        "announces a response without an id",
        "stream.response-id-present",
        each("response.created", put("response.id", "")),
    ),
    (
        "created-at-changes",
        "ends with another created_at",
        "stream.response-created-at",
        each("response.completed", turn("response.created_at", lambda t: t + 60)),
    ),
    (
        "model-changes",
        "ends with another model",
        "stream.response-model",
        each("response.completed", put("response.model", "gpt-4o")),
    ),
    (
        "created-with-output",
        "announces a response with its output",
        "stream.created-output-empty",
        retold(_created_full),
    ),
    (
        "created-with-usage",
        "announces a response with its usage",
        "stream.early-usage",
        retold(_created_billed),
    ),
    (
        "created-completed",
        "announces a response as completed",
        "stream.created-status",
        each("response.created", put("response.status", "completed")),
    ),
    (
        "in-progress-completed",
        "tells in_progress of a completed response",
        "stream.created-status",
        each("response.in_progress", put("response.status", "completed")),
    ),
)

_FINAL: tuple[Any, ...] = (
    (
        "final-output-empty",
        "ends with an empty output",
        "stream.final-output",
        put("response.output", []),
    ),
    ("final-output-missing", "ends without output", "stream.terminal-full", drop("response.output")),
    ("final-usage-missing", "ends without usage", "stream.terminal-usage", drop("response.usage")),
    ("final-usage-null", "ends with a null usage", "stream.terminal-usage", put("response.usage", None)),
    (
        "final-usage-zero",
        "ends with a usage of nothing",
        "usage.output-counted",
        turn("response.usage", lambda u: {**u, "input_tokens": 0, "output_tokens": 0, "total_tokens": 0}),
    ),
    ("final-status-missing", "ends without a status", "stream.terminal-response", drop("response.status")),
    ("final-id-missing", "ends without an id", "stream.terminal-response", drop("response.id")),
    (
        "final-item-ids-new",
        "ends with other item ids than it streamed",
        "stream.item-in-output",
        _new_item_ids,
    ),
    ("final-item-lost", "ends with the first item only", "stream.item-in-output", _first_item),
    (
        "final-items-reversed",
        "ends with the items in another order",
        "stream.item-in-output",
        _reversed_items,
    ),
    (
        "final-item-added",
        "ends with an item that it did not stream",
        "stream.output-announced",
        _one_more_item,
    ),
    (
        "final-status-in-progress",
        "ends with a response that is in progress",
        "stream.terminal-status",
        put("response.status", "in_progress"),
    ),
    ("final-stub", "ends with a stub: id, status, usage", "stream.terminal-full", _stub),
    (
        "streamed-keys-fewer",
        "leaves temperature and tools out of streams only",
        "stream.same-shape",
        drop("response.temperature", "response.tools"),
    ),
    (
        "streamed-created-at-float",
        "tells created_at with a fraction in streams only",
        "response.created-at",
        turn("response.created_at", lambda t: t + 0.5),
    ),
)
