"""An observation is no check: it is told apart, and stands in no count of what conforms."""

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.contract.level import Level
from conformance.report import badge, markdown
from conformance.report.headline import headline
from conformance.run.profile import KnownFailure
from conformance.verdicts.gate import CONFORMS, UNJUDGED, VIOLATED, exit_code, stale_entries
from conformance.verdicts.verdict import JUDGED, SEVERITY, Row, Verdict
from tests.runs import run
from tests.sample_run import run_of

pytestmark = pytest.mark.slow

SOME = "test_the_total_is_the_sum or test_what_is_left_behind or test_arrivals_are_recorded"
SEEN = Row(
    "test_stream_time.py::test_arrivals",
    "stream.timing",
    Level.INFO,
    Verdict.NOTE,
    notes=("first event after 3 ms",),
)


def test_an_observation_is_counted_apart_everywhere(tmp_path: Path) -> None:
    done = run(tmp_path / "r", "-k", SOME)
    assert done.code == CONFORMS, done.printed
    observed = [row for row in done.results["verdicts"] if row["level"] == "INFO"]
    assert {row["verdict"] for row in observed} == {"NOTE"}
    assert any(row["notes"] for row in observed)
    others = len(done.results["verdicts"]) - len(observed)
    assert done.results["counts"]["PASS"] == others
    assert done.results["counts"]["NOTE"] == len(observed)
    assert f"{others} PASS; {len(observed)} NOTE" in done.printed
    assert f"{others} passed, " in done.printed
    assert f"{len(observed)} noted in " in done.printed
    junit = ElementTree.parse(done.report / "junit.xml").getroot()  # noqa: S314 - our own file
    skipped = [case for case in junit.iter("testcase") if case.find("skipped") is not None]
    assert len(skipped) == len(observed)
    summary = (done.report / "summary.md").read_text(encoding="utf-8")
    assert f"| NOTE | {len(observed)} |" in summary
    assert f"Observations ({len(observed)})" in summary
    assert 'id="section-NOTE">Observations' in (done.report / "index.html").read_text(encoding="utf-8")


def test_a_run_of_observations_alone_judged_nothing(tmp_path: Path) -> None:
    done = run(tmp_path / "r", "-k", "test_what_is_left_behind")
    assert done.code == UNJUDGED, done.printed
    assert "nothing was judged" in done.printed


def test_no_word_of_a_verdict_counts_observations() -> None:
    passed = replace(SEEN, requirement="usage.total", level=Level.MUST, verdict=Verdict.PASS, notes=())
    assert headline(run_of(passed, SEEN)) == headline(run_of(passed))
    assert badge.to_json(run_of(passed, SEEN)) == badge.to_json(run_of(passed))
    assert exit_code([passed, SEEN]) == CONFORMS
    assert exit_code([SEEN]) == UNJUDGED
    assert exit_code([replace(passed, verdict=Verdict.FAIL), SEEN]) == VIOLATED
    assert Verdict.NOTE not in JUDGED
    assert SEVERITY[-1] is Verdict.NOTE


def test_the_summary_shows_what_was_seen() -> None:
    assert "first event after 3 ms" in markdown.summary(run_of(SEEN))


def test_an_observation_on_the_list_of_known_failures_is_taken_off() -> None:
    known = KnownFailure("slow", requirement="stream.timing")
    (stale,) = stale_entries([SEEN], [known], {SEEN.check: SEEN.requirement}, "p.toml")
    assert "is an observation under this contract" in stale.reason
