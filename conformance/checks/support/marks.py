"""How a check says what it judges, and on which exchanges."""

from collections.abc import Iterable

import pytest

from conformance.contract.contracts import Contract
from conformance.scenarios.scenario import Scenario


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


def without_fault(control: Scenario, under: Iterable[Contract] = tuple(Contract)) -> pytest.MarkDecorator:
    """Mark a check whose PASS rests on a refusal with the same request without the fault.

    Where that is not answered either, the refusal proves nothing, and the check is an ERROR. `under` are the
    contracts under which the request may be refused at all: under others a refusal is judged as it stands.
    """
    return pytest.mark.needs(control, dead=True, control=frozenset(under))
