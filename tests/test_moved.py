"""Names of earlier versions go on meaning what they meant: known failures, baselines, `explain`."""

import json
from pathlib import Path

import pytest

from conformance.checks import survey
from conformance.contract import moved
from conformance.contract.requirements import catalogue
from conformance.reference.server import serve
from conformance.verdicts.gate import CONFORMS, check_id
from tests.runs import INSTALLED, KEY, RESULTS, Running, run

pytestmark = pytest.mark.slow

MUTANT = "model-another"
SOME = ("-k", "model.echo")
BEFORE, NOW = "response.model-echo", "request.model.echo"


def profile_for(folder: Path, url: str, known: str) -> Path:
    """A profile that excuses what the old name says."""
    file = folder / "gateway.toml"
    text = (
        f'base_url = "{url}"\nkey_env = "CONFORMANCE_API_KEY"\n[[known_failure]]\n{known}\nreason = "old"\n'
    )
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("known", [f'requirement = "{BEFORE}"'])
def test_a_known_failure_of_the_old_name_is_known(tmp_path: Path, known: str) -> None:
    with serve(mutant=MUTANT, key=KEY) as url:
        profile = profile_for(tmp_path, url, known)
        ran = run(tmp_path / "report", f"--provider={profile}", *SOME)
    assert ran.code == CONFORMS, ran.printed
    assert "KNOWN" in ran.verdicts.values()


def test_a_baseline_of_the_old_names_is_no_news(tmp_path: Path) -> None:
    with serve(mutant=MUTANT, key=KEY) as url:
        first = run(tmp_path / "first", f"--base-url={url}", *SOME)
        old = first.results
        for row in old["verdicts"]:
            row["requirement"] = BEFORE
            row["check"] = row["check"].replace("-model.echo]", "-model-echo]")
        baseline = tmp_path / "baseline.json"
        baseline.write_text(json.dumps(old), encoding="utf-8")
        again = run(tmp_path / "again", f"--base-url={url}", f"--baseline={baseline}", *SOME)
    assert again.code == CONFORMS, again.printed
    assert "against the baseline: no change" in again.printed


def test_explain_knows_the_old_name(tmp_path: Path) -> None:
    ran = Running(tmp_path, "explain", BEFORE, bare=True, command=INSTALLED).wait()
    assert ran.code == 0, ran.printed
    assert ran.printed.startswith(f"{BEFORE} is called {NOW} now\n{NOW}\n")


def test_each_new_name_is_there_and_no_old_one() -> None:
    checks = {check_id(node) for node, _, _ in survey.all_rows()}
    for kind, names in moved.names().items():
        there = set(catalogue()) if kind == "requirements" else checks
        for before, now in names.items():
            head, _, tail = now.partition("*")
            assert any(name.startswith(head) and name.endswith(tail) for name in there), now
            assert before not in there


def test_every_name_of_0_1_is_known() -> None:
    """Requirements and checks that 0.1 had under `anyfast`, each by the name that it had then."""
    names = json.loads((Path(__file__).parent / "names_0_1.json").read_text(encoding="utf-8"))
    checks = {check_id(node) for node, _, _ in survey.all_rows()}
    before = {
        head if row is None else f"{head}[{row}]" for head, rows in names["checks"].items() for row in rows
    }
    assert {name for name in before if check_id(name) not in checks} == set()
    assert {id_ for id_ in names["requirements"] if moved.requirement(id_) not in catalogue()} == set()


ROW = ("check", "requirement", "level", "verdict", "expected", "actual", "where", "scenario", "exchange")
RUN = (
    "format",
    "suite",
    "provider",
    "base_url",
    "model",
    "contract",
    "started_at",
    "duration_s",
    "exit_code",
)
"""What 0.1 wrote of a row and of a run, beside what stands in the test."""


def test_the_results_of_0_1_can_be_a_baseline(tmp_path: Path) -> None:
    """It knew no NOTE, no causes and no partial run."""
    with serve(mutant=MUTANT, key=KEY) as url:
        some = ("-k", "model.echo or test_usage or echo_keys")
        new = run(tmp_path / "first", f"--base-url={url}", *some).results
        rows = [
            {key: row.get(key, "") for key in (*ROW, "reason")} | {"notes": [], "findings": row["findings"]}
            for row in new["verdicts"]
        ]
        for row in rows:
            row["verdict"] = "PASS" if row["verdict"] == "NOTE" else row["verdict"]
            row["requirement"] = BEFORE if row["requirement"] == NOW else row["requirement"]
            row["check"] = row["check"].replace("-model.echo]", "-model-echo]")
        counts = {word: n for word, n in new["counts"].items() if word != "NOTE"}
        told = {key: new[key] for key in RUN} | {"suite": "0.1.0", "counts": counts}
        baseline = tmp_path / "baseline.json"
        old = {**told, "traffic": new["traffic"], "verdicts": rows}
        RESULTS.validate(old)
        baseline.write_text(json.dumps(old), encoding="utf-8")
        again = run(tmp_path / "again", f"--base-url={url}", f"--baseline={baseline}", *some)
    assert {row["verdict"] for row in rows} == {"PASS", "WARN"}
    assert again.code == CONFORMS, again.printed
    assert "against the baseline: no change" in again.printed
