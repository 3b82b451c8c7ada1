"""A scenario: one named request, or one step of a short flow, declared once and shared by many checks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from conformance.contract.area import Area
from conformance.contract.contracts import Contract
from conformance.exchange import Call, Exchange, Performance, encode_json
from conformance.response import Body

PLENTY = 512
"""Output tokens: more than any prompt of the plan asks for, so that a model that never stops is stopped."""

Family = Literal["text", "reasoning", "tools", "structured", "truncated", "conversation", ""]
"""What sort of answer a scenario brings: response checks give one row to each. Empty: no Response body."""

SentFor = Area | Literal["answers"]
"""What a scenario is sent for: an area, or the answers that most areas look at."""

Expects = Literal["answer", "refusal", "either"]


ABOUT_STREAMS: frozenset[SentFor] = frozenset({"stream_framing", "stream_time"})
"""Areas whose requests nobody needs who does not claim streams, be they streamed or not."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a scenario may know of the provider: its model, what it does not claim, and what it promises."""

    model: str
    unclaimed: frozenset[str] = frozenset()
    contract: Contract = Contract.ANYFAST


class NotNeeded(Exception):
    """Raised by a build: the exchanges before it leave nothing to ask. The message says why."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What became of a scenario that others come after; `answer` is the Response, where it brought one."""

    exchange: Exchange
    answer: Body | None = None


Done = Mapping[str, Earlier]

Build = Callable[[Target, Done], Call]
"""Words a call from the target and what became of the scenarios in `after`, by name."""


@dataclass(frozen=True, slots=True)
class Says:
    """The answer's text has this word, in whatever case."""

    word: str


@dataclass(frozen=True, slots=True)
class FollowsRequest:
    """The answer keeps to the request's format, tool choice, parallel calls and stop."""


@dataclass(frozen=True, slots=True)
class Shows:
    """The answer has what a function looks for in it."""

    of: Callable[[Body], bool]


Behaviour = Says | FollowsRequest | Shows
"""What a model may fail to do in one answer and do in the next."""


@dataclass(frozen=True, eq=False)
class Scenario:
    """One request of the plan.

    `name` is unique and stable: it names the recording. `after` are the scenarios whose exchanges `build`
    reads. `behind` are those that it would spoil: where they are sent at all they end before it begins,
    whatever becomes of them. `expects` tells what a conforming provider does with it; `streamed` whether the
    answer is asked for as SSE; `output_tokens` is an upper estimate of what one performance bills. `shows`
    belongs to behavioural scenarios: where an answer does not show that, a second and third attempt are sent;
    they have names of their own, see `Performance`. `smoke` puts it into the short plan.
    `in_doubt` says that it is sent only where those before it leave something open. `tries` is the field of
    the request that it was made to try. `capability` is one that it needs beside those of its family and
    area.
    """

    name: str
    area: SentFor
    build: Build = field(repr=False)
    expects: Expects = "answer"
    family: Family = ""
    streamed: bool = False
    after: tuple["Scenario", ...] = ()
    behind: tuple["Scenario", ...] = ()
    output_tokens: int = 0
    shows: Behaviour | None = None
    smoke: bool = False
    in_doubt: bool = False
    tries: str = ""
    capability: str = ""

    @property
    def uses(self) -> frozenset[str]:
        """The capabilities that a provider needs for it, as a profile names them."""
        return frozenset(
            {
                self.family,
                self.area.replace("_", "-"),
                self.capability,
                "stream" if self.streamed or self.area in ABOUT_STREAMS else "",
            }
        )


@dataclass(frozen=True, slots=True)
class Unsent:
    """The place of an exchange that the plan turned out not to need, with the reason."""

    scenario: str
    reason: str


def ask(
    name: str,
    prompt: str | list[dict[str, Any]],
    *,
    area: SentFor = "answers",
    family: Family = "text",
    expects: Expects = "answer",
    output_tokens: int = 30,
    shows: Behaviour | None = None,
    smoke: bool = False,
    **fields: Any,
) -> Scenario:
    """A POST of one prompt (a user's message, or a whole `input`) with further body fields.

    Nothing is stored and no answer is endless unless a scenario says so: `store` is false and
    `max_output_tokens` PLENTY where `fields` do not name them.
    """
    bounded = {"store": False, "max_output_tokens": PLENTY, **fields}
    return post(
        name,
        {"input": message(prompt) if isinstance(prompt, str) else prompt, **bounded},
        area=area,
        family=family,
        expects=expects,
        output_tokens=output_tokens,
        shows=shows,
        smoke=smoke,
    )


def post(name: str, body: Mapping[str, Any], *, area: SentFor, **rest: Any) -> Scenario:
    """A POST of a JSON object; `model` is the profile's where the body does not name one."""

    def build(target: Target, _: Done) -> Call:
        return Call(name, body=encode_json({"model": target.model, **body}))

    return Scenario(name, area, build, streamed=body.get("stream") is True, **rest)


def message(text: str, role: str = "user") -> list[dict[str, Any]]:
    """An `input` of one message."""
    return [{"role": role, "content": text}]


def again(scenario: Scenario, performance: Performance) -> Scenario:
    """The scenario's further attempt: the same call under its own name."""
    name = str(performance)

    def build(target: Target, done: Done) -> Call:
        return replace(scenario.build(target, done), scenario=name)

    return replace(scenario, name=name, build=build, shows=None)
