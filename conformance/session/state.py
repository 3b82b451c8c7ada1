"""What the suite knows of one pytest session, and how it reads the items that pytest collected."""

import asyncio
import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pytest

from conformance.checks import survey
from conformance.contract.contracts import Contract
from conformance.contract.requirements import catalogue
from conformance.exchange import Exchange, trouble
from conformance.run.performing import INTERRUPTED
from conformance.run.record import Record
from conformance.run.run import Suite
from conformance.scenarios.closure import closure
from conformance.scenarios.scenario import Scenario
from conformance.verdicts import gate
from conformance.verdicts.gate import Repeats, check_id
from conformance.verdicts.verdict import Row, Verdict


@dataclass(frozen=True, slots=True)
class Known:
    """One row of the suite: its requirement, and the scenarios that it reads."""

    requirement: str
    scenarios: tuple[Scenario, ...]


@dataclass
class State:
    """One session's run.

    `checks` are all checks of the suite by their ids, whatever was selected. `rows` are those judged so far,
    one for each repetition, `final` what they count as. `others_failed` says whether a test failed that is
    no check, `unwritten` why the reports could not be written. `left_out` are the checks that a replay cannot
    make, because the recorded run did not perform what they look at.
    """

    suite: Suite
    began: bool = False
    checks: Mapping[str, Known] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    final: dict[str, Row] = field(default_factory=dict)
    repetition: int = 0
    others_failed: bool = False
    interrupted: asyncio.Event = field(default_factory=asyncio.Event)
    unwritten: str = ""
    left_out: set[str] = field(default_factory=set)

    @property
    def last(self) -> bool:
        """Whether this is the last repetition, whose reports are the ones that count."""
        return self.repetition == self.suite.settings.repeat - 1

    def stopped(self, status: int) -> int | None:
        """The exit code of a run that ended before its time; None for one that came to its end."""
        if status not in {gate.CONFORMS, gate.VIOLATED, gate.NOTHING}:
            return status
        return gate.INTERRUPTED if self.interrupted.is_set() else None

    def exit_code(self, status: int) -> int:
        """The exit code of the session; `status` is pytest's own, which counts where nothing was judged."""
        if self.suite.run is not None:
            return self.suite.run.exit_code
        if self.interrupted.is_set():
            return gate.INTERRUPTED
        return gate.UNJUDGED if self.left_out else status

    @property
    def contract(self) -> Contract:
        """The contract in force."""
        return self.suite.settings.profile.contract

    @property
    def record(self) -> Record:
        """What was performed in this repetition."""
        return self.suite.records[self.repetition]

    def scenarios(self, session: pytest.Session) -> list[Scenario]:
        """All that may be recorded: what the suite's checks read, and what the selected ones do."""
        suites = (scenario for check in self.checks.values() for scenario in check.scenarios)
        return list(
            dict.fromkeys((*suites, *(each for item in session.items for each in scenarios_of(item))))
        )

    @property
    def requirements(self) -> Mapping[str, str]:
        """The requirement of each check of the suite."""
        return {name: check.requirement for name, check in self.checks.items()}

    @cached_property
    def saw_everything(self) -> bool:
        """Whether all that the suite can send was sent and answered."""
        record = self.suite.records[0]
        names = {scenario.name for check in self.checks.values() for scenario in check.scenarios}
        return names <= record.outcomes.keys() and not any(map(trouble, record.performed()))

    @cached_property
    def dead(self) -> bool:
        """Whether the run was stopped because nothing at all can be judged there."""
        record = self.suite.records[0]
        return bool(self.suite.stopped_early) and all(map(trouble, record.performed()))

    def unasked(self, item: pytest.Item) -> bool:
        """Whether the run was interrupted before a check's requests were answered."""
        outcomes = [record.outcomes.get(s.name) for record in self.suite.records for s in scenarios_of(item)]
        return any(isinstance(found, Exchange) and found.fault == INTERRUPTED for found in outcomes)

    def unrecorded(self, item: pytest.Item) -> str:
        """What a check looks at and the run that is replayed did not perform, in words; empty if nothing."""
        outcomes = [self.record.outcomes.get(scenario.name) for scenario in scenarios_of(item)]
        missing = [
            trouble(found)
            for found in outcomes
            if isinstance(found, Exchange) and found.fault and found.fault.kind == "unrecorded"
        ]
        return missing[0] if missing and not self.dead else ""

    @property
    def left_out_in_words(self) -> str:
        """Why a replay is partial, in one line; empty where it left nothing out."""
        replay, number = self.suite.settings.replay, len(self.left_out)
        if replay is None or not number:
            return ""
        checks = "1 check" if number == 1 else f"{number:,} checks"
        return (
            f"the recording was made by suite {replay.suite}, in a run that did not ask for the rest: "
            f"{checks} left out; record again for those"
        )

    def forget(self, item: pytest.Item) -> None:
        """There is nothing to say of a check."""
        self.rows.pop(item.nodeid, None)
        self.final.pop(item.nodeid, None)

    def count(self, check: str, row: Row) -> Row:
        """Take in how a check ended; gives what it counts as, the worst of its repetitions."""
        self.rows.setdefault(check, []).append(row)
        known = self.suite.settings.profile.known_failures
        today = datetime.datetime.now(datetime.UTC).date()
        self.final[check] = gate.excused(gate.worst(self.rows[check]), known, today)
        return self.final[check]

    def give_up(self, first: pytest.Item) -> None:
        """Where nothing can be judged, the first check has told why: the others share its row."""
        told = self.final[first.nodeid]
        others = [item for item in first.session.items if item is not first]
        if not all(map(requirement_id, others)):
            return
        for item in others:
            requirement = catalogue(self.contract)[requirement_id(item)]
            level = requirement.level(self.contract)
            named = next((scenario.name for scenario in scenarios_of(item)), "")
            self.final[item.nodeid] = Row(
                item.nodeid, requirement.id, level, Verdict.ERROR, named, reason=told.reason
            )
        del first.session.items[1:]

    def stale(self) -> tuple[Row, ...]:
        """The entries of the list of known failures that no longer belong there; they count from now on."""
        profile = self.suite.settings.profile
        rows = list(self.final.values())
        found = gate.stale_entries(rows, profile.known_failures, self.requirements, f"{profile.name}.toml")
        self.final.update({row.check: row for row in found})
        return found

    def repeats(self) -> Repeats | None:
        """How the repetitions agree; None where there was only one."""
        if self.suite.settings.repeat == 1:
            return None
        rounds = [rows for rows in self.rows.values() if len(rows) == self.suite.settings.repeat]
        return gate.flips(list(zip(*rounds, strict=True)))


STATE = pytest.StashKey[State]()
NOTES = pytest.StashKey[list[str]]()
LOOKED = pytest.StashKey[Record]()


def requirement_id(item: pytest.Item) -> str:
    """The requirement that a check judges; empty for a test that is no check."""
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


def all_checks(contract: Contract) -> dict[str, Known]:
    """Every check of the suite under a contract by its id, whatever the command line names."""
    return {check_id(node): Known(asked, read) for node, asked, read in survey.all_rows(contract)}


def plan_of(session: pytest.Session) -> dict[str, Scenario]:
    """What is to be performed for the selected checks.

    A check that looks over many answers and failed on one when last it was made is shown that one again. A
    recording costs nothing, so of it every check is shown all.

    The order is the suite's own, whatever was selected and in whichever order: which of several exchanges a
    row names follows from it.
    """
    state = session.config.stash[STATE]
    wanted = list(_wanted(session, state))
    if state.suite.settings.replay is not None:
        wanted += [scenario for check in state.checks.values() for scenario in check.scenarios]
    plan = closure(wanted)
    known = closure(scenario for check in state.checks.values() for scenario in check.scenarios)
    return {**{name: scenario for name, scenario in known.items() if name in plan}, **plan}


def _wanted(session: pytest.Session, state: State) -> Iterator[Scenario]:
    failed_on = state.suite.failed_on()
    by_name = {s.name: s for check in state.checks.values() for s in check.scenarios} if failed_on else {}
    for item in session.items:
        yield from scenarios_of(item)
        name = failed_on.get(check_id(item.nodeid))
        if name in by_name:
            yield by_name[name]
