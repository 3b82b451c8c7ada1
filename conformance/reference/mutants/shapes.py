"""Mutants of shapes: what no family of fields covers, taken or refused."""

from collections.abc import Iterator
from typing import Any

from conformance.reference.mutants.fields import accept_values, refuse_values
from conformance.reference.mutants.mutant import Mutant


def shape_mutants() -> Iterator[Mutant]:
    """Shapes taken that must be refused, then shapes refused that must be taken."""
    for name, (field, line, value) in _TAKEN.items():
        aspect = _ASPECTS.get(name, "refused")
        yield Mutant(name, line, f"request.{field}.{aspect}", accept_values(field, value))
    for name, (field, aspect, line, value) in _TURNED.items():
        yield Mutant(name, line, f"request.{field}.{aspect}", refuse_values(field, value))


def _some(kind: type) -> Any:
    return lambda v: isinstance(v, list) and any(isinstance(item, kind) for item in v)


def _item_with(key: str, value: Any) -> Any:
    return lambda v: isinstance(v, list) and any(isinstance(i, dict) and i.get(key) == value for i in v)


def _item_without(key: str) -> Any:
    return lambda v: isinstance(v, list) and any(isinstance(i, dict) and i and key not in i for i in v)


def _part_nope(value: Any) -> bool:
    items = value if isinstance(value, list) else []
    contents = [item.get("content") for item in items if isinstance(item, dict)]
    return any(isinstance(c, list) and any(part.get("type") == "nope" for part in c) for c in contents)


def _is_type(name: str) -> Any:
    return lambda v: isinstance(v, dict) and v.get("type") == name


def _lacks(key: str) -> Any:
    return lambda v: isinstance(v, dict) and v.get("type") == "json_schema" and key not in v


def _named(name: str) -> Any:
    return lambda v: isinstance(v, dict) and v.get("name") == name


_ASPECTS = {"tool_choice-undeclared-accepted": "undeclared", "tool_choice-banana-accepted": "refused-should"}

_TAKEN: dict[str, tuple[str, str, Any]] = {
    "input-empty-accepted": ("input", "takes an input without a single item", lambda v: v == []),
    "input-role-robot-accepted": (
        "input",
        "takes a message of an unknown role",
        _item_with("role", "robot"),
    ),
    "input-without-role-accepted": ("input", "takes a message of nobody", _item_without("role")),
    "input-without-content-accepted": (
        "input",
        "takes a message that says nothing",
        _item_without("content"),
    ),
    "input-content-number-accepted": (
        "input",
        "takes a number for a message's content",
        _item_with("content", 42),
    ),
    "input-item-type-accepted": ("input", "takes an item of an unknown type", _item_with("type", "nope")),
    "input-part-type-accepted": ("input", "takes a content part of an unknown type", _part_nope),
    "input-strings-accepted": ("input", "takes an array of strings for input", _some(str)),
    "input-nulls-accepted": ("input", "takes nulls among the items", lambda v: v == [None]),
    "input-empty-item-accepted": ("input", "takes an item with nothing in it", lambda v: v == [{}]),
    "tools-empty-tool-accepted": ("tools", "takes a tool with nothing in it", lambda v: v == [{}]),
    "tools-type-unknown-accepted": (
        "tools",
        "takes a tool of an unknown type",
        _item_with("type", "banana"),
    ),
    "tools-name-missing-accepted": ("tools", "takes a function without a name", _item_without("name")),
    "tools-name-bad-accepted": (
        "tools",
        "takes a function whose name has blanks",
        _item_with("name", "bad name!"),
    ),
    "tools-parameters-string-accepted": (
        "tools",
        "takes a string for a schema",
        _item_with("parameters", "x"),
    ),
    "tools-nested-accepted": (
        "tools",
        "takes the nested tools of chat completions and drops them",
        lambda v: isinstance(v, list) and any(isinstance(i, dict) and "function" in i for i in v),
    ),
    "text.format-type-unknown-accepted": ("text.format", "takes the format xml", _is_type("xml")),
    "text.format-untyped-accepted": ("text.format", "takes a format without a type", lambda v: v == {}),
    "text.format-schema-missing-accepted": (
        "text.format",
        "takes json_schema without a schema",
        _lacks("schema"),
    ),
    "text.format-name-missing-accepted": (
        "text.format",
        "takes json_schema without a name",
        _lacks("name"),
    ),
    "text.format-name-bad-accepted": ("text.format", "takes a format's name with blanks", _named("a b!")),
    "text.format-schema-string-accepted": (
        "text.format",
        "takes a string for a format's schema",
        lambda v: isinstance(v, dict) and isinstance(v.get("schema"), str),
    ),
    "tool_choice-undeclared-accepted": (
        "tool_choice",
        "takes the choice of a tool that was not declared",
        lambda v: isinstance(v, dict) and v.get("name") is not None,
    ),
    "tool_choice-nameless-accepted": (
        "tool_choice",
        "takes the choice of a function without a name",
        lambda v: v == {"type": "function"},
    ),
    "tool_choice-banana-accepted": ("tool_choice", "takes any word for a choice", lambda v: v == "banana"),
    "tool_choice-empty-accepted": (
        "tool_choice",
        "takes an empty object for a choice",
        lambda v: v == {},
    ),
}

_TURNED: dict[str, tuple[str, str, str, Any]] = {
    "input-string-refused": (
        "input",
        "accepted-should",
        "refuses a plain string",
        lambda v: isinstance(v, str),
    ),
    "input-history-refused": (
        "input",
        "accepted",
        "refuses an assistant's turn",
        _item_with("role", "assistant"),
    ),
    "input-system-refused": (
        "input",
        "accepted",
        "refuses a system message",
        _item_with("role", "system"),
    ),
    "input-developer-refused": (
        "input",
        "accepted-should",
        "refuses a developer message",
        _item_with("role", "developer"),
    ),
    "input-typed-message-refused": (
        "input",
        "accepted-should",
        "refuses a message that names its type",
        _item_with("type", "message"),
    ),
    "input-parts-refused": (
        "input",
        "accepted-should",
        "refuses content that comes in parts",
        lambda v: isinstance(v, list) and any(isinstance(i.get("content"), list) for i in v),
    ),
    "tools-refused": ("tools", "accepted", "refuses to hear of any tool", bool),
    "tools-empty-refused": ("tools", "accepted", "refuses an empty list of tools", lambda v: v == []),
    "tools-without-strict-refused": (
        "tools",
        "accepted-should",
        "refuses a function that does not say whether it is strict",
        lambda v: any("strict" not in tool for tool in v),
    ),
    "tool_choice-auto-refused": (
        "tool_choice",
        "accepted",
        "refuses the choice that is the default",
        lambda v: v == "auto",
    ),
    "tool_choice-required-refused": (
        "tool_choice",
        "accepted",
        "refuses to be made to call",
        lambda v: v == "required",
    ),
    "tool_choice-none-refused": (
        "tool_choice",
        "accepted",
        "refuses to be kept from calling",
        lambda v: v == "none",
    ),
    "tool_choice-object-refused": (
        "tool_choice",
        "accepted-should",
        "refuses the choice of a named function",
        lambda v: isinstance(v, dict) and v.get("type") == "function",
    ),
    "json-schema-refused": (
        "text.format",
        "accepted-should",
        "refuses structured output",
        _is_type("json_schema"),
    ),
    "text-format-refused": ("text.format", "accepted", "refuses the plain text format", _is_type("text")),
    "text-empty-refused": ("text", "accepted", "refuses an empty text object", lambda v: v == {}),
    "reasoning-empty-refused": (
        "reasoning",
        "accepted",
        "refuses an empty reasoning object",
        lambda v: v == {},
    ),
    "stop-refused": ("stop", "accepted", "refuses a stop sequence", lambda v: isinstance(v, str)),
    "user-refused": ("user", "accepted", "refuses a user", bool),
    "user-non-ascii-refused": (
        "user",
        "accepted",
        "refuses a user that is not ASCII",
        lambda v: not v.isascii(),
    ),
    "store-false-refused": ("store", "accepted", "refuses not to store", lambda v: v is False),
    "store-true-refused": ("store", "accepted", "refuses to store", lambda v: v is True),
    "stream-false-refused": ("stream", "accepted", "refuses stream false", lambda v: v is False),
    "stream-true-refused": ("stream", "accepted", "refuses to stream", lambda v: v is True),
    "n-one-refused": ("n", "accepted", "refuses the one choice that is the default", lambda v: v == 1),
    "max-output-tokens-refused": ("max_output_tokens", "accepted", "refuses any token limit", bool),
    "max-output-tokens-at-least-32": (
        "max_output_tokens",
        "accepted",
        "refuses limits of 16 and 17, which every source allows",
        lambda v: 16 <= v < 32,
    ),
    "model-refused": (
        "model",
        "accepted",
        "does not know the model of the page",
        lambda v: v == "gpt-5.2",
    ),
    "temperature-float-refused": (
        "temperature",
        "accepted",
        "takes whole temperatures only",
        lambda v: isinstance(v, float),
    ),
    "temperature-integer-refused": (
        "temperature",
        "accepted",
        "takes temperatures with a point only, as strict decoders do",
        lambda v: isinstance(v, int),
    ),
}
