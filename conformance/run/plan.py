"""What a run will cost, told before anything is sent."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from conformance.contract.capabilities import EVIDENCE, not_asked
from conformance.exchange import ATTEMPTS
from conformance.run.estimate import input_tokens
from conformance.run.prices import Prices
from conformance.scenarios.fitting import Misfit, worded
from conformance.scenarios.scenario import NotNeeded, Scenario, Target

FURTHER = len(ATTEMPTS) - 1
"""A behaviour that does not show in the first attempt gets so many more."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Requests and an upper estimate of the tokens read and written, of one area or of all."""

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        """The cost of both."""
        return Cost(
            self.requests + other.requests,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
        )

    def __mul__(self, times: int) -> "Cost":
        """The cost of doing it so many times."""
        return Cost(self.requests * times, self.input_tokens * times, self.output_tokens * times)

    @property
    def tokens(self) -> str:
        """The tokens in words."""
        return f"{self.input_tokens} input and {self.output_tokens} output tokens"


def costs(scenarios: Iterable[Scenario], target: Target) -> dict[str, Cost]:
    """What each area costs if every behaviour shows in its first attempt."""
    found: dict[str, Cost] = {}
    for scenario in scenarios:
        found[scenario.area] = found.get(scenario.area, Cost()) + _cost(scenario, target)
    return found


def further_attempts(scenarios: Iterable[Scenario], target: Target) -> Cost:
    """What comes on top if no behaviour ever shows, and everything stays in doubt."""
    times = ((s, (FURTHER if s.shows else 0) + (1 if s.in_doubt else 0)) for s in scenarios)
    return sum((_cost(scenario, target) * often for scenario, often in times if often), Cost())


def plan_lines(
    plan: Mapping[str, Scenario],
    target: Target,
    *,
    prices: Prices | None = None,
    repeat: int = 1,
    each: bool = False,
) -> Iterator[str]:
    """The plan in words: requests and estimated tokens by area, and the total at the end.

    With `each` a line for each scenario comes first. With `prices` the money is told. What the profile does
    not claim is not counted. `repeat` is how often everything is performed.
    """
    left_out = _unclaimed(plan, target)
    if each:
        for name, scenario in plan.items():
            yield f"{name}: {left_out.get(name) or _request(scenario, target)}"
        yield ""
    sent = [scenario for name, scenario in plan.items() if name not in left_out]
    certain = [scenario for scenario in sent if not scenario.in_doubt]
    by_area = {area: cost * repeat for area, cost in costs(certain, target).items()}
    further = further_attempts(sent, target) * repeat
    total = sum(by_area.values(), Cost())
    yield from _table(by_area)
    looked_for = [
        scenario for name, scenario in plan.items() if name in left_out and scenario.area == EVIDENCE
    ]
    if others := len(left_out) - len(looked_for):
        lacking = "" if target.contract.shipped else ", or the contract has not,"
        yield f"not sent, for the profile does not claim{lacking} what they need: {others} requests"
    if looked_for:
        more = costs(looked_for, target)[EVIDENCE] * repeat
        yield f"not sent without --evidence: {more.requests} requests, at most {more.tokens}"
    attempts = f"{further.requests} requests, {further.tokens}"
    yield f"further attempts, only where something is refused or does not show: at most {attempts}"
    yield f"all: {total.requests} requests, at most {total.tokens}"
    if prices is not None:
        most = _money(total + further, prices)
        yield f"price: at most {_money(total, prices)}, {most} with every further attempt"
    yield "nothing was sent"


def _cost(scenario: Scenario, target: Target) -> Cost:
    return Cost(1, input_tokens(scenario, target), scenario.output_tokens)


def _unclaimed(plan: Mapping[str, Scenario], target: Target) -> dict[str, str]:
    """Why some are not sent: they need what is not claimed or promised, or an answer that will not come."""
    found: dict[str, str] = {}
    for name, scenario in plan.items():
        if missing := scenario.uses & target.unclaimed:
            found[name] = f"not sent, {not_asked(missing)}"
        elif misfit := _misfit(scenario, target):
            found[name] = f"not sent, {misfit}"
        elif earlier := next((before.name for before in scenario.after if before.name in found), ""):
            found[name] = f"not sent, it comes after {earlier}"
    return found


def _misfit(scenario: Scenario, target: Target) -> str:
    """Why the contract in force does not let it be asked; empty where that shows only later."""
    if target.contract.shipped:
        return ""
    try:
        worded(scenario, target, {})
    except Misfit as reason:
        return str(reason)
    except (KeyError, NotNeeded):
        pass
    return ""


HEAD = ("area", "requests", "input tokens at most", "output tokens at most")


def _table(by_area: Mapping[str, Cost]) -> Iterator[str]:
    rows = [
        HEAD,
        *(
            (area, str(cost.requests), str(cost.input_tokens), str(cost.output_tokens))
            for area, cost in by_area.items()
        ),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *numbers in rows:
        cells = (number.rjust(width) for number, width in zip(numbers, widths[1:], strict=True))
        yield "  ".join((first.ljust(widths[0]), *cells))


def _money(cost: Cost, prices: Prices) -> str:
    """Rounded up, since it is said to be the most."""
    exact = prices.of(cost.input_tokens, cost.output_tokens)
    return f"{math.ceil(round(exact * 100, 6)) / 100:.2f} {prices.currency}"


def _request(scenario: Scenario, target: Target) -> str:
    try:
        call = worded(scenario, target, {})
    except (KeyError, NotNeeded):
        return f"after {', '.join(earlier.name for earlier in scenario.after)}"
    body = (call.body or b"").decode("utf-8", "backslashreplace")
    shown = body if len(body) <= 160 else f"{body[:160]}… ({len(body)} characters)"
    return f"{call.method} {call.path or '/'} {shown}".rstrip()
