"""Whole runs against servers that misbehave below the contract: bounded in time and memory, and explained.

`pytest tests/test_hostile.py -s` prints the table: seconds and the most memory of each run.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from tests.hostile import behaviours
from tests.hostile.serving import Connection, Handler, Served, serving
from tests.runs import KEY, Ran, run

pytestmark = pytest.mark.slow

REQUEST_TIMEOUT = 2
DEADLINE = 30
MOST_MEGABYTES = 300

UNJUDGED, VIOLATIONS = 6, 1

CHECKS = ("conformance/checks/test_response_body.py", "conformance/checks/test_usage.py")


@dataclass(frozen=True, slots=True)
class Case:
    """A hostile server, the exit code it must get, and what the report must say of it."""

    handler: Handler
    code: int
    said: str
    context: bool = False


CASES: dict[str, Case] = {
    "never answers": Case(behaviours.never_answers, UNJUDGED, "no answer within the time-out of 2 s"),
    "one byte a second": Case(behaviours.one_byte_a_second, UNJUDGED, "within the time-out of 2 s"),
    "endless deltas": Case(
        behaviours.endless_deltas, UNJUDGED, "within the time-out of 2 s|longer than 16 MiB"
    ),
    "endless line": Case(behaviours.endless_line, UNJUDGED, "longer than"),
    "300 MB": Case(behaviours.huge_body, UNJUDGED, "longer than"),
    "gzip bomb": Case(behaviours.gzip_bomb, UNJUDGED, "longer than"),
    "nested arrays": Case(behaviours.nested_arrays, VIOLATIONS, "nested too deeply"),
    "long number": Case(behaviours.long_number, VIOLATIONS, "an integer of 5000 digits"),
    "lone surrogates": Case(behaviours.lone_surrogates, VIOLATIONS, "lone surrogate"),
    "invalid UTF-8": Case(behaviours.invalid_utf8, VIOLATIONS, "invalid UTF-8"),
    "resets": Case(behaviours.resets, UNJUDGED, "closed the connection without an answer"),
    "200 with nothing": Case(behaviours.empty_200, UNJUDGED, "HTTP 200 with an empty body"),
    "maintenance page": Case(behaviours.maintenance_page, UNJUDGED, "HTTP 200 with an HTML page"),
    "500 to everything": Case(behaviours.always_500, UNJUDGED, "HTTP 500"),
    "429 for ever": Case(behaviours.always_429, UNJUDGED, "HTTP 429"),
    "Retry-After of a day": Case(behaviours.retry_after_a_day, UNJUDGED, "HTTP 429"),
    "1 MB of headers": Case(behaviours.huge_headers, UNJUDGED, "longer than 100 KiB"),
    "no HTTP": Case(behaviours.not_http, UNJUDGED, "is not HTTP/1.1"),
    "certificate": Case(behaviours.well, UNJUDGED, "name its bundle with ca_bundle", context=True),
}


@contextmanager
def server(case: Case) -> Iterator[Served]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if case.context else None
    if context:
        trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with serving(case.handler, context) as served:
        yield served


def judge(base_url: str, report: Path, *options: str) -> Ran:
    """A short plan against a server: half a dozen answers, streamed and not."""
    limits = ("--request-timeout", str(REQUEST_TIMEOUT), "--deadline", str(DEADLINE))
    return run(report, *CHECKS, "--base-url", base_url, "--model", "m", *limits, *options, "-q")


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_server_is_bounded_and_explained(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    with server(case) as served:
        ran = judge(served.base_url, tmp_path / "report")
    print(f"{name:22} exit {ran.code}  {ran.seconds:5.1f} s  {ran.megabytes:5.0f} MB")  # noqa: T201 - the table
    assert ran.code == case.code, ran.printed
    assert ran.seconds < DEADLINE
    assert ran.megabytes <= MOST_MEGABYTES
    told = " ".join(
        [ran.results.get("summary") or "", *(str(row) for row in ran.results["verdicts"])],
    )
    # Of two bounds between which `|` stands either may end it first: asked again alone, a server is faster.
    assert any(words in told for words in case.said.split("|"))
    assert "Traceback" not in ran.printed
    assert "INTERNALERROR" not in ran.printed
    for file in ("index.html", "results.json", "junit.xml", "summary.md", "badge.json"):
        assert (ran.report / file).stat().st_size > 0


def test_a_redirect_is_not_followed_and_the_key_stays(tmp_path: Path) -> None:
    with serving(behaviours.well) as elsewhere:

        async def redirect(connection: Connection) -> None:
            await connection.request()
            await connection.answer(b"", 307, "text/plain", f"Location: {elsewhere.base_url}/responses")

        with serving(redirect) as served:
            ran = judge(served.base_url, tmp_path / "report")
    assert ran.code == UNJUDGED
    assert "which is not followed" in str(ran.results)
    assert elsewhere.connections == 0
    assert any(KEY in request.headers.get("authorization", "") for request in served.requests)


def test_the_deadline_bounds_the_whole_run(tmp_path: Path) -> None:
    """A server that answers at first, so that the run goes on, and then never again."""
    answered: list[int] = []

    async def falls_asleep(connection: Connection) -> None:
        answered.append(1)
        await (behaviours.well if len(answered) < 3 else behaviours.never_answers)(connection)

    with serving(falls_asleep) as served:
        ran = judge(served.base_url, tmp_path / "report", "--request-timeout", "60", "--deadline", "15")
    print(f"{'falls asleep':22} exit {ran.code}  {ran.seconds:5.1f} s  {ran.megabytes:5.0f} MB")  # noqa: T201 - the table
    assert ran.code in {UNJUDGED, VIOLATIONS}
    assert ran.seconds < 30, "the deadline was 15 s, and a busy machine takes its time to start and to report"
    assert "the run's deadline of 15 s passed with no answer" in str(ran.results)
