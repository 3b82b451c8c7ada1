"""When nothing can be judged: which first answers stop a run, and which must not."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from conformance.exchange import Call, Exchange
from conformance.run.performing import PROBES, perform_all, stop_reason, stop_trouble
from conformance.run.record import Record
from conformance.scenarios.scenario import Done, NotNeeded, Says, Scenario, Target
from tests.scripted import TARGET, Scripted, exchange, following, many, outcome, plain, run

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
    "empty": lambda name: exchange(name, 200, body=b""),
    "an error in 200": lambda name: exchange(
        name, 200, body=b'{"error":{"message":"no route (request 4f%s)"}}' % name.encode()
    ),
    "an error in 200, or 503": lambda name: exchange(
        name, 503 if name == "s03" else 200, body=b'{"error":"down"}'
    ),
    "an unknown model in 200": lambda name: exchange(name, 200, body=b'{"error":{"code":"model_not_found"}}'),
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
    record = asyncio.run(perform_all(scenarios, TARGET, performer, on_done=seen.append))
    assert len(performer.sent) == PROBES
    faults = [outcome(record, scenario).fault for scenario in record.plan]
    assert None not in faults, "an exchange before the stop is no evidence either"
    told = stop_trouble(record)
    assert told is not None
    assert told.line == stop_reason(record)
    assert told.what
    assert told.mend
    assert len(stop_reason(record).splitlines()) == 1
    last = {one.scenario: one for one in seen}
    assert sorted(last) == sorted(performer.sent), "what was never begun is not handed over"
    assert last.items() <= record.outcomes.items(), "the last that was handed over counts"


def test_the_hopeless_gets_no_further_attempts() -> None:
    performer = Scripted(HOPELESS["404"])
    record = run(performer, *many(2 * PROBES, shows=Says("green")))
    assert len(performer.sent) == PROBES
    assert all(outcome(record, name).fault for name in record.outcomes)


JUDGED: dict[str, Callable[[str], Exchange]] = {
    "400": lambda name: exchange(name, 400),
    "all but one 404": lambda name: exchange(name, 200 if name == "s03" else 404),
    "all but one refused": lambda name: exchange(name, 400 if name == "s03" else 404),
    "all but one empty": lambda name: exchange(name, 200, body=b"{}" if name == "s03" else b""),
    "errors in 200 that differ": lambda name: exchange(
        name, 200, body=b'{"error":{"message":"%s"}}' % (b"no tools" if name == "s03" else b"no text")
    ),
    "an error in 200 that blames a field": lambda name: exchange(
        name, 200, body=b'{"error":{"message":"no","param":"store"}}'
    ),
    "responses that failed": lambda name: exchange(
        name, 200, body=b'{"object":"response","status":"failed","error":{"message":"no"}}'
    ),
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
    def build(_: Target, __: Done) -> Call:
        raise NotNeeded("no")

    scenarios = [Scenario(f"n{number}", "answers", build, smoke=True) for number in range(PROBES)]
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
        return await perform_all(chain, TARGET, performer)

    record = asyncio.run(one_by_one())
    assert stop_reason(record) == "" or "in a row found no endpoint" in stop_reason(record)


def test_a_replay_is_never_stopped() -> None:
    record = run(Scripted(lambda name: exchange(name, 401)), *many(9), stop_early=False)
    assert stop_reason(record) == ""
    assert all(outcome(record, name).fault is None for name in record.plan)
