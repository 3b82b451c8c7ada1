"""One fault of a provider is told by the requirement that owns it, and by no other.

The matrix shows a mutant few of the boundary cases; here each is shown everything that the suite sends.
"""

from collections.abc import Mapping

import pytest

from conformance.contract.contracts import SHIPPED
from conformance.reference.hooks import HEALTHY
from conformance.reference.mutants import mutants
from conformance.run.record import Record
from tests.bench import Bench, worse

pytestmark = pytest.mark.slow

OWNERS: Mapping[str, frozenset[str]] = {
    "error-detail": frozenset({"error.envelope", "error.envelope-elsewhere"}),
    "error-plain-text": frozenset({"error.envelope", "error.envelope-elsewhere"}),
    "error-param-null": frozenset({"error.param"}),
    "error-without-param": frozenset({"error.code-and-param"}),
    "usage-of-nothing": frozenset({"usage.input-counted", "usage.output-counted"}),
    "input-count-made-up": frozenset({"request.input.counted"}),
    "validation-500": frozenset({"request.no-server-error", "error.no-server-error"}),
    "unknown-model-503": frozenset({"request.no-server-error"}),
    "malformed-500": frozenset({"error.no-server-error"}),
    "unknown-id-500": frozenset({"error.no-server-error"}),
    "cut-call-called-completed": frozenset({"call.cut-status"}),
    "cut-json-called-completed": frozenset(
        {
            "response.cut-is-incomplete",
            "request.max_output_tokens.incomplete",
            "stream.truncated",
            "call.arguments",
        }
    ),
    "any-model-taken": frozenset({"request.model.refused"}),
    "no-authorization": frozenset({"authorization.missing"}),
}
"""The mutants, and the requirements that each may turn."""


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench.collect()


@pytest.fixture(scope="module")
def healthy(bench: Bench) -> Record:
    return bench.record(HEALTHY)


@pytest.mark.parametrize("mutant", OWNERS)
def test_a_fault_is_told_by_its_owner_alone(bench: Bench, healthy: Record, mutant: str) -> None:
    record = bench.record(mutants()[mutant].hooks)
    for contract in SHIPPED.values():
        turned = worse(bench.verdicts(healthy, contract), bench.verdicts(record, contract), bench)
        said = {f"{now.verdict} {check.requirement}: {now.reason}" for check, now in turned}
        assert {line.split()[1].rstrip(":") for line in said} == OWNERS[mutant], (contract, sorted(said))
