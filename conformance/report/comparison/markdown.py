"""The comparison as Markdown: the same tables, without what every provider meets."""

from collections.abc import Iterator, Sequence

from conformance.report.comparison.columns import Column
from conformance.report.comparison.facts import Fact, Said
from conformance.report.comparison.lines import Cell, Line
from conformance.report.comparison.matrix import Matrix, notices
from conformance.report.markdown import cell
from conformance.report.page import date

UNKNOWN = "not judged"


def markdown(matrices: Sequence[Matrix]) -> str:
    """The comparison as Markdown."""
    parts = ["# Comparison of providers", ""]
    parts += [f"> {cell(notice, 1000)}\n" for notice in notices(matrices)]
    for matrix in matrices:
        parts += [*_matrix(matrix), ""]
    return "\n".join(parts).rstrip() + "\n"


def _matrix(matrix: Matrix) -> Iterator[str]:
    yield from (f"## Contract {matrix.contract.name}", "")
    yield from (*_runs(matrix.columns), "")
    yield from (*_facts(matrix), "")
    if matrix.causes:
        yield from ("### Causes", "", "The number is that of the checks that a cause explains.", "")
        yield from (*_lines("cause", matrix.columns, matrix.causes), "")
    yield from ("### Requirements", "")
    for name, lines in matrix.areas:
        if broken := [line for line in lines if not line.settled]:
            yield from (f"#### {cell(name)}", "", *_lines("requirement", matrix.columns, broken), "")
    settled = sum(line.settled for line in matrix.lines)
    yield f"{settled} requirements are met or optional and absent everywhere."


def _runs(columns: Sequence[Column]) -> Iterator[str]:
    yield "| provider | verdict | model | suite | date |"
    yield "| --- | --- | --- | --- | --- |"
    for column in columns:
        run = column.run
        told = " | ".join(map(cell, (column.head.words, run.model, run.suite, date(run.started_at))))
        yield f"| {_link(cell(column.label), column.href)} | {told} |"


def _facts(matrix: Matrix) -> Iterator[str]:
    yield from _head("", matrix.columns)
    for fact in matrix.facts:
        yield _fact(fact.name, fact)
    for fact in matrix.hurt:
        yield _fact(f"breaks {fact.name}", fact)
    for fact in matrix.ran:
        yield _fact(f"{fact.name} was run", fact)


def _fact(name: str, fact: Fact) -> str:
    return f"| {cell(name)} | {' | '.join(map(_said, fact.said))} |"


def _said(said: Said | None) -> str:
    if said is None:
        return "unknown"
    return cell("; ".join(filter(None, (said.words, said.remark))))


def _lines(what: str, columns: Sequence[Column], lines: Sequence[Line]) -> Iterator[str]:
    yield from _head(what, columns)
    for line in lines:
        title = f": {cell(line.title)}" if line.title else ""
        level = f" {line.level}" if line.level else ""
        hurts = f" (breaks {cell(line.hurts)})" if line.hurts else ""
        cells = " | ".join(map(_cell, line.cells))
        yield f"| **{cell(line.id)}**{level}{title}{hurts} | {cells} |"


def _head(what: str, columns: Sequence[Column]) -> Iterator[str]:
    names = (f"{cell(column.label)}{' (partial)' if column.run.partial else ''}" for column in columns)
    yield f"| {what} | {' | '.join(names)} |"
    yield f"| --- |{' --- |' * len(columns)}"


def _cell(found: Cell | None) -> str:
    return _link(cell(found.words), found.href) if found else UNKNOWN


def _link(words: str, href: str) -> str:
    return f"[{words}]({href})" if href else words
