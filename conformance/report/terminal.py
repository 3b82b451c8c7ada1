"""What the terminal ends with: the counts, the first violations in words, the report's path."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from conformance.contract.contracts import Contract
from conformance.contract.requirements import catalogue
from conformance.report.headline import kept_in_words
from conformance.report.text import one_line
from conformance.verdicts.judge import in_words
from conformance.verdicts.verdict import Row, Run, Verdict

RED = (Verdict.FAIL, Verdict.STALE)
FIRST = 5
"""How many rows of one kind are told in words; the report has them all."""


def closing_lines(run: Run, report: Path, comparisons: Sequence[str] = ()) -> Iterator[str]:
    """The last lines of a run, for somebody who will read nothing else; foreign text is made harmless.

    `comparisons` say how its repetitions agree, and how it stands against a baseline.
    """
    return map(one_line, _lines(run, report, comparisons))


def _lines(run: Run, report: Path, comparisons: Sequence[str]) -> Iterator[str]:
    if run.trouble:
        yield from (*run.trouble, f"report: {report}")
        return
    for verdict in (*RED, Verdict.WARN, Verdict.ERROR):
        yield from _told(verdict, [row for row in run.rows if row.verdict is verdict], run.contract)
    counts = run.counts()
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
    yield f"{run.provider} ({run.model}) under {run.contract}: {told or 'nothing judged'}"
    traffic = run.traffic
    yield (
        f"{traffic.requests} requests, {traffic.retries} retries, "
        f"{traffic.input_tokens} input and {traffic.output_tokens} output tokens"
    )
    if run.partial:
        yield f"partial: {run.partial} checks"
    for judged_at, words in kept_in_words(run):
        yield f"kept from {judged_at}: {words}"
    yield from comparisons[: FIRST * 2]
    red = sum(counts[verdict] for verdict in RED)
    if red and not run.exit_code:
        yield f"the {red} red ones are no worse than in the baseline, so the exit code is 0"
    if run.summary:
        yield run.summary
    yield f"report: {report}"


def _told(verdict: Verdict, rows: Sequence[Row], contract: Contract) -> Iterator[str]:
    if verdict is Verdict.ERROR:
        yield from _errors(rows)
        return
    shown = _one_for_each_requirement(rows)
    for row in shown[:FIRST]:
        known = catalogue(contract).get(row.requirement)
        yield (
            f"{verdict} {row.requirement} ({row.level}): {known.clause}"
            if known
            else f"{verdict} {row.check}"
        )
        if row.findings:
            shown_by = "" if row.findings[0].scenario else f"{row.scenario}: "
            yield f"     {shown_by}{in_words(row.findings[0])}"
        elif row.reason:
            yield f"     {row.reason}"
    if len(shown) > FIRST:
        yield f"     … and {len(shown) - FIRST} more requirements with {verdict}"


def _one_for_each_requirement(rows: Sequence[Row]) -> list[Row]:
    return list({row.requirement: row for row in reversed(rows)}.values())[::-1]


def _errors(rows: Sequence[Row]) -> Iterator[str]:
    """Many checks share one reason, whatever scenario each of them names: it is told once."""
    reasons: dict[str, list[Row]] = {}
    for row in rows:
        reasons.setdefault(_without_name(row), []).append(row)
    for reason, same in list(reasons.items())[:FIRST]:
        words = same[0].reason if len({row.reason for row in same}) == 1 else reason
        yield f"{Verdict.ERROR} {words}" + (f" ({len(same)} checks)" if len(same) > 1 else "")
    if len(reasons) > FIRST:
        yield f"     … and {len(reasons) - FIRST} more reasons"


def _without_name(row: Row) -> str:
    """The reason without the scenario that it begins with."""
    name, colon, words = row.reason.partition(": ")
    return words if colon and " " not in name else row.reason
