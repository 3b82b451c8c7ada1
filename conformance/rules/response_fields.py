"""The fields of a response, one by one: their presence, types and shapes."""

from collections.abc import Iterator

from conformance.contract.contracts import Contract
from conformance.response import Body
from conformance.rules.shapes import shape_findings
from conformance.verdicts.verdict import Finding


def response_shape(body: Body, contract: Contract, aspect: str) -> Iterator[Finding]:
    """One aspect of `schemas/response.json`."""
    return shape_findings(body.response, "response", contract, aspect)
