"""The plan: each scenario once, in the order of its dependencies, and not at all where it is useless."""

import asyncio
import io
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from conformance.exchange import Call, Chunk, Exchange, Fault, FaultKind, Sent, Traffic, encode_json
from conformance.run.performing import PROBES, chain_lengths, perform_all, stop_reason, stop_trouble
from conformance.run.reading import shows
from conformance.run.record import Record
from conformance.scenarios.closure import closure
from conformance.scenarios.scenario import (
    Done,
    Expects,
    FollowsRequest,
    NotNeeded,
    Says,
    Scenario,
    Setting,
    Unsent,
    ask,
)
from conformance.session.progress import progress
from conformance.wire.credentials import Credentials
from conformance.wire.endpoint import Endpoint
from conformance.wire.limits import Limits
from conformance.wire.live import Live
from conformance.wire.recording import RecordingError
from conformance.wire.redaction import Redactor
from tests.hostile import behaviours
from tests.hostile.serving import Connection, serving

SETTING = Setting("m")
UNSAID = Says("what no answer here says")


def exchange(
    scenario: str, status: int | None = 200, fault: FaultKind | None = None, body: bytes = b"{}"
) -> Exchange:
    return Exchange(
        scenario,
        Sent("POST", "", (), b""),
        status,
        (),
        (Chunk(0.0, body),) if status else (),
        fault and Fault(fault, f"{fault} it was"),
        0.0,
        0.0,
    )


class Scripted:
    """Performs calls as a function says, and keeps the order in which they came."""

    def __init__(self, outcome: Callable[[str], Exchange] = exchange) -> None:
        self.outcome = outcome
        self.calls: list[Call] = []

    @property
    def sent(self) -> list[str]:
        return [call.scenario for call in self.calls]

    @property
    def traffic(self) -> Traffic:
        return Traffic()

    async def perform(
        self,
        call: Call,
        *,
        urgency: int = 0,  # noqa: ARG002 - the script knows no order
        output_tokens: int = 0,  # noqa: ARG002 - and no cost
        malformed: bool = False,  # noqa: ARG002 - and no second try
    ) -> Exchange:
        self.calls.append(call)
        await asyncio.sleep(0)
        return self.outcome(call.scenario)

    def unsent(self, call: Call, fault: Fault) -> Exchange:
        return replace(exchange(call.scenario, None), fault=fault)

    async def aclose(self) -> None:
        pass


def plain(name: str, **rest: Any) -> Scenario:
    return replace(ask(name, "hi"), **rest)


def following(name: str, *after: Scenario, expects: Expects = "answer") -> Scenario:
    def build(_: Setting, done: Done) -> Call:
        return Call(name, body=",".join(sorted(done)).encode())

    return Scenario(name, "x", build, after=after, expects=expects)


def run(performer: Scripted, *scenarios: Scenario, stop_early: bool = True) -> Record:
    return asyncio.run(perform_all(scenarios, SETTING, performer, stop_early=stop_early))


def outcome(record: Record, name: str) -> Exchange:
    found = record.outcomes[name]
    assert isinstance(found, Exchange)
    return found


def fault(record: Record, name: str) -> tuple[str, str]:
    found = outcome(record, name).fault
    assert found is not None
    return found.kind, found.message


def test_each_scenario_once_and_those_it_comes_after_too() -> None:
    a, b = plain("a"), plain("b")
    c = following("c", a, b)
    performer = Scripted()
    record = run(performer, c, a, c, a)
    assert sorted(performer.sent) == ["a", "b", "c"]
    assert performer.sent[-1] == "c"
    assert performer.calls[-1].body == b"a,b"
    assert set(record.plan) == set(record.outcomes) == {"a", "b", "c"}


def test_a_chain_is_performed_link_by_link() -> None:
    links = [plain("l0")]
    for number in range(1, 6):
        links.append(following(f"l{number}", links[-1]))
    performer = Scripted()
    run(performer, *many(9), *links)
    assert [name for name in performer.sent if name.startswith("l")] == [link.name for link in links]
    assert performer.calls[-1].body == b"l4"


def test_two_scenarios_of_one_name_are_an_error() -> None:
    with pytest.raises(ValueError, match="two scenarios are named 'a'"):
        run(Scripted(), plain("a"), plain("a"))


def test_chains_count_what_follows() -> None:
    a = plain("a")
    b = plain("b", after=(a,), shows=FollowsRequest())
    c = plain("c", after=(b,))
    assert chain_lengths(closure([c, plain("d")])) == {"a": 5, "b": 4, "c": 1, "d": 1}


def test_outcomes_stand_in_the_order_of_the_plan_whichever_came_first() -> None:
    late = asyncio.Event()

    class LateFirst(Scripted):
        async def perform(
            self, call: Call, *, urgency: int = 0, output_tokens: int = 0, malformed: bool = False
        ) -> Exchange:
            await (late.wait() if call.scenario == "a" else asyncio.sleep(0))
            if call.scenario == "b~3":
                late.set()
            return await super().perform(
                call, urgency=urgency, output_tokens=output_tokens, malformed=malformed
            )

    b = plain("b", shows=UNSAID)
    assert list(run(LateFirst(), plain("a"), b, plain("c")).outcomes) == ["a", "b", "b~2", "b~3", "c"]


def test_what_follows_the_dead_is_not_sent() -> None:
    a = plain("a")
    b = following("b", a)
    c = following("c", b)
    performer = Scripted(lambda name: exchange(name, None, "timeout") if name == "a" else exchange(name))
    record = run(performer, c, plain("z"))
    assert sorted(performer.sent) == ["a", "z"]
    assert fault(record, "b") == (
        "timeout",
        "it builds on an exchange that is missing: a: timeout it was",
    )
    assert fault(record, "c")[0] == "timeout"


def test_what_follows_a_refusal_for_now_is_not_sent() -> None:
    a = plain("a")
    performer = Scripted(lambda name: exchange(name, 503 if name == "a" else 200))
    record = run(performer, following("b", a), plain("z"))
    assert fault(record, "b")[0] == "dependency"


def test_what_is_not_needed_is_told_with_its_reason() -> None:
    def build(_: Setting, __: Done) -> Call:
        raise NotNeeded("nothing was stored")

    b = Scenario("b", "x", build)
    record = run(Scripted(), following("c", b))
    assert record.outcomes["b"] == Unsent("b", "nothing was stored")
    assert record.outcomes["c"] == Unsent("c", "nothing was stored")


def test_an_answer_that_nothing_can_be_built_on_is_an_error_of_that_row() -> None:
    def build(_: Setting, done: Done) -> Call:
        return Call("b", path=done["a"].exchange.json.value["id"])

    record = run(Scripted(), Scenario("b", "x", build, after=(plain("a"),)), plain("z"))
    assert fault(record, "b") == ("dependency", "cannot be worded from the answers before it: KeyError: 'id'")


@pytest.mark.parametrize(
    ("silent", "expected"), [("", ["a"]), ("a", ["a", "a~2"]), ("a a~2", ["a", "a~2", "a~3"])]
)
def test_further_attempts_only_as_long_as_the_behaviour_does_not_show(
    silent: str, expected: list[str]
) -> None:
    said = encode_json({"output": [{"type": "message", "content": [{"type": "output_text", "text": "TWO"}]}]})
    performer = Scripted(lambda name: exchange(name, body=b"{}" if name in silent.split() else said))
    record = run(performer, plain("a", shows=Says("two")))
    assert performer.sent == expected
    assert list(record.outcomes) == expected


def test_no_further_attempt_at_the_dead() -> None:
    performer = Scripted(lambda name: exchange(name, 503) if name == "a" else exchange(name))
    run(performer, plain("a", shows=UNSAID), plain("z"))
    assert "a~2" not in performer.sent


def test_an_answer_that_cannot_be_looked_at_gets_further_attempts() -> None:
    odd = Sent("POST", "", (), b'{"text": "no object"}')
    performer = Scripted(lambda name: replace(exchange(name, body=b'{"output": []}'), request=odd))
    with pytest.raises(AttributeError):
        shows(performer.outcome("a"), FollowsRequest())
    run(performer, plain("a", shows=FollowsRequest()))
    assert performer.sent == ["a", "a~2", "a~3"]


def test_dependents_do_not_wait_for_further_attempts() -> None:
    a = plain("a", shows=UNSAID)
    performer = Scripted()
    record = run(performer, following("b", a))
    assert set(record.outcomes) == {"a", "a~2", "a~3", "b"}
    assert performer.sent.index("b") < performer.sent.index("a~3")


def many(count: int, **rest: Any) -> list[Scenario]:
    return [plain(f"s{number:02}", **rest) for number in range(count)]


HOPELESS: dict[str, Callable[[str], Exchange]] = {
    "401": lambda name: exchange(name, 401),
    "403": lambda name: exchange(name, 403),
    "429": lambda name: exchange(name, 429),
    "500": lambda name: exchange(name, 500),
    "redirect": lambda name: exchange(name, 302),
    "404": lambda name: exchange(name, 404),
    "405": lambda name: exchange(name, 405),
    "unknown model": lambda name: exchange(name, 400, body=b'{"error":{"code":"model_not_found"}}'),
    "html": lambda name: exchange(name, 200, body=b"\n<!DOCTYPE html><p>down"),
    "html 404": lambda name: exchange(name, 404, body=b"<html>"),
    "connect": lambda name: exchange(name, None, "connect"),
    "resolve": lambda name: exchange(name, None, "resolve"),
    "tls": lambda name: exchange(name, None, "tls"),
    "timeout": lambda name: exchange(name, None, "timeout"),
    "too large": lambda name: exchange(name, 200, "too-large"),
    "protocol": lambda name: exchange(name, None, "protocol"),
}


@pytest.mark.parametrize("name", HOPELESS)
def test_the_hopeless_is_stopped_after_a_few(name: str) -> None:
    performer = Scripted(HOPELESS[name])
    seen: list[Exchange] = []
    scenarios = [*many(20), following("last", plain("first"))]
    record = asyncio.run(perform_all(scenarios, SETTING, performer, on_done=seen.append))
    assert len(performer.sent) == PROBES
    faults = [outcome(record, scenario).fault for scenario in record.plan]
    assert None not in faults, "an exchange before the stop is no evidence either"
    told = stop_trouble(record)
    assert told is not None
    assert told.line == stop_reason(record)
    assert told.what
    assert told.mend
    assert len(stop_reason(record).splitlines()) == 1
    assert {one.scenario: one for one in seen} == record.outcomes, "the last that was handed over counts"


JUDGED: dict[str, Callable[[str], Exchange]] = {
    "400": lambda name: exchange(name, 400),
    "all but one 404": lambda name: exchange(name, 200 if name == "s03" else 404),
    "all but one refused": lambda name: exchange(name, 400 if name == "s03" else 404),
    "empty": lambda name: exchange(name, 200, body=b""),
    "no json": lambda name: exchange(name, 200, body=b"hello"),
    "cut": lambda name: exchange(name, 200, "cut"),
    "over budget": lambda name: exchange(name, None, "budget"),
    "one good": lambda name: exchange(name, 200 if name == "s03" else 500),
}


@pytest.mark.parametrize("name", JUDGED)
def test_a_server_that_can_be_judged_is_never_stopped(name: str) -> None:
    performer = Scripted(JUDGED[name])
    record = run(performer, *many(20))
    assert len(performer.sent) == 20
    assert stop_reason(record) == ""


def test_the_words_of_the_exchange_that_came_first_are_told_and_found_again() -> None:
    """Each refusal has an id of its own, and the last of the plan may come first."""
    performer = Scripted(lambda name: exchange(name, 404, body=f"request {name}".encode()))
    told = stop_trouble(run(performer, *many(20)))
    assert told is not None
    assert told.why == "request s00"
    record = run(Scripted(lambda name: exchange(name, 404 if name < "s05" else 500)), *many(20))
    assert stop_reason(record).startswith("most requests got HTTP 404: ")
    assert (stop_trouble(record) or told).what == "most requests got HTTP 404"


def test_a_run_that_was_not_stopped_has_no_trouble() -> None:
    assert stop_trouble(run(Scripted(), *many(3))) is None


def test_a_refusal_that_was_expected_is_no_sign_of_life() -> None:
    """Where the path is wrong everything is refused, what should be and what should not."""
    wrong = many(3, expects="refusal")
    performer = Scripted(lambda name: exchange(name, 404))
    record = run(performer, *wrong, plain("right"))
    assert performer.sent == ["right"]
    assert stop_reason(record).startswith("every request got HTTP 404")


def test_refused_keys_are_no_reason_where_refusals_are_expected() -> None:
    performer = Scripted(lambda name: exchange(name, 401))
    run(performer, *many(20, expects="refusal"))
    assert len(performer.sent) == 20


def test_the_first_are_cheap_plain_requests_of_the_short_plan() -> None:
    scenarios = [
        *many(10, expects="refusal"),
        plain("dear", output_tokens=1000),
        plain("smoke", smoke=True, output_tokens=30),
        plain("cheap", output_tokens=5),
    ]
    performer = Scripted(lambda name: exchange(name, 500))
    run(performer, *scenarios)
    assert performer.sent[:3] == ["smoke", "cheap", "dear"]


def test_probes_that_are_not_needed_do_not_hold_the_rest() -> None:
    def build(_: Setting, __: Done) -> Call:
        raise NotNeeded("no")

    scenarios = [Scenario(f"n{number}", "x", build, smoke=True) for number in range(PROBES)]
    performer = Scripted()
    run(performer, *scenarios, *many(3))
    assert sorted(performer.sent) == ["s00", "s01", "s02"]


def test_an_endpoint_that_goes_away_is_not_asked_for_ever() -> None:
    performer = Scripted()
    performer.outcome = lambda name: (
        exchange(name) if len(performer.calls) < 8 else exchange(name, None, "connect")
    )

    async def one_by_one() -> Record:
        scenarios = many(60)
        chain = [scenarios[0]]
        for scenario in scenarios[1:]:
            chain.append(replace(scenario, after=(chain[0],)))
        return await perform_all(chain, SETTING, performer)

    record = asyncio.run(one_by_one())
    assert stop_reason(record) == "" or "in a row found no endpoint" in stop_reason(record)


def test_a_replay_is_never_stopped() -> None:
    record = run(Scripted(lambda name: exchange(name, 401)), *many(9), stop_early=False)
    assert stop_reason(record) == ""
    assert all(outcome(record, name).fault is None for name in record.plan)


def test_a_full_disk_ends_the_run() -> None:
    def full(_: Exchange) -> None:
        raise RecordingError("no space left")

    with pytest.raises(RecordingError, match="no space left"):
        asyncio.run(perform_all(many(20), SETTING, Scripted(), on_done=full))


def test_dependents_start_after_the_recording() -> None:
    recorded: list[str] = []
    a = plain("a")

    def build(_: Setting, done: Done) -> Call:
        assert recorded == list(done) == ["a"]
        return Call("b")

    record = asyncio.run(
        perform_all(
            [Scenario("b", "x", build, after=(a,))],
            SETTING,
            Scripted(),
            on_done=lambda seen: recorded.append(seen.scenario),
        )
    )
    assert outcome(record, "b").fault is None


def live(base_url: str, **limits: int) -> Live:
    return Live(Endpoint(base_url), Credentials(), Redactor([]), Limits(**limits))


def test_cancelling_keeps_what_was_recorded_and_closes_everything() -> None:
    """As Ctrl-C does it: the task is cancelled in the middle."""

    async def half(connection: Connection) -> None:
        request = await connection.request()
        if json.loads(request.body)["input"][0]["content"] == "hang":
            await asyncio.sleep(60)
        await connection.answer(b"{}")

    recorded: list[str] = []
    with serving(half) as served:

        async def interrupted() -> None:
            others = asyncio.all_tasks()
            performer = live(served.base_url)
            scenarios = [*many(3), *(ask(f"hang{number}", "hang") for number in range(3))]
            task = asyncio.create_task(
                perform_all(
                    scenarios, SETTING, performer, on_done=lambda seen: recorded.append(seen.scenario)
                )
            )
            while len(recorded) < 3 or len(served.requests) < 6:
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await performer.aclose()
            assert asyncio.all_tasks() <= others

        asyncio.run(asyncio.wait_for(interrupted(), 20))
    assert sorted(recorded) == ["s00", "s01", "s02"]


def test_recordings_are_written_beside_the_loop() -> None:
    threads: set[str] = set()
    with serving(behaviours.well) as served:

        async def performed() -> None:
            performer = live(served.base_url)
            await perform_all(
                many(4), SETTING, performer, on_done=lambda _: threads.add(threading.current_thread().name)
            )
            await performer.aclose()

        asyncio.run(performed())
    assert threading.main_thread().name not in threads


def test_progress_in_a_log_is_one_line() -> None:
    out = io.StringIO()
    with progress(3, "h.example", out) as step:
        for name in ("a", "b", "b~2", "c"):
            step(exchange(name))
    assert out.getvalue() == "performing 3 requests against h.example\n"


def test_progress_on_a_terminal_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    out = io.StringIO()
    with progress(2, "[h]", out) as step:
        step(exchange("[red]a"))
        step(exchange("b"))
    assert "2/2" in out.getvalue()
    assert "[h]" in out.getvalue()
