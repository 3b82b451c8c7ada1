"""What real clients made of a provider: a table for a terminal and a page, and data for programs."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Any

from conformance.report.causes import ToldCause
from conformance.verdicts.clients import Cell, ClientRun
from conformance.verdicts.verdict import Verdict

LOOKS: Mapping[str, Verdict] = MappingProxyType(
    {
        "ok": Verdict.PASS,
        "wrong": Verdict.FAIL,
        "exception": Verdict.FAIL,
        "hang": Verdict.FAIL,
        "not run": Verdict.SKIP,
    }
)
"""The verdict in whose colour the page shows a word. It is no verdict: clients have no say in one."""


def lines(runs: Sequence[ClientRun]) -> Iterator[str]:
    """Job by client, then each cell that is not ok with what is wrong."""
    ran = [run for run in runs if run.who is not None]
    if ran:
        yield from _table(ran)
    for run in ran:
        yield f"{run.client}: {version(run)}"
        yield from (f"  {sentence(cell)}" for cell in run.cells if cell.hurt)
        left_out = (cell for cell in run.cells if cell.word == "not run")
        for why, cells in groupby(sorted(left_out, key=lambda cell: cell.says), lambda cell: cell.says):
            yield f"  {', '.join(cell.job for cell in cells)}: not run, {why}"
    for run in runs:
        if run.who is None:
            yield f"{run.client}: not run, {_why_not(run)}"


def version(run: ClientRun) -> str:
    """What was run; why nothing was, where nothing was."""
    who = run.who
    return f"{who.package} {who.version}, {who.runtime}" if who else f"not run, {_why_not(run)}"


def sentence(cell: Cell) -> str:
    """A cell in words."""
    raised = f" {cell.exception}" if cell.exception and cell.word == "exception" else ""
    seen = f" [{', '.join(cell.exchanges)}]" if cell.exchanges else ""
    return f"{cell.job}: {cell.word}{raised}: {cell.says}{seen}"


def explaining(cell: Cell, causes: Sequence[ToldCause]) -> ToldCause | None:
    """The first cause that is known to break this client, and was seen in what the client was given."""
    given = set(cell.exchanges)
    for told in causes:
        shown = {name for row in told.cause.rows for name in row.shown_by}
        if given & shown and any(hurt.client.id == cell.client for hurt in told.hurt):
            return told
    return None


def jobs(runs: Sequence[ClientRun]) -> list[str]:
    """Every job that a client was to do, in order."""
    return list(dict.fromkeys(cell.job for run in runs for cell in run.cells))


def to_json(runs: Sequence[ClientRun]) -> list[dict[str, Any]]:
    """The runs as plain JSON values."""
    return [
        {
            "client": run.client,
            "package": run.who.package if run.who else "",
            "version": run.who.version if run.who else "",
            "runtime": run.who.runtime if run.who else "",
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


def merged(before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What is known after some clients did some jobs anew: what they did not do stays as it was."""
    found = {str(each["client"]): dict(each) for each in before}
    for each in now:
        earlier = found.get(str(each["client"]), {}) if each["version"] else {}
        jobs = {job["job"]: job for job in (*earlier.get("jobs", ()), *each["jobs"])}
        found[str(each["client"])] = {**each, "jobs": list(jobs.values())}
    return list(found.values())


def _table(runs: Sequence[ClientRun]) -> Iterator[str]:
    words = [{cell.job: cell.word for cell in run.cells} for run in runs]
    rows = [["", *(run.client for run in runs)], *([job, *(w[job] for w in words)] for job in jobs(runs))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(wide) for cell, wide in zip(row, widths, strict=True)).rstrip()


def _why_not(run: ClientRun) -> str:
    return run.why or next((cell.says for cell in run.cells), "there was nothing to do")
