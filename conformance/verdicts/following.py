"""Which fault each violated row follows from: where a relation says so and the row itself shows it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformance.contract.causes import Relation
from conformance.verdicts.folding import pattern
from conformance.verdicts.verdict import Finding, Row, Verdict

_REFUSED_FOR = re.compile(r'^HTTP 4\d\d: .*"param": ?"([^"]+)"', re.DOTALL)
"""A finding that shows a refusal, and the field that the refusal names."""

_REFUSED = re.compile(r"HTTP [45]\d\d")

_TAKEN = re.compile(r"HTTP 2\d\d: ")
"""A finding that shows a body which was taken: what that holds names no field that is at fault."""

_STREAMED = "[streamed"
"""The rows of a check that are judged on the responses that end the streams."""

Heads = Mapping[str, Sequence[Row]]
"""The violated rows, by the requirement or the named fault that they are of."""


def heads_of(judged: Sequence[Row], violated: Sequence[Row], relations: Sequence[Relation]) -> Heads:
    """The rows of each fault before anything is folded."""
    names: dict[int, str] = {}
    kept = {row.requirement for row in judged if row.verdict is Verdict.PASS}
    for relation in (each for each in relations if each.all_of):
        of_it = [row for row in violated if relation.is_of(row.requirement) and id(row) not in names]
        of_it = _worded_alike(of_it) if relation.same_words else of_it
        enough = len({row.requirement for row in of_it}) >= relation.least
        if enough and (relation.some or not any(map(relation.is_of, kept))):
            names.update((id(row), relation.id) for row in of_it)
    heads: dict[str, list[Row]] = {}
    for row in violated:
        heads.setdefault(names.get(id(row), row.requirement), []).append(row)
    return heads


def _worded_alike(rows: Sequence[Row]) -> list[Row]:
    """Of rows that show refusals those that differ in nothing but the name of their own field."""
    alike: dict[frozenset[str], list[Row]] = {}
    for row in rows:
        field = field_of(row.requirement)
        if row.findings and all(_is_named(field, finding) for finding in row.findings):
            alike.setdefault(frozenset(_without(field, word) for word in _words(row)), []).append(row)
    return max(alike.values(), key=lambda same: len({row.requirement for row in same}), default=[])


@dataclass(frozen=True, slots=True)
class _Fault:
    """What rows are held against: the exchanges that show a fault, what they say, of which fields."""

    shown: frozenset[str]
    words: frozenset[str]
    fields: frozenset[str]
    refused_for: frozenset[str]
    places: frozenset[str]
    statuses: frozenset[str]
    refuses: bool
    streamed: bool

    @classmethod
    def of(cls, own: Sequence[Row]) -> "_Fault":
        """That of these rows."""
        return cls(
            frozenset(name for row in own for name in row.shown_by),
            frozenset(word for row in own for word in _words(row)),
            frozenset(field for row in own if (field := field_of(row.requirement))),
            frozenset(field for row in own for field in _refused_for(row)),
            frozenset(finding.where for row in own for finding in row.findings),
            frozenset(status for row in own for status in _statuses(row)),
            any(map(_refuses, own)),
            all(map(_is_streamed, own)),
        )


@dataclass(frozen=True, slots=True)
class Explaining:
    """The faults of one run and what the relations say of them.

    `may` names for each requirement what it may follow from, the relation and the fault, in the order of the
    relations; `order` is where each fault first stands among them.
    """

    heads: Heads
    faults: Mapping[str, _Fault]
    may: Mapping[str, Sequence[tuple[Relation, str]]]
    order: Mapping[str, int]

    @classmethod
    def of(cls, heads: Heads, relations: Sequence[Relation]) -> "Explaining":
        """What these relations say of these rows."""
        pairs = [(relation, head) for relation in relations for head in heads if relation.heads(head)]
        requirements = dict.fromkeys(row.requirement for own in heads.values() for row in own)
        places = {head: number for number, (_, head) in reversed(list(enumerate(pairs)))}
        return cls(
            heads,
            {id_: _Fault.of(own) for id_, own in heads.items()},
            {id_: [pair for pair in pairs if pair[0].takes(pair[1], id_)] for id_ in requirements},
            {head: places.get(head, len(pairs)) for head in heads},
        )

    def all(self) -> Iterator[tuple[str, Row]]:
        """Every row with the fault that it comes down to."""
        parent = {id_: self._parent(id_) for id_ in self.heads}
        roots = {id_: self._root(parent, id_) for id_ in self.heads}
        for id_, own in self.heads.items():
            for row in own:
                stays = parent[id_] and roots[id_] == id_
                yield roots[id_ if stays else self._above(row, id_)], row

    def _parent(self, id_: str) -> str:
        """The fault that a head follows from, the first of several; empty where a row follows none."""
        found = [self._above(row, id_) for row in self.heads[id_]]
        return "" if id_ in found else found[0]

    def _above(self, row: Row, id_: str) -> str:
        """The fault that one row follows from: the first that the relations name and the row shows."""
        may = [(relation, head) for relation, head in self.may[row.requirement] if head != id_]
        may = [(relation, head) for relation, head in may if self._is_about(row, relation, head)]
        first = (head for relation, head in may if self._follows(row, relation, head))
        return next(first, self._together(row, may) or id_)

    def _follows(self, row: Row, relation: Relation, head: str) -> bool:
        fault = self.faults[head]
        return (
            (relation.brings_along(head, row.requirement) and self._is_seen(row, relation, fault))
            or (relation.is_named(head, row.requirement) and _is_refused_for(row, relation, fault))
            or (relation.is_alike(head, row.requirement) and _is_the_same(row, fault))
            or (relation.is_streamed(head, row.requirement) and _is_streamed(row))
            or (relation.is_of_field(head, row.requirement) and field_of(row.requirement) in fault.fields)
            or (relation.is_placed(head, row.requirement) and _is_wrong_there(row, relation, fault))
        )

    def _is_seen(self, row: Row, relation: Relation, fault: _Fault) -> bool:
        """Whether a row's exchanges show a fault, or need not: a refusal follows only from what refuses."""
        return _shows(row, fault.shown) or (relation.everywhere and (fault.refuses or not _refuses(row)))

    def _is_about(self, row: Row, relation: Relation, head: str) -> bool:
        """Whether a row that shows a refusal for a field may follow: only from what is about that field."""
        fault = self.faults[head]
        fields = _fields(relation, fault)
        return all(field in fault.refused_for or _is_of(field, fields) for field in _refused_for(row))

    def _together(self, row: Row, may: Sequence[tuple[Relation, str]]) -> str:
        """Of several faults that together show in all of a row's exchanges the one that shows in most."""
        heads = [head for relation, head in may if relation.brings_along(head, row.requirement)]
        seen = frozenset(row.shown_by)
        if not seen or not seen <= frozenset().union(*(self.faults[head].shown for head in heads)):
            return ""
        return max(heads, key=lambda head: len(seen & self.faults[head].shown))

    def _root(self, parent: Mapping[str, str], id_: str) -> str:
        """The fault that everything above this one comes down to.

        Of faults that follow from each other it is one that shows in more than the ends of streams, then the
        one whose relation stands first: the more basic promise.
        """
        way = [id_]
        while above := parent[way[-1]]:
            if above in way:
                return max(way[way.index(above) :], key=self._basic)
            way.append(above)
        return way[-1]

    def _basic(self, id_: str) -> tuple[bool, int]:
        return not self.faults[id_].streamed, -self.order[id_]


def field_of(requirement: str) -> str:
    """The request field that a requirement is about (`reasoning.effort`), empty where it is about none."""
    area, _, rest = requirement.partition(".")
    return rest.rpartition(".")[0] if area == "request" else ""


def _fields(relation: Relation, fault: _Fault) -> frozenset[str]:
    """The fields that a fault is about."""
    return frozenset(relation.fields) or fault.fields


def _words(row: Row) -> frozenset[str]:
    """What a row's findings say came, without values; nothing where it has none.

    Of a refusal the status and what it says are told: of two that are alike in neither, each has its reason.
    """
    return frozenset(_worded(finding.actual) for finding in row.findings)


def _worded(actual: str) -> str:
    if not _REFUSED.match(actual):
        return pattern(actual)
    status, body = actual[: len("HTTP 400")], actual[len("HTTP 400") :]
    return status + pattern(body.replace('"', ""))


def _statuses(row: Row) -> frozenset[str]:
    """The statuses of the refusals that a row shows."""
    found = (_REFUSED.match(finding.actual) for finding in row.findings)
    return frozenset(match[0] for match in found if match)


def _is_refused_for(row: Row, relation: Relation, fault: _Fault) -> bool:
    """Whether all that a row found is about the fault's fields.

    Where the fault is that its own fields are refused, the row shows a refusal with the same status.
    """
    alike = fault.statuses.issuperset(_statuses(row)) or not fault.statuses
    return (alike or bool(relation.fields)) and _names(row, _fields(relation, fault))


def _is_the_same(row: Row, fault: _Fault) -> bool:
    """Whether the same came, and not a refusal of the field by its own name, which is a fault of its own."""
    field = field_of(row.requirement)
    return fault.words.issuperset(_words(row)) and not (field and field in _refused_for(row))


def _is_wrong_there(row: Row, relation: Relation, fault: _Fault) -> bool:
    """Whether a row and a fault are both wrong at one of these members, and the row nowhere else."""
    there = {f"$.{field}" for field in relation.fields}
    return bool(row.findings) and bool(there & fault.places) and all(f.where in there for f in row.findings)


def _shows(row: Row, seen: frozenset[str]) -> bool:
    """Whether each exchange that shows a row is among those that show a fault."""
    return bool(row.shown_by) and seen.issuperset(row.shown_by)


def _is_streamed(row: Row) -> bool:
    return _STREAMED in row.check


def _refuses(row: Row) -> bool:
    return any(_REFUSED.match(finding.actual) for finding in row.findings)


def _refused_for(row: Row) -> frozenset[str]:
    """The fields that the refusals which a row shows name."""
    found = (_REFUSED_FOR.match(finding.actual) for finding in row.findings)
    return frozenset(match[1].partition("[")[0] for match in found if match)


def _names(row: Row, fields: frozenset[str]) -> bool:
    """Whether all that a row found is about one of these fields."""
    return bool(row.findings) and all(
        any(_is_named(field, finding) for field in fields) for finding in row.findings
    )


def _is_named(field: str, finding: Finding) -> bool:
    """Whether a finding names a field: in what the refusal gives as its field, in its place, or in words."""
    if refused := _REFUSED_FOR.match(finding.actual):
        return _is_of(refused[1], frozenset({field}))
    if finding.where.startswith("$."):
        return _is_word(field, finding.where)
    if field.startswith("HTTP "):
        return finding.actual.startswith(field)
    return not _TAKEN.match(finding.actual) and _is_told(field, finding.actual)


def _is_told(field: str, text: str) -> bool:
    """Whether a text has the name of a field; one that is an English word, too, must be marked as a name."""
    marked = not field.isalpha() or re.search(rf"[\"'`]{re.escape(field)}[\"'`.\\\[]", text)
    return bool(marked) and _is_word(field, text)


def _without(field: str, words: str) -> str:
    return re.sub(rf"(?<![\w.]){re.escape(field)}(?![\w.])", "", words)


def _is_word(field: str, text: str) -> bool:
    return re.search(rf"(?<!\w)(?<!\w\.){re.escape(field)}(?![\w.])", text) is not None


def _is_of(named: str, fields: frozenset[str]) -> bool:
    """Whether what a refusal names is one of these fields, a member of one, or what holds one."""
    return any(f"{named}.".startswith((f"{f}.", f"{f}[")) or f.startswith(f"{named}.") for f in fields)
