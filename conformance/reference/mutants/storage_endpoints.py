"""Mutants of the endpoints beside a stored response: delete, input items, cancel, counts, compaction."""

from collections.abc import Callable
from dataclasses import replace

from conformance.reference.conversation import Json
from conformance.reference.hooks import Frame, Hooks, Refusal, Reply, Request
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import Change, changed_copy, map_field, remove_fields, set_field
from conformance.reference.reply_mutations import change_replies


def _undead(request: Request, response: Json | None) -> Json | None:
    if response is not None:
        request.memory[response["id"]] = response
        return response
    found: Json | None = request.memory.get(request.path.split("/")[2])
    return found


def _deleting(change: Change) -> Hooks:
    return Hooks(
        related_answer=lambda request, body: (
            changed_copy(body, change) if request.method == "DELETE" else body
        )
    )


def _listed(ending: str, change: Change) -> Hooks:
    return Hooks(
        related_answer=lambda request, body: (
            changed_copy(body, change) if request.path.endswith(ending) else body
        )
    )


def _on_deletion(how: Callable[[Reply], Reply]) -> Hooks:
    """Changes what comes of a deletion, also where the same one is asked for again."""
    return change_replies(how, when=lambda request, r: request.method == "DELETE" and r.status in (200, 404))


_IN_USE = (
    b'{"error":{"message":"It is in use.","type":"invalid_request_error","param":null,"code":"conflict"}}'
)


def _without_ids(body: Json) -> None:
    for item in body["data"]:
        item.pop("id", None)


def _without_text(body: Json) -> None:
    for item in body["data"]:
        item["content"] = []


def _with_answer(body: Json) -> None:
    part = {"type": "output_text", "text": "An answer.", "annotations": []}
    body["data"] = [{"id": "msg_a", "type": "message", "role": "assistant", "content": [part]}]
    body["first_id"] = body["last_id"] = "msg_a"


def limit_told_with(status: int) -> Hooks:
    """Answers a limit of input items out of range with that status."""

    def reply(request: Request, made: Reply) -> Reply:
        if not request.path.endswith("/input_items") or made.status != 400:
            return made
        body = b'{"object":"list","data":[],"first_id":null,"last_id":null,"has_more":false}'
        return replace(made, status=status).with_body(body)

    return Hooks(reply=reply)


def _cancelled(request: Request, reply: Reply) -> Reply:
    if not (request.path.endswith("/cancel") and reply.status == 400):
        return reply
    body = b'{"id":"' + request.path.split("/")[2].encode() + b'","object":"response","status":"cancelled"}'
    made = Reply(200, (("content-type", "application/json"),), (Frame(body),))
    return made.with_body(body)


def cancelling_told_with(status: int) -> Hooks:
    """Answers the cancelling of a finished response with that status."""

    def refusal(request: Request, made: Refusal) -> Refusal:
        return (
            replace(made, status=status) if request.path.endswith("/cancel") and made.status == 400 else made
        )

    return Hooks(refusal=refusal)


def _deleting_once(request: Request, found: Refusal | None) -> Refusal | None:
    if request.method != "DELETE" or not request.path.lstrip("/").startswith("responses"):
        return found
    request.memory["deleted"] = request.memory.get("deleted", 0) + 1
    return found if request.memory["deleted"] == 1 else Refusal(409, "Deleted enough for today.")


def _deleting_nothing(request: Request, found: Refusal | None) -> Refusal | None:
    return Refusal(405, "Nothing is deleted here.") if request.method == "DELETE" else found


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "input-items-empty",
        "lists no input",
        requirement="storage.items",
        hooks=_listed("/input_items", set_field("data", [])),
    ),
    Mutant(
        "input-items-text-lost",
        "lists input without its text",
        requirement="storage.items",
        hooks=_listed("/input_items", _without_text),
    ),
    Mutant(
        "input-items-with-output",
        "lists its own answer as input",
        requirement="storage.items",
        hooks=_listed("/input_items", _with_answer),
    ),
    Mutant(
        "input-items-untyped",
        "does not call its list a list",
        requirement="storage.items-shape",
        hooks=_listed("/input_items", remove_fields("object")),
    ),
    Mutant(
        "input-items-bare",
        "lists input without ids",
        requirement="storage.items-shape",
        hooks=_listed("/input_items", _without_ids),
    ),
    Mutant(
        "input-items-has-more",
        "says that there is more where there is not",
        requirement="storage.items-shape",
        hooks=_listed("/input_items", set_field("has_more", True)),
    ),
    Mutant(
        "input-items-has-more-missing",
        "does not say whether there is more",
        requirement="storage.items-shape",
        hooks=_listed("/input_items", remove_fields("has_more")),
    ),
    Mutant(
        "input-items-first-id",
        "names another first item than it lists",
        requirement="storage.items-shape",
        hooks=_listed("/input_items", set_field("first_id", "msg_0")),
    ),
    Mutant(
        "input-items-last-id",
        "names another last item than it lists",
        requirement="storage.items-shape",
        hooks=_listed("/input_items", set_field("last_id", "msg_0")),
    ),
    Mutant(
        "input-items-limit-unchecked",
        "takes any limit",
        requirement="storage.items-limit",
        hooks=limit_told_with(200),
    ),
    Mutant(
        "cancel-of-finished",
        "cancels a response that is finished",
        requirement="storage.cancel",
        hooks=Hooks(reply=_cancelled),
    ),
    Mutant(
        "delete-refused",
        "refuses to delete what it has stored",
        requirement="storage.delete",
        hooks=change_replies(
            lambda reply: replace(reply.with_body(_IN_USE), status=409),
            when=lambda request, reply: request.method == "DELETE" and reply.status == 200,
        ),
    ),
    Mutant(
        "delete-204-of-nothing",
        "deletes and has nothing to say",
        requirement="storage.deleted-shape",
        hooks=_on_deletion(lambda reply: reply.with_body(b"{}")),
    ),
    Mutant(
        "delete-not-confirmed",
        "deletes and does not say so",
        requirement="storage.deleted-shape",
        hooks=_deleting(remove_fields("deleted")),
    ),
    Mutant(
        "delete-denied",
        "deletes and says that it did not",
        requirement="storage.deleted-shape",
        hooks=_deleting(set_field("deleted", False)),
    ),
    Mutant(
        "delete-another-id",
        "says that it deleted another one",
        requirement="storage.deleted-shape",
        hooks=_deleting(set_field("id", "resp_0")),
    ),
    Mutant(
        "delete-without-effect",
        "says that it deleted, and did not",
        requirement="storage.deleted",
        hooks=Hooks(retrieve=_undead),
    ),
    Mutant(
        "deletes-once",
        "deletes one response and no other",
        requirement="storage.cleaned",
        hooks=Hooks(media_type=_deleting_once),
    ),
    Mutant(
        "deletes-nothing",
        "has no way to delete what it stored",
        requirement="storage.left-behind",
        hooks=Hooks(media_type=_deleting_nothing),
    ),
    Mutant(
        "input-tokens-untyped",
        "counts tokens in an object of no type",
        requirement="storage.input-tokens",
        hooks=_listed("/input_tokens", remove_fields("object")),
    ),
    Mutant(
        "input-tokens-string",
        "counts tokens as a string",
        requirement="storage.input-tokens",
        hooks=_listed("/input_tokens", map_field("input_tokens", str)),
    ),
    Mutant(
        "input-tokens-zero",
        "counts no tokens",
        requirement="storage.input-tokens",
        hooks=_listed("/input_tokens", set_field("input_tokens", 0)),
    ),
    Mutant(
        "compact-untyped",
        "compacts into an object of another type",
        requirement="storage.compact",
        hooks=_listed("/compact", set_field("object", "response")),
    ),
    Mutant(
        "compact-without-output",
        "compacts into nothing",
        requirement="storage.compact",
        hooks=_listed("/compact", remove_fields("output")),
    ),
    Mutant(
        "compact-without-usage",
        "compacts without telling the cost",
        requirement="storage.compact",
        hooks=_listed("/compact", remove_fields("usage")),
    ),
    Mutant(
        "compact-usage-wrong",
        "compacts at a cost that does not add up",
        requirement="storage.compact",
        hooks=_listed("/compact", map_field("usage.total_tokens", lambda n: n + 1)),
    ),
)
