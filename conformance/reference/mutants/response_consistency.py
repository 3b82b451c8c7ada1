"""Mutants whose response is at odds with itself, or with another one."""

import copy
import time
from dataclasses import replace

from conformance.reference.answer import usage
from conformance.reference.conversation import Json
from conformance.reference.hooks import Draft, Hooks, Message, Request, ToolCall
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import (
    change_draft,
    change_final_snapshots,
    change_response,
    change_snapshots,
    map_field,
    map_items,
    set_field,
    when_status,
)
from conformance.reference.reply_mutations import change_answer_body


def _as_if_whole(response: Json) -> None:
    if response["status"] == "incomplete":
        response.update(status="completed", incomplete_details=None, completed_at=response["created_at"])
        for item in response["output"]:
            item["status"] = "completed"


def _cut_in_json(request: Request, found: Draft) -> Draft:
    """JSON that is longer than the limit, which cuts it in the middle of a string."""
    limit = request.body.get("max_output_tokens")
    layout = (request.body.get("text") or {}).get("format") or {}
    if not isinstance(limit, int) or layout.get("type") not in {"json_schema", "json_object"}:
        return found
    cut = Message('{"name": "' + "Ada " * limit, whole=False)
    return replace(found, items=(cut,), output_tokens=limit, reasoning_tokens=0)


def _never_cut(draft: Draft) -> Draft:
    return map_items(draft, lambda item: replace(item, whole=True) if isinstance(item, ToolCall) else item)


def _one_item_id(response: Json) -> None:
    for item in response["output"]:
        item["id"] = f"{item['type']}_0"


def _crossed(request: Request, response: Json) -> Json:
    """Each plain text goes to whoever asked next within the same limit."""
    name = f"text within {request.body.get('max_output_tokens')}"
    before = request.memory.get(name)
    mine = copy.deepcopy(response)
    for item in mine["output"]:
        if item["type"] == "message" and item["content"][0]["type"] == "output_text":
            request.memory[name] = item["content"][0]["text"]
            item["content"][0]["text"] = before if before is not None else item["content"][0]["text"]
    return mine


def _numbered(response: Json) -> Json:
    return {**response, "output": [{**item, "id": f"msg_{n}"} for n, item in enumerate(response["output"])]}


def _emptied(response: Json) -> None:
    taken = response["usage"]["input_tokens"]
    response.update(output=[], usage=usage(taken, 0))


def _calls_numbered(response: Json) -> None:
    for n, item in enumerate(response["output"]):
        if item["type"] == "function_call":
            item["call_id"] = f"call_{n}"


def _garbled_when_counting(request: Request, draft: Draft) -> Draft:
    """A long answer begins with some German, whose bytes are then read as Windows-1252."""
    if not draft.whole or "Count from 1" not in request.raw.decode("utf-8", "replace"):
        return draft
    preface = "Natürlich, große Zahlen: ".encode().decode("cp1252")
    return map_items(draft, lambda p: replace(p, text=preface + p.text) if isinstance(p, Message) else p)


def _pretending_whole(draft: Draft) -> Draft:
    items = tuple(Message(p.text) if isinstance(p, Message) else p for p in draft.items)
    return Draft(items, draft.input_tokens, draft.output_tokens, draft.reasoning_tokens)


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "same-item-id-always",
        "gives every item the same id",
        requirement="item.id-unique-across",
        hooks=change_response(_one_item_id),
    ),
    Mutant(
        "item-ids-numbered",
        "numbers the items of each response anew",
        requirement="item.id-unique-across",
        hooks=Hooks(response=lambda _, response: _numbered(response)),
    ),
    Mutant(
        "call-ids-numbered",
        "numbers the calls of each response anew",
        requirement="call.id-unique-across",
        hooks=change_response(_calls_numbered),
    ),
    Mutant(
        "nothing-ever-put-out",
        "completes every response without output, and bills none",
        requirement="response.some-output",
        hooks=change_response(_emptied),
    ),
    Mutant(
        "model-another",
        "tells another model than it was asked for",
        requirement="request.model.echo",
        hooks=change_snapshots(set_field("model", "gpt-4o")),
    ),
    Mutant(
        "model-lesser",
        "is served by a smaller model of the same family",
        requirement="request.model.echo",
        hooks=change_snapshots(set_field("model", "gpt-5.2-mini")),
    ),
    Mutant(
        "model-of-request-lost",
        "tells the model that it runs inside, not the one asked for",
        requirement="request.model.echo",
        hooks=change_snapshots(set_field("model", "internal-7b")),
    ),
    Mutant(
        "same-id-always",
        "gives every response the same id",
        requirement="response.id-unique",
        hooks=change_response(set_field("id", "resp_1")),
    ),
    Mutant(
        "same-id-for-streams",
        "gives all streamed responses one id",
        requirement="response.id-unique",
        hooks=Hooks(response=lambda request, r: {**r, "id": "resp_stream"} if request.streamed else r),
    ),
    Mutant(
        "created-at-milliseconds",
        "tells milliseconds",
        requirement="response.created-at-unit",
        hooks=change_snapshots(map_field("created_at", lambda t: t * 1000)),
    ),
    Mutant(
        "created-at-zero",
        "was created in 1970",
        requirement="response.created-at-unit",
        hooks=change_snapshots(set_field("created_at", 0)),
    ),
    Mutant(
        "created-at-tomorrow",
        "was created tomorrow",
        requirement="response.created-at-clock",
        hooks=change_snapshots(map_field("created_at", lambda t: t + 86_400)),
    ),
    Mutant(
        "completed-before-created",
        "was completed before it was created",
        requirement="response.completed-at-order",
        hooks=change_snapshots(map_field("completed_at", lambda t: t - 10)),
    ),
    Mutant(
        "completed-at-null",
        "is completed and does not say when",
        requirement="response.completed-at-when-completed",
        hooks=change_final_snapshots(
            lambda r: set_field("completed_at", None)(r) if r["status"] == "completed" else None
        ),
    ),
    Mutant(
        "completed-at-of-incomplete",
        "is incomplete and says when it was completed",
        requirement="response.completed-at-when-completed",
        hooks=change_final_snapshots(
            lambda r: set_field("completed_at", int(time.time()))(r) if r["status"] == "incomplete" else None
        ),
    ),
    Mutant(
        "status-in-progress",
        "answers while still in progress",
        requirement="response.foreground-finished",
        hooks=change_final_snapshots(when_status("completed", set_field("status", "in_progress"))),
    ),
    Mutant(
        "incomplete-details-missing",
        "is incomplete and does not say why",
        requirement="response.incomplete-details",
        hooks=change_final_snapshots(when_status("incomplete", set_field("incomplete_details", None))),
    ),
    Mutant(
        "incomplete-reason-missing",
        "is incomplete for no reason",
        requirement="response.incomplete-details",
        hooks=change_final_snapshots(when_status("incomplete", set_field("incomplete_details", {}))),
    ),
    Mutant(
        "incomplete-details-of-completed",
        "is completed and says why not",
        requirement="response.incomplete-details",
        hooks=change_final_snapshots(
            when_status("completed", set_field("incomplete_details", {"reason": "max_output_tokens"}))
        ),
    ),
    Mutant(
        "cut-called-completed",
        "uses up the limit and is completed, items and all",
        requirement="response.cut-is-incomplete",
        hooks=change_response(_as_if_whole),
    ),
    Mutant(
        "cut-json-called-completed",
        "writes JSON until the limit cuts it, and calls that completed",
        requirement="response.cut-is-incomplete",
        hooks=replace(change_response(_as_if_whole), draft=_cut_in_json),
    ),
    Mutant(
        "cut-call-completed",
        "completes an answer whose call the token limit cut",
        requirement="response.cut-is-incomplete",
        hooks=change_draft(_never_cut),
    ),
    Mutant(
        "whole-called-incomplete",
        "calls whole answers incomplete",
        requirement="response.whole-is-completed",
        hooks=change_final_snapshots(when_status("completed", set_field("status", "incomplete"))),
    ),
    Mutant(
        "whole-called-failed",
        "calls whole answers failed",
        requirement="response.whole-is-completed",
        hooks=change_final_snapshots(when_status("completed", set_field("status", "failed"))),
    ),
    Mutant(
        "error-of-completed",
        "is completed and tells an error",
        requirement="response.error",
        hooks=change_final_snapshots(
            when_status("completed", set_field("error", {"code": "server_error", "message": "Oops."}))
        ),
    ),
    Mutant(
        "failed-without-error",
        "fails and does not say why",
        requirement="response.error",
        hooks=change_final_snapshots(when_status("completed", set_field("status", "failed"))),
    ),
    Mutant(
        "answers-crossed",
        "gives a client the text of the answer before",
        requirement="response.own-answer",
        hooks=Hooks(response=_crossed),
    ),
    Mutant(
        "mojibake",
        "decodes texts with the wrong code page",
        requirement="response.text-unharmed",
        hooks=change_answer_body(lambda b: b.decode().encode("utf-8").decode("latin-1").encode()),
    ),
    Mutant(
        "prose-encoded-twice",
        "encodes what the model words itself twice, and what it repeats once",
        requirement="response.text-unharmed",
        hooks=Hooks(draft=_garbled_when_counting),
    ),
    Mutant(
        "ascii-only",
        "puts question marks for what is not ASCII",
        requirement="response.text-unharmed",
        hooks=change_answer_body(lambda b: b.decode().encode("ascii", "replace")),
    ),
    Mutant(
        "truncation-called-completed",
        "calls an answer completed that the token limit cut",
        requirement="response.cut-is-incomplete",
        hooks=change_draft(_pretending_whole),
    ),
)
