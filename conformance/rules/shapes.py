"""Whether a JSON value has the shape that the contract gives it."""

from collections.abc import Iterator
from typing import Any

from conformance.contract.contracts import Contract
from conformance.contract.schemas import departures
from conformance.verdicts.verdict import Finding


def shape_findings(value: Any, name: str, contract: Contract, definition: str = "") -> Iterator[Finding]:
    """Everything in which a value departs from `schemas/<name>.json`, or from one of its `$defs`."""
    return (Finding(*found) for found in departures(value, name, contract, definition))
