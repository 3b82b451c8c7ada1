"""The loops of clients: what was answered is taken back, and the next answer builds on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest
from _pytest.mark import ParameterSet

from conformance.checks.support.marks import covers, needs, on
from conformance.checks.support.shapes import judge_read, judge_taken
from conformance.contract.contracts import Contract
from conformance.exchange import Exchange
from conformance.rules.acceptance import refusal
from conformance.rules.refusals import status_is_one_of
from conformance.run.record import Record
from conformance.scenarios.input import IMAGE_COLOUR
from conformance.scenarios.loops import (
    CALL,
    CALL_PLAIN,
    CALL_STREAM,
    CALL_STREAM_PLAIN,
    CONTENT_NULL,
    FOURTH,
    FOURTH_PLAIN,
    IN_ORDER,
    PICTURE,
    PICTURE_PLAIN,
    REASONING_BACK,
    REASONING_PLAIN,
    SECOND,
    SECOND_PLAIN,
    SWAPPED,
    tells_both,
    tells_code_word,
)
from conformance.scenarios.scenario import Scenario
from conformance.scenarios.shapes import Predicate, says
from conformance.scenarios.storage_remembered import (
    ASKED_PLAIN,
    BOTH_TURNS,
    BY_REFERENCE,
    BY_REFERENCE_PLAIN,
    CLEANING,
    MIXED,
    MIXED_PLAIN,
    NOTED,
    RESULT_ASKED,
    RESULT_KEPT,
)
from conformance.scenarios.tools import NONCE
from conformance.verdicts.judge import Absent, judge

Note = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Step:
    """A request that builds on an answer: what an answer to it shows, and the same asked in plain shapes."""

    requirement: str
    scenario: Scenario
    plain: Scenario
    holds: Predicate
    expected: str


_DEGREES = f"{NONCE}, which the tool answered"

STEPS = (
    Step("loop.read", SECOND, SECOND_PLAIN, tells_code_word, "the code word of its own message"),
    Step("loop.read", CALL, CALL_PLAIN, says(NONCE), _DEGREES),
    Step("loop.read", CALL_STREAM, CALL_STREAM_PLAIN, says(NONCE), _DEGREES),
    Step("loop.read", REASONING_BACK, REASONING_PLAIN, says(NONCE), _DEGREES),
    Step(
        "loop.read",
        PICTURE,
        PICTURE_PLAIN,
        says(IMAGE_COLOUR),
        "the colour of the image",
    ),
    Step(
        "loop.four-turns",
        FOURTH,
        FOURTH_PLAIN,
        tells_both,
        "what the first turn and the last one said",
    ),
    Step(
        "loop.attribution",
        SWAPPED,
        IN_ORDER,
        says(NONCE),
        f"{NONCE}, the output of that call",
    ),
    Step("loop.reference.read", BY_REFERENCE, BY_REFERENCE_PLAIN, says(NOTED), f"{NOTED}, as it says"),
    Step("loop.reference.read", MIXED, MIXED_PLAIN, says(NONCE), _DEGREES),
    Step(
        "loop.previous.read",
        RESULT_ASKED,
        ASKED_PLAIN,
        BOTH_TURNS,
        "the city of the first turn, and what the tool answered in the second",
    ),
)

BACK: Mapping[Scenario, str] = {
    SECOND: "loop.message",
    CALL: "loop.call",
    CALL_STREAM: "loop.call",
    REASONING_BACK: "loop.reasoning",
    PICTURE: "loop.output-image",
    BY_REFERENCE: "loop.reference",
    MIXED: "loop.reference",
    RESULT_KEPT: "loop.previous",
    RESULT_ASKED: "loop.previous",
}


def _taken() -> list[ParameterSet]:
    return [
        pytest.param(
            requirement, scenario, id=scenario.name, marks=[covers(requirement), needs(scenario, dead=True)]
        )
        for scenario, requirement in BACK.items()
    ]


def _steps() -> list[ParameterSet]:
    return [
        pytest.param(
            step,
            id=step.scenario.name,
            marks=[covers(step.requirement), needs(step.scenario, step.plain, dead=True)],
        )
        for step in STEPS
    ]


@pytest.mark.parametrize(("requirement", "turn"), _taken())
def test_what_was_answered_is_taken_back(
    requirement: str, turn: Scenario, record: Record, contract: Contract, note: Note
) -> None:
    """A client sends it as it came: it cannot know which member the provider does not want to see again."""
    judge_taken(requirement, turn, record, contract, note)


@covers("loop.reasoning.content-null")
@needs(REASONING_BACK, CONTENT_NULL, dead=True)
def test_thoughts_are_taken_back_with_an_empty_content(
    record: Record, contract: Contract, note: Note
) -> None:
    """Judged where they are taken back without it."""
    if refusal(record.exchange(REASONING_BACK)):
        raise Absent("reasoning items are refused without it too")
    judge_taken("loop.reasoning.content-null", CONTENT_NULL, record, contract, note)


@pytest.mark.parametrize("step", _steps())
def test_the_answer_builds_on_it(step: Step, record: Record) -> None:
    """A nonce in what was sent back comes again: a status of 200 alone shows nothing."""
    judge_read((step.scenario,), step.plain, record, step.holds, step.expected)


@covers("storage.cleaned")
@on(*CLEANING)
def test_what_the_loops_stored_is_deleted(exchange: Exchange) -> None:
    """An observation: the run tidies up."""
    judge(status_is_one_of(exchange, "HTTP 200", 200, 202, 204))
