"""What a sampled model does by chance is no fault of its stream; what the server does to it is one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from conformance.checks import test_stream_content as content
from conformance.checks import test_stream_time as time
from conformance.exchange import Exchange
from conformance.run.record import Record
from conformance.scenarios.answers import (
    NON_ASCII,
    NON_ASCII_STREAM,
    NON_ASCII_TEXT,
    TEXT,
    TEXT_STREAM,
    TOOL_CALL,
    TOOL_CALL_STREAM,
    TRUNCATED_STREAM,
    TWINS,
)
from conformance.scenarios.scenario import Scenario
from conformance.streams.parity import always_cut_in_one_form, cut_by_chance
from conformance.streams.stream import Stream
from conformance.verdicts.judge import Inconclusive, Violation
from tests import streams
from tests.exchanges import answer, call, exchange, recorded
from tests.streams import wire


def streamed(scenario: Scenario, body: Mapping[str, Any]) -> Exchange:
    """A stream that ends with that response, whatever it told before."""
    events = [streams.tell(f"response.{body['status']}", response=body)]
    return exchange(scenario, wire(streams.numbered(events)), media_type="text/event-stream")


def ended(status: str, tokens: int | None) -> dict[str, Any]:
    usage = None if tokens is None else {"input_tokens": 5, "output_tokens": tokens, "total_tokens": 0}
    return answer(status=status, usage=usage)


def judged(record: Record, scenario: Scenario, twin: Scenario) -> None:
    stream = record.stream(record.exchange(scenario))
    time.test_final_response_has_the_unstreamed_status(twin, stream, record)
    time.test_final_response_has_the_unstreamed_items(twin, stream, record)


CUT, ENDED = ended("incomplete", 40), ended("completed", 7)


def pair(scenario: Scenario, twin: Scenario, here: Mapping[str, Any], there: Mapping[str, Any]) -> Record:
    return recorded(streamed(scenario, here), exchange(twin, there))


@pytest.mark.parametrize(("here", "there"), [(CUT, ENDED), (ENDED, CUT), (ended("incomplete", None), ENDED)])
def test_a_cap_that_one_form_met_and_the_other_did_not_is_chance(here: Any, there: Any) -> None:
    assert cut_by_chance(here, there)
    with pytest.raises(Inconclusive, match="chance"):
        judged(pair(TEXT_STREAM, TEXT, here, there), TEXT_STREAM, TEXT)


@pytest.mark.parametrize("there", [ended("completed", 40), ended("completed", 41), ended("failed", 40)])
def test_what_met_the_same_limit_is_to_end_alike(there: Any) -> None:
    with pytest.raises(Violation):
        judged(pair(TEXT_STREAM, TEXT, CUT, there), TEXT_STREAM, TEXT)


def test_a_form_that_alone_is_cut_five_times_of_five_is_no_chance() -> None:
    twins = [pair for pair in TWINS if pair[0] is not TRUNCATED_STREAM]
    found = [e for one, other in twins for e in (streamed(one, CUT), exchange(other, ENDED))]
    with pytest.raises(Violation):
        judged(recorded(*found), TEXT_STREAM, TEXT)
    assert always_cut_in_one_form([(CUT, ENDED)] * 5)
    assert not always_cut_in_one_form([(CUT, ENDED)] * 4)
    assert not always_cut_in_one_form([(CUT, ENDED)] * 5 + [(ENDED, CUT)])
    assert not always_cut_in_one_form([(CUT, CUT)] * 5)


def test_items_differ_only_where_no_two_attempts_are_alike() -> None:
    called, spoken = answer(call("get_weather")), answer(text="In Paris it rains.")
    with pytest.raises(Violation):
        judged(pair(TOOL_CALL_STREAM, TOOL_CALL, spoken, called), TOOL_CALL_STREAM, TOOL_CALL)
    first = pair(TOOL_CALL_STREAM, TOOL_CALL, spoken, called)
    second = replace(streamed(TOOL_CALL_STREAM, called), scenario=f"{TOOL_CALL_STREAM.name}~2")
    judged(recorded(*seen(first), second), TOOL_CALL_STREAM, TOOL_CALL)


def seen(record: Record) -> list[Exchange]:
    return [found for found in record.outcomes.values() if isinstance(found, Exchange)]


TORN = Stream.of(exchange(NON_ASCII_STREAM, wire(streams.whole(streams.text_item(0, "Gr\ufffd", "e")))))


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (NON_ASCII, Violation),
        (f"Of course: {NON_ASCII}!", Violation),
        ("Gr\ufffde", Inconclusive),
        (f"{NON_ASCII} \ufffd", Inconclusive),
        ("Hello", Inconclusive),
    ],
)
def test_a_replaced_character_is_the_streams_where_the_model_says_it_whole(
    said: str, outcome: type[Exception]
) -> None:
    with pytest.raises(outcome):
        content.test_characters_arrive_whole(TORN, recorded(exchange(NON_ASCII_TEXT, answer(text=said))))


def test_without_a_control_a_replaced_character_is_inconclusive() -> None:
    with pytest.raises(Inconclusive):
        content.test_characters_arrive_whole(TORN, recorded())


@pytest.mark.parametrize(("status", "broken"), [("completed", True), ("incomplete", False)])
def test_arguments_that_a_limit_cut_are_not_called_broken(status: str, broken: bool) -> None:
    cut = [event for event in streams.call_item() if not event["type"].endswith(".delta")]
    for event in cut:
        for place in (event, event.get("item", {})):
            if place.get("arguments"):
                place["arguments"] = '{"ci'
    found = Stream.of(exchange(TOOL_CALL_STREAM, wire(streams.whole(cut, status=status))))
    if broken:
        with pytest.raises(Violation):
            content.test_arguments_parse(found)
    else:
        content.test_arguments_parse(found)
