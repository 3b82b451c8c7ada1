"""Makers of hooks that get items of the input wrong: refused, or dropped without a word."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from conformance.reference.conversation import Json
from conformance.reference.hooks import Hooks, Refusal, Request

Matches = Callable[[Json], bool]
"""Says whether an item is meant."""


def is_item(value: Any) -> bool:
    """Whether a member of `input` is an object."""
    return isinstance(value, dict)


def is_numbered_by_client(item: Json) -> bool:
    """A message of a user, or a tool's output, with an id or a status: no answer ever brought it."""
    own = item.get("type") == "function_call_output" or item.get("role") in {"user", "developer", "system"}
    return own and bool({"id", "status"} & item.keys())


def is_sent_back(item: Json) -> bool:
    """A message or a call of an answer, with its id or its status."""
    answered = item.get("type") in {"function_call", "reasoning"} or item.get("role") == "assistant"
    return answered and bool({"id", "status"} & item.keys())


def is_assistant_in_parts(item: Json) -> bool:
    """An assistant's message whose content is a list."""
    return item.get("role") == "assistant" and isinstance(item.get("content"), list)


def with_list_output(item: Json) -> bool:
    """A tool's output that is a list."""
    return item.get("type") == "function_call_output" and isinstance(item.get("output"), list)


def with_image(item: Json) -> bool:
    """A tool's output with an image in it."""
    parts = item.get("output")
    return with_list_output(item) and any(
        isinstance(p, dict) and p.get("type") == "input_image" for p in parts or ()
    )


def before_a_call(items: Any) -> set[int]:
    """Where an assistant's message stands right before a call."""
    pairs = pairwise(items) if isinstance(items, list) else []
    return {
        index
        for index, (item, following) in enumerate(pairs)
        if is_item(item)
        and is_item(following)
        and item.get("role") == "assistant"
        and following.get("type") == "function_call"
    }


def refuse_items(matches: Matches) -> Hooks:
    """Refuses a request with such an item, and names it."""

    def refuse(request: Request, found: Refusal | None) -> Refusal | None:
        items = request.body.get("input")
        for index, item in enumerate(items if isinstance(items, list) else ()):
            if found is None and is_item(item) and matches(item):
                return Refusal(
                    400, f"Invalid 'input[{index}]'.", param=f"input[{index}]", code="invalid_value"
                )
        return found

    return Hooks(validate=refuse)


def drop_items(matches: Matches) -> Hooks:
    """Takes such items and keeps them from everything that follows."""

    def drop(_: Request, body: Json) -> Json:
        items = body.get("input")
        if not isinstance(items, list):
            return body
        return {**body, "input": [item for item in items if not (is_item(item) and matches(item))]}

    return Hooks(effective_body=drop)


def change_items_of_input(matches: Matches, how: Callable[[Json], Json]) -> Hooks:
    """Takes such items for others."""

    def change(_: Request, body: Json) -> Json:
        items = body.get("input")
        if not isinstance(items, list):
            return body
        return {**body, "input": [how(i) if is_item(i) and matches(i) else i for i in items]}

    return Hooks(effective_body=change)
