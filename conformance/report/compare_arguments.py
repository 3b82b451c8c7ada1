"""The command line of `compare`, apart from all that is needed to answer it."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from conformance.commands.commandline import Parser


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
