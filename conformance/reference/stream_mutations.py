"""Makers of hooks for output items, the events that tell of them, and the frames that carry these."""

import copy
from collections.abc import Callable

from conformance.reference.conversation import Json
from conformance.reference.hooks import Frame, Hooks, Request
from conformance.reference.mutations import Change, change_snapshots, changed_copy, combine


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


def change_done_items(kind: str, change: Change) -> Hooks:
    """Changes the items of a type as `output_item.done` shows them."""

    def event(found: Json) -> None:
        if found["item"]["type"] == kind:
            change(found["item"])

    return change_events("response.output_item.done", event)


def change_terminal_events(change: Change) -> Hooks:
    """Changes the event that ends a stream, of a whole answer or of one that was cut."""
    return combine(change_events("response.completed", change), change_events("response.incomplete", change))


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


def data_of_frame(frame: bytes) -> bytes:
    """The bytes after `data: ` in a frame that holds one event."""
    return frame.split(b"data: ", 1)[1].strip()
