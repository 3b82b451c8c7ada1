"""Mutants of what the model produces beside plain text: tool calls, reasoning, structured output."""

import json
from collections.abc import Iterator
from typing import Any

from conformance.reference.conversation import Json
from conformance.reference.hooks import Asked, Called, Draft, Piece, Said, Seams, Thought
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import (
    called,
    changed,
    drafted,
    drop,
    heard,
    put,
    replaced,
    said,
    thoughtless,
    turn,
)


def production_mutants() -> Iterator[Mutant]:
    """Choices, calls, thoughts, shapes."""
    yield from _choices()
    yield from _calls()
    yield from _thoughts()
    yield from _structured()


def _choices() -> Iterator[Mutant]:
    for name, line, requirement, seams in _CHOICES:
        yield Mutant(name, line, requirement, seams)


def _choosing(choice: str, instead: str) -> Seams:
    def hear(_: Asked, body: Json) -> Json:
        if body.get("tool_choice", "auto") != choice or not body.get("tools"):
            return body
        return changed(body, put("tool_choice", instead))

    return Seams(heard=hear)


def _first_tool(_: Asked, body: Json) -> Json:
    choice = body.get("tool_choice")
    if not isinstance(choice, dict) or choice.get("type") != "function":
        return body
    others = [tool for tool in body["tools"] if tool["name"] != choice["name"]]
    return (
        changed(body, put("tool_choice", {"type": "function", "name": others[0]["name"]})) if others else body
    )


def _outside_allowed(_: Asked, body: Json) -> Json:
    choice = body.get("tool_choice")
    if not isinstance(choice, dict) or choice.get("type") != "allowed_tools":
        return body
    return changed(body, put("tool_choice", choice.get("mode", "auto")))


def _taking_required() -> Seams:
    return Seams(
        refuse=lambda asked, found: (
            None if asked.body.get("tool_choice") == "required" and not asked.body.get("tools") else found
        )
    )


def _calls() -> Iterator[Mutant]:
    for name, line, requirement, seams in _CALLS:
        yield Mutant(name, line, requirement, seams)


def _numbers(name: str, given: str) -> tuple[str, str]:
    return name, json.dumps({key: 7 if isinstance(v, str) else v for key, v in json.loads(given).items()})


def _in_words(draft: Draft) -> Draft:
    def change(piece: Piece) -> Piece:
        if not isinstance(piece, Called):
            return piece
        return Said(
            f'<tool_call>{{"name": "{piece.name}", "arguments": {piece.arguments}}}</tool_call>', piece.whole
        )

    return replaced(draft, change)


def _thoughts() -> Iterator[Mutant]:
    for name, line, requirement, seams in _THOUGHTS:
        yield Mutant(name, line, requirement, seams)


def _silent(draft: Draft) -> Draft:
    def change(piece: Piece) -> Piece:
        return Thought(piece.tokens, (), piece.whole) if isinstance(piece, Thought) else piece

    return replaced(draft, change)


def _thought_for_free(asked: Asked, draft: Draft) -> Draft:
    if "max_output_tokens" not in asked.body:
        return draft
    pieces = draft.pieces
    return Draft(pieces, draft.input_tokens, draft.output_tokens + 20, draft.reasoning_tokens + 20)


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


def _shaping(kind: str, how: Any) -> Seams:
    def draft(asked: Asked, found: Draft) -> Draft:
        layout = (asked.body.get("text") or {}).get("format") or {}
        return said(how)(found) if layout.get("type") == kind else found

    return Seams(draft=draft)


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
        Seams(heard=_first_tool),
    ),
    (
        "allowed-tools-ignored",
        "calls a tool outside those allowed",
        "request.tool_choice.allowed",
        Seams(heard=_outside_allowed),
    ),
    (
        "parallel-tool-calls-ignored",
        "calls twice although it may call once",
        "request.parallel_tool_calls.effect",
        heard(drop("parallel_tool_calls")),
    ),
    (
        "required-without-tools-accepted",
        "takes tool_choice required where there are no tools",
        "request.tool_choice.without-tools",
        _taking_required(),
    ),
)

_CALLS: tuple[Any, ...] = (
    ("tool-call-as-text", "writes the call into the text", "request.tool_choice.effect", drafted(_in_words)),
    (
        "tool-name-undeclared",
        "calls a tool that was not declared",
        "call.declared",
        drafted(called(lambda name, given: (f"functions.{name}", given))),
    ),
    (
        "arguments-not-json",
        "writes arguments that no JSON parser reads",
        "call.arguments",
        drafted(called(lambda name, given: (name, given.replace('"', "'")))),
    ),
    (
        "arguments-cut",
        "writes arguments without their last brace",
        "call.arguments",
        drafted(called(lambda name, given: (name, given[:-1]))),
    ),
    (
        "arguments-an-array",
        "writes arguments that are an array",
        "call.arguments",
        drafted(called(lambda name, given: (name, f"[{given}]"))),
    ),
    (
        "arguments-empty",
        "writes no arguments at all",
        "call.arguments",
        drafted(called(lambda name, _: (name, ""))),
    ),
    (
        "arguments-encoded-twice",
        "writes arguments as JSON inside a JSON string",
        "call.arguments",
        drafted(called(lambda name, given: (name, json.dumps(given)))),
    ),
    (
        "arguments-against-schema",
        "leaves required arguments out",
        "request.tools.effect",
        drafted(called(lambda name, _: (name, "{}"))),
    ),
    (
        "arguments-of-wrong-type",
        "gives numbers where strings are declared",
        "request.tools.effect",
        drafted(called(_numbers)),
    ),
    (
        "arguments-undeclared",
        "adds an argument that a strict schema does not have",
        "request.tools.effect",
        drafted(called(lambda name, given: (name, json.dumps({**json.loads(given), "extra": 1})))),
    ),
)

_THOUGHTS: tuple[Any, ...] = (
    (
        "effort-ignored",
        "does not think, however hard it should",
        "request.reasoning.effort.effect",
        heard(drop("reasoning")),
    ),
    (
        "summary-ignored",
        "gives no summary of its thoughts",
        "request.reasoning.summary.effect",
        drafted(_silent),
    ),
    (
        "reasoning-item-lost",
        "bills thoughts and shows no item for them",
        "request.reasoning.summary.effect",
        drafted(thoughtless),
    ),
    (
        "thinks-when-told-not-to",
        "thinks although the effort is none",
        "request.reasoning.effort.effect",
        heard(turn("reasoning.effort", lambda effort: "low" if effort == "none" else effort)),
    ),
    (
        "thoughts-beyond-the-limit",
        "does not count its thoughts against the token limit",
        "request.max_output_tokens.effect",
        Seams(draft=_thought_for_free),
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
