"""What a check of a stream needs before it can judge: that events came, and that their end did."""

from conformance.streams.stream import Stream
from conformance.verdicts.judge import CannotJudge, Elsewhere


def begun(stream: Stream) -> Stream:
    """The stream, if any event came; whether one had to is the business of `stream.content-type`."""
    if len(stream):
        return stream
    if stream.cut:
        raise CannotJudge("no event came before the connection was cut, so there is no stream to judge")
    raise Elsewhere("no event came, so there is no stream to judge: stream.content-type judges that")


def ended(stream: Stream) -> Stream:
    """The stream, if it came to an end; that it does is the business of `stream.transfer`."""
    if begun(stream).cut and stream.terminal is None:
        raise CannotJudge(f"the connection was cut after {len(stream)} events, before the end")
    return stream
