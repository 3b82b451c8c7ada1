"""Names of earlier versions go on meaning what they meant: known failures, baselines, `explain`."""

import json
from pathlib import Path

import pytest

from conformance.checks import survey
from conformance.contract import moved
from conformance.contract.requirements import catalogue
from conformance.reference.server import serve
from conformance.verdicts.gate import CONFORMS, check_id
from tests.runs import INSTALLED, KEY, Running, run

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
