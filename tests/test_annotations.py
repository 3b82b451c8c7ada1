"""What a run says to those who see nothing but the job: annotations on GitHub, properties in JUnit."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from conformance import __version__
from conformance.contract.level import Level
from conformance.reference.provider import MODEL
from conformance.reference.server import serve
from conformance.report.annotations import MOST, annotations
from conformance.verdicts.gate import CONFORMS, UNJUDGED, VIOLATED
from conformance.verdicts.verdict import Finding, Row, Run, Verdict
from tests.runs import KEY, Ran, run
from tests.sample_run import run_of

pytestmark = pytest.mark.slow

COMMAND = re.compile(r"^::(error|warning) title=([^:,\n]*)::(.*)$", re.MULTILINE)
SOME = ("-k", "test_the_total_is_the_sum and text")
ON_GITHUB = {"GITHUB_ACTIONS": "true"}
HOSTILE = "100 %\r\n::error::this: is, no command"


def row(requirement: str, verdict: Verdict = Verdict.FAIL, actual: str = "nothing") -> Row:
    """A row that one exchange shows."""
    finding = Finding("something", actual, "$", "text")
    return Row(
        f"t.py::{requirement}", requirement, Level.MUST, verdict, findings=(finding,), shown_by=("text",)
    )


def exiting(code: int, *rows: Row) -> Run:
    """A run with that exit code."""
    return Run(**{**{name: getattr(run_of(*rows), name) for name in Run.__slots__}, "exit_code": code})


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run on GitHub against a server with one fault."""
    with serve(key=KEY, mutant="usage-not-adding-up") as url:
        options = ("--base-url", url, "--model", MODEL, *SOME)
        return run(tmp_path_factory.mktemp("wrong") / "r", *options, environ=ON_GITHUB)


def test_a_step_of_a_workflow_has_an_annotation_for_each_cause(wrong: Ran) -> None:
    told = COMMAND.findall(wrong.printed)
    assert wrong.code == VIOLATED, wrong.printed
    assert [(name, title) for name, title, _ in told] == [("error", "FAIL usage.total")]
    assert "%0Aresponses-conformance explain usage.total" in told[0][2]


def test_elsewhere_there_is_none(tmp_path: Path) -> None:
    with serve(key=KEY, mutant="usage-not-adding-up") as url:
        environ = {"GITHUB_ACTIONS": ""}
        done = run(tmp_path / "r", "--base-url", url, "--model", MODEL, *SOME, environ=environ)
    assert done.code == VIOLATED, done.printed
    assert "::error" not in done.printed


def test_a_green_run_has_none(tmp_path: Path) -> None:
    done = run(tmp_path / "r", *SOME, environ=ON_GITHUB)
    assert done.code == CONFORMS, done.printed
    assert not COMMAND.search(done.printed)


def test_a_dead_endpoint_is_one_annotation(tmp_path: Path) -> None:
    options = ("--base-url", "http://127.0.0.1:9/v1", "--model", "m", *SOME)
    done = run(tmp_path / "r", *options, environ=ON_GITHUB)
    assert done.code == UNJUDGED, done.printed
    assert [name for name, *_ in COMMAND.findall(done.printed)] == ["error"]


def test_nothing_that_came_ends_a_command() -> None:
    (line,) = annotations(exiting(VIOLATED, row("usage.total", actual=HOSTILE)))
    assert "100 %25%0D%0A::error::this" in line
    assert len(line.splitlines()) == 1


def test_there_are_ten_at_most() -> None:
    rows = [row(f"area.number-{number}") for number in range(MOST + 3)]
    assert len(list(annotations(exiting(VIOLATED, *rows)))) == MOST


def test_only_what_makes_a_run_red_is_an_error() -> None:
    must, should = row("a.must"), row("b.should", Verdict.WARN)
    both = annotations(exiting(VIOLATED, must, should))
    assert [line.partition(" ")[0] for line in both] == ["::error", "::warning"]
    assert next(annotations(exiting(VIOLATED, should))).startswith("::error")
    assert next(annotations(exiting(CONFORMS, must))).startswith("::warning")


def test_junit_says_who_was_judged_and_what_came_of_it(wrong: Ran) -> None:
    suite = ElementTree.parse(wrong.report / "junit.xml").getroot().find("testsuite")  # noqa: S314 - our own
    assert suite is not None
    told = {each.get("name"): each.get("value") for each in suite.findall("./properties/property")}
    results = wrong.results
    assert told == {
        "provider": results["provider"],
        "base_url": results["base_url"],
        "model": MODEL,
        "contract": "anyfast",
        "suite": __version__,
        "headline": results["headline"],
        "requests": str(results["traffic"]["requests"]),
        "causes": "1",
    }
