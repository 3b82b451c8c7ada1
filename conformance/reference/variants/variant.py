"""What a variant is."""

from dataclasses import dataclass

from conformance.contract.contracts import Contract
from conformance.reference.hooks import Seams

EVERYWHERE = frozenset(Contract)
PAGE = frozenset({Contract.ANYFAST})
NOT_OPENRESPONSES = EVERYWHERE - {Contract.OPENRESPONSES}


@dataclass(frozen=True, slots=True)
class Variant:
    """A provider that is different from the healthy one, and right under the contracts named.

    `worse` are the requirements (by id) whose verdict may become worse all the same, and the reason stands in
    the line: an optional thing that the page promises in words, and that cannot be verified without.
    """

    id: str
    line: str
    seams: Seams
    contracts: frozenset[Contract] = EVERYWHERE
    worse: frozenset[str] = frozenset()
