"""What a mutant is."""

from dataclasses import dataclass

from conformance.contract.contracts import Contract
from conformance.reference.hooks import Seams


@dataclass(frozen=True, slots=True)
class Mutant:
    """The reference provider broken in one named way.

    `line` says what it does, `requirement` is the catalogue id of what must catch it, under `contract`.
    """

    id: str
    line: str
    requirement: str
    seams: Seams
    contract: Contract = Contract.ANYFAST
