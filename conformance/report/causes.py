"""Causes as every report words them: what the server does, whom it hurts, what turns green with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.clients.hurt import Hurt, hurt_by
from conformance.contract.causes import relations
from conformance.contract.level import Level
from conformance.contract.requirements import Requirement, catalogue
from conformance.verdicts.causes import VIOLATED, Cause, causes
from conformance.verdicts.folding import Folded, folded
from conformance.verdicts.verdict import JUDGED, Row, Run, Verdict


@dataclass(frozen=True, slots=True)
class ToldCause:
    """One cause in words.

    `line` says in one sentence what is wrong, `kinds` are the findings of the fault itself, `turns_green` the
    requirements that are met once it is mended, `hurt` the clients that were seen to break on it.
    """

    cause: Cause
    line: str
    kinds: tuple[Folded, ...]
    turns_green: tuple[str, ...]
    hurt: tuple[Hurt, ...]
    requirement: Requirement | None

    @property
    def id(self) -> str:
        """The requirement at its head, or the fault's own name."""
        return self.cause.id

    @property
    def verdict(self) -> Verdict:
        """The worst verdict among its rows."""
        return self.cause.verdict

    @property
    def level(self) -> Level:
        """The level of the worst of its rows, so that it fits the verdict."""
        return next(row.level for row in self.cause.rows if row.verdict is self.verdict)

    @property
    def usually(self) -> str:
        """How it comes about, where that is known."""
        return self.cause.relation.usually if self.cause.relation else ""

    @property
    def hurts(self) -> str:
        """The clients that break, in words; empty where none was seen to."""
        return in_words([hurt.client.name for hurt in self.hurt])


def told_causes(run: Run) -> tuple[ToldCause, ...]:
    """The causes of a run: MUST before SHOULD, then by what each explains, whom it hurts and how silently."""
    found = causes(run.rows, relations())
    known = catalogue(run.contract)
    told = [_told(cause, found, known.get(cause.id)) for cause in found]
    return tuple(sorted(told, key=_weight))


def _told(cause: Cause, among: Sequence[Cause], known: Requirement | None) -> ToldCause:
    others = {id_ for other in among if other is not cause for id_ in other.requirements}
    kinds = folded(cause.own)
    return ToldCause(
        cause,
        line=cause.sentence or _line(cause, kinds, known),
        kinds=kinds,
        turns_green=tuple(id_ for id_ in cause.requirements if id_ not in others),
        hurt=hurt_by({row.requirement for row in cause.own}),
        requirement=known,
    )


def _line(cause: Cause, kinds: Sequence[Folded], known: Requirement | None) -> str:
    """The clause and what came instead, in how many answers."""
    clause = known.clause.rstrip(".") if known else cause.id
    return f"{clause}. {kinds[0].line}" if kinds else f"{clause}."


def _weight(told: ToldCause) -> tuple[int, int, int, bool, str]:
    must = 0 if told.verdict is Verdict.FAIL else 1
    silent = any(hurt.silent for hurt in told.hurt)
    return must, -len(told.cause.rows), -len(told.hurt), not silent, told.id


@dataclass(frozen=True, slots=True)
class LevelCount:
    """Of the requirements of one level that were judged, how many are violated."""

    level: Level
    violated: int
    judged: int


def level_counts(run: Run) -> tuple[LevelCount, ...]:
    """What is violated, counted in requirements, for the levels that can be."""
    found = []
    for level in (Level.MUST, Level.SHOULD, Level.CONFLICT):
        rows = [row for row in run.rows if row.level is level and row.verdict in JUDGED]
        violated = {row.requirement for row in rows if row.verdict in VIOLATED}
        if rows:
            found.append(LevelCount(level, len(violated), len({row.requirement for row in rows})))
    return tuple(found)


def counts_in_words(run: Run) -> str:
    """`35 of 145 MUSTs violated, 4 of 60 SHOULDs`."""
    told = [
        f"{count.violated} of {count.judged} {count.level}s" for count in level_counts(run) if count.violated
    ]
    return f"{', '.join(told)} violated" if told else "No requirement is violated"


def hurt_clients(told: Sequence[ToldCause]) -> tuple[str, ...]:
    """The names of all clients that were seen to break on any of these causes."""
    return tuple(dict.fromkeys(hurt.client.name for cause in told for hurt in cause.hurt))


def in_words(names: Sequence[str]) -> str:
    """`a, b and c`."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def command_for(told: ToldCause) -> str:
    """What to type to read on: of a requirement what it says, of a named fault the first of its own."""
    return f"explain {told.cause.own[0].requirement}"


def shown_in(rows: Sequence[Row]) -> tuple[str, ...]:
    """The scenarios whose exchanges show these rows."""
    return tuple(dict.fromkeys(name for row in rows for name in row.shown_by))
