"""Mutants of what is stored, of the conversation that goes on from it, and of the neighbour endpoints."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance.reference.conversation import Json
from conformance.reference.hooks import Asked, Frame, Refusal, Reply, Seams
from conformance.reference.mutants.fields import accepts
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import Change, changed, drop, put, refusing, told, turn


def storage_mutants() -> Iterator[Mutant]:
    """Retrieval, deletion, input items, continuation, the others."""
    yield from _retrieval()
    yield from _deletion()
    yield from _listing()
    yield from _continuation()
    yield from _others()


def _retrieval() -> Iterator[Mutant]:
    for name, line, requirement, seams in _RETRIEVAL:
        yield Mutant(name, line, requirement, seams)


def _only_asked(asked: Asked, kept: bool) -> bool:
    return kept and "store" in asked.body


def _strangers_find(asked: Asked, found: Refusal | None) -> Refusal | None:
    return None if _getting(asked) else found


def _getting(asked: Asked) -> bool:
    return asked.method == "GET" and asked.path.count("/") == 2


def _giving(change: Change) -> Seams:
    def find(asked: Asked, response: Json | None) -> Json | None:
        return changed(response, change) if response is not None and _getting(asked) else response

    return Seams(found=find)


def _other_text(response: Json) -> None:
    for item in response["output"]:
        for part in item.get("content", ()):
            part["text"] = "Something else."


def _in_list(asked: Asked, reply: Reply) -> Reply:
    if not (_getting(asked) and reply.status == 200):
        return reply
    return reply.with_body(b'{"object":"list","data":[' + reply.body + b"]}")


def _invented(asked: Asked, response: Json | None) -> Json | None:
    if response is not None or not _getting(asked):
        return response
    return {"id": asked.path.rsplit("/", 1)[1], "object": "response", "status": "completed", "output": []}


def _unknown(status: int) -> Seams:
    return refusing(
        lambda r: replace(r, status=status) if r.param == "response_id" and r.status == 404 else r
    )


def _deletion() -> Iterator[Mutant]:
    for name, line, requirement, seams in _DELETION:
        yield Mutant(name, line, requirement, seams)


def _undead(asked: Asked, response: Json | None) -> Json | None:
    if response is not None:
        asked.memory[response["id"]] = response
        return response
    found: Json | None = asked.memory.get(asked.path.split("/")[2])
    return found


def _deleting(change: Change) -> Seams:
    return Seams(listed=lambda asked, body: changed(body, change) if asked.method == "DELETE" else body)


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


def _listed(ending: str, change: Change) -> Seams:
    return Seams(listed=lambda asked, body: changed(body, change) if asked.path.endswith(ending) else body)


def _without_ids(body: Json) -> None:
    for item in body["data"]:
        item.pop("id", None)


def _without_text(body: Json) -> None:
    for item in body["data"]:
        item["content"] = []


def _with_answer(body: Json) -> None:
    part = {"type": "output_text", "text": "An answer.", "annotations": []}
    body["data"] = [{"id": "msg_a", "type": "message", "role": "assistant", "content": [part]}]


def _limitless(status: int) -> Seams:
    def reply(asked: Asked, made: Reply) -> Reply:
        if not asked.path.endswith("/input_items") or made.status != 400:
            return made
        body = b'{"object":"list","data":[],"first_id":null,"last_id":null,"has_more":false}'
        return replace(made, status=status).with_body(body)

    return Seams(reply=reply)


def _continuation() -> Iterator[Mutant]:
    for name, line, requirement, seams in _CONTINUATION:
        yield Mutant(name, line, requirement, seams)


def _hidden(_: Asked, response: Json | None) -> Json | None:
    """What was not to be stored is kept all the same, and only not shown."""
    return None if response is not None and response.get("store") is False else response


def _fresh(_: Asked, body: Json) -> Json:
    return changed(body, drop("previous_response_id"))


def _own_forgotten(asked: Asked, turns: list[Any]) -> list[Any]:
    return turns[-1:] if "previous_response_id" in asked.body else turns


def _previous(status: int) -> Seams:
    return refusing(lambda r: replace(r, status=status) if r.code == "previous_response_not_found" else r)


def _others() -> Iterator[Mutant]:
    for name, line, requirement, seams in _OTHERS:
        yield Mutant(name, line, requirement, seams)


def _cancelled(asked: Asked, reply: Reply) -> Reply:
    if not (asked.path.endswith("/cancel") and reply.status == 400):
        return reply
    body = b'{"id":"' + asked.path.split("/")[2].encode() + b'","object":"response","status":"cancelled"}'
    made = Reply(200, (("content-type", "application/json"),), (Frame(body),))
    return made.with_body(body)


def _cancelling(status: int) -> Seams:
    def refusal(asked: Asked, made: Refusal) -> Refusal:
        return replace(made, status=status) if asked.path.endswith("/cancel") and made.status == 400 else made

    return Seams(refusal=refusal)


_RETRIEVAL: tuple[Any, ...] = (
    (
        "store-streamed-forgotten",
        "stores no streamed response",
        "storage.streamed",
        Seams(stored=lambda asked, kept: kept and not asked.streamed),
    ),
    (
        "stored-for-strangers",
        "gives stored responses to whoever knows their id",
        "storage.private",
        Seams(authorize=_strangers_find),
    ),
    (
        "deleted-by-strangers",
        "deletes stored responses for whoever knows their id",
        "storage.private",
        Seams(authorize=lambda asked, found: None if asked.method == "DELETE" else found),
    ),
    (
        "store-true-forgotten",
        "stores nothing, whatever was asked",
        "storage.promise",
        Seams(stored=lambda *_: False),
    ),
    (
        "store-default-forgotten",
        "stores only what is asked for",
        "storage.default",
        Seams(stored=_only_asked),
    ),
    ("store-false-kept", "stores what it must not", "storage.not-kept", Seams(stored=lambda *_: True)),
    (
        "retrieved-output-empty",
        "gives stored responses back without output",
        "storage.same",
        _giving(put("output", [])),
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
        _giving(turn("id", lambda i: f"{i}x")),
    ),
    (
        "retrieved-created-at-now",
        "gives stored responses back as created now",
        "storage.same",
        _giving(turn("created_at", lambda t: t + 5)),
    ),
    (
        "retrieved-model-another",
        "gives stored responses back from another model",
        "storage.same",
        _giving(put("model", "gpt-5.2-mini")),
    ),
    (
        "retrieved-status-another",
        "gives stored responses back as in progress",
        "storage.same",
        _giving(put("status", "in_progress")),
    ),
    (
        "retrieved-usage-lost",
        "gives stored responses back without usage",
        "storage.same",
        _giving(put("usage", None)),
    ),
    (
        "retrieved-object-another",
        "calls a stored response an object of its own",
        "storage.same",
        _giving(put("object", "stored_response")),
    ),
    (
        "retrieved-in-list",
        "gives a stored response back in a list",
        "storage.same",
        Seams(reply=_in_list),
    ),
    (
        "unknown-id-200",
        "gives an empty response for an unknown id",
        "storage.unknown-id",
        Seams(found=_invented),
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
        Seams(reply=lambda asked, r: replace(r, status=500) if asked.method == "DELETE" else r),
    ),
    (
        "delete-204-of-nothing",
        "deletes and has nothing to say",
        "storage.deleted-shape",
        Seams(reply=lambda asked, r: r.with_body(b"{}") if asked.method == "DELETE" else r),
    ),
    (
        "delete-without-effect",
        "says that it deleted, and did not",
        "storage.deleted",
        Seams(found=_undead),
    ),
    (
        "delete-not-confirmed",
        "deletes and does not say so",
        "storage.deleted-shape",
        _deleting(drop("deleted")),
    ),
    (
        "delete-denied",
        "deletes and says that it did not",
        "storage.deleted-shape",
        _deleting(put("deleted", False)),
    ),
    (
        "delete-another-id",
        "says that it deleted another one",
        "storage.deleted-shape",
        _deleting(put("id", "resp_0")),
    ),
)

_LISTING: tuple[Any, ...] = (
    ("input-items-empty", "lists no input", put("data", [])),
    ("input-items-untyped", "does not call its list a list", drop("object")),
    ("input-items-bare", "lists input without ids", _without_ids),
    ("input-items-text-lost", "lists input without its text", _without_text),
    ("input-items-with-output", "lists its own answer as input", _with_answer),
    ("input-items-has-more", "says that there is more where there is not", put("has_more", True)),
    ("input-items-has-more-missing", "does not say whether there is more", drop("has_more")),
    ("input-items-first-id", "names another first item than it lists", put("first_id", "msg_0")),
    ("input-items-last-id", "names another last item than it lists", put("last_id", "msg_0")),
)

_CONTINUATION: tuple[Any, ...] = (
    (
        "unstored-previous-continued",
        "goes on from a response that it was not to store",
        "storage.previous-unstored",
        Seams(stored=lambda *_: True, found=_hidden),
    ),
    (
        "previous-echo-wrong",
        "tells another response before than the one sent",
        "storage.previous-echo",
        told(turn("previous_response_id", lambda i: f"{i}x")),
    ),
    (
        "previous-echo-lost",
        "goes on from a response and tells of none",
        "storage.previous-echo",
        told(turn("previous_response_id", lambda _: None)),
    ),
    (
        "previous-response-ignored",
        "does not go on from the response before",
        "storage.continues",
        Seams(honoured=_fresh),
    ),
    (
        "previous-answer-forgotten",
        "goes on without its own answer before",
        "storage.continues",
        Seams(turns=_own_forgotten),
    ),
    (
        "unknown-previous-accepted",
        "goes on from a response that does not exist",
        "storage.previous-unknown",
        accepts("previous_response_id", lambda _: True),
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
        Seams(reply=_cancelled),
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
        _listed("/input_tokens", drop("object")),
    ),
    (
        "input-tokens-string",
        "counts tokens as a string",
        "storage.input-tokens",
        _listed("/input_tokens", turn("input_tokens", str)),
    ),
    (
        "input-tokens-zero",
        "counts no tokens",
        "storage.input-tokens",
        _listed("/input_tokens", put("input_tokens", 0)),
    ),
    (
        "compact-untyped",
        "compacts into an object of another type",
        "storage.compact",
        _listed("/compact", put("object", "response")),
    ),
    (
        "compact-without-output",
        "compacts into nothing",
        "storage.compact",
        _listed("/compact", drop("output")),
    ),
    (
        "compact-without-usage",
        "compacts without telling the cost",
        "storage.compact",
        _listed("/compact", drop("usage")),
    ),
    (
        "compact-usage-wrong",
        "compacts at a cost that does not add up",
        "storage.compact",
        _listed("/compact", turn("usage.total_tokens", lambda n: n + 1)),
    ),
)
