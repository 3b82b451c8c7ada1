"""Runs of the suite as a user starts them: a process of their own, a folder of their own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
KEY = "sk-test-5f1c0a7be2d94"


@dataclass(frozen=True)
class Finished:
    """A run that has ended: exit code, everything it printed, where its reports are."""

    code: int
    output: str
    reports: Path

    @property
    def results(self) -> dict[str, Any]:
        """`results.json`, read."""
        found: dict[str, Any] = json.loads((self.reports / "results.json").read_text(encoding="utf-8"))
        return found

    @property
    def verdicts(self) -> dict[str, str]:
        """The verdict of each check."""
        return {row["check"]: row["verdict"] for row in self.results["verdicts"]}


def environment(**variables: str) -> dict[str, str]:
    """This process's environment with a key for endpoints that have no profile."""
    return {**os.environ, "CONFORMANCE_API_KEY": KEY, **variables}


def command(*arguments: str) -> list[str]:
    """The command line of `pytest` in the checkout."""
    return [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]


def run(reports: Path, *arguments: str, timeout: float = 120, **variables: str) -> Finished:
    """Run the suite to its end; `timeout` in seconds is only a guard against a hung process."""
    done = subprocess.run(
        command(f"--report-dir={reports}", *arguments),
        cwd=ROOT,
        env=environment(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
        check=False,
    )
    return Finished(done.returncode, done.stdout, reports)
