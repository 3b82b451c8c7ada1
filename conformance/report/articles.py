"""One article for each cause: what the server does, its best evidence, what to do, what follows from it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from conformance.clients.hurt import IN_WORDS
from conformance.contract.requirements import Requirement
from conformance.report.came import came, instead
from conformance.report.cards import Card, Cards, ShownFinding, of_events
from conformance.report.causes import ToldCause, in_words
from conformance.report.curl import curl
from conformance.report.evidence import Budget, Exchanges, Place, evidence_of
from conformance.report.text import cut
from conformance.report.vendor_issue import issue
from conformance.verdicts.folding import Folded, pattern
from conformance.verdicts.judge import MORE
from conformance.verdicts.verdict import Finding, Row, Run

KINDS_SHOWN = 3
OTHERS_SHOWN = 4
ARTICLES_BUDGET = 800_000
TIMELINES_BUDGET = 150_000
"""Characters of text, and of the pictures that stand on the page uncompressed."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Findings that differ only in values: the first, other values that came, and where."""

    finding: ShownFinding
    others: tuple[str, ...]
    answers: int
    place: Place


@dataclass(frozen=True, slots=True)
class Article:
    """A cause as the page tells it.

    `sentence` says what the server does; `requirement` is the one at the head, None where the fault has a
    name of its own: then `because` says why its requirements are one.
    """

    number: int
    told: ToldCause
    anchor: str
    level: str
    sentence: str
    requirement: Requirement | None
    because: str
    hurts: tuple[str, ...]
    kinds: tuple[Kind, ...]
    more: int
    place: Place
    timeline: Markup
    curl: str
    issue: str
    cards: tuple[Card, ...]

    @property
    def turns_green(self) -> str:
        """How many requirements turn green with it."""
        green = len(self.told.turns_green)
        return f"{green} requirement{'' if green == 1 else 's'} turn{'s' if green == 1 else ''} green"

    @property
    def extent(self) -> str:
        """How much turns green, in requirements and in checks."""
        rows = len(self.told.cause.rows)
        return f"{self.turns_green}, {rows} check{'' if rows == 1 else 's'}"


class Articles:
    """Makes the articles of one page; where there is no room left, a cause is told without its evidence."""

    def __init__(self, run: Run, cards: Cards, exchanges: Exchanges) -> None:
        self._run = run
        self._cards = cards
        self._exchanges = exchanges
        self._room = Budget(ARTICLES_BUDGET)
        self._pictures = Budget(TIMELINES_BUDGET)

    def of(self, causes: Sequence[ToldCause]) -> Iterator[Article]:
        """The causes in their order."""
        for number, told in enumerate(causes, 1):
            yield self._article(number, told)

    def _article(self, number: int, told: ToldCause) -> Article:
        row, shown = _best(told)
        requirement = told.requirement
        relation = told.cause.relation
        kinds = _worded_alike(told.kinds)
        evidence = self._exchanges.get(shown) if self._room else None
        made = Article(
            number=number,
            told=told,
            anchor=anchor_of(told.id),
            level=told.level.value,
            sentence=_sentence(told),
            requirement=requirement,
            because=relation.because if relation and requirement is None else "",
            hurts=tuple(_hurt(told)),
            kinds=tuple(self._kind(same) for same in kinds[:KINDS_SHOWN]) if self._room else (),
            more=max(0, len(kinds) - KINDS_SHOWN),
            place=self._exchanges.place(shown, row.check),
            timeline=self._timeline(row, shown),
            curl=curl(evidence) if evidence else "",
            issue=issue(self._run, told, _title(told), evidence) if self._room else "",
            cards=self._cards.of_rows(told.cause.rows),
        )
        self._room.spend(made.sentence, made.curl, made.issue, *(kind.finding.actual for kind in made.kinds))
        return made

    def _timeline(self, row: Row, shown: str) -> Markup:
        if not self._pictures or not of_events(row):
            return Markup("")
        found = self._exchanges.timeline(shown, row.findings)
        self._pictures.spend(found)
        return found

    def _kind(self, same: Sequence[Folded]) -> Kind:
        first = same[0]
        others = (other for kind in same for other in kind.others if not came(other.actual).text)
        values = dict.fromkeys(_value(other, first.finding) for other in others)
        row = first.rows[0]
        return Kind(
            finding=self._cards.finding(first.finding),
            others=tuple(value for value in values if value)[:OTHERS_SHOWN],
            answers=sum(kind.answers for kind in same),
            place=self._exchanges.place(first.finding.scenario or evidence_of(row), row.check),
        )


def anchor_of(id_: str) -> str:
    """The id on the page of a cause's article."""
    return f"cause-{id_}"


def _best(told: ToldCause) -> tuple[Row, str]:
    """The row that shows a cause best, and the scenario that shows it: the most frequent kind's first."""
    if not told.kinds:
        row = told.cause.own[0]
        return row, evidence_of(row)
    kind = told.kinds[0]
    return kind.rows[0], kind.finding.scenario or evidence_of(kind.rows[0])


def _worded_alike(kinds: Sequence[Folded]) -> list[list[Folded]]:
    """Kinds that are told in the same words: which bytes they had is told where they are unfolded."""
    alike: dict[str, list[Folded]] = {}
    for kind in kinds:
        if kind.finding.expected != MORE:
            alike.setdefault(pattern(instead(kind.finding)), []).append(kind)
    return list(alike.values())


def _value(other: Finding, told: Finding) -> str:
    """What else came, with what was expected there where that differs; empty where it says nothing new."""
    actual = came(other.actual).words
    if other.expected != told.expected:
        return f"{came(other.expected).words} → {actual}"
    return actual if actual != came(told.actual).words else ""


def _sentence(told: ToldCause) -> str:
    """What the server does, in a line."""
    if told.cause.sentence:
        return told.cause.sentence
    alike = _worded_alike(told.kinds)
    if not alike:
        return told.line
    finding, answers = alike[0][0].finding, sum(kind.answers for kind in alike[0])
    often = f", in {answers} answers" if answers > 1 else ""
    member = finding.where.startswith("$.") and not finding.actual.startswith("HTTP ")
    what = f"{finding.where} is " if member else ""
    return f"{what}{instead(finding)}{often}."


def _title(told: ToldCause) -> str:
    return told.cause.sentence or cut(f"{told.id}: {_sentence(told).removesuffix('.')}", 160)


def _hurt(told: ToldCause) -> Iterator[str]:
    """Which clients break, and how; those that break alike in one sentence."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for hurt in told.hurt:
        alike.setdefault(hurt.effects, []).append(f"{hurt.client.name} {hurt.client.version}")
    for effects, names in alike.items():
        yield f"{in_words(names)}: {in_words([IN_WORDS[effect] for effect in effects])}."
