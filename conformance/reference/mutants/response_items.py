"""Mutants of output items, their parts, and their ids."""

import copy
import json
from dataclasses import replace

from conformance.contract.contracts import Contract
from conformance.reference.conversation import Json
from conformance.reference.hooks import Draft, Hooks, Message, Reasoning, RefusalText, Request
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import (
    Change,
    change_draft,
    change_final_snapshots,
    change_response,
    combine,
    is_limited_and_unstreamed,
    is_unstreamed,
    map_calls,
    map_items,
    remove_fields,
    set_field,
)
from conformance.reference.stream_mutations import change_items, change_parts


def _mute(response: Json) -> None:
    for item in response["output"]:
        for part in item.get("content", ()):
            part["text"] = ""


def _goes_on(response: Json) -> None:
    if response["status"] == "incomplete":
        last = response["output"][-1]
        response["output"].append({**copy.deepcopy(last), "id": f"{last['id']}2", "status": "completed"})


_CITATION = {
    "type": "url_citation",
    "url": "https://example.org/",
    "title": "t",
    "start_index": 5,
    "end_index": 10**6,
}


def _on_text(change: Change) -> Change:
    return lambda part: change(part) if part.get("type") == "output_text" else None


def _plain_content(item: Json) -> None:
    item["content"] = "".join(part.get("text", "") for part in item["content"])


def _nested_call(item: Json) -> None:
    item["function"] = {"name": item.pop("name"), "arguments": item.pop("arguments")}


def _item_ids_of_response(response: Json) -> None:
    for item in response["output"]:
        item["id"] = response["id"].replace("resp", "msg")


def _one_call_id(response: Json) -> None:
    for item in response["output"]:
        if "call_id" in item:
            item["call_id"] = "call_1"


def _refused(draft: Draft) -> Draft:
    return map_items(draft, lambda p: RefusalText(p.text, p.whole) if isinstance(p, Message) else p)


def _one_id(response: Json) -> None:
    for item in response["output"]:
        item["id"] = response["id"].replace("resp", "msg")


def _whole(item: Json) -> None:
    if item.get("status") == "incomplete":
        item["status"] = "completed"


def _textless(response: Json) -> None:
    for item in response["output"]:
        for part in item.get("content") or ():
            part["text"] = None


def _is_greeting(request: Request) -> bool:
    return b"exactly: Hello there" in request.raw and not request.streamed


def _into_thoughts(request: Request, found: Draft) -> Draft:
    """The JSON becomes a summary of thoughts, and the message stays empty."""
    layout = (request.body.get("text") or {}).get("format") or {}
    texts = tuple(item.text for item in found.items if isinstance(item, Message))
    if layout.get("type") != "json_schema" or not texts:
        return found
    return replace(found, items=(Reasoning(found.reasoning_tokens, texts), Message("")))


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "message-without-type",
        "leaves a message's type out",
        requirement="item.type",
        hooks=change_items("message", remove_fields("type")),
    ),
    Mutant(
        "message-without-id",
        "leaves a message's id out",
        requirement="item.id",
        hooks=change_items("message", remove_fields("id")),
    ),
    Mutant(
        "reasoning-without-id",
        "leaves a reasoning item's id out",
        requirement="item.id",
        hooks=change_items("reasoning", remove_fields("id")),
    ),
    Mutant(
        "item-id-of-response",
        "gives every item of a response the same id",
        requirement="item.id-unique",
        hooks=change_response(_item_ids_of_response),
    ),
    Mutant(
        "item-id-of-unstreamed-response",
        "gives every item of an unstreamed response the same id",
        requirement="item.id-unique",
        hooks=change_final_snapshots(_one_id, is_unstreamed),
    ),
    Mutant(
        "message-without-status",
        "leaves a message's status out",
        requirement="item.status",
        hooks=change_items("message", remove_fields("status")),
    ),
    Mutant(
        "message-status-done",
        "calls a message done",
        requirement="item.status",
        hooks=change_items("message", set_field("status", "done")),
    ),
    Mutant(
        "call-status-done",
        "calls a call done",
        requirement="item.call-status",
        hooks=change_items("function_call", set_field("status", "done")),
    ),
    Mutant(
        "item-incomplete-in-completed",
        "completes a response with an incomplete item",
        requirement="item.completed",
        hooks=change_items(
            "message",
            lambda item: set_field("status", "incomplete")(item) if item["status"] == "completed" else None,
        ),
    ),
    Mutant(
        "item-in-progress",
        "ends with an item that is still in progress",
        requirement="item.completed",
        hooks=change_items("message", set_field("status", "in_progress")),
    ),
    Mutant(
        "item-after-incomplete",
        "goes on with another item after an incomplete one",
        requirement="item.incomplete-is-last",
        hooks=change_final_snapshots(_goes_on),
    ),
    Mutant(
        "message-without-role",
        "leaves a message's role out",
        requirement="message.role",
        hooks=change_items("message", remove_fields("role")),
    ),
    Mutant(
        "message-role-user",
        "answers in the user's name",
        requirement="message.role",
        hooks=change_items("message", set_field("role", "user")),
    ),
    Mutant(
        "content-a-string",
        "gives a message's content as a string",
        requirement="message.content",
        hooks=change_items("message", _plain_content),
    ),
    Mutant(
        "content-null",
        "gives a message no content",
        requirement="message.content",
        hooks=change_items("message", set_field("content", None)),
    ),
    Mutant(
        "part-type-text",
        "calls an output_text part text",
        requirement="message.content",
        hooks=change_parts(_on_text(set_field("type", "text"))),
    ),
    Mutant(
        "part-without-type",
        "leaves a part's type out",
        requirement="message.content",
        hooks=change_parts(remove_fields("type")),
    ),
    Mutant(
        "part-without-text",
        "leaves a part's text out",
        requirement="part.text",
        hooks=change_parts(remove_fields("text")),
    ),
    Mutant(
        "part-text-null",
        "gives a part no text",
        requirement="part.text",
        hooks=change_parts(set_field("text", None)),
    ),
    Mutant(
        "cut-text-null",
        "loses the text of an answer that was cut",
        requirement="part.text",
        hooks=change_final_snapshots(_textless, is_limited_and_unstreamed),
    ),
    Mutant(
        "refusal-without-words",
        "refuses everything, and does not say so in the part",
        requirement="part.refusal",
        hooks=combine(change_draft(_refused), change_parts(remove_fields("refusal"))),
    ),
    Mutant(
        "annotations-null",
        "gives null for the annotations",
        requirement="part.annotations",
        hooks=change_parts(set_field("annotations", None)),
    ),
    Mutant(
        "annotations-missing",
        "leaves the annotations out",
        requirement="part.annotations-there",
        hooks=change_parts(remove_fields("annotations")),
        report="suhaibbinyounis/github-copilot-api-vscode#32",
    ),
    Mutant(
        "annotations-missing-openai",
        "leaves the annotations out",
        requirement="part.annotations-there",
        hooks=change_parts(remove_fields("annotations")),
        contract=Contract.OPENAI,
    ),
    Mutant(
        "annotation-untyped",
        "annotates with the page's placeholder",
        requirement="part.annotation-shape",
        hooks=change_parts(set_field("annotations", [{}])),
        contract=Contract.OPENAI,
    ),
    Mutant(
        "citation-out-of-range",
        "cites beyond the end of the text",
        requirement="part.citation-range",
        hooks=change_parts(set_field("annotations", [_CITATION])),
    ),
    Mutant(
        "call-without-call-id",
        "leaves a call's call_id out",
        requirement="call.shape",
        hooks=change_items("function_call", remove_fields("call_id")),
    ),
    Mutant(
        "call-id-empty",
        "calls with an empty call_id",
        requirement="call.shape",
        hooks=change_items("function_call", set_field("call_id", "")),
    ),
    Mutant(
        "call-without-name",
        "calls a nameless tool",
        requirement="call.shape",
        hooks=change_items("function_call", remove_fields("name")),
    ),
    Mutant(
        "call-without-arguments",
        "calls without arguments",
        requirement="call.shape",
        hooks=change_items("function_call", remove_fields("arguments")),
    ),
    Mutant(
        "call-nested",
        "nests a call as chat completions do",
        requirement="call.shape",
        hooks=change_items("function_call", _nested_call),
    ),
    Mutant(
        "arguments-an-object",
        "sends arguments as an object",
        requirement="call.shape",
        hooks=change_items("function_call", set_field("arguments", {"city": "Paris"})),
    ),
    Mutant(
        "call-own-id-a-number",
        "numbers its calls",
        requirement="call.own-id",
        hooks=change_items("function_call", set_field("id", 7)),
    ),
    Mutant(
        "same-call-id-twice",
        "gives two calls one call_id",
        requirement="call.id-unique",
        hooks=change_response(_one_call_id),
    ),
    Mutant(
        "tool-name-undeclared",
        "calls a tool that was not declared",
        requirement="call.declared",
        hooks=change_draft(map_calls(lambda name, given: (f"functions.{name}", given))),
    ),
    Mutant(
        "arguments-not-json",
        "writes arguments that no JSON parser reads",
        requirement="call.arguments",
        hooks=change_draft(map_calls(lambda name, given: (name, given.replace('"', "'")))),
    ),
    Mutant(
        "arguments-cut",
        "writes arguments without their last brace",
        requirement="call.arguments",
        hooks=change_draft(map_calls(lambda name, given: (name, given[:-1]))),
    ),
    Mutant(
        "arguments-an-array",
        "writes arguments that are an array",
        requirement="call.arguments",
        hooks=change_draft(map_calls(lambda name, given: (name, f"[{given}]"))),
    ),
    Mutant(
        "arguments-empty",
        "writes no arguments at all",
        requirement="call.arguments",
        hooks=change_draft(map_calls(lambda name, _: (name, ""))),
    ),
    Mutant(
        "arguments-encoded-twice",
        "writes arguments as JSON inside a JSON string",
        requirement="call.arguments",
        hooks=change_draft(map_calls(lambda name, given: (name, json.dumps(given)))),
    ),
    Mutant(
        "cut-call-called-completed",
        "calls a call completed that the token limit cut in the middle of the arguments",
        requirement="call.cut-status",
        hooks=change_items("function_call", _whole),
    ),
    Mutant(
        "summary-a-string",
        "gives the summary as a string",
        requirement="reasoning.shape",
        hooks=change_items("reasoning", set_field("summary", "I thought.")),
    ),
    Mutant(
        "summary-missing",
        "leaves a reasoning item's summary out",
        requirement="reasoning.shape",
        hooks=change_items("reasoning", remove_fields("summary")),
    ),
    Mutant(
        "output-empty",
        "completes with nothing in output",
        requirement="response.output-not-empty",
        hooks=change_final_snapshots(set_field("output", [])),
    ),
    Mutant(
        "one-output-empty",
        "completes unstreamed answers to one prompt with nothing in output",
        requirement="response.output-not-empty",
        hooks=change_final_snapshots(set_field("output", []), _is_greeting),
    ),
    Mutant(
        "billed-without-output",
        "bills tokens and gives an empty text",
        requirement="response.output-is-what-was-billed",
        hooks=change_response(_mute),
    ),
    Mutant(
        "schema-answered-in-thoughts",
        "puts the JSON into the summary of its thoughts and leaves the text empty",
        requirement="response.output-is-what-was-billed",
        hooks=Hooks(draft=_into_thoughts),
        report="vllm-project/vllm#44012",
    ),
)
