"""The plan: each scenario once, after those that it needs, and what it costs."""

from dataclasses import replace

import pytest

from conformance.plan import Cost, PlanError, costs, plan, wording
from conformance.scenario import Scenario, Setting, ask

FIRST = ask("first", "Reply with exactly: one", output_tokens=7)
SECOND = replace(ask("second", "Reply with exactly: two", area="storage", output_tokens=5), after=(FIRST,))


def test_a_scenario_that_many_checks_name_stands_in_the_plan_once() -> None:
    assert list(plan([SECOND, FIRST, SECOND])) == ["first", "second"]


def test_what_a_scenario_comes_after_is_planned_even_if_nobody_names_it() -> None:
    assert list(plan([SECOND])) == ["first", "second"]


def test_two_scenarios_of_one_name_are_refused() -> None:
    with pytest.raises(PlanError, match="'first'"):
        plan([FIRST, ask("first", "Reply with exactly: another")])


def test_costs_add_up_by_area() -> None:
    assert costs([FIRST, SECOND]) == {"response": Cost(1, 7), "storage": Cost(1, 5)}
    assert Cost(1, 7) + Cost(1, 5) == Cost(2, 12)


def test_a_call_that_depends_on_an_answer_cannot_be_worded_yet() -> None:
    waiting = Scenario("third", "storage", lambda _, done: done["first"] and None, after=(FIRST,))  # type: ignore[arg-type,return-value] # never comes to build
    setting = Setting("m")
    assert wording(waiting, setting, {}) is None
    call = wording(FIRST, setting, {})
    assert call is not None
    assert call.body is not None
    assert b'"model":"m"' in call.body
