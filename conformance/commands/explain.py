"""`responses-conformance explain`: what the suite knows of a requirement, or which ids begin with a name."""

from collections.abc import Sequence

from conformance.commands.commandline import PROGRAM, Parser, add_contract, answer, refuse
from conformance.shown import candidates


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


def explain(name: str, given: str | None = None) -> int:
    """Print what is known of a requirement, or of those whose ids begin so; gives the exit code.

    `given` names a contract beside the shipped ones, as `--contract` does.
    """
    from conformance.commands.list import print_lines
    from conformance.commands.listing import beginning, requirements, steps
    from conformance.contract import moved
    from conformance.contract.choosing import chosen
    from conformance.contract.contracts import Contract, ContractError
    from conformance.contract.requirements import catalogue

    try:
        contract = chosen(given) if given else Contract.ANYFAST
    except ContractError as error:
        return refuse(f"--contract: {error}")
    if (now := moved.requirement(name)) != name:
        answer([f"{name} is called {now} now"])
        name = now
    known = catalogue(contract)
    if name in known:
        from conformance.commands.explanation import explanation  # it brings all mutants along

        answer(explanation(known[name], contract))
        return 0
    below = beginning(requirements(contract), name)
    if below:
        print_lines(below)
        return 0
    near = candidates(name, steps(known), most=3)
    meant = f"did you mean {' or '.join(near)}? " if near else ""
    return refuse(f"there is no requirement {name}: {meant}`{PROGRAM} list` shows all")
