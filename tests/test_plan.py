"""The plan in words, and what it costs."""

from dataclasses import replace

from conformance.exchange import Call
from conformance.plan import Cost, costs, plan_lines
from conformance.scenario import Scenario, Setting, ask

FIRST = ask("first", "Reply with exactly: one", output_tokens=7)
SECOND = replace(ask("second", "Reply with exactly: two", area="storage", output_tokens=5), after=(FIRST,))


def test_costs_add_up_by_area() -> None:
    assert costs([FIRST, SECOND]) == {"response": Cost(1, 7), "storage": Cost(1, 5)}
    assert Cost(1, 7) + Cost(1, 5) == Cost(2, 12)


def test_the_plan_in_words_names_requests_dependents_and_costs() -> None:
    waiting = Scenario("third", "storage", lambda _, done: Call(done["first"].scenario), after=(FIRST,))
    lines = list(plan_lines({s.name: s for s in (FIRST, SECOND, waiting)}, Setting("m")))
    assert lines[0].startswith('first: POST / {"model":"m"')
    assert lines[2] == "third: after first"
    assert "all: 3 requests, at most 12 output tokens" in lines
    assert lines[-1] == "nothing was sent"
