"""What a check of a stream needs before it can judge: that events came, and that their end did."""

from conformance.streams.grammar import Rule
from conformance.streams.stream import Stream
from conformance.verdicts.judge import CannotJudge
from conformance.verdicts.verdict import Finding


def heard(stream: Stream) -> Stream:
    """The stream, if any event came; whether one had to is the business of `stream.content-type`."""
    if not len(stream):
        raise CannotJudge("no event came, so there is no stream to judge")
    return stream


def ended(stream: Stream) -> Stream:
    """The stream, if it came to an end; that it does is the business of `stream.transfer`."""
    if heard(stream).cut and stream.terminal is None:
        raise CannotJudge(f"the connection was cut after {len(stream)} events, before the end")
    return stream


def departing(stream: Stream, *rules: Rule) -> list[Finding]:
    """Where the stream leaves these rules of the grammar."""
    return [
        Finding(found.allowed, found.came, f"event {found.event}")
        for found in stream.departures
        if found.rule in rules
    ]
