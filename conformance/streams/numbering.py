"""Whether each event says what it is, in its place: types, `event:` lines, sequence numbers, end markers.

Each function judges one aspect of a `Stream` and yields what departs from it; what is absent altogether is
another aspect's business, so that one fault shows once.
"""

from collections.abc import Iterator
from itertools import islice, pairwise

from conformance.streams.events import StreamEvent
from conformance.streams.findings import at, in_json
from conformance.streams.reading import DONE
from conformance.streams.stream import Stream
from conformance.streams.vocabulary import is_extension
from conformance.verdicts.verdict import Finding

MOST = 5
"""Findings of one kind that are worth reading; the rest is the same fault again."""


def data_has_a_type(stream: Stream) -> Iterator[Finding]:
    """The data of an event that is an object has a string `type`."""
    broken = {fault.event for fault in stream.faults if fault.kind in {"json", "object"}}
    for event in stream.reading.mislabelled:
        type_ = event.data.get("type")
        if event.number not in broken and not (isinstance(type_, str) and type_):
            yield Finding('a string "type" in the data', in_json(event.data), f"event {event.number}")


def events_have_an_event_line(stream: Stream) -> Iterator[Finding]:
    """Events of the contract have an `event:` line."""
    for event in stream.reading.mislabelled:
        if event.name is None and not is_extension(event.type):
            count = f"none ({stream.reading.unnamed} of {len(stream)} events have none)"
            yield Finding(f"the line «event: {event.type}»", count, at(event))
            return


def event_lines_name_the_type(stream: Stream) -> Iterator[Finding]:
    """The `event:` line of an event says the type of its data."""
    for event in stream.reading.mislabelled:
        if event.name != event.type and event.name is not None and event.data:
            yield Finding(f"the line «event: {event.type}»", f"event: {event.name}", at(event))


def events_are_numbered(stream: Stream) -> Iterator[Finding]:
    """Events of the contract have an integer sequence_number."""
    if stream.counts_up:
        return
    found = [
        event
        for event in stream.events
        if type(event.data.get("sequence_number")) is not int and not is_extension(event.type) and event.data
    ]
    for event in found[:1]:
        value = in_json(event.data["sequence_number"]) if "sequence_number" in event.data else "none"
        share = f"{value} ({len(found)} of {len(stream)} events lack one)"
        yield Finding("an integer sequence_number", share, at(event))


def numbers_rise(stream: Stream) -> Iterator[Finding]:
    """Sequence numbers do not repeat, fall or start anew."""
    pairs = (pair for pair in _neighbours(stream) if pair[1][0] <= pair[0][0])
    for (before, _), (after, event) in islice(pairs, MOST):
        yield Finding(f"a sequence_number above {before}", str(after), at(event))


def numbers_leave_none_out(stream: Stream) -> Iterator[Finding]:
    """Sequence numbers leave none out between events that both have one."""
    pairs = (pair for pair in _neighbours(stream) if pair[1][0] > pair[0][0] + 1)
    for (before, _), (after, event) in islice(pairs, MOST):
        yield Finding(f"sequence_number {before + 1}", str(after), at(event))


def numbers_start_at_0(stream: Stream) -> Iterator[Finding]:
    """The first sequence number is 0."""
    if len(stream) and not stream.counts_up:
        number, event = stream.reading.numbers[0], stream.milestones[0]
        if type(number) is int and number != 0:
            yield Finding("sequence_number 0 on the first event", str(number), at(event))


def _neighbours(stream: Stream) -> Iterator[tuple[tuple[int, StreamEvent], tuple[int, StreamEvent]]]:
    if stream.counts_up:
        return
    for before, after in pairwise(zip(stream.reading.numbers, stream, strict=False)):
        if type(before[0]) is int and type(after[0]) is int:
            yield before, after


def marker_is_the_literal(stream: Stream) -> Iterator[Finding]:
    """An end marker is the literal [DONE]."""
    for event in stream.done_markers:
        if event.data != DONE:
            yield Finding(f"data: {DONE}", f"data: {event.data}", f"event {event.number}")


def marker_comes_once(stream: Stream) -> Iterator[Finding]:
    """[DONE] comes no more than once."""
    for event in stream.done_markers[1:]:
        yield Finding(f"one {DONE}", "another", f"event {event.number}")


def marker_comes_last(stream: Stream) -> Iterator[Finding]:
    """No event comes after [DONE]."""
    for event in stream.done_markers[:1]:
        after = [other for other in stream.milestones if other.number > event.number]
        if after:
            yield Finding(f"nothing after {DONE}", after[0].type, at(after[0]))
