"""Tools beyond functions: asked for only where they are claimed, by a contract or by a profile."""

import re
from pathlib import Path

import httpx
import pytest

from conformance.contract.capabilities import OPTIONAL
from conformance.contract.contracts import Contract, ContractError, load
from conformance.contract.requirements import catalogue
from conformance.reference.server import KEY, serve, url_of
from conformance.run.profile import EMBEDDED, Profile
from conformance.scenarios.answers import WEATHER_TOOL
from tests.runs import run
from tests.test_cli import typed

CLAIMED = "agent-tools"
EXTENDING = 'extends = "openai"\n'
MOST_REQUESTS_WITH_EVERYTHING = 450
OWN = ("custom-", "forced-", "namespace-", "tool-", "additional-", "compact-told", "background", "agent-")


def test_a_contract_claims_them_and_a_profile_has_the_last_word() -> None:
    assert {name for name in OPTIONAL if name in Contract.OPENAI.claims} == {CLAIMED}
    assert not Contract.ANYFAST.claims | Contract.OPENRESPONSES.claims
    assert CLAIMED in Profile("p", EMBEDDED).unclaimed
    assert CLAIMED not in Profile("p", EMBEDDED, contract=Contract.OPENAI).unclaimed
    assert CLAIMED not in Profile("p", EMBEDDED, capabilities={CLAIMED: True}).unclaimed
    denied = Profile("p", EMBEDDED, contract=Contract.OPENAI, capabilities={CLAIMED: False})
    assert CLAIMED in denied.unclaimed


def test_a_contract_of_ones_own_claims_what_it_extends_or_what_it_says(tmp_path: Path) -> None:
    for name, more, claims in (("a", "", {CLAIMED}), ("b", "claims = []\n", set())):
        (tmp_path / f"{name}.toml").write_text(f"{EXTENDING}{more}", encoding="utf-8")
        assert load(f"{name}.toml", tmp_path).claims == claims


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('claims = "agent-tools"', 'claims: must be a list of capabilities, such as ["agent-tools"]'),
        ('claims = ["agent-tool"]', "unknown capability 'agent-tool': did you mean 'agent-tools'?"),
        ('claims = ["storage"]', "unknown capability 'storage': a contract may claim agent-tools"),
    ],
)
def test_a_mistake_in_what_a_contract_claims_is_one_line(tmp_path: Path, line: str, said: str) -> None:
    file = tmp_path / "own.toml"
    file.write_text(f"{EXTENDING}{line}\n", encoding="utf-8")
    with pytest.raises(ContractError, match=re.escape(said)):
        load(str(file))
    done = typed(tmp_path, "--contract", str(file), "--dry-run")
    assert (done.returncode, "Traceback" in done.stderr) == (4, False)
    assert said in " ".join((done.stdout + done.stderr).split())


@pytest.mark.slow
@pytest.mark.parametrize("contract", ["anyfast", "openresponses"])
def test_nothing_is_sent_where_nothing_is_claimed(tmp_path: Path, contract: str) -> None:
    ran = run(tmp_path, "--contract", contract, "-k", "agent_tools", "-rs")
    assert set(ran.verdicts.values()) == {"SKIP"}
    assert "SKIP: the profile does not claim agent-tools" in ran.printed
    sent = {file.stem for file in (tmp_path / "exchanges").glob("*.json")}
    assert [name for name in sent if name.startswith(OWN)] == [], "what others ask for too is sent"
    assert not re.search("^agent_tools ", _planned(tmp_path, "--contract", contract), re.MULTILINE)


@pytest.mark.slow
def test_a_profile_can_claim_them_under_the_page(tmp_path: Path) -> None:
    profile = tmp_path / "mine.toml"
    with serve() as url:
        profile.write_text(f'base_url = "{url}"\n[capabilities]\n{CLAIMED} = true\n')
        key = {"CONFORMANCE_API_KEY": KEY}
        ran = run(tmp_path / "r", "--provider", str(profile), "-k", "agent_tools", environ=key)
    assert set(ran.verdicts.values()) == {"PASS", "NOTE", "SKIP"}
    again = run(tmp_path / "again", "--replay", str(tmp_path / "r"), "-k", "agent_tools")
    assert again.verdicts == ran.verdicts, "what was recorded is judged again"


def test_with_everything_a_run_stays_bounded(tmp_path: Path) -> None:
    planned = _planned(tmp_path, "--provider", "openai")
    assert re.search(r"^agent_tools +\d+ ", planned, re.MULTILINE)
    total = re.search(r"^all: (\d+) requests", planned, re.MULTILINE)
    assert total is not None
    assert int(total[1]) <= MOST_REQUESTS_WITH_EVERYTHING


@pytest.mark.slow
@pytest.mark.parametrize("mutant", ["custom-call-as-function", "web-search-dropped"])
def test_what_is_dropped_is_red_under_openai_alone(tmp_path: Path, mutant: str) -> None:
    with serve() as base:
        url = url_of(base, mutant=mutant)
        key = {"CONFORMANCE_API_KEY": KEY}
        narrow = ("--base-url", url, "-k", "agent_tools")
        red = run(tmp_path / "oa", *narrow, "--contract", "openai", environ=key)
        page = run(tmp_path / "page", *narrow, environ=key)
    assert "FAIL" in red.verdicts.values()
    assert set(page.verdicts.values()) == {"SKIP"}


def test_each_requirement_is_optional_but_where_it_is_claimed() -> None:
    levels = [r.levels for r in catalogue().values() if r.area == "agent_tools"]
    assert levels
    assert {str(each["anyfast"]) for each in levels} == {"MAY", "INFO"}
    assert {str(each["openai"]) for each in levels} == {"MUST", "SHOULD", "MAY", "INFO"}


@pytest.mark.parametrize("wanted", ["patch", "get_weather"])
def test_the_reference_takes_what_a_coding_agent_declares(wanted: str) -> None:
    """Tools of four types in one request, and a grammar that is no list of words."""
    grammar = {"type": "grammar", "syntax": "lark", "definition": "start: /[a-z]+/"}
    custom = {"type": "custom", "name": "patch", "format": grammar}
    space = {"type": "namespace", "name": "s", "description": "d", "tools": [custom]}
    body = {
        "model": "gpt-5.2",
        "input": f"What is the weather in Paris? Use the {wanted} tool.",
        "tools": [WEATHER_TOOL, {"type": "web_search", "external_web_access": False}, space],
        "parallel_tool_calls": True,
    }
    with serve() as url:
        key = {"authorization": f"Bearer {KEY}"}
        answer = httpx.post(f"{url}/responses", json=body, headers=key).json()
    (call,) = answer["output"]
    assert (call["name"], call.get("namespace")) == (wanted, "s" if wanted == "patch" else None)


def _planned(folder: Path, *arguments: str) -> str:
    done = typed(folder, *arguments, "--dry-run")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
