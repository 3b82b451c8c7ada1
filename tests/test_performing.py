"""The plan: each scenario once, in the order of its dependencies, with the further attempts that it needs."""

import asyncio
from dataclasses import replace

import pytest

from conformance.exchange import Call, Exchange, Sent, encode_json
from conformance.run.performing import chain_lengths
from conformance.run.reading import shows
from conformance.scenarios.closure import closure
from conformance.scenarios.scenario import Done, FollowsRequest, NotNeeded, Says, Scenario, Target, Unsent
from tests.scripted import Scripted, exchange, fault, following, many, plain, run

UNSAID = Says("what no answer here says")


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
    def build(_: Target, __: Done) -> Call:
        raise NotNeeded("nothing was stored")

    b = Scenario("b", "answers", build)
    record = run(Scripted(), following("c", b))
    assert record.outcomes["b"] == Unsent("b", "nothing was stored")
    assert record.outcomes["c"] == Unsent("c", "nothing was stored")


def test_an_answer_that_nothing_can_be_built_on_is_an_error_of_that_row() -> None:
    def build(_: Target, done: Done) -> Call:
        return Call("b", path=done["a"].exchange.json.value["id"])

    record = run(Scripted(), Scenario("b", "answers", build, after=(plain("a"),)), plain("z"))
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
