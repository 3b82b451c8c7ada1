"""Whole runs of the suite in a process of their own, measured; and small servers to run against."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from conformance.resources import SCHEMAS

ROOT = Path(__file__).parent.parent
SCHEMA: dict[str, Any] = json.loads((SCHEMAS / "results.json").read_text(encoding="utf-8"))
RESULTS = Draft202012Validator(SCHEMA)
KEY = "sk-canary-Zx81Qm0pL7wT5vB3"
PYTEST = (sys.executable, "-m", "pytest")
INSTALLED = (str(Path(sys.executable).with_name("responses-conformance")),)
"""What a user types first: in a checkout, and where the suite is installed."""
LEFT_OUT = ("PYTEST_", "PYTHONDONTWRITEBYTECODE")
"""Variables that a run does not inherit: what pytest tells itself, and what would have all modules compiled
anew, which takes half of a run's time."""


def as_a_user_has_it() -> dict[str, str]:
    """The environment of a run: without a developer's settings for pytest, and without hypothesis.

    A user has not installed that, and its plugin is a seventh of a short run.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(LEFT_OUT)}
    return {**inherited, "PYTEST_ADDOPTS": "-p no:hypothesispytest"}


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that ended: its exit code, what it printed, seconds, and the most memory it held, in MB."""

    code: int
    printed: str
    seconds: float
    megabytes: float
    report: Path

    @property
    def results(self) -> dict[str, Any]:
        """The `results.json` that it wrote, which keeps to its published schema."""
        found: dict[str, Any] = json.loads((self.report / "results.json").read_text(encoding="utf-8"))
        RESULTS.validate(found)
        return found

    @property
    def verdicts(self) -> dict[str, str]:
        """The verdict of each check."""
        return {row["check"]: row["verdict"] for row in self.results["verdicts"]}


class Running:
    """A run under way.

    A `bare` one is told nothing but its options: `report` says only where its files are looked for. `command`
    is what it is started with, in the folder `cwd`.
    """

    def __init__(
        self,
        report: Path,
        *options: str,
        environ: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
        bare: bool = False,
        command: Sequence[str] = PYTEST,
    ) -> None:
        self.report = report
        self.folder = tempfile.TemporaryDirectory()
        self.out = Path(self.folder.name) / "printed"
        usual = () if bare else ("-p", "no:cacheprovider", "--report-dir", str(report))
        with self.out.open("wb") as out:
            self.began = time.monotonic()
            self.process = subprocess.Popen(
                [*command, *usual, *options],
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**as_a_user_has_it(), "CONFORMANCE_API_KEY": KEY, **(environ or {})},
            )

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()

    def interrupt(self, by: signal.Signals = signal.SIGINT) -> None:
        """Ctrl-C, or another signal."""
        self.process.send_signal(by)

    def wait(self, within: float = 60.0) -> Ran:
        """Wait for the end; a run that takes longer than that is killed, and has the exit code -9."""
        timer = threading.Timer(within, self.process.kill)
        timer.start()
        most = 0.0
        while self.process.poll() is None:
            most = max(most, _megabytes(self.process.pid))
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.02)
        timer.cancel()
        took = time.monotonic() - self.began
        printed = self.out.read_text(encoding="utf-8", errors="replace")
        self.folder.cleanup()
        return Ran(self.process.returncode, printed, took, most, self.report)


def _megabytes(pid: int) -> float:
    """The most memory that a process has held so far, in MB.

    The kernel's own account at the end (`ru_maxrss`) counts the parent's memory at the fork as well.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    held = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(held[1]) / 1024 if held else 0.0


def run(report: Path, *options: str, environ: Mapping[str, str] | None = None) -> Ran:
    """One run from its beginning to its end."""
    return Running(report, *options, environ=environ).wait()


@contextlib.contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """A server of one behaviour, for as long as the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()


class Fickle(BaseHTTPRequestHandler):
    """Adds usage up on every other request."""

    asked = 0

    def do_POST(self) -> None:
        """Answer with the little that the check needs."""
        type(self).asked += 1
        total = 2 + self.asked % 2
        body = json.dumps({"usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": total}}).encode()
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Keep the test's output clean."""
