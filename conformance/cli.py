"""The console script: pytest with the packaged checks, and the commands that need no run."""

import sys
from pathlib import Path

import pytest

from conformance.resources import CHECKS, PACKAGE


def main(arguments: list[str] | None = None) -> int:
    """Run `responses-conformance`; every option that is not its own goes to pytest."""
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["compare"]:
        from conformance.report.compare import main as compare

        return compare(given[1:])
    return int(pytest.main(_pytest_arguments(given)))


def _pytest_arguments(given: list[str]) -> list[str]:
    """Node ids are the same wherever the package lies: `conformance/checks/test_x.py::test_y`."""
    prefix = f"{PACKAGE.name}/{CHECKS.name}"
    passed = [str(PACKAGE.parent / word) if word.startswith(prefix) else word for word in given]
    checks = [] if passed != given else [str(CHECKS)]
    return [
        f"--rootdir={PACKAGE.parent}",
        "--override-ini=asyncio_default_fixture_loop_scope=session",
        f"--override-ini=cache_dir={Path.cwd() / '.pytest_cache'}",
        "-p",
        "conformance.plugin",
        *passed,
        *checks,
    ]
