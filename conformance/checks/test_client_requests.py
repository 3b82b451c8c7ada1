"""The shapes that clients give their requests: each is taken, and what it says reaches the model."""

from collections.abc import Callable, Iterable

import pytest
from _pytest.mark import ParameterSet

from conformance.checks.support.counting import COUNTED, counts_grow
from conformance.checks.support.marks import covers, needs
from conformance.checks.support.metering import is_cut
from conformance.checks.support.outcomes import leave_stream
from conformance.checks.support.shapes import is_answered, judge_read, judge_taken, leave_no_response
from conformance.contract.contracts import Contract
from conformance.rules.acceptance import accepted, judge_accepted
from conformance.run.record import Record
from conformance.scenarios.answers import TEXT_STREAM
from conformance.scenarios.client_requests import (
    HISTORY,
    ITEMS,
    LONG,
    LONG_PLAIN,
    LONG_TOKENS,
    OFFERED,
    TAKEN,
    TURN,
)
from conformance.scenarios.scenario import Scenario
from conformance.scenarios.shapes import Asked
from conformance.verdicts.judge import Absent, expect

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
    judge_taken(shape.taken, where, record, contract, note)


@pytest.mark.parametrize("shape", _rows(OFFERED, "client.tools.offered"))
def test_declared_tool_can_be_called(shape: Asked, record: Record) -> None:
    """A model that is told to call a tool calls it, if it was offered the tool."""
    _judge_read(shape, record, "a call of the tool that it is told to call")


@pytest.mark.parametrize("shape", _rows(HISTORY, "client.items.read"))
def test_item_reaches_the_model(shape: Asked, record: Record) -> None:
    """A model that is told to repeat a number repeats it, if it was told the number."""
    _judge_read(shape, record, "the number that stands in this item")


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
