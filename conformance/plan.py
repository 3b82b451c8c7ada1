"""What a run will cost, told before anything is sent."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from conformance.scenario import NotNeeded, Scenario, Setting


@dataclass(frozen=True, slots=True)
class Cost:
    """Requests and an upper estimate of output tokens, of one area or of all."""

    requests: int = 0
    output_tokens: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        """The cost of both."""
        return Cost(self.requests + other.requests, self.output_tokens + other.output_tokens)


def costs(scenarios: Iterable[Scenario]) -> dict[str, Cost]:
    """What each area costs if every behaviour shows in its first attempt."""
    found: dict[str, Cost] = {}
    for scenario in scenarios:
        cost = Cost(1, scenario.output_tokens)
        found[scenario.area] = found.get(scenario.area, Cost()) + cost
    return found


def plan_lines(plan: Mapping[str, Scenario], setting: Setting) -> Iterator[str]:
    """The plan in words: a line for each scenario, then requests and estimated tokens by area."""
    for name, scenario in plan.items():
        yield f"{name}: {_request(scenario, setting)}"
    yield ""
    by_area = costs(plan.values())
    for area, cost in [*by_area.items(), ("all", sum(by_area.values(), Cost()))]:
        yield f"{area}: {cost.requests} requests, at most {cost.output_tokens} output tokens"
    behavioural = sum(scenario.suspicious is not None for scenario in plan.values())
    yield f"further attempts, only where a behaviour does not show: at most {2 * behavioural} requests"
    yield "nothing was sent"


def _request(scenario: Scenario, setting: Setting) -> str:
    try:
        call = scenario.build(setting, {})
    except (KeyError, NotNeeded):
        return f"after {', '.join(earlier.name for earlier in scenario.after)}"
    body = (call.body or b"").decode("utf-8", "backslashreplace")
    shown = body if len(body) <= 160 else f"{body[:160]}… ({len(body)} characters)"
    return f"{call.method} {call.path or '/'} {shown}".rstrip()
