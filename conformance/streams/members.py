"""Which members of a response the contract has a word for: a vendor's own are free to differ."""

from functools import cache

from conformance.contract.contracts import Contract
from conformance.contract.schemas import schema


@cache
def known_members(contract: Contract) -> frozenset[str]:
    """The names of a response's members in `schemas/response.json`, as that contract has it."""
    aspects = schema("response", contract)["$defs"].values()
    return frozenset(name for aspect in aspects for name in aspect.get("properties", ()))
