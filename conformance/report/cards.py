"""What is told of a requirement: a card with its findings, a reason with its rows, a line for what passed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from markupsafe import Markup

from conformance.contract.requirements import Requirement, catalogue
from conformance.report.came import came, pretty
from conformance.report.curl import curl
from conformance.report.evidence import TEXT_LIMIT, Budget, Exchanges, Place, evidence_of, seen_in
from conformance.report.headline import area, area_title
from conformance.report.text import cut, difference
from conformance.verdicts.causes import unjudged
from conformance.verdicts.folding import pattern
from conformance.verdicts.judge import in_words
from conformance.verdicts.verdict import SEVERITY, Finding, Row, Run, Verdict

FINDINGS_BUDGET = 1_000_000
"""Characters of HTML for the whole page, most of it compressed."""

FINDINGS_SHOWN = 4
NOTHING = Markup("")


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding with its differing parts marked; `folded` is the text that came, where words stand for it."""

    expected: Markup
    actual: Markup
    where: str
    folded: Markup


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one requirement that show the same: told once, with every place."""

    places: tuple[Place, ...]
    findings: tuple[ShownFinding, ...] = ()
    more: int = 0
    reason: str = ""
    notes: tuple[str, ...] = ()
    timeline: Markup = NOTHING
    curl: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One requirement with one verdict. `anchor` is its id on the page, empty where a card above has it."""

    id: str
    anchor: str
    area: str
    level: str
    verdict: Verdict
    requirement: Requirement | None
    groups: tuple[Group, ...]
    rows: int
    others: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Rows that share one reason for not being judged, as cards without findings."""

    words: str
    traceback: str
    cards: tuple[Card, ...]
    rows: int

    @property
    def extent(self) -> str:
        """How many rows share it."""
        cards = len(self.cards)
        checks = f"{self.rows} check{'' if self.rows == 1 else 's'}"
        return f"{checks} of {cards} requirement{'' if cards == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Listed:
    """A requirement with its rows that pass, or that are observations, and what these saw."""

    id: str
    anchor: str
    area: str
    level: str
    requirement: Requirement | None
    rows: int
    notes: tuple[str, ...]
    verdict: Verdict


class Cards:
    """Makes the cards of one page: each requirement's id is an anchor once, foreign text has a budget."""

    def __init__(self, run: Run, exchanges: Exchanges) -> None:
        self._rows, self._known = run.rows, catalogue(run.contract)
        self._exchanges = exchanges
        self._room = Budget(FINDINGS_BUDGET)
        self._taken: set[str] = set()

    def of_verdict(self, verdict: Verdict) -> tuple[Card, ...]:
        """A card for each requirement that has rows with this verdict."""
        return self.of_rows(self._of(verdict))

    def of_rows(self, rows: Iterable[Row]) -> tuple[Card, ...]:
        """A card for each requirement and verdict among these rows, in their order."""
        same: dict[tuple[str, Verdict], list[Row]] = {}
        for row in rows:
            same.setdefault((row.requirement, row.verdict), []).append(row)
        return tuple(
            self._card(id_, verdict, each, self._groups(each)) for (id_, verdict), each in same.items()
        )

    def unjudged(self) -> tuple[Reason, ...]:
        """Why rows could not be judged: each reason once, with the traceback of what broke in the suite."""
        return tuple(
            self._reason(each.words, each.rows[0].traceback, each.rows) for each in unjudged(self._rows)
        )

    def reasons(self, verdict: Verdict) -> tuple[Reason, ...]:
        """Why rows were skipped or are inconclusive, the most frequent reason first."""
        because: dict[str, list[Row]] = {}
        for row in self._of(verdict):
            because.setdefault(pattern(reason_beside_findings(row)), []).append(row)
        most_first = sorted(because.values(), key=lambda rows: -len(rows))
        return tuple(
            self._reason(reason_beside_findings(rows[0]), rows[0].traceback, rows) for rows in most_first
        )

    def listed(self, verdict: Verdict) -> Iterator[tuple[str, tuple[Listed, ...]]]:
        """What passed, or what was observed, by area."""
        for name, members in groupby(self._of(verdict), key=area_title):
            by_requirement = groupby(members, key=lambda row: row.requirement)
            yield name, tuple(self._listed(id_, name, list(same)) for id_, same in by_requirement)

    def finding(self, finding: Finding) -> ShownFinding:
        """One finding: the words first, what they stand for folded."""
        told = came(finding.actual)
        expected, actual = difference(came(finding.expected).words, told.words, TEXT_LIMIT)
        folded = pretty(cut(told.text, 4 * TEXT_LIMIT)) if told.text else NOTHING
        self._room.spend(expected, actual, folded)
        return ShownFinding(expected, actual, cut(finding.where, 200), folded)

    def _of(self, verdict: Verdict) -> list[Row]:
        rows = [row for row in self._rows if row.verdict is verdict]
        return sorted(rows, key=lambda row: (area(row), row.requirement))

    def _anchor(self, id_: str) -> str:
        if id_ in self._taken:
            return ""
        self._taken.add(id_)
        return id_

    def _card(self, id_: str, verdict: Verdict, rows: Sequence[Row], groups: Iterable[Group]) -> Card:
        others: dict[Verdict, int] = {}
        for row in self._rows:
            if row.requirement == id_ and row.verdict is not verdict:
                others[row.verdict] = others.get(row.verdict, 0) + 1
        return Card(
            id=id_,
            anchor=self._anchor(id_),
            area=area_title(rows[0]),
            level=rows[0].level.value,
            verdict=verdict,
            requirement=self._known.get(id_),
            groups=tuple(groups),
            rows=len(rows),
            others=", ".join(f"{others[v]} {v.value}" for v in SEVERITY if v in others),
        )

    def _groups(self, rows: Iterable[Row]) -> Iterator[Group]:
        alike: dict[tuple[object, ...], list[Row]] = {}
        for row in rows:
            findings = tuple((f.expected, f.actual, f.where) for f in row.findings)
            alike.setdefault((findings, reason_beside_findings(row)), []).append(row)
        for members in alike.values():
            yield self._group(members)

    def _group(self, rows: Sequence[Row]) -> Group:
        first = rows[0]
        distinct = tuple(dict.fromkeys(replace(finding, scenario="") for finding in first.findings))
        findings = tuple(self.finding(each) for each in distinct[:FINDINGS_SHOWN] if self._room)
        seen = dict.fromkeys((name, row.check) for row in rows for name in seen_in(row))
        return Group(
            places=tuple(self._exchanges.place(name, check) for name, check in seen),
            findings=findings,
            more=len(distinct) - len(findings),
            reason=cut(reason_beside_findings(first), TEXT_LIMIT),
            notes=tuple(cut(note, TEXT_LIMIT) for note in first.notes[:3]),
            timeline=self._exchanges.timeline(evidence_of(first), first.findings)
            if of_events(first)
            else NOTHING,
            curl=self._curl(evidence_of(first)),
        )

    def _curl(self, scenario: str) -> str:
        """The line itself where there is room for it; the exchange has it, too."""
        exchange = self._exchanges.get(scenario)
        if exchange is None or not self._room:
            return ""
        found = curl(exchange)
        self._room.spend(found)
        return found

    def _reason(self, words: str, traceback: str, rows: Sequence[Row]) -> Reason:
        cards = []
        for id_, members in groupby(
            sorted(rows, key=lambda row: (area(row), row.requirement)), key=lambda row: row.requirement
        ):
            same = list(members)
            places = tuple(self._exchanges.place(evidence_of(row), row.check) for row in same)
            cards.append(self._card(id_, same[0].verdict, same, (Group(places),)))
        return Reason(cut(words, TEXT_LIMIT), cut(traceback, 4000), tuple(cards), len(rows))

    def _listed(self, id_: str, name: str, rows: Sequence[Row]) -> Listed:
        notes = dict.fromkeys(
            cut(f"{row.scenario}: {note}" if row.scenario else note, 300)
            for row in rows
            for note in row.notes
        )
        return Listed(
            id=id_,
            anchor=self._anchor(id_),
            area=name,
            level=rows[0].level.value,
            requirement=self._known.get(id_),
            rows=len(rows),
            notes=tuple(notes)[:4],
            verdict=rows[0].verdict,
        )


def reason_beside_findings(row: Row) -> str:
    """The reason without what the findings tell and without the scenario, so that rows can share it."""
    told = in_words(row.findings[0]) if row.findings else f"{row.scenario}: "
    return row.reason.removeprefix(told).removeprefix("; ")


def of_events(row: Row) -> bool:
    """Whether a row's findings are about a stream's events, so that its timeline tells something."""
    of_stream = area(row).startswith("stream")
    return of_stream or any(finding.where.startswith("event ") for finding in row.findings)
