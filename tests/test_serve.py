"""`responses-conformance serve` as it is typed: what was recorded comes back, and nothing else does."""

import contextlib
import http.client
import json
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from conformance.exchange import Fault, Sent
from conformance.verdicts.gate import CONFORMS, USAGE
from conformance.wire.redaction import Redactor
from tests.recordings import BASE, exchange, record, served
from tests.runs import INSTALLED, KEY

EVENTS = ((0.1, b"data: 1\n\n"), (0.4, "data: gr\u00fc\u00df".encode()), (0.7, b"\xff\n\n"))
STREAM = exchange(
    "text-stream", *EVENTS, asked={"stream": True}, headers=(("Content-Type", "text/event-stream"),)
)
TEXT = exchange("text", (0.0, b'{"id": 1}'))
CALL = exchange("tool-call", (0.0, b'{"call": 1}'))
RESULT = exchange("tool-result", (0.0, b'{"result": 1}'))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return record(tmp_path / "report", STREAM, TEXT, CALL, RESULT)


def refusal(answer: tuple[int, dict[str, str], bytes]) -> tuple[int, str]:
    """Status and message of an error envelope."""
    status, headers, body = answer
    assert headers["content-type"] == "application/json"
    error = json.loads(body)["error"]
    assert set(error) == {"message", "type", "param", "code"}
    return status, error["message"]


def test_it_says_where_it_is_and_what_it_has(folder: Path) -> None:
    with served(folder) as server:
        assert server.lines[0] == server.address
        assert [line.split()[:3] for line in server.lines[1:-1]] == [
            [f"/{name}/v1/responses", "POST", "200"]
            for name in ("text", "text-stream", "tool-call", "tool-result")
        ]
        assert "3 chunks, 24 bytes in 0.70 s" in server.lines[2]
        assert "/text/v1 " in server.lines[-1]
        assert server.ask("/", method="GET")[2].decode().splitlines() == server.lines[1:-1]


def test_what_was_recorded_comes_back_in_its_chunks_and_times(folder: Path) -> None:
    with served(folder) as server:
        connection = server.connection()
        began = time.monotonic()
        connection.request("POST", "/text-stream/v1/responses", b'{"stream": true}')
        answer = connection.getresponse()
        came = []
        while data := answer.read1():
            came.append((time.monotonic() - began, data))
        connection.close()
    assert [data for _, data in came] == [data for _, data in EVENTS]
    for (at, _), (recorded, _) in zip(came, EVENTS, strict=True):
        assert recorded - 0.01 <= at < recorded + 0.3
    assert answer.headers["content-type"] == "text/event-stream"


def test_fast_waits_for_no_time(tmp_path: Path) -> None:
    slow = exchange("text", (30.0, b"a"), (60.0, b"b"))
    with served(record(tmp_path, slow), "--fast") as server:
        began = time.monotonic()
        assert server.ask("/text/v1/responses")[2] == b"ab"
        assert time.monotonic() - began < 5


def test_a_list_of_scenarios_is_a_loop(folder: Path) -> None:
    with served(folder, "--fast") as server:
        loop = "/tool-call,tool-result/v1/responses"
        assert server.ask(loop)[2] == b'{"call": 1}'
        assert server.ask(loop, {"stream": True})[0] == 400, "which takes no exchange away"
        assert server.ask(loop)[2] == b'{"result": 1}'
        status, message = refusal(server.ask(loop))
        assert (status, "all 2 exchanges" in message) == (410, True)
        assert "/again:tool-call,tool-result/v1/responses" in message
        assert server.ask(f"/again:{loop[1:]}")[2] == b'{"call": 1}'
        assert server.ask("/tool-call/v1/responses")[2] == b'{"call": 1}', "one by itself is never used up"
        assert server.ask("/tool-call/v1/responses")[2] == b'{"call": 1}'


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "said"),
    [
        ("POST", "/text-steam/v1/responses", {}, 404, "no exchange 'text-steam'; it has /text-stream/v1/"),
        ("POST", "/qqq/v1/responses", {}, 404, "it has /text/v1/responses, /text-stream/v1/responses, "),
        ("POST", "/text,nosuch/v1/responses", {}, 404, "no exchange 'nosuch'"),
        ("POST", "/text/responses", {}, 404, "ask /text/v1/responses"),
        ("POST", "/v1/responses", {}, 404, "no exchange 'v1'"),
        ("POST", "/text/v1/chat/completions", {}, 404, "at /responses, not at /chat/completions"),
        ("GET", "/text/v1/responses", {}, 405, "recorded with POST, not with GET"),
        ("POST", "/text/v1/responses", {"stream": True}, 400, "recorded without `stream`"),
        ("POST", "/text-stream/v1/responses", {}, 400, "recorded with `stream`"),
    ],
)
def test_what_was_not_recorded_is_refused_and_never_answered_by_the_nearest(
    folder: Path, method: str, path: str, body: object, status: int, said: str
) -> None:
    with served(folder, "--fast") as server:
        answered = server.ask(path, body, method)
    assert refusal(answered)[0] == status
    assert said in refusal(answered)[1]
    assert (answered[1].get("allow") == "POST") is (status == 405)


def test_names_with_commas_and_other_paths_are_found(tmp_path: Path) -> None:
    named = exchange("stream=true,top_p=-0.01-rejected", (0.0, b"1"), asked={"stream": True}, status=400)
    stored = exchange(
        "get-stored", (0.0, b"2"), request=Sent("GET", f"{BASE}/deployments/d/responses/resp_1", (), b"")
    )
    elsewhere = exchange(
        "text", (0.0, b"3"), request=Sent("POST", f"{BASE}/deployments/d/responses", (), b"")
    )
    where = "/deployments/d/responses"
    with served(record(tmp_path, named, stored, elsewhere, responses_path=where), "--fast") as server:
        assert server.lines[1].startswith("/get-stored/v1/responses/resp_1 ")
        assert server.ask("/get-stored/v1/responses/resp_1", method="GET")[2] == b"2"
        assert server.ask("/text/v1/responses?api-version=1")[2] == b"3"


def test_a_name_with_a_comma_may_stand_in_a_list(tmp_path: Path) -> None:
    named = exchange('stop=["A","B"]-conflict', (0.0, b"1"))
    with served(record(tmp_path, named, TEXT), "--fast") as server:
        quoted = next(line for line in server.lines if "stop" in line).split()[0].split("/")[1]
        assert server.ask(f"/{quoted},text/v1/responses")[2] == b"1"
        assert server.ask(f"/{quoted},text/v1/responses")[2] == b'{"id": 1}'


CODED = (
    ("Content-Encoding", "gzip"),
    ("Content-Length", "5"),
    ("Connection", "keep-alive, X-Hop"),
    ("Keep-Alive", "timeout=5"),
    ("X-Hop", "1"),
    ("X-Request-Id", "req_1"),
    ("Set-Cookie", "a=1"),
    ("Set-Cookie", "b=2"),
)


def test_the_headers_of_the_recorded_connection_stay_with_it(tmp_path: Path) -> None:
    coded = exchange("text", (0.0, b"decoded"), headers=CODED)
    chunked = exchange("long-text", (0.0, b"abc"), headers=(("Transfer-Encoding", "chunked"),))
    known = exchange("minimal", (0.0, b"abc"), headers=(("Content-Length", "3"),))
    with served(record(tmp_path, coded, chunked, known), "--fast") as server:
        _, headers, body = server.ask("/text/v1/responses")
        assert body == b"decoded"
        assert headers == {
            "x-request-id": "req_1",
            "set-cookie": "b=2",  # the second of two
            "transfer-encoding": "chunked",
        }
        assert server.ask("/long-text/v1/responses")[1:] == ({"transfer-encoding": "chunked"}, b"abc")
        assert server.ask("/minimal/v1/responses")[1:] == ({"content-length": "3"}, b"abc")


@pytest.mark.parametrize("headers", [(), (("Content-Length", "100"),)])
def test_a_connection_that_was_cut_is_cut(tmp_path: Path, headers: tuple[tuple[str, str], ...]) -> None:
    fault = Fault("cut", "the body broke off after 3 bytes")
    broken = exchange("text", (0.0, b"abc"), fault=fault, headers=headers)
    left = exchange("long-text", (0.0, b"abc"), hung_up=True)
    with served(record(tmp_path, broken, left), "--fast") as server:
        assert ", cut" in server.lines[1]
        for path in ("/text/v1/responses", "/long-text/v1/responses"):
            with pytest.raises(http.client.IncompleteRead) as raised:
                server.ask(path)
            assert raised.value.partial == b"abc"


def test_what_never_ended_and_what_never_came_do_so_again(tmp_path: Path) -> None:
    stalled = exchange("text", (0.0, b"abc"), fault=Fault("timeout", "no end within 60 s"))
    silent = exchange("minimal", status=None, headers=(), fault=Fault("timeout", "no answer within 60 s"))
    closed = exchange("long-text", status=None, headers=(), fault=Fault("connect", "closed"))
    with served(record(tmp_path, stalled, silent, closed), "--fast") as server:
        with pytest.raises(http.client.RemoteDisconnected):
            server.ask("/long-text/v1/responses")
        for path, came in (("/text/v1/responses", b"3\r\nabc\r\n"), ("/minimal/v1/responses", b"")):
            with socket.create_connection(("127.0.0.1", int(server.address.rpartition(":")[2]))) as client:
                client.sendall(f"POST {path} HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n".encode())
                client.settimeout(0.5)
                got = b""
                with contextlib.suppress(TimeoutError):
                    while data := client.recv(1000):
                        got += data
                    pytest.fail("the connection ended")
                assert got.endswith(came)


def test_the_status_comes_back_as_it_was(tmp_path: Path) -> None:
    odd = exchange("text", (0.0, b"slow down"), status=529, headers=(("Retry-After", "3"),))
    with served(record(tmp_path, odd), "--fast") as server:
        status, headers, body = server.ask("/text/v1/responses")
    assert (status, headers["retry-after"], body) == (529, "3", b"slow down")


def test_what_was_masked_stays_masked(tmp_path: Path) -> None:
    told = f'{{"error": {{"message": "the key {KEY} is wrong"}}}}'.encode()
    bare = exchange("text", (0.0, told), status=401, headers=(("Content-Length", str(len(told))),))
    with served(record(tmp_path, Redactor([KEY]).mask_exchange(bare)), "--fast") as server:
        _, headers, body = server.ask("/text/v1/responses")
    assert KEY.encode() not in body
    assert b"the key ******** is wrong" in body
    assert headers["content-length"] == str(len(body))


def test_what_cannot_be_given_back_is_left_out_and_said(tmp_path: Path) -> None:
    lost = exchange("long-text", status=None, headers=(), fault=Fault("deadline", "not sent: too late"))
    edited = exchange("minimal", (0.0, b"a"), headers=(("X-A", "a\r\nX-B: b"),))
    folder = record(tmp_path, TEXT, lost, edited)
    (folder / "exchanges" / "cut.json").write_text('{"format": 1, "scen')
    with served(folder, "--fast") as server:
        assert len(server.lines) == 3
        status, message = refusal(server.ask("/long-text/v1/responses"))
        assert (status, "it holds no answer: not sent: too late" in message) == (404, True)
        server.process.send_signal(signal.SIGINT)
        said = server.process.communicate(timeout=10)[1].splitlines()
    assert len(said) == 3
    assert all(line.startswith("responses-conformance serve: left out: ") for line in said)
    assert "cut.json is damaged" in said[0]


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_in_order(folder: Path, by: signal.Signals) -> None:
    with served(folder) as server:
        server.process.send_signal(by)
        printed, told = server.process.communicate(timeout=10)
    assert (server.process.returncode, told, printed) == (CONFORMS, "", "")


def test_each_request_is_told_in_a_line(folder: Path) -> None:
    with served(folder, "--fast") as server:
        server.ask("/text/v1/responses")
        server.ask("/nosuch/v1/responses")
        server.process.send_signal(signal.SIGINT)
        printed, _ = server.process.communicate(timeout=10)
    first, second = printed.splitlines()
    assert first == "POST /text/v1/responses -> 200: text"
    assert second.startswith("POST /nosuch/v1/responses -> 404: this recording has no exchange 'nosuch'")


def refused(*words: str) -> str:
    """The one line in which the command refuses."""
    done = subprocess.run(
        [*INSTALLED, "serve", *words], capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.returncode, done.stdout) == (USAGE, "")
    (line,) = done.stderr.splitlines()
    return line


def test_a_mistake_is_one_line(folder: Path, tmp_path: Path) -> None:
    assert "the following arguments are required: RECORDING" in refused()
    assert f"no recordings in {tmp_path}/nosuch: it is no folder" in refused(str(tmp_path / "nosuch"))
    assert f"no recordings in {tmp_path}: it has no manifest.json" in refused(str(tmp_path))
    assert "must be a number from 0 to 65535" in refused(str(folder), "--port", "70000")
    assert "did you mean --fast?" in refused(str(folder), "--fsat")
    empty = record(tmp_path / "empty")
    assert f"no exchange in {empty}/exchanges can be given back" in refused(str(empty))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        line = refused(str(folder), "--port", port)
    assert f"cannot listen on port {port}: address already in use; name another with --port" in line
