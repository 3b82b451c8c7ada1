"""Reads the key and the other secrets of a run out of the environment variables that a profile names."""

from collections.abc import Mapping

from conformance.run.profile import FromEnv, Profile
from conformance.run.profile_values import ProfileError
from conformance.wire.credentials import NO_KEY, Credentials, Pairs, Secret


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
