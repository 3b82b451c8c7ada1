"""What a mutant is."""

from dataclasses import dataclass, field

from conformance.contract.contracts import Contract
from conformance.reference.hooks import Hooks


@dataclass(frozen=True, slots=True)
class Mutant:
    """The reference provider broken in one named way.

    `line` says what it does, `requirement` is the catalogue id of what must catch it, under `contract`.
    `derived` says that it was made from the schema, whose errors it shares, and not by hand. `report` is
    where the fault of a real server was told in public (`owner/repository#7`), empty where none is known.
    """

    id: str
    line: str
    requirement: str = field(kw_only=True)
    hooks: Hooks = field(kw_only=True)
    contract: Contract = field(default=Contract.ANYFAST, kw_only=True)
    derived: bool = field(default=False, kw_only=True)
    report: str = field(default="", kw_only=True)
