"""Makers of hooks: what the tables of mutants and variants do to a provider, in a word each."""

import copy
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from conformance.reference.conversation import Json
from conformance.reference.hooks import (
    HEALTHY,
    Draft,
    Frame,
    Hooks,
    Message,
    OutputItem,
    Reasoning,
    Refusal,
    Reply,
    Request,
    ToolCall,
    unchanged,
)

Change = Callable[[Json], object]
"""Changes an object in place."""

Predicate = Callable[[Any], bool]
"""Says whether a field's value is meant."""


def combine(*several: Hooks) -> Hooks:
    """Several sets of hooks in one provider; where two have the same hook, the first one's runs first."""
    found: dict[str, Any] = {}
    for hooks in several:
        for field in fields(Hooks):
            hook = getattr(hooks, field.name)
            if hook is not unchanged:
                before = found.get(field.name)
                found[field.name] = hook if before is None else _after(before, hook)
    return Hooks(**found) if found else HEALTHY


def _after(first: Callable[..., Any], second: Callable[..., Any]) -> Callable[[Request, Any], Any]:
    return lambda request, made: second(request, first(request, made))


def set_field(path: str, value: Any) -> Change:
    """Sets a member (`usage.total_tokens`); where its parent is no object, nothing."""

    def change(target: Json) -> None:
        parent, name = _parent(target, path)
        if isinstance(parent, dict):
            parent[name] = copy.deepcopy(value)

    return change


def remove_fields(*paths: str) -> Change:
    """Removes members."""

    def change(target: Json) -> None:
        for path in paths:
            parent, name = _parent(target, path)
            if isinstance(parent, dict):
                parent.pop(name, None)

    return change


def map_field(path: str, how: Callable[[Any], Any]) -> Change:
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


def changed_copy(target: Json, change: Change) -> Json:
    """A copy, changed."""
    made = copy.deepcopy(target)
    change(made)
    return made


def change_snapshots(change: Change) -> Hooks:
    """Changes every Response object that goes out, snapshots included."""
    return Hooks(snapshot=lambda _, response: changed_copy(response, change))


def change_final_snapshots(change: Change) -> Hooks:
    """Changes every finished Response object that goes out."""

    def tell(_: Request, response: Json) -> Json:
        return response if is_unfinished(response) else changed_copy(response, change)

    return Hooks(snapshot=tell)


def is_unfinished(response: Json) -> bool:
    """Whether it is the snapshot of a response that is still to be made."""
    return response.get("status") in {"in_progress", "queued"}


def change_response(change: Change) -> Hooks:
    """Changes the response before anything is told of it, so that a stream tells the same."""
    return Hooks(response=lambda _, response: changed_copy(response, change))


def change_items(kind: str, change: Change) -> Hooks:
    """Changes the finished output items of a type (any, where empty), in bodies and in `output_item.done`."""

    def whole(response: Json) -> None:
        for item in response.get("output") or ():
            if kind in {"", item.get("type")}:
                change(item)

    def event(found: Json) -> None:
        if kind in {"", found["item"].get("type")}:
            change(found["item"])

    return combine(change_snapshots(whole), change_events("response.output_item.done", event))


def change_parts(change: Change) -> Hooks:
    """Changes the finished content parts, in bodies, in `content_part.done` and in `output_item.done`."""

    def item(found: Json) -> None:
        for part in found.get("content") or ():
            change(part)

    def event(found: Json) -> None:
        change(found["part"])

    return combine(change_items("message", item), change_events("response.content_part.done", event))


def change_events(kind: str, change: Change) -> Hooks:
    """Changes every event of a type; a type that ends in `*` means all that begin so."""

    def tell(_: Request, events: list[Json]) -> list[Json]:
        return [changed_copy(event, change) if is_event_type(event, kind) else event for event in events]

    return Hooks(events=tell)


def is_event_type(event: Json, kind: str) -> bool:
    """Whether an event is of a type, or of a family written `name*`."""
    named = str(event.get("type"))
    return named.startswith(kind[:-1]) if kind.endswith("*") else named == kind


def edit_events(how: Callable[[list[Json]], list[Json]]) -> Hooks:
    """Makes another list of a stream's events; sequence numbers stay with their events."""
    return Hooks(events=lambda _, events: how(copy.deepcopy(events)))


def edit_and_renumber_events(how: Callable[[list[Json]], list[Json]]) -> Hooks:
    """Makes another list of a stream's events and numbers it anew."""
    return edit_events(lambda events: renumbered_events(how(events)))


def renumbered_events(events: list[Json]) -> list[Json]:
    """The events numbered from 0."""
    for number, event in enumerate(events):
        event["sequence_number"] = number
    return events


def omit_events(*kinds: str) -> Hooks:
    """Leaves events of these types out and numbers the rest anew."""
    return edit_and_renumber_events(
        lambda events: [e for e in events if not any(is_event_type(e, kind) for kind in kinds)]
    )


def change_frame_bytes(how: Callable[[bytes], bytes]) -> Hooks:
    """Changes the bytes of each of a stream's frames."""
    return Hooks(frames=lambda _, frames: tuple(Frame(how(f.data), f.after) for f in frames))


def edit_frames(how: Callable[[list[Frame]], list[Frame]]) -> Hooks:
    """Makes another list of a stream's frames."""
    return Hooks(frames=lambda _, frames: tuple(how(list(frames))))


def change_replies(how: Callable[[Reply], Reply], *, when: Callable[[Request, Reply], bool]) -> Hooks:
    """Changes the replies that are meant."""
    return Hooks(reply=lambda request, reply: how(reply) if when(request, reply) else reply)


def change_model_input(change: Change) -> Hooks:
    """Changes what the model hears of the body; the echo stays right."""
    return Hooks(model_input=lambda _, body: changed_copy(body, change))


def change_draft(how: Callable[[Draft], Draft]) -> Hooks:
    """Changes what the model produced."""
    return Hooks(draft=lambda _, draft: how(draft))


def map_texts(how: Callable[[str], str]) -> Callable[[Draft], Draft]:
    """A draft with its texts changed, its costs not."""

    def change(item: OutputItem) -> OutputItem:
        return Message(how(item.text), item.whole) if isinstance(item, Message) else item

    return lambda draft: map_items(draft, change)


def map_calls(how: Callable[[str, str], tuple[str, str]]) -> Callable[[Draft], Draft]:
    """A draft with the names and arguments of its calls changed."""

    def change(item: OutputItem) -> OutputItem:
        return ToolCall(*how(item.name, item.arguments), item.whole) if isinstance(item, ToolCall) else item

    return lambda draft: map_items(draft, change)


def map_items(draft: Draft, how: Callable[[OutputItem], OutputItem]) -> Draft:
    """The draft with each of its pieces changed."""
    items = tuple(how(item) for item in draft.items)
    return Draft(items, draft.input_tokens, draft.output_tokens, draft.reasoning_tokens)


def without_reasoning(draft: Draft) -> Draft:
    """The draft without its reasoning items; their tokens stay billed."""
    items = tuple(item for item in draft.items if not isinstance(item, Reasoning))
    return Draft(items, draft.input_tokens, draft.output_tokens, draft.reasoning_tokens)


def change_refusals(how: Callable[[Refusal], Refusal]) -> Hooks:
    """Changes every refusal."""
    return Hooks(refusal=lambda _, refusal: how(refusal))


def field_at(body: Json, path: str) -> Any:
    """The value at a dotted path; ABSENT where there is none."""
    parent, name = _parent(body, path)
    return parent.get(name, ABSENT) if isinstance(parent, dict) else ABSENT


ABSENT: Any = object()
"""Stands where a body has no such field."""
