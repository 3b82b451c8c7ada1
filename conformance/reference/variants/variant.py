"""What a variant is."""

from dataclasses import dataclass, field

from conformance.contract.contracts import SHIPPED, Contract
from conformance.reference.hooks import Hooks

EVERYWHERE = frozenset(SHIPPED.values())
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
    hooks: Hooks = field(kw_only=True)
    contracts: frozenset[Contract] = field(default=EVERYWHERE, kw_only=True)
    worse: frozenset[str] = field(default=frozenset(), kw_only=True)
