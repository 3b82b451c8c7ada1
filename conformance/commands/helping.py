"""The help of the program and of a run: the suite's own options, and where pytest's are to be found."""

from collections.abc import Mapping
from typing import Any, Protocol

from conformance.commands import COMMANDS
from conformance.commands.commandline import EXIT_CODES, PROGRAM, Parser, answer
from conformance.run.options import OPTIONS


class Group(Protocol):
    """What takes options: a parser, or a group of its options."""

    def add_argument(self, *names: str, **settings: Any) -> Any:
        """Take one more."""


PYTEST_HELP = "--pytest-help"

PASSED_ON = f"Every option of pytest passes through: `{PROGRAM} run {PYTEST_HELP}` lists them."


def program_help() -> int:
    """Print what the program does."""
    parser = Parser(
        "",
        "Tells whether a vendor's POST /v1/responses keeps its contract.\n\ncommands:\n" + _aligned(COMMANDS),
        usage="[command] [options]",
        epilog=_closing(),
    )
    return _print(parser, parser.add_argument_group("options of run and replay"))


def run_help(command: str, usage: str, description: str) -> int:
    """Print what `run` or `replay` does."""
    parser = Parser(command, description, usage=usage, epilog=_closing())
    return _print(parser, parser)


def _print(parser: Parser, group: Group) -> int:
    """Print a help, with the options of a run in that group of it."""
    parser.add_argument("-V", "--version", action="store_true", help="print the version and exit")
    for name, settings in OPTIONS.items():
        group.add_argument(name, **settings)
    answer([parser.format_help().rstrip("\n")])
    return 0


def _closing() -> str:
    codes = {str(code): meaning for code, meaning in EXIT_CODES.items()}
    return f"exit codes:\n{_aligned(codes)}\n\n{PASSED_ON}"


def _aligned(lines: Mapping[str, str]) -> str:
    width = max(map(len, lines))
    return "\n".join(f"  {name.ljust(width)}  {meaning}" for name, meaning in lines.items())
