"""`responses-conformance compare`: several runs beside each other."""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

from conformance.commands.commandline import PROGRAM, Parser, refuse
from conformance.verdicts.gate import CONFORMS, UNJUDGED, VIOLATED


def main(words: Sequence[str]) -> int:
    """Write the comparison; gives the exit code, 4 for input that cannot be used."""
    given = arguments(words)  # help and mistakes end here, before the report's templates are loaded
    from conformance.report import results
    from conformance.report.compare import write
    from conformance.report.comparison.matrix import compare

    try:
        runs = [(file, results.read(file)) for file in given.results]
    except ValueError as error:
        return _refuse(str(error))
    if paid := _paid_for(given.output, given.results):
        return _refuse(f"{paid} is a file of a run: name another with -o")
    try:
        for file in write(compare(runs, given.output.parent), given.output):
            print(file)  # noqa: T201 - the command's answer
    except OSError as error:
        return _refuse(f"{given.output}: cannot be written: {error.strerror or error}")
    return _gate(run.exit_code for _, run in runs) if given.fail_on_red else CONFORMS


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """Read the words behind `compare`; a mistake ends the process."""
    parser = Parser(
        "compare", "Puts the results of several providers beside each other: requirement by provider."
    )
    parser.add_argument("results", nargs="+", type=Path, metavar="results.json")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("reports/index.html"),
        metavar="FILE",
        help="the HTML file, whose Markdown twin is written beside it; or only Markdown, for a name in .md",
    )
    parser.add_argument(
        "--fail-on-red",
        action="store_true",
        help="exit with 1 where a run has violations, with 6 where one could not be judged",
    )
    return parser.read(words)


def _paid_for(output: Path, given: Iterable[Path]) -> Path | None:
    """What a comparison would write over: a file that was given, or one that a run has left."""
    from conformance.run.report_folder import FILES, RESULTS

    runs = {file.resolve() for file in given}
    for file in dict.fromkeys((output, output.with_suffix(".md"))):
        of_a_run = file.name in FILES and (file.parent / RESULTS).is_file()
        if file.exists() and (of_a_run or file.resolve() in runs):
            return file
    return None


def _gate(codes: Iterable[int]) -> int:
    """Red where any run is: 1 where one has violations, 6 where one ended in any other way but green."""
    found = set(codes)
    return VIOLATED if VIOLATED in found else UNJUDGED if found != {CONFORMS} else CONFORMS


def _refuse(message: str) -> int:
    return refuse(message, f"{PROGRAM} compare")
