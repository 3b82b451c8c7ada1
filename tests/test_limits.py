"""Retries, budgets and the limiter: fair to the endpoint, and bounded."""

import asyncio
import datetime
import email.utils
import time
from collections.abc import Sequence

import pytest

from conformance.exchange import Call, Exchange
from conformance.run.profile import Profile
from conformance.wire.limiter import Limiter
from conformance.wire.limits import Limits, asked_wait, back_off
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


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_failing_server_is_asked_three_times_at_most(status: int) -> None:
    with serving(in_turn((status, ""), (status, ""))) as served:
        assert statuses(once(served)) == [status, status, 200]
    with serving(in_turn(*[(status, "")] * 9)) as served:
        assert statuses(once(served)) == [status] * 3
    assert len(served.requests) == 3


@pytest.mark.parametrize("status", [429, 503])
def test_later_is_asked_again_until_an_answer_comes(status: int) -> None:
    with serving(in_turn(*[(status, "")] * 9)) as served:
        assert statuses(once(served)) == [status] * 9 + [200]


@pytest.mark.parametrize("status", [429, 503])
def test_nothing_but_later_wears_the_run_out(status: int) -> None:
    """The next requests are not sent at all, and say why."""
    with serving(in_turn(*[(status, "")] * 99)) as served:
        sender = live(Profile("p", served.base_url), Limits(back_off=0.01, patience=0.5))
        first, second = perform(sender, CALL, CALL)
    assert 1 < len(statuses(first)) == len(served.requests) < 12
    assert second.fault is not None
    assert (second.status, second.fault.kind) == (None, "later")
    assert "the provider has said nothing but «later» for 0.5 s" in second.fault.message
    assert sender.traffic.told_to_wait == len(served.requests)
    assert 0 < sender.traffic.waited < 2


def test_a_malformed_request_that_gets_500_is_not_sent_again() -> None:
    with serving(in_turn((500, ""), (502, ""))) as served:
        sender = live(Profile("p", served.base_url))

        async def run() -> list[Exchange]:
            return [await sender.perform(CALL, malformed=True) for _ in range(2)]

        first, second = asyncio.run(run())
    assert statuses(first) == [500]
    assert statuses(second) == [502, 200]


def test_a_retry_takes_a_fresh_connection_and_leaves_the_others_open() -> None:
    with serving(in_turn((200, ""), (500, ""), (500, ""), (200, ""), (200, ""))) as served:
        exchanges = perform(live(Profile("p", served.base_url)), *[CALL] * 3)
    assert [statuses(exchange) for exchange in exchanges] == [[200], [500, 500, 200], [200]]
    assert served.connections == 3


def test_a_fault_never_takes_the_place_of_a_status() -> None:
    answers = in_turn((500, ""))

    async def handle(connection: Connection) -> None:
        await (behaviours.resets if connection.served.requests else answers)(connection)

    with serving(handle) as served:
        exchange = once(served)
    assert exchange.status == 500
    assert [attempt.fault and attempt.fault.kind for attempt in exchange.retries] == ["connect", "connect"]


def test_retries_that_help_are_not_counted_against_the_run() -> None:
    with serving(in_turn(*[(500, ""), (200, "")] * 9)) as served:
        sender = live(Profile("p", served.base_url), Limits(back_off=0.01, retry_budget=2))
        exchanges = perform(sender, *[CALL] * 9)
    assert [statuses(exchange) for exchange in exchanges] == [[500, 200]] * 9


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
    ("retry_after", "asked"),
    [
        ("2", 2),
        (" 0 ", 0),
        ("86400", 86400),
        ("9" * 400, 999_999_999),
        ("Mon, 99 Foo 0000 00:00:00 GMT", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        (None, None),
    ],
)
def test_how_long_the_server_asks_to_wait(retry_after: str | None, asked: float | None) -> None:
    assert asked_wait(retry_after) == asked


@pytest.mark.parametrize(
    ("seconds", "least", "most"), [(10, 8, 10.1), (86400, 86398, 86400.1), (-86400, 0, 0)]
)
def test_how_long_to_wait_for_a_moment(seconds: int, least: float, most: float) -> None:
    moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)
    asked = asked_wait(email.utils.format_datetime(moment, usegmt=True))
    assert asked is not None
    assert least <= asked <= most


def test_waits_grow_and_scatter_and_are_the_same_each_time() -> None:
    waits = {back_off(Limits(), 3, f"s{number}") for number in range(20)}
    assert len(waits) == 20
    assert all(1.5 <= wait <= 2.5 for wait in waits)
    assert back_off(Limits(), 3, "s1") == back_off(Limits(), 3, "s1")
    assert [back_off(Limits(), tried) for tried in (1, 2, 3, 99)] == [0.5, 1.0, 2.0, 30.0]


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
    limiter.too_many(began)
    limiter.too_many(began)
    assert limiter.width == 4
    for _ in range(3):
        limiter.too_many(time.monotonic())
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
