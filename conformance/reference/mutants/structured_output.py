"""Mutants of structured output: text that the schema asked for does not accept."""

import json
from collections.abc import Callable
from typing import Any

from conformance.reference.conversation import Json
from conformance.reference.hooks import Draft, Hooks, Request
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import changed_copy, map_texts, remove_fields


def _shaping(kind: str, how: Callable[[str], str]) -> Hooks:
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


def _without_format_beside_tools(_: Request, body: Json) -> Json:
    return changed_copy(body, remove_fields("text.format")) if body.get("tools") else body


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "json-object-ignored",
        "answers json_object in prose",
        requirement="request.text.format.effect",
        hooks=_shaping("json_object", lambda _: "Here you are."),
    ),
    Mutant(
        "json-object-an-array",
        "answers json_object with an array",
        requirement="request.text.format.effect",
        hooks=_shaping("json_object", lambda t: f"[{t}]"),
    ),
    Mutant(
        "schema-ignored",
        "answers in prose where a schema was taken",
        requirement="request.text.format.effect",
        hooks=_shaping("json_schema", lambda _: "A calm person."),
        report="NousResearch/hermes-agent#33864",
    ),
    Mutant(
        "schema-ignored-beside-tools",
        "answers in prose where a schema was taken and tools are declared",
        requirement="request.text.format.effect",
        hooks=Hooks(model_input=_without_format_beside_tools),
    ),
    Mutant(
        "schema-fenced",
        "wraps JSON into a Markdown fence",
        requirement="request.text.format.effect",
        hooks=_shaping("json_schema", lambda t: f"```json\n{t}\n```"),
    ),
    Mutant(
        "schema-chatty",
        "puts a sentence before the JSON",
        requirement="request.text.format.effect",
        hooks=_shaping("json_schema", lambda t: f"Here it is: {t}"),
    ),
    Mutant(
        "schema-key-missing",
        "leaves a required key out",
        requirement="request.text.format.effect",
        hooks=_shaping("json_schema", _less_one),
    ),
    Mutant(
        "schema-key-added",
        "adds a key that the schema forbids",
        requirement="request.text.format.effect",
        hooks=_shaping("json_schema", lambda t: _with(t, "extra", 1)),
    ),
    Mutant(
        "schema-enum-ignored",
        "takes a word outside an enum",
        requirement="request.text.format.effect",
        hooks=_shaping("json_schema", lambda t: _swap(t, "calm", "angry")),
    ),
    Mutant(
        "schema-type-wrong",
        "gives a number as a string",
        requirement="request.text.format.effect",
        hooks=_shaping("json_schema", lambda t: _swap(t, "42", '"42"')),
    ),
    Mutant(
        "schema-cut",
        "ends in the middle of the JSON",
        requirement="request.text.format.effect",
        hooks=_shaping("json_schema", lambda t: t[:-1]),
    ),
)
