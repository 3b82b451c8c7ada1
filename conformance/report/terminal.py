"""What the terminal ends with: the counts, the first violations in words, the report's path."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from conformance.report import clients
from conformance.report.causes import command_for, told_causes
from conformance.report.headline import kept_in_words
from conformance.report.text import one_line
from conformance.verdicts.causes import unjudged
from conformance.verdicts.verdict import Run, Verdict

RED = (Verdict.FAIL, Verdict.STALE)
CAUSES = 10
"""How many causes are told in words; the report has them all."""

FIRST = 5
"""How many reasons of one kind are told in words."""

_COLOUR = {"FAIL": "red", "STALE": "red", "ERROR": "red", "WARN": "yellow"}
"""The colour of a line that begins with a verdict."""


def closing_lines(run: Run, report: Path, comparisons: Sequence[str] = ()) -> Iterator[str]:
    """The last lines of a run, for somebody who will read nothing else; foreign text is made harmless.

    `comparisons` say how its repetitions agree, and how it stands against a baseline.
    """
    return map(one_line, _lines(run, report, comparisons))


def colour_of(line: str) -> Mapping[str, bool]:
    """How pytest's terminal writer is told of a closing line's colour."""
    colour = _COLOUR.get(line.partition(" ")[0])
    return {colour: True} if colour else {}


def _lines(run: Run, report: Path, comparisons: Sequence[str]) -> Iterator[str]:
    if run.trouble:
        yield from (*run.trouble, f"report: {report}")
        return
    yield from (*_causes(run), *_stale(run), *_unjudged(run))
    counts = run.counts()
    told = ", ".join(f"{n} {word}" for word, n in counts.items() if n and word is not Verdict.NOTE)
    noted = f"; {counts[Verdict.NOTE]} NOTE" if counts[Verdict.NOTE] else ""
    yield f"{run.provider} ({run.model}) under {run.contract}: {told or 'nothing judged'}{noted}"
    traffic = run.traffic
    yield (
        f"{traffic.requests} requests, {traffic.retries} retries, "
        f"{traffic.input_tokens} input and {traffic.output_tokens} output tokens"
    )
    if traffic.patience:
        yield traffic.patience
    if run.partial:
        yield f"partial: {run.partial} checks"
    for judged_at, words in kept_in_words(run):
        yield f"kept from {judged_at}: {words}"
    yield from comparisons[: FIRST * 2]
    yield from clients.lines(run.clients)
    red = sum(counts[verdict] for verdict in RED)
    if red and not run.exit_code:
        yield f"the {red} red ones are no worse than in the baseline, so the exit code is 0"
    if run.summary:
        yield run.summary
    yield f"report: {report}"


def _causes(run: Run) -> Iterator[str]:
    """The causes, a line each, in the order in which they are best mended."""
    told = told_causes(run)
    for cause in told[:CAUSES]:
        rows, requirements = len(cause.cause.rows), len(cause.cause.requirements)
        what = [str(cause.level), _count(rows, "check")]
        what += [f"{requirements} requirements"] if requirements > 1 else []
        hurts = f" Breaks {cause.hurts}." if cause.hurts else ""
        yield f"{cause.verdict} {cause.id} ({', '.join(what)}): {cause.line}{hurts} | {command_for(cause)}"
    if len(told) > CAUSES:
        yield f"     … and {len(told) - CAUSES} more causes, in the report"


def _stale(run: Run) -> Iterator[str]:
    rows = [row for row in run.rows if row.verdict is Verdict.STALE]
    yield from (f"{row.verdict} {row.reason}" for row in rows[:FIRST])
    if len(rows) > FIRST:
        yield f"     … and {len(rows) - FIRST} more known failures"


def _unjudged(run: Run) -> Iterator[str]:
    """Many checks share one reason, whatever scenario each of them names: it is told once."""
    reasons = unjudged(run.rows)
    for reason in reasons[:FIRST]:
        alone = reason.rows[0].reason if len({row.reason for row in reason.rows}) == 1 else reason.words
        yield f"{Verdict.ERROR} {alone}" + (f" ({len(reason.rows)} checks)" if len(reason.rows) > 1 else "")
    if len(reasons) > FIRST:
        yield f"     … and {len(reasons) - FIRST} more reasons"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"
