"""A provider profile: where the endpoint is, which variable holds its key, and what it promises."""

import datetime
import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from conformance.clients.hurt import clients
from conformance.contract import moved
from conformance.contract.capabilities import CAPABILITIES, EVIDENCE, OPTIONAL
from conformance.contract.choosing import chosen
from conformance.contract.contracts import Contract, ContractError
from conformance.resources import PROFILES
from conformance.run.prices import Prices
from conformance.run.profile_values import (
    DEFAULT_MODEL,
    PATH_CHARACTERS,
    TOKEN,
    ProfileError,
    as_name,
    check_url,
    header_name,
    is_header_value,
    named_model,
    price_of,
    split_url,
    table_of,
    text_of,
    tokenizer_of,
    variable_name,
)
from conformance.shown import kind_of, nearest, one_line
from conformance.wire.endpoint import Endpoint

EMBEDDED = "embedded"
"""The base URL of the reference provider that the run starts by itself."""

DEFAULT_KEY_ENV = "CONFORMANCE_API_KEY"


@dataclass(frozen=True, slots=True)
class FromEnv:
    """A value that stands in an environment variable, and is therefore secret."""

    env: str


@dataclass(frozen=True, slots=True)
class KnownFailure:
    """A violation that the provider's owner knows of: one requirement, or one check (a node id's end).

    `expires` is the first day on which it counts as a violation again.
    """

    reason: str
    requirement: str = ""
    check: str = ""
    link: str = ""
    expires: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """One provider.

    `base_url` is what the client libraries take (`https://host/v1`), or EMBEDDED. `key_env` names the
    environment variable of the key; empty means that the endpoint takes none. The key goes out as
    `key_header: key_scheme key`. `headers` and `query` are sent with every request. `secret_headers` names
    headers, of requests and of answers, whose values are masked wherever they turn up. `proxy` is the only
    proxy in use: the environment's proxy variables are not read. `ca_bundle` replaces the public
    certificate authorities. `capabilities` holds only what is said to be missing or present. `prices` are
    for the estimate of a dry run and the bill. `clients` are those that matter, all of them where none is
    named. `must_work` are those that are run after each run, and make it red where they break. `tokenizer`
    is the one that the model counts with, empty where that is not known.
    """

    name: str
    base_url: str
    model: str = DEFAULT_MODEL
    key_env: str = DEFAULT_KEY_ENV
    contract: Contract = Contract.ANYFAST
    key_header: str = "Authorization"
    key_scheme: str = "Bearer"
    responses_path: str = "/responses"
    headers: tuple[tuple[str, str | FromEnv], ...] = ()
    query: tuple[tuple[str, str | FromEnv], ...] = ()
    secret_headers: frozenset[str] = frozenset()
    proxy: str = ""
    ca_bundle: Path | None = None
    capabilities: Mapping[str, bool] = field(default_factory=dict)
    prices: Prices | None = None
    known_failures: tuple[KnownFailure, ...] = ()
    clients: frozenset[str] = frozenset()
    must_work: frozenset[str] = frozenset()
    tokenizer: str = ""

    @property
    def embedded(self) -> bool:
        """Whether this is the reference provider that the run starts by itself."""
        return self.base_url == EMBEDDED

    @property
    def endpoint(self) -> Endpoint:
        """What the wire knows of it."""
        return Endpoint(
            self.base_url,
            self.responses_path,
            self.key_header,
            self.key_scheme,
            self.proxy,
            self.ca_bundle,
        )

    @property
    def unclaimed(self) -> frozenset[str]:
        """The capabilities that the provider does not claim.

        Who names no key, nor another secret to be sent, says that the endpoint asks for none. What is
        optional is claimed by the contract, or by the profile, which has the last word.
        """
        optional = {name: name in self.contract.claims for name in OPTIONAL}
        claims = {"authorization": not self._keyless, **optional, **self.capabilities}
        return frozenset(name for name, claimed in claims.items() if not claimed)

    @property
    def _keyless(self) -> bool:
        secrets = [value for _, value in (*self.headers, *self.query) if isinstance(value, FromEnv)]
        return not (self.embedded or self.key_env or secrets or self.secret_headers)


def load(name_or_file: str) -> Profile:
    """The profile of that name in the profiles folder, or the one in that TOML file."""
    file = _find(name_or_file)
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise ProfileError(f"cannot read the profile {file}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ProfileError(f"{file.name}: not UTF-8 at byte {error.start}: save it as UTF-8") from None
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{file.name}: not TOML: {one_line(str(error))}") from None
    return _Reader(file.name, file.parent).profile(file.stem, table)


def adhoc(base_url: str, model: str = DEFAULT_MODEL) -> Profile:
    """A profile for an endpoint that has no file; it is named after host and port."""
    checked = check_url(base_url, "--base-url")
    return Profile(as_name(urlsplit(checked).netloc), checked, named_model(model, "--model"))


def override(
    profile: Profile,
    *,
    base_url: str | None = None,
    model: str | None = None,
    key_env: str | None = None,
    contract: str | None = None,
    evidence: bool = False,
) -> Profile:
    """The profile with the values of the command line in place of its own; None leaves one as it is."""
    if evidence:
        profile = replace(profile, capabilities={**profile.capabilities, EVIDENCE: True})
    if base_url is not None:
        profile = replace(profile, base_url=check_url(base_url, "--base-url"))
    if model is not None:
        other = "" if model != profile.model else profile.tokenizer  # a profile's is that of its own model
        profile = replace(profile, model=named_model(model, "--model"), tokenizer=other)
    if key_env is not None:
        profile = replace(profile, key_env=variable_name(key_env, "--api-key-env"))
    if contract is not None:
        profile = replace(profile, contract=_contract(contract, "--contract", Path()))
    return profile


def available() -> list[str]:
    """The names of the packaged profiles."""
    return sorted(file.stem for file in PROFILES.glob("*.toml"))


def check_known_failures(profile: Profile, requirements: Collection[str]) -> None:
    """Raise ProfileError for a known failure whose requirement the catalogue does not have."""
    for known in profile.known_failures:
        if known.requirement and known.requirement not in requirements:
            near = nearest(known.requirement, requirements)
            raise ProfileError(
                f"profile {profile.name}: known_failure: there is no requirement {known.requirement!r}{near}"
            )


class _Reader:
    """Reads one TOML table; its errors name the file and the key."""

    def __init__(self, file: str, folder: Path) -> None:
        self.file = file
        self.folder = folder

    def profile(self, stem: str, table: Mapping[str, Any]) -> Profile:
        self._known_keys(table, READERS, self.file)
        if "base_url" not in table:
            raise ProfileError(f'{self.file}: base_url is missing: add base_url = "https://host/v1"')
        found: dict[str, Any] = {"name": stem}
        for key, value in table.items():
            read = READERS[key]
            found["known_failures" if key == "known_failure" else key] = read(
                self, f"{self.file}: {key}", value
            )
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", found["name"]):
            raise ProfileError(
                f"{self.file}: name: use letters, digits, '.', '_' and '-' (it names a folder)"
            )
        found["secret_headers"] = found.get("secret_headers", frozenset()) | _secret_names(found)
        return Profile(**found)

    def text(self, where: str, value: Any) -> str:
        return text_of(value, where)

    def url(self, where: str, value: Any) -> str:
        url = text_of(value, where)
        return url if url == EMBEDDED else check_url(url, where)

    def model(self, where: str, value: Any) -> str:
        return named_model(text_of(value, where), where)

    def variable(self, where: str, value: Any) -> str:
        return variable_name(text_of(value, where), where)

    def contract(self, where: str, value: Any) -> Contract:
        return _contract(text_of(value, where), where, self.folder)

    def header(self, where: str, value: Any) -> str:
        return header_name(text_of(value, where), where)

    def scheme(self, where: str, value: Any) -> str:
        scheme = text_of(value, where)
        if scheme and not re.fullmatch(TOKEN, scheme):
            raise ProfileError(f'{where}: {scheme!r} is no scheme: write one word, or "" for the bare key')
        return scheme

    def path(self, where: str, value: Any) -> str:
        path = text_of(value, where)
        if not path.startswith("/") or set(path) - PATH_CHARACTERS:
            raise ProfileError(f"{where}: {path!r} is no path: it starts with / and has no query")
        return path.rstrip("/")

    def headers(self, where: str, value: Any) -> tuple[tuple[str, str | FromEnv], ...]:
        pairs = self.values(where, value)
        for name, content in pairs:
            header_name(name, f"{where}.{name}")
            if isinstance(content, str) and not is_header_value(content):
                raise ProfileError(f"{where}.{name}: a header's value is one line of printable ASCII")
        return pairs

    def values(self, where: str, value: Any) -> tuple[tuple[str, str | FromEnv], ...]:
        return tuple((n, self.value(f"{where}.{n}", v)) for n, v in table_of(value, where).items())

    def value(self, where: str, value: Any) -> str | FromEnv:
        if not isinstance(value, dict):
            return text_of(value, where)
        self._known_keys(value, {"env"}, where)
        if not value.get("env"):
            raise ProfileError(f'{where}: write text, or {{ env = "VARIABLE" }} for a secret')
        return FromEnv(variable_name(text_of(value["env"], where), where))

    def names(self, where: str, value: Any) -> frozenset[str]:
        if not isinstance(value, list):
            raise ProfileError(f"{where}: must be a list of header names, is {kind_of(value)}")
        return frozenset(header_name(text_of(name, where), where).lower() for name in value)

    def proxy(self, where: str, value: Any) -> str:
        proxy = text_of(value, where)
        if proxy:
            split_url(proxy, where)
        return proxy

    def file_path(self, where: str, value: Any) -> Path | None:
        if not text_of(value, where):
            return None
        path = self.folder / Path(text_of(value, where)).expanduser()
        if not path.is_file():
            raise ProfileError(f"{where}: there is no file {path}: name a file of PEM certificates")
        return path

    def claims(self, where: str, value: Any) -> Mapping[str, bool]:
        table = table_of(value, where)
        self._known_keys(table, CAPABILITIES, where)
        for name, claimed in table.items():
            if not isinstance(claimed, bool):
                raise ProfileError(f"{where}.{name}: must be true or false, is {kind_of(claimed)}")
        return dict(table)

    def prices(self, where: str, value: Any) -> Prices:
        table = table_of(value, where)
        self._known_keys(table, {"input", "output", "currency"}, where)
        for key in ("input", "output"):
            if key not in table:
                raise ProfileError(f"{where}: {key} is missing: write what a million {key} tokens cost")
        currency = text_of(table.get("currency", "USD"), f"{where}.currency")
        if not re.fullmatch("[A-Z]{3}", currency):
            raise ProfileError(
                f"{where}.currency: {one_line(currency)!r} is no currency: write its code, such as USD"
            )
        read, written = (price_of(table[key], f"{where}.{key}") for key in ("input", "output"))
        return Prices(read, written, currency)

    def clients(self, where: str, value: Any) -> frozenset[str]:
        if not isinstance(value, list):
            raise ProfileError(f"{where}: must be a list of clients, is {kind_of(value)}")
        named = frozenset(text_of(name, where) for name in value)
        for name in sorted(named - clients().keys()):
            near = nearest(name, clients()) or f": the clients are {', '.join(clients())}"
            raise ProfileError(f"{where}: unknown client {one_line(name)!r}{near}")
        return named

    def tokenizer(self, where: str, value: Any) -> str:
        return tokenizer_of(text_of(value, where), where)

    def known(self, where: str, value: Any) -> tuple[KnownFailure, ...]:
        if not isinstance(value, list):
            raise ProfileError(f"{where}: write each known failure under its own [[known_failure]]")
        return tuple(self._one_known(f"{where} {n}", entry) for n, entry in enumerate(value, 1))

    def _one_known(self, where: str, value: Any) -> KnownFailure:
        entry = table_of(value, where)
        self._known_keys(entry, {"requirement", "check", "reason", "link", "expires"}, where)
        if ("requirement" in entry) == ("check" in entry):
            raise ProfileError(f"{where}: name either a requirement or a check, and not both")
        if not entry.get("reason"):
            raise ProfileError(f"{where}: give a reason: who reads the report must know why it is excused")
        texts = {key: text_of(entry[key], f"{where}: {key}") for key in entry if key != "expires"}
        if any(not text for text in texts.values()):
            raise ProfileError(f"{where}: an empty text says nothing: fill it in or leave the key out")
        expires = entry.get("expires")
        if expires is not None and type(expires) is not datetime.date:
            raise ProfileError(f"{where}: expires must be a date such as 2031-12-31, without quotes")
        if "requirement" in texts:
            texts["requirement"] = moved.requirement(texts["requirement"])
        return KnownFailure(**texts, expires=expires)

    def _known_keys(self, table: Mapping[str, Any], known: Collection[str], where: str) -> None:
        for key in table:
            if key in {"key", "api_key", "token"} and key not in known:
                raise ProfileError(
                    f"{where}: {key}: no key stands in a profile: name its variable in key_env"
                )
            if key not in known:
                near = nearest(key, known) or f": the keys are {', '.join(sorted(known))}"
                raise ProfileError(f"{where}: unknown key {one_line(key)!r}{near}")


READERS: Mapping[str, Callable[[_Reader, str, Any], Any]] = {
    "name": _Reader.text,
    "base_url": _Reader.url,
    "model": _Reader.model,
    "key_env": _Reader.variable,
    "contract": _Reader.contract,
    "key_header": _Reader.header,
    "key_scheme": _Reader.scheme,
    "responses_path": _Reader.path,
    "headers": _Reader.headers,
    "query": _Reader.values,
    "secret_headers": _Reader.names,
    "proxy": _Reader.proxy,
    "ca_bundle": _Reader.file_path,
    "capabilities": _Reader.claims,
    "prices": _Reader.prices,
    "tokenizer": _Reader.tokenizer,
    "clients": _Reader.clients,
    "must_work": _Reader.clients,
    "known_failure": _Reader.known,
}


def _find(name_or_file: str) -> Path:
    if "/" in name_or_file or "\\" in name_or_file or name_or_file.endswith(".toml"):
        return Path(name_or_file).expanduser()
    file = PROFILES / f"{name_or_file}.toml"
    if not file.is_file():
        near = nearest(name_or_file, available()) or f": there are {', '.join(available())}."
        raise ProfileError(
            f"there is no profile {name_or_file!r}{near} A file of your own is named by its path."
        )
    return file


def _contract(given: str, where: str, folder: Path) -> Contract:
    try:
        return chosen(given, folder)
    except ContractError as error:
        raise ProfileError(f"{where}: {error}") from None


def _secret_names(found: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(name.lower() for name, value in found.get("headers", ()) if isinstance(value, FromEnv))
