"""`summary.md`: the run as a GitHub job summary shows it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from conformance.contract.requirements import Requirement, catalogue
from conformance.report.headline import MEANING, area, headline, kept_in_words
from conformance.report.text import cut, encodable, one_line
from conformance.verdicts.gate import Against, Repeats
from conformance.verdicts.verdict import SEVERITY, Row, Run, Verdict

SIGN = {"good": "✅", "bad": "❌", "open": "⚠️"}
_MEANINGFUL = re.compile(
    r"[^\w\s,;%=+.:/()-]|:(?=//)|(?<=www)\.|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", re.IGNORECASE
)

ROWS_SHOWN = 200
"""GitHub cuts a job summary at 1 MiB; the HTML report has them all."""


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
    """The whole file: the verdict, counts and traffic, violations by area, the rest folded away."""
    head = headline(run)
    parts = [f"## {SIGN[head.tone]} {head.words}", ""]
    if run.trouble:
        parts += [f"{code(line)}\n" for line in run.trouble]
        return "\n".join([*parts, _about(run), "", _traffic(run), ""])
    if head.detail:
        parts += [f"{code(head.detail)}", ""]
    parts += [_about(run), "", *_counts(run), "", _traffic(run), ""]
    parts += _section("Violations", run, Verdict.FAIL)
    parts += _section("Known failures that pass now", run, Verdict.STALE)
    parts += _section("Could not be judged", run, Verdict.ERROR, folded=True)
    parts += _section("Warnings", run, Verdict.WARN, folded=True)
    parts += _section("Known failures", run, Verdict.KNOWN, folded=True)
    parts += _section("Inconclusive", run, Verdict.INCONCLUSIVE, folded=True)
    parts += _section("Observations", run, Verdict.NOTE, folded=True)
    parts += _kept(run)
    if against is not None:
        parts += _against(against)
    if repeats is not None:
        parts += _repeats(repeats)
    return "\n".join(parts).rstrip() + "\n"


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


def _rows(run: Run, verdict: Verdict) -> list[Row]:
    return sorted(
        (row for row in run.rows if row.verdict is verdict), key=lambda row: (area(row), row.requirement)
    )


def _section(title: str, run: Run, verdict: Verdict, *, folded: bool = False) -> list[str]:
    rows, known = _rows(run, verdict), catalogue(run.contract)
    if not rows:
        return []
    body: list[str] = []
    for name, members in groupby(rows[:ROWS_SHOWN], key=area):
        body += [f"#### {name}", ""]
        for _, same in groupby(members, key=lambda row: row.requirement):
            body += _requirement(list(same), known)
        body.append("")
    if len(rows) > ROWS_SHOWN:
        body += [f"and {len(rows) - ROWS_SHOWN} more, in the HTML report.", ""]
    if folded:
        return [f"<details><summary>{title} ({len(rows)})</summary>", "", *body, "</details>", ""]
    return [f"### {title} ({len(rows)})", "", *body]


def _kept(run: Run) -> list[str]:
    """What is left of earlier runs, apart from what this one judged."""
    if not run.kept:
        return []
    lines = [f"<details><summary>Kept from earlier runs ({len(run.kept)})</summary>", ""]
    lines += [f"- {judged_at}: {words}" for judged_at, words in kept_in_words(run)]
    red = [kept.row for kept in run.kept if kept.row.verdict in {Verdict.FAIL, Verdict.STALE}]
    lines += [f"  - {r.verdict.value} {code(r.requirement)} {code(r.check)}" for r in red[:ROWS_SHOWN]]
    return [*lines, "", "</details>", ""]


def _requirement(rows: list[Row], catalogued: Mapping[str, Requirement]) -> list[str]:
    first = rows[0]
    known = catalogued.get(first.requirement)
    clause = f": {code(known.clause)} ({_citation(known)})" if known else ""
    lines = [f"- **{code(first.requirement or first.check)}** {first.level.value}{clause}"]
    for row in rows:
        lines.append(f"  - {code(row.scenario or row.check)}{'' if row.findings else _reason(row)}")
        findings = list(dict.fromkeys(replace(finding, scenario="") for finding in row.findings))
        for finding in findings[:3]:
            where = f" at {code(finding.where)}" if finding.where else ""
            lines.append(f"    - expected {code(finding.expected)}, got {code(finding.actual)}{where}")
        if len(findings) > 3:
            lines.append(f"    - and {len(findings) - 3} more findings")
    return lines


def _citation(requirement: Requirement) -> str:
    """The source with a link behind each of its marks."""
    return "".join(
        f"[{cell(piece.text)}]({piece.source.url})" if piece.source else cell(piece.text)
        for piece in requirement.citation
    )


def _reason(row: Row) -> str:
    """Why a row is what it is; of an observation, what was seen."""
    observed = "; ".join(row.notes[:3]) if row.verdict is Verdict.NOTE else ""
    words = row.reason or observed
    return f": {code(words)}" if words else ""


def _against(against: Against) -> list[str]:
    lines = ["### Against the baseline", "", against.in_words(), ""]
    lines += [
        f"- {word}: {code(change.row.requirement)} {code(change.row.check)} "
        f"was {change.before.value}, is {change.row.verdict.value}"
        for word, changes in (("worse", against.worse), ("better", against.better))
        for change in changes[:ROWS_SHOWN]
    ]
    lines += _listed("no longer judged", against.unjudged) + _listed("new", against.new)
    return [*lines, ""]


def _listed(word: str, rows: Iterable[Row]) -> list[str]:
    return [
        f"- {word}: {code(r.requirement)} {code(r.check)} is {r.verdict.value}"
        for r in list(rows)[:ROWS_SHOWN]
    ]


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
        for flip in repeats.flaky
    ]
    return [*lines, ""]
