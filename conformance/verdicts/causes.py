"""From rows to causes: the few faults that a run shows, each with the rows that follow from it.

No verdict changes by it. A row folds under another requirement's fault only where a relation of the contract
says so and each exchange that shows the row shows that fault as well; what nothing explains stays a cause of
its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from conformance.contract.causes import Relation
from conformance.verdicts.folding import pattern
from conformance.verdicts.verdict import SEVERITY, Row, Verdict

VIOLATED = frozenset({Verdict.FAIL, Verdict.WARN})


@dataclass(frozen=True, slots=True)
class Unjudged:
    """Rows that could not be judged for one reason, whichever exchange met it; `words` are the first's."""

    words: str
    rows: tuple[Row, ...]


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
        return self.relation.sentence.format(
            rows=len(self.own), requirements=len(self.requirements), fields=", ".join(fields)
        )


def field_of(requirement: str) -> str:
    """The request field that a requirement is about (`reasoning.effort`), empty where it is about none."""
    area, _, rest = requirement.partition(".")
    return rest.rpartition(".")[0] if area == "request" else ""


def causes(rows: Iterable[Row], relations: Sequence[Relation]) -> tuple[Cause, ...]:
    """The causes of what is violated, those that weigh most first."""
    judged = list(rows)
    violated = [row for row in judged if row.verdict in VIOLATED]
    heads = _heads(judged, violated, relations)
    shown = {id_: frozenset(name for row in own for name in row.shown_by) for id_, own in heads.items()}
    may = _following(heads, relations)
    parent = {id_: _parent(own, id_, shown, may) for id_, own in heads.items()}
    roots = {id_: _root(parent, id_, shown) for id_ in heads}
    found: dict[str, list[Row]] = {}
    for id_, own in heads.items():
        for row in own:
            head = roots[id_ if parent[id_] else _of(row, id_, shown, may)]
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


def _heads(
    judged: Sequence[Row], violated: Sequence[Row], relations: Sequence[Relation]
) -> Mapping[str, list[Row]]:
    """The violated rows by the requirement or the named fault that they are of."""
    names: dict[str, str] = {}
    broken = {row.requirement for row in violated}
    kept = {row.requirement for row in judged if row.verdict is Verdict.PASS}
    for relation in relations:
        of_it = set(filter(relation.is_of, broken)) - set(names)
        met = any(map(relation.is_of, kept))
        if len(of_it) >= relation.least and relation.all_of and (relation.some or not met):
            names.update(dict.fromkeys(of_it, relation.id))
    heads: dict[str, list[Row]] = {}
    for row in violated:
        heads.setdefault(names.get(row.requirement, row.requirement), []).append(row)
    return heads


Above = Mapping[str, Sequence[tuple[Relation, str]]]
"""What a requirement may follow from: the relation that says so and the fault, by the requirement."""


def _following(heads: Mapping[str, Sequence[Row]], relations: Sequence[Relation]) -> Above:
    """What each violated requirement may follow from, in the order of the relations."""
    pairs = [(relation, head) for relation in relations for head in heads if relation.heads(head)]
    requirements = dict.fromkeys(row.requirement for own in heads.values() for row in own)
    return {
        id_: [(relation, head) for relation, head in pairs if relation.takes(head, id_)]
        for id_ in requirements
    }


def _parent(own: Sequence[Row], id_: str, shown: Mapping[str, frozenset[str]], may: Above) -> str:
    """The fault that all rows of a head follow from, the first of several; empty where one follows none."""
    found = [_of(row, id_, shown, may) for row in own]
    return "" if id_ in found else found[0]


def _of(row: Row, id_: str, shown: Mapping[str, frozenset[str]], may: Above) -> str:
    """The fault that one row follows from: the first that the relations name and its exchanges show."""
    for relation, head in may[row.requirement]:
        if head == id_:
            continue
        if (
            relation.everywhere
            or _shows(row, shown[head])
            or (relation.naming and _names(row, relation.field(head)))
        ):
            return head
    return id_


def _shows(row: Row, seen: frozenset[str]) -> bool:
    """Whether each exchange that shows a row is among those that show a fault."""
    return bool(row.shown_by) and seen.issuperset(row.shown_by)


def _names(row: Row, field: str) -> bool:
    """Whether all that a row found is about one field: what came names it."""
    return bool(row.findings) and all(field in f"{each.where} {each.actual}" for each in row.findings)


def _root(parent: Mapping[str, str], id_: str, shown: Mapping[str, frozenset[str]]) -> str:
    """The fault that everything above this one comes down to.

    Of faults that follow from each other it is the one that most exchanges show; of two that the same ones
    show, the one whose requirement says less of other things, which is the longer name.
    """
    way = [id_]
    while above := parent[way[-1]]:
        if above in way:
            return max(way[way.index(above) :], key=lambda name: (len(shown[name]), len(name)))
        way.append(above)
    return way[-1]


def _weight(cause: Cause) -> tuple[int, int, str]:
    return SEVERITY.index(cause.verdict), -len(cause.rows), cause.id
