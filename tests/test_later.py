"""Whole runs against a right provider whose gateway says «later», fails or hangs up now and then."""

import json
from collections import Counter
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from conformance.reference.server import serve
from tests.hostile.grudging import Gate, Grudging, at_most, every, grudging, now_and_then, refusing
from tests.runs import KEY, Ran, Running, run
from tests.sample_run import unfolded

pytestmark = pytest.mark.slow

CONFORMS, VIOLATIONS, UNJUDGED = 0, 1, 6
LATER = "too many, come later"
SOME = ("conformance/checks/test_usage.py", "conformance/checks/test_tools.py")
"""Checks of some 70 requests."""


def judged(gate: Gate, report: Path, *options: str, deadline: float = 300) -> tuple[Ran, Grudging]:
    with grudging(gate) as (base_url, provider):
        given = ("--base-url", base_url, "--model", "gpt-5.2", "--deadline", str(deadline), "-q")
        return Running(report, *given, *options).wait(deadline + 60), provider


def errors(ran: Ran) -> list[str]:
    return [row["reason"] for row in ran.results["verdicts"] if row["verdict"] == "ERROR"]


def exchange(ran: Ran, scenario: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ran.report / "exchanges" / f"{scenario}.json").read_text("utf-8"))
    return found


def statuses(recorded: dict[str, Any]) -> list[int | None]:
    return [*(each["status"] for each in recorded["retries"]), recorded["status"]]


PUT_OFF: dict[str, Gate] = {
    "1 of 3 is 429": every(3, refusing(429)),
    "1 of 3 is 429, Retry-After: 1": every(3, refusing(429, ("retry-after", "1"))),
    "1 of 3 is 429, Retry-After: a date": every(
        3, refusing(429, ("retry-after", formatdate(0, usegmt=True)))
    ),
    "1 of 3 is 429, whichever": now_and_then(3, refusing(429)),
    "1 of 5 is 503": every(5, refusing(503)),
    "1 of 5 is 503, whichever": now_and_then(5, refusing(503)),
    "60 in 6 seconds": at_most(60, 6.0, refusing(429)),
    "20 in 6 seconds, Retry-After: 1": at_most(20, 6.0, refusing(429, ("retry-after", "1"))),
}


EACH_TIME = ("1 of 3 is 429", "1 of 5 is 503", "20 in 6 seconds, Retry-After: 1")
"""What stands for the others, which take minutes."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in EACH_TIME else pytest.mark.nightly) for name in PUT_OFF]
)
def test_a_whole_run_gets_through_what_is_put_off(name: str, tmp_path: Path) -> None:
    some = SOME if "Retry-After: 1" in name else ()
    ran, provider = judged(PUT_OFF[name], tmp_path / "report", *some)
    assert errors(ran) == []
    assert ran.code == CONFORMS, ran.printed
    traffic = ran.results["traffic"]
    print(f"{name:36} {ran.seconds:5.1f} s, {traffic}")  # noqa: T201 - the table
    assert traffic["told_to_wait"] == provider.turned_away > 0
    assert traffic["requests"] == len(provider.bodies)
    assert 0 < traffic["waited_s"] < ran.seconds


def test_the_report_says_how_often_it_was_told_to_wait(tmp_path: Path) -> None:
    ran, provider = judged(every(3, refusing(429, ("retry-after", "0"))), tmp_path / "report", "-k", "total")
    told = f"told to wait {provider.turned_away} times"
    assert ran.code == CONFORMS, ran.printed
    assert told in ran.printed
    assert told in (ran.report / "summary.md").read_text("utf-8")
    page = (ran.report / "index.html").read_text("utf-8")
    assert told in page
    assert "other tries: HTTP 429, Retry-After: 0" in unfolded(page)


def test_every_status_stays_in_the_exchange(tmp_path: Path) -> None:
    """Also of the tries before one that went well; a recording tells them as the run did."""

    def gate(asked: Any) -> Any:
        if b"Reply with exactly: Hello there" not in asked.body:
            return None
        tries = (refusing(429, ("retry-after", "0"), ("x-request-id", "req_7")), refusing(503), refusing(500))
        return tries[asked.before] if asked.before < len(tries) else None

    ran, _ = judged(gate, tmp_path / "report", "-k", "answered-at-once or test_answer_is_json_by_default")
    seen = exchange(ran, "text")
    assert statuses(seen) == [429, 503, 500, 200]
    first = seen["retries"][0]
    assert first["headers"] == [["retry-after", "0"], ["x-request-id", "req_7"]]
    assert first["started_at"] <= seen["started_at"]
    assert first["duration"] > 0


def test_a_request_that_alone_is_put_off_is_judged(tmp_path: Path) -> None:
    """While others are answered, a 503 that stays is no word for «later» but that request's answer."""
    verbose = refusing(503)
    ran, provider = judged(
        lambda asked: verbose if b'"verbosity":"low"' in asked.body else None,
        tmp_path / "report",
        "-k",
        "text.verbosity",
    )
    failed = [row for row in ran.results["verdicts"] if row["verdict"] == "FAIL"]
    assert ["HTTP 503" in row["actual"] for row in failed] == [True]
    told = {reason.partition(":")[0] for reason in errors(ran)}
    assert told == set(), "whatever else it should have shown is judged where the answer is promised"
    assert ran.code == VIOLATIONS
    assert provider.turned_away < 12


@pytest.mark.parametrize("status", [429, 503])
def test_a_storm_without_end_stops_within_the_deadline(status: int, tmp_path: Path) -> None:
    ran, provider = judged(lambda _: refusing(status), tmp_path / "report", *SOME, deadline=12)
    assert ran.code == UNJUDGED
    assert ran.seconds < 20
    assert f"every request got HTTP {status}" in ran.printed
    assert len(provider.bodies) < 40, "each round asks fewer"


def test_a_storm_in_the_middle_stops_within_the_deadline(tmp_path: Path) -> None:
    def gate(asked: Any) -> Any:
        return refusing(429) if asked.number > 20 else None

    ran, provider = judged(gate, tmp_path / "report", *SOME, deadline=15)
    assert ran.code == UNJUDGED
    assert ran.seconds < 25
    assert len(provider.bodies) < 20 + 40, "each round asks fewer"


def test_an_unpaid_account_is_not_asked_again(tmp_path: Path) -> None:
    unpaid = refusing(429)
    body = json.dumps(
        {"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}
    ).encode()
    ran, provider = judged(lambda _: unpaid.with_body(body), tmp_path / "report", *SOME)
    assert ran.code == UNJUDGED
    assert "is the account paid for?" in ran.printed
    assert set(Counter(provider.bodies).values()) == {1}


DROPPED = refusing(500, drops=True)


def test_a_dropped_connection_loses_no_500(tmp_path: Path) -> None:
    """A server that fails on wrong values and hangs up: each is refused once, badly, and nothing is lost."""

    def gate(asked: Any) -> Any:
        return DROPPED if b'"temperature":"' in asked.body or b'"temperature":[' in asked.body else None

    ran, provider = judged(gate, tmp_path / "report", "-k", "temperature or usage or no_value_makes")
    assert errors(ran) == []
    failed = {row["requirement"] for row in ran.results["verdicts"] if row["verdict"] == "FAIL"}
    assert failed == {"request.no-server-error"}
    wrong = [body for body in provider.bodies if gate(type("A", (), {"body": body}))]
    assert set(Counter(wrong).values()) == {1}, "what the server makes of a wrong value is known after one"


def test_a_retry_does_not_meet_the_connection_that_was_dropped(tmp_path: Path) -> None:
    """A well-formed request is tried again, and each try brings its own answer."""

    def gate(asked: Any) -> Any:
        return DROPPED if b'"verbosity":"low"' in asked.body else None

    ran, _ = judged(gate, tmp_path / "report", "-k", "text.verbosity")
    assert ran.code == VIOLATIONS
    assert all("HTTP 500" in reason for reason in errors(ran)), "which is why the answer cannot be judged"
    assert statuses(exchange(ran, "text.verbosity=low-accepted")) == [500, 500, 500]


def test_a_model_that_nobody_serves_is_no_moments_weakness(tmp_path: Path) -> None:
    """Though it is said with 503: the words name the model."""
    with serve(mutant="unknown-model-503", key=KEY) as url:
        done = run(tmp_path / "r", f"--base-url={url}", "--ignore=conformance/checks/test_storage.py")
    assert "ERROR" not in done.verdicts.values(), done.printed
    assert {row["requirement"] for row in done.results["verdicts"] if row["verdict"] == "FAIL"} == {
        "request.no-server-error"
    }


def test_a_gateway_that_refuses_with_502_is_judged(tmp_path: Path) -> None:
    with serve(mutant="validation-502", key=KEY) as url:
        done = run(tmp_path / "r", f"--base-url={url}", "--ignore=conformance/checks/test_storage.py")
    assert "ERROR" not in done.verdicts.values(), done.printed
    assert {row["requirement"] for row in done.results["verdicts"] if row["verdict"] == "FAIL"} == {
        "request.no-server-error",
        "error.no-server-error",
    }
