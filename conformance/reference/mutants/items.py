"""Mutants of output items, their parts, and identifiers."""

import copy
from collections.abc import Iterator
from typing import Any

from conformance.reference.bend import (
    drop,
    in_items,
    in_parts,
    made,
    put,
)
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.seams import Asked, Seams
from conformance.reference.turns import Json


def item_mutants() -> Iterator[Mutant]:
    """Items, parts, identifiers."""
    yield from _items()
    yield from _identifiers()


def _items() -> Iterator[Mutant]:
    for name, line, requirement, kind, change in _ITEMS:
        yield Mutant(name, line, requirement, in_items(kind, change))
    for name, line, requirement, change in _ITEMS_2:
        yield Mutant(name, line, requirement, in_parts(change))


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
    yield Mutant("same-item-id-always", "gives every item the same id", "item.id-unique", made(_one_item_id))
    yield Mutant(
        "same-call-id-twice", "gives two calls one call_id", "item.call-id-unique", made(_one_call_id)
    )
    yield Mutant(
        "item-id-of-response",
        "gives every item of a response the same id",
        "item.id-unique",
        made(_item_ids_of_response),
    )
    yield Mutant(
        "answers-crossed",
        "gives a client the text of the answer before",
        "concurrency.no-cross-talk",
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
    ("message-without-id", "leaves a message's id out", "item.schema", "message", drop("id")),
    ("message-without-type", "leaves a message's type out", "item.schema", "message", drop("type")),
    ("message-without-status", "leaves a message's status out", "item.schema", "message", drop("status")),
    ("message-without-role", "leaves a message's role out", "item.message-role", "message", drop("role")),
    (
        "message-role-user",
        "answers in the user's name",
        "item.message-role",
        "message",
        put("role", "user"),
    ),
    ("message-status-done", "calls a message done", "item.schema", "message", put("status", "done")),
    (
        "content-a-string",
        "gives a message's content as a string",
        "item.message-content",
        "message",
        _plain_content,
    ),
    (
        "content-null",
        "gives a message no content",
        "item.message-content",
        "message",
        put("content", None),
    ),
    (
        "call-without-call-id",
        "leaves a call's call_id out",
        "item.schema",
        "function_call",
        drop("call_id"),
    ),
    ("call-id-empty", "calls with an empty call_id", "item.call-id", "function_call", put("call_id", "")),
    ("call-without-name", "calls a nameless tool", "item.schema", "function_call", drop("name")),
    (
        "call-without-arguments",
        "calls without arguments",
        "item.schema",
        "function_call",
        drop("arguments"),
    ),
    ("call-nested", "nests a call as chat completions do", "item.schema", "function_call", _nested_call),
    (
        "arguments-an-object",
        "sends arguments as an object",
        "item.schema",
        "function_call",
        put("arguments", {"city": "Paris"}),
    ),
    (
        "call-type-tool-call",
        "calls a call tool_call",
        "item.schema",
        "function_call",
        put("type", "tool_call"),
    ),
    (
        "summary-a-string",
        "gives the summary as a string",
        "item.schema",
        "reasoning",
        put("summary", "I thought."),
    ),
    (
        "summary-missing",
        "leaves a reasoning item's summary out",
        "item.schema",
        "reasoning",
        drop("summary"),
    ),
    ("reasoning-without-id", "leaves a reasoning item's id out", "item.schema", "reasoning", drop("id")),
)

_ITEMS_2: tuple[Any, ...] = (
    (
        "part-type-text",
        "calls an output_text part text",
        "item.message-content",
        _on_text(put("type", "text")),
    ),
    ("part-without-type", "leaves a part's type out", "item.message-content", drop("type")),
    ("part-without-text", "leaves a part's text out", "item.message-content", drop("text")),
    ("part-text-null", "gives a part no text", "item.message-content", put("text", None)),
    ("annotations-missing", "leaves the annotations out", "item.annotations", drop("annotations")),
    ("annotations-null", "gives null for the annotations", "item.annotations", put("annotations", None)),
    (
        "annotation-untyped",
        "annotates with the page's placeholder",
        "item.annotations-typed",
        put("annotations", [{}]),
    ),
    (
        "citation-out-of-range",
        "cites beyond the end of the text",
        "item.citation-range",
        put("annotations", [_CITATION]),
    ),
)
