"""Mutants of a stream's frames: bytes, event lines, data, sequence numbers, [DONE]."""

import json
from dataclasses import replace

from conformance.contract.contracts import Contract
from conformance.reference.conversation import Json
from conformance.reference.events import DONE, encoded
from conformance.reference.hooks import Frame, Hooks, Request
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import map_field, remove_fields
from conformance.reference.reply_mutations import change_replies, is_stream_reply, with_media_type
from conformance.reference.stream_mutations import (
    change_events,
    change_frame_bytes,
    data_of_frame,
    edit_and_renumber_events,
    edit_events,
    edit_frames,
)


def _numbered_by_item(events: list[Json]) -> list[Json]:
    number = 0
    for event in events:
        number = 0 if event["type"] == "response.output_item.added" else number
        event["sequence_number"] = number
        number += 1
    return events


def _without_event_line(frame: bytes) -> bytes:
    return b"data: " + data_of_frame(frame) + b"\n\n"


def _other_event_line(frame: bytes) -> bytes:
    return frame.replace(b"event: response.output_text.delta", b"event: response.text.delta")


def _message_line(frame: bytes) -> bytes:
    return frame if frame == DONE else b"event: message\ndata: " + data_of_frame(frame) + b"\n\n"


def _pythonic(frame: bytes) -> bytes:
    return frame if frame == DONE else b"data: " + repr(json.loads(data_of_frame(frame))).encode() + b"\n\n"


def _in_array(frame: bytes) -> bytes:
    return frame if frame == DONE else frame.replace(b"data: {", b"data: [{").replace(b"\n\n", b"]\n\n")


def _encoded_twice(frame: bytes) -> bytes:
    if frame == DONE:
        return frame
    return frame.split(b"data: ", 1)[0] + b"data: " + encoded(data_of_frame(frame).decode()) + b"\n\n"


def _latin_1(frame: bytes) -> bytes:
    return frame.decode().encode("latin-1", "replace")


def _torn(frame: bytes) -> bytes:
    """Leaves the last byte of the first long character out."""
    at = next((i for i, byte in enumerate(frame) if byte >= 0xC0), None)
    return frame if at is None else frame[: at + 1] + frame[at + 2 :]


def _unterminated(frames: list[Frame]) -> list[Frame]:
    return [*frames[:-1], Frame(frames[-1].data.rstrip(b"\n"))]


def _cut_at_any_line_end(frame: bytes) -> bytes:
    return b"\n".join(line.encode() for line in frame.decode().rstrip().splitlines()) + b"\n\n"


def _always(_: Request, body: Json) -> Json:
    return body if "stream" in body else {**body, "stream": True}


def _kept_alive(frames: list[Frame]) -> list[Frame]:
    """What keeps the connection alive is an event, not a comment."""
    alive = Frame(b"event: keepalive\ndata: {}\n\n")
    return [*frames[:2], alive, *frames[2:]]


def _broken_off(frames: list[Frame]) -> list[Frame]:
    """A long stream breaks off with the body of an HTTP error for an event."""
    if len(frames) < LONG:
        return frames
    error = {"error": {"message": "Oops.", "type": "server_error", "param": None, "code": None}}
    return [*frames[:LONG], Frame(b"data: " + encoded(error) + b"\n\n"), Frame(DONE)]


LONG = 40


def _with_another_name(events: list[Json]) -> list[Json]:
    """Each delta once more, as an event of a type that nobody knows."""
    told = [(event, {**event, "type": "response.text.delta"}) for event in events]
    delta = "response.output_text.delta"
    return [each for pair in told for each in (pair if pair[0]["type"] == delta else pair[:1])]


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "data-prefix-missing",
        "sends JSON lines instead of events",
        requirement="stream.content-type",
        hooks=change_frame_bytes(lambda b: b.split(b"data: ")[-1]),
    ),
    Mutant(
        "blank-line-missing",
        "separates events by one line end only",
        requirement="stream.content-type",
        hooks=change_frame_bytes(lambda b: b.replace(b"\n\n", b"\n")),
    ),
    Mutant(
        "ndjson",
        "streams a JSON text a line",
        requirement="stream.content-type",
        hooks=change_frame_bytes(lambda b: b.split(b"data: ")[-1].strip() + b"\n"),
    ),
    Mutant(
        "empty-stream",
        "streams nothing at all",
        requirement="stream.content-type",
        hooks=edit_frames(lambda _: []),
    ),
    Mutant(
        "stream-typed-json",
        "calls a stream application/json",
        requirement="stream.content-type",
        hooks=change_replies(with_media_type("application/json"), when=is_stream_reply),
    ),
    Mutant(
        "stream-typed-text",
        "calls a stream text/plain",
        requirement="stream.content-type",
        hooks=change_replies(with_media_type("text/plain"), when=is_stream_reply),
    ),
    Mutant(
        "stream-untyped",
        "does not say what a stream is",
        requirement="stream.content-type",
        hooks=change_replies(lambda r: r.without("content-type"), when=is_stream_reply),
    ),
    Mutant(
        "always-streams",
        "streams where nobody asked",
        requirement="stream.default-is-json",
        hooks=Hooks(effective_body=_always),
    ),
    Mutant(
        "stream-false-streams",
        "streams where stream is false",
        requirement="stream.false-is-json",
        hooks=Hooks(
            effective_body=lambda _, body: {**body, "stream": True} if body.get("stream") is False else body
        ),
    ),
    Mutant(
        "characters-split",
        "cuts a character in two, each half in a delta",
        requirement="stream.utf-8",
        hooks=change_frame_bytes(_torn),
    ),
    Mutant(
        "utf-8-broken",
        "sends bytes that are no UTF-8",
        requirement="stream.utf-8",
        hooks=change_frame_bytes(_latin_1),
    ),
    Mutant(
        "connection-cut",
        "drops the connection in the middle of a stream",
        requirement="stream.transfer",
        hooks=change_replies(lambda r: replace(r, frames=r.frames[:6], cut=True), when=is_stream_reply),
    ),
    Mutant(
        "last-event-unterminated",
        "leaves out the last blank line",
        requirement="stream.last-event-terminated",
        hooks=edit_frames(lambda f: _unterminated(f[:-1])),
    ),
    Mutant(
        "ends-mid-event",
        "ends in the middle of an event",
        requirement="stream.last-event-terminated",
        hooks=edit_frames(lambda f: [*f[:-2], Frame(f[-2].data[:40])]),
    ),
    Mutant(
        "data-not-json",
        "sends data that is no JSON",
        requirement="stream.data-json",
        hooks=change_frame_bytes(lambda b: b.replace(b'"delta":', b"delta=")),
    ),
    Mutant(
        "data-single-quoted",
        "sends data as Python spells it",
        requirement="stream.data-json",
        hooks=change_frame_bytes(_pythonic),
    ),
    Mutant(
        "lines-cut-at-u2028",
        "ends the lines of a stream at U+2028 as well",
        requirement="stream.data-json",
        hooks=change_frame_bytes(_cut_at_any_line_end),
    ),
    Mutant(
        "duplicate-keys-in-events",
        "repeats a key inside an event",
        requirement="stream.data-json",
        hooks=change_frame_bytes(lambda b: b.replace(b'{"type":', b'{"type":"x","type":', 1)),
    ),
    Mutant(
        "data-an-array",
        "wraps each event into an array",
        requirement="stream.data-object",
        hooks=change_frame_bytes(_in_array),
    ),
    Mutant(
        "data-encoded-twice",
        "sends data as a JSON string",
        requirement="stream.data-object",
        hooks=change_frame_bytes(_encoded_twice),
    ),
    Mutant(
        "type-missing",
        "leaves the type out of the data",
        requirement="stream.data-type",
        hooks=change_events("response.output_text.delta", remove_fields("type")),
    ),
    Mutant(
        "keepalive-as-event",
        "keeps the connection alive with events without a type",
        requirement="stream.data-type",
        hooks=edit_frames(_kept_alive),
        report="router-for-me/CLIProxyAPI#5171",
    ),
    Mutant(
        "envelope-mid-stream",
        "breaks long streams off with the bare envelope of an error",
        requirement="stream.data-type",
        hooks=edit_frames(_broken_off),
        report="ogx-ai/ogx#5224",
    ),
    Mutant(
        "event-lines-missing",
        "sends no event lines",
        requirement="stream.event-line",
        hooks=change_frame_bytes(_without_event_line),
    ),
    Mutant(
        "event-line-another",
        "names another event than the data's type",
        requirement="stream.event-line-type",
        hooks=change_frame_bytes(_other_event_line),
    ),
    Mutant(
        "event-lines-message",
        "names every event `message`",
        requirement="stream.event-line-type",
        hooks=change_frame_bytes(_message_line),
    ),
    Mutant(
        "ids-on-events",
        "numbers events with id lines",
        requirement="stream.event-id",
        hooks=change_frame_bytes(lambda b: b"id: 7\n" + b),
        contract=Contract.OPENRESPONSES,
    ),
    Mutant(
        "done-in-quotes",
        "sends [DONE] as a JSON string",
        requirement="stream.done-literal",
        hooks=edit_frames(lambda f: [*f[:-1], Frame(b'data: "[DONE]"\n\n')]),
        contract=Contract.OPENRESPONSES,
    ),
    Mutant(
        "done-twice",
        "sends [DONE] twice",
        requirement="stream.done-once",
        hooks=edit_frames(lambda f: [*f, Frame(DONE)]),
    ),
    Mutant(
        "done-first",
        "sends [DONE] before anything else",
        requirement="stream.done-last",
        hooks=edit_frames(lambda f: [Frame(DONE), *f[:-1]]),
    ),
    Mutant(
        "done-before-terminal",
        "sends [DONE] before the terminal event",
        requirement="stream.done-last",
        hooks=edit_frames(lambda f: [*f[:-2], f[-1], f[-2]]),
    ),
    Mutant(
        "event-after-done",
        "goes on after [DONE]",
        requirement="stream.done-last",
        hooks=edit_frames(lambda f: [*f, f[-3]]),
        report="router-for-me/CLIProxyAPI#4783",
    ),
    Mutant(
        "done-missing",
        "ends without [DONE]",
        requirement="stream.done-present",
        hooks=edit_frames(lambda f: f[:-1]),
        contract=Contract.OPENRESPONSES,
    ),
    Mutant(
        "sequence-numbers-missing",
        "numbers no event",
        requirement="stream.sequence-number",
        hooks=change_events("*", remove_fields("sequence_number")),
    ),
    Mutant(
        "sequence-numbers-strings",
        "numbers events with strings",
        requirement="stream.sequence-number",
        hooks=change_events("*", map_field("sequence_number", str)),
    ),
    Mutant(
        "sequence-numbers-nested",
        "wraps sequence numbers into objects",
        requirement="stream.sequence-number",
        hooks=change_events("*", map_field("sequence_number", lambda n: {"sequence_number": n})),
        report="vllm-project/vllm#37071",
    ),
    Mutant(
        "sequence-numbers-per-item",
        "numbers the events of each item from 0",
        requirement="stream.sequence-increases",
        hooks=edit_events(_numbered_by_item),
    ),
    Mutant(
        "sequence-numbers-all-zero",
        "numbers every event 0",
        requirement="stream.sequence-increases",
        hooks=change_events("*", map_field("sequence_number", lambda _: 0)),
        report="BerriAI/litellm#28899",
    ),
    Mutant(
        "sequence-numbers-falling",
        "numbers events backwards",
        requirement="stream.sequence-increases",
        hooks=change_events("*", map_field("sequence_number", lambda n: 1000 - n)),
    ),
    Mutant(
        "sequence-numbers-reset",
        "starts to number anew after ten events",
        requirement="stream.sequence-increases",
        hooks=change_events("*", map_field("sequence_number", lambda n: n % 10)),
    ),
    Mutant(
        "sequence-numbers-doubled",
        "gives each number twice",
        requirement="stream.sequence-increases",
        hooks=change_events("*", map_field("sequence_number", lambda n: n // 2)),
    ),
    Mutant(
        "sequence-numbers-with-gaps",
        "numbers events 0, 2, 4",
        requirement="stream.sequence-contiguous",
        hooks=change_events("*", map_field("sequence_number", lambda n: 2 * n)),
    ),
    Mutant(
        "sequence-numbers-from-one",
        "numbers events from 1",
        requirement="stream.sequence-start",
        hooks=change_events("*", map_field("sequence_number", lambda n: n + 1)),
    ),
    Mutant(
        "delta-an-object",
        "sends deltas as objects, as chat completions do",
        requirement="stream.event-field-types",
        hooks=change_events("response.output_text.delta", map_field("delta", lambda text: {"content": text})),
    ),
    Mutant(
        "unknown-events",
        "tells of every delta once more in an event of its own",
        requirement="stream.known-events",
        hooks=edit_and_renumber_events(_with_another_name),
    ),
    Mutant(
        "only-done",
        "streams [DONE] alone",
        requirement="stream.content-type",
        hooks=edit_frames(lambda f: f[-1:]),
    ),
)
