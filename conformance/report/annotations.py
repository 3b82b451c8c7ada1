"""What GitHub shows beside a job: an annotation for each cause, as its workflow commands are written.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from collections.abc import Iterator, Mapping
from itertools import islice

from conformance.report.causes import ToldCause, command_for, told_causes
from conformance.report.text import encodable
from conformance.verdicts.causes import unjudged
from conformance.verdicts.gate import UNJUDGED, VIOLATED
from conformance.verdicts.verdict import Run, Verdict

MOST = 10
"""GitHub shows ten annotations of a step and leaves out the others without a word."""

_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}


def on_github(environ: Mapping[str, str]) -> bool:
    """Whether the run is a step of a GitHub workflow."""
    return environ.get("GITHUB_ACTIONS") == "true"


def annotations(run: Run) -> Iterator[str]:
    """A line for each cause, and for each reason why something could not be judged, ten at the most.

    It is an error where it makes the run red, and a warning where it does not.
    """
    return islice(_all(run), MOST)


def _all(run: Run) -> Iterator[str]:
    if run.trouble:
        yield _command(True, run.trouble[0], *run.trouble[1:])
        return
    told = told_causes(run)
    red = Verdict.FAIL if any(cause.verdict is Verdict.FAIL for cause in told) else Verdict.WARN
    for cause in told:
        counts = run.exit_code == VIOLATED and cause.verdict is red
        yield _command(counts, f"{cause.verdict} {cause.id}", *_words(cause))
    for reason in unjudged(run.rows):
        title = f"{Verdict.ERROR}: {len(reason.rows)} of {len(run.rows)} checks could not be judged"
        yield _command(run.exit_code == UNJUDGED, title, reason.words)


def _words(cause: ToldCause) -> Iterator[str]:
    yield cause.line
    if cause.hurts:
        yield f"Breaks {cause.hurts}."
    yield f"responses-conformance {command_for(cause)}"


def _command(red: bool, title: str, *lines: str) -> str:
    name = "error" if red else "warning"
    return f"::{name} title={_escaped(title, _PROPERTY)}::{_escaped(chr(10).join(lines) or title, _DATA)}"


def _escaped(text: str, by: Mapping[str, str]) -> str:
    """A text in which nothing ends the command: what a server sent stands in it as well."""
    return "".join(by.get(character, character) for character in encodable(text))
