"""`input` and what stands beside it: every message reaches the model."""

from collections.abc import Callable, Iterator

import pytest
from _pytest.mark import ParameterSet

from conformance.checks.support.marks import covers, each, needs, on
from conformance.exchange import Exchange
from conformance.rules.acceptance import accepted, judge_accepted
from conformance.rules.answer import answer_of, says
from conformance.run.record import Record
from conformance.scenarios.answers import TEXT
from conformance.scenarios.behaviour import (
    CODE_WORD_CONTROL,
    IMAGE,
    IMAGE_COLOUR,
    IMAGE_CONTROL,
    LAST_TURN,
    LONG_INPUT,
    TURNS,
    UNANSWERED,
)
from conformance.scenarios.fields import CASES, FieldScenarios, code_word
from conformance.shown import shown
from conformance.verdicts.judge import CannotJudge, Inconclusive, expect, judge_every
from conformance.verdicts.verdict import Finding

Note = Callable[[str], None]


def _told(fields: FieldScenarios) -> Iterator[ParameterSet]:
    for case in fields.cases:
        if word := code_word(case):
            marks = [covers(f"request.{case.path}.effect"), on(fields.scenarios[case.id])]
            yield pytest.param(word, id=case.id.rpartition("-")[0], marks=marks)


HISTORY = next(code_word(case) for case in CASES if case.id == "input=history-accepted")


@each("word", _told)
@needs(CODE_WORD_CONTROL, UNANSWERED)
def test_earlier_messages_reach_the_model(
    word: str, attempts: tuple[Exchange, ...], record: Record, note: Note
) -> None:
    """The model repeats what it was told, or the input costs more than it does without that message."""
    control = UNANSWERED if word == HISTORY else CODE_WORD_CONTROL
    alone = accepted(record.exchange(control)).count("input_tokens")

    def findings(attempt: Exchange) -> Iterator[Finding]:
        answer = accepted(attempt)
        taken = answer.count("input_tokens")
        if says(attempt, word):
            return
        if alone is None or taken is None:
            raise Inconclusive(f"the model did not say {word}, and the input tokens are not counted")
        if taken <= alone:
            expected = f"the word {word}, or more input tokens than the {alone} without that message"
            yield Finding(expected, f"{taken} input tokens, and {shown(answer.text, 120)!r}")

    judge_every(attempts, findings)
    if not any(says(attempt, word) for attempt in attempts):
        note(f"the model did not repeat {word}, but its input tokens show that it read the message")


@covers("request.input.last-turn")
@on(TURNS)
@needs(TEXT)
def test_last_message_is_the_one_that_is_answered(attempts: tuple[Exchange, ...], record: Record) -> None:
    """A client sends the whole conversation and waits for what comes next in it."""
    if not says(record.exchange(TEXT), "Hello there"):
        raise Inconclusive("the model does not reply with the words that it is told")

    def findings(attempt: Exchange) -> Iterator[Finding]:
        text = accepted(attempt).text
        if LAST_TURN.lower() not in text.lower():
            yield Finding(f"{LAST_TURN}, which the last message asks for", shown(text) or "an empty text")

    judge_every(attempts, findings)


@covers("request.input.counted")
@on(LONG_INPUT)
@needs(TEXT)
def test_longer_input_costs_more_tokens(exchange: Exchange, record: Record) -> None:
    """Fifty more sentences cannot cost the same: else they were cut off, or the count is made up."""
    short = accepted(record.exchange(TEXT)).count("input_tokens")
    long = accepted(exchange).count("input_tokens")
    if short is None or long is None:
        raise CannotJudge("the input tokens are not counted")
    expect(long > short, f"more than the {short} of the short input", long, "$.usage.input_tokens")


@covers("request.input.image")
@on(IMAGE)
@needs(IMAGE_CONTROL)
def test_image_is_taken(
    exchange: Exchange, attempts: tuple[Exchange, ...], record: Record, note: Note
) -> None:
    """The model names the colour of a small PNG, or the input costs more than it does without it."""
    judge_accepted(exchange, record.performed)
    alone = _input_tokens(record.exchange(IMAGE_CONTROL))

    def findings(attempt: Exchange) -> Iterator[Finding]:
        taken = _input_tokens(attempt)
        if not says(attempt, IMAGE_COLOUR) and alone is not None and taken is not None and taken <= alone:
            expected = f"the colour {IMAGE_COLOUR}, or more input tokens than the {alone} without the image"
            yield Finding(expected, f"{taken} input tokens", "$.usage.input_tokens")

    judge_every(attempts, findings)
    named = any(says(attempt, IMAGE_COLOUR) for attempt in attempts)
    note(f"the model {'names' if named else 'does not name'} the image's colour")


def _input_tokens(exchange: Exchange) -> int | None:
    answer = answer_of(exchange)
    return answer.count("input_tokens") if answer else None
