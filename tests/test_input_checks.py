"""What the checks of the input say of answers made by hand: what proves that a message was read."""

from collections.abc import Mapping
from typing import Any

import pytest

from conformance.checks import test_input as checks
from conformance.exchange import Exchange
from conformance.rules.answer import says
from conformance.scenarios.answers import TEXT
from conformance.scenarios.input import (
    CODE_WORD_CONTROL,
    FIRST_TURN,
    IMAGE,
    IMAGE_CONTROL,
    LAST_TURN,
    LONG_INPUT,
    TURNS,
)
from conformance.scenarios.request_fields import SCENARIOS
from conformance.scenarios.scenario import Scenario
from conformance.verdicts.judge import Elsewhere, Inconclusive, Violation
from tests.exchanges import answer, exchange, recorded

SYSTEM = SCENARIOS["input=system-and-user-accepted"]


def usage(taken: int) -> dict[str, int]:
    return {"input_tokens": taken, "output_tokens": 2, "total_tokens": taken + 2}


def three(scenario: Scenario, body: Mapping[str, Any]) -> tuple[Exchange, ...]:
    return (exchange(scenario, body),) * 3


COUNTED = (exchange(TEXT, answer(usage=usage(8))), exchange(LONG_INPUT, answer(usage=usage(400))))
ALONE = recorded(*COUNTED, exchange(CODE_WORD_CONTROL, answer(text="Which one?", usage=usage(7))))


@pytest.mark.parametrize(
    ("text", "taken", "notes"), [("It is Halcyon.", 7, 0), ("xo", 8, 1)], ids=["repeated", "only-counted"]
)
def test_a_message_that_is_repeated_or_counted_reached_the_model(text: str, taken: int, notes: int) -> None:
    noted: list[str] = []
    found = three(SYSTEM, answer(text=text, usage=usage(taken)))
    checks.test_earlier_messages_reach_the_model("HALCYON", found, ALONE, noted.append)
    assert len(noted) == notes


def test_a_message_that_is_neither_repeated_nor_counted_was_dropped() -> None:
    found = three(SYSTEM, answer(text="Which one?", usage=usage(7)))
    with pytest.raises(Violation):
        checks.test_earlier_messages_reach_the_model("HALCYON", found, ALONE, print)


def test_a_word_that_is_said_without_being_told_proves_nothing() -> None:
    control = exchange(CODE_WORD_CONTROL, answer(text="HALCYON, as always.", usage=usage(7)))
    found = three(SYSTEM, answer(text="HALCYON, as always.", usage=usage(7)))
    with pytest.raises(Violation):
        checks.test_earlier_messages_reach_the_model("HALCYON", found, recorded(*COUNTED, control), print)


def test_without_counts_a_model_that_repeats_nothing_is_inconclusive() -> None:
    found = three(SYSTEM, answer(text="Which one?", usage=None))
    with pytest.raises(Inconclusive):
        checks.test_earlier_messages_reach_the_model("HALCYON", found, ALONE, print)


@pytest.mark.parametrize(
    ("count", "long"), [(0, 0), (12, 12), (7, None)], ids=["zero", "constant", "no-control"]
)
def test_counts_that_do_not_grow_with_the_input_prove_nothing(count: int, long: int | None) -> None:
    same = answer(text="Which one?", usage=usage(count))
    counts = [exchange(TEXT, same), exchange(CODE_WORD_CONTROL, same), exchange(IMAGE_CONTROL, same)]
    counts += [exchange(LONG_INPUT, answer(usage=usage(long)))] if long is not None else []
    with pytest.raises(Inconclusive):
        checks.test_earlier_messages_reach_the_model("HALCYON", three(SYSTEM, same), recorded(*counts), print)
    images = three(IMAGE, same)
    with pytest.raises(Inconclusive):
        checks.test_image_is_taken(images[0], images, recorded(*counts), print)


def test_a_word_inside_another_is_no_sign_that_it_was_said() -> None:
    assert says(exchange(TEXT, answer(text="It is Red, 47°.")), "red")
    assert says(exchange(TEXT, answer(text="暗号はHALCYONです。")), "HALCYON")
    assert not says(exchange(TEXT, answer(text="Your hundred questions were answered.")), "red")
    assert not says(exchange(TEXT, answer(text="In 1947.")), "47")


@pytest.mark.parametrize(
    ("text", "outcome"),
    [(LAST_TURN, None), (FIRST_TURN, Violation), ("Hello there! How can I help?", Inconclusive)],
)
def test_the_words_of_an_earlier_message_show_that_it_was_answered(
    text: str, outcome: type[Exception] | None
) -> None:
    found = three(TURNS, answer(text=text))
    if outcome is None:
        checks.test_last_message_is_the_one_that_is_answered(found)
    else:
        with pytest.raises(outcome):
            checks.test_last_message_is_the_one_that_is_answered(found)


def test_a_longer_input_has_to_cost_more() -> None:
    short = recorded(exchange(TEXT, answer(usage=usage(8))))
    checks.test_longer_input_costs_more_tokens(exchange(LONG_INPUT, answer(usage=usage(400))), short)
    with pytest.raises(Violation):
        checks.test_longer_input_costs_more_tokens(exchange(LONG_INPUT, answer(usage=usage(8))), short)
    for uncounted in (None, usage(0)):
        with pytest.raises(Elsewhere):
            checks.test_longer_input_costs_more_tokens(exchange(LONG_INPUT, answer(usage=uncounted)), short)
