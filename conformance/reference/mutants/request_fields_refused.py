"""Mutants that accept values of request fields which they must refuse."""

from collections.abc import Callable
from typing import Any

from conformance.reference.conversation import Json
from conformance.reference.field_mutations import accept_values, has_item_with, has_type
from conformance.reference.hooks import Hooks, Refusal, Request
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import Predicate


def _assuming(field: str, instead: str, missing: Callable[[Json], bool]) -> Hooks:
    def refuse(request: Request, found: Refusal | None) -> Refusal | None:
        if missing(request.body) and found is not None and found.param == field:
            request.body = {**request.body, field: instead}
            return None
        return found

    return Hooks(validate=refuse)


def _some(kind: type) -> Predicate:
    return lambda v: isinstance(v, list) and any(isinstance(item, kind) for item in v)


def _item_without(key: str, of: str = "message") -> Predicate:
    def is_meant(item: Any) -> bool:
        return isinstance(item, dict) and bool(item) and item.get("type", "message") == of

    return lambda v: isinstance(v, list) and any(is_meant(item) and key not in item for item in v)


def _part_nope(value: Any) -> bool:
    items = value if isinstance(value, list) else []
    contents = [item.get("content") for item in items if isinstance(item, dict)]
    return any(isinstance(c, list) and any(part.get("type") == "nope" for part in c) for c in contents)


def _lacks(key: str) -> Predicate:
    return lambda v: isinstance(v, dict) and v.get("type") == "json_schema" and key not in v


def _named(name: str) -> Predicate:
    return lambda v: isinstance(v, dict) and v.get("name") == name


def _one_model() -> Hooks:
    def refuse(_: Request, found: Refusal | None) -> Refusal | None:
        return None if found is not None and found.param == "model" else found

    return Hooks(validate=refuse, response=lambda _, response: {**response, "model": "gpt-5.2"})


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "model-unknown-accepted",
        "answers for a model that does not exist",
        requirement="request.model.refused",
        hooks=accept_values("model", lambda v: isinstance(v, str) and bool(v)),
    ),
    Mutant(
        "any-model-taken",
        "answers whatever model is named with the one that it has, and says so",
        requirement="request.model.refused",
        hooks=_one_model(),
    ),
    Mutant(
        "model-empty-accepted",
        "answers for a model without a name",
        requirement="request.model.refused",
        hooks=accept_values("model", lambda v: v == ""),
    ),
    Mutant(
        "model-missing-accepted",
        "answers a request without model",
        requirement="request.model.refused",
        hooks=_assuming("model", "gpt-5.2", lambda body: "model" not in body),
    ),
    Mutant(
        "model-null-accepted",
        "answers a request whose model is null",
        requirement="request.model.refused",
        hooks=_assuming("model", "gpt-5.2", lambda body: body.get("model", 1) is None),
    ),
    Mutant(
        "input-missing-accepted",
        "answers a request without input",
        requirement="request.input.refused",
        hooks=_assuming("input", "Hello!", lambda body: "input" not in body),
    ),
    Mutant(
        "input-null-accepted",
        "answers a request whose input is null",
        requirement="request.input.refused",
        hooks=_assuming("input", "Hello!", lambda body: body.get("input", 1) is None),
    ),
    Mutant(
        "input-empty-accepted",
        "takes an input without a single item",
        requirement="request.input.refused",
        hooks=accept_values("input", lambda v: v == []),
    ),
    Mutant(
        "input-role-robot-accepted",
        "takes a message of an unknown role",
        requirement="request.input.refused",
        hooks=accept_values("input", has_item_with("role", "robot")),
    ),
    Mutant(
        "input-without-role-accepted",
        "takes a message of nobody",
        requirement="request.input.refused",
        hooks=accept_values("input", _item_without("role")),
    ),
    Mutant(
        "input-without-content-accepted",
        "takes a message that says nothing",
        requirement="request.input.refused",
        hooks=accept_values("input", _item_without("content")),
    ),
    Mutant(
        "input-content-number-accepted",
        "takes a number for a message's content",
        requirement="request.input.refused",
        hooks=accept_values("input", has_item_with("content", 42)),
    ),
    Mutant(
        "input-item-type-accepted",
        "takes an item of an unknown type",
        requirement="request.input.refused",
        hooks=accept_values("input", has_item_with("type", "nope")),
    ),
    Mutant(
        "input-part-type-accepted",
        "takes a content part of an unknown type",
        requirement="request.input.refused",
        hooks=accept_values("input", _part_nope),
    ),
    Mutant(
        "input-strings-accepted",
        "takes an array of strings for input",
        requirement="request.input.refused",
        hooks=accept_values("input", _some(str)),
    ),
    Mutant(
        "input-nulls-accepted",
        "takes nulls among the items",
        requirement="request.input.refused",
        hooks=accept_values("input", lambda v: v == [None]),
    ),
    Mutant(
        "input-empty-item-accepted",
        "takes an item with nothing in it",
        requirement="request.input.refused",
        hooks=accept_values("input", lambda v: v == [{}]),
    ),
    Mutant(
        "text.format-type-unknown-accepted",
        "takes the format xml",
        requirement="request.text.format.refused",
        hooks=accept_values("text.format", has_type("xml")),
    ),
    Mutant(
        "text.format-untyped-accepted",
        "takes a format without a type",
        requirement="request.text.format.refused",
        hooks=accept_values("text.format", lambda v: v == {}),
    ),
    Mutant(
        "text.format-schema-missing-accepted",
        "takes json_schema without a schema",
        requirement="request.text.format.refused",
        hooks=accept_values("text.format", _lacks("schema")),
    ),
    Mutant(
        "text.format-name-missing-accepted",
        "takes json_schema without a name",
        requirement="request.text.format.refused",
        hooks=accept_values("text.format", _lacks("name")),
    ),
    Mutant(
        "text.format-name-bad-accepted",
        "takes a format's name with blanks",
        requirement="request.text.format.refused",
        hooks=accept_values("text.format", _named("a b!")),
    ),
    Mutant(
        "text.format-schema-string-accepted",
        "takes a string for a format's schema",
        requirement="request.text.format.refused",
        hooks=accept_values(
            "text.format", lambda v: isinstance(v, dict) and isinstance(v.get("schema"), str)
        ),
    ),
    Mutant(
        "tools-empty-tool-accepted",
        "takes a tool with nothing in it",
        requirement="request.tools.refused",
        hooks=accept_values("tools", lambda v: v == [{}]),
    ),
    Mutant(
        "tools-type-unknown-accepted",
        "takes a tool of an unknown type",
        requirement="request.tools.refused",
        hooks=accept_values("tools", has_item_with("type", "banana")),
    ),
    Mutant(
        "tools-name-missing-accepted",
        "takes a function without a name",
        requirement="request.tools.refused",
        hooks=accept_values("tools", _item_without("name", of="function")),
    ),
    Mutant(
        "tools-name-bad-accepted",
        "takes a function whose name has blanks",
        requirement="request.tools.refused",
        hooks=accept_values("tools", has_item_with("name", "bad name!")),
    ),
    Mutant(
        "tools-parameters-string-accepted",
        "takes a string for a schema",
        requirement="request.tools.refused",
        hooks=accept_values("tools", has_item_with("parameters", "x")),
    ),
    Mutant(
        "tools-nested-accepted",
        "takes the nested tools of chat completions and drops them",
        requirement="request.tools.refused",
        hooks=accept_values(
            "tools", lambda v: isinstance(v, list) and any(isinstance(i, dict) and "function" in i for i in v)
        ),
    ),
    Mutant(
        "tool_choice-nameless-accepted",
        "takes the choice of a function without a name",
        requirement="request.tool_choice.refused",
        hooks=accept_values("tool_choice", lambda v: v == {"type": "function"}),
    ),
    Mutant(
        "tool_choice-empty-accepted",
        "takes an empty object for a choice",
        requirement="request.tool_choice.refused",
        hooks=accept_values("tool_choice", lambda v: v == {}),
    ),
    Mutant(
        "tool_choice-banana-accepted",
        "takes any word for a choice",
        requirement="request.tool_choice.refused-should",
        hooks=accept_values("tool_choice", lambda v: v == "banana"),
    ),
)
