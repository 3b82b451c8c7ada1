"""What the marks tell without a collection is what pytest collects."""

from operator import itemgetter

import pytest

from conformance.checks.survey import all_rows, checks, planned
from conformance.contract.requirements import catalogue
from tests.bench import Bench

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench.collect()


def test_every_row_has_the_id_that_pytest_gives_it(bench: Bench) -> None:
    told = {f"{check.node}[{row.id}]" if row.id else check.node for check in checks() for row in check.rows()}
    assert told == {check.node for check in bench.checks}


def test_every_row_judges_and_reads_what_pytest_says(bench: Bench) -> None:
    collected = [(check.node, check.requirement, check.scenarios) for check in bench.checks]
    assert sorted(all_rows(), key=itemgetter(0)) == sorted(collected, key=itemgetter(0))


def test_what_runs_a_requirement_runs_all_of_its_rows_and_no_other(bench: Bench) -> None:
    known = list(checks())
    for requirement in catalogue():
        told = {node for check in known for node in check.nodes_of(requirement)}
        judged = {check.node for check in bench.checks if check.requirement == requirement}
        run = {c.node for c in bench.checks if c.node in told or c.node.partition("[")[0] in told}
        assert run == judged, requirement


def test_a_requirement_stands_in_an_area_whose_module_covers_it() -> None:
    modules: dict[str, set[str]] = {}
    for node, requirement, _ in all_rows():
        modules.setdefault(requirement, set()).add(node.partition("::")[0].rpartition("/")[2])
    for known in catalogue().values():
        assert f"test_{known.area}.py" in modules[known.id], known.id


def test_the_scenarios_are_those_of_the_plan(bench: Bench) -> None:
    assert set(planned()) >= {scenario.name for scenario in bench.scenarios()}
    read = {scenario.name for check in bench.checks for scenario in check.scenarios}
    assert read <= set(planned())
    assert all(earlier.name in planned() for s in bench.scenarios() for earlier in s.after)
