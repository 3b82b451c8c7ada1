"""Starts pytest with the packaged checks, apart from the project in whose folder that happens."""

import gc
import shutil
import tempfile
from collections.abc import Generator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from conformance import plugin
from conformance.commands.commandline import in_one_line
from conformance.resources import CHECKS, PACKAGE
from conformance.run.options import OPTIONS
from conformance.verdicts.gate import NOTHING, USAGE

CONFIGURATION = PACKAGE / "console.ini"
"""No name that pytest looks for: in a checkout, `pyproject.toml` is what configures it."""


def run_pytest(words: Sequence[str]) -> int:
    """Run the checks that the words select, all where they name none; gives the exit code."""
    gc.freeze()  # what is imported by now stays to the end: no need to look through it for what may go
    kept = Path.cwd() / ".pytest_cache"
    if kept.is_dir():
        return _with_cache(words, kept)
    with tempfile.TemporaryDirectory() as passing:
        made = Path(passing) / kept.name
        code = _with_cache(words, made)
        # A first run that judged nothing leaves nothing behind, for `--last-failed` or for anybody.
        if made.is_dir() and "--dry-run" not in words and code not in {USAGE, NOTHING}:
            shutil.copytree(made, kept, dirs_exist_ok=True)
        return code


def _with_cache(words: Sequence[str], cache: Path) -> int:
    return int(pytest.main(_arguments(words, cache), plugins=[_Terse()]))


def _arguments(words: Sequence[str], cache: Path) -> list[str]:
    """Node ids are the same wherever the package lies: `conformance/checks/test_x.py::test_y`."""
    pairs = list(pairwise(["", *words]))
    passed = [_placed(*pair) for pair in pairs]
    checks = [] if any(_names_tests(*pair) for pair in pairs) else [str(CHECKS)]
    without_cache = any(word.endswith("no:cacheprovider") for word in words)  # the setting is its own
    return [
        f"--rootdir={PACKAGE.parent}",
        f"--config-file={CONFIGURATION}",
        *([] if without_cache else [f"--override-ini=cache_dir={cache}"]),
        "-p",
        plugin.__name__,
        *checks,  # before the words, so that an option at their end does not take it for its argument
        *passed,
    ]


PREFIX = f"{PACKAGE.name}/{CHECKS.name}"


def _placed(before: str, word: str) -> str:
    """A word with the place of the package's checks in it, also behind `--ignore=`; not an id to deselect."""
    if before == "--deselect":
        return word
    option, equals, value = word.rpartition("=") if word.startswith("--ignore") else ("", "", word)
    return f"{option}{equals}{PACKAGE.parent / value}" if value.startswith(PREFIX) else word


def _names_tests(before: str, word: str) -> bool:
    """Whether a word says which tests to run: a path, a node id or a package, and no option's value."""
    if word == "--pyargs":
        return True
    if word.startswith("-") or (before.startswith("-") and before not in SWITCHES and "=" not in before):
        return False
    return word.startswith(PREFIX) or Path(word.partition("::")[0]).exists()


SWITCHES = frozenset(
    {
        *(name for name, settings in OPTIONS.items() if settings.get("action") == "store_true"),
        *(
            "-x",
            "-s",
            "-v",
            "-vv",
            "-q",
            "-qq",
            "-l",
            "--lf",
            "--ff",
            "--nf",
            "--sw",
            "--exitfirst",
            "--verbose",
        ),
        *("--quiet", "--collect-only", "--co", "--setup-plan", "--setup-show", "--pdb", "--pyargs"),
        *("--last-failed", "--failed-first", "--stepwise", "--fixtures", "--markers", "--no-header"),
    }
)
"""Options that take no value: what comes behind another one is its value."""


class _Terse:
    """Tells a mistake in an argument in one line, without pytest's usage around it."""

    @pytest.hookimpl(wrapper=True)
    def pytest_cmdline_parse(self) -> Generator[None, pytest.Config, pytest.Config]:
        try:
            return (yield)
        except pytest.UsageError as error:
            raise pytest.UsageError(in_one_line(str(error))) from None
