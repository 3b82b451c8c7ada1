"""The key and the other secrets of a run: worded as headers, never shown."""

import base64
from dataclasses import dataclass, field

from conformance.exchange import Credential
from conformance.wire.endpoint import Endpoint

Pairs = tuple[tuple[str, str], ...]


class Secret(str):
    """Text that shows itself as stars in a traceback or a dump of local variables."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


NO_KEY = Secret("")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What authorizes a run. `headers` and `query` are the profile's, with their variables read.

    `secrets` are all values that must never be written or shown.
    """

    key: Secret = NO_KEY
    headers: Pairs = field(default=(), repr=False)
    query: Pairs = field(default=(), repr=False)
    secrets: tuple[Secret, ...] = ()


def authorization(endpoint: Endpoint, key: Secret, kind: Credential) -> Pairs:
    """The header that authorizes a call in that way, as (name, value); none for no key."""
    scheme = f"{endpoint.key_scheme} " if endpoint.key_scheme else ""
    match kind:
        case "none":
            return ()
        case "valid":
            value = f"{scheme}{key}" if key else None
        case "lower-case":
            value = f"{scheme.lower()}{key}" if key else None
        case "raw":
            value = str(key) if key else None
        case "empty":
            value = ""
        case "bare":
            value = endpoint.key_scheme
        case "wrong":
            value = f"{scheme}{made_up_key(key)}"
        case "basic":
            value = "Basic " + base64.b64encode(f"user:{made_up_key(key)}".encode()).decode()
    return () if value is None else ((endpoint.key_header, Secret(value)),)


def made_up_key(key: str) -> str:
    """A key that is surely another: nothing of the true one goes into it, its length neither.

    Only a short prefix such as `sk-` is kept, because servers look at it first.
    """
    head, sign, rest = key.partition("-")
    prefix = f"{head}-" if sign and len(head) <= 3 and len(rest) >= 8 else ""
    made = (prefix or "sk-") + MADE_UP
    return made if made != key else made[::-1]


MADE_UP = "conformance-made-up-key-0000000000000000000000000"
