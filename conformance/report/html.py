"""`index.html`: what pytest-html's hooks are given, so that its page becomes the provider's report.

pytest-html builds the table of all checks with JavaScript from a JSON blob, and inserts every cell as HTML.
So nothing reaches a cell, the title or the environment table that has not gone through `visible`.
"""

import platform
import re
from importlib.metadata import version
from typing import Any

from conformance.report.headline import SIGN
from conformance.report.model import Evidence
from conformance.report.page import render
from conformance.report.text import attribute, encodable, one_line, visible
from conformance.verdicts.gate import check_id
from conformance.verdicts.verdict import SEVERITY, Row, Run, Verdict

HEADERS = (
    '<th class="sortable" data-column-type="result" hidden>Outcome</th>',
    '<th class="sortable" data-column-type="verdict">Verdict</th>',
    '<th class="sortable" data-column-type="requirement">Requirement</th>',
    "<th>Level</th>",
    "<th>Scenario</th>",
    '<th class="sortable" data-column-type="testId">Check</th>',
    "<th>Judged in</th>",
)
"""pytest-html sorts by the HTML of a cell, filters by `result` and names rows by `testId`.

It stores a row twice over, each quote as six characters: cells are worded sparingly, and sorted sparingly.
"""

_SAFE = re.compile(r"[\w.-]+", re.ASCII)


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
    check = check_id(row.check if row else report.nodeid)
    cells[:] = (
        outcome.replace('<td class="col-result"', "<td hidden class=col-result", 1),
        f"<td class=col-verdict>{_verdict(row)}</td>",
        f"<td class=col-requirement>{_requirement(row)}</td>",
        f"<td class=col-level>{row.level.value if row else ''}</td>",
        f"<td class=col-scenario>{attribute(row.scenario, 120) if row else ''}</td>",
        f"<td class=col-testId>{attribute(check)}</td>",
        duration.replace('class="col-duration"', "class=col-duration", 1),
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


def _verdict(row: Row | None) -> str:
    """The rank comes first, because it is what the column is sorted by."""
    verdict = row.verdict if row else Verdict.ERROR
    rank = SEVERITY.index(verdict)
    return f"<b data-rank={rank} class=v-{verdict.value}>{SIGN[verdict]} {verdict.value}</b>"


def _requirement(row: Row | None) -> str:
    if row is None:
        return ""
    id_ = row.requirement
    return f"<a href=#{id_}>{id_}</a>" if _SAFE.fullmatch(id_) else str(visible(id_, 120))


__all__ = ["Evidence", "begin", "section", "table_details", "table_header", "table_row"]
