"""Variants of what a stream's events show beside their text."""

import copy

from conformance.reference.conversation import Json
from conformance.reference.hooks import Hooks
from conformance.reference.mutations import remove_fields, set_field
from conformance.reference.stream_mutations import change_events
from conformance.reference.variants.variant import PAGE, Variant


def _encrypted(events: list[Json]) -> list[Json]:
    found = copy.deepcopy(events)
    for number, event in enumerate(found):
        items = [event["item"]] if "item" in event else event.get("response", {}).get("output", [])
        for item in items:
            if item["type"] == "reasoning":
                item["encrypted_content"] = f"gAAAA{number}"
    return found


VARIANTS: tuple[Variant, ...] = (
    Variant(
        "no-logprobs-in-events",
        "leaves logprobs out of events",
        hooks=change_events("response.output_text.*", remove_fields("logprobs")),
    ),
    Variant(
        "no-name-in-arguments-done",
        "leaves the name out when arguments are done",
        hooks=change_events("response.function_call_arguments.done", remove_fields("name")),
    ),
    Variant(
        "added-items-without-status",
        "announces items without a status",
        hooks=change_events("response.output_item.added", remove_fields("item.status")),
        contracts=PAGE,
    ),
    Variant(
        "created-queued",
        "creates responses as queued",
        hooks=change_events("response.created", set_field("response.status", "queued")),
    ),
    Variant(
        "events-with-extra-members",
        "adds members to every event",
        hooks=change_events("*", lambda e: e.update(trace_id="t-1")),
    ),
    Variant(
        "encrypted-content-changes",
        "encrypts thoughts anew in each event",
        hooks=Hooks(events=lambda _, events: _encrypted(events)),
    ),
)
