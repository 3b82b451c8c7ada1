"""Mutants of the Response object: members missing, of another type, or at odds with each other."""

import copy
import time
from collections.abc import Iterator
from typing import Any

from conformance.reference.conversation import Json
from conformance.reference.hooks import Hooks, Request
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import (
    change_final_snapshots,
    change_items,
    change_response,
    change_snapshots,
    changed_copy,
    combine,
    is_unfinished,
    map_field,
    remove_fields,
    set_field,
)
from conformance.verdicts.verdict import Contract


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
            f"{name}-missing",
            f"leaves {name} out",
            f"response.{name.replace('_', '-')}",
            change_final_snapshots(remove_fields(name)),
        )
        yield Mutant(
            f"{name}-wrong",
            f"answers with {name} {value!r}",
            f"response.{name.replace('_', '-')}",
            change_final_snapshots(set_field(name, value)),
        )
    yield Mutant("id-empty", "answers with an empty id", "response.id", change_response(set_field("id", "")))
    yield Mutant(
        "model-empty",
        "answers with an empty model",
        "response.model",
        change_snapshots(set_field("model", "")),
    )
    yield Mutant(
        "model-another",
        "tells another model than it was asked for",
        "request.model.echo",
        change_snapshots(set_field("model", "gpt-4o")),
    )
    yield Mutant(
        "model-lesser",
        "is served by a smaller model of the same family",
        "request.model.echo",
        change_snapshots(set_field("model", "gpt-5.2-mini")),
    )
    yield Mutant(
        "model-of-request-lost",
        "tells the model that it runs inside, not the one asked for",
        "request.model.echo",
        change_snapshots(set_field("model", "internal-7b")),
    )
    yield Mutant(
        "billed-without-output",
        "bills tokens and gives an empty text",
        "response.output-is-what-was-billed",
        change_response(_mute),
    )
    yield Mutant(
        "cut-called-completed",
        "uses up the limit and is completed, items and all",
        "response.cut-is-incomplete",
        change_response(_as_if_whole),
    )
    yield Mutant(
        "id-without-prefix",
        "gives ids of another form than the page's example",
        "response.id-prefix",
        change_response(map_field("id", lambda i: i.removeprefix("resp_"))),
    )
    yield Mutant(
        "output-text-only",
        "puts the text where the items belong",
        "response.output",
        change_final_snapshots(_flat),
    )
    yield Mutant(
        "output-empty",
        "completes with nothing in output",
        "response.output-not-empty",
        change_final_snapshots(set_field("output", [])),
    )
    yield Mutant(
        "chat-completion-answered",
        "answers with a chat completion",
        "response.object",
        combine(
            change_final_snapshots(set_field("object", "chat.completion")), change_final_snapshots(_as_chat)
        ),
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
            change_snapshots(remove_fields(name)),
            Contract.OPENAI,
        )
    for name in _FURTHER_2:
        yield Mutant(
            f"{name}-left-out",
            f"leaves {name} out, which OpenResponses requires",
            "response.echo-keys",
            change_snapshots(remove_fields(name)),
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
            change_final_snapshots(set_field(name, value)),
        )


_TYPED = {
    "text": "response.page-keys",
    "reasoning": "response.page-keys",
    "completed_at": "response.page-keys",
    "incomplete_details": "response.incomplete-details-shape",
}


def _times() -> Iterator[Mutant]:
    for name, line, requirement, change in _TIMES:
        yield Mutant(name, line, requirement, change_snapshots(change))
    yield Mutant(
        "completed-at-null",
        "is completed and does not say when",
        "response.completed-at-when-completed",
        change_final_snapshots(
            lambda r: set_field("completed_at", None)(r) if r["status"] == "completed" else None
        ),
    )
    yield Mutant(
        "completed-at-of-incomplete",
        "is incomplete and says when it was completed",
        "response.completed-at-when-completed",
        change_final_snapshots(
            lambda r: set_field("completed_at", int(time.time()))(r) if r["status"] == "incomplete" else None
        ),
    )


def _states() -> Iterator[Mutant]:
    for name, line, requirement, change in _STATES:
        yield Mutant(name, line, requirement, Hooks(snapshot=_telling(change)))
    yield Mutant(
        "item-incomplete-in-completed",
        "completes a response with an incomplete item",
        "item.completed",
        change_items(
            "message",
            lambda item: set_field("status", "incomplete")(item) if item["status"] == "completed" else None,
        ),
    )
    yield Mutant(
        "item-after-incomplete",
        "goes on with another item after an incomplete one",
        "item.incomplete-is-last",
        change_final_snapshots(_goes_on),
    )
    yield Mutant(
        "error-without-message",
        "fails and tells a code only",
        "response.error-shape",
        change_final_snapshots(_on("completed", _failing_mutely)),
    )
    yield Mutant(
        "response-error-a-string",
        "fails and tells the error as a string",
        "response.error-shape",
        combine(
            change_final_snapshots(_on("completed", set_field("error", "It broke."))),
            change_final_snapshots(_on("completed", set_field("status", "failed"))),
        ),
    )
    yield Mutant(
        "item-in-progress",
        "ends with an item that is still in progress",
        "item.completed",
        change_items("message", set_field("status", "in_progress")),
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
    def tell(_: Request, response: Json) -> Json:
        return response if is_unfinished(response) else changed_copy(response, change)

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
        map_field("created_at", lambda t: t * 1000),
    ),
    (
        "created-at-float",
        "tells a fraction of a second",
        "response.created-at",
        map_field("created_at", lambda t: t + 0.25),
    ),
    ("created-at-zero", "was created in 1970", "response.created-at-unit", set_field("created_at", 0)),
    (
        "created-at-tomorrow",
        "was created tomorrow",
        "response.created-at-clock",
        map_field("created_at", lambda t: t + 86_400),
    ),
    (
        "completed-before-created",
        "was completed before it was created",
        "response.completed-at-order",
        map_field("completed_at", lambda t: t - 10),
    ),
    (
        "completed-at-float",
        "was completed at a fraction of a second",
        "response.page-keys",
        map_field("completed_at", lambda t: t + 0.25),
    ),
)

_STATES: tuple[Any, ...] = (
    (
        "whole-called-incomplete",
        "calls whole answers incomplete",
        "response.whole-is-completed",
        _on("completed", set_field("status", "incomplete")),
    ),
    (
        "whole-called-failed",
        "calls whole answers failed",
        "response.whole-is-completed",
        _on("completed", set_field("status", "failed")),
    ),
    (
        "status-in-progress",
        "answers while still in progress",
        "response.foreground-finished",
        _on("completed", set_field("status", "in_progress")),
    ),
    (
        "status-queued",
        "answers that it is queued",
        "response.status",
        _on("completed", set_field("status", "queued")),
    ),
    ("status-upper-case", "spells the status in capitals", "response.status", map_field("status", str.upper)),
    (
        "incomplete-details-missing",
        "is incomplete and does not say why",
        "response.incomplete-details",
        _on("incomplete", set_field("incomplete_details", None)),
    ),
    (
        "incomplete-reason-missing",
        "is incomplete for no reason",
        "response.incomplete-details",
        _on("incomplete", set_field("incomplete_details", {})),
    ),
    (
        "incomplete-reason-of-chat",
        "is incomplete because of `length`",
        "request.max_output_tokens.incomplete",
        _on("incomplete", set_field("incomplete_details", {"reason": "length"})),
    ),
    (
        "incomplete-details-of-completed",
        "is completed and says why not",
        "response.incomplete-details",
        _on("completed", set_field("incomplete_details", {"reason": "max_output_tokens"})),
    ),
    (
        "error-of-completed",
        "is completed and tells an error",
        "response.error",
        _on("completed", set_field("error", {"code": "server_error", "message": "Oops."})),
    ),
    (
        "failed-without-error",
        "fails and does not say why",
        "response.error",
        _on("completed", set_field("status", "failed")),
    ),
    (
        "incomplete-called-failed",
        "calls a cut answer failed",
        "request.max_output_tokens.incomplete",
        _on("incomplete", set_field("status", "failed")),
    ),
)
