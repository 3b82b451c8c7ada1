"""Server-sent events as the WHATWG standard reads them: bytes in, events and oddities out.

The parser does no I/O. It dispatches exactly what a standard client dispatches, and reports what such a
client hides: an event that was never finished, bytes that are no UTF-8, fields that are ignored.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

BOM = b"\xef\xbb\xbf"

WINDOW = 1 << 18
"""Bytes that are decoded at once: text with an emoji takes four bytes a character while it is split."""

KEPT = 200
"""How many faults and observations are kept as such; beyond that they are only counted."""

FaultKind = Literal[
    "utf-8",  # bytes that are no UTF-8: they are read on as U+FFFD
    "unterminated",  # data without the blank line that dispatches it: a client drops the event
]

OddityKind = Literal[
    "comment",  # a line that starts with a colon
    "no-data",  # an event without a data line: not dispatched
    "unknown-field",  # a line whose field is none of event, data, id, retry: ignored
    "bad-id",  # an id with a NUL: ignored
    "bad-retry",  # a retry that is not all ASCII digits: ignored
]


class Event(NamedTuple):
    """One event as sent.

    `number` counts the dispatched events from 0. `event`, `id` and `retry` (milliseconds) are None where
    the event has no such line (or one that a client ignores). `data` is its data lines, joined with a line
    feed. `first_at` and `at` are the arrivals of the chunks that began and completed it, in seconds.
    """

    number: int
    event: str | None
    data: str
    id: str | None = None
    retry: int | None = None
    at: float = 0.0
    first_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Fault:
    """What the standard forbids.

    `event` is the number of the event concerned, `offset` its place in the body in bytes, a byte order mark
    left out and each line end counted as one.
    """

    kind: FaultKind
    event: int
    offset: int
    message: str


@dataclass(frozen=True, slots=True)
class Oddity:
    """What the standard allows and a client does not show. `event` is the next event to be dispatched."""

    kind: OddityKind
    event: int
    message: str


class Timed(Protocol):
    """Bytes and when they came: what `conformance.exchange.Chunk` is."""

    @property
    def at(self) -> float: ...

    @property
    def data(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class SseLog:
    """A body read to its end.

    `unterminated` is the last event where no blank line dispatched it. `faults` and `oddities` hold the
    first KEPT of each; `counts` says how many there were of each kind.
    """

    events: tuple[Event, ...]
    faults: tuple[Fault, ...] = ()
    oddities: tuple[Oddity, ...] = ()
    unterminated: Event | None = None
    counts: tuple[tuple[FaultKind | OddityKind, int], ...] = ()

    def count(self, kind: FaultKind | OddityKind) -> int:
        """How many faults or oddities of a kind there were."""
        return dict(self.counts).get(kind, 0)


def parse(chunks: Iterable[Timed]) -> SseLog:
    """Read a whole body."""
    parser = Parser()
    events: list[Event] = []
    for chunk in chunks:
        events += parser.feed(chunk.data, chunk.at)
    unterminated = parser.close()
    return SseLog(
        tuple(events),
        tuple(parser.faults),
        tuple(parser.oddities),
        unterminated,
        tuple(parser.counts.items()),
    )


class Parser:
    """Fed with the bytes of one body in any portions, it returns the events that each portion completes."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.oddities: list[Oddity] = []
        self.counts: dict[FaultKind | OddityKind, int] = {}
        self._number = 0
        self._offset = 0
        self._head: bytes | None = b""  # the first bytes, as long as they may still become a BOM
        self._after_cr = False
        self._pending: list[bytes] = []  # what came since the last blank line, joined only when one comes
        self._pending_at = 0.0
        self._names: dict[str, str] = {}  # the `event:` lines met so far, and what they say
        self._pending_lf = False  # the last pending byte ends a line: one more line end is a blank line

    def feed(self, data: bytes, at: float = 0.0) -> list[Event]:
        """Take the next bytes, which arrived at that second; return the events they complete."""
        if self._head is not None:
            data = self._without_bom(data)
        if len(data) <= WINDOW:
            return self._take(data, at)
        events: list[Event] = []
        for start in range(0, len(data), WINDOW):
            events += self._take(data[start : start + WINDOW], at)
        return events

    def close(self) -> Event | None:
        """End the body; return the event that it leaves unfinished, which no client dispatches."""
        if self._head:
            self._take(self._head, 0.0)
            self._head = None
        rest = b"".join(self._pending)
        self._pending = []
        block = self._decoded(rest)
        event = self._event(block, self._pending_at, self._pending_at)
        if event is not None:
            how = "its blank line" if rest.endswith(b"\n") else "the end of its last line"
            self._fault("unterminated", f"the body ends before {how}: a client drops the event")
        return event

    def _without_bom(self, data: bytes) -> bytes:
        head = (self._head or b"") + data
        if len(head) < len(BOM) and BOM.startswith(head):
            self._head = head
            return b""
        self._head = None
        return head.removeprefix(BOM)

    def _take(self, data: bytes, at: float) -> list[Event]:
        if self._after_cr or b"\r" in data:
            data = self._with_line_feeds(data)
        if not data:
            return []
        end = data.rfind(b"\n\n") + 2
        if end == 1:
            # The blank line may also lie across the border, or be what follows a blank line at once.
            end = 1 if self._pending_lf and data[0] == 10 else 0
        if not end:
            if not self._pending:
                self._pending_at = at
            self._pending.append(data)
            self._pending_lf = data[-1] == 10
            return []
        whole = b"".join((*self._pending, data[:end])) if self._pending else data[:end]
        first_at = self._pending_at if self._pending else at
        rest = data[end:]
        self._pending = [rest] if rest else []
        self._pending_at = at
        self._pending_lf = rest.endswith(b"\n")
        return self._blocks(whole, at, first_at)

    def _with_line_feeds(self, data: bytes) -> bytes:
        if self._after_cr and data.startswith(b"\n"):
            data = data[1:]
            self._after_cr = False
        if data:
            self._after_cr = data.endswith(b"\r")
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _blocks(self, whole: bytes, at: float, first_at: float) -> list[Event]:
        """The events of a run of bytes that ends with a blank line."""
        try:
            blocks = whole.decode().split("\n\n")
        except UnicodeDecodeError:
            return self._damaged(whole, at, first_at)
        events: list[Event] = []
        number = self._number
        names = self._names
        for block in blocks:
            # Nearly every event is one `event:` line met before and one `data:` line; the rest goes line by
            # line. `tuple.__new__` is what `Event(...)` calls.
            head, between, data = block.partition("\ndata: ")
            if between and head in names and "\n" not in data:
                events.append(tuple.__new__(Event, (number, names[head], data, None, None, at, first_at)))
                number += 1
            elif head[:6] == "data: " and "\n" not in block:
                events.append(tuple.__new__(Event, (number, None, block[6:], None, None, at, first_at)))
                number += 1
            elif block:
                self._number = number
                if (event := self._event(block, at, first_at)) is not None:
                    events.append(event)
                    number += 1
            first_at = at
        self._number = number
        self._offset += len(whole)
        return events

    def _damaged(self, whole: bytes, at: float, first_at: float) -> list[Event]:
        """The same where some of the bytes are no UTF-8: each event is decoded by itself."""
        events: list[Event] = []
        for raw in whole.split(b"\n\n"):
            event = self._event(self._decoded(raw), at, first_at)
            if event is not None:
                events.append(event)
                self._number += 1
            self._offset += len(raw) + 2
            first_at = at
        self._offset -= 2
        return events

    def _decoded(self, raw: bytes) -> str:
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            shown = raw[error.start : error.start + 4].hex(" ")
            self._fault("utf-8", f"{shown} is no UTF-8", error.start)
            return raw.decode("utf-8", "replace")

    def _event(self, block: str, at: float, first_at: float) -> Event | None:
        """Read the lines of one block; None where it has no data line."""
        fields = _Fields()
        for line in block.strip("\n").split("\n"):
            self._line(line, fields)
        if fields.data is None:
            if fields.event is not None:
                self._oddity("no-data", f"the event {fields.event} has no data line and is not dispatched")
            return None
        data = "\n".join(fields.data)
        head = f"event: {fields.event}"
        if fields.event is not None and len(self._names) < KEPT and block.startswith(f"{head}\ndata: "):
            self._names[head] = fields.event
        return Event(self._number, fields.event, data, fields.id, fields.retry, at, first_at)

    def _line(self, line: str, fields: "_Fields") -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "data":
                fields.data = fields.data or []
                fields.data.append(value)
            case "event":
                fields.event = value
            case "id" if "\0" in value:
                self._oddity("bad-id", "an id with a NUL is ignored")
            case "id":
                fields.id = value
            case "retry" if value.isascii() and value.isdigit() and len(value) < 16:
                fields.retry = int(value)
            case "retry":
                self._oddity("bad-retry", f"retry: {value[:60]} is ignored")
            case "" if line.startswith(":"):
                self._oddity("comment", line[:60])
            case "":
                pass
            case _:
                self._oddity("unknown-field", f"the line {line[:60]!r} is ignored")

    def _fault(self, kind: FaultKind, message: str, within: int = 0) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if len(self.faults) < KEPT:
            self.faults.append(Fault(kind, self._number, self._offset + within, message))

    def _oddity(self, kind: OddityKind, message: str) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if len(self.oddities) < KEPT:
            self.oddities.append(Oddity(kind, self._number, message))


@dataclass(slots=True)
class _Fields:
    data: list[str] | None = None
    event: str | None = None
    id: str | None = None
    retry: int | None = None
