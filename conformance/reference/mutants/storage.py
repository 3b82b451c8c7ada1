"""Mutants of what is stored, of the conversation that goes on from it, and of the neighbour endpoints."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance.reference.conversation import Json
from conformance.reference.hooks import Frame, Hooks, Refusal, Reply, Request
from conformance.reference.mutants.fields import accept_values
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import (
    Change,
    change_refusals,
    change_snapshots,
    changed_copy,
    map_field,
    remove_fields,
    set_field,
)


def storage_mutants() -> Iterator[Mutant]:
    """Retrieval, deletion, input items, continuation, the others."""
    yield from _retrieval()
    yield from _deletion()
    yield from _listing()
    yield from _continuation()
    yield from _others()


def _retrieval() -> Iterator[Mutant]:
    for name, line, requirement, hooks in _RETRIEVAL:
        yield Mutant(name, line, requirement, hooks)


def _only_asked(request: Request, kept: bool) -> bool:
    return kept and "store" in request.body


def _strangers_find(request: Request, found: Refusal | None) -> Refusal | None:
    return None if _getting(request) else found


def _getting(request: Request) -> bool:
    return request.method == "GET" and request.path.count("/") == 2


def _giving(change: Change) -> Hooks:
    def find(request: Request, response: Json | None) -> Json | None:
        return changed_copy(response, change) if response is not None and _getting(request) else response

    return Hooks(retrieve=find)


def _other_text(response: Json) -> None:
    for item in response["output"]:
        for part in item.get("content", ()):
            part["text"] = "Something else."


def _in_list(request: Request, reply: Reply) -> Reply:
    if not (_getting(request) and reply.status == 200):
        return reply
    return reply.with_body(b'{"object":"list","data":[' + reply.body + b"]}")


def _invented(request: Request, response: Json | None) -> Json | None:
    if response is not None or not _getting(request):
        return response
    return {"id": request.path.rsplit("/", 1)[1], "object": "response", "status": "completed", "output": []}


def _unknown(status: int) -> Hooks:
    return change_refusals(
        lambda r: replace(r, status=status) if r.param == "response_id" and r.status == 404 else r
    )


def _deletion() -> Iterator[Mutant]:
    for name, line, requirement, hooks in _DELETION:
        yield Mutant(name, line, requirement, hooks)


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


def _listing() -> Iterator[Mutant]:
    for name, line, change in _LISTING:
        lost = name in {"input-items-empty", "input-items-text-lost", "input-items-with-output"}
        requirement = "storage.items" if lost else "storage.items-shape"
        yield Mutant(name, line, requirement, _listed("/input_items", change))
    for name, line, status in (
        ("input-items-limit-unchecked", "takes any limit", 200),
        ("input-items-limit-500", "answers a limit out of range with 500", 500),
    ):
        yield Mutant(name, line, "storage.items-limit", _limitless(status))


def _listed(ending: str, change: Change) -> Hooks:
    return Hooks(
        related_answer=lambda request, body: (
            changed_copy(body, change) if request.path.endswith(ending) else body
        )
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


def _limitless(status: int) -> Hooks:
    def reply(request: Request, made: Reply) -> Reply:
        if not request.path.endswith("/input_items") or made.status != 400:
            return made
        body = b'{"object":"list","data":[],"first_id":null,"last_id":null,"has_more":false}'
        return replace(made, status=status).with_body(body)

    return Hooks(reply=reply)


def _continuation() -> Iterator[Mutant]:
    for name, line, requirement, hooks in _CONTINUATION:
        yield Mutant(name, line, requirement, hooks)


def _hidden(_: Request, response: Json | None) -> Json | None:
    """What was not to be stored is kept all the same, and only not shown."""
    return None if response is not None and response.get("store") is False else response


def _fresh(_: Request, body: Json) -> Json:
    return changed_copy(body, remove_fields("previous_response_id"))


def _own_forgotten(request: Request, conversation: list[Any]) -> list[Any]:
    return conversation[-1:] if "previous_response_id" in request.body else conversation


def _previous(status: int) -> Hooks:
    return change_refusals(
        lambda r: replace(r, status=status) if r.code == "previous_response_not_found" else r
    )


def _others() -> Iterator[Mutant]:
    for name, line, requirement, hooks in _OTHERS:
        yield Mutant(name, line, requirement, hooks)


def _cancelled(request: Request, reply: Reply) -> Reply:
    if not (request.path.endswith("/cancel") and reply.status == 400):
        return reply
    body = b'{"id":"' + request.path.split("/")[2].encode() + b'","object":"response","status":"cancelled"}'
    made = Reply(200, (("content-type", "application/json"),), (Frame(body),))
    return made.with_body(body)


def _cancelling(status: int) -> Hooks:
    def refusal(request: Request, made: Refusal) -> Refusal:
        return (
            replace(made, status=status) if request.path.endswith("/cancel") and made.status == 400 else made
        )

    return Hooks(refusal=refusal)


_RETRIEVAL: tuple[Any, ...] = (
    (
        "store-streamed-forgotten",
        "stores no streamed response",
        "storage.streamed",
        Hooks(store=lambda request, kept: kept and not request.streamed),
    ),
    (
        "stored-for-strangers",
        "gives stored responses to whoever knows their id",
        "storage.private",
        Hooks(authorize=_strangers_find),
    ),
    (
        "deleted-by-strangers",
        "deletes stored responses for whoever knows their id",
        "storage.private",
        Hooks(authorize=lambda request, found: None if request.method == "DELETE" else found),
    ),
    (
        "store-true-forgotten",
        "stores nothing, whatever was asked",
        "storage.promise",
        Hooks(store=lambda *_: False),
    ),
    (
        "store-default-forgotten",
        "stores only what is asked for",
        "storage.default",
        Hooks(store=_only_asked),
    ),
    ("store-false-kept", "stores what it must not", "storage.not-kept", Hooks(store=lambda *_: True)),
    (
        "retrieved-output-empty",
        "gives stored responses back without output",
        "storage.same",
        _giving(set_field("output", [])),
    ),
    (
        "retrieved-text-another",
        "gives another text back than it answered",
        "storage.same",
        _giving(_other_text),
    ),
    (
        "retrieved-id-another",
        "gives stored responses back under another id",
        "storage.same",
        _giving(map_field("id", lambda i: f"{i}x")),
    ),
    (
        "retrieved-created-at-now",
        "gives stored responses back as created now",
        "storage.same",
        _giving(map_field("created_at", lambda t: t + 5)),
    ),
    (
        "retrieved-model-another",
        "gives stored responses back from another model",
        "storage.same",
        _giving(set_field("model", "gpt-5.2-mini")),
    ),
    (
        "retrieved-status-another",
        "gives stored responses back as in progress",
        "storage.same",
        _giving(set_field("status", "in_progress")),
    ),
    (
        "retrieved-usage-lost",
        "gives stored responses back without usage",
        "storage.same",
        _giving(set_field("usage", None)),
    ),
    (
        "retrieved-object-another",
        "calls a stored response an object of its own",
        "storage.same",
        _giving(set_field("object", "stored_response")),
    ),
    (
        "retrieved-in-list",
        "gives a stored response back in a list",
        "storage.same",
        Hooks(reply=_in_list),
    ),
    (
        "unknown-id-200",
        "gives an empty response for an unknown id",
        "storage.unknown-id",
        Hooks(retrieve=_invented),
    ),
    ("unknown-id-500", "answers an unknown id with 500", "storage.unknown-id", _unknown(500)),
    ("unknown-id-400", "answers an unknown id with 400", "storage.unknown-id", _unknown(400)),
    ("unknown-id-200-error", "tells of an unknown id in a 200", "storage.unknown-id", _unknown(200)),
)

_DELETION: tuple[Any, ...] = (
    (
        "delete-500",
        "answers a deletion with 500",
        "storage.delete",
        Hooks(reply=lambda request, r: replace(r, status=500) if request.method == "DELETE" else r),
    ),
    (
        "delete-204-of-nothing",
        "deletes and has nothing to say",
        "storage.deleted-shape",
        Hooks(reply=lambda request, r: r.with_body(b"{}") if request.method == "DELETE" else r),
    ),
    (
        "delete-without-effect",
        "says that it deleted, and did not",
        "storage.deleted",
        Hooks(retrieve=_undead),
    ),
    (
        "delete-not-confirmed",
        "deletes and does not say so",
        "storage.deleted-shape",
        _deleting(remove_fields("deleted")),
    ),
    (
        "delete-denied",
        "deletes and says that it did not",
        "storage.deleted-shape",
        _deleting(set_field("deleted", False)),
    ),
    (
        "delete-another-id",
        "says that it deleted another one",
        "storage.deleted-shape",
        _deleting(set_field("id", "resp_0")),
    ),
)

_LISTING: tuple[Any, ...] = (
    ("input-items-empty", "lists no input", set_field("data", [])),
    ("input-items-untyped", "does not call its list a list", remove_fields("object")),
    ("input-items-bare", "lists input without ids", _without_ids),
    ("input-items-text-lost", "lists input without its text", _without_text),
    ("input-items-with-output", "lists its own answer as input", _with_answer),
    ("input-items-has-more", "says that there is more where there is not", set_field("has_more", True)),
    ("input-items-has-more-missing", "does not say whether there is more", remove_fields("has_more")),
    ("input-items-first-id", "names another first item than it lists", set_field("first_id", "msg_0")),
    ("input-items-last-id", "names another last item than it lists", set_field("last_id", "msg_0")),
)

_CONTINUATION: tuple[Any, ...] = (
    (
        "unstored-previous-continued",
        "goes on from a response that it was not to store",
        "storage.previous-unstored",
        Hooks(store=lambda *_: True, retrieve=_hidden),
    ),
    (
        "previous-echo-wrong",
        "tells another response before than the one sent",
        "storage.previous-echo",
        change_snapshots(map_field("previous_response_id", lambda i: f"{i}x")),
    ),
    (
        "previous-echo-lost",
        "goes on from a response and tells of none",
        "storage.previous-echo",
        change_snapshots(map_field("previous_response_id", lambda _: None)),
    ),
    (
        "previous-response-ignored",
        "does not go on from the response before",
        "storage.continues",
        Hooks(effective_body=_fresh),
    ),
    (
        "previous-answer-forgotten",
        "goes on without its own answer before",
        "storage.continues",
        Hooks(conversation=_own_forgotten),
    ),
    (
        "unknown-previous-accepted",
        "goes on from a response that does not exist",
        "storage.previous-unknown",
        accept_values("previous_response_id", lambda _: True),
    ),
    (
        "unknown-previous-500",
        "answers an unknown response before with 500",
        "storage.previous-unknown",
        _previous(500),
    ),
)

_OTHERS: tuple[Any, ...] = (
    (
        "cancel-of-finished",
        "cancels a response that is finished",
        "storage.cancel",
        Hooks(reply=_cancelled),
    ),
    (
        "cancel-500",
        "answers the cancelling of a finished response with 500",
        "storage.cancel",
        _cancelling(500),
    ),
    (
        "input-tokens-untyped",
        "counts tokens in an object of no type",
        "storage.input-tokens",
        _listed("/input_tokens", remove_fields("object")),
    ),
    (
        "input-tokens-string",
        "counts tokens as a string",
        "storage.input-tokens",
        _listed("/input_tokens", map_field("input_tokens", str)),
    ),
    (
        "input-tokens-zero",
        "counts no tokens",
        "storage.input-tokens",
        _listed("/input_tokens", set_field("input_tokens", 0)),
    ),
    (
        "compact-untyped",
        "compacts into an object of another type",
        "storage.compact",
        _listed("/compact", set_field("object", "response")),
    ),
    (
        "compact-without-output",
        "compacts into nothing",
        "storage.compact",
        _listed("/compact", remove_fields("output")),
    ),
    (
        "compact-without-usage",
        "compacts without telling the cost",
        "storage.compact",
        _listed("/compact", remove_fields("usage")),
    ),
    (
        "compact-usage-wrong",
        "compacts at a cost that does not add up",
        "storage.compact",
        _listed("/compact", map_field("usage.total_tokens", lambda n: n + 1)),
    ),
)
