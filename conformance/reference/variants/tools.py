"""Variants of tool calls: how many, and how their arguments are spelled."""

from dataclasses import replace

from conformance.reference.conversation import Json
from conformance.reference.hooks import Draft, Hooks, Request, ToolCall
from conformance.reference.mutations import change_draft, map_calls
from conformance.reference.variants.variant import Variant


def _one_call(draft: Draft) -> Draft:
    calls = [item for item in draft.items if isinstance(item, ToolCall)]
    return replace(draft, items=tuple(p for p in draft.items if p not in calls[1:]))


def _capped_calls(_: Request, body: Json) -> Json:
    return {**body, "max_output_tokens": 5} if body.get("tools") else body


VARIANTS: tuple[Variant, ...] = (
    Variant("one-call-at-a-time", "calls one tool at a time", hooks=change_draft(_one_call)),
    Variant(
        "calls-cut-at-its-cap",
        "ends an answer with tools after five tokens, in the middle of the arguments, and says so",
        hooks=Hooks(model_input=_capped_calls),
    ),
    Variant(
        "spaced-arguments",
        "writes arguments with white space",
        hooks=change_draft(map_calls(lambda n, a: (n, a.replace(":", ": ").replace(",", ", ")))),
    ),
)
