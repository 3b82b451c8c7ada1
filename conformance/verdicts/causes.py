"""From rows to causes: the few faults that a run shows, each with the rows that follow from it.

No verdict changes by it. A row folds under another requirement's fault only where a relation of the contract
says so and each exchange that shows the row shows that fault as well; what nothing explains stays a cause of
its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conformance.contract.causes import Relation
from conformance.verdicts.folding import pattern
from conformance.verdicts.following import Explaining, field_of, heads_of
from conformance.verdicts.verdict import SEVERITY, Row, Verdict

VIOLATED = frozenset({Verdict.FAIL, Verdict.WARN})


@dataclass(frozen=True, slots=True)
class Unjudged:
    """Rows that could not be judged for one reason, whichever exchange met it; `words` are the first's."""

    words: str
    rows: tuple[Row, ...]


class _Count(int):
    """A number that says its noun as it must: `{:request}` is `1 request` or `2 requests`."""

    def __format__(self, noun: str) -> str:
        return f"{int(self)} {noun}{'' if self == 1 else 's'}" if noun else str(int(self))


@dataclass(frozen=True, slots=True)
class Cause:
    """One fault. `id` is the requirement at its head, or the relation's own name.

    `own` are the rows of the fault itself, `follow` those that it brings with it, both in the run's order.
    """

    id: str
    own: tuple[Row, ...]
    follow: tuple[Row, ...] = ()
    relation: Relation | None = None

    @property
    def rows(self) -> tuple[Row, ...]:
        """All that it explains."""
        return (*self.own, *self.follow)

    @property
    def requirements(self) -> tuple[str, ...]:
        """The requirements that it breaks, its own first."""
        return tuple(dict.fromkeys(row.requirement for row in self.rows))

    @property
    def verdict(self) -> Verdict:
        """The worst verdict among its rows."""
        return min((row.verdict for row in self.rows), key=SEVERITY.index)

    @property
    def sentence(self) -> str:
        """What the server does, where the relation says it."""
        if self.relation is None or not self.relation.sentence:
            return ""
        fields = dict.fromkeys(field_of(row.requirement) for row in self.own)
        requests = {name for row in self.rows for name in row.shown_by}
        return self.relation.sentence.format(
            rows=_Count(len(self.own)),
            requests=_Count(len(requests)),
            requirements=_Count(len(self.requirements)),
            fields=", ".join(fields),
        )


def causes(rows: Iterable[Row], relations: Sequence[Relation]) -> tuple[Cause, ...]:
    """The causes of what is violated, those that weigh most first."""
    judged = list(rows)
    violated = [row for row in judged if row.verdict in VIOLATED]
    heads = heads_of(judged, violated, relations)
    found: dict[str, list[Row]] = {}
    for head, row in Explaining.of(heads, relations).all():
        found.setdefault(head, []).append(row)
    made = [
        Cause(
            id_,
            own=tuple(row for row in explained if row in heads[id_]),
            follow=tuple(row for row in explained if row not in heads[id_]),
            relation=next((relation for relation in relations if relation.heads(id_)), None),
        )
        for id_, explained in found.items()
    ]
    return tuple(sorted(made, key=_weight))


def unjudged(rows: Iterable[Row]) -> tuple[Unjudged, ...]:
    """Why rows are an ERROR: each reason once, the one that most rows share first."""
    reasons: dict[str, list[Row]] = {}
    for row in rows:
        if row.verdict is Verdict.ERROR:
            reasons.setdefault(pattern(reason_of(row)), []).append(row)
    made = [Unjudged(reason_of(same[0]), tuple(same)) for same in reasons.values()]
    return tuple(sorted(made, key=lambda reason: -len(reason.rows)))


def reason_of(row: Row) -> str:
    """A row's reason without the scenario that it begins with, so that rows can share it."""
    name, colon, words = row.reason.partition(": ")
    return words if colon and " " not in name else row.reason


def _weight(cause: Cause) -> tuple[int, int, str]:
    return SEVERITY.index(cause.verdict), -len(cause.rows), cause.id
