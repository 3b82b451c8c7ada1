"""Retries, budgets and the limiter: fair to the endpoint, and bounded."""

import asyncio
import datetime
import email.utils
import time
from collections.abc import Sequence

import pytest

from conformance.exchange import Call, Exchange
from conformance.run.profile import Profile
from conformance.wire.limits import Limiter, Limits, back_off
from tests.hostile import behaviours
from tests.hostile.serving import Connection, Handler, serving
from tests.sending import CALL, live, once, perform


def in_turn(*answers: tuple[int, str]) -> Handler:
    """A server that answers with these statuses and headers in turn, and then with 200 for ever."""
    left = list(answers)

    async def handle(connection: Connection) -> None:
        await connection.request()
        status, header = left.pop(0) if left else (200, "")
        await connection.answer(b"{}", status, "application/json", *([header] if header else []))

    return handle


def statuses(exchange: Exchange) -> list[int | None]:
    return [*(attempt.status for attempt in exchange.retries), exchange.status]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_not_now_is_asked_again_three_times_at_most(status: int) -> None:
    with serving(in_turn((status, ""), (status, ""))) as served:
        assert statuses(once(served)) == [status, status, 200]
    with serving(in_turn(*[(status, "")] * 9)) as served:
        assert statuses(once(served)) == [status] * 3
    assert len(served.requests) == 3


@pytest.mark.parametrize("status", [200, 400, 401, 404, 422, 501])
def test_other_answers_stand(status: int) -> None:
    with serving(in_turn((status, ""))) as served:
        assert statuses(once(served)) == [status]


def test_a_connection_that_was_reset_is_tried_again() -> None:
    tries: list[int] = []

    async def handle(connection: Connection) -> None:
        tries.append(1)
        await (behaviours.resets if len(tries) == 1 else behaviours.well)(connection)

    with serving(handle) as served:
        exchange = once(served)
    assert exchange.status == 200
    assert [attempt.fault.kind for attempt in exchange.retries if attempt.fault] == ["connect"]


def test_retries_have_a_budget_for_the_whole_run() -> None:
    with serving(behaviours.always_500) as served:
        limits = Limits(back_off=0.01, retry_budget=3)
        sender = live(Profile("p", served.base_url), limits)
        exchanges = perform(sender, CALL, CALL, CALL)
    assert [len(exchange.retries) for exchange in exchanges] == [2, 1, 0]
    assert (sender.traffic.requests, sender.traffic.retries) == (6, 3)


def test_retry_after_is_heeded() -> None:
    with serving(in_turn((503, "Retry-After: 1"))) as served:
        began = time.monotonic()
        exchange = once(served)
        took = time.monotonic() - began
    assert exchange.retries[0].waited == 1.0
    assert took >= 1.0


@pytest.mark.parametrize(
    ("retry_after", "least", "most"),
    [
        ("2", 2, 2),
        (" 0 ", 0, 0),
        ("86400", 30, 30),
        ("9" * 400, 30, 30),
        ("Mon, 99 Foo 0000 00:00:00 GMT", 0.25, 0.75),
        ("soon", 0.25, 0.75),
        ("-5", 0.25, 0.75),
        ("1.5", 0.25, 0.75),
        ("²", 0.25, 0.75),
        (None, 0.25, 0.75),
    ],
)
def test_how_long_to_wait(retry_after: str | None, least: float, most: float) -> None:
    assert least <= back_off(Limits(), 1, retry_after) <= most


@pytest.mark.parametrize(("seconds", "least", "most"), [(10, 8, 10.1), (86400, 30, 30), (-86400, 0, 0)])
def test_how_long_to_wait_for_a_moment(seconds: int, least: float, most: float) -> None:
    moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)
    assert least <= back_off(Limits(), 1, email.utils.format_datetime(moment, usegmt=True)) <= most


def test_waits_grow_and_scatter() -> None:
    waits = {back_off(Limits(), 3, None) for _ in range(20)}
    assert len(waits) > 1
    assert all(1.0 <= wait <= 3.0 for wait in waits)


def test_a_wait_past_the_deadline_is_not_begun() -> None:
    with serving(behaviours.retry_after_a_day) as served:
        exchange = once(served, limits=Limits(deadline=5))
    assert statuses(exchange) == [429]


def test_the_deadline_ends_what_runs_and_what_waits() -> None:
    with serving(behaviours.never_answers) as served:
        sender = live(Profile("p", served.base_url), Limits(concurrency=1, deadline=0.5))

        async def run() -> Sequence[Exchange]:
            return await asyncio.gather(*(sender.perform(CALL) for _ in range(3)))

        first, *rest = asyncio.run(run())
    assert first.fault is not None
    assert first.fault.message == "the run's deadline of 0.5 s passed with no answer"
    assert [exchange.fault and exchange.fault.kind for exchange in rest] == ["deadline"] * 2
    assert len(served.requests) == 1


def test_requests_have_a_budget() -> None:
    with serving(behaviours.well) as served:
        exchanges = perform(live(Profile("p", served.base_url), Limits(max_requests=2)), *[CALL] * 4)
    assert [exchange.status for exchange in exchanges] == [200, 200, None, None]
    assert exchanges[2].fault is not None
    assert exchanges[2].fault.kind == "budget"
    assert "the budget of 2 requests is used up" in exchanges[2].fault.message
    assert len(served.requests) == 2


def test_a_retry_that_the_budget_forbids_leaves_the_answer_as_it_was() -> None:
    with serving(behaviours.always_500) as served:
        exchange = once(served, limits=Limits(max_requests=2, back_off=0.01))
    assert statuses(exchange) == [500, 500]


def test_tokens_have_a_budget_and_usage_is_what_counts() -> None:
    with serving(behaviours.well) as served:
        sender = live(Profile("p", served.base_url), Limits(max_output_tokens=50))
        exchanges = perform(sender, *[CALL] * 4, output_tokens=20)
    assert [exchange.status for exchange in exchanges] == [200, 200, 200, None]
    assert sender.traffic.output_tokens == 45
    assert sender.traffic.input_tokens == 24
    assert exchanges[3].fault is not None
    assert exchanges[3].fault.kind == "budget"


def test_without_usage_the_estimate_counts_and_refusals_cost_nothing() -> None:
    with serving(in_turn((200, ""), (400, ""))) as served:
        sender = live(Profile("p", served.base_url))
        perform(sender, CALL, CALL, output_tokens=20)
    assert sender.traffic.output_tokens == 20


def test_no_more_in_flight_than_allowed() -> None:
    most = [0, 0]

    async def handle(connection: Connection) -> None:
        await connection.request()
        most[0] += 1
        most[1] = max(most)
        await asyncio.sleep(0.02)
        most[0] -= 1
        await connection.answer(b"{}")

    with serving(handle) as served:
        sender = live(Profile("p", served.base_url), Limits(concurrency=3))

        async def run() -> None:
            await asyncio.gather(*(sender.perform(CALL) for _ in range(12)))

        asyncio.run(run())
    assert most[1] == sender.traffic.peak_in_flight == 3


def test_the_width_halves_on_429_once_a_burst_and_recovers() -> None:
    limiter = Limiter(8)
    began = time.monotonic()
    limiter.too_many(began, None)
    limiter.too_many(began, None)
    assert limiter.width == 4
    for _ in range(3):
        limiter.too_many(time.monotonic(), None)
    assert limiter.width == 1
    for _ in range(60):
        limiter.answered()
    assert limiter.width == 8


def test_retry_after_of_429_holds_everything_else_too() -> None:
    with serving(in_turn((429, "Retry-After: 1"))) as served:
        sender = live(Profile("p", served.base_url))

        async def run() -> float:
            first = asyncio.create_task(sender.perform(CALL))
            while not served.requests:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)
            began = time.monotonic()
            await sender.perform(CALL)
            await first
            return time.monotonic() - began

        assert asyncio.run(run()) > 0.7


def test_requests_per_minute_are_spread() -> None:
    with serving(behaviours.well) as served:
        sender = live(Profile("p", served.base_url), Limits(requests_per_minute=600))

        async def run() -> float:
            began = time.monotonic()
            await asyncio.gather(*(sender.perform(CALL) for _ in range(6)))
            return time.monotonic() - began

        assert asyncio.run(run()) > 0.45


def test_the_urgent_go_first() -> None:
    with serving(behaviours.well) as served:
        sender = live(Profile("p", served.base_url), Limits(concurrency=1))

        async def run() -> None:
            calls = [Call(str(rank), body=str(rank).encode()) for rank in (1, 1, 3, 2)]
            await asyncio.gather(*(sender.perform(call, urgency=int(call.scenario)) for call in calls))

        asyncio.run(run())
    assert [request.body for request in served.requests] == [b"1", b"3", b"2", b"1"]


def test_cancelling_frees_the_slot() -> None:
    with serving(behaviours.never_answers) as served:
        sender = live(Profile("p", served.base_url), Limits(concurrency=1))

        async def run() -> None:
            held, waiting = (asyncio.create_task(sender.perform(CALL)) for _ in range(2))
            while not served.requests:
                await asyncio.sleep(0.01)
            waiting.cancel()
            held.cancel()
            await asyncio.gather(held, waiting, return_exceptions=True)
            third = asyncio.create_task(sender.perform(CALL))
            while len(served.requests) < 2:
                await asyncio.sleep(0.01)
            third.cancel()
            await asyncio.gather(third, return_exceptions=True)

        asyncio.run(asyncio.wait_for(run(), 10))
    assert sender.traffic.peak_in_flight == 1
