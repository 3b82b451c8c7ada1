"""A run killed again and again goes on with --resume: nothing is lost, and nothing is sent twice."""

import asyncio
import random
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

from conformance.recording import FOLDER, MANIFEST, read
from conformance.reference import server
from tests.hostile.serving import Connection, Handler, Request, Served, serving
from tests.runs import KEY, Ran, Running, run

KILLS = 20
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
    for file in (report / FOLDER).glob("*.json"):
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


def test_twenty_kills_change_no_verdict_and_repeat_no_request(tmp_path: Path) -> None:
    moments = random.Random(20)  # noqa: S311 - the same moments in every run
    with server.serve(key=KEY, pace=0.0) as upstream, serving(relay(upstream)) as served:
        undisturbed = run(tmp_path / "whole", *SELECTION, "--base-url", served.base_url)
        planned = Counter(map(asked, served.requests))
        assert set(planned.values()) == {1}
        assert len(planned) > 2 * KILLS, "too few requests for so many kills"
        served.requests.clear()

        report = tmp_path / "killed"
        kept: list[int] = []
        for _ in range(KILLS):
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
    assert len(served.requests) <= len(planned) + KILLS * CONCURRENCY, "more than those in flight came twice"
    assert last.code == undisturbed.code == 0, last.printed
    assert verdicts(last) == verdicts(undisturbed)
    assert last.results["traffic"]["requests"] == len(planned) - len(done)
