"""Mutants of tool calls: which tool is called, and with which arguments."""

import json
from dataclasses import replace

from conformance.reference.conversation import Json
from conformance.reference.field_mutations import accept_values, refuse_values
from conformance.reference.hooks import Draft, Hooks, Message, OutputItem, Request, ToolCall
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import (
    change_draft,
    change_model_input,
    changed_copy,
    forget_roles,
    map_calls,
    map_items,
    remove_fields,
    set_field,
)
from conformance.reference.stream_mutations import change_items


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


def _numbers(name: str, given: str) -> tuple[str, str]:
    return name, json.dumps({key: 7 if isinstance(v, str) else v for key, v in json.loads(given).items()})


def _texts(name: str, given: str) -> tuple[str, str]:
    told = json.loads(given).items()
    return name, json.dumps({key: v if isinstance(v, str) else json.dumps(v) for key, v in told})


def _in_words(draft: Draft) -> Draft:
    def change(item: OutputItem) -> OutputItem:
        if not isinstance(item, ToolCall):
            return item
        return Message(
            f'<tool_call>{{"name": "{item.name}", "arguments": {item.arguments}}}</tool_call>', item.whole
        )

    return map_items(draft, change)


def _doubled(draft: Draft) -> Draft:
    twice = [[item, item] if isinstance(item, ToolCall) else [item] for item in draft.items]
    return replace(draft, items=tuple(item for both in twice for item in both))


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "tool-choice-none-ignored",
        "calls a tool although it must not",
        requirement="request.tool_choice.effect",
        hooks=_choosing("none", "auto"),
    ),
    Mutant(
        "tool-choice-required-ignored",
        "answers in words although a call is required",
        requirement="request.tool_choice.effect",
        hooks=_choosing("required", "none"),
    ),
    Mutant(
        "tool-choice-required-as-auto",
        "leaves a required call to the model",
        requirement="request.tool_choice.effect",
        hooks=_choosing("required", "auto"),
    ),
    Mutant(
        "tool-choice-name-ignored",
        "calls the first tool instead of the named one",
        requirement="request.tool_choice.effect",
        hooks=Hooks(model_input=_first_tool),
    ),
    Mutant(
        "tool-call-as-text",
        "writes the call into the text",
        requirement="request.tool_choice.effect",
        hooks=change_draft(_in_words),
    ),
    Mutant(
        "call-type-tool-call",
        "calls a call tool_call",
        requirement="request.tool_choice.effect",
        hooks=change_items("function_call", set_field("type", "tool_call")),
    ),
    Mutant(
        "tool-choice-auto-never-calls",
        "never calls a tool by itself",
        requirement="request.tool_choice.auto",
        hooks=_choosing("auto", "none"),
    ),
    Mutant(
        "tool_choice-undeclared-accepted",
        "takes the choice of a tool that was not declared",
        requirement="request.tool_choice.undeclared",
        hooks=accept_values("tool_choice", lambda v: isinstance(v, dict) and v.get("name") is not None),
    ),
    Mutant(
        "required-without-tools-accepted",
        "takes tool_choice required where there are no tools",
        requirement="request.tool_choice.without-tools",
        hooks=_taking_required(),
    ),
    Mutant(
        "arguments-against-schema",
        "leaves required arguments out",
        requirement="request.tools.effect",
        hooks=change_draft(map_calls(lambda name, _: (name, "{}"))),
    ),
    Mutant(
        "arguments-of-wrong-type",
        "gives numbers where strings are declared",
        requirement="request.tools.effect",
        hooks=change_draft(map_calls(_numbers)),
    ),
    Mutant(
        "arguments-all-texts",
        "gives every argument as a text",
        requirement="request.tools.effect",
        hooks=change_draft(map_calls(_texts)),
    ),
    Mutant(
        "arguments-undeclared",
        "adds an argument that a strict schema does not have",
        requirement="request.tools.effect",
        hooks=change_draft(
            map_calls(lambda name, given: (name, json.dumps({**json.loads(given), "extra": 1})))
        ),
    ),
    Mutant(
        "tool-output-refused",
        "refuses what a tool answered",
        requirement="request.tools.result",
        hooks=refuse_values(
            "input", lambda v: any(i.get("type") == "function_call_output" for i in v if isinstance(i, dict))
        ),
    ),
    Mutant(
        "tool-output-ignored",
        "does not hear what a tool answered",
        requirement="request.tools.result-read",
        hooks=forget_roles({"tool", "call"}),
    ),
    Mutant(
        "calls-doubled",
        "makes each call twice",
        requirement="request.tools.once",
        hooks=change_draft(_doubled),
        report="Soju06/codex-lb#586",
    ),
    Mutant(
        "parallel-tool-calls-ignored",
        "calls twice although it may call once",
        requirement="request.parallel_tool_calls.effect",
        hooks=change_model_input(remove_fields("parallel_tool_calls")),
    ),
    Mutant(
        "allowed-tools-ignored",
        "calls a tool outside those allowed",
        requirement="request.tool_choice.allowed",
        hooks=Hooks(model_input=_outside_allowed),
    ),
)
