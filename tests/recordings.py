"""Recordings made by hand, and the server that gives recordings back, as a process."""

import http.client
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.exchange import Chunk, Exchange, Sent, encode_json
from conformance.wire.endpoint import Endpoint
from conformance.wire.recording import Manifest, Recorder
from tests.runs import INSTALLED

BASE = "https://vendor.example/gate/v1"


def exchange(name: str, *chunks: tuple[float, bytes], asked: Any = None, **changes: Any) -> Exchange:
    """An exchange of `POST /responses`, answered 200 by chunks of plain bytes."""
    fields: dict[str, Any] = {
        "request": Sent("POST", f"{BASE}/responses", (), encode_json({} if asked is None else asked)),
        "status": 200,
        "headers": (("content-type", "application/json"),),
        "chunks": tuple(Chunk(at, data) for at, data in chunks),
        "fault": None,
        "started_at": 1893553446.5,
        "duration": chunks[-1][0] if chunks else 0.0,
    }
    return Exchange(name, **{**fields, **changes})


def record(folder: Path, *exchanges: Exchange, responses_path: str = "/responses") -> Path:
    """A report folder with just these recordings."""
    endpoint = Endpoint(BASE, responses_path=responses_path)
    manifest = Manifest.of(endpoint, "2030-01-02T03:04:05+00:00", provider="p", model="m", contract="anyfast")
    recorder = Recorder(folder, manifest)
    recorder.begin()
    for each in exchanges:
        recorder.write(each)
    return folder


@dataclass(frozen=True, slots=True)
class Serving:
    """A server as a process; `lines` is what it has printed before its first request."""

    process: subprocess.Popen[str]
    address: str
    lines: list[str]

    def ask(self, path: str, body: Any = None, method: str = "POST") -> tuple[int, dict[str, str], bytes]:
        """Status, headers in lower case, and body of one request's answer. Raises what http.client does."""
        connection = self.connection()
        try:
            connection.request(method, path, encode_json({} if body is None else body))
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, headers, answer.read()
        finally:
            connection.close()

    def connection(self) -> http.client.HTTPConnection:
        """A connection of one's own."""
        return http.client.HTTPConnection(self.address.removeprefix("http://"), timeout=10)


@contextmanager
def served(folder: Path, *options: str) -> Iterator[Serving]:
    """`responses-conformance serve`, as it is typed, for as long as the block runs."""
    process = subprocess.Popen(
        [*INSTALLED, "serve", str(folder), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        lines = []
        while line := process.stdout.readline():
            lines.append(line.rstrip("\n"))
            if "Ctrl-C" in line:
                break
        assert lines, process.communicate()[1]
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", lines[0])
        yield Serving(process, lines[0], lines)
    finally:
        process.kill()
        process.communicate()
