"""Which clients a fault breaks, and how: what was measured with mutants, by requirement."""

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HURT = Path(__file__).with_name("hurt.toml")

EFFECTS = ("wrong", "hang", "message-lost", "exception")
"""What a fault does to a client, the silent first: nobody is told of what is read wrong."""

IN_WORDS = {
    "wrong": "reads it wrong and tells nobody",
    "hang": "never returns",
    "message-lost": "raises, and loses what the provider said",
    "exception": "raises",
}


@dataclass(frozen=True, slots=True)
class Client:
    """A client and the version that was measured."""

    id: str
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Hurt:
    """What the faults of some requirements do to one client: the effects seen, the silent first."""

    client: Client
    effects: tuple[str, ...]

    @property
    def silent(self) -> bool:
        """Whether the client may read something wrong without a word."""
        return self.effects[:1] == ("wrong",)


def clients() -> Mapping[str, Client]:
    """The clients that were measured, by id."""
    return {id_: Client(id_, **facts) for id_, facts in _read()["clients"].items()}


def hurt_by(requirements: Iterable[str]) -> tuple[Hurt, ...]:
    """The clients that a violation of these requirements was seen to break, the silently broken first."""
    seen: dict[str, set[str]] = {}
    wanted = set(requirements)
    for measured in mutants().values():
        if measured["requirement"] in wanted:
            for client in clients().keys() & measured.keys():
                seen.setdefault(client, set()).update(measured[client])
    found = [
        Hurt(client, tuple(effect for effect in EFFECTS if effect in seen[client.id]))
        for client in clients().values()
        if client.id in seen
    ]
    return tuple(sorted(found, key=lambda hurt: EFFECTS.index(hurt.effects[0])))


def hurting(named: Collection[str] = ()) -> frozenset[str]:
    """The requirements whose violation was seen to break a client: one of the named, or any."""
    wanted = set(named) or clients().keys()
    return frozenset(measured["requirement"] for measured in mutants().values() if wanted & measured.keys())


def mutants() -> Mapping[str, Mapping[str, Any]]:
    """What was measured: the requirement that each mutant breaks, and its effects by client."""
    measured: Mapping[str, Mapping[str, Any]] = _read()["mutants"]
    return measured


@cache
def _read() -> Mapping[str, Any]:
    return tomllib.loads(HURT.read_text("utf-8"))
