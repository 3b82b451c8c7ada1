"""Whether the items of a stream keep their identity, place and number from first to last.

Each function judges one aspect of a `Stream` and yields what departs from it; what is absent altogether is
another aspect's business, so that one fault shows once. The texts of the items are in `texts`, the order of
events in `grammar`.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from conformance.shown import shown
from conformance.streams.events import item_id, whole_number
from conformance.streams.findings import at, in_json
from conformance.streams.reassembly import ReassembledItem, item_texts, part_texts
from conformance.streams.stream import Stream
from conformance.streams.vocabulary import TEXTS, is_about_item
from conformance.verdicts.verdict import Finding

HOLDERS = tuple(dict.fromkeys(text.parts or text.key for text in TEXTS.values()))
"""The keys of an item under which its texts will stand."""

MOST = 5
"""Findings of one kind that are worth reading; the rest is the same fault again."""


def final_output_holds_what_came(stream: Stream) -> Iterator[Finding]:
    """A completed response whose items were streamed holds some output item."""
    event, items = stream.terminal, stream.reassembly.items
    if items and event is not None and event.type == "response.completed" and stream.reassembly.output == []:
        actual = f"[] after {len(items)} streamed items"
        yield Finding("response.output with at least one item", actual, at(event))


def done_items_are_in_the_output(stream: Stream) -> Iterator[Finding]:
    """Items that were done are in the final output at their index, with their id and type."""
    output = stream.reassembly.output
    if not output or stream.terminal is None:
        return
    for item in stream.reassembly.items:
        if item.done is None or item.index is None:
            continue
        expected = f"output[{item.index}] {_identity(item.finished)}"
        there = output[item.index] if 0 <= item.index < len(output) else None
        if there is None:
            yield Finding(expected, f"{len(output)} items", at(stream.terminal))
        elif isinstance(there, dict) and not _same(item.finished, there):
            yield Finding(expected, _identity(there), at(stream.terminal))


def output_was_announced(stream: Stream) -> Iterator[Finding]:
    """Every item of the final output was the matter of some event."""
    streamed = {id(item.final) for item in stream.reassembly.items if item.final is not None}
    bare = any(item.index is None and not item.ids for item in stream.reassembly.items)
    for number, item in enumerate(stream.reassembly.output or ()):
        if isinstance(item, dict) and id(item) not in streamed and not bare and stream.terminal is not None:
            expected = f"events for output[{number}] ({_identity(item)})"
            yield Finding(expected, "none", at(stream.terminal))


def output_indices_count_up(stream: Stream) -> Iterator[Finding]:
    """Each item has the next free output index, counted from 0."""
    expected = 0
    for item in stream.reassembly.items:
        index = item.index
        if index is not None and index != expected and item.added is not None:
            yield Finding(f"output_index {expected}", str(index), at(item.added))
        expected = expected + 1 if index is None else max(expected, index) + 1


def items_keep_their_id(stream: Stream) -> Iterator[Finding]:
    """Items are called by one id in all their events."""
    for item in stream.reassembly.items:
        ids = list(item.ids.items())
        for other, number in ids[1:MOST]:
            yield Finding(f"the item's id {ids[0][0]}", other, f"event {number}")


def items_keep_their_index(stream: Stream) -> Iterator[Finding]:
    """Items are placed at one output index by all their events."""
    for item in stream.reassembly.items:
        indices = list(item.indices.items())
        for other, number in indices[1:MOST]:
            yield Finding(f"the item's output_index {indices[0][0]}", str(other), f"event {number}")


def items_keep_their_type(stream: Stream) -> Iterator[Finding]:
    """Items end as the type that they began as."""
    for item in stream.reassembly.items:
        before, after = item.announced.get("type"), item.finished.get("type")
        if item.added is not None and item.done is not None and before != after:
            yield Finding(f"the item's type {before}", in_json(after), at(item.done))


def calls_keep_their_name(stream: Stream) -> Iterator[Finding]:
    """Function calls have one name and one call_id in all their events."""
    for item in stream.reassembly.items:
        versions = [
            (item.announced, item.added),
            (item.finished, item.done),
            (item.final or {}, stream.terminal),
        ]
        for key in ("name", "call_id"):
            given = [(v[key], event) for v, event in versions if isinstance(v.get(key), str) and v[key]]
            for (before, _), (after, event) in pairwise(given):
                if before != after and event is not None:
                    yield Finding(f"{key} {before}", after, at(event))


def items_begin_in_progress(stream: Stream) -> Iterator[Finding]:
    """Items are announced with the status in_progress."""
    for item in stream.reassembly.items:
        status = item.announced.get("status", "in_progress")
        if item.added is not None and status != "in_progress":
            yield Finding("item.status in_progress", in_json(status), at(item.added))


def items_begin_empty(stream: Stream) -> Iterator[Finding]:
    """Items are announced without what their events are still to bring."""
    for item in stream.reassembly.items:
        full = [key for key in HOLDERS if item.announced.get(key)]
        if item.added is not None and full:
            value = in_json(item.announced[full[0]])
            yield Finding(f"item.{full[0]} empty", shown(value, 120), at(item.added))
    for event in stream.milestones:
        if event.row.carries == "part" and event.row.step == "opens":
            for _, _, text in part_texts([event.carried]):
                if text:
                    yield Finding("a part without text yet", shown(text, 120), at(event))


def messages_begin_with_a_list(stream: Stream) -> Iterator[Finding]:
    """Messages are announced with the list that their parts will stand in."""
    for item in stream.reassembly.items:
        if item.added is None or item.announced.get("type") != "message":
            continue
        content = item.announced.get("content")
        if not content and not isinstance(content, list):
            actual = in_json(content) if "content" in item.announced else "no content"
            yield Finding("item.content []", actual, at(item.added))


def items_begin_with_their_name(stream: Stream) -> Iterator[Finding]:
    """Items are announced with what a client needs to know of them at once."""
    wanted = {"message": ("id", "role"), "function_call": ("name", "call_id")}
    for item in stream.reassembly.items:
        if item.added is None:
            continue
        keys = ("type", *wanted.get(str(item.announced.get("type")), ()))
        missing = [key for key in keys if not (isinstance(v := item.announced.get(key), str) and v)]
        if missing:
            yield Finding(f"an item with {', '.join(keys)}", f"no {', '.join(missing)}", at(item.added))


def done_items_are_finished(stream: Stream) -> Iterator[Finding]:
    """Items that are done have a status that says so."""
    for item in stream.reassembly.items:
        if item.done is not None and item.finished.get("status") in ("in_progress", "queued"):
            yield Finding("item.status completed or incomplete", item.finished["status"], at(item.done))


def inner_indices_count_up(stream: Stream, key: str) -> Iterator[Finding]:
    """Each part or annotation of an item has the next index, counted from 0."""
    seen: dict[tuple[int, object], int] = {}
    owners = {id_: item for item in stream.reassembly.items for id_ in item.ids}
    by_index = {item.index: item for item in stream.reassembly.items}
    for event in stream.milestones:
        index = whole_number(event.data.get(key))
        if index is None or not is_about_item(event.type):
            continue
        owner: ReassembledItem | None = owners.get(item_id(event) or "") or by_index.get(
            whole_number(event.data.get("output_index"))
        )
        part = event.data.get("content_index") if key == "annotation_index" else None
        place = (id(owner), part if isinstance(part, int) else None)
        highest = seen.get(place, -1)
        if index > highest + 1 or index < 0:
            yield Finding(f"{key} {highest + 1 if index > highest + 1 else 0}", str(index), at(event))
        seen[place] = max(highest, index)


def final_texts_were_streamed(stream: Stream) -> Iterator[Finding]:
    """Every text of the final items was brought by some event: a delta or a done, at whatever place."""
    streamed = [text for text in stream.reassembly.texts if text.item.final is not None]
    places = {(id(text.item.final), text.kind, text.place) for text in streamed}
    texts = {(id(text.item.final), text.kind, text.agreed) for text in streamed}
    for item in stream.reassembly.items:
        for kind, place, text in item_texts(item.final):
            known = (id(item.final), kind, place) in places or (id(item.final), kind, text) in texts
            if text and not known:
                yield Finding(f"events for the item's {kind}", "none", _of(item))


def _same(done: dict[str, Any], there: dict[str, Any]) -> bool:
    return all(key not in done or done[key] == there.get(key) for key in ("id", "type"))


def _identity(item: dict[str, Any]) -> str:
    return f"{item.get('type')} {item.get('id', 'without id')}"


def _of(item: ReassembledItem) -> str:
    return at(item.done) if item.done is not None else f"item {item.index}"
