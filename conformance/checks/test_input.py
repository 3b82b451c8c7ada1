"""`input` and what stands beside it: every message reaches the model."""

from collections.abc import Callable, Iterator

import pytest
from _pytest.mark import ParameterSet

from conformance.checks.support.counting import COUNTED, grown
from conformance.checks.support.marks import covers, each, needs, on
from conformance.exchange import Exchange
from conformance.rules.acceptance import accepted, judge_accepted
from conformance.rules.answer import answer_of, says
from conformance.run.record import Record
from conformance.scenarios.answers import TEXT
from conformance.scenarios.input import (
    CODE_WORD_CONTROL,
    FIRST_TURN,
    IMAGE,
    IMAGE_COLOUR,
    IMAGE_CONTROL,
    LAST_TURN,
    LONG_INPUT,
    TURNS,
    UNANSWERED,
)
from conformance.scenarios.request_fields import CASES, FieldScenarios, code_word
from conformance.shown import shown
from conformance.verdicts.judge import Elsewhere, Inconclusive, expect, judge_every
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
@needs(*COUNTED, dead=True)
def test_earlier_messages_reach_the_model(
    word: str, attempts: tuple[Exchange, ...], record: Record, note: Note
) -> None:
    """The model repeats what it was told, or the input costs more than it does without that message."""
    control = record.exchange(UNANSWERED if word == HISTORY else CODE_WORD_CONTROL)
    alone = accepted(control).count("input_tokens")
    if not says(control, word) and any(says(attempt, word) for attempt in attempts):
        return

    def findings(attempt: Exchange) -> Iterator[Finding]:
        answer = accepted(attempt)
        taken = answer.count("input_tokens")
        if not grown(record, alone, taken, f"the model did not say {word}"):
            expected = f"the word {word}, or more input tokens than the {alone} without that message"
            yield Finding(expected, f"{taken} input tokens, and {shown(answer.text, 120)!r}")

    judge_every(attempts, findings)
    note(f"the model did not repeat {word}, but its input tokens show that it read the message")


@covers("request.input.last-turn")
@on(TURNS)
def test_last_message_is_the_one_that_is_answered(attempts: tuple[Exchange, ...]) -> None:
    """A client sends the whole conversation and waits for what comes next in it.

    The words of an earlier message show which one was answered: no model says them of itself.
    """
    if any(says(attempt, LAST_TURN) for attempt in attempts):
        return

    def findings(attempt: Exchange) -> Iterator[Finding]:
        if not says(attempt, FIRST_TURN):
            raise Inconclusive("the model says the words of neither message")
        yield Finding(f"{LAST_TURN}, which the last message asks for", shown(accepted(attempt).text))

    judge_every(attempts, findings)


@covers("request.input.counted")
@on(LONG_INPUT)
@needs(TEXT)
def test_longer_input_costs_more_tokens(exchange: Exchange, record: Record) -> None:
    """Fifty more sentences cannot cost the same: else they were cut off, or the count is made up."""
    short = accepted(record.exchange(TEXT)).count("input_tokens")
    long = accepted(exchange).count("input_tokens")
    if short is None or long is None:
        raise Elsewhere("the input tokens are not counted, which response.usage judges")
    if 0 in (short, long):
        raise Elsewhere("an input costs 0 tokens, which usage.input-counted judges")
    expect(long > short, f"more than the {short} of the short input", long, "$.usage.input_tokens")


@covers("request.input.image")
@on(IMAGE)
@needs(IMAGE_CONTROL)
@needs(*COUNTED, dead=True)
def test_image_is_taken(
    exchange: Exchange, attempts: tuple[Exchange, ...], record: Record, note: Note
) -> None:
    """The model names the colour of a small PNG, or the input costs more than it does without it."""
    judge_accepted(exchange, record.performed)
    control = record.exchange(IMAGE_CONTROL)
    if not says(control, IMAGE_COLOUR) and any(says(attempt, IMAGE_COLOUR) for attempt in attempts):
        note("the model names the image's colour")
        return
    alone = _input_tokens(control)

    def findings(attempt: Exchange) -> Iterator[Finding]:
        taken = _input_tokens(attempt)
        if not grown(record, alone, taken, "the model does not name the image's colour"):
            expected = f"the colour {IMAGE_COLOUR}, or more input tokens than the {alone} without the image"
            yield Finding(expected, f"{taken} input tokens", "$.usage.input_tokens")

    judge_every(attempts, findings)
    note("the model does not name the image's colour, but its input tokens show that it was read")


def _input_tokens(exchange: Exchange) -> int | None:
    answer = answer_of(exchange)
    return answer.count("input_tokens") if answer else None
