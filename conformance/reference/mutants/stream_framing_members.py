"""Mutants that leave a member out of one type of event."""

from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import remove_fields
from conformance.reference.stream_mutations import change_events

MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "output_text-delta-without-item_id",
        "leaves item_id out of response.output_text.delta",
        requirement="stream.event-fields",
        hooks=change_events("response.output_text.delta", remove_fields("item_id")),
    ),
    Mutant(
        "output_text-delta-without-output_index",
        "leaves output_index out of response.output_text.delta",
        requirement="stream.event-fields",
        hooks=change_events("response.output_text.delta", remove_fields("output_index")),
    ),
    Mutant(
        "output_text-delta-without-content_index",
        "leaves content_index out of response.output_text.delta",
        requirement="stream.event-fields",
        hooks=change_events("response.output_text.delta", remove_fields("content_index")),
    ),
    Mutant(
        "output_text-delta-without-delta",
        "leaves delta out of response.output_text.delta",
        requirement="stream.event-fields",
        hooks=change_events("response.output_text.delta", remove_fields("delta")),
    ),
    Mutant(
        "output_text-done-without-item_id",
        "leaves item_id out of response.output_text.done",
        requirement="stream.event-fields",
        hooks=change_events("response.output_text.done", remove_fields("item_id")),
    ),
    Mutant(
        "output_text-done-without-text",
        "leaves text out of response.output_text.done",
        requirement="stream.event-fields",
        hooks=change_events("response.output_text.done", remove_fields("text")),
    ),
    Mutant(
        "output_item-added-without-output_index",
        "leaves output_index out of response.output_item.added",
        requirement="stream.event-fields",
        hooks=change_events("response.output_item.added", remove_fields("output_index")),
    ),
    Mutant(
        "output_item-added-without-item",
        "leaves item out of response.output_item.added",
        requirement="stream.event-fields",
        hooks=change_events("response.output_item.added", remove_fields("item")),
    ),
    Mutant(
        "output_item-done-without-output_index",
        "leaves output_index out of response.output_item.done",
        requirement="stream.event-fields",
        hooks=change_events("response.output_item.done", remove_fields("output_index")),
    ),
    Mutant(
        "output_item-done-without-item",
        "leaves item out of response.output_item.done",
        requirement="stream.event-fields",
        hooks=change_events("response.output_item.done", remove_fields("item")),
    ),
    Mutant(
        "content_part-added-without-item_id",
        "leaves item_id out of response.content_part.added",
        requirement="stream.event-fields",
        hooks=change_events("response.content_part.added", remove_fields("item_id")),
    ),
    Mutant(
        "content_part-added-without-part",
        "leaves part out of response.content_part.added",
        requirement="stream.event-fields",
        hooks=change_events("response.content_part.added", remove_fields("part")),
    ),
    Mutant(
        "content_part-done-without-content_index",
        "leaves content_index out of response.content_part.done",
        requirement="stream.event-fields",
        hooks=change_events("response.content_part.done", remove_fields("content_index")),
    ),
    Mutant(
        "content_part-done-without-part",
        "leaves part out of response.content_part.done",
        requirement="stream.event-fields",
        hooks=change_events("response.content_part.done", remove_fields("part")),
    ),
    Mutant(
        "function_call_arguments-delta-without-item_id",
        "leaves item_id out of response.function_call_arguments.delta",
        requirement="stream.event-fields",
        hooks=change_events("response.function_call_arguments.delta", remove_fields("item_id")),
    ),
    Mutant(
        "function_call_arguments-delta-without-delta",
        "leaves delta out of response.function_call_arguments.delta",
        requirement="stream.event-fields",
        hooks=change_events("response.function_call_arguments.delta", remove_fields("delta")),
    ),
    Mutant(
        "function_call_arguments-done-without-item_id",
        "leaves item_id out of response.function_call_arguments.done",
        requirement="stream.event-fields",
        hooks=change_events("response.function_call_arguments.done", remove_fields("item_id")),
    ),
    Mutant(
        "function_call_arguments-done-without-arguments",
        "leaves arguments out of response.function_call_arguments.done",
        requirement="stream.event-fields",
        hooks=change_events("response.function_call_arguments.done", remove_fields("arguments")),
    ),
    Mutant(
        "reasoning_summary_text-delta-without-summary_index",
        "leaves summary_index out of response.reasoning_summary_text.delta",
        requirement="stream.event-fields",
        hooks=change_events("response.reasoning_summary_text.delta", remove_fields("summary_index")),
    ),
    Mutant(
        "reasoning_summary_text-delta-without-delta",
        "leaves delta out of response.reasoning_summary_text.delta",
        requirement="stream.event-fields",
        hooks=change_events("response.reasoning_summary_text.delta", remove_fields("delta")),
    ),
    Mutant(
        "created-without-response",
        "leaves response out of response.created",
        requirement="stream.event-fields",
        hooks=change_events("response.created", remove_fields("response")),
    ),
)
