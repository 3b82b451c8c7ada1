"""Streams come as they are generated, end as their unstreamed twins do, and survive a client that leaves."""

from collections.abc import Callable, Iterator

import pytest

from conformance.checks.support.marks import covers, needs, on, without_fault
from conformance.checks.support.outcomes import is_taken, refused_or_answered
from conformance.contract.contracts import Contract
from conformance.exchange import Exchange
from conformance.rules.answer import answer_of
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
    TWINS,
)
from conformance.scenarios.errors import UNKNOWN_MODEL
from conformance.scenarios.request_fields import SCENARIOS
from conformance.scenarios.scenario import Scenario, Unsent
from conformance.scenarios.stream_time import (
    AFTER_HANG_UP,
    HUNG_UP_STREAM,
    TOO_HOT_STREAM,
    UNKNOWN_MODEL_STREAM,
)
from conformance.streams import parity
from conformance.streams.burst import deltas_are_spread_out, in_words
from conformance.streams.findings import keeps_to
from conformance.streams.members import known_members
from conformance.streams.preconditions import begun, ended
from conformance.streams.stream import Stream
from conformance.streams.vocabulary import Rule
from conformance.verdicts.judge import CannotJudge, Elsewhere, Inconclusive, Violation, expect, judge
from conformance.verdicts.verdict import Finding

TIGHT = 64
"""Output tokens: a limit that is meant to cut an answer, or may."""

LONG = 100
"""Characters of a text that is worth more than one delta."""

SHORT = frozenset({"text", "text-stream", "non-ascii-text", "non-ascii-text-stream", "stream-declined"})
"""The scenarios whose answers take a model next to no time."""

GONE = frozenset({"connect", "timeout", "cut", "protocol"})
"""How a request ends that a broken server no longer answers."""

OF_ANOTHER: tuple[Rule, ...] = ("created-first", "created-once", "terminal-once", "nothing-after-terminal")
"""Where a stream leaves its order when another one's events come in it."""

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
    judge(deltas_are_spread_out(begun(stream), short, whole[0] if whole else None))


@covers("stream.truncated")
@on(TRUNCATED_STREAM)
def test_cut_answer_is_called_incomplete(stream: Stream) -> None:
    """Judged by the usage: the limit of 16 tokens was reached."""
    response = ended(stream).response or {}
    usage = response.get("usage")
    used = usage.get("output_tokens") if isinstance(usage, dict) else None
    if not isinstance(used, int):
        raise Inconclusive("the output tokens are not counted, so nothing shows that it was cut at 16")
    if used < 16:
        raise Inconclusive(f"the answer took {used} output tokens, so it was not cut at 16")
    type_ = stream.terminal.type if stream.terminal else "nothing"
    expect(type_ == "response.incomplete", "response.incomplete", f"{type_} after {used} tokens")


@covers("stream.same-shape")
@pytest.mark.parametrize("twin", TWIN_ROWS)
def test_final_response_has_the_unstreamed_shape(
    twin: Scenario, stream: Stream, record: Record, contract: Contract
) -> None:
    """Keys and JSON types of what the contract knows; null and absent count as the same."""
    plain = _plain(record, twin)
    judge(parity.shapes_are_the_same(_final(stream), plain, known_members(contract)))


@covers("stream.same-status")
@pytest.mark.parametrize("twin", TWIN_ROWS)
def test_final_response_has_the_unstreamed_status(twin: Scenario, stream: Stream, record: Record) -> None:
    """completed or incomplete, the same both ways; a cap that chance hits in one of them is no difference."""
    _judge_alike(record, stream, twin, parity.statuses_are_the_same)


@covers("stream.same-items")
@pytest.mark.parametrize("twin", TWIN_ROWS)
def test_final_response_has_the_unstreamed_items(twin: Scenario, stream: Stream, record: Record) -> None:
    """Messages and calls; whether a model shows its reasoning is its own choice each time."""
    _judge_alike(record, stream, twin, parity.main_items_are_the_same)


def _judge_alike(record: Record, stream: Stream, twin: Scenario, differ: parity.Differ) -> None:
    """Judge what a sampled model may do in one answer and not in the next: no two attempts are alike.

    Raises Inconclusive where only the length at which an answer was cut may make the difference.
    """
    first, plain = _final(stream), _plain(record, twin)
    streamed = next(asked for asked, unstreamed in TWINS if unstreamed is twin)
    firsts = [first, *(record.stream(e).response for e in record.attempts(streamed)[1:])]
    plains = [plain, *(e.json.value for e in record.attempts(twin)[1:] if e.status == 200)]
    pairs = [(one, other) for one in firsts for other in plains if one and isinstance(other, dict)]
    if any(not list(differ(one, other)) for one, other in pairs):
        return
    if parity.cut_by_chance(first, plain) and not parity.always_cut_in_one_form(_unlimited(record)):
        raise Inconclusive("one of the two was cut, and the other ended before: how long it is, chance says")
    judge(differ(first, plain))


def _unlimited(record: Record) -> Iterator[tuple[parity.Response, parity.Response]]:
    """The final responses of the requests with room for their answers that were answered both ways."""
    for pair in TWINS:
        found = [record.outcomes.get(scenario.name) for scenario in pair]
        answers = [answer_of(outcome) for outcome in found if isinstance(outcome, Exchange)]
        told = [answer for answer in answers if answer and _roomy(answer.asked.get("max_output_tokens"))]
        if len(told) == len(pair):
            yield told[0].response, told[1].response


def _roomy(limit: object) -> bool:
    return not isinstance(limit, int) or limit > TIGHT


@covers("stream.refused-as-json")
@pytest.mark.parametrize(
    "unstreamed",
    [
        pytest.param(twin, id=streamed.name, marks=[on(streamed, dead=True), needs(twin, dead=True)])
        for streamed, twin in (
            (TOO_HOT_STREAM, SCENARIOS["temperature=2.01-rejected"]),
            (UNKNOWN_MODEL_STREAM, UNKNOWN_MODEL),
        )
    ],
)
@without_fault(TEXT_STREAM)
def test_refusal_is_not_streamed(scenario: Scenario, unstreamed: Scenario, record: Record) -> None:
    """The status tells a client, and every proxy between, that there is no answer."""
    if is_taken(record, unstreamed):
        raise Elsewhere(f"{unstreamed.name} is taken without a stream as well, which its field's row judges")
    exchange = refused_or_answered(record, scenario)
    status = exchange.status or 0
    came = exchange.body[:120].decode("utf-8", "replace")
    actual = f"HTTP {status}, {exchange.header('content-type')}: {came}"
    refused = 400 <= status < 500 and exchange.media_type != "text/event-stream"
    expect(refused, "a 4xx status, and no stream", actual)


@covers("stream.survives-hang-up")
@on(AFTER_HANG_UP)
@needs(TEXT_STREAM)
def test_stream_after_a_hang_up_is_its_own(stream: Stream, record: Record) -> None:
    """What the broken stream had left does not come. An order that is never kept is judged apart."""
    before = {found.rule for found in record.stream(record.exchange(TEXT_STREAM)).departures}
    judge(keeps_to(begun(stream), *(rule for rule in OF_ANOTHER if rule not in before)))


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
    output = response.get("output")
    if not isinstance(output, list) or (not output and response.get("status") == "completed"):
        judged = "response.output-not-empty" if output == [] else "response.output"
        raise Elsewhere(f"{twin.name}: no output to compare with, which {judged} judges")
    return response
