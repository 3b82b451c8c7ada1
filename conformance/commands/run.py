"""`responses-conformance run`: the packaged checks under pytest, whose every option passes through."""

from collections.abc import Sequence

from conformance.commands.commandline import PROGRAM, answer
from conformance.commands.helping import PYTEST_HELP, run_help

DESCRIPTION = "Sends the requests, judges the answers, writes the report."


def main(words: Sequence[str]) -> int:
    """Perform, judge and report; gives the exit code of the run."""
    if not {"-h", "--help"}.isdisjoint(words):
        return run_help(
            "run", "[options] [node id ...]", "Sends the requests, judges the answers, writes the report."
        )
    return started(words)


def started(words: Sequence[str]) -> int:
    """Start pytest, unless only the version or the help of pytest is asked for."""
    if not {"-V", "--version"}.isdisjoint(words):
        from conformance import __version__

        answer([f"{PROGRAM} {__version__}"])
        return 0
    from conformance.commands.launch import run_pytest

    return run_pytest(["--help" if word == PYTEST_HELP else word for word in words])
