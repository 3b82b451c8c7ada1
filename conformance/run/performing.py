"""Performs the plan: each scenario once, many at a time, and no more where nothing can be judged."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from conformance.contract.capabilities import not_asked
from conformance.exchange import Call, Exchange, Fault, FaultKind, Performance, trouble
from conformance.run.reading import earlier, shows
from conformance.run.record import Record
from conformance.run.trouble import Trouble, agree, told_together, trouble_of
from conformance.scenarios.closure import built_on, closure
from conformance.scenarios.fitting import worded
from conformance.scenarios.scenario import NotNeeded, Scenario, Target, Unsent, again
from conformance.wire.performer import Performer

PROBES = 8
"""How many exchanges are looked at before the rest is sent: as many as are in flight at first by default,
so that looking costs no time."""

SPENT = frozenset[FaultKind]({"deadline", "budget", "later", "stopped"})
"""What ends a run before everything is sent."""

INTERRUPTED = Fault("stopped", "interrupted before it was answered")

LOST = 10
"""So many exchanges in a row without a connection mean that the endpoint is gone."""

OnDone = Callable[[Exchange], None]


def chain_lengths(plan: Mapping[str, Scenario]) -> dict[str, int]:
    """For each scenario the number of requests in the longest chain that begins with it.

    A behavioural scenario counts as three: its further attempts follow each other.
    """
    longest = dict.fromkeys(plan, 0)
    for name in reversed(list(plan)):
        scenario = plan[name]
        longest[name] += 3 if scenario.shows else 1
        for before in _before(scenario, plan):
            longest[before.name] = max(longest[before.name], longest[name])
    return longest


async def perform_all(
    scenarios: Iterable[Scenario],
    target: Target,
    performer: Performer,
    *,
    on_done: OnDone = lambda _: None,
    on_life: Callable[[], None] = lambda: None,
    stop_early: bool = True,
    interrupted: asyncio.Event | None = None,
) -> Record:
    """Perform every scenario, and those that they come after, exactly once.

    `on_done` is called in a thread with each exchange as it ends (further attempts too), before anything
    that depends on it is sent; what it raises ends the run. With `stop_early` the rest is not begun once the
    first exchanges show that nothing can be judged: it gets the fault `stopped`, and so do these (`on_done`
    is called for these once more); `on_life` is called before anything else is sent where they show that
    something can. Once `interrupted` is set nothing more is sent, what is under way is given up, and what
    has not ended gets the fault `stopped` as well. Cancelling ends at once.
    """
    plan = closure(scenarios)
    run = _Run(plan, target, performer, on_done, on_life, stop_early)
    performing = asyncio.create_task(run.all())
    stopping = asyncio.create_task((interrupted or asyncio.Event()).wait())
    try:
        await asyncio.wait({performing, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        performing.cancel()
        await asyncio.wait({performing})
    error = None if performing.cancelled() else performing.exception()
    first = error and _first(error)
    if performing.cancelled():
        run.give_up(INTERRUPTED)
    elif isinstance(first, _Hopeless):
        run.give_up(Fault("stopped", run.stopped))
    elif first:
        raise first from None
    return Record(plan, run.in_order(), run.older)


def stop_reason(record: Record) -> str:
    """Why the run was stopped early, in one line; empty where it was not."""
    faults = (outcome.fault for outcome in record.outcomes.values() if isinstance(outcome, Exchange))
    return next((fault.message for fault in faults if fault and fault.kind == "stopped"), "")


def nothing_came(record: Record) -> str:
    """Why there is no evidence for any check: the run was stopped before anything could be judged.

    Empty where some exchange is alive, as in a run whose endpoint was lost on the way.
    """
    exchanges = [outcome for outcome in record.outcomes.values() if isinstance(outcome, Exchange)]
    return "" if any(exchange.fault is None for exchange in exchanges) else stop_reason(record)


def stop_trouble(record: Record) -> Trouble | None:
    """The same in three parts: what is wrong, why, and how to mend it.

    Found out again from the exchanges, so that a replay of a stopped run can tell it too.
    """
    reason = stop_reason(record)
    if not reason:
        return None
    for name, outcome in record.outcomes.items():
        if isinstance(outcome, Exchange) and name in record.plan:
            condemned = outcome.fault is not None and outcome.fault.kind == "stopped"
            found = trouble_of(replace(outcome, fault=None) if condemned else outcome, record.plan[name])
            for told in (found, found and found.of_most):
                if told is not None and told.line == reason:
                    return told
    return Trouble(reason, "", "")


class _Hopeless(Exception):
    """Nothing can be judged there: what has not ended need not begin."""


@dataclass
class _Run:
    """The state of one run: who waits for whom, what came, and whether to go on."""

    plan: Mapping[str, Scenario]
    target: Target
    performer: Performer
    on_done: OnDone
    on_life: Callable[[], None]
    stop_early: bool
    outcomes: dict[str, Exchange | Unsent] = field(default_factory=dict)
    older: dict[str, Mapping[str, Exchange]] = field(default_factory=dict)
    ended: dict[str, asyncio.Event] = field(default_factory=dict)
    settled: dict[str, asyncio.Event] = field(default_factory=dict)
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    troubles: list[Trouble] = field(default_factory=list)
    probing: int = 0
    lost: int = 0
    stopped: str = ""

    async def all(self) -> None:
        """Perform everything; ends when all of it has ended, or with the first error."""
        async with asyncio.TaskGroup() as group:
            self.start(group)

    def give_up(self, fault: Fault) -> None:
        """What has not ended has that fault."""
        unsent = self.performer.unsent(Call(""), fault)
        for name in self.plan.keys() - self.outcomes.keys():
            self.outcomes[name] = replace(unsent, scenario=name)

    def in_order(self) -> Mapping[str, Exchange | Unsent]:
        """The outcomes in the order of the plan, whichever came first."""
        names = (str(each) for name in self.plan for each in Performance.all_of(name))
        return {name: self.outcomes[name] for name in names if name in self.outcomes}

    def start(self, group: asyncio.TaskGroup) -> None:
        """Start a task for each scenario; all but the probes wait until one probe shows life."""
        urgency = chain_lengths(self.plan)
        self.ended = {name: asyncio.Event() for name in self.plan}
        self.settled = {name: asyncio.Event() for name in self.plan}
        probes = _probes(list(self.plan.values())) if self.stop_early else []
        self.probing = len(probes)
        if not probes:
            self._open()
        names = [probe.name for probe in probes]
        waiting = len(self.plan) + max(urgency.values(), default=0)
        for scenario in [*probes, *(s for n, s in self.plan.items() if n not in names)]:
            first = scenario.name in names
            rank = waiting if first else urgency[scenario.name]
            group.create_task(self._settle(scenario, rank, probe=first))

    async def _settle(self, scenario: Scenario, urgency: int, *, probe: bool) -> None:
        """See one scenario through: wait for its turn, perform it, and let its dependents go."""
        for before in scenario.after:
            await self.ended[before.name].wait()
        for before in _spoilt(scenario, self.plan):
            await self.settled[before.name].wait()
        if not probe:
            await self.opened.wait()
        outcome = await self._outcome(scenario, urgency)
        self.outcomes[scenario.name] = outcome
        if isinstance(outcome, Exchange):
            await asyncio.to_thread(self.on_done, outcome)
            self._watch_connection(outcome)
        if probe and self._hopeless(scenario, outcome):
            await self._condemn()
        self.ended[scenario.name].set()
        if isinstance(outcome, Exchange) and scenario.shows and not trouble(outcome):
            await self.opened.wait()
            await self._further(scenario, outcome, urgency)
        self.settled[scenario.name].set()

    async def _outcome(self, scenario: Scenario, urgency: int) -> Exchange | Unsent:
        if missing := scenario.uses & self.target.unclaimed:
            return Unsent(scenario.name, not_asked(missing))
        done: dict[str, Exchange] = {}
        older = self._older(scenario)
        for before in scenario.after:
            ended = older.get(before.name) or self.outcomes[before.name]
            if isinstance(ended, Unsent):
                return Unsent(scenario.name, ended.reason)
            if dead := trouble(ended):
                return self._unsent(scenario, _consequence(ended.fault, dead))
            done[before.name] = ended
        try:
            call = worded(scenario, self.target, {name: earlier(exchange) for name, exchange in done.items()})
        except NotNeeded as reason:
            return Unsent(scenario.name, str(reason))
        except Exception as error:  # noqa: BLE001 - a hostile answer must not end the run, and is shown
            words = f"cannot be worded from the answers before it: {type(error).__name__}: {error}"
            return self._unsent(scenario, Fault("dependency", words[:300]))
        if self.stopped:
            return self.performer.unsent(call, Fault("stopped", self.stopped))
        return await self.performer.perform(
            call,
            urgency=urgency,
            output_tokens=scenario.output_tokens,
            malformed=scenario.expects == "refusal",
        )

    def _older(self, scenario: Scenario) -> Mapping[str, Exchange]:
        """Of a recording, what it was made with and what was recorded anew since."""
        names = built_on((scenario,)).get(scenario.name, ())
        found = {name: each for name in names if (each := self.performer.built_on(scenario.name, name))}
        if found:
            self.older[scenario.name] = found
        return found

    async def _further(self, scenario: Scenario, outcome: Exchange, urgency: int) -> None:
        """The second and third attempt of a behavioural scenario, as long as none shows the behaviour."""
        for performance in Performance.further(scenario.name):
            if _shown(scenario, outcome):
                return
            following = again(scenario, performance)
            result = await self._outcome(following, urgency)
            self.outcomes[following.name] = result
            if isinstance(result, Unsent):
                return
            await asyncio.to_thread(self.on_done, result)
            if trouble(result):
                return
            outcome = result

    def _watch_connection(self, exchange: Exchange) -> None:
        """Stop where the endpoint was there and is gone."""
        fault = exchange.fault
        self.lost = self.lost + 1 if fault and fault.kind in {"connect", "resolve", "tls"} else 0
        if self.stop_early and self.lost >= LOST and fault and not self.stopped:
            self.stopped = (
                f"{LOST} requests in a row found no endpoint: is it still running? ({fault.message})"
            )

    def _hopeless(self, scenario: Scenario, outcome: Exchange | Unsent) -> bool:
        """Open the gate at a sign of life, or once every probe has shown none: then it is hopeless."""
        self.probing -= 1
        found = trouble_of(outcome, scenario) if isinstance(outcome, Exchange) else None
        if found is not None:
            self.troubles.append(found)
        elif isinstance(outcome, Exchange) and not _put_off(outcome) and not self.opened.is_set():
            self._open()
        if self.probing or self.opened.is_set():
            return False
        if self.troubles and agree(self.troubles):
            self.stopped = told_together(self.troubles).line
            return True
        self._open()
        return False

    def _open(self) -> None:
        self.on_life()
        self.opened.set()

    async def _condemn(self) -> None:
        """End the run; what the probes brought is no evidence against any requirement either."""
        for name, outcome in list(self.outcomes.items()):
            if isinstance(outcome, Exchange) and outcome.fault is None:
                condemned = replace(outcome, fault=Fault("stopped", self.stopped))
                self.outcomes[name] = condemned
                await asyncio.to_thread(self.on_done, condemned)
        raise _Hopeless

    def _unsent(self, scenario: Scenario, fault: Fault) -> Exchange:
        return self.performer.unsent(Call(scenario.name), fault)


def _before(scenario: Scenario, plan: Mapping[str, Scenario]) -> list[Scenario]:
    """What must have ended before a scenario is sent."""
    return [*scenario.after, *_spoilt(scenario, plan)]


def _spoilt(scenario: Scenario, plan: Mapping[str, Scenario]) -> list[Scenario]:
    """What it would spoil, each with its further attempts."""
    return [before for before in scenario.behind if before.name in plan]


def _consequence(fault: Fault | None, dead: str) -> Fault:
    """The fault of what builds on a dead exchange; what ended the run is one reason for all that follows."""
    if fault is not None and fault.kind in SPENT:
        return fault
    words = f"it builds on an exchange that is missing: {dead}"
    return Fault(fault.kind if fault else "dependency", words)


def _put_off(exchange: Exchange) -> bool:
    """Whether it was not sent because all others were told «later»: that is no sign of life."""
    return exchange.fault is not None and exchange.fault.kind == "later"


def _probes(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """The first to be sent: plain requests that should be answered, the cheapest of the short plan first.

    A request that may be refused shows no life by being refused; it is looked at where there is no other.
    """
    free = [scenario for scenario in scenarios if not scenario.after]
    plain = [scenario for scenario in free if scenario.expects == "answer"]
    return sorted(plain or free, key=lambda s: (not s.smoke, s.output_tokens))[:PROBES]


def _shown(scenario: Scenario, exchange: Exchange) -> bool:
    try:
        return scenario.shows is None or shows(exchange, scenario.shows)
    except Exception:  # noqa: BLE001 - an answer that cannot even be looked at deserves another attempt
        return False


def _first(error: BaseException) -> BaseException:
    return _first(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error
