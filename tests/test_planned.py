"""A check that is selected alone plans all that it reads."""

from collections.abc import Mapping
from functools import cache

import pytest

from conformance.contract.contracts import Contract
from conformance.exchange import Performance
from conformance.reference.hooks import HEALTHY, Hooks
from conformance.reference.mutants import mutants
from conformance.run.record import Record
from conformance.scenarios.closure import closure
from conformance.verdicts.outcome import Outcome
from conformance.verdicts.verdict import Verdict
from tests.bench import Bench

pytestmark = pytest.mark.slow

LOOKS_AROUND = ["item.id", "response.cut-is-incomplete"]
"""Rows that judge what other checks' answers bring along: a message beside a tool, a text with a limit."""


@cache
def bench() -> Bench:
    return Bench.collect()


def alone(hooks: Hooks) -> tuple[Mapping[str, Outcome], Mapping[str, Outcome]]:
    """What each check says beside all others, and with no more than it plans by itself."""
    record = bench().record(hooks)
    found = {}
    for check in bench().checks:
        planned = closure(check.scenarios)
        own = {
            name: seen
            for name, seen in record.outcomes.items()
            if Performance.named(name).scenario in planned
        }
        found[check.node] = check.judged(Record(planned, own), Contract.ANYFAST)
    return bench().verdicts(record, Contract.ANYFAST), found


def test_a_check_alone_says_the_same_of_a_healthy_provider() -> None:
    together, found = alone(HEALTHY)
    other = [c.requirement for c in bench().checks if found[c.node].verdict != together[c.node].verdict]
    assert sorted(other) == LOOKS_AROUND


@pytest.mark.parametrize("mutant", ["streams-refused", "body-null", "reasoning-refused", "always-streams"])
def test_a_check_alone_finds_whatever_it_reads(mutant: str) -> None:
    _, found = alone(mutants()[mutant].hooks)
    assert {row.reason for row in found.values() if row.verdict is Verdict.ERROR} == set()
