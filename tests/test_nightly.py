"""The nightly story: green, a regression, known with a date, fixed, taken off the list; and its cousins."""

import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from conformance.reference.server import serve
from conformance.verdicts.gate import CONFORMS, VIOLATED
from tests.runs import KEY, Fickle, Ran, run, serving

pytestmark = pytest.mark.slow

MUTANT = "usage-total-of-output"
BROKEN = "usage.total"

KNOWN = f"""
[[known_failure]]
requirement = "{BROKEN}"
reason = "the gateway counts the output only"
link = "https://tracker.example/7"
"""


def night(
    folder: Path, *options: str, known: str = "", mutant: str | None = None, few: str = "test_usage"
) -> Ran:
    """One night's run against a provider that is healthy or a mutant, with that list of known failures."""
    with serve(mutant=mutant, key=KEY) as url:
        profile = folder / "gateway.toml"
        profile.write_text(f'base_url = "{url}"\nkey_env = "CONFORMANCE_API_KEY"\n{known}', encoding="utf-8")
        # Each night's server has a port of its own, so its report has a folder of its own.
        return run(folder / urlsplit(url).netloc, f"--provider={profile}", "-k", few, *options)


def verdicts_of(ran: Ran, requirement: str) -> set[str]:
    """The verdicts of one requirement's rows."""
    rows = ran.results["verdicts"]
    return {row["verdict"] for row in rows if row["requirement"] == requirement}


def test_a_healthy_night_is_green(tmp_path: Path) -> None:
    assert night(tmp_path).code == CONFORMS


def test_a_regression_is_red_and_names_the_requirement(tmp_path: Path) -> None:
    ran = night(tmp_path, mutant=MUTANT)
    assert ran.code == VIOLATED
    assert f"FAIL {BROKEN}" in ran.printed
    assert verdicts_of(ran, BROKEN) == {"FAIL"}


def test_a_regression_on_the_list_is_known_and_green_until_its_date(tmp_path: Path) -> None:
    tomorrow = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=1)
    ran = night(tmp_path, known=f"{KNOWN}expires = {tomorrow}\n", mutant=MUTANT)
    assert ran.code == CONFORMS, ran.printed
    assert verdicts_of(ran, BROKEN) == {"KNOWN"}


def test_a_regression_whose_date_has_come_is_red_again(tmp_path: Path) -> None:
    today = datetime.datetime.now(datetime.UTC).date()
    ran = night(tmp_path, known=f"{KNOWN}expires = {today}\n", mutant=MUTANT)
    assert ran.code == VIOLATED
    assert verdicts_of(ran, BROKEN) == {"FAIL"}


def test_a_regression_that_is_fixed_must_be_taken_off_the_list(tmp_path: Path) -> None:
    ran = night(tmp_path, known=KNOWN, few="test")
    assert ran.code == VIOLATED, ran.printed
    assert verdicts_of(ran, BROKEN) == {"PASS", "STALE"}
    assert [row["check"] for row in ran.results["verdicts"] if row["verdict"] == "STALE"] == [
        f"gateway.toml::known_failure[{BROKEN}]"
    ]
    assert "take it off the list" in ran.printed


@pytest.mark.parametrize("narrow", [("-k", "test_usage"), ("-m", "smoke"), ("--ignore-glob=*fields*",)])
def test_a_narrow_run_never_calls_a_known_failure_fixed(tmp_path: Path, narrow: tuple[str, ...]) -> None:
    """What it would show in was not looked at: the usage of a boundary's answer, say."""
    ran = night(tmp_path, *narrow, known=KNOWN, few="test")
    assert ran.code == CONFORMS, ran.printed
    assert verdicts_of(ran, BROKEN) == {"PASS"}


def test_a_requirement_is_never_matched_by_a_part_of_its_name(tmp_path: Path) -> None:
    ran = night(tmp_path, known=KNOWN.replace(BROKEN, "usage"), mutant=MUTANT)
    assert "there is no requirement 'usage'" in ran.printed


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("baseline")
    ran = night(folder, mutant=MUTANT)
    assert ran.code == VIOLATED
    return ran.report / "results.json"


def test_against_a_baseline_only_what_got_worse_is_red(baseline: Path, tmp_path: Path) -> None:
    same = night(tmp_path, f"--baseline={baseline}", mutant=MUTANT)
    assert same.code == CONFORMS, same.printed
    worse = night(tmp_path, f"--baseline={baseline}", mutant="usage-zero-output")
    assert worse.code == VIOLATED, worse.printed


def test_a_warning_is_red_where_that_was_asked_for(tmp_path: Path) -> None:
    few = "test_sequence_numbers"
    lenient = night(tmp_path, mutant="sequence-numbers-all-zero", few=few)
    strict = night(tmp_path, "--strict-should", mutant="sequence-numbers-all-zero", few=few)
    assert (lenient.code, strict.code) == (CONFORMS, VIOLATED), lenient.printed


def test_a_check_that_flips_between_repetitions_is_named(tmp_path: Path) -> None:
    with serving(Fickle) as url:
        few = "test_the_total_is_the_sum and text"
        ran = run(tmp_path / "report", f"--base-url={url}", "-k", few, "--repeat=3")
    assert ran.code == VIOLATED, ran.printed
    assert ran.results["traffic"]["requests"] == 3
    told = (ran.report / "summary.md").read_text(encoding="utf-8")
    assert "test_the_total_is_the_sum" in told
    assert "flaky" in told.lower()
