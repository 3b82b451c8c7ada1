"""Mutants of a stream's texts: deltas, finished texts, parts and items that do not say the same."""

import copy
from collections.abc import Callable

from conformance.reference.conversation import Json
from conformance.reference.hooks import Hooks
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import Change, combine, map_field, set_field
from conformance.reference.stream_mutations import (
    change_done_items,
    change_events,
    edit_and_renumber_events,
    edit_events,
    omit_events,
)

_DELTAS = (
    "response.output_text.delta",
    "response.function_call_arguments.delta",
    "response.reasoning_summary_text.delta",
)


def _second_call_mute(events: list[Json]) -> list[Json]:
    kind = "response.function_call_arguments.delta"
    return [e for e in events if not (e["type"] == kind and e["output_index"] == 1)]


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


def _in_final(key: str, how: Callable[[str], str]) -> Change:
    def change(event: Json) -> None:
        for item in event["response"]["output"]:
            for part in item.get("content", ()):
                map_field(key, how)(part)

    return change


def _other_arguments(event: Json) -> None:
    for item in event["response"]["output"]:
        if "arguments" in item:
            item["arguments"] = '{"city":"Atlantis"}'


def _final(kind: str, change: Change) -> Hooks:
    """Changes the items of a type as the terminal event shows them."""

    def event(found: Json) -> None:
        for item in found["response"]["output"]:
            if item["type"] == kind:
                change(item)

    return combine(change_events("response.completed", event), change_events("response.incomplete", event))


def _first_part(name: str, how: Callable[[str], str]) -> Change:
    def change(item: Json) -> None:
        for part in item[name][:1]:
            part["text"] = how(part["text"])

    return change


def _mute_after_first(events: list[Json]) -> list[Json]:
    """Deltas for the first text only: any later one comes all at once."""
    first = next((e["item_id"] for e in events if e["type"].endswith("text.delta")), None)
    return [e for e in events if not e["type"].endswith("text.delta") or e["item_id"] == first]


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "deltas-missing",
        "streams no delta",
        requirement="stream.some-delta",
        hooks=omit_events("*.delta", *_DELTAS),
        report="raullenchai/Rapid-MLX#851",
    ),
    Mutant(
        "one-text-without-deltas",
        "streams deltas for the first text only",
        requirement="stream.text-delta",
        hooks=edit_and_renumber_events(_mute_after_first),
    ),
    Mutant(
        "summary-events-missing",
        "gives a summary without telling it",
        requirement="stream.unspoken",
        hooks=omit_events("response.reasoning_summary_*"),
    ),
    Mutant(
        "later-summary-parts-untold",
        "tells the first part of a summary alone",
        requirement="stream.unspoken",
        hooks=edit_and_renumber_events(lambda events: [e for e in events if not e.get("summary_index")]),
    ),
    Mutant(
        "replacement-characters",
        "breaks characters at the borders of deltas",
        requirement="stream.non-ascii",
        hooks=edit_events(_broken),
    ),
    Mutant(
        "arguments-streamed-not-json",
        "streams arguments that no JSON parser reads",
        requirement="stream.arguments-json",
        hooks=combine(
            change_events(
                "response.function_call_arguments.delta", map_field("delta", lambda t: t.replace('"', "'"))
            ),
            change_events(
                "response.function_call_arguments.done", map_field("arguments", lambda t: t.replace('"', "'"))
            ),
            change_done_items("function_call", map_field("arguments", lambda t: t.replace('"', "'"))),
            _final("function_call", map_field("arguments", lambda t: t.replace('"', "'"))),
        ),
    ),
    Mutant(
        "arguments-deltas-missing",
        "streams the second call without its arguments' deltas",
        requirement="stream.arguments-delta",
        hooks=edit_and_renumber_events(_second_call_mute),
    ),
    Mutant(
        "arguments-only-when-done",
        "streams texts in deltas, and arguments only when they are done",
        requirement="stream.arguments-delta",
        hooks=omit_events("response.function_call_arguments.delta"),
    ),
    Mutant(
        "delta-lost",
        "loses the second delta",
        requirement="stream.text-deltas",
        hooks=edit_and_renumber_events(_lossy),
    ),
    Mutant(
        "delta-doubled",
        "sends the second delta twice",
        requirement="stream.text-deltas",
        hooks=edit_and_renumber_events(_stuttering),
    ),
    Mutant(
        "deltas-swapped",
        "sends the first two deltas in the wrong order",
        requirement="stream.text-deltas",
        hooks=edit_and_renumber_events(_shuffled),
    ),
    Mutant(
        "deltas-cumulative",
        "sends the text so far as each delta",
        requirement="stream.text-deltas",
        hooks=edit_events(_cumulative),
    ),
    Mutant(
        "deltas-stripped",
        "strips the white space off every delta",
        requirement="stream.text-deltas",
        hooks=change_events("response.output_text.delta", map_field("delta", str.strip)),
    ),
    Mutant(
        "done-text-empty",
        "finishes a text with none",
        requirement="stream.text-in-done",
        hooks=change_events("response.output_text.done", set_field("text", "")),
    ),
    Mutant(
        "done-text-another",
        "finishes with another text",
        requirement="stream.text-in-done",
        hooks=change_events("response.output_text.done", map_field("text", str.swapcase)),
    ),
    Mutant(
        "done-part-empty",
        "finishes a part with no text",
        requirement="stream.text-in-part",
        hooks=change_events("response.content_part.done", set_field("part.text", "")),
    ),
    Mutant(
        "done-part-text-another",
        "finishes a part with another text",
        requirement="stream.text-in-part",
        hooks=change_events("response.content_part.done", map_field("part.text", str.swapcase)),
    ),
    Mutant(
        "done-item-empty",
        "finishes an item with no content",
        requirement="stream.text-in-item",
        hooks=change_events("response.output_item.done", _emptied),
    ),
    Mutant(
        "done-item-text-another",
        "finishes an item with another text",
        requirement="stream.text-in-item",
        hooks=change_done_items("message", _first_part("content", str.swapcase)),
    ),
    Mutant(
        "final-text-another",
        "ends with another text than it streamed",
        requirement="stream.text-in-response",
        hooks=change_events("response.completed", _in_final("text", str.swapcase)),
    ),
    Mutant(
        "final-text-trimmed",
        "ends with the first half of the text",
        requirement="stream.text-in-response",
        hooks=change_events("response.completed", _in_final("text", lambda t: t[: len(t) // 2])),
    ),
    Mutant(
        "arguments-delta-lost",
        "loses a delta of the arguments",
        requirement="stream.arguments-deltas",
        hooks=edit_and_renumber_events(_lossy_arguments),
    ),
    Mutant(
        "arguments-done-empty",
        "finishes arguments with none",
        requirement="stream.arguments-in-done",
        hooks=change_events("response.function_call_arguments.done", set_field("arguments", "")),
    ),
    Mutant(
        "arguments-in-item-another",
        "finishes a call with other arguments than it streamed",
        requirement="stream.arguments-in-item",
        hooks=change_done_items("function_call", set_field("arguments", '{"city":"Atlantis"}')),
    ),
    Mutant(
        "arguments-in-item-empty",
        "finishes a call with empty arguments",
        requirement="stream.arguments-in-item",
        hooks=change_done_items("function_call", set_field("arguments", "")),
    ),
    Mutant(
        "arguments-final-another",
        "ends with other arguments than it streamed",
        requirement="stream.arguments-in-response",
        hooks=change_events("response.completed", _other_arguments),
    ),
    Mutant(
        "summary-delta-lost",
        "loses a delta of the summary",
        requirement="stream.reasoning-deltas",
        hooks=edit_and_renumber_events(_lossy_summary),
    ),
    Mutant(
        "summary-done-another",
        "finishes a summary with another text",
        requirement="stream.reasoning-in-done",
        hooks=change_events("response.reasoning_summary_text.done", set_field("text", "Something else.")),
    ),
    Mutant(
        "summary-in-part-another",
        "finishes a summary's part with another text",
        requirement="stream.reasoning-in-part",
        hooks=change_events("response.reasoning_summary_part.done", map_field("part.text", str.swapcase)),
    ),
    Mutant(
        "summary-in-item-another",
        "finishes a reasoning item with another summary",
        requirement="stream.reasoning-in-item",
        hooks=change_done_items("reasoning", _first_part("summary", str.swapcase)),
    ),
    Mutant(
        "summary-in-response-another",
        "ends with another summary than it streamed",
        requirement="stream.reasoning-in-response",
        hooks=_final("reasoning", _first_part("summary", str.swapcase)),
    ),
)
