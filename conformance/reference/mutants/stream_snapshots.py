"""Mutants of indices, ids, and the response and items as a stream's events show them."""

import copy

from conformance.contract.contracts import Contract
from conformance.reference.conversation import Json
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import (
    change_final_snapshots,
    combine,
    map_field,
    remove_fields,
    set_field,
)
from conformance.reference.stream_mutations import (
    change_done_items,
    change_events,
    change_terminal_events,
    edit_events,
    renumbered_events,
)


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


def _full_items(events: list[Json]) -> list[Json]:
    done = {e["output_index"]: e["item"] for e in events if e["type"] == "response.output_item.done"}
    return [
        {**e, "item": done[e["output_index"]]} if e["type"] == "response.output_item.added" else e
        for e in events
    ]


def _created_full(events: list[Json]) -> list[Json]:
    events[0]["response"] = {**events[0]["response"], "output": events[-1]["response"]["output"]}
    return events


def _created_billed(events: list[Json]) -> list[Json]:
    events[0]["response"] = {**events[0]["response"], "usage": events[-1]["response"]["usage"]}
    return events


def _new_item_ids(event: Json) -> None:
    for item in event["response"]["output"]:
        item["id"] = f"{item['id']}f"


def _first_item(event: Json) -> None:
    del event["response"]["output"][1:]


def _reversed_items(event: Json) -> None:
    event["response"]["output"].reverse()


def _one_more_item(event: Json) -> None:
    item = copy.deepcopy(event["response"]["output"][-1])
    event["response"]["output"].append({**item, "id": f"{item['id']}2"})


def _stub(event: Json) -> None:
    kept = ("id", "object", "created_at", "model", "status", "usage")
    event["response"] = {key: event["response"][key] for key in kept}


def _annotated(events: list[Json]) -> list[Json]:
    """One annotation, counted from 3, which the finished text has too."""
    citation = {
        "type": "url_citation",
        "url": "https://example.org/",
        "title": "t",
        "start_index": 0,
        "end_index": 1,
    }
    found: list[Json] = []
    for event in events:
        if event["type"] == "response.output_text.done":
            place = {key: event[key] for key in ("item_id", "output_index", "content_index")}
            kind = "response.output_text.annotation.added"
            found.append({"type": kind, **place, "annotation_index": 3, "annotation": citation})
        found.append(event)
    return renumbered_events(found)


def _bare(event: Json) -> None:
    event["response"] = {"id": event["response"]["id"]}


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "incomplete-streamed-as-completed",
        "ends a cut answer with response.completed",
        requirement="stream.terminal-status",
        hooks=change_events("response.incomplete", set_field("type", "response.completed")),
    ),
    Mutant(
        "completed-streamed-as-incomplete",
        "ends a whole answer with response.incomplete",
        requirement="stream.terminal-status",
        hooks=change_events("response.completed", set_field("type", "response.incomplete")),
    ),
    Mutant(
        "final-status-in-progress",
        "ends with a response that is in progress",
        requirement="stream.terminal-status",
        hooks=change_terminal_events(set_field("response.status", "in_progress")),
    ),
    Mutant(
        "terminal-without-response",
        "ends without the response",
        requirement="stream.terminal-response",
        hooks=change_events("response.completed", remove_fields("response")),
    ),
    Mutant(
        "final-status-missing",
        "ends without a status",
        requirement="stream.terminal-response",
        hooks=change_terminal_events(remove_fields("response.status")),
    ),
    Mutant(
        "final-id-missing",
        "ends without an id",
        requirement="stream.terminal-response",
        hooks=change_terminal_events(remove_fields("response.id")),
    ),
    Mutant(
        "final-usage-missing",
        "ends without usage",
        requirement="stream.terminal-usage",
        hooks=change_terminal_events(remove_fields("response.usage")),
    ),
    Mutant(
        "final-usage-null",
        "ends with a null usage",
        requirement="stream.terminal-usage",
        hooks=change_terminal_events(set_field("response.usage", None)),
    ),
    Mutant(
        "final-stub-openai",
        "ends with a stub: id, status, usage",
        requirement="stream.terminal-full",
        hooks=change_terminal_events(_stub),
        contract=Contract.OPENAI,
    ),
    Mutant(
        "final-output-missing",
        "ends without output",
        requirement="stream.terminal-full",
        hooks=change_terminal_events(remove_fields("response.output")),
    ),
    Mutant(
        "final-stub",
        "ends with a stub: id, status, usage",
        requirement="stream.terminal-full",
        hooks=change_terminal_events(_stub),
    ),
    Mutant(
        "id-changes",
        "ends with another response id than it began with",
        requirement="stream.response-id",
        hooks=change_events("response.completed", map_field("response.id", lambda i: f"{i}x")),
    ),
    Mutant(
        "id-of-created-empty",
        "announces a response without an id",
        requirement="stream.response-id-present",
        hooks=change_events("response.created", set_field("response.id", "")),
    ),
    Mutant(
        "created-at-changes",
        "ends with another created_at",
        requirement="stream.response-created-at",
        hooks=change_events("response.completed", map_field("response.created_at", lambda t: t + 60)),
    ),
    Mutant(
        "model-changes",
        "ends with another model",
        requirement="stream.response-model",
        hooks=change_events("response.completed", set_field("response.model", "gpt-4o")),
    ),
    Mutant(
        "created-with-output",
        "announces a response with its output",
        requirement="stream.created-output-empty",
        hooks=edit_events(_created_full),
    ),
    Mutant(
        "created-completed",
        "announces a response as completed",
        requirement="stream.created-status",
        hooks=change_events("response.created", set_field("response.status", "completed")),
    ),
    Mutant(
        "in-progress-completed",
        "tells in_progress of a completed response",
        requirement="stream.created-status",
        hooks=change_events("response.in_progress", set_field("response.status", "completed")),
    ),
    Mutant(
        "created-with-usage",
        "announces a response with its usage",
        requirement="stream.early-usage",
        hooks=edit_events(_created_billed),
    ),
    Mutant(
        "snapshots-of-id-only",
        "announces a response by its id alone",
        requirement="stream.snapshot-full",
        hooks=combine(change_events("response.created", _bare), change_events("response.in_progress", _bare)),
        contract=Contract.OPENAI,
    ),
    Mutant(
        "snapshots-without-output",
        "announces a response without output",
        requirement="stream.snapshot-full",
        hooks=combine(
            change_events("response.created", remove_fields("response.output")),
            change_events("response.in_progress", remove_fields("response.output")),
        ),
        contract=Contract.OPENAI,
    ),
    Mutant(
        "output-index-from-one",
        "counts items from 1",
        requirement="stream.output-index",
        hooks=change_events("*", map_field("output_index", lambda n: n + 1)),
    ),
    Mutant(
        "output-index-always-zero",
        "puts every item at index 0",
        requirement="stream.output-index",
        hooks=change_events("*", map_field("output_index", lambda _: 0)),
    ),
    Mutant(
        "output-index-skips",
        "counts items by twos",
        requirement="stream.output-index",
        hooks=change_events("*", map_field("output_index", lambda n: 2 * n)),
    ),
    Mutant(
        "item-id-changes",
        "gives every delta another item_id",
        requirement="stream.item-id",
        hooks=edit_events(_other_item_ids),
    ),
    Mutant(
        "item-id-of-done-wrong",
        "finishes an item under another id",
        requirement="stream.item-id",
        hooks=change_events("response.output_item.done", map_field("item.id", lambda i: f"{i}x")),
    ),
    Mutant(
        "item-id-empty",
        "refers to items by an empty id",
        requirement="stream.item-id",
        hooks=change_events("*", map_field("item_id", lambda _: "")),
    ),
    Mutant(
        "item-id-of-call-id",
        "refers to a call by its call_id",
        requirement="stream.item-id",
        hooks=edit_events(_by_call_id),
    ),
    Mutant(
        "output-index-of-done-wrong",
        "finishes an item at another index",
        requirement="stream.item-index",
        hooks=change_events("response.output_item.done", map_field("output_index", lambda n: n + 1)),
    ),
    Mutant(
        "output-index-of-delta-wrong",
        "sends deltas for an item that is not there",
        requirement="stream.item-index",
        hooks=change_events("response.output_text.delta", map_field("output_index", lambda n: n + 5)),
    ),
    Mutant(
        "item-type-changes",
        "finishes a call as an item of another type",
        requirement="stream.item-type",
        hooks=change_done_items("function_call", set_field("type", "custom_tool_call")),
    ),
    Mutant(
        "call-name-changes",
        "finishes another call than it announced",
        requirement="stream.item-call",
        hooks=change_events("response.output_item.added", map_field("item.name", lambda name: f"{name}_2")),
    ),
    Mutant(
        "call-id-changes",
        "announces a call under another call_id",
        requirement="stream.item-call",
        hooks=change_events("response.output_item.added", map_field("item.call_id", lambda _: "call_0")),
    ),
    Mutant(
        "item-added-completed",
        "announces an item as completed",
        requirement="stream.added-item-status",
        hooks=change_events("response.output_item.added", set_field("item.status", "completed")),
    ),
    Mutant(
        "item-added-full",
        "announces an item with its whole content",
        requirement="stream.added-item-empty",
        hooks=edit_events(_full_items),
    ),
    Mutant(
        "item-added-without-role",
        "announces a message of nobody",
        requirement="stream.added-item-complete",
        hooks=change_events("response.output_item.added", remove_fields("item.role")),
    ),
    Mutant(
        "item-added-without-name",
        "announces a nameless call",
        requirement="stream.added-item-complete",
        hooks=change_events("response.output_item.added", remove_fields("item.name")),
        report="router-for-me/CLIProxyAPI#3471",
    ),
    Mutant(
        "done-item-in-progress",
        "finishes items that are in progress",
        requirement="stream.done-item-status",
        hooks=change_events("response.output_item.done", map_field("item.status", lambda _: "in_progress")),
    ),
    Mutant(
        "final-item-ids-new",
        "ends with other item ids than it streamed",
        requirement="stream.item-in-output",
        hooks=change_terminal_events(_new_item_ids),
    ),
    Mutant(
        "final-item-lost",
        "ends with the first item only",
        requirement="stream.item-in-output",
        hooks=change_terminal_events(_first_item),
    ),
    Mutant(
        "final-items-reversed",
        "ends with the items in another order",
        requirement="stream.item-in-output",
        hooks=change_terminal_events(_reversed_items),
        report="raullenchai/Rapid-MLX#889",
    ),
    Mutant(
        "final-item-added",
        "ends with an item that it did not stream",
        requirement="stream.output-announced",
        hooks=change_terminal_events(_one_more_item),
    ),
    Mutant(
        "final-output-empty",
        "ends with an empty output",
        requirement="stream.final-output",
        hooks=change_terminal_events(set_field("response.output", [])),
        report="BerriAI/litellm#32724",
    ),
    Mutant(
        "counted-output-lost",
        "ends the stream of a count with an empty output",
        requirement="stream.final-output",
        hooks=change_final_snapshots(
            set_field("output", []),
            lambda a: a.streamed and b"Count" in a.raw and a.body.get("max_output_tokens", 512) > 16,
        ),
    ),
    Mutant(
        "content-index-from-one",
        "counts parts from 1",
        requirement="stream.content-index",
        hooks=change_events("*", map_field("content_index", lambda n: n + 1)),
    ),
    Mutant(
        "summary-index-from-one",
        "counts a summary's parts from 1",
        requirement="stream.summary-index",
        hooks=change_events("*", map_field("summary_index", lambda n: n + 1)),
    ),
    Mutant(
        "annotation-index-from-three",
        "counts annotations from 3",
        requirement="stream.annotation-index",
        hooks=edit_events(_annotated),
    ),
)
