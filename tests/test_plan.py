"""The plan in words, what it costs, and whether its estimates are upper ones."""

import json
from dataclasses import replace

import pytest

from conformance.checks.support.bodies import bodies
from conformance.exchange import Call, Performance
from conformance.reference.hooks import Hooks
from conformance.run.estimate import (
    AFTER_ANOTHER,
    TOKENS_PER_IMAGE,
    TOKENS_PER_REQUEST,
    input_tokens,
    tokens_of,
)
from conformance.run.plan import Cost, costs, further_attempts, plan_lines
from conformance.run.prices import Prices
from conformance.scenarios.answers import TEXT_STREAM
from conformance.scenarios.scenario import Says, Scenario, Target, ask
from tests.bench import Bench

TARGET = Target("m")
FIRST = ask("first", "Reply with exactly: one", output_tokens=7)
SECOND = replace(ask("second", "Reply with exactly: two", area="storage", output_tokens=5), after=(FIRST,))
WAITING = Scenario("third", "storage", lambda _, done: Call(done["first"].exchange.scenario), after=(FIRST,))
SHY = ask("shy", "Think", output_tokens=3, shows=Says("hmm"))

ONE = input_tokens(FIRST, TARGET)


def planned(*scenarios: Scenario) -> dict[str, Scenario]:
    return {scenario.name: scenario for scenario in scenarios}


def test_costs_add_up_by_area() -> None:
    assert costs([FIRST, SECOND], TARGET) == {"answers": Cost(1, ONE, 7), "storage": Cost(1, ONE, 5)}
    assert Cost(1, 2, 7) + Cost(1, 3, 5) == Cost(2, 5, 12)
    assert Cost(1, 2, 3) * 2 == Cost(2, 4, 6)


def test_the_plan_ends_with_the_table_and_the_total() -> None:
    lines = list(plan_lines(planned(FIRST, SECOND, WAITING, SHY), TARGET))
    assert lines[0] == "area     requests  input tokens at most  output tokens at most"
    shy = input_tokens(SHY, TARGET)
    assert lines[1].split() == ["answers", "2", str(ONE + shy), "10"]
    assert lines[2].split() == ["storage", "2", str(ONE), "5"]
    assert lines[3:] == [
        "further attempts, only where something is refused or does not show: "
        f"at most 2 requests, {2 * shy} input and 6 output tokens",
        f"all: 4 requests, at most {2 * ONE + shy} input and 15 output tokens",
        "nothing was sent",
    ]
    assert len({len(line) for line in lines[:3]}) == 1, "the columns are aligned"


def test_each_scenario_is_told_on_demand() -> None:
    lines = list(plan_lines(planned(FIRST, SECOND, WAITING), TARGET, each=True))
    assert lines[0].startswith('first: POST / {"model":"m"')
    assert lines[2] == "third: after first"
    assert lines[3] == ""


def test_prices_are_told_as_the_most_that_it_costs() -> None:
    prices = Prices(1_000_000, 0.0, "EUR")
    lines = list(plan_lines(planned(FIRST), TARGET, prices=prices))
    assert lines[-2:] == [
        f"price: at most {ONE}.00 EUR, {ONE}.00 EUR with every further attempt",
        "nothing was sent",
    ]
    cheap = list(plan_lines(planned(SHY), TARGET, prices=Prices(0.0, 1_000)))
    assert "price: at most 0.01 USD, 0.01 USD with every further attempt" in cheap, "rounded up"
    free = list(plan_lines(planned(SHY), TARGET, prices=Prices(0.0, 0.0)))
    assert "price: at most 0.00 USD, 0.00 USD with every further attempt" in free


def test_repetitions_cost_as_often() -> None:
    assert f"all: 3 requests, at most {3 * ONE} input and 21 output tokens" in plan_lines(
        planned(FIRST), TARGET, repeat=3
    )


def test_what_the_profile_does_not_claim_costs_nothing() -> None:
    later = replace(FIRST, name="later", after=(SECOND,))
    unclaiming = Target("m", frozenset({"storage"}))
    lines = list(plan_lines(planned(FIRST, SECOND, later), unclaiming, each=True))
    assert lines[1:3] == [
        "second: not sent, the profile does not claim storage",
        "later: not sent, it comes after second",
    ]
    assert "not sent, for the profile does not claim what they need: 2 requests" in lines
    assert f"all: 1 requests, at most {ONE} input and 7 output tokens" in lines


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench.collect()


def test_the_reference_bills_no_request_above_its_estimate(bench: Bench) -> None:
    record = bench.record(Hooks())
    target = Target("gpt-5.2")
    billed = {}
    for body in bodies(record):
        billed[body.exchange.scenario] = body.count("input_tokens") or 0
    assert len(billed) > 100
    over = {}
    for name, tokens in billed.items():
        scenario = record.plan[Performance.named(name).scenario]
        if tokens > input_tokens(scenario, target):
            over[name] = (tokens, input_tokens(scenario, target))
    assert not over
    total = sum(cost.input_tokens for cost in costs(record.plan.values(), target).values())
    assert sum(billed.values()) <= total <= 5 * sum(billed.values()), "an upper estimate, and no fantasy"


UNBOUNDED = {"minimal", "input-tokens", "compact", "compact-told"}
"""Without a bound: what leaves out all that it can, what generates nothing, and what has no such field."""


def test_what_is_answered_with_text_is_bounded(bench: Bench) -> None:
    """A model that never stops costs no more than the bound, in whatever request it is met."""
    record = bench.record(Hooks())
    posted = [e for e in record.performed() if e.request.method == "POST" and e.status == 200]
    asked = {e.performance.scenario: e.sent_json for e in posted if isinstance(e.sent_json, dict)}
    assert len(asked) > 100
    assert {name for name, body in asked.items() if "max_output_tokens" not in body} == UNBOUNDED
    assert asked["long-input"]["max_output_tokens"] == 64


def test_no_request_is_estimated_below_a_token_for_4_characters(bench: Bench) -> None:
    for scenario in bench.scenarios():
        if scenario.after:
            continue
        call = scenario.build(TARGET, {})
        read = json.loads(call.body or b"0") if scenario.expects == "answer" else 0
        if isinstance(read, dict) and "data:image" not in str(read):
            said = "".join(_strings(read.get("input"))) + (read.get("instructions") or "")
            assert tokens_of(call) >= len(said.encode()) / 4, scenario.name


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for each in inner for text in _strings(each)]


def test_an_image_counts_the_same_whatever_its_size() -> None:
    def with_image(data: str) -> Call:
        part = {"type": "input_image", "image_url": data}
        body = {"input": [{"role": "user", "content": [part, part]}]}
        return Call("i", body=json.dumps(body).encode())

    small = tokens_of(with_image("data:image/png;base64,AAAA"))
    assert small == tokens_of(with_image("data:image/png;base64," + "A" * 100_000))
    assert 2 * TOKENS_PER_IMAGE < small < 2 * TOKENS_PER_IMAGE + 60


def test_what_is_no_json_object_and_what_has_no_body_is_estimated_too() -> None:
    assert tokens_of(Call("x", body=b'{"input": "cut')) == TOKENS_PER_REQUEST + 5
    assert tokens_of(Call("x", body=b"[1, 2]")) == TOKENS_PER_REQUEST + 2
    assert tokens_of(Call("x", body=b'{"input":"\\ud800"}')) > TOKENS_PER_REQUEST
    assert tokens_of(Call("x", "GET")) == tokens_of(Call("x", body=b"")) == 0


def test_what_builds_on_an_answer_has_a_fixed_estimate_where_it_generates_anything() -> None:
    assert input_tokens(WAITING, TARGET) == 0
    assert input_tokens(replace(WAITING, output_tokens=30), TARGET) == AFTER_ANOTHER


def test_further_attempts_are_two_for_each_behaviour() -> None:
    assert further_attempts([FIRST, SHY], TARGET) == Cost(2, 2 * input_tokens(SHY, TARGET), 6)
    assert further_attempts([TEXT_STREAM], TARGET) == Cost()
