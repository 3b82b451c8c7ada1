"""Variants of the tools beyond functions: which of them there are, and how their calls are told."""

from dataclasses import replace

from conformance.contract.contracts import Contract
from conformance.reference.attachments import parts_of
from conformance.reference.conversation import Json, items_of
from conformance.reference.hooks import Draft, Hooks, HostedCall, Message, Refusal, Request, ToolCall
from conformance.reference.input_mutations import refuse_items
from conformance.reference.mutations import change_draft, combine, remove_fields
from conformance.reference.stream_mutations import change_items
from conformance.reference.tool_mutations import refuse_tools
from conformance.reference.variants.variant import EVERYWHERE, Variant

_KINDS = (
    "web_search",
    "code_interpreter",
    "image_generation",
    "apply_patch",
    "shell",
    "namespace",
    "tool_search",
)


def _search_first(draft: Draft) -> Draft:
    """A model that ends its turn with what it found."""
    searched = any(isinstance(item, HostedCall) and _is_search(item) for item in draft.items)
    items = tuple(item for item in draft.items if not (searched and isinstance(item, ToolCall)))
    return replace(draft, items=items)


def _is_search(item: HostedCall) -> bool:
    return bool(item.members["type"] == "tool_search_call")


def _fail_openly(request: Request, response: Json) -> Json:
    """The tool broke down, and the response says so."""
    forced = request.body.get("tool_choice")
    if not isinstance(forced, dict) or forced.get("type") not in {"web_search", "code_interpreter"}:
        return response
    error = {"code": "server_error", "message": "The tool could not be run."}
    return {**response, "status": "failed", "error": error, "output": [], "completed_at": None}


def _said_after(draft: Draft) -> Draft:
    """A model that says nothing after the call of a hosted tool."""
    hosted = any(isinstance(item, HostedCall) for item in draft.items)
    items = tuple(item for item in draft.items if not (hosted and isinstance(item, Message)))
    return replace(draft, items=items)


def _no_background(request: Request, found: Refusal | None) -> Refusal | None:
    if found is None and request.body.get("background") is True:
        return Refusal(400, "There is no work in the background.", param="background")
    return found


def _at_once(_: Request, body: Json) -> Json:
    """Does at once what could be done in the background."""
    return {**body, "background": False}


def _taking_unstored(request: Request, found: Refusal | None) -> Refusal | None:
    return None if found is not None and found.param == "store" and request.body.get("background") else found


def _no_conversations(request: Request, found: Refusal | None) -> Refusal | None:
    if request.path.lstrip("/").startswith("conversations"):
        return Refusal(404, "Unknown path.", code="unknown_url")
    return found


def _names_a_file(body: Json) -> bool:
    parts = [part for item in items_of(body.get("input")) for _, part in parts_of(item)]
    remote = (str(part.get("image_url") or part.get("file_url") or "data:") for part in parts)
    return any("file_id" in part for part in parts) or not all(url.startswith("data:") for url in remote)


def _taking_missing_files(request: Request, found: Refusal | None) -> Refusal | None:
    return None if _names_a_file(request.body) else found


def _fail_without_file(request: Request, response: Json) -> Json:
    if not _names_a_file(request.body):
        return response
    error = {"code": "server_error", "message": "The file could not be had."}
    return {**response, "status": "failed", "error": error, "output": [], "completed_at": None}


def _knows_no(kind: str) -> Hooks:
    return refuse_items(lambda item: item.get("type") == kind)


VARIANTS: tuple[Variant, ...] = (
    Variant(
        "functions-alone",
        "refuses every tool but functions",
        hooks=combine(
            refuse_tools("custom", *_KINDS),
            refuse_items(lambda item: item.get("type") == "additional_tools"),
        ),
        contracts=EVERYWHERE - {Contract.OPENAI},
    ),
    Variant(
        "functions-and-custom-tools-alone",
        "refuses every tool but functions and custom ones",
        hooks=combine(
            refuse_tools(*_KINDS), refuse_items(lambda item: item.get("type") == "additional_tools")
        ),
    ),
    Variant(
        "custom-calls-without-status",
        "leaves the status of custom calls out, which is none of their members",
        hooks=change_items("custom_tool_call", remove_fields("status")),
    ),
    Variant(
        "searches-and-waits",
        "ends its turn once it has found a tool",
        hooks=change_draft(_search_first),
    ),
    Variant("hosted-tools-fail-openly", "says that a hosted tool failed", hooks=Hooks(response=_fail_openly)),
    Variant(
        "cache-marks-refused",
        "knows no marks in a prompt, and says so",
        hooks=refuse_items(lambda item: "prompt_cache_breakpoint" in str(item.get("content"))),
    ),
    Variant("hosted-calls-alone", "says nothing after a hosted tool", hooks=change_draft(_said_after)),
    Variant(
        "nothing-of-sessions",
        "refuses work in the background, a compaction and the wish for one",
        hooks=combine(
            Hooks(validate=_no_background), _knows_no("compaction"), _knows_no("compaction_trigger")
        ),
        contracts=EVERYWHERE - {Contract.OPENAI},
    ),
    Variant(
        "no-conversations",
        "has no endpoint that begins a conversation",
        hooks=Hooks(media_type=_no_conversations),
    ),
    Variant(
        "no-files",
        "takes neither files nor pictures from outside, and says so",
        hooks=refuse_items(lambda item: any(part.get("type") == "input_file" for _, part in parts_of(item))),
        contracts=EVERYWHERE - {Contract.OPENAI},
    ),
    Variant(
        "missing-files-fail-openly",
        "begins an answer, and says that it failed for want of the file",
        hooks=Hooks(validate=_taking_missing_files, response=_fail_without_file),
    ),
    Variant(
        "background-done-at-once",
        "does at once what may be done in the background",
        hooks=Hooks(validate=_taking_unstored, effective_body=_at_once),
    ),
)
