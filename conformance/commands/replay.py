"""`responses-conformance replay`: a recording judged again, by the checks and under the contract of today."""

from collections.abc import Sequence

from conformance.commands.commandline import PROGRAM, refuse
from conformance.commands.helping import run_help
from conformance.commands.run import started

USAGE = "DIR [options]"


def main(words: Sequence[str]) -> int:
    """Judge what is recorded in a folder; gives the exit code of the run."""
    if not {"-h", "--help"}.isdisjoint(words):
        return run_help("replay", USAGE, "Judges the exchanges recorded in DIR again, and sends nothing.")
    if not words or words[0].startswith("-"):
        return refuse(f"name the folder of a recording first: {PROGRAM} replay {USAGE}", f"{PROGRAM} replay")
    folder, *rest = words
    return started([f"--replay={folder}", *rest])
