"""The catalogue: every sentence of the contract that the suite holds a provider to."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from conformance.contract.contracts import Contract
from conformance.contract.level import Level
from conformance.resources import CATALOGUE


@dataclass(frozen=True, slots=True)
class Requirement:
    """One sentence of the contract.

    `id` is stable and dotted, `area` the catalogue file it stands in, `clause` the quoted or condensed
    sentence, `source` its mark (S is the page; OA, OR the public specifications; RFC numbers), `why` what
    a client loses where it does not hold. `if_present` is the level of an optional (MAY) thing that is
    there and wrong, SHOULD without it. `unbroken` says why no mutant can break the requirement.
    """

    id: str
    area: str
    clause: str
    source: str
    why: str
    levels: Mapping[Contract, Level]
    if_present: Level | None = None
    unbroken: str = ""

    def level(self, contract: Contract) -> Level:
        """How strongly that contract asks for it."""
        return self.levels[contract]

    def level_if_violated(self, contract: Contract) -> Level:
        """The level of what is there and wrong: an optional thing that is there counts."""
        level = self.levels[contract]
        return self.if_present or Level.SHOULD if level is Level.MAY else level


class CatalogueError(ValueError):
    """An entry of the catalogue is malformed; the message names file, id and key."""


@cache
def catalogue() -> Mapping[str, Requirement]:
    """Every requirement by its id, in the order of the files."""
    found: dict[str, Requirement] = {}
    for file in sorted(CATALOGUE.glob("*.toml")):
        for id_, entry in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if id_ in found:
                raise CatalogueError(f"{file.name}: {id_} stands in the catalogue twice")
            found[id_] = _requirement(id_, file.stem, entry)
    return MappingProxyType(found)


def _requirement(id_: str, area: str, entry: Mapping[str, Any]) -> Requirement:
    where = f"{area}.toml: {id_}"
    unknown = entry.keys() - {"clause", "source", "why", "levels", "if_present", "unbroken"}
    missing = {"clause", "source", "why", "levels"} - entry.keys()
    if unknown or missing:
        raise CatalogueError(f"{where}: unknown keys {sorted(unknown)}, missing keys {sorted(missing)}")
    try:
        levels = _levels(entry["levels"])
        if_present = Level(entry["if_present"]) if "if_present" in entry else None
    except (KeyError, ValueError) as error:
        raise CatalogueError(f"{where}: {error}") from None
    return Requirement(
        id_,
        area,
        entry["clause"],
        entry["source"],
        entry["why"],
        levels,
        if_present,
        entry.get("unbroken", ""),
    )


def _levels(entry: str | Mapping[str, str]) -> Mapping[Contract, Level]:
    if isinstance(entry, str):
        return dict.fromkeys(Contract, Level(entry))
    return {contract: Level(entry[contract]) for contract in Contract}
