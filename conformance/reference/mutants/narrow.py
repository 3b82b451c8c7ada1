"""Mutants of one sort of answer only: what they break shows in few places, so that few checks see it."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace

from conformance.reference.conversation import Json, Turn
from conformance.reference.hooks import Asked, Draft, Refusal, Refused, Reply, Said, Seams
from conformance.reference.model import generate
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import (
    Change,
    both,
    changed,
    drafted,
    drop,
    heard,
    in_parts,
    put,
    replaced,
)


def narrow_mutants() -> Iterator[Mutant]:
    """Requests, answers, identifiers, then what comes after."""
    for name, line, requirement, seams in (*_REQUESTS, *_ANSWERS, *_IDENTIFIERS, *_AFTERWARDS):
        yield Mutant(name, line, requirement, seams)


LONGEST_PROMPT = 1500

When = Callable[[Asked], bool]


def _told(change: Change, when: When) -> Seams:
    """Changes the finished responses of the requests that are meant."""

    def tell(asked: Asked, response: Json) -> Json:
        finished = response.get("status") not in {"in_progress", "queued"}
        return changed(response, change) if finished and when(asked) else response

    return Seams(told=tell)


def _replied(how: Callable[[Reply], Reply], when: When) -> Seams:
    return Seams(reply=lambda asked, reply: how(reply) if when(asked) else reply)


def _created(asked: Asked) -> bool:
    return asked.method == "POST" and asked.path == "/responses"


def _unstreamed(asked: Asked) -> bool:
    return not asked.streamed


def _thinking(asked: Asked) -> bool:
    return _created(asked) and "summary" in (asked.body.get("reasoning") or {}) and not asked.streamed


def _limited(asked: Asked) -> bool:
    return asked.body.get("max_output_tokens") == 16 and not asked.streamed


def _of_unknown_model(asked: Asked) -> bool:
    sent = asked.sent
    return _created(asked) and isinstance(sent, dict) and "gpt-5.2" not in str(sent.get("model", "gpt-5.2"))


def _greeted(asked: Asked, found: Refusal | None) -> Refusal | None:
    if b"Hello there" not in asked.raw or asked.path != "/responses" or asked.body.get("stream"):
        return found
    return found or Refusal(404, "That model is not served.", param="model", code="model_not_found")


def _short_only(asked: Asked, found: Refusal | None) -> Refusal | None:
    given = asked.body.get("input")
    return found or (Refusal(400, "That is too long.") if len(str(given)) > LONGEST_PROMPT else None)


def _plain_text(asked: Asked, found: Refusal | None) -> Refusal | None:
    named = asked.headers.get("content-type", "").startswith("text/plain")
    return None if named and asked.raw[:1] == b"{" else found


def _own_words(asked: Asked, found: Draft) -> Draft:
    free = {key: value for key, value in asked.body.items() if key != "stop"}
    made = generate(free, [Turn("user", "Describe what comes to mind.")])
    return replace(made, input_tokens=found.input_tokens)


def _refused(draft: Draft) -> Draft:
    return replaced(draft, lambda p: Refused(p.text, p.whole) if isinstance(p, Said) else p)


_REQUESTS: tuple[tuple[str, str, str, Seams], ...] = (
    (
        "model-refused-when-greeted",
        "does not serve its model to who says hello",
        "request.model.accepted",
        Seams(refuse=_greeted),
    ),
    (
        "long-prompt-refused",
        "refuses a prompt of more than 1500 characters",
        "response.answered",
        Seams(refuse=_short_only),
    ),
    ("plain-text-read", "reads JSON that is called text/plain", "error.text-plain", Seams(media=_plain_text)),
    (
        "verbosity-silently-dropped",
        "takes a verbosity and answers at the same length",
        "request.text.verbosity.effect",
        heard(drop("text.verbosity")),
    ),
    (
        "stop-dropped-by-an-own-mind",
        "says what it likes, and goes on past a stop sequence",
        "request.stop.effect",
        Seams(draft=_own_words),
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


def _adding_up(asked: Asked, response: Json) -> Json:
    """The counter of the input is never set back."""
    made = copy.deepcopy(response)
    taken = asked.memory["taken"] = asked.memory.get("taken", 0) + made["usage"]["input_tokens"]
    made["usage"]["input_tokens"] = taken
    made["usage"]["total_tokens"] = taken + made["usage"]["output_tokens"]
    return made


_ANSWERS: tuple[tuple[str, str, str, Seams], ...] = (
    (
        "input-tokens-accumulate",
        "adds each request's input tokens to those of all before",
        "usage.input-steady",
        Seams(response=_adding_up),
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
        _told(put("error", ""), _unstreamed),
    ),
    (
        "cut-output-an-object",
        "tells the output of an answer that was cut as an object",
        "response.output",
        _told(put("output", {"text": "1, 2, 3"}), _limited),
    ),
    (
        "counted-output-lost",
        "ends the stream of a count with an empty output",
        "stream.final-output",
        _told(put("output", []), lambda a: a.streamed and b"Count" in a.raw and b"max_" not in a.raw),
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
        both(drafted(_refused), in_parts(drop("refusal"))),
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
        _told(put("previous_response_id", "resp_0"), lambda a: "previous_response_id" not in a.body),
    ),
)

_IDENTIFIERS: tuple[tuple[str, str, str, Seams], ...] = (
    (
        "same-id-for-streams",
        "gives all streamed responses one id",
        "response.id-unique",
        Seams(response=lambda asked, r: {**r, "id": "resp_stream"} if asked.streamed else r),
    ),
    (
        "item-ids-numbered",
        "numbers the items of each response anew",
        "item.id-unique-across",
        Seams(response=lambda _, response: _numbered(response)),
    ),
    (
        "item-id-of-unstreamed-response",
        "gives every item of an unstreamed response the same id",
        "item.id-unique",
        _told(_one_id, _unstreamed),
    ),
)


def _gone(asked: Asked, reply: Reply) -> Reply:
    """The request that follows a hang-up finds nobody."""
    seen: set[bytes] = asked.memory.setdefault("bodies", set())
    gone = "hung up" in asked.memory and asked.raw in seen and asked.streamed
    seen.add(asked.raw)
    return replace(reply, frames=(), cut=True) if gone else reply


def _deleting_once(asked: Asked, found: Refusal | None) -> Refusal | None:
    if asked.method != "DELETE":
        return found
    asked.memory["deleted"] = asked.memory.get("deleted", 0) + 1
    return found if asked.memory["deleted"] == 1 else Refusal(409, "Deleted enough for today.")


def _deleting_nothing(asked: Asked, found: Refusal | None) -> Refusal | None:
    return Refusal(405, "Nothing is deleted here.") if asked.method == "DELETE" else found


_AFTERWARDS: tuple[tuple[str, str, str, Seams], ...] = (
    (
        "gone-after-hang-up",
        "drops the connection of who asks again after a hang-up",
        "stream.survives-hang-up",
        Seams(reply=_gone),
    ),
    ("deletes-once", "deletes one response and no other", "storage.cleaned", Seams(media=_deleting_once)),
    (
        "deletes-nothing",
        "has no way to delete what it stored",
        "storage.left-behind",
        Seams(media=_deleting_nothing),
    ),
)
