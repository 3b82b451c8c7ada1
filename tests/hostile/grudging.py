"""The reference provider, right in whatever it answers, behind a gateway that lets not everything through."""

import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from conformance.reference.app import Providers
from conformance.reference.hooks import Frame, Reply
from conformance.reference.provider import Provider
from conformance.reference.server import listening, mutant_hooks
from tests.runs import KEY


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as the gateway sees it: its number from 1, how often its body came before, the body."""

    number: int
    before: int
    body: bytes


Gate = Callable[[Asked], Reply | None]
"""The gateway's own answer to a request, or None where it lets it through."""


@dataclass(slots=True)
class Grudging(Provider):
    """The provider behind a gate; `bodies` are those of all requests, in order, let through or not."""

    gate: Gate = lambda _: None
    bodies: list[bytes] = field(default_factory=list)
    turned_away: int = 0

    def reply(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], raw: bytes
    ) -> Reply:
        """Ask the gate first: what it turns away never happened."""
        asked = Asked(len(self.bodies) + 1, self.bodies.count(raw), raw)
        self.bodies.append(raw)
        made = self.gate(asked)
        if made is not None:
            self.turned_away += 1
            return made
        return Provider.reply(self, method, path, query, headers, raw)


def refusing(status: int, *headers: tuple[str, str], drops: bool = False) -> Reply:
    """An answer of the gateway's own; one that `drops` closes the connection after it without saying so."""
    body = json.dumps({"error": {"message": "not now", "type": "gateway", "code": None}}).encode()
    basic = (("content-type", "application/json"), ("content-length", str(len(body))))
    return Reply(status, (*basic, *headers), (Frame(body),), cut=drops)


def every(nth: int, reply: Reply) -> Gate:
    """One of so many requests is turned away."""
    return lambda asked: None if asked.number % nth else reply


def now_and_then(one_of: int, reply: Reply, seed: int = 1) -> Gate:
    """One of so many requests is turned away, whichever."""
    chance = random.Random(seed)  # noqa: S311 - the same each time
    return lambda _: reply if chance.randrange(one_of) == 0 else None


def at_most(requests: int, seconds: float, reply: Reply) -> Gate:
    """So many requests in each window of time, counted from its first; the others are turned away."""
    window = [0.0, 0.0]
    lock = threading.Lock()

    def gate(_: Asked) -> Reply | None:
        with lock:
            now = time.monotonic()
            if now - window[0] >= seconds:
                window[:] = [now, 0]
            window[1] += 1
            return reply if window[1] > requests else None

    return gate


@dataclass(slots=True)
class Unhurried(Provider):
    """The provider that takes a while over each answer, one time this long and another time that."""

    chance: random.Random = field(default_factory=random.Random)
    longest: float = 0.1

    def reply(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], raw: bytes
    ) -> Reply:
        """The same answer, some time later."""
        made = Provider.reply(self, method, path, query, headers, raw)
        return replace(made, wait=made.wait + self.chance.uniform(0.0, self.longest))


@dataclass(slots=True)
class Serial(Provider):
    """The provider that answers one request after the other, also those that nobody waits for any more.

    `hangs` names the bodies that are never answered; `bodies` are those of all requests, in order.
    """

    each: float = 0.2
    hangs: Callable[[Asked], bool] = lambda _: False
    bodies: list[bytes] = field(default_factory=list)
    free_at: float = 0.0
    turn: threading.Lock = field(default_factory=threading.Lock)

    def reply(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], raw: bytes
    ) -> Reply:
        """The same answer, once those before it have been given."""
        made = Provider.reply(self, method, path, query, headers, raw)
        with self.turn:
            asked = Asked(len(self.bodies) + 1, self.bodies.count(raw), raw)
            self.bodies.append(raw)
            if self.hangs(asked):
                return replace(made, wait=3600.0)
            now = time.monotonic()
            self.free_at = max(now, self.free_at) + self.each
            return replace(made, wait=self.free_at - now)


@contextmanager
def serial(each: float, hangs: Callable[[Asked], bool] = lambda _: False) -> Iterator[tuple[str, Serial]]:
    """Serve the provider that takes so many seconds for each answer; gives the base URL and the provider."""
    provider = Serial(KEY, each=each, hangs=hangs)
    with listening(Providers(provider, lambda _kind, _name: None)) as base_url:
        yield base_url, provider


@contextmanager
def unhurried(mutant: str, seed: int) -> Iterator[str]:
    """Serve a mutant whose answers come in another order for each seed; gives the base URL."""
    provider = Unhurried(KEY, mutant_hooks(mutant), chance=random.Random(seed))  # noqa: S311 - no secret
    with listening(Providers(provider, lambda _kind, _name: None)) as base_url:
        yield base_url


@contextmanager
def grudging(gate: Gate) -> Iterator[tuple[str, Grudging]]:
    """Serve the provider behind that gate; gives the base URL and the provider."""
    provider = Grudging(KEY, gate=gate)
    with listening(Providers(provider, lambda _kind, _name: None)) as base_url:
        yield base_url, provider
