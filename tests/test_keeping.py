"""What is handed over to be recorded: in time, beside the loop, and all of it where a run ends early."""

import asyncio
import json
import threading

import pytest

from conformance.exchange import Call, Exchange
from conformance.run.performing import perform_all
from conformance.scenarios.scenario import Done, Scenario, Target, ask
from conformance.wire.credentials import Credentials
from conformance.wire.endpoint import Endpoint
from conformance.wire.limits import Limits
from conformance.wire.live import Live
from conformance.wire.recording import RecordingError
from conformance.wire.redaction import Redactor
from tests.hostile import behaviours
from tests.hostile.serving import Connection, serving
from tests.scripted import TARGET, Scripted, many, outcome, plain


def test_a_full_disk_ends_the_run() -> None:
    def full(_: Exchange) -> None:
        raise RecordingError("no space left")

    with pytest.raises(RecordingError, match="no space left"):
        asyncio.run(perform_all(many(20), TARGET, Scripted(), on_done=full))


def test_dependents_start_after_the_recording() -> None:
    recorded: list[str] = []
    a = plain("a")

    def build(_: Target, done: Done) -> Call:
        assert recorded == list(done) == ["a"]
        return Call("b")

    record = asyncio.run(
        perform_all(
            [Scenario("b", "answers", build, after=(a,))],
            TARGET,
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
                perform_all(scenarios, TARGET, performer, on_done=lambda seen: recorded.append(seen.scenario))
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
                many(4), TARGET, performer, on_done=lambda _: threads.add(threading.current_thread().name)
            )
            await performer.aclose()

        asyncio.run(performed())
    assert threading.main_thread().name not in threads
