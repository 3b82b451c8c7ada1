"""`responses-conformance explain`: what the suite knows of a requirement, or which ids begin with a name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from conformance.commands.commandline import PROGRAM, Parser, add_contract, answer, nearest, refuse

if TYPE_CHECKING:
    from conformance.contract.contracts import Contract


def main(words: Sequence[str]) -> int:
    """Print what is known; gives the exit code."""
    parser = Parser(
        "explain",
        "Tells clause, source, levels, checks and mutants of a requirement; of a name that several ids\n"
        "begin with (usage, request.temperature) a line for each.",
    )
    parser.add_argument(
        "id", metavar="ID", help=f"a requirement, as `{PROGRAM} list` has it, or how it begins"
    )
    add_contract(parser)
    given = parser.read(words)
    return explain(given.id, given.contract)


def explain(name: str, contract: str | None = None) -> int:
    """Print what is known of a requirement, or of those whose ids begin so; gives the exit code.

    `contract` names another than the shipped ones, as `--contract` does.
    """
    from conformance.contract.choosing import chosen
    from conformance.contract.contracts import ContractError

    try:
        return _explain(name, chosen(contract or "anyfast"))
    except ContractError as error:
        return refuse(f"--contract: {error}")


def _explain(name: str, contract: Contract) -> int:
    from conformance.commands.list import print_lines
    from conformance.commands.listing import beginning, requirements, steps
    from conformance.contract.requirements import catalogue

    if name in catalogue(contract):
        from conformance.commands.explanation import explanation  # it brings all mutants along

        answer(explanation(catalogue(contract)[name], contract))
        return 0
    below = beginning(requirements(contract), name)
    if below:
        print_lines(below)
        return 0
    near = nearest(name, steps(catalogue(contract)), most=3)
    meant = f"did you mean {' or '.join(near)}? " if near else ""
    return refuse(f"there is no requirement {name}: {meant}`{PROGRAM} list` shows all")
