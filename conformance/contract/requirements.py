"""The catalogue: every sentence of the contract that the suite holds a provider to."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from conformance.contract.aspects import AspectError, Entry, derived
from conformance.contract.boundaries import Case, packaged_cases
from conformance.contract.contracts import Contract
from conformance.contract.level import Level
from conformance.contract.schemas import Schema, schema
from conformance.contract.sources import Piece, Source, cite, cited, sources
from conformance.resources import CATALOGUE


@dataclass(frozen=True, slots=True)
class Requirement:
    """One sentence of the contract.

    `id` is stable and dotted, `area` the stem of the catalogue file it belongs to, `clause` the quoted or
    condensed sentence, `source` where that stands, with marks that `sources.toml` tells of, `why` what a
    client loses where it does not hold. `if_present` is the level of an optional (MAY) thing that is there
    and wrong, SHOULD without it. `unbroken` says why no mutant can break the requirement.
    """

    id: str
    area: str
    clause: str
    source: str
    why: str
    levels: Mapping[Contract, Level]
    if_present: Level | None = None
    unbroken: str = ""

    @property
    def sources(self) -> tuple[Source, ...]:
        """The documents that `source` names, each once, in its order."""
        return cited(self.source, sources())

    @property
    def citation(self) -> tuple[Piece, ...]:
        """`source` in pieces: its marks, each with its document, and the words between them."""
        return cite(self.source, sources())

    def level(self, contract: Contract) -> Level:
        """How strongly that contract asks for it."""
        return self.levels[contract]

    def level_if_violated(self, contract: Contract) -> Level:
        """The level of what is there and wrong: an optional thing that is there counts."""
        level = self.levels[contract]
        return self.if_present or Level.SHOULD if level is Level.MAY else level


DERIVED_AREA = "request"
"""The area whose requirements follow from the fields of the request but for the exceptions in its file."""


class CatalogueError(ValueError):
    """An entry of the catalogue is malformed; the message names file, id and key."""


@cache
def catalogue() -> Mapping[str, Requirement]:
    """Every requirement by its id, in the order of the files.

    Raises CatalogueError.
    """
    schemas = {contract: schema("request", contract) for contract in Contract}
    return read(CATALOGUE, schemas, sources(), packaged_cases())


def read(
    folder: Path, schemas: Mapping[Contract, Schema], known: Mapping[str, Source], cases: Sequence[Case]
) -> Mapping[str, Requirement]:
    """The requirements of a folder of catalogue files, with those that follow from the request's fields.

    The latter come first in the area `request`; `cases` are those of the schemas. An entry of `request.toml`
    with the id of one of them replaces the keys that it states. Every mark of a source must be among the
    known ones. Raises CatalogueError.
    """
    found: dict[str, Requirement] = {}
    for area, entries in _files(folder, schemas, known, cases):
        for id_, entry in entries.items():
            if id_ in found:
                raise CatalogueError(f"{area}.toml: {id_} stands in the catalogue twice")
            found[id_] = _requirement(id_, area, entry, known)
    return MappingProxyType(found)


def _files(
    folder: Path, schemas: Mapping[Contract, Schema], known: Mapping[str, Source], cases: Sequence[Case]
) -> Iterator[tuple[str, dict[str, Entry]]]:
    """Area and entries of each file, in the order of their names."""
    for file in sorted(folder.glob("*.toml")):
        entries: dict[str, Entry] = tomllib.loads(file.read_text(encoding="utf-8"))
        if file.stem == DERIVED_AREA:
            entries = _with_derived(entries, schemas, known, cases)
        yield file.stem, entries


def _with_derived(
    entries: dict[str, Entry],
    schemas: Mapping[Contract, Schema],
    known: Mapping[str, Source],
    cases: Sequence[Case],
) -> dict[str, Entry]:
    try:
        following = derived(schemas, known, cases)
    except AspectError as error:
        raise CatalogueError(str(error)) from None
    stated = {id_: {**following.get(id_, {}), **entry} for id_, entry in entries.items()}
    return {**following, **stated}


def _requirement(id_: str, area: str, entry: Entry, known: Mapping[str, Source]) -> Requirement:
    where = f"{area}.toml: {id_}"
    unknown = entry.keys() - {"clause", "source", "why", "levels", "if_present", "unbroken"}
    missing = {"clause", "source", "why", "levels"} - entry.keys()
    if unknown or missing:
        raise CatalogueError(f"{where}: unknown keys {sorted(unknown)}, missing keys {sorted(missing)}")
    try:
        levels = _levels(entry["levels"])
        if_present = Level(entry["if_present"]) if "if_present" in entry else None
        cite(entry["source"], known)
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
