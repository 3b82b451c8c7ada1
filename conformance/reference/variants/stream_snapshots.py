"""Variants of what a stream's events show beside their text."""

import copy

from conformance.reference.conversation import Json
from conformance.reference.hooks import Hooks
from conformance.reference.mutations import Change, combine, remove_fields, set_field
from conformance.reference.stream_mutations import change_events, change_terminal_events, edit_events
from conformance.reference.variants.variant import PAGE, Variant


def _encrypted(events: list[Json]) -> list[Json]:
    found = copy.deepcopy(events)
    for number, event in enumerate(found):
        items = [event["item"]] if "item" in event else event.get("response", {}).get("output", [])
        for item in items:
            if item["type"] == "reasoning":
                item["encrypted_content"] = f"gAAAA{number}"
    return found


def _progressing(events: list[Json]) -> list[Json]:
    """Each snapshot tells by a member of the vendor's own how far the response is."""
    return [
        {**event, "response": {**event["response"], "x_progress": number}} if "response" in event else event
        for number, event in enumerate(events)
    ]


def _summary_left_open(event: Json) -> None:
    if event["response"]["reasoning"]["summary"] is not None:
        event["response"]["reasoning"]["summary"] = "auto"


def _summary_chosen(event: Json) -> None:
    if event["response"]["reasoning"]["summary"] is not None:
        event["response"]["reasoning"]["summary"] = "detailed"


def _tools_as_sent(event: Json) -> None:
    """Defaults of a tool are not told before the end."""
    for tool in event["response"]["tools"]:
        for key in [key for key, value in tool.items() if value is None or key == "strict"]:
            del tool[key]


def _unsaid(event: Json) -> None:
    for name in ("temperature", "top_p", "parallel_tool_calls", "metadata", "truncation", "text"):
        event["response"][name] = None


def _begun(change: Change) -> Hooks:
    """Changes the snapshots before the end."""
    return combine(change_events("response.created", change), change_events("response.in_progress", change))


VARIANTS: tuple[Variant, ...] = (
    Variant(
        "service-tier-resolved",
        "tells at the end which service tier auto came to",
        hooks=_begun(set_field("response.service_tier", "auto")),
    ),
    Variant(
        "summary-resolved",
        "tells at the end which summary auto came to",
        hooks=combine(_begun(_summary_left_open), change_terminal_events(_summary_chosen)),
    ),
    Variant(
        "tools-filled-in",
        "tells the defaults of tools at the end",
        hooks=_begun(_tools_as_sent),
        contracts=PAGE,
    ),
    Variant(
        "settings-told-at-the-end",
        "tells its settings only when it ends",
        hooks=_begun(_unsaid),
        contracts=PAGE,
    ),
    Variant("progress-in-snapshots", "tells its progress in snapshots", hooks=edit_events(_progressing)),
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
