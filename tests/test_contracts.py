"""A contract of one's own, as it is typed: its cases, expectations, levels and reports, green and red."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from conformance.contract.choosing import chosen
from conformance.contract.contracts import SHIPPED
from conformance.reference.mutants import mutants
from conformance.reference.server import KEY as REFERENCE_KEY
from conformance.reference.server import serve, url_of
from conformance.verdicts.gate import CONFORMS, USAGE, VIOLATED
from tests.runs import INSTALLED, ROOT, Ran, Running, as_a_user_has_it, run

pytestmark = pytest.mark.slow

PAGE = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")
ACME = (
    PAGE.split("```toml\n")[1]
    .split("```")[0]
    .replace("maximum = 500", "maximum = 500\ndefault = 40\necho = true")
    .replace("top_k", "acme_k")
)
"""The example of the page with a field that no shipped contract will have."""
HEAD = 'extends = "anyfast"\ntitle = "Acme"\nsource = "https://docs.acme.example/responses"\n'
CHECKS = "conformance/checks/"
FIELDS = f"{CHECKS}test_request_fields.py::"
KEYED = {"CONFORMANCE_API_KEY": REFERENCE_KEY}
REMOVED = ["n", "stop", "max_output_tokens", "tools", "text", "reasoning", "top_logprobs", "include"]
OF_FIELDS = ("-k", "(temperature or acme_k) and not metadata")


def written(folder: Path, text: str = ACME, name: str = "acme") -> Path:
    file = folder / f"{name}.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("contract"))


@pytest.fixture(scope="module")
def kept(acme: Path) -> Ran:
    """The whole suite against the provider that keeps the contract."""
    done = Running(acme.parent / "kept", f"--contract={acme}").wait(within=240)
    assert done.code == CONFORMS, done.printed
    return done


@pytest.fixture(scope="module")
def broken(acme: Path) -> Iterator[str]:
    """Where providers are served that break it: their base URLs stand beside this one."""
    with serve(contract=chosen(str(acme))) as base_url:
        yield base_url


@pytest.fixture(scope="module")
def removed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a provider is served that has little beside a model and an input."""
    text = f"{HEAD}[request]\nremove = {json.dumps(REMOVED)}\n"
    with serve(contract=chosen(str(written(tmp_path_factory.mktemp("bare"), text, "bare")))) as base_url:
        yield base_url


def sent(done: Ran) -> list[dict[str, object]]:
    """The bodies of a run's requests, as far as they are objects."""
    files = [file for file in (done.report / "exchanges").glob("*.json") if file.name != "manifest.json"]
    bodies = [json.loads(file.read_text(encoding="utf-8"))["request"]["body"] for file in files]
    found = []
    for body in bodies:
        try:
            value = json.loads(body)
        except (TypeError, ValueError):
            continue
        found += [value] if isinstance(value, dict) else []
    return found


def red(done: Ran) -> set[str]:
    return {check.removeprefix(FIELDS) for check, verdict in done.verdicts.items() if verdict == "FAIL"}


def test_the_example_of_the_docs_is_short() -> None:
    assert len([line for line in ACME.splitlines() if line]) <= 22


def test_the_provider_that_keeps_it_is_green_in_the_rows_that_follow(kept: Ran) -> None:
    rows = {check.removeprefix(FIELDS): verdict for check, verdict in kept.verdicts.items()}
    assert {
        rows[f"test_value_is_{row}"]
        for row in (
            "accepted[temperature=1-accepted]",
            "refused[temperature=1.01-rejected]",
            "accepted[acme_k=0-accepted]",
            "accepted[acme_k=500-accepted]",
            "refused[acme_k=-1-rejected]",
            "refused[acme_k=501-rejected]",
            'refused[acme_k="x"-rejected]',
            "refused[acme_k=true-rejected]",
        )
    } == {"PASS"}
    assert rows["test_refusal_names_the_field[acme_k]"] == "PASS"
    assert rows[f"{CHECKS}test_honoured.py::test_response_repeats_what_was_sent[acme_k=500]"] == "PASS"
    assert not [row for row in rows if "temperature=2-" in row or "temperature=2.01" in row]
    requirements = {row["requirement"]: row["level"] for row in kept.results["verdicts"]}
    assert {id_ for id_ in requirements if id_.startswith("request.acme_k.")} == {
        f"request.acme_k.{aspect}"
        for aspect in ("accepted", "refused", "conflict", "param", "echo", "default")
    }
    assert requirements["request.top_p.param"] == "MUST"


def test_a_removed_field_is_neither_sent_nor_judged(kept: Ran) -> None:
    bodies = sent(kept)
    assert len(bodies) > 200
    assert [body for body in bodies if {"n", "stop"} & body.keys()] == []
    judged = [row["requirement"] for row in kept.results["verdicts"]]
    assert [id_ for id_ in judged if id_.startswith(("request.n.", "request.stop."))] == []
    skipped = {row["reason"] for row in kept.results["verdicts"] if "stopped" in row["check"]}
    assert skipped == {"the contract acme has no stop, which the request needs"}


@pytest.mark.parametrize("field", REMOVED)
@pytest.mark.parametrize("value", ["x", -1, 1.5, [], {"a": 1}, [7], True], ids=str)
def test_the_reference_ignores_a_field_that_it_does_not_have(removed: str, field: str, value: object) -> None:
    asked = {
        "model": "gpt-5.2",
        "input": [{"role": "user", "content": "Reply with exactly: Hi"}],
        field: value,
    }
    answer = httpx.post(
        f"{removed}/responses", json=asked, headers={"authorization": f"Bearer {REFERENCE_KEY}"}
    )
    assert answer.status_code == 200, answer.text


def test_the_reports_name_it_with_its_source(kept: Ran) -> None:
    assert kept.results["contract"] == "acme"
    assert kept.results["contract_from"] == {
        "extends": "anyfast",
        "title": "Acme API reference: Responses",
        "source": "https://docs.acme.example/responses",
        "date": "2026-11-01",
        "revision": "v3",
    }
    page = (kept.report / "index.html").read_text(encoding="utf-8")
    assert "Acme API reference: Responses" in page
    assert re.search(r"acme, revision (<[^>]*>)*v3", page)
    assert "reference (gpt-5.2) under acme: " in kept.printed
    assert json.loads((kept.report / "badge.json").read_text())["label"] == "/v1/responses (acme)"


def test_whoever_takes_more_than_the_file_says_is_red_in_that_row(acme: Path, broken: str) -> None:
    url = url_of(broken, mutant="temperature-above-maximum-accepted")
    report = acme.parent / "more"
    done = run(report, f"--contract={acme}", f"--base-url={url}", *OF_FIELDS, environ=KEYED)
    assert done.code == VIOLATED, done.printed
    assert red(done) == {f"test_value_is_refused[temperature={value}-rejected]" for value in ("1.01", "1001")}
    told = "FAIL request.temperature.refused (MUST, 2 checks): "
    assert told in done.printed
    page = (report / "index.html").read_text(encoding="utf-8")
    assert re.search(r">ACME(<[^>]*>)*: number, default 1, 0 &lt;= x &lt;= 1", page)


def test_the_provider_of_the_contract_below_is_red_where_the_two_differ(acme: Path) -> None:
    with serve() as base_url:
        done = run(
            acme.parent / "page", f"--contract={acme}", f"--base-url={base_url}", *OF_FIELDS, environ=KEYED
        )
    assert done.code == VIOLATED, done.printed
    rows = {row.partition("[")[2] for row in red(done)}
    assert {"temperature=1.01-rejected]", "acme_k=501-rejected]", "acme_k=-1-rejected]"} <= rows
    assert not [row for row in rows if row.endswith("-accepted]")]


@pytest.mark.parametrize(
    "mutant",
    [
        "acme_k-below-minimum-accepted",
        "acme_k-maximum-refused",
        "acme_k-string-accepted",
        "acme_k-echo-wrong",
    ],
)
def test_a_mutant_that_follows_from_an_added_field_is_seen(
    acme: Path, broken: str, tmp_path: Path, mutant: str
) -> None:
    known = mutants(chosen(str(acme)))[mutant]
    url = url_of(broken, mutant=mutant)
    done = run(tmp_path / "r", f"--contract={acme}", f"--base-url={url}", "-k", "acme_k", environ=KEYED)
    due = "WARN" if mutant.endswith("echo-wrong") else "FAIL"
    seen = {row["requirement"] for row in done.results["verdicts"] if row["verdict"] == due}
    assert seen == {known.requirement}, done.printed


def test_a_raised_level_makes_a_warning_red(acme: Path, broken: str, tmp_path: Path) -> None:
    url = url_of(broken, mutant="temperature-param-another")
    row = ("-k", "test_refusal_names_the_field and temperature", f"--base-url={url}")
    below = written(tmp_path, ACME.replace('"request.*.param" = "MUST"', ""), "lenient")
    before = run(tmp_path / "a", f"--contract={below}", *row, environ=KEYED)
    after = run(tmp_path / "b", f"--contract={acme}", *row, environ=KEYED)
    assert (before.code, [*before.verdicts.values()]) == (CONFORMS, ["WARN"]), before.printed
    assert (after.code, [*after.verdicts.values()]) == (VIOLATED, ["FAIL"]), after.printed


def test_a_replay_needs_its_file_and_then_says_the_same(acme: Path, kept: Ran, tmp_path: Path) -> None:
    unnamed = run(tmp_path / "r", f"--replay={kept.report}")
    assert unnamed.code == USAGE
    assert (
        "recorded under the contract 'acme', which the suite does not ship: name its file" in unnamed.printed
    )
    moved = written(tmp_path, acme.read_text(), "acme")
    again = Running(tmp_path / "r", f"--replay={kept.report}", f"--contract={moved}").wait(within=240)
    assert again.code == CONFORMS, again.printed
    assert again.verdicts == kept.verdicts
    assert again.results["traffic"]["requests"] == 0


def test_a_profile_may_name_it_from_its_own_folder(acme: Path, kept: Ran, tmp_path: Path) -> None:
    profile = written(acme.parent, 'base_url = "embedded"\nkey_env = ""\ncontract = "acme.toml"\n', "vendor")
    done = run(tmp_path / "r", f"--provider={profile}", "-k", "acme_k:501-rejected")
    assert done.results["contract"] == "acme"
    assert [*done.verdicts.values()] == ["PASS"]
    again = run(
        tmp_path / "s", f"--provider={profile}", f"--replay={kept.report}", "-k", "acme_k:501-rejected"
    )
    assert again.verdicts == done.verdicts


def test_it_is_compared_with_its_own_kind_alone(kept: Ran, tmp_path: Path) -> None:
    page = run(tmp_path / "page", "-k", "test_usage")
    files = [str(done.report / "results.json") for done in (kept, page)]
    done = subprocess.run(
        [*INSTALLED, "compare", *files, "-o", str(tmp_path / "c.md")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == CONFORMS, done.stderr
    told = (tmp_path / "c.md").read_text(encoding="utf-8")
    assert "different contracts (anyfast, acme)" in told
    assert [line for line in told.splitlines() if line.startswith("## ")] == [
        "## Contract anyfast",
        "## Contract acme",
    ]
    based = run(tmp_path / "based", f"--baseline={files[0]}", "-k", "test_usage")
    assert based.code == USAGE
    assert "--baseline was judged against the contract acme" in based.printed


def test_what_is_only_shown_follows_too(acme: Path, tmp_path: Path) -> None:
    plan = run(tmp_path / "r", f"--contract={acme}", "--dry-run", "-v").printed
    assert '"acme_k":501' in plan
    assert "stopped-stream: not sent, the contract acme has no stop, which the request needs" in plan
    explained = run(tmp_path / "r", f"--contract={acme}", "--explain", "request.acme_k.refused").printed
    assert "levels: anyfast none, openai none, openresponses none, acme MUST" in explained
    assert "acme_k-above-maximum-accepted: takes a acme_k over 500" in explained
    listed = [*INSTALLED, "list", "contracts", "--contract", str(acme)]
    lines = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.splitlines()
    assert [line.split()[0] for line in lines] == [*SHIPPED, "acme"]


def test_it_may_extend_another_file_or_another_shipped_contract(acme: Path, tmp_path: Path) -> None:
    second = written(
        acme.parent,
        HEAD.replace("anyfast", "acme.toml") + "[request.fields.acme_k]\nmaximum = 9\ndefault = 9\n",
        "second",
    )
    done = run(tmp_path / "r", f"--contract={second}", "-k", "acme_k or temperature:1.01")
    assert done.code == CONFORMS, done.printed
    assert {
        f"{FIELDS}test_value_is_refused[{case}]"
        for case in ("acme_k=10-rejected", "temperature=1.01-rejected")
    } <= (done.verdicts.keys())
    changed = '[request.fields.max_output_tokens]\nminimum = 32\n[request.add.stop]\ntype = "string"\n'
    third = written(tmp_path, HEAD.replace("anyfast", "openai") + changed, "third")
    done = run(tmp_path / "s", f"--contract={third}", "-k", "test_request_fields or test_honoured")
    assert done.code == CONFORMS, done.printed
    assert done.verdicts[f"{FIELDS}test_value_is_refused[max_output_tokens=31-rejected]"] == "PASS"
    assert done.verdicts[f"{FIELDS}test_value_is_refused[stop=1-rejected]"] == "PASS"
    assert "ERROR" not in done.verdicts.values()


FAR = {
    "no-stream": '[request]\nremove = ["stream", "reasoning"]\n',
    "no-store": """
[request]
remove = ["store", "max_output_tokens", "text.verbosity", "tools", "tool_choice"]
""",
    "changed": """
[request.fields."reasoning.effort"]
enum = ["low", "high"]
[request.fields.metadata]
description = "Pairs"
[request.fields.max_output_tokens]
minimum = 32
[request.fields.top_p]
minimum = 0.1
maximum = 0.4
default = 0.3
[request.add."reasoning.budget"]
type = "integer"
minimum = 1
[request.add.seed]
type = ["integer", "null"]
[request.add.mode]
type = "string"
enum = ["fast", "slow"]
[request.add.safe]
type = "boolean"
default = false
echo = true
[request.add.tags]
type = "array"
min_items = 1
examples = [["a"]]
""",
}
"""Contracts that are far from what the suite's requests were written for."""


EACH_TIME = ("no-store", "changed")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in EACH_TIME else pytest.mark.nightly) for name in FAR]
)
def test_whatever_it_changes_the_provider_that_keeps_it_is_green(tmp_path: Path, name: str) -> None:
    file = written(tmp_path, HEAD + FAR[name], name)
    done = Running(tmp_path / "r", f"--contract={file}").wait(within=240)
    assert done.code == CONFORMS, done.printed
    assert set(done.verdicts.values()) <= {"PASS", "SKIP", "NOTE"}
    assert [*done.verdicts.values()].count("PASS") > 500
    refused = {verdict for check, verdict in done.verdicts.items() if "test_value_is_refused" in check}
    assert refused == {"PASS"}, "each refusal has a control that can be asked"


WRONG = {
    "a =": "acme.toml: not TOML: ",
    HEAD + 'nme = "x"': "acme.toml: unknown key 'nme': did you mean 'name'?",
    HEAD.replace("anyfast", "opnai"): "acme.toml: extends: unknown contract 'opnai': did you mean 'openai'?",
    'extends = "acme.toml"': "contracts extend each other in a circle: acme.toml -> acme.toml",
    "": 'acme.toml: extends is missing: add extends = "anyfast"',
    HEAD + 'name = "openai"': "acme.toml: openai is the name of a shipped contract: choose another",
    HEAD + "date = 7": "acme.toml: date: must be text in quotes, is a number",
    HEAD + 'date = "last week"': "acme.toml: date: 'last week' is no day: write it as 2026-11-01",
    HEAD.replace('title = "Acme"\n', ""): "title is missing: write what the page at source is called",
    HEAD
    + '[request]\nremove = ["n"]\n[request.fields.n]\nmaximum = 1': "fields.n: the same file removes the "
    "field: take it out of acme.toml: request.remove, or this table away",
    HEAD.replace("https:", "ftp:"): "acme.toml: source: write an address such as https://host/page",
    'extends = "anyfast"\n[request]\nremove = ["n"]': "source is missing: write the address of the page",
    HEAD + 'overlays = "none"': "acme.toml: overlays: there is no folder ",
    HEAD + '[levels]\n"usage.total" = "OUGHT"': "'OUGHT' is no level: write MUST, SHOULD, MAY or INFO",
    HEAD + '[levels]\nusage.total = "MUST"': "acme.toml: levels: usage: put the whole id in quotes",
    HEAD
    + '[levels]\n"usage.totl" = "MUST"': "there is no requirement 'usage.totl': did you mean 'usage.total'?",
    HEAD + '[levels]\n"usag.*" = "MUST"': "no requirement's id is like 'usag.*': did you mean 'usage.*'?",
    HEAD
    + '[request]\nremove = ["temprature"]': "there is no field 'temprature': did you mean 'temperature'?",
    HEAD + '[request]\nremove = ["model"]': "no request can do without model: leave it in",
    HEAD + "[request.fields.temperature]\nmaxium = 1": "unknown key 'maxium': did you mean 'maximum'?",
    HEAD + '[request.fields.temperature]\nmaximum = "1"': "maximum: must be a number without quotes, is text",
    HEAD
    + "[request.fields.temperature]\nminimum = 3": "the minimum 3 is above the maximum 2: nothing is left",
    HEAD + "[request.fields.temperature]\nmaximum = 0.5": "1 is above the maximum 0.5: state another default",
    HEAD
    + "[request.add.acme_k]\ntype = 'integer'\nminimum = 0.2\nmaximum = 0.8": "request.add.acme_k: no whole "
    "number lies between 0.2 and 0.8: nothing is left",
    HEAD
    + '[request.fields.model]\ntype = "integer"\nwithout = ["enum"]': 'names it in text: leave it "string"',
    HEAD + "[request.fields.store]\nminimum = 1": "minimum: a range is for numbers, the type is boolean",
    HEAD + '[request.fields."text.verbosity"]\nenum = []': "enum: is empty, so that no value would be right",
    HEAD
    + "[request.fields.text.verbosity]\nenum = []": 'is named in quotes: [request.fields."text.verbosity"]',
    HEAD + "[request.fields.top_q]\nmaximum = 1": "'top_p'? a new one stands under [request.add.top_q]",
    HEAD + '[request.add.temperature]\ntype = "number"': "change it under [request.fields.temperature]",
    HEAD + '[request.add.acme_k]\ntype = "int"': "type: 'int' is no type of JSON: did you mean 'integer'?",
    HEAD + "[request.add.acme_k]\nminimum = 1": 'type is missing: write one, such as type = "integer"',
}
"""Files that cannot be a contract, each with what is said of it."""


@pytest.mark.parametrize(("text", "said"), WRONG.items(), ids=WRONG.values())
def test_a_mistake_is_told_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    file = written(tmp_path, text)
    refused_in_one_line(tmp_path, str(file), said)


def test_a_file_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    refused_in_one_line(
        tmp_path, "./none.toml", "cannot read the contract none.toml: No such file or directory"
    )


def refused_in_one_line(folder: Path, given: str, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", f"--contract={given}", f"--report-dir={folder / 'r'}"],
        cwd=ROOT,
        env=as_a_user_has_it(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == USAGE, done.stdout
    (line,) = [line for line in done.stderr.splitlines() if line]
    assert line.startswith("ERROR: --contract: ")
    assert said in line
    assert not (folder / "r").exists()


def test_the_commands_tell_a_mistake_in_one_line_too(tmp_path: Path) -> None:
    for words in (("list", "contracts"), ("explain", "usage.total")):
        done = subprocess.run(
            [*INSTALLED, *words, "--contract", "opnai"],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )
        assert done.returncode == USAGE
        assert done.stderr.endswith("--contract: unknown contract 'opnai': did you mean 'openai'?\n")
        assert done.stderr.count("\n") == 1
