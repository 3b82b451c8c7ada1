"""Everything that a run performed, as the checks may look at it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

from conformance.exchange import Exchange, Performance, trouble
from conformance.rules.acceptance import blames_itself
from conformance.scenarios.closure import built_on
from conformance.scenarios.scenario import Family, Scenario, Unsent
from conformance.streams.stream import Stream
from conformance.verdicts.judge import Absent, CannotJudge, Elsewhere


@dataclass
class Looked:
    """What a check has looked at: exchanges by name, and whether it took whatever there was."""

    at: set[str] = field(default_factory=set)
    around: bool = False


@dataclass(frozen=True)
class Record:
    """The plan and its outcomes, by the name of the performance: further attempts have one of their own.

    `older` has, for a recording that builds on what was recorded anew since, the exchanges that it was made
    with, by name. `looked` tells what was asked for since the record was `handed` out.
    """

    plan: Mapping[str, Scenario]
    outcomes: Mapping[str, Exchange | Unsent]
    older: Mapping[str, Mapping[str, Exchange]] = field(default_factory=dict)
    looked: Looked = field(default_factory=Looked, repr=False, compare=False)
    _streams: dict[str, Stream] = field(default_factory=dict, repr=False, compare=False)

    def handed(self, scenarios: Collection[Scenario] = ()) -> Self:
        """The same record for a check of these scenarios, which has looked at nothing yet.

        It sees each of them with the exchanges that it was made with. Raises CannotJudge where two of them
        were made with different ones, so that nothing can be compared.
        """
        seen = self._made_with([scenario.name for scenario in scenarios]) if self.older else {}
        if not seen:
            return replace(self, looked=Looked())
        others = {n: each for n, each in self.outcomes.items() if Performance.named(n).scenario not in seen}
        return replace(self, outcomes={**others, **seen}, looked=Looked(), _streams={})

    def _made_with(self, names: Collection[str]) -> dict[str, Exchange]:
        """The older exchanges that some scenarios were made with, by name."""
        chains = built_on(self.plan[name] for name in names if name in self.plan)
        within = frozenset[str]().union(*(chains.get(name, ()) for name in names))
        seen: dict[str, Exchange | Unsent | None] = {}
        for name in names:
            for head in chains.get(name, ()) if name not in within else ():
                made_with = self.older.get(name, {}).get(head) or self.outcomes.get(head)
                if seen.setdefault(head, made_with) is not made_with:
                    several = " and ".join(each for each in names if head in chains.get(each, ()))
                    raise CannotJudge(
                        f"{several} were recorded with different answers of {head}: record them again"
                    )
        return {
            head: each
            for head, each in seen.items()
            if isinstance(each, Exchange) and each is not self.outcomes.get(head)
        }

    def outcome(self, scenario: Scenario) -> Exchange | Unsent:
        """What became of a scenario; raises CannotJudge where the run never came to it."""
        try:
            found = self.outcomes[scenario.name]
        except KeyError:
            raise CannotJudge(f"{scenario.name} was not performed") from None
        if isinstance(found, Exchange):
            self.looked.at.add(scenario.name)
        return found

    def exchange(self, scenario: Scenario) -> Exchange:
        """A scenario's exchange, alive: an answer came, and it was not «not now».

        Raises CannotJudge where it is dead, Absent where the plan did not need it, Elsewhere where «not now»
        is said of this very request: that is judged where an answer is promised.
        """
        outcome = self.outcome(scenario)
        if isinstance(outcome, Unsent):
            raise Absent(outcome.reason)
        if dead := trouble(outcome):
            if blames_itself(outcome, self.performed):
                raise Elsewhere(f"{dead}, which is judged where an answer is promised")
            raise CannotJudge(dead)
        return outcome

    def stream(self, exchange: Exchange) -> Stream:
        """The exchange's body as a stream, read once however many checks look at it."""
        if exchange.scenario not in self._streams:
            self._streams[exchange.scenario] = Stream.of(exchange)
        return self._streams[exchange.scenario]

    def response(self, exchange: Exchange) -> dict[str, Any] | None:
        """The Response object of an answer, however it came: as the body, or in the end of a stream.

        A stream that nobody asked for is one fault; what it says is judged like any other answer.
        """
        scenario = self.plan.get(exchange.performance.scenario)
        streamed = scenario is not None and scenario.streamed
        as_stream = streamed or exchange.media_type == "text/event-stream"
        found = self.stream(exchange).response if as_stream else exchange.json.value
        return found if isinstance(found, dict) else None

    def attempts(self, scenario: Scenario) -> tuple[Exchange, ...]:
        """The exchange and its further attempts, as far as they are alive."""
        later = (self.outcomes.get(str(each)) for each in Performance.further(scenario.name))
        further = [e for e in later if isinstance(e, Exchange) and not trouble(e)]
        self.looked.at.update(e.scenario for e in further)
        return (self.exchange(scenario), *further)

    def performed(self) -> Iterator[Exchange]:
        """Every exchange, dead ones too, in the order of the plan."""
        self.looked.around = True
        for outcome in self.outcomes.values():
            if isinstance(outcome, Exchange):
                self.looked.at.add(outcome.scenario)
                yield outcome

    def answers(self, family: Family = "", *, streamed: bool | None = None) -> Iterator[Exchange]:
        """Every exchange that brought a Response with status 200, of one family or of all."""
        self.looked.around = True
        for name, scenario, exchange in self._answered:
            if family in {"", scenario.family} and streamed in {None, scenario.streamed}:
                self.looked.at.add(name)
                yield exchange

    @cached_property
    def _answered(self) -> Sequence[tuple[str, Scenario, Exchange]]:
        """What brought a Response with status 200, by name, with its scenario."""
        named = (
            (name, self.plan.get(Performance.named(name).scenario), each)
            for name, each in self.outcomes.items()
        )
        return [
            (name, scenario, each)
            for name, scenario, each in named
            if scenario is not None
            and scenario.family
            and isinstance(each, Exchange)
            and each.status == 200
            and not trouble(each)
        ]

    def refusals(self) -> Iterator[Exchange]:
        """Every exchange that a provider refused with a 4xx status (but «not now» and a lost key)."""
        self.looked.around = True
        for outcome in self.outcomes.values():
            if (
                isinstance(outcome, Exchange)
                and outcome.status is not None
                and 400 <= outcome.status < 500
                and not trouble(outcome)
            ):
                self.looked.at.add(outcome.scenario)
                yield outcome
