"""An endpoint that asks for no key: told once, with the words that claim it, and then no more."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.reference.server import serve
from conformance.verdicts.gate import CONFORMS, VIOLATED
from tests.runs import run

pytestmark = pytest.mark.slow

SOME = ("-k", "test_authorization or strangers or test_the_total_is_the_sum")


@pytest.fixture(scope="module")
def keyless() -> Iterator[str]:
    with serve(mutant="no-authorization") as base_url:
        yield base_url


def test_that_nobody_needs_a_key_is_one_violation(keyless: str, tmp_path: Path) -> None:
    done = run(tmp_path / "r", *SOME, f"--base-url={keyless}")
    assert done.code == VIOLATED, done.printed
    red = [row["requirement"] for row in done.results["verdicts"] if row["verdict"] in {"FAIL", "WARN"}]
    assert red == ["authorization.missing"]
    assert "authorization = false under [capabilities]" in " ".join(done.printed.split())
    private = [row for row in done.results["verdicts"] if row["requirement"] == "storage.private"]
    assert {(row["verdict"], "authorization.missing" in row["reason"]) for row in private} == {("SKIP", True)}


def test_a_profile_that_claims_no_authorization_is_asked_for_none(keyless: str, tmp_path: Path) -> None:
    profile = tmp_path / "local.toml"
    profile.write_text(f'base_url = "{keyless}"\n[capabilities]\nauthorization = false\n')
    for options in (("--provider", str(profile)), (f"--base-url={keyless}", "--api-key-env=")):
        done = run(tmp_path / "r", *SOME, *options, "--overwrite")
        assert done.code == CONFORMS, done.printed
        skipped = {row["requirement"] for row in done.results["verdicts"] if row["verdict"] == "SKIP"}
        assert skipped >= {"authorization.missing", "authorization.wrong", "storage.private"}
        again = run(tmp_path / "again", *SOME, f"--replay={done.report}", "--overwrite")
        assert again.verdicts == done.verdicts, again.printed
