"""One streamed answer as events with parsed data: what every look at a stream starts from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

from conformance.exchange import Exchange
from conformance.streams import sse
from conformance.streams.events import Run, StreamEvent
from conformance.streams.grammar import Departure, departures
from conformance.streams.reading import Reading, StreamFault, every_event, read
from conformance.streams.reassembly import Reassembly


@dataclass(frozen=True, eq=False)
class Stream:
    """A streamed answer, read to where it ended; nothing in it raises, whatever the bytes are.

    `cut` says that the connection ended before the body did, so that what is missing at the end is no
    fault of the stream. `duration` is that of the exchange, in seconds.
    """

    chunks: Sequence[sse.Timed]
    cut: bool = False
    duration: float = 0.0

    @classmethod
    def of(cls, exchange: Exchange) -> Self:
        """Read an exchange's body as an event stream, whatever its Content-Type says."""
        return cls(exchange.chunks, exchange.fault is not None or exchange.hung_up, exchange.duration)

    @cached_property
    def reading(self) -> Reading:
        """What one pass over the bytes keeps; the properties below are views of it."""
        return read(self.chunks, with_unterminated=not self.cut)

    @cached_property
    def log(self) -> sse.SseLog:
        """The bytes as an event stream, with everything a client does not show."""
        return sse.parse(self.chunks)

    @cached_property
    def events(self) -> tuple[StreamEvent, ...]:
        """Every event in the order it came, the [DONE] markers left out.

        An unterminated last event whose data is whole counts in, beside its fault: a client loses it, yet
        what it says is evidence. A long answer has a lot of them: `milestones` mostly does.
        """
        return tuple(every_event(self.chunks, with_unterminated=not self.cut))

    @property
    def runs(self) -> list[Run]:
        """The events with like deltas in a row taken together."""
        return self.reading.runs

    @cached_property
    def milestones(self) -> list[StreamEvent]:
        """The events, of like deltas in a row the first."""
        return [run.event for run in self.runs]

    @property
    def faults(self) -> Sequence[StreamFault]:
        """What was wrong with bytes and data."""
        return self.reading.faults

    @property
    def done_markers(self) -> Sequence[sse.Event]:
        """The events that mean [DONE], also those that spell it in another way."""
        return self.reading.markers

    @cached_property
    def counts_up(self) -> bool:
        """Whether the sequence numbers are 0, 1, 2 and so on: nothing about them is worth a look."""
        numbers = self.reading.numbers
        return numbers == list(range(len(numbers))) and set(map(type, numbers)) <= {int}

    @cached_property
    def terminal(self) -> StreamEvent | None:
        """The first event that ends the response: one that carries it, else an `error`."""
        errors = (event for event in self.milestones if event.row.carries == "error")
        ends = (event for event in self.milestones if event.row.ends)
        return next(ends, None) or next(errors, None)

    @cached_property
    def response(self) -> dict[str, Any] | None:
        """The response object of the terminal event."""
        response = self.terminal.data.get("response") if self.terminal is not None else None
        return response if isinstance(response, dict) else None

    @cached_property
    def departures(self) -> list[Departure]:
        """Where the events leave the lifecycle's grammar."""
        return departures(self.milestones, ended=not self.cut)

    @cached_property
    def reassembly(self) -> Reassembly:
        """The items and texts that the events bring, beside those of the terminal response."""
        return Reassembly.of(self.runs, self.response)

    @cached_property
    def timing(self) -> "Timing":
        """When things came."""
        return Timing.of(self)

    def __iter__(self) -> Iterator[StreamEvent]:
        return iter(self.events)

    def __len__(self) -> int:
        return self.reading.count


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
        arrivals = stream.reading.arrivals
        times = [at for at, _, _ in arrivals]
        deltas = [(at, count) for at, _, count in arrivals if count]
        return cls(
            first_event=times[0] if times else None,
            first_delta=deltas[0][0] if deltas else None,
            last_delta=deltas[-1][0] if deltas else None,
            last_event=times[-1] if times else None,
            largest_gap=max((later - earlier for earlier, later in pairwise(times)), default=0.0),
            deltas=sum(count for _, count in deltas),
            arrivals=len(deltas),
            duration=stream.duration,
        )
