"""The checks that judge one answer by what the others of the run show: with that evidence, and without it."""

from dataclasses import replace
from typing import Any

import pytest

from conformance.checks import test_response_consistency as consistency
from conformance.checks import test_stream_content as content
from conformance.contract.contracts import SHIPPED, Contract
from conformance.contract.requirements import catalogue
from conformance.exchange import Exchange
from conformance.run.record import Record
from conformance.scenarios.answers import (
    LONG_TEXT,
    NON_ASCII,
    NON_ASCII_TEXT,
    TEXT,
    TEXT_STREAM,
    TOOL_CALL,
    TOOL_CALL_STREAM,
)
from conformance.scenarios.scenario import Scenario
from conformance.verdicts.judge import Inconclusive, Violation
from conformance.verdicts.outcome import verdict_if_violated
from conformance.verdicts.verdict import Verdict
from tests import streams
from tests.made_answers import TEXT as MESSAGE
from tests.made_answers import exchange, record, varied


def answered(scenario: Scenario, **keys: Any) -> tuple[Scenario, Exchange]:
    body = varied(**{"id": f"resp_{scenario.name}", **keys})
    return scenario, exchange(body, scenario=scenario.name)


def said(scenario: Scenario, text: str, asked: str = "Count from 1 to 50") -> tuple[Scenario, Exchange]:
    part = {"type": "output_text", "text": text, "annotations": []}
    body = varied(id=f"resp_{scenario.name}", output=[{**MESSAGE, "content": [part]}])
    return scenario, exchange(body, scenario=scenario.name, asked={"model": "gpt-5.2", "input": asked})


def streamed(scenario: Scenario, events: list[streams.Json]) -> tuple[Scenario, Exchange]:
    return scenario, replace(streams.exchange(streams.wire(events)), scenario=scenario.name)


def without_deltas(events: list[streams.Json]) -> list[streams.Json]:
    return streams.numbered([event for event in events if not event["type"].endswith("delta")])


@pytest.mark.parametrize("contract", SHIPPED.values(), ids=str)
def test_an_endpoint_that_never_puts_anything_out_fails(contract: Contract) -> None:
    empty = record(*(answered(scenario, output=[]) for scenario in (TEXT, LONG_TEXT, TOOL_CALL)))
    with pytest.raises(Violation, match="all 3 completed answers"):
        consistency.test_some_answer_holds_something(empty)
    assert verdict_if_violated(catalogue()["response.some-output"], contract) is Verdict.FAIL


def test_one_empty_answer_among_others_is_judged_by_itself() -> None:
    consistency.test_some_answer_holds_something(
        record(answered(TEXT, output=[]), answered(LONG_TEXT), answered(TOOL_CALL, output=[]))
    )


def test_answers_that_are_not_completed_may_be_empty() -> None:
    kept = [answered(s, output=[], status="incomplete") for s in (TEXT, LONG_TEXT, TOOL_CALL)]
    consistency.test_some_answer_holds_something(record(*kept))


def test_two_empty_answers_are_too_few_however_often_they_were_asked_for() -> None:
    few = record(answered(TEXT, output=[]), answered(LONG_TEXT, output=[]))
    again = exchange(varied(id="resp_again", output=[]), scenario="text~2")
    for made in (few, replace(few, outcomes={**few.outcomes, "text~2": again})):
        with pytest.raises(Inconclusive, match="2 answers were completed"):
            consistency.test_some_answer_holds_something(made)


GARBLED = "NatÃ¼rlich, groÃŸe Zahlen: 1, 2, 3"


def test_a_text_encoded_twice_fails_where_other_words_came_unharmed() -> None:
    control = said(NON_ASCII_TEXT, NON_ASCII, f"Reply with exactly: {NON_ASCII}")
    with pytest.raises(Violation, match="Ã¼ for ü, ÃŸ for ß"):
        consistency.test_no_text_is_encoded_twice("text", record(said(LONG_TEXT, GARBLED), control))
    consistency.test_no_text_is_encoded_twice("text", record(said(LONG_TEXT, "1, 2, 3"), control))


def test_a_model_that_follows_no_prompt_may_write_whatever_it_likes() -> None:
    babble = said(NON_ASCII_TEXT, "Ð¿ Ã¼ Ã¶ ...", f"Reply with exactly: {NON_ASCII}")
    with pytest.raises(Inconclusive, match="the model's own"):
        consistency.test_no_text_is_encoded_twice("text", record(said(LONG_TEXT, GARBLED), babble))


def judge_arguments(*performed: tuple[Scenario, Exchange]) -> None:
    made: Record = record(*performed)
    content.test_arguments_come_in_deltas(made.stream(made.exchange(TOOL_CALL_STREAM)), made)


def test_arguments_without_deltas_are_seen_where_texts_have_some() -> None:
    call = streamed(TOOL_CALL_STREAM, without_deltas(streams.whole(streams.call_item())))
    with pytest.raises(Violation, match="arguments only as a whole"):
        judge_arguments(call, streamed(TEXT_STREAM, streams.text()))
    with pytest.raises(Inconclusive, match="no stream of the run has a delta"):
        judge_arguments(call, streamed(TEXT_STREAM, without_deltas(streams.text())))
    judge_arguments(streamed(TOOL_CALL_STREAM, streams.whole(streams.call_item())))


@pytest.mark.parametrize("arguments", ["{}", " { } ", ""])
def test_empty_arguments_need_no_delta(arguments: str) -> None:
    """A function without parameters is called with nothing that could come piecemeal."""
    events = without_deltas(streams.whole(streams.call_item()))
    for event in events:
        told = [event, event.get("item", {}), *event.get("response", {}).get("output", [])]
        for holder in told:
            if holder.get("arguments"):
                holder["arguments"] = arguments
    judge_arguments(streamed(TOOL_CALL_STREAM, events), streamed(TEXT_STREAM, streams.text()))
