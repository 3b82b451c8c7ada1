"""Mutants of a stream's time: when its bytes come, how it ends, what follows a hang-up."""

import json
from dataclasses import replace

from conformance.reference.conversation import Json
from conformance.reference.events import DONE, sse
from conformance.reference.hooks import Draft, Frame, Hooks, Message, OutputItem, Reply, Request, ToolCall
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import map_items, remove_fields
from conformance.reference.reply_mutations import is_refusal_reply, is_stream_reply
from conformance.reference.stream_mutations import (
    change_events,
    change_terminal_events,
    edit_and_renumber_events,
    edit_frames,
)


def _completed(event: Json) -> None:
    event["type"] = "response.completed"
    event["response"].update(
        status="completed", incomplete_details=None, completed_at=event["response"]["created_at"]
    )
    for item in event["response"]["output"]:
        item["status"] = "completed"


def _merged(events: list[Json]) -> list[Json]:
    """One delta for all of a part's."""
    found: list[Json] = []
    for event in events:
        if event["type"].endswith(".delta") and found and found[-1]["type"] == event["type"]:
            found[-1]["delta"] += event["delta"]
        else:
            found.append(event)
    return found


def _call_in_words(request: Request, draft: Draft) -> Draft:
    """A streamed call comes as text."""

    def change(item: OutputItem) -> OutputItem:
        if isinstance(item, ToolCall) and request.streamed:
            return Message(f"{item.name}({item.arguments})", item.whole)
        return item

    return map_items(draft, change)


def _cut_short(request: Request, body: Json) -> Json:
    limit = min(3, body.get("max_output_tokens", 3))
    return {**body, "max_output_tokens": limit} if request.streamed else body


def _failed_silently(event: Json) -> None:
    event["type"] = "response.incomplete"
    event["response"].update(
        status="incomplete", incomplete_details={"reason": "content_filter"}, completed_at=None
    )


def _buffered(frames: list[Frame]) -> list[Frame]:
    # A model that takes its time: a quick answer in one burst is no fault.
    return [Frame(b"".join(f.data for f in frames), 6 * sum(f.after for f in frames))]


def _stuck(request: Request, reply: Reply) -> Reply:
    seen = request.memory.setdefault("seen", set())
    stuck = "hung up" in request.memory and request.raw in seen and request.method == "POST"
    seen.add(request.raw)
    return replace(reply, status=500) if stuck else reply


def _refusal_streamed(request: Request, reply: Reply) -> Reply:
    if not (is_refusal_reply(request, reply) and _asks_stream(request)):
        return reply
    event = {"type": "error", "sequence_number": 0, **json.loads(reply.body)}
    headers = (("content-type", "text/event-stream"),)
    return Reply(200, headers, (Frame(sse(event)), Frame(DONE)))


def _refusal_after_created(request: Request, reply: Reply) -> Reply:
    made = _refusal_streamed(request, reply)
    if made is reply:
        return reply
    created = {
        "type": "response.created",
        "sequence_number": 0,
        "response": {"id": "resp_x", "status": "in_progress"},
    }
    return replace(made, frames=(Frame(sse(created)), *made.frames))


def _asks_stream(request: Request) -> bool:
    return isinstance(request.sent, dict) and request.sent.get("stream") is True


def _gone(request: Request, reply: Reply) -> Reply:
    """The request that follows a hang-up finds nobody."""
    seen: set[bytes] = request.memory.setdefault("bodies", set())
    gone = "hung up" in request.memory and request.raw in seen and request.streamed
    seen.add(request.raw)
    return replace(reply, frames=(), cut=True) if gone else reply


def _left_over(request: Request, reply: Reply) -> Reply:
    """A stream that was asked for before begins, after a hang-up, with what the broken one had left."""
    seen: set[bytes] = request.memory.setdefault("asked", set())
    again = request.raw in seen and is_stream_reply(request, reply)
    begun = again and request.memory.get("hung up", request.raw) != request.raw
    seen.add(request.raw)
    left = [frame for frame in reply.frames if b".delta" in frame.data][:2]
    return replace(reply, frames=(*left, *reply.frames)) if begun else reply


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "stream-error-200",
        "tells a refusal inside a 200 stream",
        requirement="stream.refused-as-json",
        hooks=Hooks(reply=_refusal_streamed),
        report="openclaw/clawrouter#101",
    ),
    Mutant(
        "stream-refused-late",
        "tells a refusal as an error event after created",
        requirement="stream.refused-as-json",
        hooks=Hooks(reply=_refusal_after_created),
    ),
    Mutant(
        "one-delta",
        "streams a long text as a single delta",
        requirement="stream.several-deltas",
        hooks=edit_and_renumber_events(_merged),
    ),
    Mutant(
        "buffered",
        "sends the whole stream at its end",
        requirement="stream.incremental",
        hooks=edit_frames(_buffered),
    ),
    Mutant(
        "streamed-keys-fewer",
        "leaves temperature and tools out of streams only",
        requirement="stream.same-shape",
        hooks=change_terminal_events(remove_fields("response.temperature", "response.tools")),
    ),
    Mutant(
        "streamed-as-incomplete",
        "ends whole answers as incomplete in streams only",
        requirement="stream.same-status",
        hooks=change_events("response.completed", _failed_silently),
    ),
    Mutant(
        "streams-cut-short",
        "ends every stream after three tokens, and nothing else",
        requirement="stream.same-status",
        hooks=Hooks(model_input=_cut_short),
    ),
    Mutant(
        "streamed-call-as-text",
        "writes calls into the text in streams only",
        requirement="stream.same-items",
        hooks=Hooks(draft=_call_in_words),
    ),
    Mutant(
        "truncation-streamed-as-completed",
        "calls a cut answer completed in a stream only",
        requirement="stream.truncated",
        hooks=change_events("response.incomplete", _completed),
    ),
    Mutant(
        "stuck-after-hang-up",
        "fails, once a client hung up, on what it answered before",
        requirement="stream.survives-hang-up",
        hooks=Hooks(reply=_stuck),
    ),
    Mutant(
        "left-over-after-hang-up",
        "begins the stream after a hang-up with pieces of the broken one",
        requirement="stream.survives-hang-up",
        hooks=Hooks(reply=_left_over),
        report="Soju06/codex-lb#696",
    ),
    Mutant(
        "gone-after-hang-up",
        "drops the connection of who asks again after a hang-up",
        requirement="stream.survives-hang-up",
        hooks=Hooks(reply=_gone),
    ),
)
