"""A scenario: one named request, or one step of a short flow, declared once and shared by many checks."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pytest

from conformance.exchange import Call, Exchange, encode_json
from conformance.verdicts.verdict import Contract

Family = Literal["text", "reasoning", "tools", "structured", "truncated", "conversation", ""]
"""What sort of answer a scenario brings: response checks give one row to each. Empty: no Response body."""

Expects = Literal["answer", "refusal", "either"]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a scenario may know of the provider: its model, and the capabilities that it does not claim."""

    model: str
    unclaimed: frozenset[str] = frozenset()


class NotNeeded(Exception):
    """Raised by a build: the exchanges before it leave nothing to ask. The message says why."""


Build = Callable[[Setting, Mapping[str, Exchange]], Call]
"""Words a call from the setting and the exchanges of the scenarios in `after`, by name."""


@dataclass(frozen=True, eq=False)
class Scenario:
    """One request of the plan.

    `name` is unique and stable: it names the recording. `after` are the scenarios whose exchanges `build`
    reads. `expects` tells what a conforming provider does with it; `streamed` whether the answer is
    asked for as SSE; `output_tokens` is an upper estimate of what one performance bills. `suspicious`
    belongs to behavioural scenarios: it says that this answer does not show the behaviour, so that a second
    and third attempt are sent; the names of these are `name~2` and `name~3`. `smoke` puts it into the
    short plan.
    """

    name: str
    area: str
    build: Build = field(repr=False)
    expects: Expects = "answer"
    family: Family = ""
    streamed: bool = False
    after: tuple["Scenario", ...] = ()
    output_tokens: int = 0
    suspicious: Callable[[Exchange], bool] | None = field(default=None, repr=False)
    smoke: bool = False

    @property
    def uses(self) -> frozenset[str]:
        """The capabilities that a provider needs for it, as a profile names them."""
        return frozenset({self.family, self.area, "stream" if self.streamed else ""})


@dataclass(frozen=True, slots=True)
class Unsent:
    """The place of an exchange that the plan turned out not to need, with the reason."""

    scenario: str
    reason: str


def ask(
    name: str,
    prompt: str | list[dict[str, Any]],
    *,
    area: str = "response",
    family: Family = "text",
    expects: Expects = "answer",
    output_tokens: int = 30,
    suspicious: Callable[[Exchange], bool] | None = None,
    smoke: bool = False,
    **fields: Any,
) -> Scenario:
    """A POST of one prompt (a user's message, or a whole `input`) with further body fields.

    Nothing is stored unless a scenario says so: `store` is false where `fields` do not name it.
    """
    return post(
        name,
        {"input": message(prompt) if isinstance(prompt, str) else prompt, "store": False, **fields},
        area=area,
        family=family,
        expects=expects,
        output_tokens=output_tokens,
        suspicious=suspicious,
        smoke=smoke,
    )


def post(name: str, body: Mapping[str, Any], *, area: str, **rest: Any) -> Scenario:
    """A POST of a JSON object; `model` is the profile's where the body does not name one."""

    def build(setting: Setting, _: Mapping[str, Exchange]) -> Call:
        return Call(name, body=encode_json({"model": setting.model, **body}))

    return Scenario(name, area, build, streamed=body.get("stream") is True, **rest)


def message(text: str, role: str = "user") -> list[dict[str, Any]]:
    """An `input` of one message."""
    return [{"role": role, "content": text}]


def again(scenario: Scenario, attempt: int) -> Scenario:
    """The scenario's further attempt: the same call under its own name."""

    def build(setting: Setting, done: Mapping[str, Exchange]) -> Call:
        return replace(scenario.build(setting, done), scenario=f"{scenario.name}~{attempt}")

    return replace(scenario, name=f"{scenario.name}~{attempt}", build=build, suspicious=None)


def on(*scenarios: Scenario, dead: bool = False) -> pytest.MarkDecorator:
    """Mark a check with the scenarios whose exchanges it judges, one row for each.

    A row whose exchange is dead (no answer, or «not now») is an ERROR before the check begins; with `dead`
    the check is asked all the same, because it judges what became of the request.
    """
    return pytest.mark.on(*scenarios, dead=dead)


def needs(*scenarios: Scenario, dead: bool = False) -> pytest.MarkDecorator:
    """Mark a check with further scenarios that it reads (a control, the steps of a flow): all in one row.

    `dead` is that of `on`: a check that looks over many exchanges goes on without those that are dead.
    """
    return pytest.mark.needs(*scenarios, dead=dead)


def without_fault(control: Scenario, under: Iterable[Contract] = tuple(Contract)) -> pytest.MarkDecorator:
    """Mark a check whose PASS rests on a refusal with the same request without the fault.

    Where that is not answered either, the refusal proves nothing, and the check is an ERROR. `under` are the
    contracts under which the request may be refused at all: under others a refusal is judged as it stands.
    """
    return pytest.mark.needs(control, dead=True, control=frozenset(under))
