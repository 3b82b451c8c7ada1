"""An accepted value is followed into the response: its echo, its default, its effect."""

from collections.abc import Callable, Iterator

import pytest
from _pytest.mark import ParameterSet

from conformance.checks.support.bodies import bodies
from conformance.checks.support.families import UNASKED, streams_unasked
from conformance.checks.support.marks import covers, each, needs, on, without_fault
from conformance.contract.boundaries import Case, Field, Marker
from conformance.contract.contracts import Contract
from conformance.exchange import Exchange
from conformance.rules.acceptance import accepted, refusal
from conformance.rules.answer import at_path, echoes_what_was_sent, shows_the_default, spelled
from conformance.rules.honoured import (
    output_stays_within_the_limit,
    text_ends_before_the_stop,
    words_stay_within_the_limit,
)
from conformance.rules.unanswered import unanswered
from conformance.rules.usage import output_tokens_vary
from conformance.run.record import Record
from conformance.scenarios.answers import (
    LONG_TEXT,
    NON_ASCII_TEXT,
    STOPPED,
    STOPPED_STREAM,
    TEXT,
    TRUNCATED,
    TRUNCATED_STREAM,
)
from conformance.scenarios.honoured import (
    AFTER_STOP,
    BEFORE_STOP,
    ECHO_STREAM,
    IN_FULL,
    STOP,
    STOP_CONTROL,
    STOP_IN_OWN_WORDS,
)
from conformance.scenarios.request_fields import MINIMAL, SCENARIOS, FieldScenarios, field_scenarios
from conformance.shown import shown
from conformance.streams.stream import Stream
from conformance.verdicts.judge import (
    Absent,
    CannotJudge,
    Elsewhere,
    Inconclusive,
    expect,
    judge,
    judge_every,
)
from conformance.verdicts.verdict import Finding

Note = Callable[[str], None]


def _echoes(fields: FieldScenarios) -> Iterator[ParameterSet]:
    for case in fields.cases:
        sent = not isinstance(case.value, Marker) and case.value is not None
        if case.path in fields.echoes and sent and case.aspect in {"accepted", "accepted-should", "optional"}:
            marks = [covers(f"request.{case.path}.echo"), on(fields.scenarios[case.id])]
            yield pytest.param(case, id=case.id.rpartition("-")[0], marks=marks)


def _defaults(fields: FieldScenarios) -> Iterator[ParameterSet]:
    for field in fields.fields:
        if field.path in fields.echoes and "default" in field.page:
            yield pytest.param(field, id=field.path, marks=covers(f"request.{field.path}.default"))


def _limits(fields: FieldScenarios) -> Iterator[ParameterSet]:
    for case in fields.cases:
        numeric = isinstance(case.value, int | float) and case.aspect in {"accepted", "conflict"}
        if case.path == "max_output_tokens" and numeric:
            yield pytest.param(case.value, id=f"{case.value}-tokens", marks=on(fields.scenarios[case.id]))
    yield pytest.param(16, id="streamed", marks=on(TRUNCATED_STREAM))


def _efforts(fields: FieldScenarios) -> Iterator[ParameterSet]:
    for case in fields.cases:
        if case.path == "reasoning.effort" and case.value in {"none", "low", "medium", "high", "xhigh"}:
            yield pytest.param(case, id=f"effort={case.value}", marks=on(fields.scenarios[case.id]))


def _summaries(fields: FieldScenarios) -> Iterator[ParameterSet]:
    for case in fields.cases:
        if case.path == "reasoning.summary" and case.aspect.startswith("accepted"):
            yield pytest.param(case, id=f"summary={case.value}", marks=on(fields.scenarios[case.id]))


@each("case", _echoes)
def test_response_repeats_what_was_sent(
    case: Case, exchange: Exchange, contract: Contract, note: Note
) -> None:
    """A client that keeps the response knows how it was made: 0 comes back as 0, not as the default."""
    answer, how = accepted(exchange), field_scenarios(contract).echoes[case.path]
    judge(echoes_what_was_sent(answer, case.path, case.value, how))
    note(f"{case.path}: {shown(spelled(at_path(answer, case.path)), 80)}")


@covers("request.stream.echo")
@on(ECHO_STREAM)
def test_streamed_response_repeats_what_was_sent(exchange: Exchange, contract: Contract) -> None:
    """A stream's final response tells how it was made, as an unstreamed one does."""
    answer, sent = accepted(exchange), exchange.sent_json
    judge(
        finding
        for path, how in field_scenarios(contract).echoes.items()
        if path in sent
        for finding in echoes_what_was_sent(answer, path, sent[path], how)
    )


@on(MINIMAL)
@each("field", _defaults)
def test_response_shows_the_default_of_a_field_left_out(field: Field, exchange: Exchange) -> None:
    """What a client leaves out has the value that the documentation says."""
    page = field.page
    judge(shows_the_default(accepted(exchange), field.path, page["default"], page["x-echo"]))


@covers("request.stream.effect")
@pytest.mark.parametrize(
    "streamed",
    [
        pytest.param(value == "true", id=f"stream={value}", marks=on(SCENARIOS[f"stream={value}-accepted"]))
        for value in ("true", "false", "absent")
    ],
)
@needs(TEXT, dead=True)
def test_stream_chooses_how_the_answer_comes(exchange: Exchange, streamed: bool, record: Record) -> None:
    """A client reads JSON where it asked for JSON, and events where it asked for a stream."""
    if refusal(exchange):
        raise Absent(f"{exchange.scenario} was refused with HTTP {exchange.status}")
    if exchange.status != 200:
        raise unanswered(exchange)
    if streams_unasked(record, exchange):
        raise Elsewhere(f"{exchange.scenario}: {UNASKED}")
    came_as_stream = exchange.media_type == "text/event-stream"
    if streamed and not came_as_stream and len(Stream.of(exchange)) > 0:
        raise Elsewhere(f"{exchange.scenario}: events of another type, which stream.content-type judges")
    expected = "text/event-stream" if streamed else "application/json"
    expect(came_as_stream is streamed, expected, exchange.media_type or "no Content-Type", "Content-Type")


@covers("request.max_output_tokens.effect")
@each("limit", _limits)
@needs(LONG_TEXT, TEXT, NON_ASCII_TEXT, dead=True)
def test_output_stays_within_the_limit(limit: float, exchange: Exchange, record: Record) -> None:
    """A client that limits an answer limits its bill; a count that is always the same proves nothing."""
    answer = accepted(exchange)
    if answer.count("output_tokens") is None and not answer.text:
        raise CannotJudge("the response has neither text nor a count of its output tokens")
    judge(words_stay_within_the_limit(answer, limit))
    if any(output_tokens_vary(bodies(record))):
        raise Elsewhere("every answer costs the same, which usage.output-varies judges")
    judge(output_stays_within_the_limit(answer, limit))


@covers("request.max_output_tokens.incomplete")
@on(TRUNCATED, TRUNCATED_STREAM)
@needs(LONG_TEXT)
def test_answer_cut_at_the_limit_says_so(exchange: Exchange, record: Record) -> None:
    """A client must not take half an answer for a whole one."""
    answer, limit = accepted(exchange), exchange.sent_json["max_output_tokens"]
    used = answer.count("output_tokens")
    if used == 0 and answer.text:
        raise Elsewhere("the output costs 0 tokens, which usage.output-counted judges")
    whole = accepted(record.exchange(LONG_TEXT))
    longer = (whole.count("output_tokens") or 0) > limit and whole.text != answer.text
    if used is not None and used < limit and not _is_beginning(answer.text, whole.text):
        raise Inconclusive(f"the model ended after {used} tokens by itself, before the limit of {limit}")
    if not longer:
        raise Inconclusive("the model's whole answer is no longer than the limit")
    expect(answer.status == "incomplete", "incomplete", shown(answer.status), "$.status")
    details = answer.response.get("incomplete_details")
    if isinstance(details, dict) and "reason" in details:
        reason = details["reason"]
        expect(
            reason == "max_output_tokens", "max_output_tokens", shown(reason), "$.incomplete_details.reason"
        )


def _is_beginning(text: str, whole: str) -> bool:
    return text.strip() != "" and len(text.strip()) < len(whole.strip()) and whole.startswith(text.strip())


@covers("request.stop.effect")
@on(STOPPED, STOPPED_STREAM)
@needs(STOP_CONTROL)
def test_text_ends_before_the_stop_sequence(attempts: tuple[Exchange, ...], record: Record) -> None:
    """The text before the sequence is there; the sequence and what follows it are not."""
    said = accepted(record.exchange(STOP_CONTROL)).text
    obeys = IN_FULL in said

    def findings(attempt: Exchange) -> Iterator[Finding]:
        answer = accepted(attempt)
        yield from text_ends_before_the_stop(answer, STOP)
        if obeys and BEFORE_STOP not in answer.text:
            yield Finding(f"{BEFORE_STOP}, which stands before {STOP}", shown(answer.text) or "an empty text")
        if obeys and AFTER_STOP in answer.text and STOP not in answer.text:
            yield Finding(f"nothing of what follows {STOP}", shown(answer.text))

    judge_every(attempts, findings)
    if not obeys:
        raise Inconclusive(f"without the stop the model does not say {IN_FULL}: {shown(said, 120)!r}")


@covers("request.stop.effect")
@on(STOP_IN_OWN_WORDS)
def test_text_ends_before_a_word_of_the_models_own(exchange: Exchange) -> None:
    """The same for a model that does not say what it is told: its own answer lends the word."""
    word = exchange.sent_json["stop"]
    judge(text_ends_before_the_stop(accepted(exchange), word))


@covers("request.n.effect")
@on(SCENARIOS["n=2-conflict"])
@without_fault(TEXT)
def test_two_choices_are_honoured_refused_or_ignored(exchange: Exchange, note: Note) -> None:
    """The page offers `n` and shows no place for a second choice: the report says what became of it."""
    if refusal(exchange):
        note(f"n=2 is refused with HTTP {exchange.status}")
        return
    messages = len(accepted(exchange).of_type("message"))
    note(f"n=2 is {'honoured' if messages > 1 else 'accepted and ignored'}: {messages} messages came")


@covers("request.reasoning.effort.effect")
@each("case", _efforts)
def test_effort_shows_in_the_reasoning_tokens(case: Case, exchange: Exchange, note: Note) -> None:
    """No effort means no reasoning tokens; how many more effort takes is the model's."""
    thought = accepted(exchange).count("reasoning_tokens", "output_tokens_details")
    note(f"effort {case.value}: {'uncounted' if thought is None else thought} reasoning tokens")
    if case.value == "none" and thought is not None:
        expect(thought == 0, "0 reasoning tokens", thought, "$.usage.output_tokens_details.reasoning_tokens")


@covers("request.reasoning.summary.effect")
@each("case", _summaries)
def test_summary_shows_in_a_reasoning_item(case: Case, exchange: Exchange, note: Note) -> None:
    """Whether thoughts that were summed up came along; a model that did not think has none to sum up."""
    thoughts = accepted(exchange).of_type("reasoning")
    parts = sum(len(item["summary"]) for _, item in thoughts if isinstance(item.get("summary"), list))
    note(f"summary {case.value}: {len(thoughts)} reasoning items with {parts} summary parts")


@covers("request.text.verbosity.effect")
@on(SCENARIOS["text.verbosity=low-accepted"])
@needs(SCENARIOS["text.verbosity=high-accepted"])
def test_verbosity_shows_in_the_length(exchange: Exchange, record: Record, note: Note) -> None:
    """How long the answers are is the model's: the report shows it."""
    high = accepted(record.exchange(SCENARIOS["text.verbosity=high-accepted"]))
    note(f"low: {len(accepted(exchange).text)} characters, high: {len(high.text)} characters")
