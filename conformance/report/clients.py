"""The cells in words: a table for a terminal, and data for programs."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from conformance.verdicts.clients import Cell, ClientRun


def lines(runs: Sequence[ClientRun]) -> Iterator[str]:
    """Job by client, then each cell that is not ok with what is wrong."""
    ran = [run for run in runs if run.who is not None]
    if ran:
        yield from _table(ran)
        yield ""
    for run in ran:
        assert run.who is not None
        yield f"{run.client}: {run.who.package} {run.who.version}, {run.who.runtime}"
        yield from (f"  {_sentence(cell)}" for cell in run.cells if cell.hurt)
        left_out = (cell for cell in run.cells if cell.word == "not run")
        for why, cells in groupby(sorted(left_out, key=lambda cell: cell.says), lambda cell: cell.says):
            yield f"  {', '.join(cell.job for cell in cells)}: not run, {why}"
    for run in runs:
        if run.who is None:
            yield f"{run.client}: not run, {run.why or run.cells[0].says}"


def to_json(runs: Sequence[ClientRun]) -> list[dict[str, Any]]:
    """The runs as plain JSON values."""
    return [
        {
            "client": run.client,
            "package": run.who.package if run.who else None,
            "version": run.who.version if run.who else None,
            "runtime": run.who.runtime if run.who else None,
            "jobs": [
                {
                    "job": cell.job,
                    "outcome": cell.word,
                    "says": cell.says,
                    "exception": cell.exception,
                    "exchanges": list(cell.exchanges),
                }
                for cell in run.cells
            ],
        }
        for run in runs
    ]


def _table(runs: Sequence[ClientRun]) -> Iterator[str]:
    names = [cell.job for cell in runs[0].cells]
    words = [{cell.job: cell.word for cell in run.cells} for run in runs]
    rows = [["", *(run.client for run in runs)], *([name, *(w[name] for w in words)] for name in names)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(wide) for cell, wide in zip(row, widths, strict=True)).rstrip()


def _sentence(cell: Cell) -> str:
    raised = f" {cell.exception}" if cell.exception and cell.word == "exception" else ""
    seen = f" [{', '.join(cell.exchanges)}]" if cell.exchanges else ""
    return f"{cell.job}: {cell.word}{raised}: {cell.says}{seen}"
