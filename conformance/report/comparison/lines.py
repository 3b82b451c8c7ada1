"""The lines of a comparison: one cause or one requirement, and what each provider made of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from conformance.contract.contracts import Contract
from conformance.contract.requirements import catalogue
from conformance.report.articles import anchor_of
from conformance.report.causes import ToldCause, in_words
from conformance.report.comparison.columns import Column
from conformance.report.headline import area_title
from conformance.verdicts.causes import VIOLATED
from conformance.verdicts.verdict import SETTLED, SEVERITY, Row, Run, Verdict

UNSEEN = "not seen"
"""Of a cause that a provider does not have, where what it breaks was judged."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One provider's part of one line: a verdict, in words, and where its report tells more, if it does."""

    verdict: Verdict
    words: str
    href: str = ""

    @property
    def unseen(self) -> bool:
        """Whether it says of a cause that the provider does not have it."""
        return self.words == UNSEEN

    @property
    def told(self) -> object:
        """What two providers differ in.

        It is none how much of an optional thing was asked for, or whether there was anything to observe.
        """
        if self.verdict not in SETTLED:
            return self.words
        return Verdict.SKIP if self.verdict is Verdict.NOTE else self.verdict


@dataclass(frozen=True, slots=True)
class Line:
    """One cause or requirement; a cell is None where the run has no verdict of it.

    `title` is what it is about in a sentence. `area` and `level` are empty for a cause. `each` is what each
    provider does, in a sentence of its own, `hurts` the clients that were seen to break on it.
    """

    id: str
    title: str
    cells: tuple[Cell | None, ...]
    area: str = ""
    level: str = ""
    usually: str = ""
    hurts: str = ""
    each: tuple[tuple[str, str], ...] = ()

    @property
    def worst(self) -> Verdict:
        """The worst of its verdicts."""
        return min((cell.verdict for cell in self.cells if cell), key=SEVERITY.index)

    @property
    def settled(self) -> bool:
        """Whether every provider meets it, or lacks what is optional."""
        return all(cell is None or cell.verdict in SETTLED for cell in self.cells)

    @property
    def differs(self) -> bool:
        """Whether the providers that were asked differ in it; who was not asked is no other than the rest."""
        return len({cell.told for cell in self.cells if cell}) > 1


def requirement_lines(columns: Sequence[Column], contract: Contract) -> tuple[Line, ...]:
    """A line for each requirement, area by area, the worst first."""
    found = [_by_requirement(column.run) for column in columns]
    lines = [
        _line(id_, contract, columns, [rows.get(id_, []) for rows in found])
        for id_ in dict.fromkeys(id_ for rows in found for id_ in rows)
    ]
    return tuple(sorted(lines, key=lambda line: (line.area, *_worst_first(line), line.id)))


def cause_lines(columns: Sequence[Column], contract: Contract) -> tuple[Line, ...]:
    """A line for each cause that any provider has, the worst first.

    The causes are worked out from the rows of each file: so they have one meaning for all of them, also for
    files of a suite that knew no causes.
    """
    rows = [_by_requirement(column.run) for column in columns]
    found = [{told.id: told for told in column.causes} for column in columns]
    ids = dict.fromkeys(id_ for causes in found for id_ in causes)
    weights = {id_: sum(len(causes[id_].cause.rows) for causes in found if id_ in causes) for id_ in ids}
    lines = [_cause_line(id_, contract, columns, found, rows) for id_ in ids]
    return tuple(sorted(lines, key=lambda line: (*_worst_first(line), -weights[line.id], line.id)))


def _by_requirement(run: Run) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in run.rows:
        found.setdefault(row.requirement, []).append(row)
    return found


def _line(id_: str, contract: Contract, columns: Sequence[Column], found: Sequence[Sequence[Row]]) -> Line:
    first = next(row for rows in found for row in rows)
    cells = tuple(
        _cell(rows, _into(column, id_)) if rows else None for column, rows in zip(columns, found, strict=True)
    )
    return Line(id_, _clause(id_, contract), cells, area_title(first), first.level.value)


def _clause(id_: str, contract: Contract) -> str:
    """Its sentence; empty where a user's own contract, which is not at hand, may word it otherwise."""
    known = catalogue().get(id_)
    return known.clause if known and (contract.shipped or not known.of_field) else ""


def _into(column: Column, anchor: str) -> str:
    return f"{column.href}#{quote(anchor)}" if column.href else ""


def _cell(rows: Sequence[Row], href: str) -> Cell:
    """The worst verdict and how many rows have it; of what asks nobody to do anything, a PASS says most."""
    verdicts = [row.verdict for row in rows]
    worst = min(verdicts, key=SEVERITY.index)
    shown = Verdict.PASS if worst in SETTLED and Verdict.PASS in verdicts else worst
    share = verdicts.count(shown)
    return Cell(shown, shown.value if share == len(rows) else f"{shown.value} {share}/{len(rows)}", href)


def _cause_line(
    id_: str,
    contract: Contract,
    columns: Sequence[Column],
    found: Sequence[Mapping[str, ToldCause]],
    rows: Sequence[Mapping[str, Sequence[Row]]],
) -> Line:
    told = [causes[id_] for causes in found if id_ in causes]
    own = dict.fromkeys(row.requirement for each in told for row in each.cause.own)
    cells = (
        _seen(column, causes[id_])
        if id_ in causes
        else _unseen(column, [row for name in own for row in asked.get(name, [])])
        for column, causes, asked in zip(columns, found, rows, strict=True)
    )
    return Line(
        id_,
        _clause(id_, contract) or ("" if id_ in own else id_.replace("-", " ").capitalize()),
        tuple(cells),
        usually=told[0].usually,
        hurts=in_words(list(dict.fromkeys(hurt.client.name for each in told for hurt in each.hurt))),
        each=tuple(_each(columns, found, id_)),
    )


def _seen(column: Column, told: ToldCause) -> Cell:
    return Cell(
        told.verdict, f"{told.verdict.value} {len(told.cause.rows)}", _into(column, anchor_of(told.id))
    )


def _unseen(column: Column, rows: Sequence[Row]) -> Cell | None:
    """A provider without it: it meets what the others break, breaks it in another way, or nobody knows."""
    asked = {row.check for row in rows if row.verdict in VIOLATED}
    other = next((told for told in column.causes if asked & {row.check for row in told.cause.rows}), None)
    if other is not None:
        return Cell(other.verdict, f"in {other.id}", _into(column, anchor_of(other.id)))
    if not rows:
        return None
    cell = _cell(rows, "")
    return Cell(cell.verdict, UNSEEN) if cell.verdict is Verdict.PASS else cell


def _each(
    columns: Sequence[Column], found: Sequence[Mapping[str, ToldCause]], id_: str
) -> Iterator[tuple[str, str]]:
    for column, causes in zip(columns, found, strict=True):
        if id_ in causes:
            told = causes[id_]
            yield column.label, told.cause.sentence or (told.kinds[0].line if told.kinds else told.line)


def _worst_first(line: Line) -> tuple[int, ...]:
    verdicts = [cell.verdict for cell in line.cells if cell]
    return tuple(-verdicts.count(verdict) for verdict in SEVERITY if verdict not in SETTLED)
