"""`tools` and `tool_choice`: who decides about calls, what calls carry, and the way back of a result."""

from collections.abc import Callable, Iterator

from conformance.checks.support.counting import COUNTED, grown
from conformance.checks.support.marks import covers, needs, on, without_fault
from conformance.checks.support.outcomes import outcome_of
from conformance.exchange import Exchange
from conformance.rules.acceptance import accepted, judge_accepted, judge_refused
from conformance.rules.answer import answer_of, says, was_cut
from conformance.rules.tools import arguments_fit_the_tool, calls_follow_the_choice, no_call_comes_twice
from conformance.run.record import Record
from conformance.scenarios.answers import (
    TOOL_CALL,
    TOOL_CALL_STREAM,
    TWO_TOOL_CALLS,
    TWO_TOOL_CALLS_STREAM,
)
from conformance.scenarios.request_fields import SCENARIOS
from conformance.scenarios.scenario import Scenario
from conformance.scenarios.tools import (
    NONCE,
    REQUIRED_WITHOUT_TOOLS,
    TOOL_RESULT,
    UNASKED,
    UNDECLARED_NAME,
)
from conformance.verdicts.judge import ATTEMPTS, Inconclusive, expect, judge_every
from conformance.verdicts.verdict import Finding

Note = Callable[[str], None]

AUTO = SCENARIOS["tool_choice=auto-accepted"]
NONE = SCENARIOS["tool_choice=none-accepted"]
REQUIRED = SCENARIOS["tool_choice=required-accepted"]
ALLOWED = SCENARIOS["tool_choice=allowed_tools-conflict"]
NAMED = SCENARIOS["tool_choice=function-accepted"]
ONE_AT_A_TIME = SCENARIOS["parallel_tool_calls=false-optional"]


@covers("request.tool_choice.effect")
@on(NONE, REQUIRED, NAMED, TOOL_CALL, TOOL_CALL_STREAM, UNASKED)
def test_tool_choice_decides_about_calls(attempts: tuple[Exchange, ...]) -> None:
    """none: no call. required: at least one. A name: that function, of the two declared, and no other."""

    def findings(attempt: Exchange) -> Iterator[Finding]:
        answer, choice = accepted(attempt), attempt.sent_json["tool_choice"]
        yield from calls_follow_the_choice(answer, choice)
        if choice != "none" and was_cut(answer) and not answer.of_type("function_call"):
            raise Inconclusive(f"{attempt.scenario}: the answer was cut, so that its call may be missing")

    judge_every(attempts, findings)


@covers("request.tool_choice.allowed")
@on(ALLOWED)
def test_only_allowed_tools_are_called(attempts: tuple[Exchange, ...]) -> None:
    """Where the provider takes `allowed_tools`, the other declared tools are not called."""

    def findings(attempt: Exchange) -> Iterator[Finding]:
        yield from calls_follow_the_choice(accepted(attempt), attempt.sent_json["tool_choice"])

    judge_every(attempts, findings)


@covers("request.tool_choice.auto")
@on(AUTO)
def test_auto_leaves_the_choice_to_the_model(exchange: Exchange, note: Note) -> None:
    """Either is right; the report says what the model did, as the control of none and required."""
    calls = [call.get("name") for _, call in accepted(exchange).of_type("function_call")]
    note(f"asked to use a tool, the model called {calls or 'none'}")


@covers("request.tools.effect")
@on(TOOL_CALL, TOOL_CALL_STREAM, TWO_TOOL_CALLS, TWO_TOOL_CALLS_STREAM, REQUIRED, NAMED, AUTO, UNASKED)
def test_arguments_fit_the_declared_parameters(attempts: tuple[Exchange, ...]) -> None:
    """A strict function gets arguments by its own schema: a client hands them on unread."""

    def findings(attempt: Exchange) -> Iterator[Finding]:
        answer = accepted(attempt)
        if not answer.of_type("function_call"):
            raise Inconclusive("the model called no tool")
        yield from arguments_fit_the_tool(answer, attempt.sent_json["tools"])

    judge_every(attempts, findings)


@covers("request.tools.once")
@needs(TOOL_CALL, TOOL_CALL_STREAM, REQUIRED, NAMED, dead=True)
def test_one_wish_is_one_call(record: Record) -> None:
    """Judged over several answers: that a model asks twice now and then is an accident."""
    outcomes = [record.outcome(asked) for asked in (TOOL_CALL, TOOL_CALL_STREAM, REQUIRED, NAMED)]
    found = [answer_of(outcome) for outcome in outcomes if isinstance(outcome, Exchange)]
    calling = [answer for answer in found if answer is not None and answer.of_type("function_call")]
    if len(calling) < ATTEMPTS:
        raise Inconclusive(f"{len(calling)} answers call a tool, and {ATTEMPTS} would show something")
    judge_every(calling, no_call_comes_twice)


@covers("request.parallel_tool_calls.effect")
@on(ONE_AT_A_TIME)
def test_one_call_at_a_time_where_parallel_calls_are_off(attempts: tuple[Exchange, ...]) -> None:
    """A client that cannot take two calls at once said so."""

    def findings(attempt: Exchange) -> Iterator[Finding]:
        calls = accepted(attempt).of_type("function_call")
        if len(calls) > 1:
            yield Finding("at most one function call", f"{len(calls)} calls", "$.output")

    judge_every(attempts, findings)


@covers("request.tools.result")
@on(TOOL_RESULT)
def test_result_of_a_tool_is_taken(scenario: Scenario, record: Record) -> None:
    """The conversation goes on with `function_call_output`: without that a tool is of no use."""
    judge_accepted(record.exchange(scenario), record.performed)


@covers("request.tools.result-read")
@on(TOOL_RESULT)
@needs(TOOL_CALL)
@needs(*COUNTED, dead=True)
def test_result_of_a_tool_reaches_the_model(exchange: Exchange, record: Record, note: Note) -> None:
    """The answer uses the result, or the input has at least grown by it."""
    answer, call = accepted(exchange), accepted(record.exchange(TOOL_CALL))
    if says(exchange, NONCE):
        note("the model used the result")
        return
    before, after = call.count("input_tokens"), answer.count("input_tokens")
    read = grown(record, before, after, "the model did not use the result")
    expect(read, f"more than the {before} input tokens of the call", after, "$.usage.input_tokens")
    raise Inconclusive(f"the result was read ({before} input tokens became {after}), but not used")


@covers("request.tool_choice.undeclared")
@on(UNDECLARED_NAME, dead=True)
@without_fault(AUTO)
def test_choice_of_an_undeclared_function_is_refused(scenario: Scenario, record: Record) -> None:
    """A call that no tool of the client's can answer is a mistake in the request."""
    judge_refused(outcome_of(record, scenario), record.performed)


@covers("request.tool_choice.without-tools")
@on(REQUIRED_WITHOUT_TOOLS, dead=True)
@without_fault(TOOL_CALL)
def test_required_call_without_tools_is_refused(scenario: Scenario, record: Record) -> None:
    """A call cannot be required where there is nothing to call."""
    judge_refused(outcome_of(record, scenario), record.performed)
