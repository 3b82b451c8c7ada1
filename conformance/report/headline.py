"""The answer to «does it conform?», worded once for every report."""

from dataclasses import dataclass
from typing import Literal

from conformance.requirements import catalogue
from conformance.verdict import Row, Run, Verdict

Tone = Literal["good", "bad", "open"]

WORST_FIRST = (
    Verdict.FAIL,
    Verdict.STALE,
    Verdict.ERROR,
    Verdict.WARN,
    Verdict.KNOWN,
    Verdict.INCONCLUSIVE,
    Verdict.SKIP,
    Verdict.PASS,
)

SIGN = {
    Verdict.PASS: "✓",
    Verdict.FAIL: "✕",
    Verdict.WARN: "!",
    Verdict.ERROR: "?",
    Verdict.INCONCLUSIVE: "≈",
    Verdict.SKIP: "-",
    Verdict.KNOWN: "◦",
    Verdict.STALE: "↻",
}
"""A shape for each verdict, so that none is told by its colour alone."""

MEANING = {
    Verdict.PASS: "conforms",
    Verdict.FAIL: "violates a MUST",
    Verdict.WARN: "violates a SHOULD",
    Verdict.ERROR: "could not be judged",
    Verdict.INCONCLUSIVE: "the model did not follow the prompt",
    Verdict.SKIP: "not claimed, or optional and absent",
    Verdict.KNOWN: "a known failure, still failing",
    Verdict.STALE: "listed as a known failure, yet passes",
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
    """The verdict over the whole run, as its exit code and its counts tell it."""
    counts = run.counts()
    fails, stale, errors, warns = (
        counts[v] for v in (Verdict.FAIL, Verdict.STALE, Verdict.ERROR, Verdict.WARN)
    )
    judged = sum(counts[v] for v in (Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.KNOWN, Verdict.STALE))
    broken = len({row.requirement for row in run.rows if row.verdict is Verdict.FAIL})
    detail = run.summary
    if not judged:
        short, words = "not judged", "Nothing could be judged"
        return Headline("open", words, short, detail or _unjudged(run), warns)
    if fails:
        words = f"Does not conform: {_count(broken, 'requirement')} violated"
        tone: Tone = "bad" if run.exit_code == 1 else "open"
        return Headline(tone, words, _count(broken, "violation"), detail or _baseline(run), warns)
    if stale:
        words = f"Conforms, but {_count(stale, 'known failure')} must be taken off the list"
        return Headline("bad", words, _count(stale, "stale known failure"), detail, warns)
    if errors:
        words = f"No violation seen, but {_count(errors, 'check')} could not be judged"
        return Headline("open", words, f"{errors} not judged", detail, warns)
    return _conforms(run, counts, detail)


def _conforms(run: Run, counts: dict[Verdict, int], detail: str) -> Headline:
    warns, known = counts[Verdict.WARN], counts[Verdict.KNOWN]
    if run.exit_code not in {0, 1}:
        return Headline("open", "No violation seen, but the run is not complete", "incomplete", detail, warns)
    parts = [_count(warns, "warning")] if warns else []
    parts += [_count(known, "known failure")] if known else []
    suffix = f", with {' and '.join(parts)}" if parts else ""
    if run.exit_code == 1:
        return Headline(
            "bad",
            f"Conforms{suffix}, which this run counts as red",
            parts[0] if parts else "red",
            detail,
            warns,
        )
    return Headline("good", f"Conforms{suffix}", f"conforms{suffix}", detail, warns)


def area(row: Row) -> str:
    """The part of the contract that a row belongs to: its catalogue file."""
    known = catalogue().get(row.requirement)
    return known.area if known else row.requirement.split(".")[0]


def _unjudged(run: Run) -> str:
    errors = [row for row in run.rows if row.verdict is Verdict.ERROR]
    if not run.rows:
        return "No check was selected."
    if not errors:
        return f"All {len(run.rows)} checks were skipped or inconclusive."
    return f"{len(errors)} of {len(run.rows)} checks ended in an error; the first: {errors[0].reason}"


def _baseline(run: Run) -> str:
    return "None of it is worse than the baseline." if run.exit_code == 0 else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
