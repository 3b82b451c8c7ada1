"""Runs that do not reach their end: what was recorded is kept, and --resume does not send it again."""

import asyncio
import random
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from conformance.exchange import RECORDINGS
from conformance.reference import server
from conformance.wire.recording import MANIFEST, read
from tests.hostile.serving import Connection, Handler, Request, Served, serving
from tests.runs import KEY, Ran, Running, run

pytestmark = pytest.mark.slow

KILLS = (pytest.param(5, id="5"), pytest.param(20, id="20", marks=pytest.mark.nightly))
CONCURRENCY = 3
LATENCY = 0.1
SELECTION = ("conformance/checks/test_request_fields.py", "-k", "temperature or top_p or penalty", "-q")

Asked = tuple[str, str, bytes]


def relay(upstream: str) -> Handler:
    """Hands requests on, after a while, so that there is time to kill the one who asks."""
    target = urlsplit(upstream)

    async def handle(connection: Connection) -> None:
        request = await connection.request()
        await asyncio.sleep(LATENCY)
        reader, writer = await asyncio.open_connection(target.hostname, target.port)
        headers = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items() if name != "host")
        head = f"{request.method} {request.target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n"
        writer.write(head.encode() + request.body)
        while data := await reader.read(65536):
            await connection.send(data)
        writer.close()
        raise EOFError

    return handle


def asked(request: Request) -> Asked:
    return request.method, request.target, request.body


def recorded(report: Path) -> set[Asked]:
    """The requests of which there are recordings; every one of them must be whole."""
    found = set()
    for file in (report / RECORDINGS).glob("*.json"):
        if file.name != MANIFEST:
            sent = read(file).request
            found.add((sent.method, urlsplit(sent.url).path, sent.body))
    return found


def verdicts(ran: Ran) -> list[tuple[str, str]]:
    return [(row["check"], row["verdict"]) for row in ran.results["verdicts"]]


def resumed(served: Served, report: Path) -> Running:
    """A run that goes on where the last one was."""
    options = ("--base-url", served.base_url, "--concurrency", str(CONCURRENCY), "--resume")
    return Running(report, *SELECTION, *options)


def kill_after(running: Running, served: Served, requests: int, pause: float) -> None:
    """Kill a run some moments after it has sent so many requests, unless it ends first."""
    before = len(served.requests)
    while len(served.requests) < before + requests and running.process.poll() is None:
        time.sleep(0.001)
    time.sleep(pause)
    running.kill()
    running.wait()


@pytest.mark.parametrize("kills", KILLS)
def test_kills_change_no_verdict_and_repeat_no_request(kills: int, tmp_path: Path) -> None:
    moments = random.Random(20)  # noqa: S311 - the same moments in every run
    with server.serve(key=KEY, pace=0.0) as upstream, serving(relay(upstream)) as served:
        undisturbed = run(tmp_path / "whole", *SELECTION, "--base-url", served.base_url)
        planned = Counter(map(asked, served.requests))
        assert set(planned.values()) == {1}
        assert len(planned) > 2 * kills, "too few requests for so many kills"
        served.requests.clear()

        report = tmp_path / "killed"
        kept: list[int] = []
        for _ in range(kills):
            done = recorded(report) if report.exists() else set()
            before = len(served.requests)
            kill_after(resumed(served, report), served, moments.randint(1, 4), moments.uniform(0, LATENCY))
            again = {asked(request) for request in served.requests[before:]} & done
            assert not again, "what was recorded was sent once more"
            kept.append(len(recorded(report)))
        before = len(served.requests)
        done = recorded(report)
        last = resumed(served, report).wait()
    assert kept == sorted(kept), "a recording was lost"
    assert kept[-1] > 0, "no run came to record anything before it was killed"
    assert not {asked(request) for request in served.requests[before:]} & done
    assert Counter(map(asked, served.requests)).keys() == planned.keys()
    assert len(served.requests) <= len(planned) + kills * CONCURRENCY, "more than those in flight came twice"
    assert last.code == undisturbed.code == 0, last.printed
    assert verdicts(last) == verdicts(undisturbed)
    assert last.results["traffic"]["requests"] == len(planned) - len(done)


def hang_after(answers: int, upstream: str) -> Handler:
    """Hands so many requests on, and leaves all others without an answer until `let_go` is set."""
    handed: list[int] = []
    hand_on = relay(upstream)

    async def handle(connection: Connection) -> None:
        if len(handed) >= answers:
            await connection.request()
            while not connection.served.let_go.is_set():
                await asyncio.sleep(0.01)
            await connection.answer(b"{}")
            return
        handed.append(1)
        await hand_on(connection)

    return handle


def under_way(served: Served, report: Path, requests: int) -> Running:
    """A run that has sent so many requests, of which the last are not answered yet."""
    running = Running(report, *SELECTION, "--base-url", served.base_url, "--concurrency", str(CONCURRENCY))
    while len(served.requests) < requests and running.process.poll() is None:
        time.sleep(0.01)
    return running


def test_a_report_folder_that_vanishes_ends_the_run_in_one_line(tmp_path: Path) -> None:
    report = tmp_path / "report"
    with server.serve(key=KEY, pace=0.0) as upstream, serving(hang_after(9, upstream)) as served:
        running = under_way(served, report, 9 + CONCURRENCY)
        report.rename(tmp_path / "moved")
        served.let_go.set()
        ran = running.wait()
    assert ran.code == 3, ran.printed
    assert "Traceback" not in ran.printed
    assert [line for line in ran.printed.splitlines() if "cannot write" in line]
    assert len(recorded(tmp_path / "moved")) >= 9
