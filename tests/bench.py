"""Judges provider after provider with the suite's own checks, collected once, without a session for each.

The checks are pure functions of exchanges: given a record of a provider, all of them take a fraction of a
second. `Direct` makes the exchanges with a provider in this process, `live` over the socket of a server that
serves many of them.
"""

import asyncio
import contextlib
import inspect
import io
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import pytest

from conformance import fixtures
from conformance.checks.support.controls import refusals_prove
from conformance.contract.capabilities import OPTIONAL
from conformance.contract.contracts import Contract
from conformance.contract.requirements import catalogue
from conformance.contract.schemas import models_of
from conformance.exchange import Attempt, Call, Chunk, Exchange, Fault, Sent, Traffic
from conformance.reference.hooks import Hooks, Reply
from conformance.reference.provider import MODEL, Provider
from conformance.resources import CHECKS
from conformance.run.performing import perform_all
from conformance.run.profile import EMBEDDED, Profile, load
from conformance.run.record import Record
from conformance.run.run import setting_of
from conformance.scenarios.scenario import Scenario, Target
from conformance.session.expanding import SETTINGS
from conformance.session.state import requirement_id, scenarios_of
from conformance.verdicts.outcome import Outcome, outcome
from conformance.verdicts.verdict import Verdict
from conformance.wire.credentials import Credentials, Secret
from conformance.wire.decoding import decoder_for
from conformance.wire.limits import RETRIED_STATUSES, Budget, Limits
from conformance.wire.live import Live
from conformance.wire.patience import LATER
from conformance.wire.redaction import Redactor

KEY = "reference-key"
REDACTOR = Redactor((Secret(KEY),), ())
TRIES = Limits().tries


@dataclass(frozen=True)
class Check:
    """One collected check: a row of the report. `marks` name its scenarios, of which `spared` may be dead."""

    node: str
    requirement: str
    scenarios: tuple[Scenario, ...]
    function: Callable[..., Any] = field(repr=False)
    given: Mapping[str, Any] = field(repr=False)
    spared: frozenset[Scenario] = frozenset()
    marks: tuple[pytest.Mark, ...] = field(default=(), repr=False)

    def judged(self, record: Record, contract: Contract) -> Outcome:
        """Run it against a record."""
        notes: list[str] = []
        error: BaseException | None = None
        try:
            for scenario in self.scenarios:
                if scenario not in self.spared:
                    record.exchange(scenario)
            refusals_prove(record, self.scenarios, self.marks, contract)
            self.function(**self._arguments(record, contract, notes))
        except (Exception, pytest.skip.Exception) as raised:  # noqa: BLE001 - the verdict is made of it
            error = raised
        return outcome(error, catalogue(contract)[self.requirement], contract, tuple(notes))

    def _arguments(self, record: Record, contract: Contract, notes: list[str]) -> dict[str, Any]:
        known: dict[str, Any] = {
            **self.given,
            "record": record,
            "contract": contract,
            "note": notes.append,
            "tokenizer": TOKENIZER,
        }
        if self.scenarios:
            known.setdefault("scenario", self.scenarios[0])
        return {name: _asked_for(name, known) for name in _asked_by(self.function)}


def _asked_for(name: str, known: dict[str, Any]) -> Any:
    """A fixture's value, made by the suite's own fixture function."""
    if name not in known:
        make = inspect.unwrap(getattr(fixtures, name))
        known[name] = make(**{parameter: _asked_for(parameter, known) for parameter in _asked_by(make)})
    return known[name]


@cache
def _asked_by(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a function's parameters."""
    return tuple(inspect.signature(function).parameters)


REFERENCE = Target(MODEL)
TOKENIZER = load("reference").tokenizer


@dataclass(frozen=True)
class Bench:
    """All checks of the suite, and the target that they are made for."""

    checks: tuple[Check, ...]
    target: Target = REFERENCE

    @classmethod
    def collect(cls, *options: str) -> "Bench":
        """Let pytest collect the checks, once, with these options (`--contract=acme.toml`).

        What is asked for only where it is claimed is claimed: each check has something to judge.
        """
        catcher = _Catcher()
        arguments = [str(CHECKS), "--collect-only", "-p", "no:cacheprovider", *options]
        with contextlib.redirect_stdout(io.StringIO()) as said:
            code = pytest.main(arguments, plugins=[catcher])
        if not catcher.items:
            raise RuntimeError(f"nothing was collected (exit code {code}): {said.getvalue()[-500:]}")
        claims = {**dict.fromkeys(OPTIONAL, True), **catcher.profile.capabilities}
        profile = replace(catcher.profile, capabilities=claims)
        return cls(tuple(map(_check, catcher.items)), setting_of(profile))

    def of(self, *requirements: str) -> "Bench":
        """The checks of these requirements."""
        return replace(self, checks=tuple(c for c in self.checks if c.requirement in requirements))

    def performing(self, names: Collection[str]) -> "Bench":
        """The checks that read no other scenarios than these, by name."""
        return replace(
            self, checks=tuple(c for c in self.checks if all(s.name in names for s in c.scenarios))
        )

    def scenarios(self) -> list[Scenario]:
        """What the checks read."""
        return [scenario for check in self.checks for scenario in check.scenarios]

    def record(self, hooks: Hooks) -> Record:
        """Everything that the checks read, performed with a provider with these hooks in this process."""
        provider = Provider(KEY, hooks, self._models(), contract=self.target.contract)
        return asyncio.run(perform_all(self.scenarios(), self.target, Direct(provider), stop_early=False))

    def _models(self) -> tuple[str, ...]:
        return models_of(self.target.contract) or (self.target.model,)

    def record_at(self, base_url: str) -> Record:
        """The same over HTTP."""
        return asyncio.run(self._recorded_at(base_url))

    async def _recorded_at(self, base_url: str) -> Record:
        key = Secret(KEY)
        profile = Profile(name="bent", base_url=base_url, model=MODEL)
        live = Live(
            profile.endpoint, Credentials(key, secrets=(key,)), Redactor((key,), ()), Limits(back_off=0.01)
        )
        try:
            return await perform_all(self.scenarios(), self.target, live, stop_early=False)
        finally:
            await live.aclose()

    def verdicts(self, record: Record, contract: Contract) -> dict[str, Outcome]:
        """Each check's outcome, by its node id."""
        return {check.node: check.judged(record, contract) for check in self.checks}


def by_requirement(bench: Bench, verdicts: Mapping[str, Outcome]) -> dict[str, set[Verdict]]:
    """The verdicts of each requirement."""
    found: dict[str, set[Verdict]] = {}
    for check in bench.checks:
        found.setdefault(check.requirement, set()).add(verdicts[check.node].verdict)
    return found


def worse(
    healthy: Mapping[str, Outcome], bent: Mapping[str, Outcome], bench: Bench
) -> Iterator[tuple[Check, Outcome]]:
    """The checks that turned red, yellow or unjudgeable, with what they say now."""
    for check in bench.checks:
        now = bent[check.node]
        if now.verdict in WORSE and healthy[check.node].verdict is not now.verdict:
            yield check, now


WORSE = frozenset({Verdict.FAIL, Verdict.WARN, Verdict.ERROR})


@dataclass
class _Catcher:
    items: list[pytest.Item] = field(default_factory=list)
    profile: Profile = field(default_factory=lambda: Profile(name="reference", base_url=EMBEDDED))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = list(session.items)
        if SETTINGS in session.config.stash:
            self.profile = session.config.stash[SETTINGS].profile


def _check(item: pytest.Item) -> Check:
    assert isinstance(item, pytest.Function)
    parameters = dict(item.callspec.params) if hasattr(item, "callspec") else {}
    marks = (*item.iter_markers("on"), *item.iter_markers("needs"))
    spared = frozenset(scenario for mark in marks if mark.kwargs.get("dead") for scenario in mark.args)
    scenarios = tuple(scenarios_of(item))
    return Check(item.nodeid, requirement_id(item), scenarios, item.function, parameters, spared, marks)


@dataclass
class Direct:
    """Performs calls with a provider in this process: the exchange is what its reply would be on the wire."""

    provider: Provider
    budget: Budget = field(default_factory=lambda: Budget(Limits()))

    @property
    def traffic(self) -> Traffic:
        """Nothing goes over a wire."""
        return Traffic()

    async def aclose(self) -> None:
        """Close nothing."""

    def built_on(self, scenario: str, before: str) -> None:
        """Nothing is older than the latest."""

    def unsent(self, call: Call, fault: Fault) -> Exchange:
        """The exchange of a call that is not made."""
        return Exchange(call.scenario, _sent(call), None, (), (), fault, time.time(), 0.0)

    async def perform(
        self, call: Call, *, urgency: int = 0, output_tokens: int = 0, malformed: bool = False
    ) -> Exchange:
        """Make a call; urgency and estimate mean nothing here."""
        del urgency, output_tokens
        sent, began = _sent(call), time.time()
        headers = {name.lower(): value for name, value in sent.headers}
        path = call.path if call.absolute else f"/responses{call.path}"
        reply = self.provider.reply(call.method, path, dict(call.query), headers, sent.body)
        retries: list[Attempt] = []
        again = (RETRIED_STATUSES | LATER) - ({500} if malformed else set())
        while reply.status in again and len(retries) < TRIES - 1 and self.budget.may_retry(0.0):
            retries.append(Attempt(reply.status, None, time.time() - began))
            began = time.time()
            reply = self.provider.reply(call.method, path, dict(call.query), headers, sent.body)
        exchange = replace(_received(call, sent, reply, began), retries=tuple(retries))
        if exchange.hung_up:
            self.provider.hung_up(sent.body)
        return REDACTOR.mask_exchange(exchange)


def _received(call: Call, sent: Sent, reply: Reply, began: float) -> Exchange:
    at, seen, chunks = reply.wait, 0, []
    fault = Fault("cut", "the connection ended in the middle of the body") if reply.cut else None
    decoder = decoder_for(reply.header("content-encoding"))
    hung_up = False
    for frame in reply.frames:
        at += frame.after
        chunks += [Chunk(at, piece) for piece in decoder.feed(frame.data) if piece]
        seen += len(frame.data)
        if call.hang_up_after is not None and seen >= call.hang_up_after:
            hung_up = True
            break
    return Exchange(
        call.scenario, sent, reply.status, reply.headers, tuple(chunks), fault, began, at, hung_up=hung_up
    )


def _sent(call: Call) -> Sent:
    headers = [] if call.body is None else [("Content-Type", "application/json")]
    headers += [("Authorization", value)] if (value := _CREDENTIALS[call.credential]) is not None else []
    given = {name.lower() for name, _ in call.headers}
    kept = [pair for pair in headers if pair[0].lower() not in given]
    url = f"http://127.0.0.1/v1{'' if call.absolute else '/responses'}{call.path}"
    return Sent(call.method, url, (*kept, *call.headers), call.body or b"")


_CREDENTIALS: Mapping[str, str | None] = {
    "valid": f"Bearer {KEY}",
    "none": None,
    "empty": "",
    "bare": "Bearer",
    "wrong": "Bearer wrong-key",
    "basic": "Basic dXNlcjpwYXNz",
    "lower-case": f"bearer {KEY}",
    "raw": KEY,
}


def requirements_of(checks: Iterable[Check]) -> set[str]:
    """The requirements that checks judge."""
    return {check.requirement for check in checks}
