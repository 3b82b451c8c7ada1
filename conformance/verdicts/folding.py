"""Findings and reasons that differ only in values, told as one."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from conformance.verdicts.verdict import Finding, Row

_VALUES = re.compile(r"\"[^\"]*\"|'[^']*'|«[^»]*»|\b\w*\d[\w.:-]*")
OTHERS = 5
"""How many further values of a folded finding are told."""


@dataclass(frozen=True, slots=True)
class Folded:
    """Findings of one kind: the first as it is, other values that came, and the rows that show them."""

    finding: Finding
    others: tuple[Finding, ...]
    rows: tuple[Row, ...]
    answers: int

    @property
    def line(self) -> str:
        """The kind in one line: expected, got, where, in how many answers."""
        expected, actual = (_short(text) for text in (self.finding.expected, self.finding.actual))
        where = f" at {self.finding.where}" if self.finding.where.startswith("$") else ""
        answers = f", in {self.answers} answers" if self.answers > 1 else ""
        return f"Expected {expected}, got {actual}{where}{answers}."


def _short(text: str, limit: int = 160) -> str:
    """A text as far as a line has room for it."""
    return text if len(text) <= limit else f"{text[:limit].rstrip()}…"


def pattern(text: str) -> str:
    """A text without its values: numbers, ids and what stands in quotes."""
    return _VALUES.sub("#", text)


def folded(rows: Iterable[Row]) -> tuple[Folded, ...]:
    """The findings of these rows by their kind, the most frequent first."""
    kinds: dict[tuple[str, str], list[tuple[Row, Finding]]] = {}
    for row in rows:
        for finding in row.findings:
            kind = pattern(finding.expected), pattern(finding.actual)
            kinds.setdefault(kind, []).append((row, finding))
    made = [_folded(same) for same in kinds.values()]
    return tuple(sorted(made, key=lambda kind: -kind.answers))


def _folded(same: Sequence[tuple[Row, Finding]]) -> Folded:
    distinct = tuple(dict.fromkeys(replace(finding, scenario="") for _, finding in same))
    seen = {finding.scenario or row.scenario or row.check for row, finding in same}
    rows = tuple({row.check: row for row, _ in same}.values())
    return Folded(same[0][1], distinct[1 : OTHERS + 1], rows, len(seen))
