"""How fast the answers were: the figures in the report's head."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conformance.exchange import Exchange
from conformance.streams.stream import Stream
from conformance.verdicts.verdict import Pace


@dataclass(frozen=True, slots=True)
class Measures:
    """Seconds from request to the end of each answer, and to each stream's first delta; both sorted."""

    latencies: tuple[float, ...] = ()
    first_deltas: tuple[float, ...] = ()


def measure(exchanges: Iterable[Exchange]) -> Measures:
    """Measure the answers (status 200, properly ended): a refusal is quick and says nothing of the model."""
    latencies: list[float] = []
    first_deltas: list[float] = []
    for exchange in exchanges:
        if exchange.status != 200 or exchange.fault is not None or exchange.request.method != "POST":
            continue
        latencies.append(exchange.duration)
        if exchange.media_type == "text/event-stream":
            first = Stream.of(exchange).timing.first_delta
            first_deltas += [] if first is None else [first]
    return Measures(tuple(sorted(latencies)), tuple(sorted(first_deltas)))


def pace(values: Sequence[float]) -> Pace | None:
    """What is told of sorted durations; nothing of none."""
    return Pace(len(values), percentile(values, 50), percentile(values, 95)) if values else None


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile of sorted values."""
    return values[max(0, math.ceil(len(values) * percent / 100) - 1)]


def seconds(value: float) -> str:
    """A duration as people read it: 340 ms, 2.4 s, 1 min 40 s."""
    if value < 0.9995:
        return f"{value * 1000:.0f} ms"
    if value < 99.95:
        return f"{value:.1f} s"
    return f"{value // 60:.0f} min {value % 60:.0f} s"
