"""Mutants of output items, their parts, and identifiers."""

import copy
from collections.abc import Iterator
from typing import Any

from conformance.contract.contracts import Contract
from conformance.reference.conversation import Json
from conformance.reference.hooks import Asked, Seams
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import (
    drop,
    in_items,
    in_parts,
    made,
    put,
)


def item_mutants() -> Iterator[Mutant]:
    """Items, parts, identifiers."""
    yield from _items()
    yield from _identifiers()


def _items() -> Iterator[Mutant]:
    for name, line, requirement, kind, change in _ITEMS:
        yield Mutant(name, line, requirement, in_items(kind, change), _CONTRACTS.get(name, Contract.ANYFAST))
    for name, line, requirement, change in _ITEMS_2:
        yield Mutant(name, line, requirement, in_parts(change), _CONTRACTS.get(name, Contract.ANYFAST))


_CITATION = {
    "type": "url_citation",
    "url": "https://example.org/",
    "title": "t",
    "start_index": 5,
    "end_index": 10**6,
}


def _on_text(change: Any) -> Any:
    return lambda part: change(part) if part.get("type") == "output_text" else None


def _plain_content(item: Json) -> None:
    item["content"] = "".join(part.get("text", "") for part in item["content"])


def _nested_call(item: Json) -> None:
    item["function"] = {"name": item.pop("name"), "arguments": item.pop("arguments")}


def _identifiers() -> Iterator[Mutant]:
    yield Mutant(
        "same-id-always", "gives every response the same id", "response.id-unique", made(put("id", "resp_1"))
    )
    yield Mutant(
        "same-item-id-always", "gives every item the same id", "item.id-unique-across", made(_one_item_id)
    )
    yield Mutant("same-call-id-twice", "gives two calls one call_id", "call.id-unique", made(_one_call_id))
    yield Mutant(
        "item-id-of-response",
        "gives every item of a response the same id",
        "item.id-unique",
        made(_item_ids_of_response),
    )
    yield Mutant(
        "answers-crossed",
        "gives a client the text of the answer before",
        "response.own-answer",
        Seams(response=_crossed),
    )


def _one_item_id(response: Json) -> None:
    for item in response["output"]:
        item["id"] = f"{item['type']}_0"


def _item_ids_of_response(response: Json) -> None:
    for item in response["output"]:
        item["id"] = response["id"].replace("resp", "msg")


def _one_call_id(response: Json) -> None:
    for item in response["output"]:
        if "call_id" in item:
            item["call_id"] = "call_1"


def _crossed(asked: Asked, response: Json) -> Json:
    """Each plain text goes to whoever asked next."""
    before = asked.memory.get("text")
    mine = copy.deepcopy(response)
    for item in mine["output"]:
        if item["type"] == "message" and item["content"][0]["type"] == "output_text":
            asked.memory["text"] = item["content"][0]["text"]
            item["content"][0]["text"] = before if before is not None else item["content"][0]["text"]
    return mine


_ITEMS: tuple[Any, ...] = (
    ("call-status-done", "calls a call done", "item.call-status", "function_call", put("status", "done")),
    ("call-own-id-a-number", "numbers its calls", "call.own-id", "function_call", put("id", 7)),
    ("message-without-id", "leaves a message's id out", "item.id", "message", drop("id")),
    ("message-without-type", "leaves a message's type out", "item.type", "message", drop("type")),
    ("message-without-status", "leaves a message's status out", "item.status", "message", drop("status")),
    ("message-without-role", "leaves a message's role out", "message.role", "message", drop("role")),
    (
        "message-role-user",
        "answers in the user's name",
        "message.role",
        "message",
        put("role", "user"),
    ),
    ("message-status-done", "calls a message done", "item.status", "message", put("status", "done")),
    (
        "content-a-string",
        "gives a message's content as a string",
        "message.content",
        "message",
        _plain_content,
    ),
    (
        "content-null",
        "gives a message no content",
        "message.content",
        "message",
        put("content", None),
    ),
    (
        "call-without-call-id",
        "leaves a call's call_id out",
        "call.shape",
        "function_call",
        drop("call_id"),
    ),
    ("call-id-empty", "calls with an empty call_id", "call.shape", "function_call", put("call_id", "")),
    ("call-without-name", "calls a nameless tool", "call.shape", "function_call", drop("name")),
    (
        "call-without-arguments",
        "calls without arguments",
        "call.shape",
        "function_call",
        drop("arguments"),
    ),
    ("call-nested", "nests a call as chat completions do", "call.shape", "function_call", _nested_call),
    (
        "arguments-an-object",
        "sends arguments as an object",
        "call.shape",
        "function_call",
        put("arguments", {"city": "Paris"}),
    ),
    (
        "call-type-tool-call",
        "calls a call tool_call",
        "request.tool_choice.effect",
        "function_call",
        put("type", "tool_call"),
    ),
    (
        "summary-a-string",
        "gives the summary as a string",
        "reasoning.shape",
        "reasoning",
        put("summary", "I thought."),
    ),
    (
        "summary-missing",
        "leaves a reasoning item's summary out",
        "reasoning.shape",
        "reasoning",
        drop("summary"),
    ),
    ("reasoning-without-id", "leaves a reasoning item's id out", "item.id", "reasoning", drop("id")),
)

_ITEMS_2: tuple[Any, ...] = (
    (
        "part-type-text",
        "calls an output_text part text",
        "message.content",
        _on_text(put("type", "text")),
    ),
    ("part-without-type", "leaves a part's type out", "message.content", drop("type")),
    ("part-without-text", "leaves a part's text out", "part.text", drop("text")),
    ("part-text-null", "gives a part no text", "part.text", put("text", None)),
    ("annotations-missing", "leaves the annotations out", "part.annotations-there", drop("annotations")),
    ("annotations-null", "gives null for the annotations", "part.annotations", put("annotations", None)),
    (
        "annotation-untyped",
        "annotates with the page's placeholder",
        "part.annotation-shape",
        put("annotations", [{}]),
    ),
    (
        "citation-out-of-range",
        "cites beyond the end of the text",
        "part.citation-range",
        put("annotations", [_CITATION]),
    ),
)

_CONTRACTS = {
    "annotations-missing": Contract.OPENAI,
    "annotation-untyped": Contract.OPENAI,
}
"""Under which contract a mutant is wrong, where the page has nothing against it."""
