"""Mutants of what the model produces beside plain text: tool calls, reasoning, structured output."""

import json
from collections.abc import Iterator
from typing import Any

from conformance.reference.conversation import Json
from conformance.reference.hooks import Draft, Hooks, Message, OutputItem, Reasoning, Request, ToolCall
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import (
    change_draft,
    change_model_input,
    changed_copy,
    map_calls,
    map_field,
    map_items,
    map_texts,
    remove_fields,
    set_field,
    without_reasoning,
)


def production_mutants() -> Iterator[Mutant]:
    """Choices, calls, thoughts, shapes."""
    yield from _choices()
    yield from _calls()
    yield from _thoughts()
    yield from _structured()


def _choices() -> Iterator[Mutant]:
    for name, line, requirement, hooks in _CHOICES:
        yield Mutant(name, line, requirement, hooks)


def _choosing(choice: str, instead: str) -> Hooks:
    def hear(_: Request, body: Json) -> Json:
        if body.get("tool_choice", "auto") != choice or not body.get("tools"):
            return body
        return changed_copy(body, set_field("tool_choice", instead))

    return Hooks(model_input=hear)


def _first_tool(_: Request, body: Json) -> Json:
    choice = body.get("tool_choice")
    if not isinstance(choice, dict) or choice.get("type") != "function":
        return body
    others = [tool for tool in body["tools"] if tool["name"] != choice["name"]]
    return (
        changed_copy(body, set_field("tool_choice", {"type": "function", "name": others[0]["name"]}))
        if others
        else body
    )


def _outside_allowed(_: Request, body: Json) -> Json:
    choice = body.get("tool_choice")
    if not isinstance(choice, dict) or choice.get("type") != "allowed_tools":
        return body
    return changed_copy(body, set_field("tool_choice", choice.get("mode", "auto")))


def _taking_required() -> Hooks:
    return Hooks(
        validate=lambda request, found: (
            None if request.body.get("tool_choice") == "required" and not request.body.get("tools") else found
        )
    )


def _calls() -> Iterator[Mutant]:
    for name, line, requirement, hooks in _CALLS:
        yield Mutant(name, line, requirement, hooks)


def _numbers(name: str, given: str) -> tuple[str, str]:
    return name, json.dumps({key: 7 if isinstance(v, str) else v for key, v in json.loads(given).items()})


def _in_words(draft: Draft) -> Draft:
    def change(item: OutputItem) -> OutputItem:
        if not isinstance(item, ToolCall):
            return item
        return Message(
            f'<tool_call>{{"name": "{item.name}", "arguments": {item.arguments}}}</tool_call>', item.whole
        )

    return map_items(draft, change)


def _thoughts() -> Iterator[Mutant]:
    for name, line, requirement, hooks in _THOUGHTS:
        yield Mutant(name, line, requirement, hooks)


def _silent(draft: Draft) -> Draft:
    def change(item: OutputItem) -> OutputItem:
        return Reasoning(item.tokens, (), item.whole) if isinstance(item, Reasoning) else item

    return map_items(draft, change)


def _thought_for_free(request: Request, draft: Draft) -> Draft:
    if "max_output_tokens" not in request.body:
        return draft
    items = draft.items
    return Draft(items, draft.input_tokens, draft.output_tokens + 20, draft.reasoning_tokens + 20)


def _structured() -> Iterator[Mutant]:
    for name, line, requirement, how in _STRUCTURED:
        yield Mutant(name, line, requirement, _shaping("json_schema", how))
    yield Mutant(
        "json-object-ignored",
        "answers json_object in prose",
        "request.text.format.effect",
        _shaping("json_object", lambda _: "Here you are."),
    )
    yield Mutant(
        "json-object-an-array",
        "answers json_object with an array",
        "request.text.format.effect",
        _shaping("json_object", lambda t: f"[{t}]"),
    )


def _shaping(kind: str, how: Any) -> Hooks:
    def draft(request: Request, found: Draft) -> Draft:
        layout = (request.body.get("text") or {}).get("format") or {}
        return map_texts(how)(found) if layout.get("type") == kind else found

    return Hooks(draft=draft)


def _less_one(text: str) -> str:
    value = json.loads(text)
    value.pop(next(iter(value)), None)
    return json.dumps(value)


def _with(text: str, key: str, value: Any) -> str:
    return json.dumps({**json.loads(text), key: value})


def _swap(text: str, old: str, new: str) -> str:
    return text.replace(old, new) if old in text else text.replace("1", '"1"')


_CHOICES: tuple[Any, ...] = (
    (
        "tool-choice-none-ignored",
        "calls a tool although it must not",
        "request.tool_choice.effect",
        _choosing("none", "auto"),
    ),
    (
        "tool-choice-required-ignored",
        "answers in words although a call is required",
        "request.tool_choice.effect",
        _choosing("required", "none"),
    ),
    (
        "tool-choice-auto-never-calls",
        "never calls a tool by itself",
        "request.tool_choice.auto",
        _choosing("auto", "none"),
    ),
    (
        "tool-choice-name-ignored",
        "calls the first tool instead of the named one",
        "request.tool_choice.effect",
        Hooks(model_input=_first_tool),
    ),
    (
        "allowed-tools-ignored",
        "calls a tool outside those allowed",
        "request.tool_choice.allowed",
        Hooks(model_input=_outside_allowed),
    ),
    (
        "parallel-tool-calls-ignored",
        "calls twice although it may call once",
        "request.parallel_tool_calls.effect",
        change_model_input(remove_fields("parallel_tool_calls")),
    ),
    (
        "required-without-tools-accepted",
        "takes tool_choice required where there are no tools",
        "request.tool_choice.without-tools",
        _taking_required(),
    ),
)

_CALLS: tuple[Any, ...] = (
    (
        "tool-call-as-text",
        "writes the call into the text",
        "request.tool_choice.effect",
        change_draft(_in_words),
    ),
    (
        "tool-name-undeclared",
        "calls a tool that was not declared",
        "call.declared",
        change_draft(map_calls(lambda name, given: (f"functions.{name}", given))),
    ),
    (
        "arguments-not-json",
        "writes arguments that no JSON parser reads",
        "call.arguments",
        change_draft(map_calls(lambda name, given: (name, given.replace('"', "'")))),
    ),
    (
        "arguments-cut",
        "writes arguments without their last brace",
        "call.arguments",
        change_draft(map_calls(lambda name, given: (name, given[:-1]))),
    ),
    (
        "arguments-an-array",
        "writes arguments that are an array",
        "call.arguments",
        change_draft(map_calls(lambda name, given: (name, f"[{given}]"))),
    ),
    (
        "arguments-empty",
        "writes no arguments at all",
        "call.arguments",
        change_draft(map_calls(lambda name, _: (name, ""))),
    ),
    (
        "arguments-encoded-twice",
        "writes arguments as JSON inside a JSON string",
        "call.arguments",
        change_draft(map_calls(lambda name, given: (name, json.dumps(given)))),
    ),
    (
        "arguments-against-schema",
        "leaves required arguments out",
        "request.tools.effect",
        change_draft(map_calls(lambda name, _: (name, "{}"))),
    ),
    (
        "arguments-of-wrong-type",
        "gives numbers where strings are declared",
        "request.tools.effect",
        change_draft(map_calls(_numbers)),
    ),
    (
        "arguments-undeclared",
        "adds an argument that a strict schema does not have",
        "request.tools.effect",
        change_draft(map_calls(lambda name, given: (name, json.dumps({**json.loads(given), "extra": 1})))),
    ),
)

_THOUGHTS: tuple[Any, ...] = (
    (
        "effort-ignored",
        "does not think, however hard it should",
        "request.reasoning.effort.effect",
        change_model_input(remove_fields("reasoning")),
    ),
    (
        "summary-ignored",
        "gives no summary of its thoughts",
        "request.reasoning.summary.effect",
        change_draft(_silent),
    ),
    (
        "reasoning-item-lost",
        "bills thoughts and shows no item for them",
        "request.reasoning.summary.effect",
        change_draft(without_reasoning),
    ),
    (
        "thinks-when-told-not-to",
        "thinks although the effort is none",
        "request.reasoning.effort.effect",
        change_model_input(
            map_field("reasoning.effort", lambda effort: "low" if effort == "none" else effort)
        ),
    ),
    (
        "thoughts-beyond-the-limit",
        "does not count its thoughts against the token limit",
        "request.max_output_tokens.effect",
        Hooks(draft=_thought_for_free),
    ),
)

_STRUCTURED: tuple[Any, ...] = (
    (
        "schema-ignored",
        "answers in prose where a schema was taken",
        "request.text.format.effect",
        lambda _: "A calm person.",
    ),
    (
        "schema-fenced",
        "wraps JSON into a Markdown fence",
        "request.text.format.effect",
        lambda t: f"```json\n{t}\n```",
    ),
    (
        "schema-chatty",
        "puts a sentence before the JSON",
        "request.text.format.effect",
        lambda t: f"Here it is: {t}",
    ),
    ("schema-key-missing", "leaves a required key out", "request.text.format.effect", _less_one),
    (
        "schema-key-added",
        "adds a key that the schema forbids",
        "request.text.format.effect",
        lambda t: _with(t, "extra", 1),
    ),
    (
        "schema-enum-ignored",
        "takes a word outside an enum",
        "request.text.format.effect",
        lambda t: _swap(t, "calm", "angry"),
    ),
    (
        "schema-type-wrong",
        "gives a number as a string",
        "request.text.format.effect",
        lambda t: _swap(t, "42", '"42"'),
    ),
    ("schema-cut", "ends in the middle of the JSON", "request.text.format.effect", lambda t: t[:-1]),
)
