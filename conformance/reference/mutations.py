"""Makers of seams: short words for what the tables of mutants and variants do to a provider."""

import copy
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from conformance.reference.conversation import Json
from conformance.reference.hooks import (
    HEALTHY,
    Asked,
    Called,
    Draft,
    Frame,
    Piece,
    Refusal,
    Reply,
    Said,
    Seams,
    Thought,
    kept,
)

Change = Callable[[Json], object]
"""Changes an object in place."""

Value = Callable[[Any], bool]
"""Says whether a field's value is meant."""


def both(*bent: Seams) -> Seams:
    """Several bends in one provider, the first one's first at each seam."""
    found: dict[str, Any] = {}
    for seams in bent:
        for field in fields(Seams):
            seam = getattr(seams, field.name)
            if seam is not kept:
                before = found.get(field.name)
                found[field.name] = seam if before is None else _after(before, seam)
    return Seams(**found) if found else HEALTHY


def _after(first: Callable[..., Any], second: Callable[..., Any]) -> Callable[[Asked, Any], Any]:
    return lambda asked, made: second(asked, first(asked, made))


def put(path: str, value: Any) -> Change:
    """Sets a member (`usage.total_tokens`); where its parent is no object, nothing."""

    def change(target: Json) -> None:
        parent, name = _parent(target, path)
        if isinstance(parent, dict):
            parent[name] = copy.deepcopy(value)

    return change


def drop(*paths: str) -> Change:
    """Removes members."""

    def change(target: Json) -> None:
        for path in paths:
            parent, name = _parent(target, path)
            if isinstance(parent, dict):
                parent.pop(name, None)

    return change


def turn(path: str, how: Callable[[Any], Any]) -> Change:
    """Replaces a member that is there and not null by what `how` makes of it."""

    def change(target: Json) -> None:
        parent, name = _parent(target, path)
        if isinstance(parent, dict) and parent.get(name) is not None:
            parent[name] = how(parent[name])

    return change


def _parent(target: Json, path: str) -> tuple[Any, str]:
    *steps, name = path.split(".")
    parent: Any = target
    for step in steps:
        parent = parent.get(step) if isinstance(parent, dict) else None
    return parent, name


def changed(target: Json, change: Change) -> Json:
    """A copy, changed."""
    made = copy.deepcopy(target)
    change(made)
    return made


def told(change: Change) -> Seams:
    """Changes every Response object that goes out, snapshots included."""
    return Seams(told=lambda _, response: changed(response, change))


def final(change: Change) -> Seams:
    """Changes every finished Response object that goes out."""

    def tell(_: Asked, response: Json) -> Json:
        return response if unfinished(response) else changed(response, change)

    return Seams(told=tell)


def unfinished(response: Json) -> bool:
    """Whether it is the snapshot of a response that is still to be made."""
    return response.get("status") in {"in_progress", "queued"}


def made(change: Change) -> Seams:
    """Changes the response before anything is told of it, so that a stream tells the same."""
    return Seams(response=lambda _, response: changed(response, change))


def in_items(kind: str, change: Change) -> Seams:
    """Changes the finished items of a type (any, where empty), in bodies and in `output_item.done`."""

    def whole(response: Json) -> None:
        for item in response.get("output") or ():
            if kind in {"", item.get("type")}:
                change(item)

    def event(found: Json) -> None:
        if kind in {"", found["item"].get("type")}:
            change(found["item"])

    return both(told(whole), each("response.output_item.done", event))


def in_parts(change: Change) -> Seams:
    """Changes the finished content parts, in bodies, in `content_part.done` and in `output_item.done`."""

    def item(found: Json) -> None:
        for part in found.get("content") or ():
            change(part)

    def event(found: Json) -> None:
        change(found["part"])

    return both(in_items("message", item), each("response.content_part.done", event))


def each(kind: str, change: Change) -> Seams:
    """Changes every event of a type; a type that ends in `*` means all that begin so."""

    def tell(_: Asked, events: list[Json]) -> list[Json]:
        return [changed(event, change) if is_kind(event, kind) else event for event in events]

    return Seams(events=tell)


def is_kind(event: Json, kind: str) -> bool:
    """Whether an event is of a type, or of a family written `name*`."""
    named = str(event.get("type"))
    return named.startswith(kind[:-1]) if kind.endswith("*") else named == kind


def retold(how: Callable[[list[Json]], list[Json]]) -> Seams:
    """Makes another list of a stream's events; sequence numbers stay with their events."""
    return Seams(events=lambda _, events: how(copy.deepcopy(events)))


def renumbered(how: Callable[[list[Json]], list[Json]]) -> Seams:
    """Makes another list of a stream's events and numbers it anew."""
    return retold(lambda events: numbered(how(events)))


def numbered(events: list[Json]) -> list[Json]:
    """The events numbered from 0."""
    for number, event in enumerate(events):
        event["sequence_number"] = number
    return events


def less(*kinds: str) -> Seams:
    """Leaves events of these types out and numbers the rest anew."""
    return renumbered(lambda events: [e for e in events if not any(is_kind(e, kind) for kind in kinds)])


def framed_as(how: Callable[[bytes], bytes]) -> Seams:
    """Changes the bytes of each of a stream's frames."""
    return Seams(frames=lambda _, frames: tuple(Frame(how(f.data), f.after) for f in frames))


def reframed(how: Callable[[list[Frame]], list[Frame]]) -> Seams:
    """Makes another list of a stream's frames."""
    return Seams(frames=lambda _, frames: tuple(how(list(frames))))


def replied(how: Callable[[Reply], Reply], *, when: Callable[[Asked, Reply], bool]) -> Seams:
    """Changes the replies that are meant."""
    return Seams(reply=lambda asked, reply: how(reply) if when(asked, reply) else reply)


def heard(change: Change) -> Seams:
    """Changes what the model hears of the body; the echo stays right."""
    return Seams(heard=lambda _, body: changed(body, change))


def drafted(how: Callable[[Draft], Draft]) -> Seams:
    """Changes what the model produced."""
    return Seams(draft=lambda _, draft: how(draft))


def said(how: Callable[[str], str]) -> Callable[[Draft], Draft]:
    """A draft with its texts changed, its costs not."""

    def change(piece: Piece) -> Piece:
        return Said(how(piece.text), piece.whole) if isinstance(piece, Said) else piece

    return lambda draft: replaced(draft, change)


def called(how: Callable[[str, str], tuple[str, str]]) -> Callable[[Draft], Draft]:
    """A draft with the names and arguments of its calls changed."""

    def change(piece: Piece) -> Piece:
        return Called(*how(piece.name, piece.arguments), piece.whole) if isinstance(piece, Called) else piece

    return lambda draft: replaced(draft, change)


def replaced(draft: Draft, how: Callable[[Piece], Piece]) -> Draft:
    """The draft with each of its pieces changed."""
    pieces = tuple(how(piece) for piece in draft.pieces)
    return Draft(pieces, draft.input_tokens, draft.output_tokens, draft.reasoning_tokens)


def thoughtless(draft: Draft) -> Draft:
    """The draft without its reasoning items; their tokens stay billed."""
    pieces = tuple(piece for piece in draft.pieces if not isinstance(piece, Thought))
    return Draft(pieces, draft.input_tokens, draft.output_tokens, draft.reasoning_tokens)


def refusing(how: Callable[[Refusal], Refusal]) -> Seams:
    """Changes every refusal."""
    return Seams(refusal=lambda _, refusal: how(refusal))


def field_of(body: Json, path: str) -> Any:
    """The value at a dotted path; ABSENT where there is none."""
    parent, name = _parent(body, path)
    return parent.get(name, ABSENT) if isinstance(parent, dict) else ABSENT


ABSENT: Any = object()
"""Stands where a body has no such field."""
