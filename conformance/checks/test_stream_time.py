"""Streams come as they are generated, end as their unstreamed twins do, and survive a client that leaves."""

from collections.abc import Callable

import pytest

from conformance.checks.support.marks import covers, needs, on, without_fault
from conformance.checks.support.outcomes import answered
from conformance.exchange import Exchange
from conformance.rules.unanswered import unanswered
from conformance.run.record import Record
from conformance.scenarios.answers import (
    LONG_TEXT,
    LONG_TEXT_STREAM,
    NON_ASCII_STREAM,
    STREAMS,
    TEXT,
    TEXT_STREAM,
    TRUNCATED_STREAM,
)
from conformance.scenarios.scenario import Scenario, Unsent
from conformance.scenarios.streams import (
    AFTER_HANG_UP,
    HUNG_UP_STREAM,
    TOO_HOT_STREAM,
    TWINS,
    UNKNOWN_MODEL_STREAM,
)
from conformance.streams import parity
from conformance.streams.burst import held_back, in_words
from conformance.streams.preconditions import begun, ended
from conformance.streams.stream import Stream
from conformance.verdicts.judge import CannotJudge, Elsewhere, Inconclusive, Violation, expect, judge
from conformance.verdicts.verdict import Finding

LONG = 100
"""Characters of a text that is worth more than one delta."""

SHORT = frozenset({"text", "text-stream", "non-ascii-text", "non-ascii-text-stream", "stream-declined"})
"""The scenarios whose answers take a model next to no time."""

GONE = frozenset({"connect", "timeout", "cut", "protocol"})
"""How a request ends that a broken server no longer answers."""

TWIN_ROWS = [
    pytest.param(twin, id=streamed.name, marks=[on(streamed), needs(twin)]) for streamed, twin in TWINS
]


@covers("stream.timing")
@on(*STREAMS)
def test_arrivals_are_recorded(stream: Stream, note: Callable[[str], None]) -> None:
    """Written down for every stream, judged for none."""
    note(in_words(begun(stream).timing))


@covers("stream.several-deltas")
@on(LONG_TEXT_STREAM)
def test_long_text_comes_in_several_deltas(stream: Stream) -> None:
    """How many is the provider's choice."""
    text = max(begun(stream).reassembly.texts, key=lambda text: len(text.agreed), default=None)
    if text is None or len(text.agreed) < LONG:
        raise Inconclusive("the model gave a short answer, which may come in one delta")
    expect(len(text.pieces) != 1, "several deltas", f"one delta of {len(text.agreed)} characters")


@covers("stream.incremental")
@on(LONG_TEXT_STREAM)
@needs(LONG_TEXT, TEXT, TEXT_STREAM, NON_ASCII_STREAM)
def test_deltas_come_as_they_are_generated(stream: Stream, record: Record) -> None:
    """Judged by the chunks' arrivals; a quick answer and a slow start are no violation."""
    short = [answer.duration for answer in record.answers() if answer.scenario in SHORT]
    whole = [answer.duration for answer in record.answers() if answer.scenario == LONG_TEXT.name]
    judge(held_back(begun(stream), short, whole[0] if whole else None))


@covers("stream.truncated")
@on(TRUNCATED_STREAM)
def test_cut_answer_is_called_incomplete(stream: Stream) -> None:
    """Judged by the usage: the limit of 16 tokens was reached."""
    response = ended(stream).response or {}
    usage = response.get("usage")
    used = usage.get("output_tokens") if isinstance(usage, dict) else None
    if not isinstance(used, int) or used < 16:
        raise Inconclusive(f"the answer took {used} output tokens, so it was not cut at 16")
    type_ = stream.terminal.type if stream.terminal else "nothing"
    expect(type_ == "response.incomplete", "response.incomplete", f"{type_} after {used} tokens")


@covers("stream.same-shape")
@pytest.mark.parametrize("twin", TWIN_ROWS)
def test_final_response_has_the_unstreamed_shape(twin: Scenario, stream: Stream, record: Record) -> None:
    """Keys and JSON types; null and absent count as the same."""
    judge(parity.shape(_final(stream), _plain(record, twin)))


@covers("stream.same-status")
@pytest.mark.parametrize("twin", TWIN_ROWS)
def test_final_response_has_the_unstreamed_status(twin: Scenario, stream: Stream, record: Record) -> None:
    """completed or incomplete, the same both ways."""
    judge(parity.status(_final(stream), _plain(record, twin)))


@covers("stream.same-items")
@pytest.mark.parametrize("twin", TWIN_ROWS)
def test_final_response_has_the_unstreamed_items(twin: Scenario, stream: Stream, record: Record) -> None:
    """Messages and calls; whether a model shows its reasoning is its own choice each time."""
    judge(parity.items(_final(stream), _plain(record, twin)))


@covers("stream.refused-as-json")
@on(TOO_HOT_STREAM, UNKNOWN_MODEL_STREAM, dead=True)
@without_fault(TEXT_STREAM)
def test_refusal_is_not_streamed(scenario: Scenario, record: Record) -> None:
    """The status tells a client, and every proxy between, that there is no answer."""
    exchange = answered(record, scenario)
    status = exchange.status or 0
    came = exchange.body[:120].decode("utf-8", "replace")
    actual = f"HTTP {status}, {exchange.header('content-type')}: {came}"
    refused = 400 <= status < 500 and isinstance(exchange.json.value, dict)
    expect(refused and exchange.media_type != "text/event-stream", "a JSON error with a 4xx status", actual)


@covers("stream.survives-hang-up")
@on(AFTER_HANG_UP)
@needs(HUNG_UP_STREAM, TEXT_STREAM)
def test_request_after_a_hang_up_is_answered(exchange: Exchange, record: Record) -> None:
    """A client closed the connection in the middle of a long answer; this request came after."""
    for before in (record.exchange(HUNG_UP_STREAM), record.exchange(TEXT_STREAM)):
        if before.status != 200:
            raise unanswered(before)
    if ended(record.stream(before)).terminal is None:
        raise unanswered(before)
    came = f"HTTP {exchange.status}, {len(record.stream(exchange))} events"
    whole = exchange.status == 200 and record.stream(exchange).terminal is not None
    expect(whole, "the same request answered as before", came)


@covers("stream.survives-hang-up")
@on(HUNG_UP_STREAM)
@needs(TEXT_STREAM)
@needs(AFTER_HANG_UP, dead=True)
def test_server_is_still_there_after_a_hang_up(exchange: Exchange, record: Record) -> None:
    """A request that finds nobody is dead evidence elsewhere; here it is what may not happen."""
    if exchange.status != 200:
        raise unanswered(exchange)
    after = record.outcome(AFTER_HANG_UP)
    if isinstance(after, Unsent):
        raise CannotJudge(after.reason)
    if after.fault is not None and after.fault.kind in GONE:
        asked = Finding("the next request answered as before", after.fault.message, "", AFTER_HANG_UP.name)
        raise Violation(asked)


def _final(stream: Stream) -> dict[str, object]:
    response = ended(stream).response
    if response is None:
        raise Elsewhere("no event brings a response to compare, which the requirements of its end judge")
    return response


def _plain(record: Record, twin: Scenario) -> dict[str, object]:
    """The response of the same request without `stream`, however it came."""
    exchange = record.exchange(twin)
    response = record.response(exchange) if exchange.status == 200 else None
    if response is None:
        raise unanswered(exchange)
    return response
