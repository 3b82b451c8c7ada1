"""From dispatched events to parsed data: quickly where nothing is odd, carefully where anything is."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from conformance import strict_json
from conformance.streams import sse
from conformance.streams.events import Run, StreamEvent

DONE = "[DONE]"

KEPT_OF_ONE = 5
"""How many faults of one event are worth reading."""


@dataclass(frozen=True, slots=True)
class StreamFault:
    """What is wrong with the bytes of one event, in words.

    `unterminated` and `utf-8` are the parser's; `json` is data that is no clean JSON text, `object` data
    that is JSON, but no object.
    """

    kind: Literal["unterminated", "utf-8", "json", "object"]
    event: int
    message: str


@dataclass(slots=True)
class Reading:
    """What is kept of a stream while it is read: every event but the like deltas in a row.

    `count` is the number of events, the end markers left out. `runs` hold all but the data of like deltas,
    `numbers` the sequence numbers as they stand in the data (None where there is none), `arrivals` a
    moment with its events and deltas. `mislabelled` are the first events whose `event:` line and data do
    not name one and the same type; `unnamed` counts those without a line, `identified` those with an id.
    """

    count: int = 0
    unnamed: int = 0
    identified: int = 0
    runs: list[Run] = field(default_factory=list)
    numbers: list[Any] = field(default_factory=list)
    arrivals: list[tuple[float, int, int]] = field(default_factory=list)
    markers: list[sse.Event] = field(default_factory=list)
    faults: list[StreamFault] = field(default_factory=list)
    mislabelled: list[StreamEvent] = field(default_factory=list)


def read(chunks: Iterable[sse.Timed], *, with_unterminated: bool) -> Reading:
    """Read a body to its end; never raises, whatever it is.

    With `with_unterminated`, a last event that no blank line dispatched counts in if its data is whole.
    """
    reader = _Reader()
    parser = sse.Parser()
    for chunk in chunks:
        reader.take(parser.feed(chunk.data, chunk.at), chunk.at)
    last = parser.close()
    if last is not None and with_unterminated and (is_marker(last.data) or _quickly(last.data) is not None):
        reader.take([last], last.at)
    faults = [StreamFault(fault.kind, fault.event, fault.message) for fault in parser.faults]
    reader.kept.faults[:0] = [fault for fault in faults if with_unterminated or fault.kind != "unterminated"]
    return reader.kept


class _Reader:
    def __init__(self) -> None:
        self.kept = Reading()
        self.pieces: list[Any] = []
        self.like: tuple[Any, ...] = (None,) * 7  # what a further delta of the present run looks like

    def take(self, events: Iterable[sse.Event], at: float) -> None:
        """Read what one chunk completed. This is the loop that every delta of a long answer goes through."""
        kept = self.kept
        before, deltas = kept.count, 0
        like_type, key, item_id, output_index, content_index, summary_index, size = self.like
        for event in events:
            data = _quickly(event.data)
            if data is None:
                if is_marker(event.data):
                    kept.markers.append(event)
                    like_type = None
                    continue
                data = _carefully(event.data, event.number, kept.faults)
            kept.count += 1
            kept.numbers.append(data.get("sequence_number"))
            if (
                event.event == like_type
                and data.get("type") == like_type
                and data.get("item_id") == item_id
                and data.get("output_index") == output_index
                and data.get("content_index") == content_index
                and data.get("summary_index") == summary_index
                and len(data) == size
            ):
                self.pieces.append(data.get(key))
                deltas += 1
                continue
            self.like = self._begin(event, data)
            like_type, key, item_id, output_index, content_index, summary_index, size = self.like
            deltas += kept.runs[-1].event.row.carries == "delta"
        if kept.count > before:
            kept.arrivals.append((at, kept.count - before, deltas))
        self.like = (like_type, *self.like[1:])

    def _begin(self, sent: sse.Event, data: dict[str, Any]) -> tuple[Any, ...]:
        """Keep an event that begins a run; return what its like looks like (nothing, if it is no delta)."""
        event = labelled(sent, data)
        kept = self.kept
        if event.name != event.type or event.type != data.get("type"):
            kept.unnamed += event.name is None
            if len(kept.mislabelled) < sse.KEPT:
                kept.mislabelled.append(event)
        kept.identified += sent.id is not None
        is_delta = event.row.carries == "delta"
        self.pieces = [event.carried] if is_delta else []
        kept.runs.append(Run(event, self.pieces))
        if not is_delta or event.name != event.type or sent.id is not None:
            return (None,) * 7
        return (
            event.type,
            event.row.key,
            data.get("item_id"),
            data.get("output_index"),
            data.get("content_index"),
            data.get("summary_index"),
            len(data),
        )


def every_event(chunks: Iterable[sse.Timed], *, with_unterminated: bool) -> Iterator[StreamEvent]:
    """All the events with all their data, for a close look."""
    log = sse.parse(chunks)
    last = log.unterminated
    whole = last is not None and with_unterminated and _quickly(last.data) is not None
    for event in (*log.events, *((last,) if last is not None and whole else ())):
        data = _quickly(event.data)
        if data is None and is_marker(event.data):
            continue
        yield labelled(event, _carefully(event.data, event.number, []) if data is None else data)


def labelled(sent: sse.Event, data: dict[str, Any]) -> StreamEvent:
    """An event with its parsed data, and its type from wherever it says one."""
    given = data.get("type")
    type_ = given if isinstance(given, str) and given else sent.event or ""
    return StreamEvent(sent.number, type_, sent.event, data, sent.at)


def is_marker(text: str) -> bool:
    """Whether an event's data means [DONE], in whatever spelling."""
    return text == DONE or (len(text) < 16 and _MARKER.fullmatch(text) is not None)


_MARKER = re.compile(r"\W*(done|end|eof)\W*", re.IGNORECASE)


class _Odd(ValueError):
    """The quick readers met what only the careful one can describe."""


def _refuse(_: str) -> None:
    raise _Odd


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Odd
    return found


_scan = json.JSONDecoder(parse_constant=_refuse).raw_decode
_scan_unique = json.JSONDecoder(parse_constant=_refuse, object_pairs_hook=_unique).raw_decode


def _quickly(text: str) -> Any:
    """The object that the text is, as long as nothing at all is odd about it; else None.

    A flat object without escapes has one `":` for each key, if no space comes between: then the number of
    keys shows whether one stands twice, and no hook has to look at each object.
    """
    try:
        value, end = _scan(text, 0)
        if type(value) is not dict or end != len(text):
            return None
        if text.count('":') != len(value) or "\\" in text or " :" in text or "\n" in text or "\t" in text:
            value, _ = _scan_unique(text, 0)
            if "\\u" in text and "\\ud" in text.lower():
                return None
    except (ValueError, RecursionError):
        return None
    return value


def _carefully(text: str, number: int, faults: list[StreamFault]) -> dict[str, Any]:
    parsed = strict_json.parse(text.encode("utf-8", "surrogatepass"))
    if len(faults) < sse.KEPT:
        faults.extend(StreamFault("json", number, fault) for fault in parsed.faults[:KEPT_OF_ONE])
    if isinstance(parsed.value, dict):
        return parsed.value
    if parsed.readable and len(faults) < sse.KEPT:
        kind = "string" if isinstance(parsed.value, str) else type(parsed.value).__name__
        faults.append(StreamFault("object", number, f"data is a JSON {kind}: {text[:80]}"))
    return {}
