"""Mutants of calls that the token limit cuts in the middle of their arguments."""

from dataclasses import replace

from conformance.reference.conversation import Json
from conformance.reference.hooks import Draft, ToolCall
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import change_draft, map_items
from conformance.reference.stream_mutations import change_items


def _never_cut(draft: Draft) -> Draft:
    return map_items(draft, lambda item: replace(item, whole=True) if isinstance(item, ToolCall) else item)


def _whole(item: Json) -> None:
    if item.get("status") == "incomplete":
        item["status"] = "completed"


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "cut-call-completed",
        "completes an answer whose call the token limit cut",
        requirement="response.cut-is-incomplete",
        hooks=change_draft(_never_cut),
    ),
    Mutant(
        "cut-call-called-completed",
        "calls a call completed that the token limit cut in the middle of the arguments",
        requirement="call.cut-status",
        hooks=change_items("function_call", _whole),
    ),
)
