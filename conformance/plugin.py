"""The pytest plugin: options and hooks. The only module that knows pytest's hooks.

Selected checks -> the scenarios they name -> each performed once -> checks judge the exchanges -> rows ->
reports. pytest owns a check's outcome; its row rides on the test report.

PYTEST_DONT_REWRITE: it may be imported before pytest asks for it; there is no assertion to rewrite.
"""

import os
import signal
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol  # pytest has no public way to run a check and not report it

from conformance.checks.support.marks import MARKS
from conformance.commands.explain import explain
from conformance.contract.requirements import catalogue
from conformance.report import html
from conformance.report.annotations import annotations, on_github
from conformance.report.terminal import closing_lines, colour_of
from conformance.run.options import OPTIONS, attribute
from conformance.run.plan import plan_lines
from conformance.run.profile_values import ProfileError
from conformance.run.report_folder import FolderError
from conformance.run.run import Suite, setting_of
from conformance.run.settings import Settings, SettingsError
from conformance.scenarios.closure import closure
from conformance.session.expanding import SETTINGS, add_needs, add_rows, contract_of, is_asked
from conformance.session.finishing import WRITING, judge, publish
from conformance.session.invocation import judges, only_shows, refuse_what_cannot_be
from conformance.session.rows import ROW_OF, STATUS, Location, properties, row_of, show, show_left_out
from conformance.session.staging import Staging, silence
from conformance.session.state import STATE, State, all_checks, requirement_id, scenarios_of
from conformance.verdicts import gate
from conformance.verdicts.gate import INTERNAL, USAGE
from conformance.verdicts.judge import WORDS
from conformance.verdicts.verdict import Row, Verdict
from conformance.wire.recording import RecordingError

pytest_plugins = ("conformance.fixtures",)


STAGING = pytest.StashKey[Staging]()


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
    return None if config.option.explain is None else explain(config.option.explain, config.option.contract)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Resolve the settings, before the reports of pytest and pytest-html look at their paths."""
    for line in MARKS:
        config.addinivalue_line("markers", line)
    option = config.option
    if option.help or option.version or not judges(config):
        return
    refuse_what_cannot_be(config)
    options = {attribute(name): getattr(option, attribute(name)) for name in OPTIONS}
    try:
        settings = Settings.resolve(options, config.invocation_params.dir)
        config.stash[SETTINGS] = settings
        option.keyword = option.keyword.replace("=", ":")
        if only_shows(config):
            return
        state = State(Suite(settings, os.environ))
    except (SettingsError, ProfileError) as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[STATE] = state
    config.add_cleanup(state.suite.end)
    config.pluginmanager.register(_Others(state))
    config.pluginmanager.register(_Page(state))
    _stage_reports(config)
    _end_on_sigterm(config)


def _stage_reports(config: pytest.Config) -> None:
    option = config.option
    staging = Staging(option, config.invocation_params.dir)
    config.stash[STAGING] = staging
    config.add_cleanup(staging.remove)
    # The closing lines tell violations in words; pytest's short summary would tell each of them again.
    if getattr(option, "reportchars", None) == "fE":
        option.reportchars = ""


def _end_on_sigterm(config: pytest.Config) -> None:
    """SIGTERM ends a run as Ctrl-C does: what is there is judged and reported."""
    if threading.current_thread() is threading.main_thread():
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)

        def restore() -> None:
            signal.signal(signal.SIGTERM, before)

        config.add_cleanup(restore)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Name the tests of a file outside the root by its path; pytest would name no file at all."""
    if module_path.is_relative_to(parent.config.rootpath):
        return None
    return pytest.Module.from_parent(parent, path=module_path, nodeid=module_path.as_posix())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One row for each scenario that a check is marked with, and for each that follows from the contract."""
    mark = next(metafunc.definition.iter_markers("on"), None)
    if mark is not None:
        metafunc.parametrize("scenario", [pytest.param(scenario, id=scenario.name) for scenario in mark.args])
    add_rows(metafunc, contract_of(metafunc.config))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the contract has not; make ids selectable with `-k` and `-m smoke`."""
    contract = contract_of(config)
    asked = catalogue(contract)
    items[:] = [item for item in items if is_asked(item, contract)]
    for item in filter(requirement_id, items):
        if SETTINGS not in config.stash:
            raise pytest.UsageError(
                f"{item.nodeid} judges a provider: name one with --provider or --base-url"
                " (--provider reference is the embedded one)"
            )
        if requirement_id(item) not in asked:
            raise pytest.UsageError(
                f"{item.nodeid}: the catalogue has no requirement {requirement_id(item)!r}"
            )
        add_needs(item, contract)
        item.extra_keyword_matches.add(item.name.replace("=", ":"))
        if all(scenario.smoke for scenario in closure(scenarios_of(item)).values()):
            item.add_marker("smoke")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Make the report folder ready once something is to be judged; tell stale entries last."""
    state = session.config.stash.get(STATE, None)
    selected = {gate.check_id(item.nodeid) for item in session.items if requirement_id(item)}
    if state is None or not selected or _collection_failed(session):
        return (yield)
    state.checks = all_checks(state.contract)
    try:
        state.suite.begin(state.scenarios(session), whole=state.checks.keys() <= selected)
    except (FolderError, RecordingError) as error:
        raise pytest.UsageError(str(error)) from None
    state.began = True
    result = yield
    for row in state.stale():
        _report_stale(session, row)
    return result


def _collection_failed(session: pytest.Session) -> bool:
    return bool(session.testsfailed) and not session.config.option.continue_on_collection_errors


@pytest.hookimpl(tryfirst=True, specname="pytest_runtestloop")
def pytest_show_plan(session: pytest.Session) -> bool | None:
    """Print the plan instead of running it, where that was asked for."""
    settings = session.config.stash.get(SETTINGS, None)
    if settings is None or not settings.dry_run or session.config.option.collectonly:
        return None
    config = session.config
    plan = closure(scenario for item in session.items for scenario in scenarios_of(item))
    lines = plan_lines(
        plan,
        setting_of(settings.profile),
        prices=settings.profile.prices,
        repeat=settings.repeat,
        each=config.get_verbosity() > 0,
    )
    config.add_cleanup(partial(say, config, "\n".join(lines)))  # behind pytest's own last line
    return True


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Judge a check as often as it is to be repeated; the last time, pytest does it in its own way.

    With the first check everything is performed. Whether there is anything to report of it, and of the
    others, shows only then.
    """
    state = item.config.stash.get(STATE, None)
    if state is None or not requirement_id(item):
        return None
    repetitions, first = state.suite.settings.repeat, not state.suite.records
    for state.repetition in range(repetitions - 1):
        # The next item is told to be the module: then the check alone is torn down, and set up anew.
        runtestprotocol(item, log=False, nextitem=item.parent)  # type: ignore[arg-type]
    state.repetition = repetitions - 1
    if not first and not state.interrupted.is_set():
        return None
    reports = runtestprotocol(item, log=False, nextitem=nextitem)
    if state.unasked(item):
        state.forget(item)
        return True
    _log(item.config, item.nodeid, item.location, reports)
    if state.dead:
        state.give_up(item)
    return True


def _log(config: pytest.Config, nodeid: str, location: Location, reports: list[pytest.TestReport]) -> None:
    config.hook.pytest_runtest_logstart(nodeid=nodeid, location=location)
    for report in reports:
        config.hook.pytest_runtest_logreport(report=report)
    config.hook.pytest_runtest_logfinish(nodeid=nodeid, location=location)


def _report_stale(session: pytest.Session, row: Row) -> None:
    """A stale entry of the list of known failures is a report of its own."""
    location = (row.check, None, row.check)
    reports = [
        pytest.TestReport(row.check, location, {}, "passed", None, when) for when in ("call", "teardown")
    ]
    show(reports[0], row, location, session.config.stash[STATE].contract)
    for report in reports:
        report.user_properties = properties(row)
    _log(session.config, row.check, location, reports)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn how a check ended into its row, and the row into pytest's outcome."""
    state = item.config.stash.get(STATE, None)
    if state is not None and call.excinfo and isinstance(call.excinfo.value, WORDS):
        # The row tells it in words; to word a traceback takes pytest longer than to judge.
        call.excinfo.traceback = call.excinfo.traceback.filter(lambda _: False)
    report = yield
    if state is None or not requirement_id(item) or (report.when != "call" and report.outcome == "passed"):
        return report
    judged = row_of(item, state, call, report)
    if judged.verdict in {Verdict.ERROR, Verdict.SKIP} and (why := state.unrecorded(item)):
        state.left_out.add(item.nodeid)
        show_left_out(report, why, item.location)
        return report
    row = state.count(item.nodeid, judged)
    if state.last:
        item.user_properties = report.user_properties = properties(row)
        show(report, row, item.location, state.contract)
    return report


class _Others:
    """Notices tests and modules that fail and are no checks: a run with one is never green."""

    def __init__(self, state: State) -> None:
        self._state = state

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A report of a test."""
        if report.failed and not hasattr(report, ROW_OF):
            self._state.others_failed = True

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A report of a module."""
        if report.failed:
            self._state.others_failed = True


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, Any] | None:
    """Show verdicts by their own names; pytest's categories, and so its counts, stay."""
    row = getattr(report, ROW_OF, None)
    return STATUS.get(row.verdict) if row else None


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, object, object]:
    """Write the run before pytest-html asks for it, put all files into their places, set the exit code.

    The terminal's own hook lies around this one: it closes when everything is there.
    """
    state = session.config.stash.get(STATE, None)
    if state is None:
        return (yield)
    staging = session.config.stash[STAGING]
    judged = state.began and bool(state.final) and session.exitstatus != USAGE
    told = partial(say, session.config)
    try:
        if judged:
            judge(session, state, staging, told)
    except WRITING as error:
        judged, state.unwritten = False, str(error)
    result = yield
    try:
        if judged:
            publish(state, staging, told)
        if session.items and session.exitstatus != USAGE:
            staging.copy()
    except WRITING as error:
        state.unwritten = str(error)
    finally:
        silence(session.config)
    if state.unwritten:
        say(
            session.config,
            f"the reports cannot be written: {state.unwritten}; what is there already is whole",
        )
        session.exitstatus = INTERNAL
    else:
        session.exitstatus = state.exit_code(int(session.exitstatus))
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None]:
    """End with counts, the first violations in words, and the report's path."""
    state = terminalreporter.config.stash.get(STATE, None)
    if state is None:
        yield
        return
    with _only_others(terminalreporter):
        yield
    if not state.began:
        return
    suite = state.suite
    terminalreporter.section("conformance")
    if suite.run is not None and not state.unwritten:
        missing = terminalreporter.config.stash[STAGING].missing(terminalreporter.config.pluginmanager)
        for line in (*missing, *closing_lines(suite.run, suite.report, suite.comparisons())):
            terminalreporter.write_line(line, **colour_of(line))
        for line in annotations(suite.run) if on_github(os.environ) else ():
            terminalreporter.write_line(line)
    if suite.run is None and state.left_out:
        terminalreporter.write_line(state.left_out_in_words)
    if state.interrupted.is_set():
        terminalreporter.write_line("interrupted: --resume goes on and sends nothing twice")


@contextmanager
def _only_others(terminal: pytest.TerminalReporter) -> Iterator[None]:
    """pytest's own sections tell of tests that are no checks; the closing lines tell of the checks."""
    told: dict[str, list[Any]] = {name: terminal.stats.get(name, []) for name in ("failed", "error")}
    for name, reports in told.items():
        terminal.stats[name] = [report for report in reports if not hasattr(report, ROW_OF)]
    yield
    for name, reports in told.items():
        terminal.stats[name] = reports


def say(config: pytest.Config, line: str) -> None:
    """A line on the terminal, where there is one."""
    if config.pluginmanager.has_plugin("terminalreporter"):
        config.get_terminal_writer().line(line)


class _Page:
    """What pytest-html asks for, so that its page becomes the provider's report."""

    def __init__(self, state: State) -> None:
        self._state = state

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_report_title(self, report: Any) -> None:
        """Name the page after the provider."""
        html.begin(report, self._state.suite.settings.profile.name)

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_header(self, cells: list[str]) -> None:
        """Give the table of all checks the suite's own columns."""
        html.table_header(cells)

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_row(self, report: pytest.TestReport, cells: list[str]) -> None:
        """Leave out what stands above the table already."""
        html.table_row(report, cells, of_check=hasattr(report, ROW_OF))

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_summary(self, prefix: list[str]) -> None:
        """Put the suite's own section above the table."""
        suite = self._state.suite
        if suite.run is not None:
            prefix.append(html.section(suite.run, suite.evidence(), suite.masked))
