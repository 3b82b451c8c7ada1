"""What a check may ask for: living exchanges, and what can be read out of them."""

import asyncio
import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from conformance.checks.support.controls import refusals_prove
from conformance.contract.contracts import Contract
from conformance.exchange import Exchange
from conformance.rules.unanswered import EVENT_STREAM, unanswered
from conformance.run.performing import nothing_came
from conformance.run.record import Record
from conformance.scenarios.scenario import Scenario
from conformance.session.progress import progress
from conformance.session.state import LOOKED, NOTES, STATE, State, plan_of, requirement_id, scenarios_of
from conformance.streams.stream import Stream
from conformance.verdicts.gate import INTERNAL
from conformance.verdicts.judge import Absent, CannotJudge, Elsewhere
from conformance.wire.recording import RecordingError

REFUSED = frozenset({400, 404, 415, 422})
"""Statuses with which a provider says that it does not know an optional thing."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def performed(request: pytest.FixtureRequest) -> State:
    """Everything that the selected checks need, performed before the first of them is judged."""
    state = request.config.stash[STATE]
    plan = plan_of(request.session)
    with _uncaptured(request.config), _progress(state, len(plan)) as step:
        for warning in state.suite.warnings:
            sys.stderr.write(f"{warning}\n")
        try:
            with _interrupting(state.interrupted):
                await state.suite.perform(plan.values(), step, state.interrupted)
        except RecordingError as error:
            pytest.exit(str(error), returncode=INTERNAL)
    return state


def _progress(state: State, planned: int) -> contextlib.AbstractContextManager[Callable[[Exchange], None]]:
    """How far the requests are; of a replay there is nothing to wait for."""
    settings = state.suite.settings
    if settings.replay is not None:
        return contextlib.nullcontext(lambda _: None)
    host = urlsplit(settings.profile.base_url).netloc or "the embedded reference provider"
    return progress(planned * settings.repeat, host, sys.stderr)


def _uncaptured(config: pytest.Config) -> contextlib.AbstractContextManager[None]:
    capture = config.pluginmanager.getplugin("capturemanager")
    suspended: contextlib.AbstractContextManager[None]
    suspended = capture.global_and_fixture_disabled() if capture else contextlib.nullcontext()
    return suspended


@contextlib.contextmanager
def _interrupting(stop: asyncio.Event) -> Iterator[None]:
    """Ctrl-C and SIGTERM set the event, so that what is there is judged; a second one ends at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def interrupt(_: int, __: FrameType | None) -> None:
        for number in before:
            signal.signal(number, signal.default_int_handler)
        loop.call_soon_threadsafe(stop.set)

    for number in before:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@pytest.fixture
def record(request: pytest.FixtureRequest, performed: State) -> Record:
    """Everything that was performed, in the present repetition."""
    handed = performed.record.handed(scenarios_of(request.node))
    request.node.stash[LOOKED] = handed
    return handed


@pytest.fixture
def scenario(request: pytest.FixtureRequest) -> Scenario:
    """The scenario whose exchange is judged."""
    return scenarios_of(request.node)[0]


@pytest.fixture(autouse=True)
def evidence(request: pytest.FixtureRequest) -> None:
    """Every exchange that the check reads is alive, and every refusal proves something; else it is an ERROR.

    A check that is marked to take dead ones has its own words for them. A test that is no check reads none.
    """
    request.node.stash[NOTES] = []
    if not requirement_id(request.node):
        return
    record: Record = request.getfixturevalue("record")
    if reason := nothing_came(record):
        raise CannotJudge(reason)
    marks = (*request.node.iter_markers("on"), *request.node.iter_markers("needs"))
    spared = {needed for mark in marks if mark.kwargs.get("dead") for needed in mark.args}
    for needed in scenarios_of(request.node):
        if needed not in spared:
            record.exchange(needed)
    refusals_prove(record, scenarios_of(request.node), marks, request.getfixturevalue("contract"))


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
    if not len(found) and exchange.media_type != EVENT_STREAM:
        came = exchange.media_type or "no type"
        raise Elsewhere(f"{exchange.scenario}: {came} came, and no event: stream.content-type judges that")
    return found


@pytest.fixture
def response(record: Record, exchange: Exchange, scenario: Scenario) -> dict[str, Any]:
    """The Response object that was answered, or that ended the stream."""
    _answered(exchange, scenario)
    found = record.response(exchange)
    if found is None:
        raise unanswered(exchange)
    return found


@pytest.fixture
def contract(request: pytest.FixtureRequest) -> Contract:
    """The contract in force."""
    return request.config.stash[STATE].suite.settings.profile.contract


@pytest.fixture
def tokenizer(request: pytest.FixtureRequest) -> str:
    """The tokenizer that the profile names; empty where it names none."""
    return request.config.stash[STATE].suite.settings.profile.tokenizer


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Writes down an observation that never changes a verdict."""
    notes: list[str] = request.node.stash[NOTES]
    return notes.append


def _answered(exchange: Exchange, scenario: Scenario) -> None:
    """Go on only with an answer: a refused request is judged by the checks of what it asked for."""
    if exchange.status == 200:
        return
    if scenario.expects == "either" and exchange.status in REFUSED:
        raise Absent(f"{exchange.scenario}: HTTP {exchange.status} instead of an answer")
    raise unanswered(exchange)
