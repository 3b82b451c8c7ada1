"""The plan of a run: the distinct scenarios that the selected checks name, and what they will cost."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from conformance.exchange import Call, Exchange
from conformance.scenario import NotNeeded, Scenario, Setting


class PlanError(ValueError):
    """Two scenarios share one name, so one recording would hide the other."""


def plan(named: Iterable[Scenario]) -> Mapping[str, Scenario]:
    """The scenarios by name, those that they come after before them, each once."""
    found: dict[str, Scenario] = {}
    for scenario in named:
        _add(scenario, found)
    return found


def _add(scenario: Scenario, found: dict[str, Scenario]) -> None:
    known = found.get(scenario.name)
    if known is scenario:
        return
    if known is not None:
        raise PlanError(f"two scenarios are named {scenario.name!r}")
    for earlier in scenario.after:
        _add(earlier, found)
    found[scenario.name] = scenario


@dataclass(frozen=True, slots=True)
class Cost:
    """Requests and an upper estimate of output tokens, of one area or of all."""

    requests: int = 0
    output_tokens: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        """The cost of both."""
        return Cost(self.requests + other.requests, self.output_tokens + other.output_tokens)


def costs(scenarios: Iterable[Scenario]) -> dict[str, Cost]:
    """What each area costs if every behavioural check needs its first attempt only."""
    found: dict[str, Cost] = {}
    for scenario in scenarios:
        cost = Cost(1, scenario.output_tokens)
        found[scenario.area] = found.get(scenario.area, Cost()) + cost
    return found


def wording(scenario: Scenario, setting: Setting, done: Mapping[str, Exchange]) -> Call | None:
    """The call as it would be sent; None where it depends on answers that are not there yet."""
    try:
        return scenario.build(setting, done)
    except (KeyError, NotNeeded):
        return None
