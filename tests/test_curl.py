"""The `curl` line: a shell runs it, and the request that was recorded goes out again."""

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from conformance.exchange import Exchange, file_name
from conformance.report.curl import LONGEST_BODY, curl
from conformance.wire.redaction import Redactor
from tests.sample_run import exchange

KEY = "sk-a$b`c\"d'e f"

Received = list[tuple[str, str, dict[str, str], bytes]]


@pytest.fixture
def server() -> Iterator[tuple[str, Received]]:
    """A server that keeps what it was sent."""
    received: Received = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            received.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}/v1/responses", received
        listening.shutdown()
        thread.join()


def sent(url: str, body: bytes, *headers: tuple[str, str], method: str = "POST") -> Exchange:
    made = exchange("a scenario/with: odd name")
    return replace(made, request=replace(made.request, method=method, url=url, headers=headers, body=body))


AUTHORIZED = ("Authorization", "Bearer " + "*" * len(KEY))
JSON = ("Content-Type", "application/json")


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
@pytest.mark.parametrize(
    "body",
    [
        b'{"input":"plain"}',
        b'{"input":"it\'s $HOME `id` \\\\ \\n !! \xc3\xbc"}\nand a second line\n',
        b"@/etc/passwd",
        b"\xff\xfe not UTF-8",
        b'{"nul":"\0"}',
        b'{"esc":"\x1b[31m"}',
        b"x" * (LONGEST_BODY + 1),
        b"",
    ],
    ids=["plain", "quotes", "at-sign", "no-utf8", "nul", "escape", "long", "empty"],
)
def test_a_shell_repeats_the_request(tmp_path: Path, server: tuple[str, Received], body: bytes) -> None:
    url, received = server
    odd = ("X-Odd", 'it\'s "so" $HOME `id`')
    recorded = sent(url, body, AUTHORIZED, JSON, odd, ("X-Empty", ""), ("Content-Length", "1"))
    (tmp_path / "exchanges").mkdir()
    file = tmp_path / "exchanges" / file_name(recorded.scenario)
    file.write_text(json.dumps(recorded.to_json()), encoding="utf-8")
    command = curl(recorded)
    subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, env={**os.environ, "API_KEY": KEY}, check=True, timeout=20
    )
    ((method, path, headers, came),) = received
    assert (method, path, came) == ("POST", "/v1/responses", body)
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["content-type"] == "application/json"
    assert headers["x-odd"] == odd[1]
    assert headers["x-empty"] == ""
    assert "accept" not in headers


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_a_request_without_a_content_type_is_repeated_without(server: tuple[str, Received]) -> None:
    url, received = server
    subprocess.run(["sh", "-c", curl(sent(url, b"{}"))], check=True, timeout=20)
    assert "content-type" not in received[0][2]


def test_the_key_is_a_variable_wherever_it_was_masked() -> None:
    text = curl(
        sent(
            "https://v.example/v1/responses?token=********",
            b"{}",
            AUTHORIZED,
            JSON,
            ("Accept", "*/*"),
            ("X-Tenant", "**********"),
        )
    )
    assert '-H "Authorization: Bearer $API_KEY"' not in text
    assert 'POST "https://v.example/v1/responses?token=$API_KEY"' in text
    assert '-H "Authorization: Bearer $SECRET_2"' in text
    assert '-H "X-Tenant: $SECRET_3"' in text
    assert "-H 'Accept: */*'" in text


def test_each_secret_has_a_variable_of_its_own() -> None:
    redactor = Redactor([KEY, "org-canary-1"], ["x-organisation"])
    headers = (("Authorization", f"Bearer {KEY}"), ("X-Organisation", "org-canary-1"), ("X-Again", KEY))
    text = curl(redactor.mask_exchange(sent("https://v.example/v1?token=org-canary-1", b"{}", *headers)))
    assert 'POST "https://v.example/v1?token=$API_KEY"' in text
    assert '-H "Authorization: Bearer $SECRET_2"' in text
    assert '-H "X-Organisation: $API_KEY"' in text
    assert '-H "X-Again: $SECRET_2"' in text


def test_a_short_key_in_the_authorization_is_a_variable_too() -> None:
    assert '-H "Authorization: Bearer $API_KEY"' in curl(
        sent("https://v.example", b"{}", ("Authorization", "Bearer **"))
    )


def test_a_get_has_no_body() -> None:
    text = curl(sent("https://v.example/v1/responses/resp_1", b"", AUTHORIZED, method="GET"))
    assert text.startswith("curl -sS -N -X GET https://v.example/v1/responses/resp_1")
    assert "--data" not in text
