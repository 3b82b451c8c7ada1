"""The pytest plugin: options and hooks. The only module that knows pytest's hooks.

Selected checks -> the scenarios they name -> each performed once -> checks judge the exchanges -> rows ->
reports. pytest owns a check's outcome; its row rides on the test report. The reports of checks are held
back until the last one is judged, because only then it shows whether a known failure is stale.
"""

import os
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol  # pytest has no public way to judge now and report later

from conformance.commands.explain import explain
from conformance.exchange import file_name
from conformance.gate import INTERNAL, INTERRUPTED, USAGE
from conformance.options import OPTIONS, attribute
from conformance.outcome import outcome
from conformance.plan import plan_lines
from conformance.profile import ProfileError
from conformance.report import html
from conformance.report.terminal import closing_lines
from conformance.requirements import Requirement, catalogue
from conformance.resources import CHECKS
from conformance.scenario import Scenario, Unsent
from conformance.settings import Settings, SettingsError
from conformance.suite import Suite
from conformance.verdict import Row, Verdict
from conformance.wire.prefetch import closure
from conformance.wire.recording import FOLDER, RecordingError

MARKS = (
    "covers(requirement): the requirement that a check judges",
    "on(*scenarios): the scenarios whose exchanges a check judges, one row for each",
    "needs(*scenarios): further scenarios that a check reads",
    "smoke: the check belongs to the short plan",
)


@dataclass
class State:
    """What the plugin knows of the session; `held` are judged checks whose reports are still to come."""

    suite: Suite
    repetition: int = 0
    collected: list[str] = field(default_factory=list)
    held: list["Held"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Held:
    """A judged check: its rows, one for each repetition, and the reports of the last."""

    item: pytest.Item
    rows: tuple[Row, ...]
    reports: list[pytest.TestReport]


STATE = pytest.StashKey[State]()
ROW = pytest.StashKey[Row]()
NOTES = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the suite's options; another plugin may have declared `--base-url` already."""
    group = parser.getgroup("conformance", "conformance of a POST /v1/responses endpoint")
    for name, settings in OPTIONS.items():
        try:
            group.addoption(name, **settings)
        except ValueError:
            if name != "--base-url":
                raise


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Answer `--explain` without a run."""
    return None if config.option.explain is None else explain(config.option.explain)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Resolve the settings, before the reports of pytest and pytest-html look at their paths."""
    for line in MARKS:
        config.addinivalue_line("markers", line)
    option = config.option
    if option.help or option.version or not _selects_checks(config):
        return
    options = {attribute(name): getattr(option, attribute(name)) for name in OPTIONS}
    try:
        suite = Suite(Settings.resolve(options, config.invocation_params.dir), os.environ)
        if not (option.dry_run or option.collectonly):
            suite.prepare()
    except (SettingsError, ProfileError) as error:
        raise pytest.UsageError(str(error)) from None
    except (RecordingError, OSError) as error:
        raise pytest.UsageError(f"{error}: name another folder with --report-dir") from None
    config.stash[STATE] = State(suite)
    _configure_reports(config, suite)


def _selects_checks(config: pytest.Config) -> bool:
    """Whether any argument names the checks, one of them, or a folder around them."""
    for argument in config.args:
        path = (config.invocation_params.dir / argument.partition("::")[0]).resolve()
        if path == CHECKS or CHECKS in path.parents or path in CHECKS.parents:
            return True
    return False


def _configure_reports(config: pytest.Config, suite: Suite) -> None:
    option = config.option
    if not (option.dry_run or option.collectonly):
        option.htmlpath = getattr(option, "htmlpath", None) or str(suite.report)  # `-p no:html` is allowed
        option.self_contained_html = True
        option.xmlpath = option.xmlpath or str(suite.settings.report_dir / "junit.xml")
    # The closing lines tell violations in words; pytest's own sections would tell each of them again.
    option.tbstyle = "no" if option.tbstyle == "auto" else option.tbstyle
    option.reportchars = "" if option.reportchars == "fE" else option.reportchars
    option.keyword = option.keyword.replace("=", ":")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One row for each scenario that a check is marked with."""
    mark = next(metafunc.definition.iter_markers("on"), None)
    if mark is not None:
        metafunc.parametrize("scenario", [pytest.param(scenario, id=scenario.name) for scenario in mark.args])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Note what there is before anything is deselected, and make ids selectable with `-k` and `-m smoke`."""
    state = config.stash.get(STATE, None)
    if state is None:
        return
    for item in filter(requirement_id, items):
        if requirement_id(item) not in catalogue():
            raise pytest.UsageError(
                f"{item.nodeid}: the catalogue has no requirement {requirement_id(item)!r}"
            )
        state.collected.append(requirement_id(item))
        item.extra_keyword_matches.add(item.name.replace("=", ":"))
        if all(scenario.smoke for scenario in closure(scenarios_of(item)).values()):
            item.add_marker("smoke")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Print the plan instead of running it, where that was asked for."""
    state = session.config.stash.get(STATE, None)
    if state is None or not state.suite.settings.dry_run or session.config.option.collectonly:
        return None
    config, settings = session.config, state.suite.settings
    lines = plan_lines(
        plan_of(session),
        state.suite.setting,
        prices=settings.profile.prices,
        repeat=settings.repeat,
        each=config.get_verbosity() > 0,
    )
    config.add_cleanup(partial(say, config, "\n".join(lines)))  # behind pytest's own last line
    return True


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Judge a check, and hold its report back."""
    state = item.config.stash.get(STATE, None)
    if state is None or not requirement_id(item):
        return None
    rows = []
    repetitions = state.suite.settings.repeat
    for state.repetition in range(repetitions):
        last = state.repetition == repetitions - 1
        reports = runtestprotocol(item, log=False, nextitem=nextitem if last else item)
        rows.append(item.stash[ROW])
    state.held.append(Held(item, tuple(rows), reports))
    if nextitem is None:
        _report_held(item.session)
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn how a check ended into its row."""
    report = yield
    state = item.config.stash.get(STATE, None)
    covered = requirement_id(item)
    if state is not None and covered and (report.when == "call" or report.outcome != "passed"):
        error = call.excinfo.value if call.excinfo else None
        requirement = catalogue()[covered]
        item.stash[ROW] = _row(item, state, requirement, error, report)
        setattr(report, CARRIED, True)
    return report


CARRIED, ROW_OF = "carries_row", "row"
"""Attributes of the test report of a check: that its row rides on it, and the row as it counts."""


def _row(
    item: pytest.Item,
    state: State,
    requirement: Requirement,
    error: BaseException | None,
    report: pytest.TestReport,
) -> Row:
    contract = state.suite.settings.profile.contract
    notes: list[str] = item.stash.get(NOTES, [])
    judged = outcome(error, requirement, contract, tuple(notes))
    shown_by = next((finding.scenario for finding in judged.findings if finding.scenario), "")
    scenario = shown_by or next((named.name for named in scenarios_of(item)), "")
    return Row(
        check=item.nodeid,
        requirement=requirement.id,
        level=requirement.level(contract),
        verdict=judged.verdict,
        scenario=scenario,
        exchange=f"{FOLDER}/{file_name(scenario)}" if _performed(state, scenario) else "",
        reason=judged.reason,
        findings=judged.findings,
        notes=judged.notes,
        traceback=report.longreprtext if judged.suite_fault else "",
        duration=report.duration,
    )


def _performed(state: State, scenario: str) -> bool:
    records = state.suite.records
    return bool(records) and not isinstance(records[0].outcomes.get(scenario), Unsent | None)


def _report_held(session: pytest.Session, stopped: int | None = None) -> None:
    """Let the gate have its say over all rows, then report the checks in the order they were judged."""
    state = session.config.stash[STATE]
    held, state.held = state.held, []
    names = [requirement_id(entry.item) for entry in held]
    left_out = {name for name in set(state.collected) if state.collected.count(name) > names.count(name)}
    rows = state.suite.judged(
        list(zip(*(entry.rows for entry in held), strict=True)),
        complete=_collected_all(session) and len(names) == len(state.collected),
        partial=frozenset(left_out if _collected_all(session) else catalogue()),
        stopped=stopped,
    )
    for entry, row in zip(held, rows, strict=False):
        _log(entry, row)


def _log(entry: Held, row: Row) -> None:
    item = entry.item
    properties: list[tuple[str, object]] = [
        (name, str(value)) for name, value in _properties(row).items() if value
    ]
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for report in entry.reports:
        report.user_properties = properties
        if hasattr(report, CARRIED):
            _show(report, row, item)
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)


def _show(report: pytest.TestReport, row: Row, item: pytest.Item) -> None:
    """Word a row as pytest's outcome, so that terminal, JUnit and pytest-html agree with it."""
    setattr(report, ROW_OF, row)
    words = row.reason or catalogue()[row.requirement].clause
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
        case Verdict.SKIP | Verdict.INCONCLUSIVE:
            path, line, _ = item.location
            report.outcome, report.longrepr = "skipped", (path, (line or 0) + 1, f"{row.verdict}: {words}")


def _properties(row: Row) -> Mapping[str, object]:
    first = row.findings[0] if row.findings else None
    return {
        "requirement": row.requirement,
        "level": row.level,
        "verdict": row.verdict,
        "scenario": row.scenario,
        "exchange": row.exchange,
        "expected": first and first.expected,
        "actual": first and first.actual,
        "where": first and first.where,
    }


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, Any] | None:
    """Show verdicts by their own names; pytest's categories, and so its counts, stay."""
    row = getattr(report, ROW_OF, None)
    return STATUS.get(row.verdict) if row else None


STATUS: Mapping[Verdict, tuple[str, str, Any]] = {
    Verdict.WARN: ("xfailed", "w", ("WARN", {"yellow": True})),
    Verdict.KNOWN: ("xfailed", "k", ("KNOWN", {"yellow": True})),
    Verdict.FAIL: ("failed", "F", ("FAIL", {"red": True})),
    Verdict.STALE: ("failed", "S", ("STALE", {"red": True})),
    Verdict.ERROR: ("error", "E", ("ERROR", {"red": True})),
    Verdict.INCONCLUSIVE: ("skipped", "i", ("INCONCLUSIVE", {"yellow": True})),
}


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, object, object]:
    """Write the run before pytest-html asks for it, sweep once everything is written, set the exit code."""
    state = session.config.stash.get(STATE, None)
    if state is None or state.suite.settings.dry_run or session.config.option.collectonly:
        return (yield)
    if session.exitstatus == USAGE:
        return (yield)
    stopped = int(session.exitstatus) if session.exitstatus in {INTERRUPTED, INTERNAL} else None
    others_failed = session.testsfailed > 0 and not state.collected
    failed = _written(session, state, stopped)
    try:
        result = yield
        option = session.config.option
        for file in state.suite.sweep(Path(option.xmlpath), Path(option.htmlpath)):
            say(session.config, f"a secret had got into {file}: it was masked there; please report this")
    except OSError as error:
        result, failed = None, failed or error
    if failed is not None:
        say(session.config, f"the reports cannot be written: {failed}; what is there already is whole")
        session.exitstatus = INTERNAL
    elif stopped is None and state.suite.run is not None and not others_failed:
        session.exitstatus = state.suite.run.exit_code
    return result


def _written(session: pytest.Session, state: State, stopped: int | None) -> OSError | None:
    """Judge what is still held, and write the run; gives what went wrong with the disk."""
    if state.suite.run is None:
        _report_held(session, stopped)
    try:
        state.suite.write()
    except OSError as error:
        return error
    return None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None]:
    """End with counts, the first violations in words, and the report's path."""
    yield
    state = terminalreporter.config.stash.get(STATE, None)
    if state is not None and state.suite.run is not None:
        terminalreporter.section("conformance")
        for line in closing_lines(state.suite.run, state.suite.report):
            terminalreporter.write_line(line)


def say(config: pytest.Config, line: str) -> None:
    config.get_terminal_writer().line(line)


@pytest.hookimpl(optionalhook=True)
def pytest_html_report_title(report: Any) -> None:
    """Name the page after the provider."""
    html.begin(report, report._config.stash[STATE].suite.settings.profile.name)


@pytest.hookimpl(optionalhook=True)
def pytest_html_results_table_header(cells: list[str]) -> None:
    """Give the table of all checks the suite's own columns."""
    html.table_header(cells)


@pytest.hookimpl(optionalhook=True)
def pytest_html_results_table_row(report: pytest.TestReport, cells: list[str]) -> None:
    """Show a report's row."""
    html.table_row(report, cells, getattr(report, ROW_OF, None))


@pytest.hookimpl(optionalhook=True)
def pytest_html_results_table_html(report: pytest.TestReport, data: list[str]) -> None:
    """Leave out what stands above the table already."""
    html.table_details(data, getattr(report, ROW_OF, None))


@pytest.hookimpl(optionalhook=True)
def pytest_html_results_summary(prefix: list[str], session: pytest.Session) -> None:
    """Put the suite's own section above the table."""
    state = session.config.stash.get(STATE, None)
    if state is not None and state.suite.run is not None:
        prefix.append(html.section(state.suite.run, state.suite.evidence()))


def requirement_id(item: pytest.Item) -> str:
    mark = item.get_closest_marker("covers")
    return str(mark.args[0]) if mark else ""


def scenarios_of(item: pytest.Item) -> list[Scenario]:
    """The scenarios whose exchanges a check reads, the one that it judges first."""
    parameters = getattr(item, "callspec", None)
    if parameters is not None and "scenario" in parameters.params:
        judged = [parameters.params["scenario"]]
    else:
        judged = [scenario for mark in item.iter_markers("on") for scenario in mark.args]
    return [*judged, *(scenario for mark in item.iter_markers("needs") for scenario in mark.args)]


def plan_of(session: pytest.Session) -> dict[str, Scenario]:
    return closure(scenario for item in session.items for scenario in scenarios_of(item))


def _collected_all(session: pytest.Session) -> bool:
    """Whether the arguments name all checks, not some of them."""
    folder = session.config.invocation_params.dir
    return any((folder / argument).resolve() in {CHECKS, *CHECKS.parents} for argument in session.config.args)
