"""The fields of a response, one by one: their presence, types and shapes."""

from collections.abc import Iterator

from conformance.contract.contracts import Contract
from conformance.response import Body
from conformance.rules.shapes import fits_the_schema
from conformance.verdicts.verdict import Finding


def response_has_its_shape(body: Body, contract: Contract, aspect: str) -> Iterator[Finding]:
    """One aspect of `schemas/response.json`."""
    return fits_the_schema(body.response, "response", contract, aspect)
