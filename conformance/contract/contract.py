"""A contract: who promises what."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import ClassVar

from conformance.contract.level import Level
from conformance.contract.patches import Patches
from conformance.contract.sources import Source


class ContractError(ValueError):
    """A contract cannot be used. The message is one line: what is wrong, where, how to mend it."""


@dataclass(frozen=True, eq=False)
class Contract:
    """What a provider promises: a value that was read from a TOML file.

    `source` is the document that the contract was taken from, `revision` which of its versions. `patches`
    are laid over the schemas of the contract that it `extends`. `levels` are ids of requirements, or
    patterns of them, each with its level: the last that fits counts.

    The three that are `shipped` are sources which the suite holds against each other: on what they dispute,
    either answer is right. A user's own has the last word on the fields of the request that it, or another
    of the user's that it extends, has `stated`. What it has `removed` is neither sent nor judged. `claims`
    are the optional capabilities that whoever keeps it has, unless a profile says otherwise.
    """

    ANYFAST: ClassVar["Contract"]
    OPENAI: ClassVar["Contract"]
    OPENRESPONSES: ClassVar["Contract"]

    name: str
    source: Source | None = field(default=None, repr=False)
    revision: str = ""
    extends: "Contract | None" = None
    patches: Patches = field(default=(), repr=False)
    levels: tuple[tuple[str, Level], ...] = field(default=(), repr=False)
    stated: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    shipped: bool = False
    claims: frozenset[str] = frozenset()

    def __str__(self) -> str:
        """Its name."""
        return self.name

    @property
    def option(self) -> str:
        """What names it on a command line: a user's own is a file, wherever that lies now."""
        return self.name if self.shipped else f"FILE, that of {self.name}"

    def lineage(self) -> Iterator["Contract"]:
        """It, the one that it extends, and so on."""
        contract: Contract | None = self
        while contract is not None:
            yield contract
            contract = contract.extends

    @property
    def base(self) -> "Contract":
        """The nearest that is shipped: itself, or one that it extends."""
        return next((contract for contract in self.lineage() if contract.shipped), Contract.ANYFAST)

    @property
    def own(self) -> Patches:
        """What the user's own contracts lay over the one that is shipped."""
        users = [contract for contract in self.lineage() if not contract.shipped]
        return tuple(patch for contract in reversed(users) for patch in contract.patches)

    def has_removed(self, requirement: str) -> bool:
        """Whether a requirement is about a field that the contract took away."""
        return any(f"{requirement}.".startswith(f"request.{path}.") for path in self.removed)

    def stated_level(self, requirement: str) -> Level | None:
        """The level that it gives to a requirement itself."""
        fitting = [level for pattern, level in self.levels if fnmatchcase(requirement, pattern)]
        return fitting[-1] if fitting else None
