"""What the parts of a response say of each other, and the responses of a run of each other."""

from collections.abc import Callable, Iterable

import pytest

from conformance.checks.support.bodies import bodies
from conformance.checks.support.families import EVERY, STREAMED, for_each, judge_answers
from conformance.checks.support.marks import covers, needs
from conformance.contract.boundaries import Marker
from conformance.response import Body
from conformance.rules import (
    response_consistency,
    response_consistency_texts,
    response_consistency_times,
    storage,
)
from conformance.rules.response_items import a_call_breaks_off
from conformance.rules.unanswered import unanswered
from conformance.run.record import Record
from conformance.scenarios.answers import (
    CONVERSATION,
    LONG_TEXT,
    NON_ASCII_STREAM,
    NON_ASCII_TEXT,
    REASONING,
    TEXT,
    TEXT_STREAM,
    TOOL_CALL,
    TOOL_CALL_STREAM,
    TRUNCATED_STREAM,
    TWO_TOOL_CALLS,
)
from conformance.scenarios.request_fields import CASES, SCENARIOS
from conformance.scenarios.response_consistency import SPECIAL_TEXT
from conformance.scenarios.tools import CUT_CALL
from conformance.verdicts.judge import CannotJudge, Inconclusive, judge
from conformance.verdicts.verdict import Finding

Judge = Callable[[Body], Iterable[Finding]]

FEWEST = 3
"""How many completed answers must all be empty before that is how the endpoint answers."""

MISNAMED = frozenset(
    SCENARIOS[case.id].name for case in CASES if case.path == "model" and case.value is not Marker.GIVEN
)
"""The requests that name another model than the profile's, to see whether it is refused."""


def _model_is_the_one_asked_for(body: Body) -> Iterable[Finding]:
    """Whether a model may be taken that is not the profile's, the rows of the field `model` judge."""
    return () if body.exchange.scenario in MISNAMED else response_consistency.model_is_the_one_asked_for(body)


EVERYWHERE: tuple[tuple[str, Judge], ...] = (
    ("response.created-at-unit", response_consistency_times.created_at_is_in_seconds),
    ("response.created-at-clock", response_consistency_times.created_at_is_about_now),
    ("response.completed-at-order", response_consistency_times.completed_after_created),
    ("response.completed-at-when-completed", response_consistency_times.completed_at_goes_with_completed),
    ("request.model.echo", _model_is_the_one_asked_for),
    ("response.foreground-finished", response_consistency.a_foreground_answer_is_finished),
    ("response.incomplete-details", response_consistency.incomplete_says_why),
    ("response.error", response_consistency.failed_says_why),
    ("response.whole-is-completed", response_consistency.a_whole_answer_is_completed),
)


@pytest.mark.parametrize(
    "holds",
    [pytest.param(judge_, id=id_.partition(".")[2], marks=covers(id_)) for id_, judge_ in EVERYWHERE],
)
@for_each(*EVERY)
def test_the_parts_of_a_response_agree(holds: Judge, family: str, record: Record) -> None:
    """Each rule is judged on every answer of the run, whatever it was asked for."""
    judge_answers(record, family, holds)


@covers("response.cut-is-incomplete")
@for_each("text", "truncated", "reasoning", "tools", STREAMED, streamed=TRUNCATED_STREAM)
@needs(TEXT, LONG_TEXT, CUT_CALL, dead=True)
def test_what_used_up_its_limit_is_incomplete(family: str, record: Record) -> None:
    """Judged where the same prompt, without a limit, brought an answer of more tokens than the limit.

    And where a call ends in the middle of its arguments.
    """
    whole = response_consistency.longest_answers(_all(record))

    def had_more_to_say(body: Body) -> bool:
        return response_consistency.is_longer(whole, body) or a_call_breaks_off(body)

    judge_answers(record, family, response_consistency.what_was_cut_is_not_completed, had_more_to_say)


@covers("storage.previous-echo")
@for_each("text", STREAMED)
def test_no_previous_response_is_made_up(family: str, record: Record) -> None:
    """Where none was sent, none is told."""
    judge_answers(record, family, storage.previous_is_echoed)


@covers("response.id-unique")
@needs(TEXT, LONG_TEXT, TEXT_STREAM, dead=True)
def test_no_two_responses_share_an_id(record: Record) -> None:
    """Judged over all responses of the run, streamed or not."""
    judge(response_consistency.response_ids_differ(_all(record)))


@covers("item.id-unique-across")
@needs(TEXT, LONG_TEXT, TEXT_STREAM, dead=True)
def test_no_two_responses_share_an_item(record: Record) -> None:
    """Judged over all responses of the run, streamed or not."""
    judge(response_consistency.item_ids_differ(_all(record)))


@covers("call.id-unique-across")
@needs(TEXT, TOOL_CALL, TWO_TOOL_CALLS, TOOL_CALL_STREAM, dead=True)
def test_no_two_responses_share_a_call(record: Record) -> None:
    """Judged over all responses of the run, streamed or not."""
    judge(response_consistency.call_ids_differ(_all(record)))


@covers("response.some-output")
@needs(TEXT, LONG_TEXT, TEXT_STREAM, TOOL_CALL, dead=True)
def test_some_answer_holds_something(record: Record) -> None:
    """One empty answer among others is judged by itself."""
    completed = response_consistency.completed_with_output(_all(record))
    found = list(response_consistency.not_every_answer_is_empty(completed))
    if found and len(completed) < FEWEST:
        raise Inconclusive(f"{len(completed)} answers were completed, too few to tell")
    judge(found)


@covers("response.own-answer")
@needs(CONVERSATION, TEXT, SPECIAL_TEXT, dead=True)
def test_no_answer_belongs_to_another_request(record: Record) -> None:
    """Requests are under way at once: each gets its own answer."""
    judge(response_consistency.answers_belong_to_their_requests(_all(record)))


@covers("response.text-unharmed")
@pytest.mark.parametrize(
    "family",
    [
        pytest.param("text", id="text", marks=needs(NON_ASCII_TEXT, SPECIAL_TEXT, TEXT, dead=True)),
        pytest.param(STREAMED, id=STREAMED, marks=needs(NON_ASCII_STREAM, TEXT_STREAM, dead=True)),
        pytest.param("reasoning", id="reasoning", marks=needs(REASONING, dead=True)),
        pytest.param("conversation", id="conversation", marks=needs(CONVERSATION, dead=True)),
    ],
)
def test_the_text_is_what_the_model_said(family: str, record: Record) -> None:
    """A reply that is otherwise exact shows every damage done on its way."""
    judge_answers(
        record,
        family,
        response_consistency_texts.text_is_what_the_model_said,
        lambda body: response_consistency_texts.exact_words(body.asked),
    )


@covers("response.text-unharmed")
@for_each(*EVERY)
@needs(NON_ASCII_TEXT, NON_ASCII_STREAM, dead=True)
def test_no_text_is_encoded_twice(family: str, record: Record) -> None:
    """Whatever was asked for. A model that writes so by itself does not repeat other words unharmed."""
    follows = any(map(response_consistency_texts.repeats_its_words, bodies(record)))

    def findings(body: Body) -> Iterable[Finding]:
        found = list(response_consistency_texts.text_is_encoded_once(body))
        if found and not follows:
            raise Inconclusive("no answer repeats what is not ASCII unharmed, so this may be the model's own")
        return found

    judge_answers(record, family, findings)


def _all(record: Record) -> list[Body]:
    found = list(bodies(record))
    if len(found) < 2:
        if record.response(plain := record.exchange(TEXT)) is None:
            raise unanswered(plain)
        raise CannotJudge(f"{len(found)} responses came: there is nothing to compare")
    return found
