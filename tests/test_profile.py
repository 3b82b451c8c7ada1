"""Profiles: what loads, and the one line that is said of what does not."""

import datetime
from pathlib import Path

import pytest

from conformance.contract.capabilities import OPTIONAL
from conformance.contract.contracts import Contract
from conformance.exchange import Credential
from conformance.run import profile as profiles
from conformance.run.environment import read_credentials, read_key
from conformance.run.prices import Prices
from conformance.run.profile import EMBEDDED, FromEnv, KnownFailure, Profile, adhoc, load, override
from conformance.run.profile_values import ProfileError
from conformance.scenarios.scenario import ask
from conformance.wire.credentials import Secret, authorization, made_up_key

KEY = "sk-canary-0123456789"
MINIMAL = 'base_url = "https://api.example/v1"\n'


def written(folder: Path, text: str) -> str:
    """A profile file with that text."""
    file = folder / "mine.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


@pytest.mark.parametrize("name", profiles.available())
def test_every_packaged_profile_loads(name: str) -> None:
    assert load(name).name == name


def test_the_packaged_profiles_name_their_endpoints() -> None:
    assert load("reference").embedded
    anyfast = load("anyfast")
    assert (anyfast.base_url, anyfast.key_env) == ("https://www.anyfast.ai/v1", "ANYFAST_API_KEY")
    assert (anyfast.model, anyfast.contract) == ("gpt-5.2", Contract.ANYFAST)
    assert load("openai").contract is Contract.OPENAI


def test_a_full_profile(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("")
    loaded = load(
        written(
            tmp_path,
            """
            name = "vendor-a"
            base_url = "https://api.example/v1/"
            model = "m"
            key_env = "VENDOR_KEY"
            contract = "openresponses"
            key_header = "api-key"
            key_scheme = ""
            responses_path = "/openai/responses"
            secret_headers = ["X-Org"]
            proxy = "http://proxy.example:3128"
            ca_bundle = "ca.pem"
            clients = ["codex"]
            must_work = ["openai-node"]
            [headers]
            X-Org = "org-1"
            X-Token = { env = "TOKEN" }
            [query]
            api-version = "preview"
            [capabilities]
            storage = false
            [prices]
            input = 2
            output = 8.5
            currency = "EUR"
            [[known_failure]]
            requirement = "usage.total"
            reason = "fix under way"
            link = "https://example/1"
            expires = 2031-12-31
            [[known_failure]]
            check = "test_x"
            reason = "by design"
            """,
        )
    )
    assert loaded == Profile(
        name="vendor-a",
        base_url="https://api.example/v1",
        model="m",
        key_env="VENDOR_KEY",
        contract=Contract.OPENRESPONSES,
        key_header="api-key",
        key_scheme="",
        responses_path="/openai/responses",
        headers=(("X-Org", "org-1"), ("X-Token", FromEnv("TOKEN"))),
        query=(("api-version", "preview"),),
        secret_headers=frozenset({"x-org", "x-token"}),
        proxy="http://proxy.example:3128",
        ca_bundle=tmp_path / "ca.pem",
        capabilities={"storage": False},
        prices=Prices(2.0, 8.5, "EUR"),
        clients=frozenset({"codex"}),
        must_work=frozenset({"openai-node"}),
        known_failures=(
            KnownFailure(
                "fix under way", "usage.total", "", "https://example/1", datetime.date(2031, 12, 31)
            ),
            KnownFailure("by design", check="test_x"),
        ),
    )


def test_prices_are_for_a_million_tokens_and_in_dollars_by_default(tmp_path: Path) -> None:
    prices = load(written(tmp_path, f"{MINIMAL}[prices]\ninput = 0\noutput = 10")).prices
    assert prices == Prices(0.0, 10.0, "USD")
    assert prices.of(5_000_000, 200_000) == pytest.approx(2.0)
    assert load(written(tmp_path, MINIMAL)).prices is None


def test_a_file_gives_its_name_to_the_profile(tmp_path: Path) -> None:
    assert load(written(tmp_path, MINIMAL)).name == "mine"


WRONG = {
    "": "base_url is missing",
    'base_url = "api.example/v1"': "has no scheme: write https://api.example/v1",
    'base_url = "ftp://api.example"': "must start with https:// or http://",
    'base_url = "https://"': "names no host",
    'base_url = "https://user:pw@api.example/v1"': "no user or password",
    'base_url = "https://api.example/v1?x=1"': "has a query",
    'base_url = "https://api.example/v1#x"': "has a query or a fragment",
    'base_url = "https://api.example:99999/v1"': "is the port a number",
    'base_url = "https://api example/v1"': "has a blank",
    'base_url = "https://api.example/v1/responses"': "leave /responses off",
    "base_url = 3": "base_url: must be text in quotes, is a number",
    "base_url = [": "not TOML",
    f'{MINIMAL}modle = "m"': "unknown key 'modle': did you mean 'model'?",
    f'{MINIMAL}zzz = "m"': "unknown key 'zzz': the keys are",
    f'{MINIMAL}model = " "': "the model is empty",
    f'{MINIMAL}contract = "anyfats"': "unknown contract 'anyfats': did you mean 'anyfast'?",
    f'{MINIMAL}contract = "x"': "unknown contract 'x': there are anyfast, openai, openresponses",
    f'{MINIMAL}key_env = "{KEY}"': "not the name of an environment variable",
    f'{MINIMAL}api_key = "{KEY}"': "no key stands in a profile",
    f'{MINIMAL}key_header = "a b"': "is no header name",
    f'{MINIMAL}key_header = "Host"': "belongs to the connection",
    f'{MINIMAL}key_scheme = "Bearer "': "is no scheme",
    f'{MINIMAL}responses_path = "responses"': "starts with /",
    f'{MINIMAL}responses_path = "/r?x"': "has no query",
    f'{MINIMAL}headers = "x"': "must be a table, is text",
    f"{MINIMAL}[headers]\nX = 1": "headers.X: must be text in quotes, is a number",
    f'{MINIMAL}[headers]\nX = "a\\nb"': "one line of printable ASCII",
    f'{MINIMAL}[headers]\n"X Y" = "a"': "is no header name",
    f'{MINIMAL}[headers]\nContent-Length = "1"': "belongs to the connection",
    f'{MINIMAL}[headers]\nX = {{ evn = "T" }}': "unknown key 'evn': did you mean 'env'?",
    f"{MINIMAL}[headers]\nX = {{}}": 'write text, or { env = "VARIABLE" }',
    f'{MINIMAL}secret_headers = "X"': "must be a list of header names, is text",
    f'{MINIMAL}proxy = "proxy:3128"': "has no scheme",
    f'{MINIMAL}ca_bundle = "none.pem"': "there is no file",
    f"{MINIMAL}[capabilities]\nstorag = true": "did you mean 'storage'?",
    f"{MINIMAL}[capabilities]\nstorage = 1": "must be true or false, is a number",
    f'{MINIMAL}name = "a/b"': "it names a folder",
    f"{MINIMAL}prices = 2": "prices: must be a table, is a number",
    f"{MINIMAL}[prices]\ninput = 1": "prices: output is missing: write what a million output tokens cost",
    f"{MINIMAL}[prices]\noutput = 1": "prices: input is missing",
    f'{MINIMAL}[prices]\ninput = "1"\noutput = 1': "prices.input: must be a number without quotes, is text",
    f"{MINIMAL}[prices]\ninput = true\noutput = 1": "prices.input: must be a number",
    f"{MINIMAL}[prices]\ninput = -1\noutput = 1": "prices.input: -1 is no price: write 0 or more",
    f"{MINIMAL}[prices]\ninput = 1\noutput = nan": "prices.output: nan is no price",
    f"{MINIMAL}[prices]\ninput = 1\noutput = inf": "prices.output: inf is no price",
    f"{MINIMAL}[prices]\ninput = 1\noutput = 1\ninptu = 1": "did you mean 'input'?",
    f'{MINIMAL}[prices]\ninput = 1\noutput = 1\ncurrency = "$"': "such as USD",
    f"{MINIMAL}[prices]\ninput = 1\noutput = 1\ncurrency = 1": "prices.currency: must be text",
    f'{MINIMAL}known_failure = "x"': "under its own [[known_failure]]",
    f'{MINIMAL}[[known_failure]]\nreason = "r"': "either a requirement or a check",
    f'{MINIMAL}[[known_failure]]\nreason = "r"\ncheck = "c"\nrequirement = "q"': "and not both",
    f'{MINIMAL}[[known_failure]]\ncheck = "c"': "give a reason",
    f'{MINIMAL}[[known_failure]]\ncheck = ""\nreason = "r"': "an empty text says nothing",
    f'{MINIMAL}[[known_failure]]\ncheck = "c"\nreason = "r"\nexpires = "2031-12-31"': "must be a date",
    f'{MINIMAL}[[known_failure]]\ncheck = "c"\nreason = "r"\nexpire = 2031-12-31': "did you mean 'expires'?",
}


@pytest.mark.parametrize("text", WRONG, ids=[repr(text.removeprefix(MINIMAL)) for text in WRONG])
def test_what_is_wrong_is_said_in_one_line(text: str, tmp_path: Path) -> None:
    with pytest.raises(ProfileError) as raised:
        load(written(tmp_path, text))
    said = str(raised.value)
    assert WRONG[text] in said
    assert said.startswith("mine.toml")
    assert "\n" not in said
    assert KEY not in said


def test_bad_toml_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="line 2"):
        load(written(tmp_path, f"{MINIMAL}model = \n"))


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match=r"cannot read the profile .*none\.toml: No such file"):
        load(str(tmp_path / "none.toml"))
    with pytest.raises(ProfileError, match="cannot read the profile"):
        load(f"{tmp_path}/")
    (tmp_path / "latin.toml").write_bytes(b'model = "\xff"')
    with pytest.raises(ProfileError, match="not UTF-8 at byte 9"):
        load(str(tmp_path / "latin.toml"))


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(ProfileError, match="did you mean 'anyfast'"):
        load("anyfats")
    with pytest.raises(ProfileError, match="there are anyfast, "):
        load("qqqq")


def test_an_endpoint_without_a_file() -> None:
    made = adhoc("http://127.0.0.1:8000/v1/")
    assert (made.name, made.base_url) == ("127.0.0.1-8000", "http://127.0.0.1:8000/v1")
    assert (made.model, made.key_env) == ("gpt-5.2", "CONFORMANCE_API_KEY")
    assert adhoc("http://[::1]:9/v1").name == "1-9"
    with pytest.raises(ProfileError, match="--base-url: 'host/v1' has no scheme"):
        adhoc("host/v1")


def test_the_command_line_wins_value_by_value() -> None:
    base = load("anyfast")
    changed = override(base, base_url="http://h/v1/", model="m", key_env="K", contract="openai")
    assert (changed.base_url, changed.model, changed.key_env) == ("http://h/v1", "m", "K")
    assert changed.contract is Contract.OPENAI
    assert changed.name == "anyfast"
    assert override(base) == base
    with pytest.raises(ProfileError, match="--contract: unknown contract"):
        override(base, contract="x")
    with pytest.raises(ProfileError, match="--model"):
        override(base, model="")
    with pytest.raises(ProfileError, match="--api-key-env: not the name"):
        override(base, key_env=KEY)


def test_transformers_claims_what_its_server_has() -> None:
    missing = {"authorization", "reasoning", "structured", "storage"}
    assert load("transformers").unclaimed == missing | {*OPTIONAL}


def test_the_key_comes_from_the_named_variable() -> None:
    anyfast = load("anyfast")
    assert read_key(anyfast, {"ANYFAST_API_KEY": KEY}) == KEY
    assert read_key(load("transformers"), {}) == ""


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "ANYFAST_API_KEY is not set: set it, name another with --api-key-env"),
        ({"ANYFAST_API_KEY": ""}, "is empty"),
        ({"ANYFAST_API_KEY": f"{KEY}\n"}, "has a line end in it"),
        ({"ANYFAST_API_KEY": f"{KEY}é"}, "characters that no header can carry"),
        ({"ANYFAST_API_KEY": f" {KEY}"}, "begins or ends with a blank"),
    ],
)
def test_an_unfit_key_is_refused_without_being_shown(environ: dict[str, str], said: str) -> None:
    with pytest.raises(ProfileError, match=said) as raised:
        read_key(load("anyfast"), environ)
    assert KEY not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_secrets_are_gathered_from_headers_and_query() -> None:
    profile = Profile(
        "p",
        "https://h/v1",
        headers=(("X-Org", "org-1"), ("X-Token", FromEnv("TOKEN")), ("X-Plain", "p")),
        query=(("code", FromEnv("CODE")),),
        secret_headers=frozenset({"x-org", "x-token"}),
    )
    found = read_credentials(profile, {"CONFORMANCE_API_KEY": KEY, "TOKEN": "t-1", "CODE": "c-1"})
    assert found.secrets == (KEY, "org-1", "t-1", "c-1")
    assert found.headers == (("X-Org", "org-1"), ("X-Token", "t-1"), ("X-Plain", "p"))
    assert not any(secret in repr(found) for secret in found.secrets)
    with pytest.raises(ProfileError, match=r"TOKEN is not set: set it: headers\.X-Token of profile p"):
        read_credentials(profile, {"CONFORMANCE_API_KEY": KEY})


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("valid", f"Bearer {KEY}"),
        ("none", None),
        ("empty", ""),
        ("bare", "Bearer"),
        ("lower-case", f"bearer {KEY}"),
        ("raw", KEY),
    ],
)
def test_ways_to_authorize(kind: Credential, value: str | None) -> None:
    made = authorization(load("anyfast").endpoint, Secret(KEY), kind)
    assert made == (() if value is None else (("Authorization", value),))
    assert KEY not in repr(made)


def test_a_key_in_a_header_of_its_own() -> None:
    azure = load("azure-example")
    assert authorization(azure.endpoint, Secret(KEY), "valid") == (("api-key", KEY),)
    assert authorization(azure.endpoint, Secret(KEY), "bare") == (("api-key", ""),)


def test_no_key_is_no_header() -> None:
    assert authorization(load("transformers").endpoint, Secret(""), "valid") == ()
    assert authorization(load("transformers").endpoint, Secret(""), "wrong")[0][1].startswith("Bearer sk-")


@pytest.mark.parametrize("key", [KEY, "0123456789abcdef" * 2, "A", "----", "7", "sk-abcdefghij_XYZ.9"])
def test_a_made_up_key_tells_nothing_of_the_key_but_its_prefix(key: str) -> None:
    made = made_up_key(key)
    assert made != key
    assert made == made_up_key("sk-" + "another key" * 9), "neither its length nor its letters go in"
    assert KEY not in authorization(load("anyfast").endpoint, Secret(KEY), "basic")[0][1]


def test_a_made_up_key_keeps_the_prefix_that_servers_look_at() -> None:
    assert made_up_key("gw-0123456789").startswith("gw-")
    assert made_up_key("averylonghead-0123456789").startswith("sk-")


def test_denied_capabilities_are_found_in_scenarios() -> None:
    profile = Profile("p", EMBEDDED, capabilities={"stream": False, "tools": False, "storage": True})
    assert profile.unclaimed == {"stream", "tools", *OPTIONAL}
    assert ask("a", "hi", stream=True).uses & profile.unclaimed == {"stream"}
    assert ask("b", "hi", family="tools").uses & profile.unclaimed == {"tools"}
    assert not ask("c", "hi", area="storage").uses & profile.unclaimed


def test_who_names_no_key_claims_no_authorization() -> None:
    url = "https://host/v1"
    assert Profile("p", url, key_env="").unclaimed == {"authorization", *OPTIONAL}
    claiming = (
        Profile("p", url, key_env="", capabilities={"authorization": True}),
        Profile("p", url, key_env="", headers=(("x-key", FromEnv("KEY")),)),
        Profile("p", url),
        Profile("p", EMBEDDED, key_env=""),
    )
    assert {profile.unclaimed for profile in claiming} == {frozenset(OPTIONAL)}


def test_known_failures_must_be_in_the_catalogue() -> None:
    profile = Profile("p", EMBEDDED, known_failures=(KnownFailure("r", requirement="usage.totl"),))
    with pytest.raises(ProfileError, match=r"no requirement 'usage\.totl': did you mean 'usage\.total'"):
        profiles.check_known_failures(profile, ["usage.total", "usage.sum"])
    profiles.check_known_failures(Profile("p", EMBEDDED, known_failures=(KnownFailure("r", check="x"),)), [])
