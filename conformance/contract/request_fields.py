"""The fields of the request under a contract, and the boundary cases of each: derived once in a process."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from conformance.contract.boundaries import Case, Field, cases_of, fields
from conformance.contract.contracts import SHIPPED, Contract
from conformance.contract.patches import Schema
from conformance.contract.schemas import page_schema, schema


@dataclass(frozen=True, eq=False)
class RequestFields:
    """Every field, and every case of every field, in the order of the schema.

    They are a user's `own` where a contract has changed what the shipped ones say.
    """

    fields: tuple[Field, ...]
    cases: tuple[Case, ...]
    own: bool = False


def request_fields(contract: Contract) -> RequestFields:
    """The fields of the request: the same ones under each of the shipped contracts."""
    return _derived(Contract.ANYFAST if contract.shipped else contract)


@cache
def _derived(contract: Contract) -> RequestFields:
    return derive(sides(contract), None if contract.shipped else contract)


def derive(schemas: Mapping[Contract, Schema], alone: Contract | None = None) -> RequestFields:
    """The fields as these contracts describe them; on what it has stated, `alone` is asked alone."""
    found = tuple(fields(schemas, alone))
    return RequestFields(found, tuple(case for known in found for case in cases_of(known)), alone is not None)


def sides(contract: Contract) -> dict[Contract, Schema]:
    """The contracts that are held against each other, the page first, each with its schema of the request.

    They are the shipped ones; a user's own stands in the place of the one that it extends.
    """
    found = {
        contract if shipped is contract.base else shipped: schema(
            "request", contract if shipped is contract.base else shipped
        )
        for shipped in SHIPPED.values()
    }
    page = next(iter(found))
    return {**found, page: page_schema(contract)}
