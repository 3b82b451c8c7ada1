"""Whole runs against a right provider that is slow, or hangs: what times out in company is asked again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.grudging import Asked, Serial, serial
from tests.runs import Ran, Running
from tests.sample_run import unfolded

pytestmark = pytest.mark.slow

CONFORMS, UNJUDGED = 0, 6
SOME = ("conformance/checks/test_usage.py", "conformance/checks/test_tools.py")
EACH, TIME_OUT = 0.2, 1.0
"""Seconds for one answer, and for as many as are in flight: eight at once take longer, four do not."""
IN_VAIN = 2 * 8 + 3
"""Requests that a server that hangs is sent again: those in flight at first and since, and three alone."""


def judged(
    report: Path, *options: str, each: float = EACH, hangs: Callable[[Asked], bool] = lambda _: False
) -> tuple[Ran, Serial]:
    with serial(each, hangs) as (base_url, provider):
        given = ("--base-url", base_url, "--model", "gpt-5.2", "--request-timeout", f"{TIME_OUT}", "-q")
        return Running(report, *given, "--concurrency", "8", *options).wait(240), provider


def errors(ran: Ran) -> dict[str, str]:
    """The reasons of what could not be judged, by the scenario that they name."""
    rows = [row for row in ran.results["verdicts"] if row["verdict"] == "ERROR"]
    return {row["reason"].partition(":")[0]: row["reason"] for row in rows}


def recorded(ran: Ran) -> dict[str, Any]:
    files = sorted((ran.report / "exchanges").glob("*.json"))
    found = (json.loads(file.read_text("utf-8")) for file in files)
    return {each["scenario"]: each for each in found if "scenario" in each}


def test_a_slow_server_is_judged_with_fewer_in_flight(tmp_path: Path) -> None:
    ran, provider = judged(tmp_path / "report", *SOME)
    assert errors(ran) == {}
    assert ran.code == CONFORMS, ran.printed
    traffic = ran.results["traffic"]
    print(f"{ran.seconds:5.1f} s, {traffic}")  # noqa: T201 - the table
    assert traffic["asked_again"] == traffic["retries"] > 0
    assert traffic["requests"] == len(provider.bodies)


def test_each_try_stays_in_the_exchange_and_the_report_counts_them(tmp_path: Path) -> None:
    ran, _ = judged(tmp_path / "report", *SOME)
    tries = [tried for each in recorded(ran).values() for tried in each["retries"]]
    assert {tried["fault"]["kind"] for tried in tries} == {"timeout"}
    assert all(tried["started_at"] and tried["duration"] >= TIME_OUT for tried in tries)
    times = "once" if len(tries) == 1 else f"{len(tries)} times"
    told = f"timed out and asked again with fewer in flight {times}"
    assert told in ran.printed
    assert told in (ran.report / "summary.md").read_text("utf-8")
    page = (ran.report / "index.html").read_text("utf-8")
    assert told in page
    assert "other tries: " in unfolded(page)


def test_the_budget_of_requests_counts_what_is_asked_again(tmp_path: Path) -> None:
    ran, provider = judged(tmp_path / "report", *SOME, "--max-requests", "20")
    assert len(provider.bodies) == ran.results["traffic"]["requests"] == 20
    assert ran.results["traffic"]["asked_again"] > 0
    assert "the budget of 20 requests is used up" in str(ran.results)


def test_a_kind_that_hangs_costs_its_own_rows_only(tmp_path: Path) -> None:
    def streamed(asked: Asked) -> bool:
        return b'"stream":true' in asked.body

    ran, provider = judged(tmp_path / "report", *SOME, each=0.01, hangs=streamed)
    hung = {name for name, each in recorded(ran).items() if each["fault"]}
    print(f"{ran.seconds:5.1f} s, {len(hung)} hang, {ran.results['traffic']}")  # noqa: T201 - the table
    assert ran.code == UNJUDGED
    assert errors(ran).keys() <= hung
    assert all("no answer within the time-out" in reason for reason in errors(ran).values())
    assert all('"stream":true' in recorded(ran)[name]["request"]["body"] for name in hung)
    assert 0 < ran.results["traffic"]["asked_again"] <= IN_VAIN
    assert len(provider.bodies) == ran.results["traffic"]["requests"]


def test_a_server_that_falls_silent_is_given_up_as_before(tmp_path: Path) -> None:
    ran, _ = judged(tmp_path / "report", *SOME, each=0.01, hangs=lambda asked: asked.number > 4)
    traffic = ran.results["traffic"]
    print(f"{ran.seconds:5.1f} s, {traffic}")  # noqa: T201 - the table
    assert ran.code == UNJUDGED
    assert 0 < traffic["asked_again"] == traffic["retries"] <= IN_VAIN


def test_a_server_that_never_answers_is_not_asked_again(tmp_path: Path) -> None:
    ran, provider = judged(tmp_path / "report", hangs=lambda _: True)
    assert ran.code == UNJUDGED
    assert len(provider.bodies) == len(set(provider.bodies)) == 8
    assert ran.results["traffic"]["asked_again"] == 0
    assert "every request timed out: is the endpoint well?" in str(ran.results)
