"""Whole runs, started as a user starts them: exit codes, files written, one clear line for each bad input."""

import contextlib
import json
import re
import socket
import subprocess
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from conformance.contract.requirements import catalogue
from conformance.reference.server import serve
from conformance.verdicts.gate import CONFORMS, INTERRUPTED, NOTHING, UNJUDGED, USAGE, VIOLATED
from tests.runs import KEY, Running, run, serving

FEW = ("-k", "test_usage")
"""A selection of a handful of requests."""

FILES = {"index.html", "results.json", "junit.xml", "summary.md", "badge.json"}


class Quiet(BaseHTTPRequestHandler):
    """Answers nothing by itself and logs nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Keep the test's output clean."""


class Maintenance(Quiet):
    """An HTML page under 200, whatever is asked."""

    def do_POST(self) -> None:
        """Answer."""
        page = b"<!doctype html><title>Back soon</title>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    do_GET = do_PUT = do_DELETE = do_POST  # noqa: N815 - http.server calls them by these names


class Silent(Quiet):
    """Takes the request and never answers."""

    done = threading.Event()

    def do_POST(self) -> None:
        """Wait for the end of the test."""
        self.done.wait(60)


def unused_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def test_a_run_against_the_reference_is_green_and_writes_every_file(tmp_path: Path) -> None:
    done = run(tmp_path / "r", *FEW)
    assert done.code == CONFORMS, done.printed
    assert {file.name for file in done.report.iterdir()} == FILES | {"exchanges"}
    assert set(done.verdicts.values()) <= {"PASS", "SKIP", "NOTE"}
    assert done.results["exit_code"] == CONFORMS
    assert f"report: {done.report / 'index.html'}" in done.printed


@pytest.mark.slow
def test_the_report_folder_may_exist_already_and_lie_anywhere(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    done = run(tmp_path / "there", *FEW)
    assert done.code == CONFORMS, done.printed
    assert (done.report / "results.json").is_file()


@pytest.mark.slow
def test_the_short_plan_covers_every_area_with_a_dozen_requests(tmp_path: Path) -> None:
    done = run(tmp_path / "r", "-m", "smoke")
    assert done.code == CONFORMS, done.printed
    assert done.results["traffic"]["requests"] <= 12
    judged = {catalogue()[row["requirement"]].area for row in done.results["verdicts"]}
    assert {row["area"] for row in done.results["verdicts"]} == judged
    dear = {"client_requests", "agent_tools", "evidence"}  # forty kilobytes at once, and what few ask for
    assert judged == {requirement.area for requirement in catalogue().values()} - dear


def test_a_broken_provider_is_red(tmp_path: Path) -> None:
    with serve(mutant="usage-total-of-output", key=KEY) as url:
        done = run(tmp_path / "r", *FEW, f"--base-url={url}")
    assert done.code == VIOLATED, done.printed
    assert "usage.total" in done.printed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:{port}/v1", "nobody listens"),
        ("http://no-such-host.invalid/v1", "no-such-host.invalid"),
    ],
)
def test_an_endpoint_out_of_reach_is_told_in_one_line(tmp_path: Path, url: str, words: str) -> None:
    done = run(tmp_path / "r", *FEW, f"--base-url={url.format(port=unused_port())}")
    assert done.code == UNJUDGED, done.printed
    assert words in done.printed
    assert "Traceback" not in done.printed
    assert set(done.verdicts.values()) == {"ERROR"}


@pytest.mark.slow
def test_an_endpoint_out_of_reach_is_asked_no_oftener_where_all_is_repeated(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{unused_port()}/v1"
    once, often = (run(tmp_path / n, *FEW, f"--base-url={url}", f"--repeat={n}") for n in "13")
    assert often.results["traffic"] == once.results["traffic"]
    assert often.verdicts == once.verdicts
    for done in (once, often):
        assert done.code == UNJUDGED, done.printed
        assert re.search(r"\b1 error in", done.printed), "the first check tells it for all"


@pytest.mark.slow
def test_tls_towards_a_plain_server_is_told(tmp_path: Path) -> None:
    with serve(key=KEY) as url:
        done = run(tmp_path / "r", *FEW, f"--base-url={url.replace('http:', 'https:')}")
    assert done.code == UNJUDGED, done.printed
    assert re.search("TLS|https", done.printed)


@pytest.mark.slow
def test_a_server_of_html_pages_cannot_be_judged(tmp_path: Path) -> None:
    with serving(Maintenance) as url:
        done = run(tmp_path / "r", *FEW, f"--base-url={url}")
    assert done.code == UNJUDGED, done.printed
    assert "every request got HTTP 200 with an HTML page" in done.printed
    assert "the page says: Back soon" in done.printed


@pytest.mark.slow
def test_a_server_that_hangs_is_given_up_after_the_time_out(tmp_path: Path) -> None:
    with serving(Silent) as url:
        done = run(tmp_path / "r", *FEW, f"--base-url={url}", "--request-timeout=2")
        Silent.done.set()
    assert done.code == UNJUDGED, done.printed
    assert "2 s" in done.printed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--base-url=127.0.0.1/v1"], "no scheme"),
        (["--provider=nosuch"], "there is no profile 'nosuch'"),
        (["--provider=anyfast", "--api-key-env=NO_SUCH_VARIABLE"], "NO_SUCH_VARIABLE is not set"),
        (["--contract=opneai"], "did you mean 'openai'"),
        (["--replay=/nowhere/at/all"], "no recordings"),
        (["--baseline=/nowhere/at/all.json"], "cannot be read"),
        (["--concurrency=0"], "1 or more"),
        (["--request-timeout=-1"], "more than 0"),
        (["--replay=/nowhere", "--resume"], "no recordings"),
    ],
)
def test_a_bad_input_is_one_line_and_sends_nothing(tmp_path: Path, arguments: list[str], words: str) -> None:
    done = run(tmp_path / "r", *arguments)
    assert done.code == USAGE, done.printed
    assert sum(words in line for line in done.printed.splitlines()) == 1, done.printed
    assert "Traceback" not in done.printed
    assert not (tmp_path / "r").exists()


@pytest.mark.slow
def test_a_report_folder_that_cannot_be_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = run(tmp_path / "file" / "r", *FEW)
    assert done.code == USAGE, done.printed
    assert "--report-dir" in done.printed
    assert "Traceback" not in done.printed


@pytest.mark.slow
def test_a_selection_of_nothing_is_not_green(tmp_path: Path) -> None:
    done = run(tmp_path / "r", "-k", "there_is_no_such_check")
    assert done.code == NOTHING, done.printed


@pytest.mark.slow
def test_an_unset_key_names_its_variable(tmp_path: Path) -> None:
    done = run(tmp_path / "r", "--base-url=http://127.0.0.1:9/v1", environ={"CONFORMANCE_API_KEY": ""})
    assert done.code == USAGE
    assert "CONFORMANCE_API_KEY is empty" in done.printed


def test_an_interrupt_keeps_the_recordings_so_far(tmp_path: Path) -> None:
    with serve(key=KEY, latency=0.4) as url:
        running = Running(tmp_path / "r", f"--base-url={url}", "--concurrency=1")
        recordings = running.report / "exchanges"
        wait_for_recordings(recordings, 2, running)
        running.interrupt()
        done = running.wait()
    assert done.code == INTERRUPTED, done.printed
    assert len([json.loads(file.read_text()) for file in recordings.glob("*.json")]) >= 3
    assert "Traceback" not in done.printed


def wait_for_recordings(folder: Path, count: int, running: Running) -> None:
    """Look at the folder until the recordings are there; fail if the run ends first."""
    while len(list(folder.glob("*.json"))) < count + 1:
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.process.wait(0.05)
        assert running.process.returncode is None, running.out.read_text()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    reports = tmp_path_factory.mktemp("recorded") / "r"
    assert run(reports, *FEW).code == CONFORMS
    return reports


@pytest.mark.slow
def test_a_replay_gives_the_same_verdicts_and_sends_nothing(recorded: Path, tmp_path: Path) -> None:
    live = json.loads((recorded / "results.json").read_text())
    done = run(tmp_path / "r", *FEW, f"--replay={recorded}")
    assert done.code == CONFORMS, done.printed
    assert done.verdicts == {row["check"]: row["verdict"] for row in live["verdicts"]}
    assert done.results["traffic"]["requests"] == 0


@pytest.mark.slow
def test_a_recording_under_a_contract_that_is_not_there_is_refused(recorded: Path, tmp_path: Path) -> None:
    copy(recorded / "exchanges", tmp_path / "old")
    manifest = tmp_path / "old" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"anyfast"', '"bygone"'))
    done = run(tmp_path / "r", *FEW, f"--replay={tmp_path / 'old'}")
    assert done.code == USAGE, done.printed
    assert f"--replay: {manifest}: recorded under the contract 'bygone'" in done.printed
    assert "Traceback" not in done.printed


@pytest.mark.slow
def test_an_unfit_ca_bundle_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    (tmp_path / "p.toml").write_text('base_url = "https://h.example/v1"\nca_bundle = "ca.pem"\n')
    done = run(tmp_path / "r", *FEW, f"--provider={tmp_path / 'p.toml'}")
    assert done.code == USAGE, done.printed
    assert f"profile p: ca_bundle: cannot use {tmp_path / 'ca.pem'}" in done.printed
    assert "Traceback" not in done.printed


@pytest.mark.slow
def test_a_recording_that_was_cut_is_an_error_that_names_the_file(recorded: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    copy(recorded / "exchanges", damaged)
    whole = (damaged / "text.json").read_bytes()
    (damaged / "text.json").write_bytes(whole[: len(whole) // 2])
    done = run(tmp_path / "r", *FEW, f"--replay={damaged}")
    assert done.code == UNJUDGED, done.printed
    assert "text.json" in done.printed


@pytest.mark.slow
def test_a_recording_of_another_request_is_an_error(recorded: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    copy(recorded / "exchanges", foreign)
    other = json.loads((foreign / "text.json").read_text())
    other["request"]["body"] = other["request"]["body"].replace("Hello there", "Goodbye")
    (foreign / "text.json").write_text(json.dumps(other))
    done = run(tmp_path / "r", *FEW, f"--replay={foreign}")
    assert done.code == UNJUDGED, done.printed
    assert "another request" in done.printed


def copy(folder: Path, to: Path) -> None:
    """Copy a folder of recordings."""
    to.mkdir()
    for file in folder.iterdir():
        (to / file.name).write_bytes(file.read_bytes())


@pytest.mark.slow
def test_a_dry_run_sends_nothing_and_needs_no_key(tmp_path: Path) -> None:
    done = run(tmp_path / "r", "--provider=anyfast", "--dry-run", environ={"ANYFAST_API_KEY": ""})
    assert done.code == CONFORMS, done.printed
    *_, total, last = done.printed.splitlines()
    assert last == "nothing was sent"
    told = re.fullmatch(r"all: (\d+) requests, at most (\d+) input and (\d+) output tokens", total)
    assert told is not None
    assert int(told[1]) <= 340, "the whole plan is to be affordable every night"
    assert int(told[2]) <= 36_000 + 3_000, (
        "two fifths of it are what a coding agent sends at first, by bytes, and 2,000 the units of the bill"
    )
    assert int(told[3]) <= 14_000
    assert not (tmp_path / "r").exists()


@pytest.mark.slow
def test_a_requirement_can_be_explained_by_name(tmp_path: Path) -> None:
    done = run(tmp_path / "r", "--explain", "usage.total")
    assert done.code == CONFORMS
    for word in ("clause:", "source:", "levels:", "why:", "checks:", "mutants:"):
        assert word in done.printed
    assert run(tmp_path / "r", "--explain", "no.such").code == USAGE


@pytest.mark.slow
def test_an_id_with_an_equals_sign_can_be_selected(tmp_path: Path) -> None:
    done = run(tmp_path / "r", "-k", "temperature=2.01-rejected")
    assert done.code == CONFORMS, done.printed
    assert all("temperature=2.01-rejected" in check for check in done.verdicts)
    assert len(list((tmp_path / "r" / "exchanges").glob("temperature*"))) == 1
