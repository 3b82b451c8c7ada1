"""What clients send in shapes of their own: asked for together, and alone where together leaves a doubt.

A request with many shapes costs no more than one. Where it is answered, and the answer shows what it was
asked for, every shape in it was taken and read. Where it is not, each shape is asked for alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.exchange import Call, encode_json
from conformance.response import Body
from conformance.scenarios.scenario import Done, Family, NotNeeded, Scenario, SentFor, Shows, Target

Predicate = Callable[[Body], bool]
"""Looks for something in an answer."""

ENOUGH = 128
"""Output tokens for a sentence or a call; a model that does not follow is cut there."""

ROOM = 4 * ENOUGH
"""The same where the model thinks first: reasoning counts against the limit as well."""


def says(*words: str) -> Predicate:
    """Means answers whose text has all of these words, in whatever case."""
    return lambda answer: all(word.lower() in answer.text.lower() for word in words)


def calls(name: str, word: str = "") -> Predicate:
    """Means answers that call this function, with this word in the arguments."""

    def made(answer: Body) -> bool:
        named = (call for _, call in answer.of_type("function_call") if call.get("name") == name)
        return any(word.lower() in str(call.get("arguments", "")).lower() for call in named)

    return made


@dataclass(frozen=True, slots=True)
class Asked:
    """One shape: its name, the requirement that it is taken, and where it is asked for.

    `alone` is sent only where `together` was not answered, or its answer does not show what `holds` looks
    for. `plain` asks the same in plain shapes: it shows that the model does what it is told. A shape that
    the model is not told of has neither `holds` nor `plain`.
    """

    name: str
    taken: str
    together: Scenario
    alone: Scenario
    holds: Predicate | None = None
    plain: Scenario | None = None


def in_doubt(
    name: str,
    body: Mapping[str, Any],
    of: Scenario,
    *,
    shown: Predicate | None = None,
    holds: Predicate | None = None,
    area: SentFor,
    family: Family = "conversation",
) -> Scenario:
    """A request that is sent only where `of` was not answered, or does not show what `shown` looks for.

    It has three attempts to show what `holds` looks for.
    """
    return doubting(name, lambda _: body, of, shown=shown, holds=holds, area=area, family=family)


def doubting(
    name: str,
    worded: Callable[[Done], Mapping[str, Any]],
    of: Scenario,
    *,
    shown: Predicate | None = None,
    holds: Predicate | None = None,
    area: SentFor,
    family: Family = "conversation",
    after: tuple[Scenario, ...] = (),
) -> Scenario:
    """The same for a body that is worded from what came before."""

    def build(target: Target, done: Done) -> Call:
        earlier = done[of.name].answer if of.name in done else None
        if earlier is not None and (shown is None or shown(earlier)):
            raise NotNeeded(f"{of.name} leaves no doubt")
        return Call(name, body=encode_json({"model": target.model, **bounded(worded(done))}))

    return Scenario(
        name,
        area,
        build,
        expects="either",
        family=family,
        after=(*after, of),
        output_tokens=ENOUGH,
        shows=Shows(holds) if holds else None,
        in_doubt=True,
    )


def premise(
    name: str,
    worded: Callable[[Done], Mapping[str, Any]],
    of: Scenario,
    holds: Predicate,
    *,
    area: SentFor,
    family: Family = "conversation",
    after: tuple[Scenario, ...] = (),
) -> Scenario:
    """What `of` asks in plain shapes, where its answer does not show what `holds` looks for.

    It is sent three times: a model that does what it is told every other time proves nothing by the times
    that it did not.
    """
    return doubting(name, worded, of, shown=holds, holds=_never, area=area, family=family, after=after)


def _never(_: Body) -> bool:
    return False


def turn(
    name: str,
    worded: Callable[[Done], Mapping[str, Any]],
    *after: Scenario,
    holds: Predicate | None = None,
    area: SentFor,
    family: Family = "conversation",
    output_tokens: int = ENOUGH,
    streamed: bool = False,
    smoke: bool = False,
) -> Scenario:
    """A turn of a conversation, worded from the turns before it.

    It has three attempts to show what `holds` looks for.
    """

    def build(target: Target, done: Done) -> Call:
        body = {"model": target.model, **bounded(worded(done), output_tokens)}
        if streamed:
            body["stream"] = True
        return Call(name, body=encode_json(body))

    return Scenario(
        name,
        area,
        build,
        expects="either",
        family=family,
        streamed=streamed,
        after=after,
        output_tokens=output_tokens,
        shows=Shows(holds) if holds else None,
        smoke=smoke,
    )


def bounded(body: Mapping[str, Any], limit: int = ENOUGH) -> dict[str, Any]:
    """The body with a limit on its answer, and not stored, where it does not say otherwise."""
    return {"store": False, "max_output_tokens": limit, **body}
