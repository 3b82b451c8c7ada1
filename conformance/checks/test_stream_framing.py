"""A streamed answer is an event stream, each of its events says what it is, and its number."""

from collections.abc import Callable

import pytest

from conformance.checks.support.marks import covers, needs, on
from conformance.checks.support.outcomes import outcome_of
from conformance.contract.contracts import Contract
from conformance.exchange import Exchange, trouble
from conformance.rules.acceptance import begins, judge_accepted, refusal
from conformance.rules.unanswered import unanswered
from conformance.run.record import Record
from conformance.scenarios.answers import STREAMS, TEXT, TWINS
from conformance.scenarios.scenario import Scenario
from conformance.scenarios.stream_framing import DECLINED
from conformance.streams import event_fields, numbering
from conformance.streams.preconditions import begun
from conformance.streams.reading import StreamFault
from conformance.streams.stream import Stream
from conformance.verdicts.judge import Absent, Elsewhere, expect, judge
from conformance.verdicts.verdict import Finding

SSE = "text/event-stream"


@covers("stream.accepted")
@pytest.mark.parametrize(
    "twin",
    [
        pytest.param(twin, id=streamed.name, marks=[on(streamed, dead=True), needs(twin, dead=True)])
        for streamed, twin in TWINS
    ],
)
def test_stream_is_accepted(twin: Scenario, scenario: Scenario, record: Record) -> None:
    """What is answered without `stream` is answered with it."""
    plain = record.outcome(twin)
    if isinstance(plain, Exchange) and refusal(plain):
        raise Absent(f"{twin.name} is refused without a stream as well: HTTP {plain.status}")
    exchange = outcome_of(record, scenario)
    if exchange.status == 200 and not trouble(exchange) and not begins(exchange):
        raise Elsewhere("HTTP 200 without any event, which stream.content-type judges")
    judge_accepted(exchange, record.performed)


@covers("stream.content-type")
@on(*STREAMS)
def test_stream_is_sent_as_an_event_stream(exchange: Exchange) -> None:
    """The type decides who reads the body; parameters such as a charset are allowed."""
    if exchange.status != 200:
        raise unanswered(exchange)
    actual = f"{exchange.header('content-type')}: {_beginning(exchange)}"
    expect(exchange.media_type == SSE, SSE, actual, "content-type")
    came = len(Stream.of(exchange)) > 0 or exchange.fault is not None
    expect(came, "events", f"none: {_beginning(exchange)}")


@covers("stream.default-is-json")
@on(TEXT)
def test_answer_is_json_by_default(exchange: Exchange) -> None:
    """`stream` is left out of this request."""
    _expect_json(exchange)


@covers("stream.false-is-json")
@on(DECLINED)
def test_declined_stream_is_json(exchange: Exchange) -> None:
    """`stream` is false in this request."""
    _expect_json(exchange)


@covers("stream.transfer")
@on(*STREAMS)
def test_connection_is_not_cut(exchange: Exchange, stream: Stream) -> None:
    """The body ends with its last chunk or its stated length."""
    fault = exchange.fault
    after = f"after {len(stream)} events"
    expect(fault is None, "the end of the body", f"{fault.message if fault else ''} {after}")


@covers("stream.data-json")
@on(*STREAMS)
def test_data_is_json(stream: Stream) -> None:
    """Duplicate keys, NaN and lone surrogates included."""
    judge(_faults(stream, "json", "one JSON text"))


@covers("stream.data-object")
@on(*STREAMS)
def test_data_is_an_object(stream: Stream) -> None:
    """Not a string that holds the object once more."""
    judge(_faults(stream, "object", "one JSON object"))


@covers("stream.data-type")
@on(*STREAMS)
def test_data_names_its_type(stream: Stream) -> None:
    """In the data itself: many clients never see the `event:` line."""
    judge(numbering.data_has_a_type(begun(stream)))


@covers("stream.event-line")
@on(*STREAMS)
def test_event_line_is_there(stream: Stream) -> None:
    """A vendor's own events may do without."""
    judge(numbering.events_have_an_event_line(begun(stream)))


@covers("stream.event-line-type")
@on(*STREAMS)
def test_event_line_says_the_type(stream: Stream) -> None:
    """Where there is a line."""
    judge(numbering.event_lines_name_the_type(begun(stream)))


@covers("stream.sequence-number")
@on(*STREAMS)
def test_events_are_numbered(stream: Stream) -> None:
    """A vendor's own events may do without."""
    judge(numbering.events_are_numbered(begun(stream)))


@covers("stream.sequence-increases")
@on(*STREAMS)
def test_sequence_numbers_rise(stream: Stream) -> None:
    """Repeats and restarts make a client drop events."""
    judge(numbering.numbers_rise(begun(stream)))


@covers("stream.sequence-contiguous")
@on(*STREAMS)
def test_sequence_numbers_leave_none_out(stream: Stream) -> None:
    """A gap is a lost event."""
    judge(numbering.numbers_leave_none_out(begun(stream)))


@covers("stream.sequence-start")
@on(*STREAMS)
def test_sequence_numbers_start_at_zero(stream: Stream) -> None:
    """Resuming counts from there."""
    judge(numbering.numbers_start_at_0(begun(stream)))


@covers("stream.event-fields")
@on(*STREAMS)
def test_events_have_their_fields(stream: Stream, contract: Contract) -> None:
    """What one source alone requires may be left out."""
    judge(event_fields.required_fields_are_there(begun(stream), contract))


@covers("stream.event-field-types")
@on(*STREAMS)
def test_fields_have_their_types(stream: Stream, contract: Contract) -> None:
    """Indices are integers from 0, deltas are strings."""
    judge(event_fields.fields_have_their_types(begun(stream), contract))


@covers("stream.done-literal")
@on(*STREAMS)
def test_end_marker_is_the_literal(stream: Stream) -> None:
    """Judged where there is a marker."""
    judge(numbering.marker_is_the_literal(begun(stream)))


@covers("stream.done-once")
@on(*STREAMS)
def test_end_marker_comes_once(stream: Stream) -> None:
    """Judged where there is a marker."""
    judge(numbering.marker_comes_once(begun(stream)))


@covers("stream.done-last")
@on(*STREAMS)
def test_end_marker_is_last(stream: Stream) -> None:
    """Judged where there is a marker."""
    judge(numbering.marker_comes_last(begun(stream)))


@covers("stream.last-event-terminated")
@on(*STREAMS)
def test_last_event_is_finished(stream: Stream) -> None:
    """A cut connection is judged by itself."""
    judge(() if stream.cut else _faults(stream, "unterminated", "a blank line after the last event"))


@covers("stream.utf-8")
@on(*STREAMS)
def test_bytes_are_utf_8(stream: Stream) -> None:
    """Judged on the bytes, whatever the charset parameter says."""
    judge(_faults(stream, "utf-8", "UTF-8"))


@covers("stream.event-id")
@on(*STREAMS)
def test_events_have_no_id_line(stream: Stream) -> None:
    """They are legal in an event stream, and promise more than is kept."""
    identified = begun(stream).reading.identified
    expect(not identified, "no id line", f"{identified} of {len(stream)} events have one")


@covers("stream.done-present")
@on(*STREAMS)
def test_end_marker_is_there(stream: Stream) -> None:
    """Recorded only, where the contract leaves it open."""
    expect(bool(begun(stream).done_markers) or stream.cut, "data: [DONE]", "no end marker")


@covers("stream.known-events")
@on(*STREAMS)
def test_event_types_are_known(stream: Stream, contract: Contract, note: Callable[[str], None]) -> None:
    """An unknown type is an extension; it is written down."""
    for type_ in event_fields.unknown(begun(stream), contract)[:10]:
        note(f"the contract has no event type {type_}")


def _faults(stream: Stream, kind: str, expected: str) -> list[Finding]:
    found: list[StreamFault] = [fault for fault in begun(stream).faults if fault.kind == kind]
    return [Finding(expected, fault.message, f"event {fault.event}") for fault in found]


def _expect_json(exchange: Exchange) -> None:
    if exchange.status != 200:
        raise unanswered(exchange)
    streams = exchange.media_type == SSE or exchange.body.lstrip().startswith((b"data:", b"event:"))
    if not streams and not isinstance(exchange.json.value, dict):
        raise unanswered(exchange)
    actual = f"{exchange.header('content-type')}: {_beginning(exchange)}"
    expect(not streams, "one JSON object", actual, "content-type")


def _beginning(exchange: Exchange) -> str:
    return exchange.body[:80].decode("utf-8", "replace")
