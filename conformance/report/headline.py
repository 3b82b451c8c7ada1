"""The answer to «does it conform?», worded once for every report."""

import re
from dataclasses import dataclass, replace
from typing import Literal, get_args

from conformance.contract.area import Area, title
from conformance.contract.requirements import catalogue
from conformance.report.causes import hurt_clients, in_words, told_causes
from conformance.verdicts.gate import check_id
from conformance.verdicts.verdict import JUDGED, SEVERITY, Row, Run, Verdict

Tone = Literal["good", "bad", "open"]

AREAS = frozenset(get_args(Area))
OF_AREA = re.compile(r"^test_(\w+)\.py")
"""A check's file is named after its area."""

SIGN = {
    Verdict.PASS: "✓",
    Verdict.FAIL: "✕",
    Verdict.WARN: "!",
    Verdict.ERROR: "?",
    Verdict.INCONCLUSIVE: "≈",
    Verdict.SKIP: "-",
    Verdict.KNOWN: "◦",
    Verdict.STALE: "↻",
    Verdict.NOTE: "i",
}
"""A shape for each verdict, so that none is told by its colour alone."""

MEANING = {
    Verdict.PASS: "keeps the contract",
    Verdict.FAIL: "violates a MUST, or keeps neither side of a conflict",
    Verdict.WARN: "violates a SHOULD",
    Verdict.ERROR: "could not be judged",
    Verdict.INCONCLUSIVE: "the model did not follow the prompt",
    Verdict.SKIP: "not claimed, optional and absent, or hidden by a fault that another row names",
    Verdict.KNOWN: "a known failure, still failing",
    Verdict.STALE: "listed as a known failure, yet passes",
    Verdict.NOTE: "an observation: it can neither fail nor pass",
}


@dataclass(frozen=True, slots=True)
class Headline:
    """`words` is the verdict as a sentence, `short` as a badge has room for; `detail` may be empty."""

    tone: Tone
    words: str
    short: str
    detail: str
    warnings: int


def headline(run: Run) -> Headline:
    """The verdict over the whole run, as its exit code and its counts tell it.

    Of a partial run it says how much was looked at, and never that the provider conforms.
    """
    head = _headline(run)
    if head.tone != "bad" and not head.detail and (hurt := hurt_clients(told_causes(run))):
        head = replace(head, detail=f"It breaks {in_words(hurt)}.")
    if not run.partial or head.short == NOT_JUDGED:
        return head
    tone: Tone = "open" if head.tone == "good" else head.tone
    partial = f"partial: {run.partial}"
    short = partial if head.tone == "good" else f"{head.short}, {partial}"
    return replace(head, tone=tone, words=f"{head.words} ({partial} checks)", short=short)


NOT_JUDGED = "not judged"


def _headline(run: Run) -> Headline:
    counts = run.counts()
    fails, stale, errors, warns = (
        counts[v] for v in (Verdict.FAIL, Verdict.STALE, Verdict.ERROR, Verdict.WARN)
    )
    broken = len({row.requirement for row in run.rows if row.verdict is Verdict.FAIL})
    conforms = "No violation seen" if run.partial else "Conforms"
    if not any(counts[verdict] for verdict in JUDGED):
        detail = run.summary or _unjudged(run)
        return Headline("open", "Nothing could be judged", NOT_JUDGED, detail, warns)
    if fails:
        words = f"Does not conform: {_count(broken, 'requirement')} violated"
        tone: Tone = "bad" if run.exit_code == 1 else "open"
        return Headline(tone, words, _count(broken, "violation"), run.summary or _baseline(run), warns)
    if stale:
        words = f"{conforms}, but {_count(stale, 'known failure')} must be taken off the list"
        return Headline("bad", words, _count(stale, "stale known failure"), run.summary, warns)
    if errors:
        words = f"No violation seen, but {_count(errors, 'check')} could not be judged"
        return Headline("open", words, f"{errors} not judged", run.summary, warns)
    return _green(run, conforms, warns, counts[Verdict.KNOWN])


def _green(run: Run, conforms: str, warns: int, known: int) -> Headline:
    if run.exit_code not in {0, 1}:
        words = "No violation seen, but the run is not complete"
        return Headline("open", words, "incomplete", run.summary, warns)
    parts = [_count(warns, "warning")] if warns else []
    parts += [_count(known, "known failure")] if known else []
    suffix = f", with {' and '.join(parts)}" if parts else ""
    if run.exit_code == 1:
        words = f"{conforms}{suffix}, which this run counts as red"
        return Headline("bad", words, parts[0] if parts else "red", run.summary, warns)
    return Headline("good", f"{conforms}{suffix}", f"conforms{suffix}", run.summary, warns)


def area(row: Row) -> str:
    """The area that a row belongs to: its requirement's.

    Of what only a user's own contract has it is that of the check, of anything else the id's first word.
    """
    if known := catalogue().get(row.requirement):
        return known.area
    check = OF_AREA.search(check_id(row.check))
    return check[1] if check and check[1] in AREAS else row.requirement.split(".")[0]


def area_title(row: Row) -> str:
    """The area that a row belongs to, as every page names it."""
    return title(area(row))


def _unjudged(run: Run) -> str:
    errors = [row for row in run.rows if row.verdict is Verdict.ERROR]
    if not run.rows:
        return "No check was selected."
    if not errors:
        return f"All {len(run.rows)} checks were skipped, inconclusive or observations."
    return f"{len(errors)} of {len(run.rows)} checks ended in an error; the first: {errors[0].reason}"


def _baseline(run: Run) -> str:
    return "None of it is worse than the baseline." if run.exit_code == 0 else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def kept_in_words(run: Run) -> list[tuple[str, str]]:
    """How much is kept of each earlier run, the newest first: its start, and its rows' verdicts counted."""
    found: dict[str, dict[Verdict, int]] = {}
    for kept in run.kept:
        under = f" under {kept.contract}" if kept.contract.name != run.contract.name else ""
        counts = found.setdefault(f"{kept.judged_at}{under}", {})
        counts[kept.row.verdict] = counts.get(kept.row.verdict, 0) + 1
    return [
        (judged_at, ", ".join(f"{counts[v]} {v.value}" for v in SEVERITY if v in counts))
        for judged_at, counts in sorted(found.items(), reverse=True)
    ]
