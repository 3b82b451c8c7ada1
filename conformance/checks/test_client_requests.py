"""The shapes that clients give their requests: each is taken, and what it says reaches the model."""

from collections.abc import Callable, Iterable

import pytest
from _pytest.mark import ParameterSet

from conformance.checks.support.counting import COUNTED, counts_grow
from conformance.checks.support.marks import covers, needs, on
from conformance.checks.support.metering import is_cut
from conformance.checks.support.outcomes import leave_stream, outcome_of, server_errors
from conformance.checks.support.shapes import is_answered, judge_read, judge_taken, leave_no_response
from conformance.contract.contracts import Contract
from conformance.exchange import Exchange
from conformance.rules.acceptance import accepted, judge_accepted, judge_either
from conformance.rules.answer import echoes_what_was_sent
from conformance.rules.blame import blames_length, words_of
from conformance.rules.client_requests import is_read_whole
from conformance.run.record import Record
from conformance.scenarios.answers import TEXT_STREAM
from conformance.scenarios.client_requests import (
    HISTORY,
    INSTRUCTED,
    ITEMS,
    LONG,
    LONG_PLAIN,
    LONG_TOKENS,
    OFFERED,
    OVER_LONG,
    OVER_LONG_TOKENS,
    TAKEN,
    TURN,
)
from conformance.scenarios.scenario import Scenario
from conformance.scenarios.shapes import Asked
from conformance.verdicts.judge import Absent, Elsewhere, expect, judge

Note = Callable[[str], None]


def _rows(shapes: Iterable[Asked], requirement: str = "") -> list[ParameterSet]:
    rows = []
    for shape in shapes:
        read = (shape.together, shape.alone, *((shape.plain,) if shape.plain and requirement else ()))
        marks = [covers(requirement or shape.taken), needs(*dict.fromkeys(read), dead=True)]
        rows.append(pytest.param(shape, id=shape.name, marks=marks))
    return rows


@pytest.mark.parametrize("shape", _rows(TAKEN))
def test_shape_is_taken(shape: Asked, record: Record, contract: Contract, note: Note) -> None:
    """With many others in one request, or alone where that one is not answered."""
    where = shape.together if is_answered(record, shape.together) else shape.alone
    if shape is LONG and blames_length(outcome_of(record, where)):
        raise Absent(f"the model holds less: {words_of(outcome_of(record, where))}")
    judge_taken(shape.taken, where, record, contract, note)


@pytest.mark.parametrize("shape", _rows(OFFERED, "client.tools.offered"))
def test_declared_tool_can_be_called(shape: Asked, record: Record) -> None:
    """A model that is told to call a tool calls it, if it was offered the tool."""
    _judge_read(shape, record, "a call of the tool that it is told to call")


@pytest.mark.parametrize("shape", _rows(HISTORY, "client.items.read"))
def test_item_reaches_the_model(shape: Asked, record: Record) -> None:
    """A model that is told to repeat a number repeats it, if it was told the number."""
    _judge_read(shape, record, "the number that stands in this item")


@pytest.mark.parametrize("shape", _rows([INSTRUCTED], "client.instructions.read"))
def test_messages_beside_instructions_reach_the_model(shape: Asked, record: Record) -> None:
    """A developer's message is read, whatever the instructions say."""
    _judge_read(shape, record, "the code word that the developer's message tells")


@covers("client.long-input.read")
@needs(TURN, LONG.alone, LONG_PLAIN, *COUNTED, dead=True)
def test_long_input_is_read_from_its_beginning(record: Record) -> None:
    """The word that stands first comes back, and the input costs what so many words must cost."""
    for scenario in (TURN, LONG.alone):
        if counts_grow(record) and not is_cut(record) and is_answered(record, scenario):
            tokens = accepted(record.exchange(scenario)).count("input_tokens")
            enough = not tokens or tokens >= LONG_TOKENS
            expect(enough, f"at least {LONG_TOKENS} input tokens", tokens, "$.usage.input_tokens")
    _judge_read(LONG, record, "the code word that stands at the beginning")


@covers("request.metadata.echo")
@on(TURN)
def test_metadata_comes_back_letter_by_letter(exchange: Exchange) -> None:
    """Keys in both cases: metadata is no header."""
    judge(echoes_what_was_sent(accepted(exchange), "metadata", exchange.sent_json["metadata"], "equal"))


@covers("client.over-long")
@needs(OVER_LONG, dead=True)
def test_input_beyond_the_context_is_refused(record: Record, note: Note) -> None:
    """Or answered, by a model that holds so much; never met with a 5xx."""
    exchange = outcome_of(record, OVER_LONG)
    leave_no_response(exchange)
    if any(failed is not exchange and failed.status == exchange.status for failed in server_errors(record)):
        raise Elsewhere(f"HTTP {exchange.status}, as for other requests: no-server-error judges that")
    judge_either(exchange, record.performed, note)


@covers("client.over-long.read")
@needs(OVER_LONG, dead=True)
def test_input_beyond_the_context_is_not_cut(record: Record) -> None:
    """Where it is answered, its tokens are counted: a part of it has too few."""
    exchange = outcome_of(record, OVER_LONG)
    leave_no_response(exchange)
    judge(is_read_whole(accepted(exchange), OVER_LONG_TOKENS))


@covers("client.together")
@pytest.mark.parametrize(
    "whole",
    [
        pytest.param(
            whole,
            id=whole.name,
            marks=needs(
                whole, TEXT_STREAM, *(shape.alone for shape in TAKEN if shape.together is whole), dead=True
            ),
        )
        for whole in (TURN, ITEMS)
    ],
)
def test_whole_request_is_taken(whole: Scenario, record: Record) -> None:
    """Judged where each of its shapes is answered alone: else that is what is wrong with it."""
    if not is_answered(record, whole):
        for shape in TAKEN:
            if shape.together is whole and not is_answered(record, shape.alone):
                raise Absent(f"{shape.alone.name} is not answered either")
    exchange = record.exchange(whole)
    leave_stream(record, exchange)
    leave_no_response(exchange)
    judge_accepted(exchange, record.performed)


def _judge_read(shape: Asked, record: Record, expected: str) -> None:
    assert shape.holds is not None
    assert shape.plain is not None
    judge_read((shape.together, shape.alone), shape.plain, record, shape.holds, expected)
