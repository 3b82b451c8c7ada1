"""Scenarios with all that they build on."""

from collections.abc import Iterable, Mapping

from conformance.scenarios.scenario import Scenario


def closure(scenarios: Iterable[Scenario]) -> dict[str, Scenario]:
    """The scenarios and all that they come after, by name, each behind those that it needs or would spoil.

    Raises ValueError where two scenarios share a name: they would share a recording.
    """
    plan: dict[str, Scenario] = {}

    def add(scenario: Scenario) -> None:
        known = plan.get(scenario.name)
        if known is scenario:
            return
        if known is not None:
            raise ValueError(f"two scenarios are named {scenario.name!r}")
        for earlier in scenario.after:
            add(earlier)
        plan[scenario.name] = scenario

    for scenario in scenarios:
        add(scenario)
    return _in_order(plan)


def _in_order(plan: dict[str, Scenario]) -> dict[str, Scenario]:
    """The same plan, in which what would spoil others comes behind those of them that are in it."""
    ordered: dict[str, Scenario] = {}

    def place(scenario: Scenario) -> None:
        if scenario.name in ordered:
            return
        for earlier in (*scenario.after, *(before for before in scenario.behind if before.name in plan)):
            place(earlier)
        ordered[scenario.name] = scenario

    for scenario in plan.values():
        place(scenario)
    return ordered


def built_on(scenarios: Iterable[Scenario]) -> Mapping[str, frozenset[str]]:
    """All that each builds on, directly or not, by name; without those that build on nothing."""
    found: dict[str, frozenset[str]] = {}
    for name, scenario in closure(scenarios).items():
        if scenario.after:
            direct = (before.name for before in scenario.after)
            further = (found.get(before.name, frozenset()) for before in scenario.after)
            found[name] = frozenset(direct).union(*further)
    return found
