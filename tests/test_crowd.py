"""What times out in company is asked again with fewer in flight: while that helps, and within the bounds."""

import asyncio
import time
from dataclasses import replace

import pytest

from conformance.exchange import Call, Exchange, Traffic
from conformance.run.profile import Profile
from conformance.wire.crowd import Crowd
from conformance.wire.limiter import ANY, Limiter
from conformance.wire.limits import Limits
from conformance.wire.live import Live
from tests.hostile import behaviours
from tests.hostile.serving import Connection, Handler, Served, serving
from tests.sending import CALL, live

LIMITS = Limits(request_timeout=0.5)
FIRST, HANGS = Call("first", body=b"{}"), Call("hangs", body=b'"hang"')


def calm(most: int, delay: float = 0.05) -> Handler:
    """Answers as long as no more than so many are in flight, and hangs where there are more."""
    in_flight: list[Connection] = []

    async def handle(connection: Connection) -> None:
        request = await connection.request()
        in_flight.append(connection)
        try:
            await asyncio.sleep(delay)
            if request.body == HANGS.body or len(in_flight) > most:
                await asyncio.wait_for(connection.reader.read(), 30)
                raise EOFError
            await connection.answer(b"{}")
        finally:
            in_flight.remove(connection)

    return handle


def performed(
    sender: Live, *calls: Call, alive: bool = True, then: Call | None = None, tokens: int = 0
) -> list[Exchange]:
    """Performs the calls at once, after one that shows life, and then another one."""

    async def run() -> list[Exchange]:
        try:
            if alive:
                await sender.perform(FIRST)
            made = await asyncio.gather(*(sender.perform(call, output_tokens=tokens) for call in calls))
            return [*made, *([await sender.perform(then)] if then else [])]
        finally:
            await sender.aclose()

    return asyncio.run(run())


def faults(exchange: Exchange) -> list[str | None]:
    """How each of its tries ended."""
    tries = (*(each.fault for each in exchange.retries), exchange.fault)
    return [fault.kind if fault else None for fault in tries]


def sent(served: Served, call: Call) -> int:
    return sum(request.body == call.body for request in served.requests)


def test_what_times_out_in_company_is_asked_again_with_fewer() -> None:
    with serving(calm(4)) as served:
        sender = live(Profile("p", served.base_url), LIMITS)
        made = performed(sender, *[CALL] * 8)
    assert [faults(each) for each in made] == [["timeout", None]] * 8
    assert [each.status for each in made] == [200] * 8
    assert all(each.retries[0].duration >= 0.5 and each.retries[0].started_at for each in made)
    traffic = sender.traffic
    assert (traffic.requests, traffic.retries, traffic.asked_again) == (17, 8, 8)


def test_what_times_out_among_fewer_is_asked_alone() -> None:
    with serving(calm(1)) as served:
        made = performed(live(Profile("p", served.base_url), LIMITS), *[CALL] * 4)
    assert [faults(each) for each in made] == [["timeout", "timeout", None]] * 4


def test_a_timeout_alone_is_final() -> None:
    with serving(calm(1)) as served:
        sender = live(Profile("p", served.base_url), LIMITS)
        assert faults(performed(sender, HANGS)[0]) == ["timeout"]
    assert sender.traffic.asked_again == 0


def test_where_nobody_was_answered_nobody_is_asked_again() -> None:
    with serving(behaviours.endless_deltas) as served:
        sender = live(Profile("p", served.base_url), LIMITS)
        made = performed(sender, *[CALL] * 4, alive=False, then=CALL)
    assert [faults(each) for each in made] == [["timeout"]] * 5, "what never ends is no answer"
    assert sender.traffic.patience == ""


def test_a_kind_that_hangs_is_soon_taken_as_it_is() -> None:
    hanging = [replace(HANGS, scenario=f"hangs-{n}") for n in range(12)]
    with serving(calm(99, delay=0.01)) as served:
        began = time.monotonic()
        made = performed(live(Profile("p", served.base_url), LIMITS), *hanging, then=CALL)
        took = time.monotonic() - began
    assert {faults(each)[-1] for each in made[:-1]} == {"timeout"}
    assert made[-1].status == 200
    assert sent(served, HANGS) <= 12 + 8 + 3, "all at first, those in flight again, and three alone"
    assert took < 8 * LIMITS.request_timeout, "of which three alone"


def test_a_server_that_falls_silent_is_asked_by_as_many_as_before() -> None:
    with serving(calm(99, delay=0.01)) as served:
        sender = live(Profile("p", served.base_url), LIMITS)
        performed(sender, *[HANGS] * 8)
        began = time.monotonic()
        performed(sender, *[HANGS] * 8, alive=False)
        assert time.monotonic() - began < 2 * LIMITS.request_timeout


def test_what_cannot_be_asked_twice_is_not() -> None:
    deletion = Call("gone", "DELETE", "/resp_1", body=HANGS.body)
    with serving(calm(4)) as served:
        sender = live(Profile("p", served.base_url), LIMITS)
        made = performed(sender, deletion, *[CALL] * 5)
    assert faults(made[0]) == ["timeout"]
    assert sent(served, deletion) == 1
    assert [each.status for each in made[1:]] == [200] * 5


def test_what_cannot_be_asked_twice_is_asked_alone_of_a_slow_server() -> None:
    deletion = Call("gone", "DELETE", "/resp_1")
    with serving(calm(1)) as served:
        sender = live(Profile("p", served.base_url), LIMITS)

        async def run() -> Exchange:
            await sender.perform(FIRST)
            await asyncio.gather(*(sender.perform(CALL) for _ in range(2)))
            return (await asyncio.gather(sender.perform(deletion), sender.perform(CALL)))[0]

        assert faults(asyncio.run(run())) == [None]


def test_asking_again_is_paid_from_the_budgets() -> None:
    with serving(calm(1)) as served:
        profile = Profile("p", served.base_url)
        few = performed(live(profile, replace(LIMITS, max_requests=3)), CALL, CALL)
        sender = live(profile, replace(LIMITS, max_output_tokens=30))
        cheap = performed(sender, CALL, CALL, tokens=10)
    assert [faults(each) for each in few] == [["timeout"]] * 2, "the first made it three"
    assert sorted(map(faults, cheap), key=len) == [["timeout"], ["timeout", None]]
    assert sender.traffic.output_tokens == 30, "what was given up on may be paid for all the same"


def test_the_deadline_holds_while_it_is_asked_again() -> None:
    with serving(calm(0)) as served:
        sender = live(Profile("p", served.base_url), replace(LIMITS, deadline=1.0))
        began = time.monotonic()
        made = performed(sender, *[CALL] * 8, alive=False)
        assert time.monotonic() - began < 2
    assert {each.status for each in made} == {None}


def test_it_is_over_where_asking_alone_has_led_nowhere() -> None:
    crowd = Crowd(lone_timeouts=2)
    assert not crowd.may_ask(16), "nobody was answered"
    crowd.answered(16, 0)
    assert not crowd.led_nowhere(16)
    crowd.answered(16, 1)
    assert not crowd.led_nowhere(16)
    assert crowd.may_ask(16), "two of three timed out, and one makes up for one"
    crowd.answered(16, 0)
    assert crowd.led_nowhere(16)
    assert not crowd.may_ask(16)


def test_a_long_answer_asked_for_in_vain_says_nothing_of_a_short_one() -> None:
    crowd = Crowd(lone_timeouts=2)
    crowd.answered(16, 0)
    for _ in range(2):
        crowd.led_nowhere(4096)
    assert [crowd.over(tokens) for tokens in (16, 512, 4096, 8192)] == [False, False, True, True]


def test_quick_answers_say_little_for_more_in_flight_at_a_slow_server() -> None:
    crowd = Crowd(lone_timeouts=2)
    assert crowd.share(0.1, 20.0) == 1.0
    crowd.answered(16, 0)
    crowd.too_many()
    assert [crowd.share(took, 20.0) for took in (0.1, 10.0, 30.0)] == [0.005, 0.5, 1.0]
    assert [crowd.led_nowhere(16) for _ in range(2)] == [False, True]
    assert crowd.share(0.1, 20.0) == 1.0, "fewer were of no use"
    limiter = Limiter(8)
    limiter.too_many(time.monotonic())
    for _ in range(60):
        limiter.answered(0.005)
    assert limiter.width == 4


def test_one_that_is_alone_keeps_all_others_out() -> None:
    limiter, order = Limiter(8), list[str]()

    async def held(name: str, among: int, urgency: int) -> int:
        async with limiter.slot(urgency, 5, among) as place:
            order.append(name)
            await asyncio.sleep(0.02)
        return place.company

    async def run() -> list[int]:
        asked = [("a", ANY, 0), ("b", ANY, 0), ("alone", 1, 2), ("half", 2, 1), ("c", ANY, 0), ("d", ANY, 0)]
        return await asyncio.gather(*(held(*each) for each in asked))

    assert asyncio.run(run())[:4] == [2, 2, 1, 2]
    assert order == ["a", "b", "alone", "half", "c", "d"]


def test_one_that_waits_to_be_alone_and_gives_up_lets_the_others_go() -> None:
    limiter = Limiter(8)

    async def run() -> None:
        async with limiter.slot(0, 5):
            with pytest.raises(TimeoutError):
                await limiter.slot(1, 0.05, 1).__aenter__()
            async with limiter.slot(0, 0.5):
                assert limiter.peak == 2

    asyncio.run(run())


def test_the_width_comes_back_at_once_where_fewer_are_of_no_use() -> None:
    limiter = Limiter(8)
    limiter.too_many(time.monotonic())
    assert limiter.width == 4
    limiter.restore()
    assert limiter.width == 8


@pytest.mark.parametrize(
    ("traffic", "words"),
    [
        (Traffic(), ""),
        (Traffic(asked_again=1), "timed out and asked again with fewer in flight once"),
        (
            Traffic(told_to_wait=2, waited=1.5, asked_again=1200) + Traffic(asked_again=1),
            "told to wait 2 times, 1.5 s in all; timed out and asked again with fewer in flight 1,201 times",
        ),
    ],
)
def test_how_often_is_told_in_words(traffic: Traffic, words: str) -> None:
    assert traffic.patience == words
