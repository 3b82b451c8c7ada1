"""Mutants of the Response object: members missing, of another type, or at odds with each other."""

import time
from collections.abc import Iterator
from typing import Any

from conformance.reference.bend import (
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
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.seams import Asked, Seams
from conformance.reference.turns import Json
from conformance.verdict import Contract


def response_mutants() -> Iterator[Mutant]:
    """Members, then usage, times, status."""
    yield from _required()
    yield from _further()
    yield from _usage()
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
        yield Mutant(f"{name}-missing", f"leaves {name} out", f"response.{name}", final(drop(name)))
        yield Mutant(
            f"{name}-wrong", f"answers with {name} {value!r}", f"response.{name}", final(put(name, value))
        )
    yield Mutant("id-empty", "answers with an empty id", "response.id", made(put("id", "")))
    yield Mutant("model-empty", "answers with an empty model", "response.model", told(put("model", "")))
    yield Mutant(
        "model-another",
        "tells another model than it was asked for",
        "response.model-echo",
        told(put("model", "gpt-4o")),
    )
    yield Mutant("output-text-only", "puts the text where the items belong", "response.output", final(_flat))
    yield Mutant(
        "output-empty", "completes with nothing in output", "response.output-empty", final(put("output", []))
    )
    yield Mutant(
        "chat-completion-answered",
        "answers with a chat completion",
        "response.object",
        both(final(put("object", "chat.completion")), final(_as_chat)),
    )


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
            "response.schema",
            told(drop(name)),
            Contract.OPENAI,
        )
    for name in _FURTHER_2:
        yield Mutant(
            f"{name}-left-out",
            f"leaves {name} out, which OpenResponses requires",
            "response.schema",
            told(drop(name)),
            Contract.OPENRESPONSES,
        )
    for name, value in {
        "temperature": "1",
        "top_p": "1",
        "tools": None,
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
            "response.schema",
            final(put(name, value)),
        )


def _usage() -> Iterator[Mutant]:
    for name, line, requirement, change in _USAGE:
        yield Mutant(name, line, requirement, final(change))


def _put_in(details: str, name: str, value: int) -> Any:
    return put(f"usage.{details}.{name}", value)


def _total_of_output(response: Json) -> None:
    response["usage"]["total_tokens"] = response["usage"]["output_tokens"]


def _chat_usage(response: Json) -> None:
    usage = response["usage"]
    usage["prompt_tokens"] = usage.pop("input_tokens")
    usage["completion_tokens"] = usage.pop("output_tokens")


def _zero(name: str) -> Any:
    def change(response: Json) -> None:
        usage = response["usage"]
        usage["total_tokens"] -= usage[name]
        usage[name] = 0

    return change


def _negative(response: Json) -> None:
    usage = response["usage"]
    usage["input_tokens"] = -usage["input_tokens"]
    usage["total_tokens"] = usage["input_tokens"] + usage["output_tokens"]


def _times() -> Iterator[Mutant]:
    for name, line, requirement, change in _TIMES:
        yield Mutant(name, line, requirement, told(change))
    yield Mutant(
        "completed-at-null",
        "is completed and does not say when",
        "response.completed_at-status",
        final(lambda r: put("completed_at", None)(r) if r["status"] == "completed" else None),
    )
    yield Mutant(
        "completed-at-of-incomplete",
        "is incomplete and says when it was completed",
        "response.completed_at-status",
        final(lambda r: put("completed_at", int(time.time()))(r) if r["status"] == "incomplete" else None),
    )


def _states() -> Iterator[Mutant]:
    for name, line, requirement, change in _STATES:
        yield Mutant(name, line, requirement, Seams(told=_telling(change)))
    yield Mutant(
        "item-incomplete-in-completed",
        "completes a response with an incomplete item",
        "response.items-completed",
        in_items(
            "message",
            lambda item: put("status", "incomplete")(item) if item["status"] == "completed" else None,
        ),
    )
    yield Mutant(
        "item-completed-in-incomplete",
        "cuts a response and calls its item completed",
        "response.items-incomplete",
        in_items("message", put("status", "completed")),
    )
    yield Mutant(
        "item-in-progress",
        "ends with an item that is still in progress",
        "response.items-completed",
        in_items("message", put("status", "in_progress")),
    )


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

_USAGE: tuple[Any, ...] = (
    (
        "usage-not-adding-up",
        "tells a total that is no sum",
        "usage.total",
        turn("usage.total_tokens", lambda n: n + 1),
    ),
    ("usage-total-of-output", "tells the output's tokens as the total", "usage.total", _total_of_output),
    ("usage-total-missing", "leaves the total out", "usage.fields", drop("usage.total_tokens")),
    ("usage-input-missing", "leaves input_tokens out", "usage.fields", drop("usage.input_tokens")),
    ("usage-output-missing", "leaves output_tokens out", "usage.fields", drop("usage.output_tokens")),
    ("usage-of-chat", "counts prompt_tokens and completion_tokens", "usage.fields", _chat_usage),
    ("usage-strings", "tells counts as strings", "usage.fields", turn("usage.input_tokens", str)),
    (
        "usage-floats",
        "tells counts with fractions",
        "usage.fields",
        turn("usage.output_tokens", lambda n: n + 0.5),
    ),
    ("usage-empty", "answers with an empty usage", "usage.fields", put("usage", {})),
    (
        "usage-input-details-missing",
        "leaves the input's details out",
        "usage.details",
        drop("usage.input_tokens_details"),
    ),
    (
        "usage-output-details-missing",
        "leaves the output's details out",
        "usage.details",
        drop("usage.output_tokens_details"),
    ),
    (
        "usage-details-null",
        "answers with null details",
        "usage.details",
        put("usage.input_tokens_details", None),
    ),
    (
        "usage-cached-beyond-input",
        "caches more tokens than came in",
        "usage.cached",
        _put_in("input_tokens_details", "cached_tokens", 10**6),
    ),
    (
        "usage-cached-negative",
        "caches fewer than no tokens",
        "usage.cached",
        _put_in("input_tokens_details", "cached_tokens", -1),
    ),
    (
        "usage-reasoning-beyond-output",
        "thinks more tokens than it gave",
        "usage.reasoning",
        _put_in("output_tokens_details", "reasoning_tokens", 10**6),
    ),
    (
        "usage-reasoning-negative",
        "thinks fewer than no tokens",
        "usage.reasoning",
        _put_in("output_tokens_details", "reasoning_tokens", -1),
    ),
    ("usage-zero-output", "bills no tokens for a text", "usage.counted", _zero("output_tokens")),
    ("usage-zero-input", "bills no tokens for a prompt", "usage.counted", _zero("input_tokens")),
    ("usage-negative", "bills fewer than no tokens", "usage.fields", _negative),
)

_TIMES: tuple[Any, ...] = (
    (
        "created-at-milliseconds",
        "tells milliseconds",
        "response.created_at-plausible",
        turn("created_at", lambda t: t * 1000),
    ),
    (
        "created-at-float",
        "tells a fraction of a second",
        "response.created_at",
        turn("created_at", lambda t: t + 0.25),
    ),
    ("created-at-zero", "was created in 1970", "response.created_at-plausible", put("created_at", 0)),
    (
        "created-at-tomorrow",
        "was created tomorrow",
        "response.created_at-plausible",
        turn("created_at", lambda t: t + 86_400),
    ),
    (
        "completed-before-created",
        "was completed before it was created",
        "response.completed_at-order",
        turn("completed_at", lambda t: t - 10),
    ),
    (
        "completed-at-float",
        "was completed at a fraction of a second",
        "response.schema",
        turn("completed_at", lambda t: t + 0.25),
    ),
)

_STATES: tuple[Any, ...] = (
    (
        "status-in-progress",
        "answers while still in progress",
        "response.status-final",
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
        "request.max_output_tokens.truncation",
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
        "request.max_output_tokens.truncation",
        _on("incomplete", put("status", "failed")),
    ),
)
