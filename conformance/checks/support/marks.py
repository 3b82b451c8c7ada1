"""How a check says what it judges, and on which exchanges."""

from collections.abc import Callable, Iterable

import pytest
from _pytest.mark import ParameterSet

from conformance.contract.contracts import Contract
from conformance.scenarios.request_fields import FieldScenarios
from conformance.scenarios.scenario import Scenario

MARKS = (
    "covers(requirement): the requirement that a check judges",
    "on(*scenarios): the scenarios whose exchanges a check judges, one row for each",
    "needs(*scenarios): further scenarios that a check reads",
    "each(name, rows): the rows of a check that follow from the request's fields",
    "needs_each(scenarios): further scenarios, which follow from the request's fields",
    "smoke: the check belongs to the short plan",
)


def covers(requirement: str) -> pytest.MarkDecorator:
    """Mark a check with the requirement that it judges."""
    return pytest.mark.covers(requirement)


def on(*scenarios: Scenario, dead: bool = False) -> pytest.MarkDecorator:
    """Mark a check with the scenarios whose exchanges it judges, one row for each.

    A row whose exchange is dead (no answer, or «not now») is an ERROR before the check begins; with `dead`
    the check is asked all the same, because it judges what became of the request.
    """
    return pytest.mark.on(*scenarios, dead=dead)


def needs(*scenarios: Scenario, dead: bool = False) -> pytest.MarkDecorator:
    """Mark a check with further scenarios that it reads (a control, the steps of a flow): all in one row.

    `dead` is that of `on`: a check that looks over many exchanges goes on without those that are dead.
    """
    return pytest.mark.needs(*scenarios, dead=dead)


def each(name: str, rows: Callable[[FieldScenarios], Iterable[ParameterSet]]) -> pytest.MarkDecorator:
    """Mark a check with a row for each of those that follow from the request's fields.

    It is `pytest.mark.parametrize` once the contract in force is known, whose fields they are.
    """
    return pytest.mark.each(name, rows)


def needs_each(scenarios: Callable[[FieldScenarios], Iterable[Scenario]]) -> pytest.MarkDecorator:
    """Mark a check that looks over the request's fields: `needs`, once the contract in force is known."""
    return pytest.mark.needs_each.with_args(scenarios)


def expanded(mark: pytest.Mark, fields: FieldScenarios) -> pytest.Mark:
    """A mark as it is where the contract in force has these fields."""
    match mark.name:
        case "each":
            name, rows = mark.args
            return pytest.mark.parametrize(name, list(rows(fields))).mark
        case "needs_each":
            return needs(*dict.fromkeys(mark.args[0](fields)), dead=True).mark
        case _:
            return mark


def without_fault(control: Scenario, under: Iterable[Contract] | None = None) -> pytest.MarkDecorator:
    """Mark a check whose PASS rests on a refusal with the same request without the fault.

    Where that is not answered either, the refusal proves nothing, and the check is an ERROR. `under` are the
    contracts under which the request may be refused at all, without it all: under others a refusal is judged
    as it stands.
    """
    return pytest.mark.needs(control, dead=True, control=True if under is None else frozenset(under))
