"""Whether a stream was sent as it was generated, or held back and sent in one burst at the end.

One exchange alone seldom shows it: a quick answer after a slow start looks the same. What gives a held-back
stream away is that the long answer begins as much later than the short ones as it takes to generate.
"""

from collections.abc import Iterator, Sequence

from conformance.streams.stream import Stream, Timing
from conformance.verdicts.verdict import Finding

FEW_DELTAS = 20
"""With fewer there is too little to spread over time."""

SHORT_SPAN = 0.02
"""A burst's deltas come within this share of the whole time: 40 ms of 2 s. No model writes that fast."""

LONGEST_SPAN = 0.1
"""Nor is it a burst if they take longer than this, in seconds, however long the model thought before."""

CLEARLY_LATER = 0.3
"""By how many seconds the long answer must begin after the slowest short one: jitter stays below."""

SURELY_LONG = 1.5
"""A wait of so many seconds for an answer of a hundred tokens needs no comparison."""

ENOUGH_SHORT = 3
"""How many short answers make a comparison."""


def deltas_are_spread_out(
    stream: Stream, short: Sequence[float], unstreamed: float | None
) -> Iterator[Finding]:
    """The stream's deltas did not all come in one burst after the time that generating took.

    `short` are the durations of short answers, `unstreamed` that of the same answer without `stream`, in
    seconds. A proxy that joins some deltas, a quick answer, and a slow start are none of this.
    """
    timing = stream.timing
    first, last, end = timing.first_delta, timing.last_delta, timing.last_event
    if first is None or last is None or not end or timing.deltas < FEW_DELTAS:
        return
    if last - first > min(LONGEST_SPAN, SHORT_SPAN * end):
        return
    if end < SURELY_LONG and not _clearly_later(first, short, unstreamed):
        return
    expected = f"{timing.deltas} deltas spread over the {end:.1f} s that the answer took"
    yield Finding(expected, f"all within {(last - first) * 1000:.0f} ms, after {first:.1f} s of nothing")


def in_words(timing: Timing) -> str:
    """The arrivals as a report notes them."""
    if timing.first_event is None or timing.last_event is None:
        return "no event came"
    delta = f"first delta {timing.first_delta:.3f} s, " if timing.first_delta is not None else ""
    return (
        f"first event {timing.first_event:.3f} s, {delta}last event {timing.last_event:.3f} s, "
        f"largest gap {timing.largest_gap:.3f} s, {timing.deltas} deltas at {timing.arrivals} moments"
    )


def _clearly_later(first: float, short: Sequence[float], unstreamed: float | None) -> bool:
    if len(short) < ENOUGH_SHORT or unstreamed is None:
        return False
    return min(first, unstreamed) > max(short) + CLEARLY_LATER
