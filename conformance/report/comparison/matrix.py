"""The runs under one contract beside each other, and what must be known before they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from conformance.contract.contracts import Contract
from conformance.report.comparison.columns import Column, columns_of
from conformance.report.comparison.facts import Fact, facts, hurt, ran
from conformance.report.comparison.lines import Line, cause_lines, requirement_lines
from conformance.verdicts.verdict import Run


@dataclass(frozen=True, slots=True)
class Matrix:
    """The runs under one contract: only these can be held against each other."""

    contract: Contract
    columns: tuple[Column, ...]
    facts: tuple[Fact, ...]
    hurt: tuple[Fact, ...]
    ran: tuple[Fact, ...]
    causes: tuple[Line, ...]
    lines: tuple[Line, ...]
    suites: tuple[str, ...]

    @property
    def areas(self) -> list[tuple[str, list[Line]]]:
        """The requirements by the part of the contract that they stand in."""
        return [(name, list(lines)) for name, lines in groupby(self.lines, lambda line: line.area)]


def compare(runs: Sequence[tuple[Path, Run]], folder: Path) -> tuple[Matrix, ...]:
    """One matrix for each contract. `folder` is where the comparison will lie."""
    columns = columns_of(runs, folder)
    by_name = {column.run.contract.name: column.run.contract for column in columns}
    names = sorted(by_name, key=lambda name: (not by_name[name].shipped, name))
    return tuple(
        _matrix(by_name[name], [column for column in columns if column.run.contract.name == name])
        for name in names
    )


def notices(matrices: Sequence[Matrix]) -> list[str]:
    """What must be known before verdicts are held against each other."""
    found = []
    if len(matrices) > 1:
        names = ", ".join(matrix.contract.name for matrix in matrices)
        found.append(
            f"The runs were judged against different contracts ({names}). "
            "Each has tables of its own: a verdict under one says nothing under another."
        )
    found += [
        f"Under {matrix.contract.name} the runs come from different versions of the suite "
        f"({', '.join(matrix.suites)}): a check may be missing from one, or judge more strictly."
        for matrix in matrices
        if len(matrix.suites) > 1
    ]
    found += [
        f"The run of {column.label} is partial: {column.run.partial} checks were made. "
        "What is not met may stand among the others."
        for matrix in matrices
        for column in matrix.columns
        if column.run.partial
    ]
    return found


def _matrix(contract: Contract, columns: Sequence[Column]) -> Matrix:
    runs = [column.run for column in columns]
    causes = [column.causes for column in columns]
    return Matrix(
        contract,
        tuple(columns),
        facts=facts(runs),
        hurt=hurt(causes),
        ran=ran(runs),
        causes=cause_lines(columns, contract),
        lines=requirement_lines(columns, contract),
        suites=tuple(sorted({run.suite for run in runs})),
    )
