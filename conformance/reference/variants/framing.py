"""Variants of the wire: the same events and bodies in other bytes, pieces and headers."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from conformance.reference.events import DONE
from conformance.reference.hooks import Frame, Hooks, Reply, Request
from conformance.reference.mutations import combine
from conformance.reference.reply_mutations import change_replies
from conformance.reference.stream_mutations import change_frame_bytes, edit_frames
from conformance.reference.variants.variant import NOT_OPENRESPONSES, Variant


def framing_variants() -> Iterator[Variant]:
    """Event streams, then JSON bodies, then headers and connections."""
    for name, line, hooks in (*_STREAMS, *_BODIES, *_HEADERS):
        yield Variant(name, line, hooks)
    yield Variant("no-done", "ends streams without [DONE]", edit_frames(lambda f: f[:-1]), NOT_OPENRESPONSES)
    yield Variant(
        "ids-on-events",
        "numbers events with id lines",
        Hooks(frames=_with_ids),
        NOT_OPENRESPONSES,
    )


def _ends(end: bytes) -> Hooks:
    return change_frame_bytes(lambda data: data.replace(b"\n", end))


def _several_lines(data: bytes) -> bytes:
    """The JSON broken after its first comma, a data line for each piece."""
    if data == DONE:
        return data
    head, _, body = data.partition(b"data: ")
    value = json.loads(body)
    lines = json.dumps(value, ensure_ascii=False, indent=1).encode().split(b"\n")
    return head + b"".join(b"data: " + line + b"\n" for line in lines) + b"\n"


def _data_first(data: bytes) -> bytes:
    if data == DONE:
        return data
    event, _, body = data.partition(b"\n")
    return body.rstrip(b"\n") + b"\n" + event + b"\n\n"


def _with_ids(_: Request, frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
    return tuple(Frame(b"id: %d\n" % n + f.data, f.after) for n, f in enumerate(frames))


def _commented(frames: list[Frame]) -> list[Frame]:
    found: list[Frame] = [Frame(b": hello\n\n")]
    for frame in frames:
        found += [Frame(b": keep-alive\n\n"), frame]
    return [*found, Frame(b": bye\n\n")]


def _pieces(size: int) -> Callable[[list[Frame]], list[Frame]]:
    def cut(frames: list[Frame]) -> list[Frame]:
        found: list[Frame] = []
        for frame in frames:
            pieces = [frame.data[at : at + size] for at in range(0, len(frame.data), size)]
            found += [Frame(piece, 0.0 if place else frame.after) for place, piece in enumerate(pieces)]
        return found

    return cut


def _torn_ends(frames: list[Frame]) -> list[Frame]:
    """Each piece ends between the two line ends that end an event."""
    found = []
    for frame in frames:
        found += [Frame(frame.data[:-1], frame.after), Frame(frame.data[-1:])]
    return found


def _joined(frames: list[Frame]) -> list[Frame]:
    """Three events a piece."""
    return [
        Frame(b"".join(f.data for f in frames[at : at + 3]), sum(f.after for f in frames[at : at + 3]))
        for at in range(0, len(frames), 3)
    ]


def _escaped(data: bytes) -> bytes:
    """Everything beyond ASCII as `\\u` escapes."""
    head, mark, body = data.partition(b"data: ")
    return data if data == DONE else head + mark + json.dumps(json.loads(body)).encode() + b"\n\n"


_STREAMS: tuple[tuple[str, str, Hooks], ...] = (
    ("line-ends-crlf", "ends the lines of streams with CRLF", _ends(b"\r\n")),
    ("line-ends-cr", "ends the lines of streams with CR", _ends(b"\r")),
    (
        "no-space-after-colon",
        "leaves the space after the colon out",
        change_frame_bytes(lambda d: d.replace(b"event: ", b"event:", 1).replace(b"data: ", b"data:", 1)),
    ),
    ("several-data-lines", "spreads an event over several data lines", change_frame_bytes(_several_lines)),
    ("data-before-event", "sends the data line before the event line", change_frame_bytes(_data_first)),
    ("comments", "sends comments between events", edit_frames(_commented)),
    ("retry-lines", "tells how soon to reconnect", change_frame_bytes(lambda d: b"retry: 3000\n" + d)),
    (
        "unknown-fields",
        "sends a field that clients must skip",
        change_frame_bytes(lambda d: b"trace: 17\n" + d),
    ),
    ("bom", "begins streams with a byte order mark", edit_frames(lambda f: [Frame(b"\xef\xbb\xbf"), *f])),
    ("one-byte-chunks", "sends streams byte by byte", edit_frames(_pieces(1))),
    ("seven-byte-chunks", "sends streams in pieces of seven bytes", edit_frames(_pieces(7))),
    ("border-in-final-newlines", "cuts between an event's last two line ends", edit_frames(_torn_ends)),
    (
        "crlf-one-byte-chunks",
        "ends lines with CRLF, byte by byte",
        combine(_ends(b"\r\n"), edit_frames(_pieces(1))),
    ),
    ("three-events-a-chunk", "sends three events at a time", edit_frames(_joined)),
    ("blank-lines", "sends further blank lines between events", change_frame_bytes(lambda d: d + b"\n\n")),
    ("escaped-stream", "escapes what is not ASCII in streams", change_frame_bytes(_escaped)),
)


def _is_json(_: Request, reply: Reply) -> bool:
    return reply.header("content-type").startswith("application/json")


def _is_stream(_: Request, reply: Reply) -> bool:
    return "event-stream" in reply.header("content-type")


def _anything(_: Request, reply: Reply) -> bool:
    return reply.status > 0


def _rewritten(how: Callable[[Any], bytes]) -> Hooks:
    return change_replies(lambda reply: reply.with_body(how(json.loads(reply.body))), when=_is_json)


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reversed(value[key]) for key in reversed(value)}
    return [_reversed(item) for item in value] if isinstance(value, list) else value


def _as_floats(value: Any) -> Any:
    """`temperature` and its like as 1.0 where they are 1."""
    if isinstance(value, list):
        return [_as_floats(item) for item in value]
    if not isinstance(value, dict):
        return value
    numbers = {"temperature", "top_p", "frequency_penalty", "presence_penalty"}
    return {
        key: float(inner) if key in numbers and isinstance(inner, int) else _as_floats(inner)
        for key, inner in value.items()
    }


def _compact(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _in_stream(how: Callable[[Any], Any]) -> Hooks:
    def change(data: bytes) -> bytes:
        head, mark, body = data.partition(b"data: ")
        return data if data == DONE else head + mark + _compact(how(json.loads(body))) + b"\n\n"

    return change_frame_bytes(change)


_BODIES: tuple[tuple[str, str, Hooks], ...] = (
    (
        "keys-reversed",
        "writes every object's keys in another order",
        combine(_rewritten(lambda v: _compact(_reversed(v))), _in_stream(_reversed)),
    ),
    (
        "pretty-printed",
        "writes JSON over many lines",
        _rewritten(lambda v: json.dumps(v, ensure_ascii=False, indent=4).encode() + b"\n"),
    ),
    ("escaped-json", "escapes what is not ASCII", _rewritten(lambda v: json.dumps(v).encode())),
    (
        "numbers-as-floats",
        "writes 1.0 for 1 where any number may stand",
        combine(_rewritten(lambda v: _compact(_as_floats(v))), _in_stream(_as_floats)),
    ),
    (
        "trailing-newline",
        "ends bodies with a line end",
        change_replies(lambda r: r.with_body(r.body + b"\n"), when=_is_json),
    ),
)


def _typed(media: str) -> Callable[[Reply], Reply]:
    return lambda reply: reply.with_header("content-type", media)


def _spelled(how: Callable[[str], str]) -> Callable[[Reply], Reply]:
    return lambda reply: replace(reply, headers=tuple((how(name), value) for name, value in reply.headers))


def _gzipped(reply: Reply) -> Reply:
    return reply.with_body(gzip.compress(reply.body)).with_header("content-encoding", "gzip")


def _gzipped_stream(reply: Reply) -> Reply:
    """Compressed and flushed event by event."""
    coder = zlib.compressobj(wbits=31)
    frames = [Frame(coder.compress(f.data) + coder.flush(zlib.Z_SYNC_FLUSH), f.after) for f in reply.frames]
    return replace(reply, frames=(*frames, Frame(coder.flush()))).with_header("content-encoding", "gzip")


def _counted(reply: Reply) -> Reply:
    return reply.with_header("content-length", str(len(reply.body)))


_HEADERS: tuple[tuple[str, str, Hooks], ...] = (
    (
        "charset-utf-8",
        "names the charset",
        change_replies(_typed("application/json; charset=utf-8"), when=_is_json),
    ),
    (
        "charset-upper-case",
        "names the charset in capitals",
        change_replies(_typed("Application/JSON;charset=UTF-8"), when=_is_json),
    ),
    (
        "stream-without-charset",
        "names no charset of streams",
        change_replies(_typed("text/event-stream"), when=_is_stream),
    ),
    (
        "stream-type-capitals",
        "spells the type of streams in capitals",
        change_replies(_typed("Text/Event-Stream;Charset=UTF-8"), when=_is_stream),
    ),
    (
        "header-names-upper-case",
        "spells header names in capitals",
        change_replies(_spelled(str.upper), when=_anything),
    ),
    (
        "header-names-title-case",
        "spells header names in title case",
        change_replies(_spelled(str.title), when=_anything),
    ),
    ("gzip", "compresses bodies", change_replies(_gzipped, when=_is_json)),
    (
        "gzip-streams",
        "compresses streams, flushing each event",
        change_replies(_gzipped_stream, when=_is_stream),
    ),
    (
        "connection-close",
        "closes the connection after each answer",
        change_replies(lambda r: r.with_header("connection", "close"), when=_anything),
    ),
    (
        "chunked-json",
        "sends JSON chunked",
        change_replies(
            lambda r: replace(r.without("content-length"), frames=(Frame(r.body[:20]), Frame(r.body[20:]))),
            when=_is_json,
        ),
    ),
    ("counted-streams", "knows the length of streams beforehand", change_replies(_counted, when=_is_stream)),
    (
        "further-headers",
        "sends headers of its own",
        change_replies(
            lambda r: r.with_header("x-ratelimit-remaining", "17").with_header("set-cookie", "a=b"),
            when=_anything,
        ),
    ),
    (
        "no-request-id",
        "sends no request id",
        change_replies(lambda r: r.without("x-request-id"), when=_anything),
    ),
    (
        "no-allow",
        "does not say which methods it allows where the path is unknown to it",
        change_replies(lambda r: replace(r, status=404).without("allow"), when=lambda _, r: r.status == 405),
    ),
)
