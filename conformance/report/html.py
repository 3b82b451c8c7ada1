"""`index.html`: what pytest-html's hooks are given, so that its page becomes the provider's report.

pytest-html builds its table with JavaScript from a JSON blob, and inserts every cell as HTML. So nothing
reaches a cell, the title or the environment table that has not gone through `attribute`. A row costs it some
1,100 bytes and a dozen elements, so it gets those only that stand nowhere else on the page.
"""

import platform
from importlib.metadata import version
from typing import Any

from conformance.report.model import Evidence
from conformance.report.page import render
from conformance.report.parts import Mask
from conformance.report.text import attribute, encodable, one_line
from conformance.verdicts.gate import check_id
from conformance.verdicts.verdict import Run

HEADERS = (
    '<th class="sortable" data-column-type="result">Outcome</th>',
    '<th class="sortable" data-column-type="testId">Test</th>',
    "<th>Took</th>",
)
"""pytest-html sorts by the HTML of a cell, filters by `result` and names rows by `testId`."""


def begin(report: Any, provider: str) -> None:
    """For `pytest_html_report_title(report)`: title, environment, and the order and folding of the table.

    The environment is the suite's own list: what pytest-metadata collects from the machine is inserted
    unescaped and is nothing that a vendor should read.
    """
    report.title = f"{one_line(encodable(provider))} · /v1/responses conformance"
    packages = {name: version(name) for name in ("pytest", "pytest-html", "httpx")}
    report.set_data("environment", {"Python": platform.python_version(), **packages})
    report.set_data("initialSort", "result")
    report.set_data("renderCollapsed", ["all"])


def table_header(cells: list[str]) -> None:
    """For `pytest_html_results_table_header(cells)`."""
    cells[:] = HEADERS


def table_row(report: Any, cells: list[str], *, of_check: bool) -> None:
    """For `pytest_html_results_table_row(report, cells)`: `of_check` where the report is that of a check.

    The page above the table has every verdict, and says what was left out. The table has the rest: tests that
    are no checks, and what failed beside a check, which is a fault of the suite.
    """
    if of_check or (report.passed and report.when != "call"):
        cells.clear()
        return
    outcome, duration = cells[0], cells[2]
    cells[:] = (outcome, f"<td class=col-testId>{attribute(check_id(report.nodeid))}</td>", duration)


def section(run: Run, evidence: Evidence, mask: Mask = bytes) -> str:
    """For `pytest_html_results_summary(prefix, summary, postfix)`: append it to `prefix`.

    The suite's own part of the page with its style and script: complete HTML that needs nothing from
    anywhere, and whose causes and verdicts read without JavaScript. `mask` takes secrets out of what the page
    carries compressed.
    """
    return render(run, evidence, mask)


__all__ = ["Evidence", "begin", "section", "table_header", "table_row"]
