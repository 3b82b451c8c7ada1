"""Tools beyond functions: custom ones, hosted ones, and those that a client runs; where they are claimed."""

from collections.abc import Callable, Iterator

import pytest

from conformance.checks.support.marks import covers, needs, on, without_fault
from conformance.checks.support.outcomes import leave_stream, outcome_of
from conformance.checks.support.shapes import is_answered, judge_read, judge_taken, leave_no_response
from conformance.contract.contracts import Contract
from conformance.exchange import Exchange
from conformance.response import Body
from conformance.rules.acceptance import (
    accepted,
    judge_accepted,
    judge_either,
    judge_refused,
    leave_server_error,
    refusal,
)
from conformance.rules.agent_tools import (
    calls_that_tool_alone,
    events_tell_the_input,
    has_the_call,
    input_fits_the_grammar,
    input_is_raw,
)
from conformance.rules.agent_tools_state import (
    UNFINISHED,
    compaction_is_whole,
    is_ended,
    is_found_again,
)
from conformance.rules.answer import answer_of
from conformance.rules.refusals import status_is_one_of
from conformance.run.record import Record
from conformance.scenarios.agent_tools import (
    ADDED,
    ALL_FORCED,
    COLOURS,
    CUSTOM,
    CUSTOM_OUTPUT,
    CUSTOM_OUTPUT_PLAIN,
    CUSTOM_STREAM,
    CUSTOMS,
    GRAMMARS,
    NUMBER,
    UNDECLARED,
    Forced,
)
from conformance.scenarios.agent_tools_state import (
    BEGUN,
    BEGUN_TO_CANCEL,
    CANCELLED,
    CODE_WORD,
    COMPACTED,
    CONVERSATION,
    DELETIONS,
    FOUND,
    MARKED,
    REPLAYED,
    REPLAYED_PLAIN,
    SAID,
    TRIGGERED,
    UNSTORED,
    UNSTORED_FOUND,
    packed,
)
from conformance.scenarios.answers import TEXT
from conformance.scenarios.scenario import Scenario
from conformance.scenarios.shapes import Asked, says
from conformance.scenarios.storage import GET_STORED, STORED
from conformance.streams.stream import Stream
from conformance.verdicts.judge import Absent, Elsewhere, judge, judge_every
from conformance.verdicts.verdict import Finding

Note = Callable[[str], None]


@pytest.mark.parametrize("asked", [pytest.param(s, id=s.name, marks=needs(s, dead=True)) for s in CUSTOMS])
@covers("agent.custom.taken")
def test_custom_tool_is_taken(asked: Scenario, record: Record, contract: Contract, note: Note) -> None:
    """With a format of each kind, and without one."""
    leave_stream(record, outcome_of(record, asked))
    judge_taken("agent.custom.taken", asked, record, contract, note)


@covers("agent.custom.called")
@on(*CUSTOMS)
def test_custom_tool_is_called_as_what_it_is(attempts: tuple[Exchange, ...]) -> None:
    """A client runs a custom tool by the type of its call: a function of that name it does not know."""

    def findings(attempt: Exchange) -> Iterator[Finding]:
        tool = next(tool for tool in attempt.sent_json["tools"] if tool["type"] == "custom")
        yield from calls_that_tool_alone(accepted(attempt), tool["name"])

    judge_every(attempts, findings)


@covers("agent.custom.raw")
@on(CUSTOM, CUSTOM_STREAM)
def test_input_of_a_custom_tool_is_raw(attempts: tuple[Exchange, ...]) -> None:
    """A patch or a script in quotation marks is neither."""
    judge_every(attempts, lambda attempt: input_is_raw(_with_call(attempt)))


@covers("agent.custom.grammar")
@on(*GRAMMARS)
def test_input_of_a_custom_tool_fits_its_grammar(attempts: tuple[Exchange, ...]) -> None:
    """The model is told to write something else: a grammar is no request, but a limit."""
    judge_every(attempts, lambda attempt: input_fits_the_grammar(_with_call(attempt), COLOURS))


@covers("agent.custom.events")
@on(CUSTOM_STREAM)
def test_stream_tells_the_input_in_its_own_events(exchange: Exchange, stream: Stream) -> None:
    """`response.custom_tool_call_input.delta` and `.done`, and none of a function's."""
    _with_call(exchange)
    judge(events_tell_the_input(stream))


@covers("agent.custom.result")
@needs(CUSTOM_OUTPUT, dead=True)
def test_output_of_a_custom_tool_is_taken(record: Record, contract: Contract, note: Note) -> None:
    """Together with the call as it came."""
    judge_taken("agent.custom.result", CUSTOM_OUTPUT, record, contract, note)


@covers("agent.custom.result-read")
@needs(CUSTOM_OUTPUT, CUSTOM_OUTPUT_PLAIN, dead=True)
def test_output_of_a_custom_tool_reaches_the_model(record: Record) -> None:
    """A number in it comes back."""
    expected = f"{NUMBER}, which the tool answered"
    judge_read((CUSTOM_OUTPUT,), CUSTOM_OUTPUT_PLAIN, record, says(NUMBER), expected)


@covers("agent.choice.undeclared")
@on(UNDECLARED)
@without_fault(CUSTOM)
def test_choice_of_an_undeclared_custom_tool_is_refused(scenario: Scenario, record: Record) -> None:
    """A call that no tool of the client's can answer is a mistake in the request."""
    judge_refused(record.exchange(scenario), record.performed)


@pytest.mark.parametrize(
    "forced",
    [
        pytest.param(
            each, id=each.scenario.name, marks=[covers(each.requirement), needs(each.scenario, dead=True)]
        )
        for each in ALL_FORCED
    ],
)
def test_forced_tool_is_called_or_refused(forced: Forced, record: Record, note: Note) -> None:
    """Who has no such tool says so: an answer without the call is taken for one that needed none."""
    first = outcome_of(record, forced.scenario)
    leave_no_response(first)
    _judge_openness(first, record, note)

    def findings(attempt: Exchange) -> Iterator[Finding]:
        answer = accepted(attempt)
        yield from has_the_call(answer, forced.holds(answer), forced.expected)

    judge_every(record.attempts(forced.scenario), findings)


@covers("agent.additional-tools.twice")
@needs(*(added.scenario for added in ADDED), dead=True)
def test_tool_may_be_declared_and_added(record: Record) -> None:
    """Judged where a tool is taken that was added alone."""
    alone, twice = (outcome_of(record, added.scenario) for added in ADDED)
    if refusal(alone):
        raise Absent(f"{alone.scenario} was refused with HTTP {alone.status}")
    judge_accepted(twice, record.performed)


@covers("agent.compact.item")
@on(COMPACTED, dead=True)
def test_what_is_packed_can_be_sent_back(exchange: Exchange) -> None:
    """A compaction item has an id, and the content that stands for the conversation."""
    answer = accepted(exchange)
    if not answer.of_type("compaction"):
        raise Absent("the conversation came back in other items")
    judge(compaction_is_whole(answer))


@covers("agent.compact.replayed")
@needs(REPLAYED, dead=True)
def test_packed_conversation_is_taken_back(record: Record, contract: Contract, note: Note) -> None:
    """As it came: an item whose id was changed on the way fits its content no more."""
    judge_taken("agent.compact.replayed", REPLAYED, record, contract, note)


@covers("agent.compact.read")
@needs(REPLAYED, REPLAYED_PLAIN, dead=True)
def test_packed_conversation_is_remembered(record: Record) -> None:
    """The code word that was told before comes back."""
    judge_read((REPLAYED,), REPLAYED_PLAIN, record, says(CODE_WORD), f"the code word {CODE_WORD}")


@covers("agent.compact.triggered")
@on(TRIGGERED)
def test_trigger_packs_the_conversation(attempts: tuple[Exchange, ...], record: Record, note: Note) -> None:
    """A message in its place is the answer to a question that nobody asked."""
    _judge_openness(attempts[0], record, note)

    def findings(attempt: Exchange) -> Iterator[Finding]:
        answer = accepted(attempt)
        yield from has_the_call(answer, bool(packed(answer)), "a compaction item with its content")

    judge_every(attempts, findings)


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(
            each, id=each.name, marks=[covers(each.taken), needs(each.together, each.alone, dead=True)]
        )
        for each in SAID
    ],
)
def test_what_agents_say_of_their_prompts_is_taken(
    shape: Asked, record: Record, contract: Contract, note: Note
) -> None:
    """All in one request, or alone where that one is not answered."""
    where = shape.together if is_answered(record, shape.together) else shape.alone
    judge_taken(shape.taken, where, record, contract, note)


@covers("agent.cache-breakpoint")
@needs(MARKED, dead=True)
def test_mark_in_a_prompt_is_taken_or_refused(record: Record, contract: Contract, note: Note) -> None:
    """A model that knows no marks says so."""
    judge_taken("agent.cache-breakpoint", MARKED, record, contract, note)


@covers("agent.conversation.unknown")
@on(CONVERSATION)
@without_fault(TEXT)
def test_unknown_conversation_is_refused(scenario: Scenario, record: Record) -> None:
    """Who goes on without it answers with nothing of what was said."""
    judge_refused(record.exchange(scenario), record.performed)


@covers("agent.background.found")
@needs(BEGUN, FOUND, GET_STORED, dead=True)
def test_background_response_can_be_polled(record: Record, note: Note) -> None:
    """It is begun, and found by its id from then on."""
    _stored_responses_are_found(record)
    begun, found = outcome_of(record, BEGUN), record.outcome(FOUND)
    _judge_openness(begun, record, note)
    judge(is_found_again(accepted(begun), found if isinstance(found, Exchange) else None))


@covers("agent.background.cancelled")
@needs(BEGUN_TO_CANCEL, CANCELLED, GET_STORED, dead=True)
def test_background_response_can_be_cancelled(record: Record, note: Note) -> None:
    """Or it was finished before that, and says so."""
    _stored_responses_are_found(record)
    begun, cancelled = outcome_of(record, BEGUN_TO_CANCEL), outcome_of(record, CANCELLED)
    _judge_openness(begun, record, note)
    judge(is_ended(cancelled))


@covers("agent.background.unstored")
@needs(UNSTORED, UNSTORED_FOUND, GET_STORED, dead=True)
def test_background_response_that_is_not_stored_is_refused_or_ends(record: Record, note: Note) -> None:
    """What is neither stored nor finished can never be had."""
    begun, found = outcome_of(record, UNSTORED), record.outcome(UNSTORED_FOUND)
    leave_server_error(begun, record.performed)
    _judge_openness(begun, record, note)
    answer = accepted(begun)
    if answer.status in UNFINISHED:
        _stored_responses_are_found(record)
        judge(is_found_again(answer, found if isinstance(found, Exchange) else None))


@covers("agent.background.cleaned")
@on(*DELETIONS)
def test_what_ran_in_the_background_is_deleted(exchange: Exchange) -> None:
    """An observation: the run tidies up."""
    judge(status_is_one_of(exchange, "HTTP 200", 200, 202, 204))


def _stored_responses_are_found(record: Record) -> None:
    """Go on only where responses can be found by their ids at all; raises Absent, or Elsewhere."""
    if not is_answered(record, GET_STORED):
        raise Absent(f"{GET_STORED.name} finds no stored response")
    if any(is_found_again(accepted(record.exchange(STORED)), record.exchange(GET_STORED))):
        raise Elsewhere(f"{GET_STORED.name} brought no response of that id, which storage.same judges")


def _judge_openness(exchange: Exchange, record: Record, note: Note) -> None:
    """Go on only with an answer; raises Absent where the provider says that it cannot do it."""
    answer = answer_of(exchange)
    if answer is not None and answer.status == "failed":
        raise Absent(f"{exchange.scenario} failed openly")
    judge_either(exchange, record.performed, note)
    if refusal(exchange):
        raise Absent(f"{exchange.scenario} was refused with HTTP {exchange.status}")


def _with_call(exchange: Exchange) -> Body:
    """The answer, where it has a call to look at."""
    answer = accepted(exchange)
    if not answer.of_type("custom_tool_call"):
        raise Absent("the answer has no custom_tool_call, which agent.custom.called judges")
    return answer
