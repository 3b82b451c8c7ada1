"""Starts pytest with the packaged checks, apart from the project in whose folder that happens."""

import tempfile
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from conformance.commands.commandline import in_one_line
from conformance.resources import CHECKS, PACKAGE

CONFIGURATION = PACKAGE / "console.ini"
"""No name that pytest looks for: in a checkout, `pyproject.toml` is what configures it."""


def run_pytest(words: Sequence[str]) -> int:
    """Run the checks that the words select, all where they name none; gives the exit code."""
    with tempfile.TemporaryDirectory() as passing:
        # A dry run leaves nothing behind; where there is a cache already, `--last-failed` reads it.
        kept = Path.cwd() / ".pytest_cache"
        cache = Path(passing) if "--dry-run" in words and not kept.is_dir() else kept
        return int(pytest.main(_arguments(words, cache), plugins=[_Terse()]))


def _arguments(words: Sequence[str], cache: Path) -> list[str]:
    """Node ids are the same wherever the package lies: `conformance/checks/test_x.py::test_y`."""
    prefix = f"{PACKAGE.name}/{CHECKS.name}"
    passed = [str(PACKAGE.parent / word) if word.startswith(prefix) else word for word in words]
    checks = [] if passed != list(words) else [str(CHECKS)]
    without_cache = any(word.endswith("no:cacheprovider") for word in words)  # the setting is its own
    return [
        f"--rootdir={PACKAGE.parent}",
        f"--config-file={CONFIGURATION}",
        *([] if without_cache else [f"--override-ini=cache_dir={cache}"]),
        "-p",
        "conformance.plugin",
        *checks,  # before the words, so that an option at their end does not take it for its argument
        *passed,
    ]


class _Terse:
    """Tells a mistake in an argument in one line, without pytest's usage around it."""

    @pytest.hookimpl(wrapper=True)
    def pytest_cmdline_parse(self) -> Generator[None, pytest.Config, pytest.Config]:
        try:
            return (yield)
        except pytest.UsageError as error:
            raise pytest.UsageError(in_one_line(str(error))) from None
