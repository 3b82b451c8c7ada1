"""Mutants of what is stored, and of the conversation that goes on from it."""

from dataclasses import replace

from conformance.reference.conversation import ConversationItem, Json
from conformance.reference.field_mutations import accept_values
from conformance.reference.hooks import Hooks, Refusal, Reply, Request
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import (
    Change,
    change_final_snapshots,
    change_snapshots,
    changed_copy,
    map_field,
    remove_fields,
    set_field,
)
from conformance.reference.reply_mutations import change_refusals


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


def unknown_id_told_with(status: int) -> Hooks:
    """Answers the id of no stored response with that status."""
    return change_refusals(
        lambda r: replace(r, status=status) if r.param == "response_id" and r.status == 404 else r
    )


def _hidden(_: Request, response: Json | None) -> Json | None:
    """What was not to be stored is kept all the same, and only not shown."""
    return None if response is not None and response.get("store") is False else response


def _fresh(_: Request, body: Json) -> Json:
    return changed_copy(body, remove_fields("previous_response_id"))


def _own_forgotten(request: Request, conversation: list[ConversationItem]) -> list[ConversationItem]:
    return conversation[-1:] if "previous_response_id" in request.body else conversation


def unknown_previous_told_with(status: int) -> Hooks:
    """Answers a `previous_response_id` of no stored response with that status."""
    return change_refusals(
        lambda r: replace(r, status=status) if r.code == "previous_response_not_found" else r
    )


def _without_false(_: Request, body: Json) -> Json:
    return body if body.get("store") else changed_copy(body, remove_fields("store"))


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "store-true-forgotten",
        "stores nothing, whatever was asked",
        requirement="storage.promise",
        hooks=Hooks(store=lambda *_: False),
    ),
    Mutant(
        "store-default-forgotten",
        "stores only what is asked for",
        requirement="storage.default",
        hooks=Hooks(store=_only_asked),
    ),
    Mutant(
        "store-streamed-forgotten",
        "stores no streamed response",
        requirement="storage.streamed",
        hooks=Hooks(store=lambda request, kept: kept and not request.streamed),
    ),
    Mutant(
        "retrieved-output-empty",
        "gives stored responses back without output",
        requirement="storage.same",
        hooks=_giving(set_field("output", [])),
    ),
    Mutant(
        "retrieved-text-another",
        "gives another text back than it answered",
        requirement="storage.same",
        hooks=_giving(_other_text),
    ),
    Mutant(
        "retrieved-id-another",
        "gives stored responses back under another id",
        requirement="storage.same",
        hooks=_giving(map_field("id", lambda i: f"{i}x")),
    ),
    Mutant(
        "retrieved-created-at-now",
        "gives stored responses back as created now",
        requirement="storage.same",
        hooks=_giving(map_field("created_at", lambda t: t + 5)),
    ),
    Mutant(
        "retrieved-model-another",
        "gives stored responses back from another model",
        requirement="storage.same",
        hooks=_giving(set_field("model", "gpt-5.2-mini")),
    ),
    Mutant(
        "retrieved-status-another",
        "gives stored responses back as in progress",
        requirement="storage.same",
        hooks=_giving(set_field("status", "in_progress")),
    ),
    Mutant(
        "retrieved-usage-lost",
        "gives stored responses back without usage",
        requirement="storage.same",
        hooks=_giving(set_field("usage", None)),
    ),
    Mutant(
        "retrieved-object-another",
        "calls a stored response an object of its own",
        requirement="storage.same",
        hooks=_giving(set_field("object", "stored_response")),
    ),
    Mutant(
        "retrieved-in-list",
        "gives a stored response back in a list",
        requirement="storage.same",
        hooks=Hooks(reply=_in_list),
    ),
    Mutant(
        "store-false-kept",
        "stores what it must not",
        requirement="storage.not-kept",
        hooks=Hooks(store=lambda *_: True),
    ),
    Mutant(
        "unknown-id-200",
        "gives an empty response for an unknown id",
        requirement="storage.unknown-id",
        hooks=Hooks(retrieve=_invented),
    ),
    Mutant(
        "unknown-id-400",
        "answers an unknown id with 400",
        requirement="storage.unknown-id",
        hooks=unknown_id_told_with(400),
    ),
    Mutant(
        "unknown-id-200-error",
        "tells of an unknown id in a 200",
        requirement="storage.unknown-id",
        hooks=unknown_id_told_with(200),
    ),
    Mutant(
        "stored-for-strangers",
        "gives stored responses to whoever knows their id",
        requirement="storage.private",
        hooks=Hooks(authorize=_strangers_find),
    ),
    Mutant(
        "deleted-by-strangers",
        "deletes stored responses for whoever knows their id",
        requirement="storage.private",
        hooks=Hooks(authorize=lambda request, found: None if request.method == "DELETE" else found),
    ),
    Mutant(
        "previous-response-ignored",
        "does not go on from the response before",
        requirement="storage.continues",
        hooks=Hooks(effective_body=_fresh),
    ),
    Mutant(
        "previous-answer-forgotten",
        "goes on without its own answer before",
        requirement="storage.continues",
        hooks=Hooks(conversation=_own_forgotten),
    ),
    Mutant(
        "unknown-previous-accepted",
        "goes on from a response that does not exist",
        requirement="storage.previous-unknown",
        hooks=accept_values("previous_response_id", lambda _: True),
    ),
    Mutant(
        "unstored-previous-continued",
        "goes on from a response that it was not to store",
        requirement="storage.previous-unstored",
        hooks=Hooks(store=lambda *_: True, retrieve=_hidden),
    ),
    Mutant(
        "previous-echo-wrong",
        "tells another response before than the one sent",
        requirement="storage.previous-echo",
        hooks=change_snapshots(map_field("previous_response_id", lambda i: f"{i}x")),
    ),
    Mutant(
        "previous-echo-lost",
        "goes on from a response and tells of none",
        requirement="storage.previous-echo",
        hooks=change_snapshots(map_field("previous_response_id", lambda _: None)),
    ),
    Mutant(
        "previous-made-up",
        "tells of a response before where none was sent",
        requirement="storage.previous-echo",
        hooks=change_final_snapshots(
            set_field("previous_response_id", "resp_0"), lambda a: "previous_response_id" not in a.body
        ),
    ),
    Mutant(
        "store-false-dropped-as-empty",
        "takes store false for none at all, so that false echoes true",
        requirement="storage.not-kept",
        hooks=Hooks(effective_body=_without_false),
    ),
)
