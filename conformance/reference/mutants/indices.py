"""Mutants of the indices and ids by which events place what they tell."""

from collections.abc import Iterator
from typing import Any

from conformance.reference.conversation import Json
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import (
    change_events,
    edit_events,
    map_field,
)


def index_mutants() -> Iterator[Mutant]:
    """Indices from 1, by twos, of others; ids that change."""
    for name, line, requirement, hooks in _INDICES:
        yield Mutant(name, line, requirement, hooks)


def _other_item_ids(events: list[Json]) -> list[Json]:
    for number, event in enumerate(events):
        if event["type"] == "response.output_text.delta":
            event["item_id"] = f"msg_{number}"
    return events


def _by_call_id(events: list[Json]) -> list[Json]:
    known = {
        e["item"]["id"]: e["item"].get("call_id") for e in events if e["type"] == "response.output_item.added"
    }
    for event in events:
        if event["type"].startswith("response.function_call_arguments"):
            event["item_id"] = known[event["item_id"]]
    return events


_INDICES: tuple[Any, ...] = (
    (
        "output-index-from-one",
        "counts items from 1",
        "stream.output-index",
        change_events("*", map_field("output_index", lambda n: n + 1)),
    ),
    (
        "output-index-always-zero",
        "puts every item at index 0",
        "stream.output-index",
        change_events("*", map_field("output_index", lambda _: 0)),
    ),
    (
        "output-index-skips",
        "counts items by twos",
        "stream.output-index",
        change_events("*", map_field("output_index", lambda n: 2 * n)),
    ),
    (
        "output-index-of-done-wrong",
        "finishes an item at another index",
        "stream.item-index",
        change_events("response.output_item.done", map_field("output_index", lambda n: n + 1)),
    ),
    (
        "content-index-from-one",
        "counts parts from 1",
        "stream.content-index",
        change_events("*", map_field("content_index", lambda n: n + 1)),
    ),
    (
        "summary-index-from-one",
        "counts a summary's parts from 1",
        "stream.summary-index",
        change_events("*", map_field("summary_index", lambda n: n + 1)),
    ),
    ("item-id-changes", "gives every delta another item_id", "stream.item-id", edit_events(_other_item_ids)),
    (
        "item-id-of-done-wrong",
        "finishes an item under another id",
        "stream.item-id",
        change_events("response.output_item.done", map_field("item.id", lambda i: f"{i}x")),
    ),
    (
        "item-id-empty",
        "refers to items by an empty id",
        "stream.item-id",
        change_events("*", map_field("item_id", lambda _: "")),
    ),
    ("item-id-of-call-id", "refers to a call by its call_id", "stream.item-id", edit_events(_by_call_id)),
    (
        "output-index-of-delta-wrong",
        "sends deltas for an item that is not there",
        "stream.item-index",
        change_events("response.output_text.delta", map_field("output_index", lambda n: n + 5)),
    ),
)
