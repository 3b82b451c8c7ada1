"""Mutants of what snapshots tell of the request and of items, and of what an announced message is to hold."""

from conformance.contract.contracts import Contract
from conformance.reference.conversation import Json
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import Change, map_field, remove_fields, set_field
from conformance.reference.stream_mutations import change_events, change_terminal_events


def _on_message(change: Change) -> Change:
    def event(found: Json) -> None:
        if found["item"]["type"] == "message":
            change(found["item"])

    return event


def _nameless_items(event: Json) -> None:
    for item in event["response"]["output"]:
        del item["id"]


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "parallel-calls-withdrawn",
        "allows parallel calls when it begins, and not when it ends",
        requirement="stream.response-steady",
        hooks=change_terminal_events(set_field("response.parallel_tool_calls", False)),
    ),
    Mutant(
        "temperature-of-created-another",
        "announces another temperature than it works with",
        requirement="stream.response-steady",
        hooks=change_events("response.created", set_field("response.temperature", 0.3)),
    ),
    Mutant(
        "tools-under-way-lost",
        "tells no tools while it is in progress",
        requirement="stream.response-steady",
        hooks=change_events("response.in_progress", set_field("response.tools", [])),
    ),
    Mutant(
        "format-of-created-another",
        "announces plain text whatever format was asked for",
        requirement="stream.response-steady",
        hooks=change_events(
            "response.created", map_field("response.text.format", lambda _: {"type": "text"})
        ),
    ),
    Mutant(
        "final-items-without-ids",
        "ends with items that lack the ids they were streamed under",
        requirement="stream.item-in-output",
        hooks=change_terminal_events(_nameless_items),
        report="router-for-me/CLIProxyAPI#4622",
    ),
    Mutant(
        "in-progress-without-output",
        "tells no output, error or background while in progress",
        requirement="stream.snapshot-full",
        hooks=change_events(
            "response.in_progress", remove_fields("response.output", "response.error", "response.background")
        ),
        contract=Contract.OPENAI,
        report="diegosouzapw/OmniRoute#13964",
    ),
    Mutant(
        "message-added-without-content",
        "announces a message without content",
        requirement="stream.added-message-content",
        hooks=change_events("response.output_item.added", _on_message(remove_fields("content"))),
    ),
    Mutant(
        "message-added-with-null-content",
        "announces a message whose content is null",
        requirement="stream.added-message-content",
        hooks=change_events("response.output_item.added", _on_message(set_field("content", None))),
        contract=Contract.OPENAI,
    ),
)
