"""Variants of tool calls: how many, and how their arguments are spelled."""

from dataclasses import replace

from conformance.reference.conversation import Json
from conformance.reference.hooks import Draft, Hooks, Message, Refusal, Request, ToolCall
from conformance.reference.mutations import ABSENT, change_draft, field_at, map_calls, map_items
from conformance.reference.variants.variant import Variant


def _one_call(draft: Draft) -> Draft:
    calls = [item for item in draft.items if isinstance(item, ToolCall)]
    return replace(draft, items=tuple(p for p in draft.items if p not in calls[1:]))


def _capped_calls(_: Request, body: Json) -> Json:
    return {**body, "max_output_tokens": 5} if body.get("tools") else body


def _without_cut_calls(draft: Draft) -> Draft:
    return map_items(
        draft, lambda i: Message("", whole=False) if isinstance(i, ToolCall) and not i.whole else i
    )


def _format_or_tools(request: Request, found: Refusal | None) -> Refusal | None:
    if found is None and request.body.get("tools") and field_at(request.body, "text.format") is not ABSENT:
        return Refusal(400, "A format cannot go with tools.", param="text.format", code="unsupported_value")
    return found


VARIANTS: tuple[Variant, ...] = (
    Variant("one-call-at-a-time", "calls one tool at a time", hooks=change_draft(_one_call)),
    Variant(
        "calls-cut-at-its-cap",
        "ends an answer with tools after five tokens, in the middle of the arguments, and says so",
        hooks=Hooks(model_input=_capped_calls),
    ),
    Variant(
        "cut-calls-left-out",
        "gives no call that the token limit cut, but an empty message, and says that it is incomplete",
        hooks=change_draft(_without_cut_calls),
    ),
    Variant(
        "format-beside-tools-refused",
        "refuses a schema for the text beside tools, and says so",
        hooks=Hooks(validate=_format_or_tools),
    ),
    Variant(
        "spaced-arguments",
        "writes arguments with white space",
        hooks=change_draft(map_calls(lambda n, a: (n, a.replace(":", ": ").replace(",", ", ")))),
    ),
)
