"""`responses-conformance explain`: what the suite knows of a requirement, or which ids begin with a name."""

from collections.abc import Sequence

from conformance.commands.commandline import PROGRAM, Parser, answer, nearest, refuse


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
    return explain(parser.read(words).id)


def explain(name: str) -> int:
    """Print what is known of a requirement, or of those whose ids begin so; gives the exit code."""
    from conformance.commands.list import print_lines
    from conformance.commands.listing import beginning, requirements, steps
    from conformance.contract import moved
    from conformance.contract.requirements import catalogue

    if (now := moved.requirement(name)) != name:
        answer([f"{name} is called {now} now"])
        name = now
    if name in catalogue():
        from conformance.commands.explanation import explanation  # it brings all mutants along

        answer(explanation(catalogue()[name]))
        return 0
    below = beginning(requirements(), name)
    if below:
        print_lines(below)
        return 0
    near = nearest(name, steps(catalogue()), most=3)
    meant = f"did you mean {' or '.join(near)}? " if near else ""
    return refuse(f"there is no requirement {name}: {meant}`{PROGRAM} list` shows all")
