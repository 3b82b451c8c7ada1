"""`index.html`: what pytest-html's hooks are given, so that its page becomes the provider's report.

pytest-html builds the table of all checks with JavaScript from a JSON blob, and inserts every cell as HTML.
So nothing reaches a cell, the title or the environment table that has not gone through `visible`.
"""

import platform
from importlib.metadata import version
from typing import Any

from markupsafe import escape

from conformance.report.headline import WORST_FIRST, area
from conformance.report.page import Evidence, render
from conformance.report.text import encodable, one_line, visible
from conformance.verdict import Row, Run, Verdict

HEADERS = (
    '<th class="sortable" data-column-type="result" hidden>Outcome</th>',
    '<th class="sortable" data-column-type="testId" hidden>Node id</th>',
    '<th class="sortable" data-column-type="verdict">Verdict</th>',
    '<th class="sortable" data-column-type="requirement">Requirement</th>',
    '<th class="sortable" data-column-type="level">Level</th>',
    '<th class="sortable" data-column-type="scenario">Scenario and check</th>',
    '<th class="sortable" data-column-type="duration">Judged in</th>',
)
"""pytest-html filters by `result` and names rows by `testId`, so both stay, out of sight."""


def begin(report: Any, provider: str) -> None:
    """For `pytest_html_report_title(report)`: title, environment, and the order and folding of the table.

    The environment is the suite's own list: what pytest-metadata collects from the machine is inserted
    unescaped and is nothing that a vendor should read.
    """
    report.title = f"{one_line(encodable(provider))} · /v1/responses conformance"
    packages = {name: version(name) for name in ("pytest", "pytest-html", "httpx")}
    report.set_data("environment", {"Python": platform.python_version(), **packages})
    report.set_data("initialSort", "verdict")
    report.set_data("renderCollapsed", ["all"])


def table_header(cells: list[str]) -> None:
    """For `pytest_html_results_table_header(cells)`."""
    cells[:] = HEADERS


def table_row(report: Any, cells: list[str], row: Row | None) -> None:
    """For `pytest_html_results_table_row(report, cells)`: `row` is the verdict that this report carries.

    A phase that brings no verdict of its own is left out, unless it failed: that is a fault of the suite.
    """
    if row is None and not report.failed:
        cells.clear()
        return
    outcome, duration = cells[0], cells[2]
    verdict = row.verdict if row else Verdict.ERROR
    node = visible(report.nodeid)
    cells[:] = (
        outcome.replace("<td ", "<td hidden ", 1),
        f'<td hidden class="col-testId">{node}</td>',
        f'<td class="col-verdict">{_verdict(verdict, row)}</td>',
        f'<td class="col-requirement">{_requirement(row)}</td>',
        f'<td class="col-level">{row.level.value if row else ""}</td>',
        f'<td class="col-scenario">{_scenario(row)}<span class="check">{node}</span></td>',
        duration,
    )


def table_details(data: list[str], row: Row | None) -> None:
    """For `pytest_html_results_table_html(report, data)`: a row's evidence stands above the table, once."""
    if row is not None:
        data.clear()


def section(run: Run, evidence: Evidence) -> str:
    """For `pytest_html_results_summary(prefix, summary, postfix)`: append it to `prefix`.

    The suite's own part of the page with its style and script: complete HTML that needs nothing from
    anywhere, and that reads without JavaScript.
    """
    return render(run, evidence)


def _verdict(verdict: Verdict, row: Row | None) -> str:
    rank = WORST_FIRST.index(verdict)
    level = row.level.value if row else ""
    return (
        f'<span data-rank="{rank}" data-verdict="{verdict.value}" data-level="{level}" '
        f'data-area="{escape(area(row)) if row else ""}" class="v v-{verdict.value}">{verdict.value}</span>'
    )


def _requirement(row: Row | None) -> str:
    if row is None:
        return ""
    return f'<a href="#{escape(row.requirement)}">{visible(row.requirement)}</a>'


def _scenario(row: Row | None) -> str:
    if row is None:
        return ""
    notes = "".join(f'<span class="note">{visible(note, 300)}</span>' for note in row.notes[:3])
    reason = f'<span class="note">{visible(row.reason, 300)}</span>' if row.reason else ""
    return f'<span class="scenario">{visible(row.scenario)}</span>{reason}{notes}'


__all__ = ["Evidence", "begin", "section", "table_details", "table_header", "table_row"]
