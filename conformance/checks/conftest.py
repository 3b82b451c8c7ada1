"""What a check may ask for: living exchanges, and what can be read out of them."""

import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from conformance.exchange import Exchange
from conformance.gate import INTERNAL
from conformance.judge import Absent, CannotJudge
from conformance.plugin import NOTES, STATE, State, plan_of, say, scenarios_of
from conformance.record import Record
from conformance.rules.controls import refusals_prove
from conformance.scenario import Scenario
from conformance.streams.stream import Stream
from conformance.verdict import Contract
from conformance.wire.prefetch import nothing_came
from conformance.wire.progress import progress
from conformance.wire.recording import RecordingError

REFUSED = frozenset({400, 404, 415, 422})
"""Statuses with which a provider says that it does not know an optional thing."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def performed(request: pytest.FixtureRequest) -> State:
    """Everything that the selected checks need, performed before the first of them is judged."""
    state = request.config.stash[STATE]
    plan = plan_of(request.session)
    host = urlsplit(state.suite.settings.profile.base_url).netloc or "the embedded reference provider"
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled(), progress(len(plan), host, sys.stderr) as step:
        for warning in state.suite.warnings:
            say(request.config, warning)
        try:
            await state.suite.perform(plan.values(), step)
        except RecordingError as error:
            pytest.exit(str(error), returncode=INTERNAL)
    return state


@pytest.fixture
def record(performed: State) -> Record:
    """Everything that was performed, in the present repetition."""
    return performed.suite.records[performed.repetition]


@pytest.fixture
def scenario(request: pytest.FixtureRequest) -> Scenario:
    """The scenario whose exchange is judged."""
    return scenarios_of(request.node)[0]


@pytest.fixture(autouse=True)
def evidence(request: pytest.FixtureRequest, record: Record, contract: Contract) -> None:
    """Every exchange that the check reads is alive, and every refusal proves something; else it is an ERROR.

    A check that is marked to take dead ones has its own words for them.
    """
    if reason := nothing_came(record):
        raise CannotJudge(reason)
    marks = (*request.node.iter_markers("on"), *request.node.iter_markers("needs"))
    spared = {needed for mark in marks if mark.kwargs.get("dead") for needed in mark.args}
    for needed in scenarios_of(request.node):
        if needed not in spared:
            record.exchange(needed)
    refusals_prove(record, scenarios_of(request.node), marks, contract)


@pytest.fixture
def exchange(record: Record, scenario: Scenario) -> Exchange:
    """The exchange that is judged."""
    return record.exchange(scenario)


@pytest.fixture
def attempts(record: Record, scenario: Scenario) -> tuple[Exchange, ...]:
    """The exchange of a behavioural scenario and its further attempts."""
    return record.attempts(scenario)


@pytest.fixture
def stream(record: Record, exchange: Exchange, scenario: Scenario) -> Stream:
    """The exchange as a stream, where there is one."""
    _answered(exchange, scenario)
    found = record.stream(exchange)
    if not len(found) and exchange.media_type != "text/event-stream":
        raise CannotJudge(
            f"{exchange.scenario}: no event stream came, but {exchange.media_type or 'no type'}"
        )
    return found


@pytest.fixture
def response(record: Record, exchange: Exchange, scenario: Scenario) -> dict[str, Any]:
    """The Response object that was answered, or that ended the stream."""
    _answered(exchange, scenario)
    found = record.stream(exchange).response if scenario.streamed else exchange.json.value
    if not isinstance(found, dict):
        raise CannotJudge(f"{exchange.scenario}: the answer has no Response object")
    return found


@pytest.fixture
def contract(request: pytest.FixtureRequest) -> Contract:
    """The contract in force."""
    return request.config.stash[STATE].suite.settings.profile.contract


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Writes down an observation that never changes a verdict."""
    notes: list[str] = request.node.stash.setdefault(NOTES, [])
    return notes.append


def _answered(exchange: Exchange, scenario: Scenario) -> None:
    """Go on only with an answer: a refused request is judged by the checks of what it asked for."""
    if exchange.status == 200:
        return
    refused = f"{exchange.scenario}: HTTP {exchange.status} instead of an answer"
    if scenario.expects == "either" and exchange.status in REFUSED:
        raise Absent(refused)
    raise CannotJudge(refused)
