"""Runs whose answers a function makes up, without a network."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.exchange import Call, Chunk, Exchange, Fault, FaultKind, Sent, Traffic
from conformance.run.performing import perform_all
from conformance.run.record import Record
from conformance.scenarios.scenario import Done, Expects, Scenario, Target, ask

TARGET = Target("m")


def exchange(
    scenario: str, status: int | None = 200, fault: FaultKind | None = None, body: bytes = b"{}"
) -> Exchange:
    return Exchange(
        scenario,
        Sent("POST", "", (), b""),
        status,
        (),
        (Chunk(0.0, body),) if status else (),
        fault and Fault(fault, f"{fault} it was"),
        0.0,
        0.0,
    )


class Scripted:
    """Performs calls as a function says, and keeps the order in which they came."""

    def __init__(self, outcome: Callable[[str], Exchange] = exchange) -> None:
        self.outcome = outcome
        self.calls: list[Call] = []

    @property
    def sent(self) -> list[str]:
        return [call.scenario for call in self.calls]

    @property
    def traffic(self) -> Traffic:
        return Traffic()

    async def perform(
        self,
        call: Call,
        *,
        urgency: int = 0,  # noqa: ARG002 - the script knows no order
        output_tokens: int = 0,  # noqa: ARG002 - and no cost
        malformed: bool = False,  # noqa: ARG002 - and no second try
    ) -> Exchange:
        self.calls.append(call)
        await asyncio.sleep(0)
        return self.outcome(call.scenario)

    def built_on(self, scenario: str, before: str) -> None:
        """Nothing is older than the latest."""

    def unsent(self, call: Call, fault: Fault) -> Exchange:
        return replace(exchange(call.scenario, None), fault=fault)

    async def aclose(self) -> None:
        pass


def plain(name: str, **rest: Any) -> Scenario:
    return replace(ask(name, "hi"), **rest)


def following(name: str, *after: Scenario, expects: Expects = "answer") -> Scenario:
    def build(_: Target, done: Done) -> Call:
        return Call(name, body=",".join(sorted(done)).encode())

    return Scenario(name, "answers", build, after=after, expects=expects)


def run(performer: Scripted, *scenarios: Scenario, stop_early: bool = True) -> Record:
    return asyncio.run(perform_all(scenarios, TARGET, performer, stop_early=stop_early))


def outcome(record: Record, name: str) -> Exchange:
    found = record.outcomes[name]
    assert isinstance(found, Exchange)
    return found


def fault(record: Record, name: str) -> tuple[str, str]:
    found = outcome(record, name).fault
    assert found is not None
    return found.kind, found.message


def many(count: int, **rest: Any) -> list[Scenario]:
    return [plain(f"s{number:02}", **rest) for number in range(count)]
