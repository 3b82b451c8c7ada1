"""`responses-conformance compare`: several providers' results beside each other, as HTML and as Markdown."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from conformance.contract.contracts import Contract
from conformance.contract.requirements import DERIVED, catalogue
from conformance.report import charts
from conformance.report.headline import Headline, area, headline
from conformance.report.markdown import cell
from conformance.report.page import date, environment, told
from conformance.report.text import encodable
from conformance.verdicts.verdict import SETTLED, SEVERITY, Row, Run, Verdict

"""A requirement that has no other verdict anywhere has nothing to compare."""


@dataclass(frozen=True, slots=True)
class Column:
    """One provider's run. `href` leads to its report, relative to the comparison."""

    label: str
    run: Run
    head: Headline
    href: str
    bar: Markup
    told: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What one provider made of one requirement: its worst verdict, and how many checks have it."""

    verdict: Verdict
    words: str
    href: str


@dataclass(frozen=True, slots=True)
class Line:
    """One requirement; a cell is None where the run has no verdict of it."""

    requirement: str
    area: str
    clause: str
    level: str
    cells: tuple[Cell | None, ...]

    @property
    def settled(self) -> bool:
        """Whether every provider passes it, or lacks what is optional."""
        return all(cell is None or cell.verdict in SETTLED for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Matrix:
    """The runs under one contract: only these can be held against each other."""

    contract: Contract
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    suites: tuple[str, ...]


def compare(runs: Sequence[tuple[Path, Run]], folder: Path) -> tuple[Matrix, ...]:
    """One matrix for each contract, worst rows first. `folder` is where the comparison will lie."""
    columns = _columns(runs, folder)
    by_name = {column.run.contract.name: column.run.contract for column in columns}
    names = sorted(by_name, key=lambda name: (not by_name[name].shipped, name))
    return tuple(
        _matrix(by_name[name], [column for column in columns if column.run.contract.name == name])
        for name in names
    )


def write(matrices: Sequence[Matrix], output: Path) -> tuple[Path, ...]:
    """Write `output`; beside an HTML file its twin in Markdown. Returns what was written."""
    output.parent.mkdir(parents=True, exist_ok=True)
    twin = output.with_suffix(".md")
    twin.write_text(markdown(matrices), encoding="utf-8")
    if output == twin:
        return (twin,)
    output.write_text(page(matrices), encoding="utf-8")
    return output, twin


def page(matrices: Sequence[Matrix]) -> str:
    """The comparison as one HTML file."""
    template = environment().get_template("compare.html")
    return encodable(template.render(matrices=matrices, notices=notices(matrices), date=date))


def markdown(matrices: Sequence[Matrix]) -> str:
    """The comparison as Markdown."""
    parts = ["# Comparison of providers", ""]
    parts += [f"> {cell(notice, 1000)}\n" for notice in notices(matrices)]
    for matrix in matrices:
        parts += [f"## Contract {matrix.contract.name}", "", *_markdown_heads(matrix), ""]
        open_lines = [line for line in matrix.lines if not line.settled]
        settled = len(matrix.lines) - len(open_lines)
        parts += _markdown_table(matrix, open_lines) if open_lines else []
        parts += ["", f"{settled} requirements are met or optional and absent everywhere.", ""]
    return "\n".join(parts).rstrip() + "\n"


def notices(matrices: Sequence[Matrix]) -> list[str]:
    """What must be known before verdicts are held against each other."""
    found = []
    if len(matrices) > 1:
        names = ", ".join(matrix.contract.name for matrix in matrices)
        found.append(
            f"The runs were judged against different contracts ({names}). "
            "Each has a table of its own: a verdict under one says nothing under another."
        )
    found += [
        f"Under {matrix.contract.name} the runs come from different versions of the suite "
        f"({', '.join(matrix.suites)}): a check may be missing from one, or judge more strictly."
        for matrix in matrices
        if len(matrix.suites) > 1
    ]
    return found


def _columns(runs: Sequence[tuple[Path, Run]], folder: Path) -> list[Column]:
    """Providers that share a name are told apart by their model, and where that is the same, by the file."""
    labels = _distinct([(run.provider, run.model, run.contract.name, str(file.parent)) for file, run in runs])
    return [
        Column(
            label,
            run,
            headline(run),
            _relative(file.parent / "index.html", folder),
            charts.bar(run.counts(), len(run.rows)),
            told(run.counts()),
        )
        for label, (file, run) in zip(labels, runs, strict=True)
    ]


def _distinct(names: Sequence[tuple[str, str, str, str]]) -> list[str]:
    labels = []
    for provider, model, contract, folder in names:
        rivals = [other for other in names if other[0] == provider and other[2] == contract]
        if len(rivals) == 1:
            labels.append(provider)
        elif len({other[1] for other in rivals}) == len(rivals):
            labels.append(f"{provider} ({model})")
        else:
            labels.append(f"{provider} ({folder})")
    return labels


def _relative(file: Path, folder: Path) -> str:
    try:
        path = os.path.relpath(file, folder)
    except ValueError:  # another drive
        return file.resolve().as_uri()
    return quote(Path(path).as_posix())


def _matrix(contract: Contract, columns: Sequence[Column]) -> Matrix:
    by_requirement: list[dict[str, list[Row]]] = []
    for column in columns:
        rows: dict[str, list[Row]] = {}
        for row in column.run.rows:
            rows.setdefault(row.requirement, []).append(row)
        by_requirement.append(rows)
    names = dict.fromkeys(name for rows in by_requirement for name in rows)
    lines = [
        _line(name, _clause(name, contract), columns, [rows.get(name, []) for rows in by_requirement])
        for name in names
    ]
    suites = tuple(sorted({column.run.suite for column in columns}))
    return Matrix(contract, tuple(columns), tuple(sorted(lines, key=_worst_first)), suites)


def _clause(requirement: str, contract: Contract) -> str:
    """Its sentence; empty where a user's own contract, which is not at hand, may word it otherwise."""
    known = catalogue().get(requirement)
    return known.clause if known and (contract.shipped or known.chapter != DERIVED) else ""


def _line(name: str, clause: str, columns: Sequence[Column], found: Sequence[Sequence[Row]]) -> Line:
    first = next(row for rows in found for row in rows)
    cells = tuple(
        _cell(rows, f"{column.href}#{quote(name)}") if rows else None
        for column, rows in zip(columns, found, strict=True)
    )
    return Line(name, area(first), clause, first.level.value, cells)


def _cell(rows: Sequence[Row], href: str) -> Cell:
    worst = min((row.verdict for row in rows), key=SEVERITY.index)
    share = sum(row.verdict is worst for row in rows)
    return Cell(worst, worst.value if share == len(rows) else f"{worst.value} {share}/{len(rows)}", href)


def _worst_first(line: Line) -> tuple[object, ...]:
    verdicts = [cell.verdict for cell in line.cells if cell is not None]
    return (
        *(-verdicts.count(verdict) for verdict in SEVERITY if verdict not in SETTLED),
        line.area,
        line.requirement,
    )


def _markdown_heads(matrix: Matrix) -> list[str]:
    lines = ["| provider | verdict | model | suite | date |", "| --- | --- | --- | --- | --- |"]
    for column in matrix.columns:
        run = column.run
        facts = " | ".join(map(cell, (column.head.words, run.model, run.suite, date(run.started_at))))
        lines.append(f"| [{cell(column.label)}]({column.href}) | {facts} |")
    return lines


def _markdown_table(matrix: Matrix, lines: Sequence[Line]) -> list[str]:
    heads = " | ".join(cell(column.label) for column in matrix.columns)
    table = [f"| requirement | level | {heads} |", "| --- | --- |" + " --- |" * len(matrix.columns)]
    for line in lines:
        cells = " | ".join(
            f"[{found.words}]({found.href})" if found else "not judged" for found in line.cells
        )
        table.append(f"| {cell(line.requirement)} | {line.level} | {cells} |")
    return table
