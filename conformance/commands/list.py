"""`responses-conformance list`: what there is, one line each."""

import shutil
import sys
from collections.abc import Sequence

from conformance.commands.commandline import PROGRAM, Parser, add_contract, answer, did_you_mean, refuse

WHAT = ("requirements", "scenarios", "profiles", "contracts")
PROG = f"{PROGRAM} list"


def main(words: Sequence[str]) -> int:
    """Print the lines that begin with a prefix, all without one; gives the exit code."""
    parser = Parser("list", "Lists what there is, one line each.", usage="[WHAT] [PREFIX]")
    parser.add_argument("what", nargs="?", default=WHAT[0], metavar="WHAT", help=_in_words())
    parser.add_argument("prefix", nargs="?", default="", metavar="PREFIX", help="only what begins so")
    add_contract(parser)
    given = parser.read(words)
    if given.what not in WHAT:
        return refuse(f"there is no list of {given.what}: {_meant(given.what)}", PROG)
    return _listed(given.what, given.prefix, given.contract)


def print_lines(lines: Sequence[tuple[str, ...]]) -> None:
    """Print lines of cells: as wide as the terminal, or whole where another program reads them."""
    from conformance.commands.listing import aligned

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    answer(aligned(lines, width))


def _listed(what: str, prefix: str, contract: str | None) -> int:
    from conformance.commands.listing import LISTS, beginning, steps
    from conformance.contract import moved
    from conformance.contract.choosing import chosen
    from conformance.contract.contracts import Contract, ContractError
    from conformance.run.profile_values import ProfileError

    try:
        lines = list(LISTS[what](chosen(contract) if contract else Contract.ANYFAST))
    except ContractError as error:
        return refuse(f"--contract: {error}", PROG)
    except ProfileError as error:
        return refuse(str(error), PROG)
    found = beginning(lines, prefix)
    if not found:
        if what == WHAT[0] and (now := moved.requirement(prefix)) != prefix:
            return refuse(f"{prefix} is called {now} today: `{PROG} {what} {now}`", PROG)
        meant = did_you_mean(prefix, steps(line[0] for line in lines), f"`{PROG} {what}` shows all")
        return refuse(f"there are no {what} that begin with {prefix}: {meant}", PROG)
    print_lines(found)
    return 0


def _meant(word: str) -> str:
    """The nearest list; for the beginning of a requirement's id, the words that list it."""
    from conformance.commands.listing import beginning, requirements

    if beginning(requirements(), word):
        return f"did you mean `list {WHAT[0]} {word}`?"
    return did_you_mean(word, WHAT, f"there are {', '.join(WHAT)}")


def _in_words() -> str:
    return f"{', '.join(WHAT[:-1])} or {WHAT[-1]} ({WHAT[0]})"
