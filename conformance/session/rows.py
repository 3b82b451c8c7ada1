"""The row of a check, and how pytest is told of it, so that terminal, JUnit and pytest-html agree."""

from collections.abc import Mapping
from typing import Any

import pytest

from conformance.contract.contracts import Contract
from conformance.contract.requirements import catalogue
from conformance.exchange import RECORDINGS, file_name
from conformance.run.record import Looked
from conformance.scenarios.scenario import Unsent
from conformance.session.state import LOOKED, NOTES, State, requirement_id, scenarios_of
from conformance.verdicts.judge import Elsewhere
from conformance.verdicts.outcome import outcome
from conformance.verdicts.verdict import Row, Verdict

Location = tuple[str, int | None, str]
"""Where a test stands, as pytest's reports have it: file, line from 0, name."""

ROW_OF = "row"
"""The attribute of a check's test report that carries its row."""


def row_of(item: pytest.Item, state: State, call: pytest.CallInfo[None], report: pytest.TestReport) -> Row:
    """The row of a check that has just ended."""
    requirement = catalogue(state.contract)[requirement_id(item)]
    notes: list[str] = item.stash.get(NOTES, [])
    error = call.excinfo.value if call.excinfo else None
    judged = outcome(error, requirement, state.contract, tuple(notes))
    shown_by = next((finding.scenario for finding in judged.findings if finding.scenario), "")
    scenario = shown_by or next((named.name for named in scenarios_of(item)), "")
    looked = item.stash[LOOKED].looked if LOOKED in item.stash else None
    return Row(
        check=item.nodeid,
        requirement=requirement.id,
        level=judged.level,
        verdict=judged.verdict,
        scenario=scenario,
        exchange=f"{RECORDINGS}/{file_name(scenario)}" if _performed(state, scenario) else "",
        reason=judged.reason,
        findings=judged.findings,
        notes=judged.notes,
        judged=len(looked.at) if looked else 0,
        whole=_whole(error, looked, state),
        shown_by=() if judged.verdict is Verdict.PASS else judged.shown_by or (scenario,),
        traceback=report.longreprtext if judged.suite_fault else "",
        duration=report.duration,
    )


def _whole(error: BaseException | None, looked: Looked | None, state: State) -> bool:
    """Whether a row rests on all that it can: what a fault named elsewhere hid was not looked at."""
    return not isinstance(error, Elsewhere) and (looked is None or not looked.around or state.saw_everything)


def _performed(state: State, scenario: str) -> bool:
    records = state.suite.records
    return bool(records) and not isinstance(records[0].outcomes.get(scenario), Unsent | None)


def show(report: pytest.TestReport, row: Row, location: Location, contract: Contract) -> None:
    """Word a row as pytest's outcome, so that terminal, JUnit and pytest-html agree with it."""
    setattr(report, ROW_OF, row)
    words = row.reason or "; ".join(row.notes) or catalogue(contract)[row.requirement].clause
    match row.verdict:
        case Verdict.PASS:
            report.outcome, report.longrepr = "passed", None
        case Verdict.FAIL | Verdict.STALE:
            report.outcome, report.longrepr = "failed", words
        case Verdict.ERROR:
            # Only what fails outside the call is an error to pytest.
            report.outcome, report.when, report.longrepr = "failed", "setup", row.traceback or words
        case Verdict.WARN | Verdict.KNOWN:
            report.outcome, report.longrepr = "skipped", words
            report.wasxfail = f"verdict={row.verdict}: {words}"
        case Verdict.SKIP | Verdict.INCONCLUSIVE | Verdict.NOTE:
            # What could not have failed did not pass: to pytest and JUnit an observation is skipped.
            path, line, _ = location
            report.outcome, report.longrepr = "skipped", (path, (line or 0) + 1, f"{row.verdict}: {words}")


def show_left_out(report: pytest.TestReport, why: str, location: Location) -> None:
    """Tell pytest of a check that is not made: it has no row in the run, as if it had not been selected."""
    setattr(report, ROW_OF, None)
    path, line, _ = location
    report.outcome, report.longrepr = "skipped", (path, (line or 0) + 1, f"left out: {why}")


def properties(row: Row) -> list[tuple[str, object]]:
    """What JUnit is told of a row."""
    first = row.findings[0] if row.findings else None
    values = {
        "requirement": row.requirement,
        "level": row.level,
        "verdict": row.verdict,
        "scenario": row.scenario,
        "exchange": row.exchange,
        "expected": first and first.expected,
        "actual": first and first.actual,
        "where": first and first.where,
    }
    return [(name, str(value)) for name, value in values.items() if value]


STATUS: Mapping[Verdict, tuple[str, str, Any]] = {
    Verdict.WARN: ("xfailed", "w", ("WARN", {"yellow": True})),
    Verdict.KNOWN: ("xfailed", "k", ("KNOWN", {"yellow": True})),
    Verdict.FAIL: ("failed", "F", ("FAIL", {"red": True})),
    Verdict.STALE: ("failed", "S", ("STALE", {"red": True})),
    Verdict.ERROR: ("error", "E", ("ERROR", {"red": True})),
    Verdict.NOTE: ("noted", "n", ("NOTE", {"blue": True})),
    Verdict.INCONCLUSIVE: ("skipped", "i", ("INCONCLUSIVE", {"yellow": True})),
}
"""pytest's category, letter and word for each verdict that has a name of its own."""
