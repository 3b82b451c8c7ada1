"""What a mutant is."""

from dataclasses import dataclass

from conformance.reference.hooks import Hooks
from conformance.verdicts.verdict import Contract


@dataclass(frozen=True, slots=True)
class Mutant:
    """The reference provider broken in one named way.

    `line` says what it does, `requirement` is the catalogue id of what must catch it, under `contract`.
    """

    id: str
    line: str
    requirement: str
    hooks: Hooks
    contract: Contract = Contract.ANYFAST
