"""What follows from what: which requirements a fault takes with it, argued from the contract.

A relation of `causes.toml` says one thing or both. With `brings`, `named`, `alike`, `streamed`, `of_field` or
`placed` it says that a violation of the requirement `id` takes others with it, because of what the contract
says of them; each asks for other evidence, see `Relation`. A `*` in both stands for the same field, `**` for
any. With `all_of` it gives a fault a name of its own: where none of these requirements is met at all (or,
with `some`, wherever enough of them are violated), they are one fault and not many.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

CAUSES = Path(__file__).with_name("causes.toml")


@dataclass(frozen=True, slots=True)
class Relation:
    """One fault and what follows from it.

    `brings` and `all_of` are ids of requirements or patterns (`request.*.refused`). `because` argues it from
    the contract, `sentence` says what the server does (see `PLACES`), `usually` how it comes about, where
    that is known. What `brings` names follows where the row's own exchanges show the fault too, or anywhere
    with `everywhere`; `named`, where all that the row found is about one of the fault's fields, or `fields`;
    `alike`, where the same came; `streamed`, at the ends of streams; `of_field`, where it is about a field of
    the fault; `placed`, where both are wrong at one of `fields`, and the row nowhere else. `least` is how
    many requirements of `all_of` must be violated, with `same_words` by refusals in the same words.
    """

    id: str
    because: str
    brings: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()
    streamed: tuple[str, ...] = ()
    of_field: tuple[str, ...] = ()
    placed: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()
    sentence: str = ""
    usually: str = ""
    fields: tuple[str, ...] = ()
    everywhere: bool = False
    some: bool = False
    same_words: bool = False
    least: int = 2

    def heads(self, head: str) -> bool:
        """Whether this says something of the fault of that name."""
        return _bound(self.id, head) is not None

    def takes(self, head: str, requirement: str) -> bool:
        """Whether a violation of a requirement may follow from that of another, or from this named fault."""
        every = (patterns for key in _FOLLOWING for patterns in getattr(self, key))
        return requirement != head and self._has(tuple(every), head, requirement)

    def brings_along(self, head: str, requirement: str) -> bool:
        """Whether it follows where the same exchanges show it."""
        return self._has(self.brings, head, requirement)

    def is_named(self, head: str, requirement: str) -> bool:
        """Whether it follows where the fault's field is named."""
        return self._has(self.named, head, requirement)

    def is_alike(self, head: str, requirement: str) -> bool:
        """Whether it follows where the same came."""
        return self._has(self.alike, head, requirement)

    def is_streamed(self, head: str, requirement: str) -> bool:
        """Whether it follows where only the ends of streams show it."""
        return self._has(self.streamed, head, requirement)

    def is_of_field(self, head: str, requirement: str) -> bool:
        """Whether it follows where it is about a field of the fault."""
        return self._has(self.of_field, head, requirement)

    def is_placed(self, head: str, requirement: str) -> bool:
        """Whether it follows where the same member is wrong."""
        return self._has(self.placed, head, requirement)

    def _has(self, patterns: tuple[str, ...], head: str, requirement: str) -> bool:
        bound = _bound(self.id, head)
        return bound is not None and any(fnmatchcase(requirement, _with(bound, each)) for each in patterns)

    def is_of(self, requirement: str) -> bool:
        """Whether that requirement is one of those that this fault breaks altogether."""
        return any(fnmatchcase(requirement, pattern) for pattern in self.all_of)


def _with(bound: str, brought: str) -> str:
    """A pattern of `brings` in which the field has its name."""
    return "*".join(part.replace("*", bound or "*") for part in brought.split("**"))


class CauseError(ValueError):
    """A relation is malformed; the message names it and the key."""


def _bound(pattern: str, head: str) -> str | None:
    """What the `*` of a pattern stands for in this id, empty where it has none. None: it does not match."""
    before, star, after = pattern.partition("*")
    if not star:
        return "" if head == pattern else None
    fits = head.startswith(before) and head.endswith(after) and len(head) > len(before) + len(after)
    return head[len(before) : len(head) - len(after)] if fits else None


@cache
def relations() -> tuple[Relation, ...]:
    """The relations, in the order in which they are tried. Raises CauseError."""
    return read(CAUSES)


def read(file: Path) -> tuple[Relation, ...]:
    """The relations of a file. Raises CauseError."""
    return tuple(_relation(id_, table) for id_, table in tomllib.loads(file.read_text("utf-8")).items())


_FOLLOWING = ("brings", "named", "alike", "streamed", "of_field", "placed")
"""The keys that name what follows, by what must show it."""

PLACES = frozenset({"rows", "requests", "requirements", "fields"})
"""What a sentence may tell of what was seen: the fault's own rows and fields, and how many requests and
requirements are folded in with them. A count takes its noun with it: `{requests:request}`."""

_KEYS = frozenset(
    {"because", "sentence", "usually", "all_of", "some", "same_words", "least", "everywhere", "fields"}
) | frozenset(_FOLLOWING)


def _relation(id_: str, table: Mapping[str, Any]) -> Relation:
    unknown = table.keys() - _KEYS
    if unknown:
        raise CauseError(f"{CAUSES.name}: {id_}: unknown key {min(unknown)}")
    if not any(map(table.get, (*_FOLLOWING, "all_of"))):
        raise CauseError(f"{CAUSES.name}: {id_}: `all_of` or one of `{'`, `'.join(_FOLLOWING)}` is needed")
    if not table.get("because"):
        raise CauseError(f"{CAUSES.name}: {id_}: no `because`")
    if table.get("all_of") and not table.get("sentence"):
        raise CauseError(f"{CAUSES.name}: {id_}: a fault with a name of its own needs a `sentence`")
    strange = set(re.findall(r"{(\w*)(?::\w+)?}", table.get("sentence", ""))) - PLACES
    if strange:
        raise CauseError(f"{CAUSES.name}: {id_}: nothing stands for {min(strange)} in `sentence`")
    return Relation(
        id_,
        table["because"],
        **{key: tuple(table.get(key, ())) for key in _FOLLOWING},
        all_of=tuple(table.get("all_of", ())),
        sentence=table.get("sentence", ""),
        usually=table.get("usually", ""),
        fields=tuple(table.get("fields", ())),
        everywhere=table.get("everywhere", False),
        some=table.get("some", False),
        same_words=table.get("same_words", False),
        least=table.get("least", 2),
    )
