"""`summary.md`: the run as a GitHub job summary shows it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.contract.requirements import Requirement
from conformance.report.causes import ToldCause, counts_in_words, told_causes
from conformance.report.headline import MEANING, headline, kept_in_words
from conformance.report.text import cut, encodable, one_line
from conformance.verdicts.causes import unjudged
from conformance.verdicts.folding import folded
from conformance.verdicts.gate import Against, Repeats
from conformance.verdicts.verdict import SEVERITY, Row, Run, Verdict

SIGN = {"good": "✅", "bad": "❌", "open": "⚠️"}
_MEANINGFUL = re.compile(
    r"[^\w\s,;%=+.:/()-]|:(?=//)|(?<=www)\.|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", re.IGNORECASE
)

LIMIT = 20_000
"""Bytes of the whole file: a job summary that is read, not searched. The HTML report has everything."""

TITLES = {
    "Known failures": Verdict.KNOWN,
    "Inconclusive": Verdict.INCONCLUSIVE,
    "Observations": Verdict.NOTE,
}
"""What stands at the end, folded away."""

CAUSES = 10
"""How many causes are told; every requirement that is violated is named below them."""

SHOWN = 30
"""How many entries of a list of changes are told."""


@dataclass(frozen=True, slots=True)
class Detail:
    """A line that is left out where there is no room for it."""

    line: str


def code(text: str, limit: int = 300) -> str:
    """Foreign text as a Markdown code span: one line, nothing in it is read as Markdown or HTML."""
    line = cut(one_line(encodable(text)), limit) or " "
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{space}{line}{space}{fence}"


def cell(text: str, limit: int = 300) -> str:
    """Foreign text for a table's cell, where not even a code span protects a pipe.

    Whatever Markdown might read something into becomes a reference, also what it would make a link of.
    """
    line = cut(one_line(encodable(text)), limit)
    return _MEANINGFUL.sub(lambda found: f"&#{ord(found[0])};", line)


def summary(run: Run, against: Against | None = None, repeats: Repeats | None = None) -> str:
    """The whole file: the verdict, what to mend first, then each requirement, and the rest folded away."""
    head = headline(run)
    parts: list[str | Detail] = [f"## {SIGN[head.tone]} {head.words}", ""]
    if run.trouble:
        parts += [f"{code(line)}\n" for line in run.trouble]
        return fitted([*parts, _about(run), "", _traffic(run)])
    if head.detail:
        parts += [code(head.detail), ""]
    causes = told_causes(run)
    parts += [_about(run), "", f"{counts_in_words(run)}.", "", *_first(causes)]
    parts += _stale(run)
    if against is not None:
        parts += _against(against)
    if repeats is not None:
        parts += _repeats(repeats)
    parts += [*_counts(run), "", _traffic(run), ""]
    parts += _violated(causes)
    parts += _unjudged(run)
    for title, verdict in TITLES.items():
        parts += _folded(title, [row for row in run.rows if row.verdict is verdict])
    return fitted([*parts, *_kept(run)])


def fitted(lines: Sequence[str | Detail], limit: int = LIMIT) -> str:
    """The lines as one text of at most so many bytes: plain lines all, details as far as there is room."""
    left = limit - sum(_size(line) for line in lines if isinstance(line, str)) - 100
    told: list[str] = []
    out = 0
    for line in lines:
        if isinstance(line, str):
            told.append(line)
        elif _size(line.line) <= left:
            left -= _size(line.line)
            told.append(line.line)
        else:
            out += 1
    if out:
        told += ["", f"{out} lines more than fit in here are in the HTML report."]
    return "\n".join(told).rstrip() + "\n"


def _size(line: str) -> int:
    return len(line.encode()) + 1


def write(run: Run, file: Path, against: Against | None = None, repeats: Repeats | None = None) -> None:
    """Write `summary.md`."""
    file.write_text(summary(run, against, repeats), encoding="utf-8")


def _about(run: Run) -> str:
    return (
        f"{code(run.provider)} at {code(run.base_url)}, model {code(run.model)}, "
        f"contract **{run.contract.name}**, suite {code(run.suite)}, {code(run.started_at)}"
    )


def _counts(run: Run) -> list[str]:
    counts = run.counts()
    shown = [verdict for verdict in SEVERITY if counts[verdict]]
    if not shown:
        return ["No check was made."]
    lines = [f"| {verdict.value} | {counts[verdict]} | {MEANING[verdict]} |" for verdict in shown]
    return ["| verdict | checks | meaning |", "| --- | ---: | --- |", *lines]


def _traffic(run: Run) -> str:
    traffic = run.traffic
    return (
        f"{traffic.requests} requests in {run.duration:.1f} s, {traffic.retries} retries, "
        f"at most {traffic.peak_in_flight} in flight; "
        f"{traffic.patience and f'{traffic.patience}; '}"
        f"{traffic.input_tokens:,} tokens in, {traffic.output_tokens:,} out."
    )


def _first(causes: Sequence[ToldCause]) -> list[str]:
    """The causes, in the order in which they are best mended."""
    if not causes:
        return []
    lines = [f"{number}. {_cause(cause)}" for number, cause in enumerate(causes[:CAUSES], 1)]
    if len(causes) > CAUSES:
        lines += ["", f"and {_count(len(causes) - CAUSES, 'more cause')}, in the HTML report."]
    return ["### Fix first", "", *lines, ""]


def _cause(told: ToldCause) -> str:
    known = told.requirement
    green = len(told.turns_green)
    parts = [_count(len(told.cause.rows), "check")]
    parts += [f"turns {_count(green, 'requirement')} green"] if green else []
    parts += [f"breaks {told.hurts}"] if told.hurts else []
    source = f" ({_citation(known)})" if known else ""
    return f"**{code(told.id)}** {told.verdict.value}: {code(told.line, 200)}{source}: {'; '.join(parts)}"


def _violated(causes: Sequence[ToldCause]) -> list[str | Detail]:
    """Every requirement that is violated, under the cause that explains it, with what came."""
    by_id: dict[str, list[Row]] = {}
    for told in causes:
        for row in told.cause.rows:
            by_id.setdefault(row.requirement, []).append(row)
    lines = [line for rows in by_id.values() for line in _requirement(rows)]
    return _details(f"Requirements violated ({len(by_id)})", lines)


def _unjudged(run: Run) -> list[str | Detail]:
    reasons = unjudged(run.rows)
    lines = [f"- {_count(len(each.rows), 'check')}: {code(each.words, 200)}" for each in reasons[:SHOWN]]
    if len(reasons) > SHOWN:
        lines.append(f"- and {len(reasons) - SHOWN} more reasons")
    return _details(f"Could not be judged ({sum(len(each.rows) for each in reasons)} checks)", lines)


def _folded(title: str, rows: Sequence[Row]) -> list[str | Detail]:
    by_id: dict[str, list[Row]] = {}
    for row in rows:
        by_id.setdefault(row.requirement, []).append(row)
    return _details(
        f"{title} ({len(rows)})", [line for same in by_id.values() for line in _requirement(same)]
    )


def _details(title: str, lines: Sequence[str | Detail]) -> list[str | Detail]:
    if not lines:
        return []
    return [f"<details><summary>{title}</summary>", "", *lines, "", "</details>", ""]


def _stale(run: Run) -> list[str]:
    rows = [row for row in run.rows if row.verdict is Verdict.STALE]
    if not rows:
        return []
    lines = [f"- {code(row.reason)}" for row in rows[:SHOWN]]
    return [f"### Known failures that pass now ({len(rows)})", "", *lines, ""]


def _kept(run: Run) -> list[str | Detail]:
    """What is left of earlier runs, apart from what this one judged."""
    if not run.kept:
        return []
    lines: list[str | Detail] = [f"- {judged_at}: {words}" for judged_at, words in kept_in_words(run)]
    red = [kept.row for kept in run.kept if kept.row.verdict in {Verdict.FAIL, Verdict.STALE}]
    lines += [Detail(f"  - {r.verdict.value} {code(r.requirement)} {code(r.check)}") for r in red]
    return _details(f"Kept from earlier runs ({len(run.kept)})", lines)


def _requirement(rows: Sequence[Row]) -> list[str | Detail]:
    """The requirement on a line of its own, then its rows, what they share told once."""
    first = rows[0]
    lines: list[str | Detail] = [
        f"- **{code(first.requirement or first.check)}** {first.level.value}, {_count(len(rows), 'check')}"
    ]
    for kind in folded(rows):
        finding = kind.finding
        where = f" at {code(finding.where)}" if finding.where else ""
        told = f"expected {code(finding.expected, 120)}, got {code(finding.actual, 160)}{where}"
        others = f", and so in {kind.answers - 1} more" if kind.answers > 1 else ""
        lines.append(Detail(f"  - {code(finding.scenario or kind.rows[0].scenario)}: {told}{others}"))
    lines += [
        Detail(f"  - {code(row.scenario or row.check)}: {code(words)}")
        for row in rows
        if (words := row.reason or "; ".join(row.notes[:3])) and not row.findings
    ]
    return lines


def _citation(requirement: Requirement) -> str:
    """The source with a link behind each of its marks."""
    return "".join(
        f"[{cell(piece.text)}]({piece.source.url})" if piece.source else cell(piece.text)
        for piece in requirement.citation
    )


def _against(against: Against) -> list[str]:
    lines = ["### Against the baseline", "", against.in_words(), ""]
    lines += [
        f"- {word}: {code(change.row.requirement)} {code(change.row.check)} "
        f"was {change.before.value}, is {change.row.verdict.value}"
        for word, changes in (("worse", against.worse), ("better", against.better))
        for change in changes[:SHOWN]
    ]
    lines += _listed("no longer judged", against.unjudged) + _listed("new", against.new)
    return [*lines, ""]


def _listed(word: str, rows: Sequence[Row]) -> list[str]:
    told = [f"- {word}: {code(r.requirement)} {code(r.check)} is {r.verdict.value}" for r in rows[:SHOWN]]
    return told + ([f"- {word}: {len(rows) - SHOWN} more"] if len(rows) > SHOWN else [])


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _repeats(repeats: Repeats) -> list[str]:
    lines = [
        "### Repeated runs",
        "",
        f"{repeats.runs} runs: {len(repeats.stable)} checks stable, "
        f"{len(repeats.failing)} failing each time, {len(repeats.flaky)} flaky.",
        "",
    ]
    lines += [
        f"- {code(flip.requirement)} {code(flip.check)}: "
        + ", ".join(verdict.value if verdict else "not made" for verdict in flip.verdicts)
        for flip in repeats.flaky[:SHOWN]
    ]
    return [*lines, ""]
