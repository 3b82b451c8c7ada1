"""One row for each sort of answer: a check judges all answers of a sort that the run brought."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import get_args

import pytest

from conformance.checks.support.bodies import bodies
from conformance.checks.support.marks import needs, on
from conformance.exchange import Exchange
from conformance.response import Body
from conformance.rules.acceptance import refusal
from conformance.rules.unanswered import EVENT_STREAM, asks_for_stream, unanswered
from conformance.run.record import Record
from conformance.scenarios.answers import (
    CONVERSATION,
    REASONING,
    STRUCTURED,
    TEXT,
    TEXT_STREAM,
    TOOL_CALL,
    TRUNCATED,
)
from conformance.scenarios.scenario import Family, Scenario
from conformance.verdicts.judge import Absent, Elsewhere, judge
from conformance.verdicts.verdict import Finding

STREAMED = "streamed"
"""The row for the responses that end the streams, of whatever family."""

BASES: Mapping[str, Scenario] = {
    "text": TEXT,
    "reasoning": REASONING,
    "tools": TOOL_CALL,
    "structured": STRUCTURED,
    "truncated": TRUNCATED,
    "conversation": CONVERSATION,
    STREAMED: TEXT_STREAM,
}
"""The scenario that each row names, so that there is something to judge whatever was selected."""

EVERY = tuple(BASES)
UNSTREAMED = tuple(name for name in BASES if name != STREAMED)
SPEAKING = ("text", "reasoning", "structured", "truncated", "conversation", STREAMED)
CALLING = ("tools", STREAMED)
THINKING = ("reasoning", STREAMED)

UNASKED = "it came as an event stream, though none was asked for, which stream.default-is-json judges"

ALWAYS = 3
"""How many answers must all be cut short before that is no accident."""

Judge = Callable[[Body], Iterable[Finding]]


def for_each(*families: str, streamed: Scenario | None = None) -> pytest.MarkDecorator:
    """Parametrize a check with `family`: one row for each of the families, on its base scenario.

    The row is judged on the others where its base is dead. `streamed` is a stream that has what the check is
    about, where the plain one has not: selected alone, that row plans it too.
    """
    rows = [
        pytest.param(
            name,
            id=name,
            marks=[
                on(BASES[name], dead=True),
                *([needs(streamed, dead=True)] if streamed and name == STREAMED else []),
            ],
        )
        for name in families
    ]
    return pytest.mark.parametrize("family", rows)


def judge_answers(
    record: Record, family: str, findings: Judge, premise: Callable[[Body], object] | None = None
) -> None:
    """Judge every answer of a row; a finding names the exchange that shows it.

    Where a `premise` is given, the answers without it are left out, and a row without any is absent.
    """
    found = list(answers(record, family))
    fitting = [body for body in found if premise is None or premise(body)]
    if not found:
        raise _nothing_came(record, BASES[family])
    if not fitting:
        raise Absent(f"none of the {len(found)} answers has what this is about")
    judge(replace(finding, scenario=body.exchange.scenario) for body in fitting for finding in findings(body))


def judge_exchanges(record: Record, family: str, findings: Callable[[Exchange], Iterable[Finding]]) -> None:
    """The same for what is judged on whole bodies, whether or not they hold a response.

    Streams that nobody asked for are left out where `stream.default-is-json` names them, once.
    """
    whole = [exchange for exchange in exchanges(record, family) if exchange.fault is None]
    if not whole:
        raise _nothing_came(record, BASES[family])
    found = [exchange for exchange in whole if not streams_unasked(record, exchange)]
    if not found:
        raise Elsewhere(f"{whole[0].scenario}: {UNASKED}")
    judge(
        replace(finding, scenario=exchange.scenario) for exchange in found for finding in findings(exchange)
    )


def streams_unasked(record: Record, exchange: Exchange) -> bool:
    """Whether an answer is a stream because this server streams whatever does not ask for one."""
    plain = record.outcomes.get(TEXT.name)
    return (
        isinstance(plain, Exchange)
        and plain.media_type == exchange.media_type == EVENT_STREAM
        and not asks_for_stream(exchange)
    )


def always_cut(record: Record) -> bool:
    """Whether the connection ended in the middle of every unstreamed answer: that is no accident."""
    answered = list(record.answers(streamed=False))
    return len(answered) >= ALWAYS and all(exchange.fault is not None for exchange in answered)


def answers(record: Record, family: str) -> Iterable[Body]:
    """The Response objects of a row."""
    if family == STREAMED:
        return bodies(record, streamed=True)
    return bodies(record, _family(family), streamed=False)


def exchanges(record: Record, family: str) -> Iterable[Exchange]:
    """The answers of a row as they came, cut ones among them."""
    if family == STREAMED:
        return record.answers(streamed=True)
    return record.answers(_family(family), streamed=False)


def _family(name: str) -> Family:
    return next(family for family in get_args(Family) if family == name)


def _nothing_came(record: Record, base: Scenario) -> Exception:
    """Why a row has nothing to judge: a refusal is another requirement's matter, a dead scenario an error."""
    exchange = record.exchange(base)
    if base.expects == "either" and refusal(exchange):
        return Absent(f"{base.name} was refused with HTTP {exchange.status}")
    return unanswered(exchange)
