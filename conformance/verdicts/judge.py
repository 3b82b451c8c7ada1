"""How a check speaks: it returns (conforms), or raises one of these."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from conformance.shown import shown
from conformance.verdicts.verdict import Finding

T = TypeVar("T")


class Violation(AssertionError):
    """The exchange breaks the requirement; the requirement's level makes it FAIL or WARN.

    `shown_by` names the scenarios whose exchanges show it, where these are more than the findings told.
    """

    def __init__(self, *findings: Finding, shown_by: Iterable[str] = ()) -> None:
        self.findings = findings
        self.shown_by = tuple(dict.fromkeys(shown_by or (f.scenario for f in findings if f.scenario)))
        super().__init__("\n".join(map(in_words, findings)))


class CannotJudge(Exception):
    """The evidence is missing or broken for reasons that are no violation of this requirement: ERROR."""


class Inconclusive(Exception):
    """The control shows that the model did not follow the prompt, so nothing can be concluded."""


class Absent(Exception):
    """The provider does not have this optional thing, and need not: SKIP."""


class Elsewhere(Absent):
    """A fault that another requirement names leaves nothing to judge here: SKIP, and nothing is proved."""


WORDS = (Violation, CannotJudge, Inconclusive, Absent)
"""All of them. What a check raises beside these is a fault of its own, and worth a traceback."""


def in_words(finding: Finding) -> str:
    """One finding as a line: where, expected, actual."""
    where = f"{finding.where}: " if finding.where else ""
    shown = f" [{finding.scenario}]" if finding.scenario else ""
    return f"{where}expected {finding.expected}, got {finding.actual}{shown}"


def judge(findings: Iterable[Finding]) -> None:
    """Conform if there is no finding; otherwise raise one Violation that shows all of them."""
    found = tuple(findings)
    if len(found) > SHOWN:
        last = found[SHOWN - 1]
        more = replace(last, actual=f"{last.actual}, and {len(found) - SHOWN} more like these")
        raise Violation(*found[: SHOWN - 1], more, shown_by=[f.scenario for f in found if f.scenario])
    if found:
        raise Violation(*found)


def expect(holds: bool, expected: str, actual: object, where: str = "") -> None:
    """The one-finding form of `judge`."""
    if not holds:
        raise Violation(Finding(expected, shown(actual), where))


def judge_every(attempts: Sequence[T], findings: Callable[[T], Iterable[Finding]]) -> None:
    """A behavioural violation counts only where each of the attempts shows it.

    The first attempt that conforms settles it. Raises CannotJudge where an attempt showed a violation
    and too few others were made to confirm it.
    """
    seen: list[Finding] = []
    for attempt in attempts:
        found = tuple(findings(attempt))
        if not found:
            return
        seen.extend(found)
    if len(attempts) < ATTEMPTS:
        raise CannotJudge(
            f"{len(attempts)} of {ATTEMPTS} attempts were made, each of them violating: {in_words(seen[0])}"
        )
    raise Violation(*seen)


SHOWN = 20
"""How many findings of one check are told; a hostile answer can give thousands."""

ATTEMPTS = 3
"""How often a behavioural violation must be seen before it counts."""
