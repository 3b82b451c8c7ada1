"""Mutants of the wire: the bytes of a stream, statuses, headers, connections."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from conformance.contract.contracts import Contract
from conformance.reference.events import DONE, encoded, sse
from conformance.reference.hooks import Asked, Frame, Refusal, Reply, Seams
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import framed_as, reframed, replied


def wire_mutants() -> Iterator[Mutant]:
    """Frames, then the end of a stream, then headers and statuses."""
    yield from _frames()
    yield from _ends()
    yield from _headers()
    yield Mutant(
        "stuck-after-hang-up",
        "fails, once a client hung up, on what it answered before",
        "stream.survives-hang-up",
        Seams(reply=_stuck),
    )
    yield Mutant(
        "fails-now-and-then",
        "answers 500 now and then",
        "response.answered-at-once",
        Seams(reply=_failing),
    )


def _failing(asked: Asked, made: Reply) -> Reply:
    body = b'{"error":{"message":"Oops.","type":"server_error","param":null,"code":null}}'
    headers = (("content-type", "application/json"), ("content-length", str(len(body))))
    return made if asked.number % 7 else Reply(500, headers, (Frame(body),))


def _frames() -> Iterator[Mutant]:
    for name, line, requirement, how in _FRAMES:
        yield Mutant(name, line, requirement, framed_as(how))
    yield Mutant(
        "characters-split", "cuts a character in two, each half in a delta", "stream.utf-8", framed_as(_torn)
    )
    yield Mutant(
        "ids-on-events",
        "numbers events with id lines",
        "stream.event-id",
        framed_as(lambda b: b"id: 7\n" + b),
        Contract.OPENRESPONSES,
    )
    yield Mutant("buffered", "sends the whole stream at its end", "stream.incremental", reframed(_buffered))


def _data(frame: bytes) -> bytes:
    return frame.split(b"data: ", 1)[1].strip()


def _without_event_line(frame: bytes) -> bytes:
    return b"data: " + _data(frame) + b"\n\n"


def _other_event_line(frame: bytes) -> bytes:
    return frame.replace(b"event: response.output_text.delta", b"event: response.text.delta")


def _message_line(frame: bytes) -> bytes:
    return frame if frame == DONE else b"event: message\ndata: " + _data(frame) + b"\n\n"


def _pythonic(frame: bytes) -> bytes:
    return frame if frame == DONE else b"data: " + repr(json.loads(_data(frame))).encode() + b"\n\n"


def _in_array(frame: bytes) -> bytes:
    return frame if frame == DONE else frame.replace(b"data: {", b"data: [{").replace(b"\n\n", b"]\n\n")


def _encoded_twice(frame: bytes) -> bytes:
    if frame == DONE:
        return frame
    return frame.split(b"data: ", 1)[0] + b"data: " + encoded(_data(frame).decode()) + b"\n\n"


def _latin_1(frame: bytes) -> bytes:
    return frame.decode().encode("latin-1", "replace")


def _torn(frame: bytes) -> bytes:
    """Leaves the last byte of the first long character out."""
    at = next((i for i, byte in enumerate(frame) if byte >= 0xC0), None)
    return frame if at is None else frame[: at + 1] + frame[at + 2 :]


def _buffered(frames: list[Frame]) -> list[Frame]:
    # A model that takes its time: a quick answer in one burst is no fault.
    return [Frame(b"".join(f.data for f in frames), 6 * sum(f.after for f in frames))]


def _ends() -> Iterator[Mutant]:
    for name, line, requirement, how in _ENDS:
        yield Mutant(name, line, requirement, reframed(how))
    yield Mutant(
        "done-missing",
        "ends without [DONE]",
        "stream.done-present",
        reframed(lambda f: f[:-1]),
        Contract.OPENRESPONSES,
    )
    yield Mutant(
        "done-in-quotes",
        "sends [DONE] as a JSON string",
        "stream.done-literal",
        reframed(lambda f: [*f[:-1], Frame(b'data: "[DONE]"\n\n')]),
        Contract.OPENRESPONSES,
    )
    yield Mutant(
        "connection-cut",
        "drops the connection in the middle of a stream",
        "stream.transfer",
        replied(lambda r: replace(r, frames=r.frames[:6], cut=True), when=_streams),
    )


def _unterminated(frames: list[Frame]) -> list[Frame]:
    return [*frames[:-1], Frame(frames[-1].data.rstrip(b"\n"))]


def _streams(_: Asked, reply: Reply) -> bool:
    return "event-stream" in reply.header("content-type")


def answers(asked: Asked, reply: Reply) -> bool:
    """Whether a reply is an answer in one body."""
    return reply.status == 200 and asked.method == "POST" and not _streams(asked, reply)


def _refuses(_: Asked, reply: Reply) -> bool:
    return 400 <= reply.status < 500


def _headers() -> Iterator[Mutant]:
    for name, line, requirement, seams in _HEADERS:
        yield Mutant(name, line, requirement, seams)


def _sampled_wrong(asked: Asked, found: Refusal | None) -> bool:
    numbers = ("temperature", "top_p", "max_output_tokens")
    return found is not None and asked.streamed and (found.param or "").startswith(numbers)


def _stuck(asked: Asked, reply: Reply) -> Reply:
    seen = asked.memory.setdefault("seen", set())
    stuck = "hung up" in asked.memory and asked.raw in seen and asked.method == "POST"
    seen.add(asked.raw)
    return replace(reply, status=500) if stuck else reply


def _typed(media: str) -> Callable[[Reply], Reply]:
    return lambda reply: reply.with_header("content-type", media)


def _always(_: Asked, body: dict[str, object]) -> dict[str, object]:
    return body if "stream" in body else {**body, "stream": True}


def _unstreamed(asked: Asked, reply: Reply) -> Reply:
    """The final response of the stream, as the one body."""
    if not _streams(asked, reply):
        return reply
    last = json.loads(_data(reply.frames[-2].data))
    return (
        reply.without("content-type")
        .with_header("content-type", "application/json")
        .with_body(encoded(last["response"]))
    )


def _refusal_streamed(asked: Asked, reply: Reply) -> Reply:
    if not (_refuses(asked, reply) and _asks_stream(asked)):
        return reply
    event = {"type": "error", "sequence_number": 0, **json.loads(reply.body)}
    headers = (("content-type", "text/event-stream"),)
    return Reply(200, headers, (Frame(sse(event)), Frame(DONE)))


def _refusal_after_created(asked: Asked, reply: Reply) -> Reply:
    made = _refusal_streamed(asked, reply)
    if made is reply:
        return reply
    created = {
        "type": "response.created",
        "sequence_number": 0,
        "response": {"id": "resp_x", "status": "in_progress"},
    }
    return replace(made, frames=(Frame(sse(created)), *made.frames))


def _asks_stream(asked: Asked) -> bool:
    return isinstance(asked.sent, dict) and asked.sent.get("stream") is True


def _refusal_in_200(asked: Asked, reply: Reply) -> Reply:
    return (
        replace(reply, status=200)
        if _refuses(asked, reply) and asked.method == "POST" and reply.status != 401
        else reply
    )


_FRAMES: tuple[Any, ...] = (
    ("event-lines-missing", "sends no event lines", "stream.event-line", _without_event_line),
    (
        "event-line-another",
        "names another event than the data's type",
        "stream.event-line-type",
        _other_event_line,
    ),
    ("event-lines-message", "names every event `message`", "stream.event-line-type", _message_line),
    (
        "data-not-json",
        "sends data that is no JSON",
        "stream.data-json",
        lambda b: b.replace(b'"delta":', b"delta="),
    ),
    ("data-single-quoted", "sends data as Python spells it", "stream.data-json", _pythonic),
    ("data-an-array", "wraps each event into an array", "stream.data-object", _in_array),
    ("data-encoded-twice", "sends data as a JSON string", "stream.data-object", _encoded_twice),
    (
        "data-prefix-missing",
        "sends JSON lines instead of events",
        "stream.content-type",
        lambda b: b.split(b"data: ")[-1],
    ),
    (
        "blank-line-missing",
        "separates events by one line end only",
        "stream.content-type",
        lambda b: b.replace(b"\n\n", b"\n"),
    ),
    ("utf-8-broken", "sends bytes that are no UTF-8", "stream.utf-8", _latin_1),
    (
        "ndjson",
        "streams a JSON text a line",
        "stream.content-type",
        lambda b: b.split(b"data: ")[-1].strip() + b"\n",
    ),
    (
        "duplicate-keys-in-events",
        "repeats a key inside an event",
        "stream.data-json",
        lambda b: b.replace(b'{"type":', b'{"type":"x","type":', 1),
    ),
)

_ENDS: tuple[Any, ...] = (
    ("done-twice", "sends [DONE] twice", "stream.done-once", lambda f: [*f, Frame(DONE)]),
    (
        "done-first",
        "sends [DONE] before anything else",
        "stream.done-last",
        lambda f: [Frame(DONE), *f[:-1]],
    ),
    (
        "done-before-terminal",
        "sends [DONE] before the terminal event",
        "stream.done-last",
        lambda f: [*f[:-2], f[-1], f[-2]],
    ),
    ("event-after-done", "goes on after [DONE]", "stream.done-last", lambda f: [*f, f[-3]]),
    (
        "last-event-unterminated",
        "leaves out the last blank line",
        "stream.last-event-terminated",
        lambda f: _unterminated(f[:-1]),
    ),
    (
        "ends-mid-event",
        "ends in the middle of an event",
        "stream.last-event-terminated",
        lambda f: [*f[:-2], Frame(f[-2].data[:40])],
    ),
    (
        "done-replaced",
        "ends with an event `done` of its own instead",
        "stream.nothing-after-terminal",
        lambda f: [*f[:-1], Frame(sse({"type": "done"}))],
    ),
    ("ends-after-deltas", "ends in the middle of the text", "stream.terminal", lambda f: f[:6]),
    ("empty-stream", "streams nothing at all", "stream.content-type", lambda _: []),
    ("only-done", "streams [DONE] alone", "request.stream.accepted", lambda f: f[-1:]),
)

_HEADERS: tuple[Any, ...] = (
    (
        "stream-false-streams",
        "streams where stream is false",
        "stream.false-is-json",
        Seams(honoured=lambda _, body: {**body, "stream": True} if body.get("stream") is False else body),
    ),
    (
        "stream-refused-unchecked",
        "streams an answer to what it would otherwise refuse",
        "request.stream.refused-first",
        Seams(refuse=lambda asked, found: None if _sampled_wrong(asked, found) else found),
    ),
    (
        "stream-typed-json",
        "calls a stream application/json",
        "stream.content-type",
        replied(_typed("application/json"), when=_streams),
    ),
    (
        "stream-typed-text",
        "calls a stream text/plain",
        "stream.content-type",
        replied(_typed("text/plain"), when=_streams),
    ),
    (
        "stream-untyped",
        "does not say what a stream is",
        "stream.content-type",
        replied(lambda r: r.without("content-type"), when=_streams),
    ),
    (
        "answer-typed-html",
        "calls JSON text/html",
        "response.content-type",
        replied(_typed("text/html"), when=answers),
    ),
    (
        "answer-typed-text",
        "calls JSON text/plain",
        "response.content-type",
        replied(_typed("text/plain"), when=answers),
    ),
    (
        "answer-untyped",
        "does not say what a body is",
        "response.content-type",
        replied(lambda r: r.without("content-type"), when=answers),
    ),
    (
        "error-typed-html",
        "calls an error text/html",
        "error.content-type",
        replied(_typed("text/html"), when=_refuses),
    ),
    (
        "stream-ignored",
        "answers JSON where a stream was asked for",
        "request.stream.effect",
        Seams(reply=_unstreamed),
    ),
    ("always-streams", "streams where nobody asked", "stream.default-is-json", Seams(honoured=_always)),
    (
        "stream-created-201",
        "answers a stream with 201",
        "stream.accepted",
        replied(lambda r: replace(r, status=201), when=_streams),
    ),
    (
        "answer-created-201",
        "answers with 201",
        "response.http-status",
        replied(lambda r: replace(r, status=201), when=answers),
    ),
    (
        "answer-accepted-202",
        "answers with 202",
        "response.http-status",
        replied(lambda r: replace(r, status=202), when=answers),
    ),
    (
        "stream-error-200",
        "tells a refusal inside a 200 stream",
        "stream.refused-as-json",
        Seams(reply=_refusal_streamed),
    ),
    (
        "stream-refused-late",
        "tells a refusal as an error event after created",
        "stream.refused-as-json",
        Seams(reply=_refusal_after_created),
    ),
    (
        "error-200",
        "tells a refusal with status 200",
        "response.no-error-in-200",
        Seams(reply=_refusal_in_200),
    ),
)
