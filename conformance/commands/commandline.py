"""What the commands share: their parser, the exit codes in words, and one line for each mistake.

Light to import, so that `--help`, `--version` and a mistake are answered at once.
"""

import argparse
import re
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NoReturn

from conformance.shown import candidates
from conformance.verdicts.gate import CONFORMS, INTERNAL, INTERRUPTED, NOTHING, UNJUDGED, USAGE, VIOLATED

PROGRAM = "responses-conformance"

EXIT_CODES: Mapping[int, str] = MappingProxyType(
    {
        CONFORMS: "conforms, or of a partial run: nothing red",
        VIOLATED: "violations; also a failing test of your own beside the checks",
        INTERRUPTED: "interrupted",
        INTERNAL: "the suite or its disk failed",
        USAGE: "usage: a bad profile, a missing key, an option that cannot be followed",
        NOTHING: "nothing was selected",
        UNJUDGED: "no violation, but something could not be judged: a dead endpoint, a wrong model or key",
    }
)


class Parser(argparse.ArgumentParser):
    """Tells a mistake in one line, with the nearest of what there is, and exits with the suite's code."""

    def __init__(self, command: str, description: str, *, usage: str | None = None, epilog: str = "") -> None:
        """`command` is empty for the program itself; `usage` is what follows the program's name."""
        prog = f"{PROGRAM} {command}".rstrip()
        super().__init__(
            prog=prog,
            usage=f"{prog} {usage}" if usage else None,
            description=description,
            epilog=epilog,
            formatter_class=_Layout,
            allow_abbrev=False,
        )

    def read(self, words: Sequence[str]) -> argparse.Namespace:
        """The arguments; what is none of them is refused with the nearest option."""
        known = options_in(self.format_help())
        strange = [word for word in words if word.startswith("--") and word.partition("=")[0] not in known]
        if strange:  # asked first: a mistyped option makes its value look like an argument
            self.error(unknown_options(strange, known))
        given, rest = self.parse_known_args(words)
        if rest:
            self.error(f"what is {rest[0]}? --help lists what there is")
        return given

    def error(self, message: str) -> NoReturn:
        """One line."""
        self.exit(refuse(message, self.prog))


class _Layout(argparse.RawDescriptionHelpFormatter):
    """Each option and its meaning on one line, where the terminal is wide enough."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28)


def add_contract(parser: argparse.ArgumentParser) -> None:
    """The option for what is told of a user's own contract, too."""
    parser.add_argument("--contract", metavar="NAME or FILE", help="a contract of your own beside the others")


def refuse(message: str, prog: str = PROGRAM) -> int:
    """Say in one line why nothing is done; gives the exit code for it."""
    print(f"{prog}: {message}", file=sys.stderr)  # noqa: T201 - the command's answer
    return USAGE


def answer(lines: Iterable[str]) -> None:
    """Print what was asked for."""
    print(*lines, sep="\n")  # noqa: T201 - the command's answer


def did_you_mean(word: str, known: Collection[str], otherwise: str) -> str:
    """The end of a sentence that says that there is no such thing."""
    near = candidates(word, known)
    return f"did you mean {near[0]}?" if near else otherwise


def unknown_options(given: Iterable[str], known: Collection[str]) -> str:
    """That there are no such options, each with the nearest."""
    names = dict.fromkeys(word.partition("=")[0] for word in given)
    told = (
        f"there is no option {name}: {did_you_mean(name, known, '--help lists what there is')}"
        for name in names
    )
    return "; ".join(told)


def in_one_line(message: str) -> str:
    """argparse's message out of pytest's, which has the usage before it and two folders behind it."""
    found = re.search(r"^\S.*?: error: (.*)$", message, re.MULTILINE)
    return found[1] if found else message


def options_in(help_text: str) -> list[str]:
    """The options that a parser's help lists, in its order."""
    lines = re.findall(r"^ +(-\S.*?)(?: {2}|$)", help_text, re.MULTILINE)
    return [name for line in lines for name in re.findall(r"(?<!\S)--?[A-Za-z][\w-]*", line)]
