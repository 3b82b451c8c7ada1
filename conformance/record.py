"""Everything that a run performed, as the checks may look at it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from conformance.exchange import Exchange
from conformance.judge import Absent, CannotJudge
from conformance.scenario import Family, Scenario, Unsent
from conformance.streams.stream import Stream

RETRIED = frozenset({429, 502, 503, 504})
"""Statuses that say «not now»: what still has one after its retries could not be judged."""


@dataclass(frozen=True)
class Record:
    """The plan and its outcomes, by scenario name; further attempts stand under `name~2`, `name~3`."""

    plan: Mapping[str, Scenario]
    outcomes: Mapping[str, Exchange | Unsent]
    _streams: dict[str, Stream] = field(default_factory=dict, repr=False, compare=False)

    def outcome(self, scenario: Scenario) -> Exchange | Unsent:
        """What became of a scenario; raises CannotJudge where the run never came to it."""
        try:
            return self.outcomes[scenario.name]
        except KeyError:
            raise CannotJudge(f"{scenario.name} was not performed") from None

    def exchange(self, scenario: Scenario) -> Exchange:
        """A scenario's exchange, alive: an answer came, and it was not «not now».

        Raises CannotJudge where it is dead, Absent where the plan did not need it.
        """
        outcome = self.outcome(scenario)
        if isinstance(outcome, Unsent):
            raise Absent(outcome.reason)
        if trouble := self.trouble(outcome):
            raise CannotJudge(trouble)
        return outcome

    def stream(self, exchange: Exchange) -> Stream:
        """The exchange's body as a stream, read once however many checks look at it."""
        if exchange.scenario not in self._streams:
            self._streams[exchange.scenario] = Stream.of(exchange)
        return self._streams[exchange.scenario]

    def trouble(self, exchange: Exchange) -> str:
        """Why an exchange cannot be judged at all, in words; empty where it can."""
        if exchange.fault is not None and (exchange.status is None or exchange.fault.kind != "cut"):
            return f"{exchange.scenario}: {exchange.fault.message}"
        if exchange.status in RETRIED:
            tries = len(exchange.retries) + 1
            return f"{exchange.scenario}: HTTP {exchange.status} after {tries} tries"
        return ""

    def attempts(self, scenario: Scenario) -> tuple[Exchange, ...]:
        """The exchange and its further attempts, as far as they are alive."""
        names = (f"{scenario.name}~{number}" for number in (2, 3))
        later = (self.outcomes.get(name) for name in names)
        return (
            self.exchange(scenario),
            *(e for e in later if isinstance(e, Exchange) and not self.trouble(e)),
        )

    def answers(self, family: Family = "", *, streamed: bool | None = None) -> Iterator[Exchange]:
        """Every exchange that brought a Response with status 200, of one family or of all."""
        for name, outcome in self.outcomes.items():
            scenario = self.plan.get(name.split("~")[0])
            if (
                scenario is not None
                and scenario.family
                and isinstance(outcome, Exchange)
                and outcome.status == 200
                and not self.trouble(outcome)
                and family in {"", scenario.family}
                and streamed in {None, scenario.streamed}
            ):
                yield outcome

    def refusals(self) -> Iterator[Exchange]:
        """Every exchange that a provider refused with a 4xx status (but «not now» and a lost key)."""
        for outcome in self.outcomes.values():
            if (
                isinstance(outcome, Exchange)
                and outcome.status is not None
                and 400 <= outcome.status < 500
                and not self.trouble(outcome)
            ):
                yield outcome
