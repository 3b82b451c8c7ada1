"""The catalogue: every sentence of the contract that the suite holds a provider to."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType

from conformance.contract.aspects import AspectError, Entry, derived
from conformance.contract.contracts import SHIPPED, Contract
from conformance.contract.level import Level
from conformance.contract.request_fields import RequestFields, request_fields
from conformance.contract.sources import Piece, Source, cite, sources
from conformance.resources import CATALOGUE


@dataclass(frozen=True, slots=True)
class Requirement:
    """One sentence of the contract.

    `id` is stable and dotted, `area` the area whose checks look at it, `clause` the quoted or
    condensed sentence, `source` where that stands, and `citation` the same in pieces: its marks, each with
    its document, and the words between them. `why` is what a client loses where it does not hold. `levels`
    are those of the shipped contracts, by name. `if_present` is the level of an optional (MAY) thing that is
    there and wrong, SHOULD without it. `unbroken` says why no mutant can break the requirement.
    """

    id: str
    area: str
    clause: str
    source: str
    why: str
    levels: Mapping[str, Level]
    if_present: Level | None = None
    unbroken: str = ""
    sent_by: tuple[str, ...] = ()
    citation: tuple[Piece, ...] = field(default=(), repr=False)

    @property
    def of_field(self) -> bool:
        """Whether it is about a field of the request, which a contract of a user's own may describe anew."""
        return self.id.startswith("request.")

    @property
    def sources(self) -> tuple[Source, ...]:
        """The documents that `source` names, each once, in its order."""
        return tuple(dict.fromkeys(piece.source for piece in self.citation if piece.source))

    def level(self, contract: Contract) -> Level:
        """How strongly that contract asks for it: as it states, or else as the one does that it extends."""
        stated = (each.stated_level(self.id) for each in contract.lineage())
        return next(filter(None, stated), self.levels[contract.base.name])

    def level_if_violated(self, contract: Contract) -> Level:
        """The level of what is there and wrong: an optional thing that is there counts."""
        level = self.level(contract)
        return self.if_present or Level.SHOULD if level is Level.MAY else level


NEEDED = frozenset({"clause", "source", "why", "levels"})
"""The keys without which an entry is no requirement."""

CLIENTS = ("openai-python", "openai-node", "openai-agents", "langchain", "ai-sdk", "pydantic-ai", "codex")
"""The clients whose requests were looked at: OpenAI's SDK for Python and for Node, the OpenAI Agents SDK,
langchain-openai, the Vercel AI SDK, Pydantic AI, and the Codex command line."""


class CatalogueError(ValueError):
    """An entry of the catalogue is malformed; the message names file, id and key."""


def catalogue(contract: Contract = Contract.ANYFAST) -> Mapping[str, Requirement]:
    """Every requirement of a contract by its id, in the order of the files: the shipped ones have the same.

    Raises CatalogueError.
    """
    return _catalogue(Contract.ANYFAST if contract.shipped else contract)


@cache
def _catalogue(contract: Contract) -> Mapping[str, Requirement]:
    own = {each.source.mark: each.source for each in contract.lineage() if each.source}
    found = read(CATALOGUE, request_fields(contract), {**sources(), **own})
    return MappingProxyType({id_: it for id_, it in found.items() if not contract.has_removed(id_)})


def read(folder: Path, request: RequestFields, known: Mapping[str, Source]) -> Mapping[str, Requirement]:
    """The requirements of a folder of catalogue files, with those that follow from the request's fields.

    They stand by area; those that follow come first in theirs. An entry of its area's file with the id
    of one of them replaces the keys that it states. Every mark of a source must be among the known ones.
    Raises CatalogueError.
    """
    found: dict[str, Requirement] = {}
    for area, entries in _areas(folder, request, known):
        for id_, entry in entries.items():
            if id_ in found:
                raise CatalogueError(f"{area}.toml: {id_} stands in the catalogue twice")
            found[id_] = _requirement(id_, area, entry, known)
    return MappingProxyType(found)


def _areas(
    folder: Path, request: RequestFields, known: Mapping[str, Source]
) -> Iterator[tuple[str, dict[str, Entry]]]:
    """Area and entries of each area, in the order of their names."""
    following: dict[str, dict[str, Entry]] = {}
    try:
        for id_, entry in derived(request, known).items():
            following.setdefault(entry.pop("area"), {})[id_] = entry
    except AspectError as error:
        raise CatalogueError(str(error)) from None
    typed = {file.stem: file for file in folder.glob("*.toml")}
    for area in sorted(typed.keys() | following.keys()):
        text = typed[area].read_text(encoding="utf-8") if area in typed else ""
        yield area, _with(following.get(area, {}), tomllib.loads(text), changed=bool(request.own))


def _with(following: dict[str, Entry], typed: dict[str, Entry], *, changed: bool) -> dict[str, Entry]:
    """What follows in an area, with its exceptions, and what is typed.

    Where a contract has `changed` the request, an exception may be left over to what no longer follows.
    """
    stated = {id_: {**following.get(id_, {}), **entry} for id_, entry in typed.items()}
    if changed:
        stated = {id_: entry for id_, entry in stated.items() if id_ in following or entry.keys() >= NEEDED}
    return {**following, **stated}


def _requirement(id_: str, area: str, entry: Entry, known: Mapping[str, Source]) -> Requirement:
    where = f"{area}.toml: {id_}"
    unknown = entry.keys() - {*NEEDED, "if_present", "unbroken", "sent_by"}
    missing = NEEDED - entry.keys()
    if unknown or missing:
        raise CatalogueError(f"{where}: unknown keys {sorted(unknown)}, missing keys {sorted(missing)}")
    try:
        levels = _levels(entry["levels"])
        if_present = Level(entry["if_present"]) if "if_present" in entry else None
        citation = cite(entry["source"], known)
    except (KeyError, ValueError) as error:
        raise CatalogueError(f"{where}: {error}") from None
    if strangers := [client for client in entry.get("sent_by", ()) if client not in CLIENTS]:
        raise CatalogueError(f"{where}: sent_by: {strangers[0]} is none of {', '.join(CLIENTS)}")
    return Requirement(
        id_,
        area,
        entry["clause"],
        entry["source"],
        entry["why"],
        levels,
        if_present,
        entry.get("unbroken", ""),
        tuple(client for client in CLIENTS if client in entry.get("sent_by", ())),
        citation,
    )


def _levels(entry: str | Mapping[str, str]) -> Mapping[str, Level]:
    if isinstance(entry, str):
        return dict.fromkeys(SHIPPED, Level(entry))
    return {name: Level(entry[name]) for name in SHIPPED}
