"""Scenarios with all that they build on."""

from collections.abc import Iterable, Mapping

from conformance.scenarios.scenario import Scenario


def closure(scenarios: Iterable[Scenario]) -> dict[str, Scenario]:
    """The scenarios and all that they come after, by name, each behind those that it needs.

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
    return plan


def behind(scenarios: Iterable[Scenario]) -> Mapping[str, frozenset[str]]:
    """All that each comes after, directly or not, by name; without those that come after nothing."""
    found: dict[str, frozenset[str]] = {}
    for name, scenario in closure(scenarios).items():
        if scenario.after:
            direct = (before.name for before in scenario.after)
            further = (found.get(before.name, frozenset()) for before in scenario.after)
            found[name] = frozenset(direct).union(*further)
    return found
