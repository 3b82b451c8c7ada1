"""Mutants of a stream's order: events lost, doubled, too early, too late, under another name."""

import copy
from collections.abc import Callable

from conformance.contract.contracts import Contract
from conformance.reference.conversation import Json, items_of
from conformance.reference.events import sse
from conformance.reference.hooks import Frame, Hooks, Request
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import set_field
from conformance.reference.stream_mutations import (
    change_events,
    edit_and_renumber_events,
    edit_events,
    edit_frames,
    omit_events,
    renumbered_events,
)

TERMINAL = ("response.completed", "response.incomplete", "response.failed")


def _swapped(events: list[Json]) -> list[Json]:
    return [events[1], events[0], *events[2:]]


def _late(events: list[Json]) -> list[Json]:
    return [events[0], events[2], events[1], *events[3:]]


def _after_end(events: list[Json]) -> list[Json]:
    delta = next((e for e in events if e["type"].endswith(".delta")), events[2])
    return [*events, delta]


def _three(events: list[Json]) -> list[Json]:
    return [events[0], *[e for e in events if e["type"].endswith(".delta")][:1], events[-1]]


def _open_after_a_tool(request: Request, events: list[Json]) -> list[Json]:
    """After a tool's output the stream breaks off before its message."""
    items = items_of(request.body.get("input"))
    if not any(item.get("type") == "function_call_output" for item in items):
        return events
    return [event for event in events[:2] if event["type"] not in TERMINAL]


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


def _chunks(events: list[Json]) -> list[Json]:
    return [
        {"type": "chat.completion.chunk", "choices": [{"delta": {"content": e["delta"]}}]}
        for e in events
        if e["type"].endswith(".delta")
    ]


def _annotating_nothing(events: list[Json]) -> list[Json]:
    """An annotation of the part behind each text."""
    citation = {"type": "url_citation", "url": "https://example.org/", "title": "t"}
    cited = {"annotation_index": 0, "annotation": {**citation, "start_index": 0, "end_index": 1}}
    found: list[Json] = []
    for event in events:
        if event["type"] == "response.output_text.done":
            place = {key: event[key] for key in ("item_id", "output_index")}
            next_part = event["content_index"] + 1
            kind = "response.output_text.annotation.added"
            found.append({"type": kind, **place, "content_index": next_part, **cited})
        found.append(event)
    return found


def _failing(events: list[Json]) -> list[Json]:
    """An error in the middle of everything but the shortest texts."""
    error = {"type": "error", "code": "server_error", "message": "Something broke.", "param": None}
    return renumbered_events([*events[:5], error])


def _failed(events: list[Json]) -> list[Json]:
    broken = {
        **events[0]["response"],
        "status": "failed",
        "error": {"code": "server_error", "message": "It broke."},
    }
    return renumbered_events([*events[:5], {"type": "response.failed", "response": broken}])


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


def _open_at_the_end(events: list[Json]) -> list[Json]:
    """A cut answer ends with everything still open."""
    if events[-1]["type"] != "response.incomplete":
        return events
    return [e for e in events if not e["type"].endswith(".done")]


def _last_unfinished(events: list[Json]) -> list[Json]:
    """Nothing of the last item is finished when the response is completed."""
    last = max((e["output_index"] for e in events if "output_index" in e), default=None)
    return [e for e in events if not (e.get("output_index") == last and e["type"].endswith(".done"))]


def _cut_as_error(events: list[Json]) -> list[Json]:
    if events[-1]["type"] != "response.incomplete":
        return events
    error = {"type": "error", "code": "server_error", "message": "Incomplete.", "param": None}
    return renumbered_events([*events[:-1], error])


def _summary_as_content(events: list[Json]) -> list[Json]:
    """The parts of a summary are announced as content parts, and never done."""
    for event in events:
        if event["type"] == "response.reasoning_summary_part.added":
            event["type"] = "response.content_part.added"
            event["content_index"] = event.pop("summary_index")
    return [e for e in events if e["type"] != "response.reasoning_summary_part.done"]


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "stream-after-tool-unended",
        "lets a stream that follows a tool's output break off without an end",
        requirement="stream.terminal",
        hooks=Hooks(events=_open_after_a_tool),
        report="NousResearch/hermes-agent#61850",
    ),
    Mutant(
        "created-missing",
        "does not announce the response",
        requirement="stream.created-first",
        hooks=omit_events("response.created"),
    ),
    Mutant(
        "created-late",
        "announces the response after in_progress",
        requirement="stream.created-first",
        hooks=edit_and_renumber_events(_swapped),
    ),
    Mutant(
        "events-reversed",
        "tells everything backwards",
        requirement="stream.created-first",
        hooks=edit_and_renumber_events(lambda e: e[::-1]),
    ),
    Mutant(
        "created-twice",
        "announces the response twice",
        requirement="stream.created-once",
        hooks=edit_and_renumber_events(lambda e: [e[0], *e]),
    ),
    Mutant(
        "in-progress-late",
        "tells in_progress after the first item",
        requirement="stream.in-progress-place",
        hooks=edit_and_renumber_events(_late),
    ),
    Mutant(
        "terminal-missing",
        "ends without a terminal event",
        requirement="stream.terminal",
        hooks=omit_events(*TERMINAL),
    ),
    Mutant(
        "response-done",
        "ends with response.done",
        requirement="stream.terminal",
        hooks=change_events("response.completed", set_field("type", "response.done")),
        report="decolua/9router#2142",
    ),
    Mutant(
        "terminal-of-chat",
        "ends with chat.completion.chunk",
        requirement="stream.terminal",
        hooks=change_events("response.completed", set_field("type", "chat.completion.chunk")),
    ),
    Mutant(
        "chat-chunks",
        "streams the chunks of chat completions",
        requirement="stream.terminal",
        hooks=edit_events(_chunks),
    ),
    Mutant(
        "ends-after-deltas",
        "ends in the middle of the text",
        requirement="stream.terminal",
        hooks=edit_frames(lambda f: f[:6]),
    ),
    Mutant(
        "terminal-twice",
        "ends twice",
        requirement="stream.terminal-once",
        hooks=edit_and_renumber_events(lambda e: [*e, e[-1]]),
    ),
    Mutant(
        "event-after-terminal",
        "goes on after the end",
        requirement="stream.nothing-after-terminal",
        hooks=edit_and_renumber_events(_after_end),
    ),
    Mutant(
        "done-replaced",
        "ends with an event `done` of its own instead",
        requirement="stream.nothing-after-terminal",
        hooks=edit_frames(lambda f: [*f[:-1], Frame(sse({"type": "done"}))]),
    ),
    Mutant(
        "error-mid-stream",
        "breaks off with an error event",
        requirement="stream.successful",
        hooks=edit_events(_failing),
    ),
    Mutant(
        "cut-answer-ends-in-error",
        "ends the stream of a cut answer with an error",
        requirement="stream.successful",
        hooks=edit_events(_cut_as_error),
        report="router-for-me/CLIProxyAPI#3055",
    ),
    Mutant(
        "failed-mid-stream",
        "breaks off with response.failed",
        requirement="stream.successful",
        hooks=edit_events(_failed),
    ),
    Mutant(
        "three-events",
        "streams three events: created, one delta, completed",
        requirement="stream.item-added",
        hooks=edit_and_renumber_events(_three),
    ),
    Mutant(
        "item-added-missing",
        "does not announce its items",
        requirement="stream.item-added",
        hooks=omit_events("response.output_item.added"),
    ),
    Mutant(
        "item-added-twice",
        "announces an item twice",
        requirement="stream.item-added-once",
        hooks=edit_and_renumber_events(_doubled("response.output_item.added")),
    ),
    Mutant(
        "item-done-missing",
        "does not finish its items",
        requirement="stream.item-done",
        hooks=omit_events("response.output_item.done"),
        report="router-for-me/CLIProxyAPI#4860",
    ),
    Mutant(
        "last-item-never-done",
        "completes with the last item unfinished",
        requirement="stream.item-done",
        hooks=edit_and_renumber_events(_last_unfinished),
        report="vllm-project/vllm#37071",
    ),
    Mutant(
        "item-done-twice",
        "finishes an item twice",
        requirement="stream.nothing-after-item-done",
        hooks=edit_and_renumber_events(_doubled("response.output_item.done")),
    ),
    Mutant(
        "part-added-missing",
        "does not announce its parts",
        requirement="stream.part-added",
        hooks=omit_events("response.content_part.added"),
    ),
    Mutant(
        "delta-before-part",
        "sends a delta before the part is announced",
        requirement="stream.part-added",
        hooks=edit_and_renumber_events(_before_part),
    ),
    Mutant(
        "summary-part-added-missing",
        "does not announce a summary's part",
        requirement="stream.part-added",
        hooks=omit_events("response.reasoning_summary_part.added"),
    ),
    Mutant(
        "summary-part-as-content-part",
        "announces a summary's part as a content part, and never ends it",
        requirement="stream.part-added",
        hooks=edit_and_renumber_events(_summary_as_content),
        report="vllm-project/vllm#35184",
    ),
    Mutant(
        "annotation-of-no-part",
        "annotates a part that it never adds",
        requirement="stream.part-added",
        hooks=edit_and_renumber_events(_annotating_nothing),
    ),
    Mutant(
        "part-added-twice",
        "announces a part twice",
        requirement="stream.part-added-once",
        hooks=edit_and_renumber_events(_doubled("response.content_part.added")),
    ),
    Mutant(
        "part-done-missing",
        "does not finish its parts",
        requirement="stream.part-done",
        hooks=omit_events("response.content_part.done"),
    ),
    Mutant(
        "summary-part-done-missing",
        "does not finish a summary's part",
        requirement="stream.part-done",
        hooks=omit_events("response.reasoning_summary_part.done"),
    ),
    Mutant(
        "part-done-twice",
        "finishes a part twice",
        requirement="stream.nothing-after-part-done",
        hooks=edit_and_renumber_events(_doubled("response.content_part.done")),
    ),
    Mutant(
        "text-done-missing",
        "does not finish its texts",
        requirement="stream.text-done",
        hooks=omit_events("response.output_text.done"),
    ),
    Mutant(
        "summary-done-missing",
        "does not finish a summary's text",
        requirement="stream.text-done",
        hooks=omit_events("response.reasoning_summary_text.done"),
    ),
    Mutant(
        "text-done-after-part",
        "finishes a text after its part",
        requirement="stream.text-done",
        hooks=edit_and_renumber_events(_late_text_done),
    ),
    Mutant(
        "text-done-twice",
        "finishes a text twice",
        requirement="stream.nothing-after-text-done",
        hooks=edit_and_renumber_events(_doubled("response.output_text.done")),
    ),
    Mutant(
        "delta-after-done",
        "sends a delta after the text was finished",
        requirement="stream.nothing-after-text-done",
        hooks=edit_and_renumber_events(_after_done),
    ),
    Mutant(
        "arguments-done-missing",
        "does not finish a call's arguments",
        requirement="stream.arguments-done",
        hooks=omit_events("response.function_call_arguments.done"),
    ),
    Mutant(
        "left-open-when-cut",
        "ends a cut answer with its items open",
        requirement="stream.closed-when-cut-short",
        hooks=edit_and_renumber_events(_open_at_the_end),
        contract=Contract.OPENRESPONSES,
    ),
)
