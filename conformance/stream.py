"""One streamed answer as events with parsed data: what every look at a stream starts from."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal, Self

from conformance import sse, strict_json
from conformance.events import DELTAS, ENDINGS, Run, StreamEvent, runs
from conformance.exchange import Exchange
from conformance.grammar import Departure, departures
from conformance.story import Story

DONE = "[DONE]"


@dataclass(frozen=True, slots=True)
class StreamFault:
    """What is wrong with the bytes of one event, in words.

    `unterminated` and `utf-8` are the parser's; `json` is data that is no clean JSON text, `object` data
    that is JSON, but no object.
    """

    kind: Literal["unterminated", "utf-8", "json", "object"]
    event: int
    message: str


@dataclass(frozen=True, eq=False)
class Stream:
    """A streamed answer, read to where it ended; nothing in it raises, whatever the bytes are.

    `cut` says that the connection ended before the body did, so that what is missing at the end is no
    fault of the stream. `duration` is that of the exchange, in seconds.
    """

    log: sse.SseLog
    cut: bool = False
    duration: float = 0.0

    @classmethod
    def of(cls, exchange: Exchange) -> Self:
        """Read an exchange's body as an event stream, whatever its Content-Type says."""
        cut = exchange.fault is not None or exchange.hung_up
        return cls(sse.parse(exchange.chunks), cut, exchange.duration)

    @cached_property
    def _read(self) -> tuple[tuple[StreamEvent, ...], tuple[StreamFault, ...]]:
        log = self.log
        faults = [StreamFault(fault.kind, fault.event, fault.message) for fault in log.faults]
        events: list[StreamEvent] = []
        for number, name, text, _, _, at, _ in log.events:
            data = _quickly(text)
            if data is None:
                if is_marker(text):
                    continue
                data = _carefully(text, number, faults)
            type_ = data.get("type")
            events.append(StreamEvent(number, type_ if type(type_) is str else name or "", name, data, at))
        if log.unterminated is not None and not self.cut:
            events += _unfinished(log.unterminated)
        return tuple(events), tuple(faults)

    @property
    def events(self) -> tuple[StreamEvent, ...]:
        """The events in the order they came, the [DONE] markers left out.

        An unterminated last event whose data is whole counts in, beside its fault: a client loses it, yet
        what it says is evidence.
        """
        return self._read[0]

    @property
    def faults(self) -> tuple[StreamFault, ...]:
        """What was wrong with bytes and data."""
        return self._read[1]

    @cached_property
    def done_markers(self) -> tuple[sse.Event, ...]:
        """The events that mean [DONE], also those that spell it in another way."""
        last = (self.log.unterminated,) if self.log.unterminated is not None and not self.cut else ()
        return tuple(event for event in (*self.log.events, *last) if is_marker(event.data))

    @cached_property
    def terminal(self) -> StreamEvent | None:
        """The first event that ends the response: one that carries it, else an `error`."""
        errors = (event for event in self.events if event.type == "error")
        return next((event for event in self.events if event.type in ENDINGS), None) or next(errors, None)

    @cached_property
    def response(self) -> dict[str, Any] | None:
        """The response object of the terminal event."""
        response = self.terminal.data.get("response") if self.terminal is not None else None
        return response if isinstance(response, dict) else None

    @cached_property
    def types(self) -> tuple[str, ...]:
        """The types of the events, in order."""
        return tuple(event.type for event in self.events)

    @cached_property
    def runs(self) -> list[Run]:
        """The events with like deltas in a row taken together."""
        return runs(self.events)

    @cached_property
    def milestones(self) -> list[StreamEvent]:
        """The first event of each run: what the grammar needs to see."""
        return [run.event for run in self.runs]

    @cached_property
    def departures(self) -> list[Departure]:
        """Where the events leave the lifecycle's grammar."""
        return departures(self.milestones, ended=not self.cut)

    @cached_property
    def story(self) -> Story:
        """The items and texts that the events tell of, beside those of the terminal response."""
        return Story.of(self.runs, self.response)

    @cached_property
    def timing(self) -> "Timing":
        """When things came."""
        return Timing.of(self)

    def of_type(self, *types: str) -> Iterator[StreamEvent]:
        """The events of these types, in order."""
        return (event for event in self.events if event.type in types)

    def __iter__(self) -> Iterator[StreamEvent]:
        return iter(self.events)

    def __len__(self) -> int:
        return len(self.events)


@dataclass(frozen=True, slots=True)
class Timing:
    """When a stream's events came, in seconds since the request was sent; None where there was none.

    `largest_gap` is the longest silence between two events in a row, `deltas` how many deltas came,
    `arrivals` at how many different moments.
    """

    first_event: float | None
    first_delta: float | None
    last_delta: float | None
    last_event: float | None
    largest_gap: float
    deltas: int
    arrivals: int
    duration: float

    @classmethod
    def of(cls, stream: Stream) -> Self:
        """Read the arrivals off a stream."""
        times = [event.at for event in stream.events]
        deltas = [event.at for event in stream.events if event.type in DELTAS]
        gaps = (later - earlier for earlier, later in pairwise(times))
        return cls(
            first_event=times[0] if times else None,
            first_delta=deltas[0] if deltas else None,
            last_delta=deltas[-1] if deltas else None,
            last_event=times[-1] if times else None,
            largest_gap=max(gaps, default=0.0),
            deltas=len(deltas),
            arrivals=len(set(deltas)),
            duration=stream.duration,
        )


def is_marker(text: str) -> bool:
    """Whether an event's data means [DONE], in whatever spelling."""
    return text == DONE or (len(text) < 16 and _MARKER.fullmatch(text) is not None)


_MARKER = re.compile(r"\W*(done|end|eof)\W*", re.IGNORECASE)


class _Odd(ValueError):
    """The quick reader met what only the careful one can describe."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Odd
    return found


def _refuse(_: str) -> None:
    raise _Odd


_decode = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse).raw_decode


def _quickly(text: str) -> dict[str, Any] | None:
    """The object that the text is, as long as nothing at all is odd about it."""
    try:
        value, end = _decode(text)
    except (ValueError, RecursionError):
        return None
    if end != len(text) or type(value) is not dict or ("\\u" in text and "\\ud" in text.lower()):
        return None
    return value


def _carefully(text: str, number: int, faults: list[StreamFault]) -> dict[str, Any]:
    parsed = strict_json.parse(text.encode("utf-8", "surrogatepass"))
    faults.extend(StreamFault("json", number, fault) for fault in parsed.faults)
    if isinstance(parsed.value, dict):
        return parsed.value
    if parsed.readable:
        kind = "string" if isinstance(parsed.value, str) else type(parsed.value).__name__
        faults.append(StreamFault("object", number, f"data is a JSON {kind}: {text[:80]}"))
    return {}


def _unfinished(event: sse.Event) -> list[StreamEvent]:
    data = _quickly(event.data)
    if data is None:
        return []
    type_ = data.get("type")
    return [StreamEvent(event.number, type_ if isinstance(type_, str) else "", event.event, data, event.at)]
