"""Mutants of the Response object: members missing, of another type, or at odds with each other."""

import copy
import time
from collections.abc import Iterator
from typing import Any

from conformance.contract.contracts import Contract
from conformance.reference.conversation import Json
from conformance.reference.hooks import Asked, Seams
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import (
    both,
    changed,
    drop,
    final,
    in_items,
    made,
    put,
    told,
    turn,
    unfinished,
)


def response_mutants() -> Iterator[Mutant]:
    """Members, then times, status."""
    yield from _required()
    yield from _further()
    yield from _times()
    yield from _states()


def _required() -> Iterator[Mutant]:
    wrong: dict[str, Any] = {
        "id": 17,
        "object": "chat.completion",
        "created_at": "2026-01-31T12:00:00Z",
        "model": None,
        "status": "succeeded",
        "output": {},
        "usage": None,
    }
    for name, value in wrong.items():
        yield Mutant(
            f"{name}-missing", f"leaves {name} out", f"response.{name.replace('_', '-')}", final(drop(name))
        )
        yield Mutant(
            f"{name}-wrong",
            f"answers with {name} {value!r}",
            f"response.{name.replace('_', '-')}",
            final(put(name, value)),
        )
    yield Mutant("id-empty", "answers with an empty id", "response.id", made(put("id", "")))
    yield Mutant("model-empty", "answers with an empty model", "response.model", told(put("model", "")))
    yield Mutant(
        "model-another",
        "tells another model than it was asked for",
        "request.model.echo",
        told(put("model", "gpt-4o")),
    )
    yield Mutant(
        "model-lesser",
        "is served by a smaller model of the same family",
        "request.model.echo",
        told(put("model", "gpt-5.2-mini")),
    )
    yield Mutant(
        "model-of-request-lost",
        "tells the model that it runs inside, not the one asked for",
        "request.model.echo",
        told(put("model", "internal-7b")),
    )
    yield Mutant(
        "billed-without-output",
        "bills tokens and gives an empty text",
        "response.output-is-what-was-billed",
        made(_mute),
    )
    yield Mutant(
        "cut-called-completed",
        "uses up the limit and is completed, items and all",
        "response.cut-is-incomplete",
        made(_as_if_whole),
    )
    yield Mutant(
        "id-without-prefix",
        "gives ids of another form than the page's example",
        "response.id-prefix",
        made(turn("id", lambda i: i.removeprefix("resp_"))),
    )
    yield Mutant("output-text-only", "puts the text where the items belong", "response.output", final(_flat))
    yield Mutant(
        "output-empty",
        "completes with nothing in output",
        "response.output-not-empty",
        final(put("output", [])),
    )
    yield Mutant(
        "chat-completion-answered",
        "answers with a chat completion",
        "response.object",
        both(final(put("object", "chat.completion")), final(_as_chat)),
    )


def _mute(response: Json) -> None:
    for item in response["output"]:
        for part in item.get("content", ()):
            part["text"] = ""


def _as_if_whole(response: Json) -> None:
    if response["status"] == "incomplete":
        response.update(status="completed", incomplete_details=None, completed_at=response["created_at"])
        for item in response["output"]:
            item["status"] = "completed"


def _flat(response: Json) -> None:
    texts = [p.get("text", "") for i in response.get("output", ()) for p in i.get("content", ())]
    response["output"] = "".join(texts)


def _as_chat(response: Json) -> None:
    response["choices"] = response.pop("output")


def _further() -> Iterator[Mutant]:
    """Members that the public specifications require, and types of those that are there."""
    for name in _FURTHER:
        yield Mutant(
            f"{name}-left-out",
            f"leaves {name} out, which both public specifications require",
            "response.echo-keys",
            told(drop(name)),
            Contract.OPENAI,
        )
    for name in _FURTHER_2:
        yield Mutant(
            f"{name}-left-out",
            f"leaves {name} out, which OpenResponses requires",
            "response.echo-keys",
            told(drop(name)),
            Contract.OPENRESPONSES,
        )
    for name, value in {
        "temperature": "1",
        "top_p": "1",
        "tools": "none",
        "metadata": "none",
        "text": "text",
        "reasoning": "none",
        "parallel_tool_calls": "true",
        "store": "true",
        "truncation": 0,
        "max_output_tokens": "64",
        "instructions": 1,
        "completed_at": "now",
        "incomplete_details": "none",
        "previous_response_id": 1,
        "service_tier": 1,
    }.items():
        yield Mutant(
            f"{name}-of-wrong-type",
            f"answers with {name} {value!r}",
            _TYPED.get(name, "response.echo-types"),
            final(put(name, value)),
        )


_TYPED = {
    "text": "response.page-keys",
    "reasoning": "response.page-keys",
    "completed_at": "response.page-keys",
    "incomplete_details": "response.incomplete-details-shape",
}


def _times() -> Iterator[Mutant]:
    for name, line, requirement, change in _TIMES:
        yield Mutant(name, line, requirement, told(change))
    yield Mutant(
        "completed-at-null",
        "is completed and does not say when",
        "response.completed-at-when-completed",
        final(lambda r: put("completed_at", None)(r) if r["status"] == "completed" else None),
    )
    yield Mutant(
        "completed-at-of-incomplete",
        "is incomplete and says when it was completed",
        "response.completed-at-when-completed",
        final(lambda r: put("completed_at", int(time.time()))(r) if r["status"] == "incomplete" else None),
    )


def _states() -> Iterator[Mutant]:
    for name, line, requirement, change in _STATES:
        yield Mutant(name, line, requirement, Seams(told=_telling(change)))
    yield Mutant(
        "item-incomplete-in-completed",
        "completes a response with an incomplete item",
        "item.completed",
        in_items(
            "message",
            lambda item: put("status", "incomplete")(item) if item["status"] == "completed" else None,
        ),
    )
    yield Mutant(
        "item-after-incomplete",
        "goes on with another item after an incomplete one",
        "item.incomplete-is-last",
        final(_goes_on),
    )
    yield Mutant(
        "error-without-message",
        "fails and tells a code only",
        "response.error-shape",
        final(_on("completed", _failing_mutely)),
    )
    yield Mutant(
        "response-error-a-string",
        "fails and tells the error as a string",
        "response.error-shape",
        both(
            final(_on("completed", put("error", "It broke."))),
            final(_on("completed", put("status", "failed"))),
        ),
    )
    yield Mutant(
        "item-in-progress",
        "ends with an item that is still in progress",
        "item.completed",
        in_items("message", put("status", "in_progress")),
    )


def _goes_on(response: Json) -> None:
    if response["status"] == "incomplete":
        last = response["output"][-1]
        response["output"].append({**copy.deepcopy(last), "id": f"{last['id']}2", "status": "completed"})


def _failing_mutely(response: Json) -> None:
    response.update(status="failed", error={"code": "server_error"})


def _on(status: str, change: Any) -> Any:
    return lambda response: change(response) if response["status"] == status else None


def _telling(change: Any) -> Any:
    def tell(_: Asked, response: Json) -> Json:
        return response if unfinished(response) else changed(response, change)

    return tell


_FURTHER: tuple[Any, ...] = (
    "error",
    "incomplete_details",
    "instructions",
    "metadata",
    "parallel_tool_calls",
    "temperature",
    "tool_choice",
    "tools",
    "top_p",
)

_FURTHER_2: tuple[Any, ...] = (
    "completed_at",
    "previous_response_id",
    "max_output_tokens",
    "truncation",
    "store",
    "background",
    "service_tier",
    "frequency_penalty",
    "presence_penalty",
    "top_logprobs",
    "max_tool_calls",
    "safety_identifier",
    "prompt_cache_key",
    "text",
    "reasoning",
)

_TIMES: tuple[Any, ...] = (
    (
        "created-at-milliseconds",
        "tells milliseconds",
        "response.created-at-unit",
        turn("created_at", lambda t: t * 1000),
    ),
    (
        "created-at-float",
        "tells a fraction of a second",
        "response.created-at",
        turn("created_at", lambda t: t + 0.25),
    ),
    ("created-at-zero", "was created in 1970", "response.created-at-unit", put("created_at", 0)),
    (
        "created-at-tomorrow",
        "was created tomorrow",
        "response.created-at-clock",
        turn("created_at", lambda t: t + 86_400),
    ),
    (
        "completed-before-created",
        "was completed before it was created",
        "response.completed-at-order",
        turn("completed_at", lambda t: t - 10),
    ),
    (
        "completed-at-float",
        "was completed at a fraction of a second",
        "response.page-keys",
        turn("completed_at", lambda t: t + 0.25),
    ),
)

_STATES: tuple[Any, ...] = (
    (
        "whole-called-incomplete",
        "calls whole answers incomplete",
        "response.whole-is-completed",
        _on("completed", put("status", "incomplete")),
    ),
    (
        "whole-called-failed",
        "calls whole answers failed",
        "response.whole-is-completed",
        _on("completed", put("status", "failed")),
    ),
    (
        "status-in-progress",
        "answers while still in progress",
        "response.foreground-finished",
        _on("completed", put("status", "in_progress")),
    ),
    (
        "status-queued",
        "answers that it is queued",
        "response.status",
        _on("completed", put("status", "queued")),
    ),
    ("status-upper-case", "spells the status in capitals", "response.status", turn("status", str.upper)),
    (
        "incomplete-details-missing",
        "is incomplete and does not say why",
        "response.incomplete-details",
        _on("incomplete", put("incomplete_details", None)),
    ),
    (
        "incomplete-reason-missing",
        "is incomplete for no reason",
        "response.incomplete-details",
        _on("incomplete", put("incomplete_details", {})),
    ),
    (
        "incomplete-reason-of-chat",
        "is incomplete because of `length`",
        "request.max_output_tokens.incomplete",
        _on("incomplete", put("incomplete_details", {"reason": "length"})),
    ),
    (
        "incomplete-details-of-completed",
        "is completed and says why not",
        "response.incomplete-details",
        _on("completed", put("incomplete_details", {"reason": "max_output_tokens"})),
    ),
    (
        "error-of-completed",
        "is completed and tells an error",
        "response.error",
        _on("completed", put("error", {"code": "server_error", "message": "Oops."})),
    ),
    (
        "failed-without-error",
        "fails and does not say why",
        "response.error",
        _on("completed", put("status", "failed")),
    ),
    (
        "incomplete-called-failed",
        "calls a cut answer failed",
        "request.max_output_tokens.incomplete",
        _on("incomplete", put("status", "failed")),
    ),
)
