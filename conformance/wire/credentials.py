"""The key and the other secrets of a run: read from the environment, worded as headers, never shown."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.exchange import Credential
from conformance.run.profile import FromEnv, Profile, ProfileError

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


def read_key(profile: Profile, environ: Mapping[str, str]) -> Secret:
    """The key, out of the variable that the profile names; empty where the endpoint takes none.

    An endpoint without authorization needs none, but is sent one that is set.
    """
    needless = "authorization" in profile.unclaimed and not environ.get(profile.key_env)
    if not profile.key_env or needless:
        return NO_KEY
    missing = (
        f"set it, name another with --api-key-env, or if the endpoint takes no key: --api-key-env ''"
        f" (profile {profile.name})"
    )
    return _read(profile.key_env, environ, missing)


def read_credentials(profile: Profile, environ: Mapping[str, str]) -> Credentials:
    """Everything that authorizes a run; raises ProfileError where a variable is unset or unfit."""
    key = read_key(profile, environ)
    headers = _resolved(profile, profile.headers, "headers", environ)
    query = _resolved(profile, profile.query, "query", environ)
    named = [Secret(value) for name, value in headers if name.lower() in profile.secret_headers]
    from_env = [value for _, value in (*headers, *query) if isinstance(value, Secret)]
    secrets = tuple(dict.fromkeys(secret for secret in (key, *named, *from_env) if secret))
    return Credentials(key, headers, query, secrets)


def authorization(profile: Profile, key: Secret, kind: Credential) -> Pairs:
    """The header that authorizes a call in that way, as (name, value); none for no key."""
    scheme = f"{profile.key_scheme} " if profile.key_scheme else ""
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
            value = profile.key_scheme
        case "wrong":
            value = f"{scheme}{made_up_key(key)}"
        case "basic":
            value = "Basic " + base64.b64encode(f"user:{made_up_key(key)}".encode()).decode()
    return () if value is None else ((profile.key_header, Secret(value)),)


def made_up_key(key: str) -> str:
    """A key that is surely another: nothing of the true one goes into it, its length neither.

    Only a short prefix such as `sk-` is kept, because servers look at it first.
    """
    head, sign, rest = key.partition("-")
    prefix = f"{head}-" if sign and len(head) <= 3 and len(rest) >= 8 else ""
    made = (prefix or "sk-") + MADE_UP
    return made if made != key else made[::-1]


MADE_UP = "conformance-made-up-key-0000000000000000000000000"


def _resolved(
    profile: Profile, pairs: tuple[tuple[str, str | FromEnv], ...], table: str, environ: Mapping[str, str]
) -> Pairs:
    return tuple((name, _read_value(profile, f"{table}.{name}", value, environ)) for name, value in pairs)


def _read_value(profile: Profile, where: str, value: str | FromEnv, environ: Mapping[str, str]) -> str:
    if isinstance(value, str):
        return value
    return _read(value.env, environ, f"set it: {where} of profile {profile.name} needs it")


def _read(variable: str, environ: Mapping[str, str], missing: str) -> Secret:
    value = environ.get(variable)
    if not value:
        state = "not set" if value is None else "empty"
        raise ProfileError(f"the environment variable {variable} is {state}: {missing}")
    if "\n" in value or "\r" in value:
        raise ProfileError(
            f"the environment variable {variable} has a line end in it: set it to the key alone"
        )
    if not value.isascii() or not value.isprintable():
        raise ProfileError(f"the environment variable {variable} has characters that no header can carry")
    if value != value.strip():
        raise ProfileError(
            f"the environment variable {variable} begins or ends with a blank: set the key alone"
        )
    return Secret(value)
