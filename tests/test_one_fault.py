"""A fault is named where its promise stands: what it keeps from being judged is SKIP, and says so."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import pytest

from conformance.contract.contracts import Contract
from conformance.exchange import Chunk, Exchange, encode_json
from conformance.reference.hooks import HEALTHY
from conformance.reference.mutants import mutants
from conformance.run.record import Record
from conformance.scenarios.closure import closure
from conformance.verdicts.outcome import Outcome
from conformance.verdicts.verdict import Verdict
from tests.bench import Bench
from tests.exchanges import error

RED = frozenset({Verdict.FAIL, Verdict.WARN})

FAULTS: Mapping[str, tuple[set[str], int]] = {
    "always-streams": ({"stream.default-is-json"}, 1),
    "no-authorization": ({"authorization.missing"}, 1),
    "streams-refused": ({"stream.accepted"}, 7),
    "streams-500": ({"stream.accepted"}, 7),
    "streams-501": ({"stream.accepted"}, 7),
    "only-done": ({"stream.content-type"}, 9),
    "streamed-reasoning-refused": ({"stream.accepted"}, 1),
    "body-null": ({"response.body", "storage.compact", "storage.input-tokens"}, 8),
    "body-html": ({"response.body", "storage.compact", "storage.input-tokens"}, 8),
    "usage-output-constant": ({"usage.output-varies", "usage.sub-counts"}, 2),
    "stored-responses-500": ({"error.no-server-error"}, 1),
    "reasoning-refused": (
        {
            "response.answered",
            "request.reasoning.effort.accepted",
            "request.reasoning.effort.accepted-should",
            "request.reasoning.summary.accepted",
            "request.reasoning.summary.accepted-should",
        },
        9,
    ),
}
"""The requirements that name each fault, and in how many rows."""


@cache
def bench() -> Bench:
    return Bench.collect()


@cache
def healthy() -> Record:
    return bench().record(HEALTHY)


def judged(mutant: str) -> dict[str, Outcome]:
    return bench().verdicts(bench().record(mutants()[mutant].hooks), Contract.ANYFAST)


@pytest.mark.parametrize("mutant", FAULTS)
def test_a_fault_is_named_where_its_promise_stands(mutant: str) -> None:
    found = judged(mutant)
    red = [check.requirement for check in bench().checks if found[check.node].verdict in RED]
    assert (set(red), len(red)) == FAULTS[mutant]
    assert not [node for node, row in found.items() if row.verdict is Verdict.ERROR]


@pytest.mark.parametrize("mutant", ["streams-500", "streams-501", "stream-ignored", "body-null", "body-html"])
def test_no_fault_that_has_a_name_is_an_error(mutant: str) -> None:
    assert not [node for node, row in judged(mutant).items() if row.verdict is Verdict.ERROR]


def test_a_stream_that_nobody_asked_for_is_judged_like_any_answer() -> None:
    """All that is lost are the rows of its own bytes."""
    before, now = bench().verdicts(healthy(), Contract.ANYFAST), judged("always-streams")
    lost = {check.requirement for check in bench().checks if _lost(before[check.node], now[check.node])}
    assert lost == {
        "response.body",
        "response.content-type",
        "response.strict-json",
        "request.stream.effect",
    }


@pytest.mark.parametrize(
    "scenario",
    [s for s in closure(Bench.collect().scenarios()).values() if s.expects == "answer"],
    ids=lambda scenario: scenario.name,
)
def test_every_refusal_of_what_is_promised_is_red(scenario) -> None:  # type: ignore[no-untyped-def]  # of the plan
    """The rows that are SKIP because of it say the truth: some requirement does judge it."""
    was = healthy().outcomes[scenario.name]
    assert isinstance(was, Exchange)
    refused = replace(was, status=400, headers=(), chunks=(Chunk(0.1, encode_json(error())),))
    record = Record(healthy().plan, {**healthy().outcomes, scenario.name: refused})
    reading = Bench(
        tuple(c for c in bench().checks if scenario in c.scenarios or c.requirement == "response.answered")
    )
    verdicts = reading.verdicts(record, Contract.ANYFAST).values()
    assert any(row.verdict in RED for row in verdicts)


def _lost(before: Outcome, now: Outcome) -> bool:
    return before.verdict is Verdict.PASS and now.verdict is Verdict.SKIP
