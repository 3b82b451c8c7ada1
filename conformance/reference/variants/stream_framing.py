"""Variants of a stream's frames: the same events in other bytes, chunks and headers."""

import json
import zlib
from collections.abc import Callable
from dataclasses import replace

from conformance.reference.events import DONE
from conformance.reference.hooks import Frame, Hooks, Reply, Request
from conformance.reference.mutations import combine
from conformance.reference.reply_mutations import change_replies, is_stream_reply, with_media_type
from conformance.reference.stream_mutations import change_frame_bytes, edit_frames
from conformance.reference.variants.variant import NOT_OPENRESPONSES, Variant


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


def _gzipped_stream(reply: Reply) -> Reply:
    """Compressed and flushed event by event."""
    coder = zlib.compressobj(wbits=31)
    frames = [Frame(coder.compress(f.data) + coder.flush(zlib.Z_SYNC_FLUSH), f.after) for f in reply.frames]
    return replace(reply, frames=(*frames, Frame(coder.flush()))).with_header("content-encoding", "gzip")


def _counted(reply: Reply) -> Reply:
    return reply.with_header("content-length", str(len(reply.body)))


VARIANTS: tuple[Variant, ...] = (
    Variant("line-ends-crlf", "ends the lines of streams with CRLF", hooks=_ends(b"\r\n")),
    Variant("line-ends-cr", "ends the lines of streams with CR", hooks=_ends(b"\r")),
    Variant(
        "no-space-after-colon",
        "leaves the space after the colon out",
        hooks=change_frame_bytes(
            lambda d: d.replace(b"event: ", b"event:", 1).replace(b"data: ", b"data:", 1)
        ),
    ),
    Variant(
        "several-data-lines",
        "spreads an event over several data lines",
        hooks=change_frame_bytes(_several_lines),
    ),
    Variant(
        "data-before-event",
        "sends the data line before the event line",
        hooks=change_frame_bytes(_data_first),
    ),
    Variant("comments", "sends comments between events", hooks=edit_frames(_commented)),
    Variant(
        "retry-lines", "tells how soon to reconnect", hooks=change_frame_bytes(lambda d: b"retry: 3000\n" + d)
    ),
    Variant(
        "unknown-fields",
        "sends a field that clients must skip",
        hooks=change_frame_bytes(lambda d: b"trace: 17\n" + d),
    ),
    Variant(
        "bom",
        "begins streams with a byte order mark",
        hooks=edit_frames(lambda f: [Frame(b"\xef\xbb\xbf"), *f]),
    ),
    Variant("one-byte-chunks", "sends streams byte by byte", hooks=edit_frames(_pieces(1))),
    Variant("seven-byte-chunks", "sends streams in pieces of seven bytes", hooks=edit_frames(_pieces(7))),
    Variant(
        "border-in-final-newlines",
        "cuts between an event's last two line ends",
        hooks=edit_frames(_torn_ends),
    ),
    Variant(
        "crlf-one-byte-chunks",
        "ends lines with CRLF, byte by byte",
        hooks=combine(_ends(b"\r\n"), edit_frames(_pieces(1))),
    ),
    Variant("three-events-a-chunk", "sends three events at a time", hooks=edit_frames(_joined)),
    Variant(
        "blank-lines",
        "sends further blank lines between events",
        hooks=change_frame_bytes(lambda d: d + b"\n\n"),
    ),
    Variant("escaped-stream", "escapes what is not ASCII in streams", hooks=change_frame_bytes(_escaped)),
    Variant(
        "stream-without-charset",
        "names no charset of streams",
        hooks=change_replies(with_media_type("text/event-stream"), when=is_stream_reply),
    ),
    Variant(
        "stream-type-capitals",
        "spells the type of streams in capitals",
        hooks=change_replies(with_media_type("Text/Event-Stream;Charset=UTF-8"), when=is_stream_reply),
    ),
    Variant(
        "gzip-streams",
        "compresses streams, flushing each event",
        hooks=change_replies(_gzipped_stream, when=is_stream_reply),
    ),
    Variant(
        "counted-streams",
        "knows the length of streams beforehand",
        hooks=change_replies(_counted, when=is_stream_reply),
    ),
    Variant(
        "no-done",
        "ends streams without [DONE]",
        hooks=edit_frames(lambda f: f[:-1]),
        contracts=NOT_OPENRESPONSES,
    ),
    Variant(
        "ids-on-events",
        "numbers events with id lines",
        hooks=Hooks(frames=_with_ids),
        contracts=NOT_OPENRESPONSES,
    ),
)
