"""Mutants of one sort of answer only: what they break shows in few places, so that few checks see it."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace

from conformance.reference.conversation import ConversationItem, Json
from conformance.reference.hooks import Draft, Hooks, Message, Refusal, RefusalText, Reply, Request
from conformance.reference.model import generate
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import (
    Change,
    change_draft,
    change_model_input,
    change_parts,
    changed_copy,
    combine,
    map_items,
    remove_fields,
    set_field,
)


def narrow_mutants() -> Iterator[Mutant]:
    """Requests, answers, identifiers, then what comes after."""
    for name, line, requirement, hooks in (*_REQUESTS, *_ANSWERS, *_IDENTIFIERS, *_AFTERWARDS):
        yield Mutant(name, line, requirement, hooks)


LONGEST_PROMPT = 1500

When = Callable[[Request], bool]


def _told(change: Change, when: When) -> Hooks:
    """Changes the finished responses of the requests that are meant."""

    def tell(request: Request, response: Json) -> Json:
        finished = response.get("status") not in {"in_progress", "queued"}
        return changed_copy(response, change) if finished and when(request) else response

    return Hooks(snapshot=tell)


def _replied(how: Callable[[Reply], Reply], when: When) -> Hooks:
    return Hooks(reply=lambda request, reply: how(reply) if when(request) else reply)


def _created(request: Request) -> bool:
    return request.method == "POST" and request.path == "/responses"


def _unstreamed(request: Request) -> bool:
    return not request.streamed


def _thinking(request: Request) -> bool:
    return _created(request) and "summary" in (request.body.get("reasoning") or {}) and not request.streamed


def _limited(request: Request) -> bool:
    return request.body.get("max_output_tokens") == 16 and not request.streamed


def _of_unknown_model(request: Request) -> bool:
    sent = request.sent
    return _created(request) and isinstance(sent, dict) and "gpt-5.2" not in str(sent.get("model", "gpt-5.2"))


def _greeted(request: Request, found: Refusal | None) -> Refusal | None:
    if b"Hello there" not in request.raw or request.path != "/responses" or request.body.get("stream"):
        return found
    return found or Refusal(404, "That model is not served.", param="model", code="model_not_found")


def _short_only(request: Request, found: Refusal | None) -> Refusal | None:
    given = request.body.get("input")
    return found or (Refusal(400, "That is too long.") if len(str(given)) > LONGEST_PROMPT else None)


def _plain_text(request: Request, found: Refusal | None) -> Refusal | None:
    named = request.headers.get("content-type", "").startswith("text/plain")
    return None if named and request.raw[:1] == b"{" else found


def _own_words(request: Request, found: Draft) -> Draft:
    free = {key: value for key, value in request.body.items() if key != "stop"}
    made = generate(free, [ConversationItem("user", "Describe what comes to mind.")])
    return replace(made, input_tokens=found.input_tokens)


def _refused(draft: Draft) -> Draft:
    return map_items(draft, lambda p: RefusalText(p.text, p.whole) if isinstance(p, Message) else p)


_REQUESTS: tuple[tuple[str, str, str, Hooks], ...] = (
    (
        "model-refused-when-greeted",
        "does not serve its model to who says hello",
        "request.model.accepted",
        Hooks(validate=_greeted),
    ),
    (
        "long-prompt-refused",
        "refuses a prompt of more than 1500 characters",
        "response.answered",
        Hooks(validate=_short_only),
    ),
    (
        "plain-text-read",
        "reads JSON that is called text/plain",
        "error.text-plain",
        Hooks(media_type=_plain_text),
    ),
    (
        "verbosity-silently-dropped",
        "takes a verbosity and answers at the same length",
        "request.text.verbosity.effect",
        change_model_input(remove_fields("text.verbosity")),
    ),
    (
        "stop-dropped-by-an-own-mind",
        "says what it likes, and goes on past a stop sequence",
        "request.stop.effect",
        Hooks(draft=_own_words),
    ),
)


def _one_id(response: Json) -> None:
    for item in response["output"]:
        item["id"] = response["id"].replace("resp", "msg")


def _numbered(response: Json) -> Json:
    return {**response, "output": [{**item, "id": f"msg_{n}"} for n, item in enumerate(response["output"])]}


def _textless(response: Json) -> None:
    for item in response["output"]:
        for part in item.get("content") or ():
            part["text"] = None


def _adding_up(request: Request, response: Json) -> Json:
    """The counter of the input is never set back."""
    made = copy.deepcopy(response)
    taken = request.memory["taken"] = request.memory.get("taken", 0) + made["usage"]["input_tokens"]
    made["usage"]["input_tokens"] = taken
    made["usage"]["total_tokens"] = taken + made["usage"]["output_tokens"]
    return made


_ANSWERS: tuple[tuple[str, str, str, Hooks], ...] = (
    (
        "input-tokens-accumulate",
        "adds each request's input tokens to those of all before",
        "usage.input-steady",
        Hooks(response=_adding_up),
    ),
    (
        "thoughts-created-201",
        "answers with 201 where it thought",
        "response.http-status",
        _replied(lambda r: replace(r, status=201) if r.status == 200 else r, _thinking),
    ),
    (
        "unknown-model-refused-in-200",
        "refuses an unknown model with status 200",
        "response.no-error-in-200",
        _replied(lambda r: replace(r, status=200), _of_unknown_model),
    ),
    (
        "error-an-empty-string",
        "tells no error as an empty string",
        "response.error-shape",
        _told(set_field("error", ""), _unstreamed),
    ),
    (
        "cut-output-an-object",
        "tells the output of an answer that was cut as an object",
        "response.output",
        _told(set_field("output", {"text": "1, 2, 3"}), _limited),
    ),
    (
        "counted-output-lost",
        "ends the stream of a count with an empty output",
        "stream.final-output",
        _told(set_field("output", []), lambda a: a.streamed and b"Count" in a.raw and b"max_" not in a.raw),
    ),
    (
        "cut-text-null",
        "loses the text of an answer that was cut",
        "part.text",
        _told(_textless, _limited),
    ),
    (
        "refusal-without-words",
        "refuses everything, and does not say so in the part",
        "part.refusal",
        combine(change_draft(_refused), change_parts(remove_fields("refusal"))),
    ),
    (
        "user-masked",
        "repeats the user as stars",
        "request.user.echo",
        _told(lambda r: r.update(user="***") if r.get("user") else None, lambda _: True),
    ),
    (
        "previous-made-up",
        "tells of a response before where none was sent",
        "storage.previous-echo",
        _told(set_field("previous_response_id", "resp_0"), lambda a: "previous_response_id" not in a.body),
    ),
)

_IDENTIFIERS: tuple[tuple[str, str, str, Hooks], ...] = (
    (
        "same-id-for-streams",
        "gives all streamed responses one id",
        "response.id-unique",
        Hooks(response=lambda request, r: {**r, "id": "resp_stream"} if request.streamed else r),
    ),
    (
        "item-ids-numbered",
        "numbers the items of each response anew",
        "item.id-unique-across",
        Hooks(response=lambda _, response: _numbered(response)),
    ),
    (
        "item-id-of-unstreamed-response",
        "gives every item of an unstreamed response the same id",
        "item.id-unique",
        _told(_one_id, _unstreamed),
    ),
)


def _gone(request: Request, reply: Reply) -> Reply:
    """The request that follows a hang-up finds nobody."""
    seen: set[bytes] = request.memory.setdefault("bodies", set())
    gone = "hung up" in request.memory and request.raw in seen and request.streamed
    seen.add(request.raw)
    return replace(reply, frames=(), cut=True) if gone else reply


def _deleting_once(request: Request, found: Refusal | None) -> Refusal | None:
    if request.method != "DELETE":
        return found
    request.memory["deleted"] = request.memory.get("deleted", 0) + 1
    return found if request.memory["deleted"] == 1 else Refusal(409, "Deleted enough for today.")


def _deleting_nothing(request: Request, found: Refusal | None) -> Refusal | None:
    return Refusal(405, "Nothing is deleted here.") if request.method == "DELETE" else found


_AFTERWARDS: tuple[tuple[str, str, str, Hooks], ...] = (
    (
        "gone-after-hang-up",
        "drops the connection of who asks again after a hang-up",
        "stream.survives-hang-up",
        Hooks(reply=_gone),
    ),
    (
        "deletes-once",
        "deletes one response and no other",
        "storage.cleaned",
        Hooks(media_type=_deleting_once),
    ),
    (
        "deletes-nothing",
        "has no way to delete what it stored",
        "storage.left-behind",
        Hooks(media_type=_deleting_nothing),
    ),
)
