"""What the command line costs beside a start of pytest: `bench_start.py [ROUNDS]`.

Processor time (user and system) of whole processes, each the median of the rounds, which take turns so that a
busy machine slows all of them alike. The endpoint is a port on which nobody listens.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

SCRIPT = str(Path(sys.executable).with_name("responses-conformance"))
PYTEST = (sys.executable, "-m", "pytest", "-q")
"""One trivial test, in a folder of its own."""

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("--base-url", "http://127.0.0.1:9/v1"),
    ("--version",),
    ("--help",),
    ("list",),
    ("explain", "usage.total"),
)


def seconds(command: Sequence[str]) -> float:
    """The processor time of a process that runs in an empty folder."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as folder:
        if command == PYTEST:
            Path(folder, "test_one.py").write_text("def test_one() -> None: pass\n", encoding="utf-8")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(  # noqa: S603 - the programs that are measured
            command,
            cwd=folder,
            env={**kept, "CONFORMANCE_API_KEY": "sk-of-nobody-at-all"},
            capture_output=True,
            check=False,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print one line for each command."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    commands = [PYTEST, *((SCRIPT, *words) for words in COMMANDS)]
    for command in commands:
        seconds(command)  # the first time everything is compiled
    taken = zip(*([seconds(command) for command in commands] for _ in range(rounds)), strict=True)
    start, *others = map(statistics.median, taken)
    print(f"pytest with one test: {start:.2f} s")
    for words, took in zip(COMMANDS, others, strict=True):
        print(f"{' '.join(words)}: {took:.2f} s, {took / start:.2f} starts of pytest")


if __name__ == "__main__":
    main()
