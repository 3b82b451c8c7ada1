"""Mutants of what long sessions need: conversations kept or packed, files, work in the background."""

from collections.abc import Callable
from typing import Any

from conformance.contract.contracts import Contract
from conformance.reference.attachments import parts_of
from conformance.reference.conversation import ConversationItem, Json, items_of
from conformance.reference.field_mutations import refuse_values
from conformance.reference.hooks import Hooks, Refusal, Reply, Request
from conformance.reference.input_mutations import change_items_of_input, drop_items, is_item, refuse_items
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import (
    change_snapshots,
    changed_copy,
    remove_fields,
    set_field,
    when_status,
)
from conformance.reference.reply_mutations import server_error


def _mutant(id_: str, line: str, requirement: str, hooks: Hooks, report: str = "") -> Mutant:
    return Mutant(id_, line, requirement=requirement, hooks=hooks, contract=Contract.OPENAI, report=report)


def _is_packed(item: Json) -> bool:
    return item.get("type") == "compaction"


def _without_content(_: Request, answer: Json) -> Json:
    def change(target: Json) -> None:
        for item in target.get("output") or ():
            remove_fields("encrypted_content")(item)

    return changed_copy(answer, change)


def _with_breakpoint(item: Json) -> bool:
    parts = item.get("content")
    return isinstance(parts, list) and any(is_item(p) and "prompt_cache_breakpoint" in p for p in parts)


def _crash_on_breakpoint(request: Request, made: Reply) -> Reply:
    items = request.body.get("input")
    marked = isinstance(items, list) and any(is_item(item) and _with_breakpoint(item) for item in items)
    return server_error(500) if marked else made


def _taking(param: str, sent: Callable[[Json], bool]) -> Callable[[Request, Refusal | None], Refusal | None]:
    """Takes what is refused for this field."""
    return lambda request, found: (
        None if found is not None and found.param == param and sent(request.body) else found
    )


def _new_alone(request: Request, conversation: list[ConversationItem]) -> list[ConversationItem]:
    new = len(items_of(request.body.get("input")))
    return conversation[-new:] if request.body.get("conversation") else conversation


def _keep_conversation(request: Request, made: Reply) -> Reply:
    kept = request.method == "DELETE" and request.path.lstrip("/").startswith("conversations/")
    return server_error(501) if kept else made


def _has_part(item: Json, member: str, kind: str = "input_file") -> bool:
    return any(part.get("type") == kind and member in part for _, part in parts_of(item))


def _without_files(item: Json) -> Json:
    return {**item, "content": [part for part in item["content"] if part.get("type") != "input_file"]}


def _dropping(kind: str, member: str) -> Callable[[Request, Refusal | None], Refusal | None]:
    """Takes what is refused for a part of this type with this member."""
    return lambda request, found: (
        None if any(_has_part(i, member, kind) for i in items_of(request.body.get("input"))) else found
    )


def _is_unstored(body: Json) -> bool:
    return body.get("background") is True and body.get("store") is False


def _lose_background(request: Request, response: Json | None) -> Json | None:
    """Finds no response that runs in the background, but to end it."""
    lost = response is not None and response.get("background") is True and request.method == "GET"
    return None if lost else response


def _keep_background(request: Request, response: Json | None) -> Json | None:
    kept = response is not None and response.get("background") is True and request.method == "DELETE"
    return None if kept else response


def _any(_: Any) -> bool:
    return True


MUTANTS: tuple[Mutant, ...] = (
    _mutant(
        "compaction-without-content",
        "packs a conversation into an item without content",
        "agent.compact.item",
        Hooks(related_answer=_without_content),
        "Wei-Shaw/sub2api#5651",
    ),
    _mutant(
        "compaction-refused",
        "refuses the packed conversation that it gave",
        "agent.compact.replayed",
        refuse_items(_is_packed),
        "Soju06/codex-lb#1316",
    ),
    _mutant(
        "compaction-dropped",
        "takes a packed conversation and does not read it",
        "agent.compact.read",
        drop_items(_is_packed),
    ),
    _mutant(
        "compaction-trigger-dropped",
        "answers in words where the conversation is to be packed",
        "agent.compact.triggered",
        drop_items(lambda item: item.get("type") == "compaction_trigger"),
        "router-for-me/CLIProxyAPI#4848",
    ),
    _mutant(
        "phase-refused",
        "refuses a message with a phase",
        "agent.phase",
        refuse_items(lambda item: "phase" in item),
    ),
    _mutant(
        "cache-retention-refused",
        "refuses prompt_cache_retention",
        "agent.cache-retention",
        refuse_values("prompt_cache_retention", _any),
        "router-for-me/CLIProxyAPI#5068",
    ),
    _mutant(
        "cache-breakpoint-crashes",
        "answers prompt_cache_breakpoint in a part with 500",
        "agent.cache-breakpoint",
        Hooks(reply=_crash_on_breakpoint),
    ),
    _mutant(
        "conversation-dropped",
        "removes conversation before it goes on",
        "agent.conversation.unknown",
        Hooks(validate=_taking("conversation", lambda body: "conversation" in body)),
        "praxis-proxy/ai#665",
    ),
    _mutant(
        "conversation-refused",
        "refuses a conversation that it began",
        "agent.conversation.taken",
        refuse_values("conversation", lambda value: isinstance(value, str)),
    ),
    _mutant(
        "conversation-in-object-refused",
        "refuses a conversation that is named in an object",
        "agent.conversation.taken",
        refuse_values("conversation", lambda value: isinstance(value, dict)),
    ),
    _mutant(
        "conversation-forgotten",
        "takes a conversation and reads the new input alone",
        "agent.conversation.read",
        Hooks(conversation=_new_alone),
    ),
    _mutant(
        "conversation-not-deleted",
        "says that it keeps a conversation that is to be deleted",
        "agent.conversation.cleaned",
        Hooks(reply=_keep_conversation),
    ),
    _mutant(
        "file-data-refused",
        "refuses a file in the request",
        "agent.file.taken",
        refuse_items(lambda item: _has_part(item, "file_data")),
    ),
    _mutant(
        "file-data-dropped",
        "takes a file and does not read it",
        "agent.file.read",
        change_items_of_input(lambda item: _has_part(item, "file_data"), _without_files),
    ),
    _mutant(
        "unknown-image-dropped",
        "answers without a picture whose id it does not know",
        "agent.file.unknown",
        Hooks(validate=_dropping("input_image", "file_id")),
    ),
    _mutant(
        "unknown-file-dropped",
        "answers without a file whose id it does not know",
        "agent.file.unknown",
        Hooks(validate=_dropping("input_file", "file_id")),
    ),
    _mutant(
        "unreachable-image-dropped",
        "answers without a picture that it could not fetch",
        "agent.file.unreachable",
        Hooks(validate=_dropping("input_image", "image_url")),
    ),
    _mutant(
        "unreachable-file-dropped",
        "answers without a file that it could not fetch",
        "agent.file.unreachable",
        Hooks(validate=_dropping("input_file", "file_url")),
    ),
    _mutant(
        "background-lost",
        "does not find what it does in the background",
        "agent.background.found",
        Hooks(retrieve=_lose_background),
    ),
    _mutant(
        "background-cancel-ignored",
        "takes the wish to cancel, and goes on",
        "agent.background.cancelled",
        change_snapshots(when_status("cancelled", set_field("status", "in_progress"))),
    ),
    _mutant(
        "background-unstored-never-runs",
        "queues what it does not store, and never does it",
        "agent.background.unstored",
        Hooks(validate=_taking("store", _is_unstored)),
        "Fly143/deepseek-free-api#2",
    ),
    _mutant(
        "background-not-deleted",
        "does not delete what ran in the background",
        "agent.background.cleaned",
        Hooks(retrieve=_keep_background),
    ),
)
