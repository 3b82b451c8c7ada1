"""What the values of a profile must be: each is given back as it is used, or refused in one line."""

import math
import re
import string
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from conformance.contract.tokenizers import tokenizers
from conformance.shown import kind_of, nearest, one_line

DEFAULT_MODEL = "gpt-5.2"

TAKEN_HEADERS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "upgrade", "te"}
)
"""Headers that belong to the transport: another value would break the connection or its bounds."""


TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # noqa: S105 - RFC 9110 section 5.6.2 calls it a token
PATH_CHARACTERS = frozenset(string.ascii_letters + string.digits + "/-._~%:@!$&'()*+,;=")


class ProfileError(ValueError):
    """A profile cannot be used. The message is one line: what is wrong, where, how to mend it."""


def check_url(url: str, where: str) -> str:
    """A base URL without its trailing slash; raises ProfileError where requests cannot be built on it."""
    parts = split_url(url, where)
    if parts.query or parts.fragment or "?" in url or "#" in url:
        raise ProfileError(f"{where}: {url!r} has a query or a fragment: put parameters under [query]")
    trimmed = url.rstrip("/")
    if parts.path.rstrip("/").endswith("/responses"):
        shorter = trimmed.removesuffix("/responses")
        raise ProfileError(f"{where}: leave /responses off, it is appended to the base URL: {shorter}")
    return trimmed


def split_url(url: str, where: str) -> SplitResult:
    """The parts of a URL that requests can go to; raises ProfileError for one that is none."""
    shown = one_line(url)
    if any(c.isspace() or not c.isprintable() for c in url):
        raise ProfileError(f"{where}: {shown!r} has a blank or a control character in it")
    if "://" not in url:
        raise ProfileError(
            f"{where}: {shown!r} has no scheme: write https://{shown.lstrip('/') or 'host/v1'}"
        )
    try:
        parts = urlsplit(url)
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        port_fits, parts = False, SplitResult("", "", "", "", "")
    if parts.username is not None or parts.password is not None:
        raise ProfileError(
            f"{where}: no user or password stands in a URL: name the key's variable in key_env"
        )
    if not port_fits:
        raise ProfileError(f"{where}: {shown!r} is no URL: is the port a number from 1 to 65535?")
    if parts.scheme not in {"http", "https"}:
        raise ProfileError(f"{where}: {shown!r} must start with https:// or http://")
    if not parts.hostname:
        raise ProfileError(f"{where}: {shown!r} names no host: write https://host/v1")
    return parts


def named_model(model: str, where: str) -> str:
    """A model that is named."""
    if not model.strip():
        raise ProfileError(f"{where}: the model is empty: name one, such as {DEFAULT_MODEL}")
    return model


def variable_name(name: str, where: str) -> str:
    """The name of an environment variable; empty for none."""
    if name and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise ProfileError(
            f"{where}: not the name of an environment variable (letters, digits and _); the key itself"
            " stands in no profile and no option"
        )
    return name


def header_name(name: str, where: str) -> str:
    """The name of a header that a profile may set."""
    if not re.fullmatch(TOKEN, name):
        raise ProfileError(f"{where}: {one_line(name)!r} is no header name")
    if name.lower() in TAKEN_HEADERS:
        raise ProfileError(f"{where}: {name} belongs to the connection: leave it out")
    return name


def is_header_value(value: str) -> bool:
    """Whether a text can stand in a header."""
    return value.isascii() and value.isprintable()


def text_of(value: Any, where: str) -> str:
    """A TOML value that must be text."""
    if not isinstance(value, str):
        raise ProfileError(f"{where}: must be text in quotes, is {kind_of(value)}")
    return value


def table_of(value: Any, where: str) -> Mapping[str, Any]:
    """A TOML value that must be a table."""
    if not isinstance(value, dict):
        raise ProfileError(f"{where}: must be a table, is {kind_of(value)}")
    return value


def price_of(value: Any, where: str) -> float:
    """A TOML value that must be a price."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ProfileError(f"{where}: must be a number without quotes, is {kind_of(value)}")
    if not 0 <= value < math.inf:
        raise ProfileError(f"{where}: {value} is no price: write 0 or more, for a million tokens")
    return float(value)


def tokenizer_of(name: str, where: str) -> str:
    """A tokenizer whose counts are known. Raises ProfileError."""
    if name not in tokenizers():
        near = nearest(name, tokenizers()) or f": the known ones are {', '.join(tokenizers())}"
        raise ProfileError(f"{where}: unknown tokenizer {one_line(name)!r}{near}")
    return name


def as_name(text: str) -> str:
    """What a provider without a profile is named by: a report folder bears it."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", text).strip("-.") or "provider"
