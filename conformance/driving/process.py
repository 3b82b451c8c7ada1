"""A driver as a process of its own: told a job, it answers in a line, or is ended when its time is up."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance.verdicts.clients import Who

STARTING = 60.0
"""Seconds that a client may take to be loaded."""

_GONE = ""


class Hangs(Exception):
    """A driver said nothing within its time, and was ended."""


class Died(Exception):
    """A driver's process ended by itself; the message is the last that it said."""


class Driver:
    """One driver's process. Its environment is made for it: no key, no telemetry, no proxy but a dead one."""

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        """Start it in a folder of its own. Raises Died where it cannot be, Hangs where it says nothing."""
        self._errors = folder / "stderr"
        with self._errors.open("wb") as errors:
            try:
                self._process = subprocess.Popen(  # noqa: S603 - the drivers are the suite's own
                    command,
                    cwd=folder,
                    env=environment(folder, os.environ),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    start_new_session=True,
                )
            except OSError as error:
                raise Died(f"{command[0]}: {error.strerror or error}") from None
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            self.who = Who(**self._next(STARTING))
        except BaseException:
            self.end()
            raise

    def do(self, task: Mapping[str, Any], within: float) -> Mapping[str, Any]:
        """Hand over a job and wait so many seconds for its line.

        Raises Hangs or Died; the driver is gone then.
        """
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(task).encode() + b"\n")
            self._process.stdin.flush()
        return self._next(within)

    def end(self) -> None:
        """End the process and what it has started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        self._process.wait()

    def _next(self, within: float) -> Mapping[str, Any]:
        try:
            line = self._lines.get(timeout=within)
        except queue.Empty:
            self.end()
            raise Hangs(f"it said nothing within {within:g} s") from None
        if line == _GONE:
            self.end()
            raise Died(self._last_words())
        found: Mapping[str, Any] = json.loads(line)
        return found

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with contextlib.suppress(ValueError):  # the pipe was closed at the end
            for line in self._process.stdout:
                if line.startswith(b"{"):  # a client may print on its own
                    self._lines.put(line.decode())
        self._lines.put(_GONE)

    def _last_words(self) -> str:
        lines = self._errors.read_text("utf-8", "replace").strip().splitlines()
        return lines[-1][:300] if lines else f"it ended with exit code {self._process.returncode}"


@contextlib.contextmanager
def driver(command: Sequence[str]) -> Iterator[Driver]:
    """A driver for as long as the block runs. Raises Died or Hangs."""
    with tempfile.TemporaryDirectory() as folder:
        found = Driver(command, Path(folder))
        try:
            yield found
        finally:
            found.end()


def environment(folder: Path, outside: Mapping[str, str]) -> dict[str, str]:
    """The variables of a driver: nothing of the user's but where programs are, and no way out of loopback."""
    nowhere = "http://127.0.0.1:9"
    kept = {name: outside[name] for name in ("PATH", "PYTHONPATH", "LANG", "SYSTEMROOT") if name in outside}
    return {
        **kept,
        "HOME": str(folder),
        "OPENAI_API_KEY": "loopback",
        "OPENAI_AGENTS_DISABLE_TRACING": "1",
        "LANGSMITH_TRACING": "false",
        "LANGCHAIN_TRACING_V2": "false",
        "OTEL_SDK_DISABLED": "true",
        "DO_NOT_TRACK": "1",
        "PYTHONUNBUFFERED": "1",
        "HTTP_PROXY": nowhere,
        "HTTPS_PROXY": nowhere,
        "ALL_PROXY": nowhere,
        "NO_PROXY": "127.0.0.1,localhost",
    }
