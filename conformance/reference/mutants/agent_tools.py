"""Mutants of the tools beyond functions: refused, dropped without a word, or called as what they are not."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.contract.contracts import Contract
from conformance.reference.conversation import Json
from conformance.reference.hooks import (
    CustomCall,
    Draft,
    Hooks,
    Message,
    OutputItem,
    Refusal,
    Request,
    ToolCall,
)
from conformance.reference.input_mutations import drop_items, refuse_items
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import change_draft, map_items
from conformance.reference.stream_mutations import edit_events, omit_events
from conformance.reference.tool_mutations import drop_tools, refuse_tools, tools_of, without_tools

HOSTED = ("web_search", "code_interpreter", "file_search", "image_generation", "mcp")


def _changed(change: Callable[[CustomCall], OutputItem]) -> Hooks:
    """Makes something else of each custom call."""

    def each(item: OutputItem) -> OutputItem:
        return change(item) if isinstance(item, CustomCall) else item

    return change_draft(lambda draft: map_items(draft, each))


def _wrapped(call: CustomCall) -> str:
    return json.dumps({"input": call.input})


def _without_formats(_: Request, body: Json) -> Json:
    tools = [{k: v for k, v in tool.items() if k != "format"} for tool in tools_of(body)]
    return {**body, "tools": tools} if tools else body


def _as_arguments(events: list[Json]) -> list[Json]:
    """Tells the input of custom calls as the arguments of functions."""
    for event in events:
        if event["type"].startswith("response.custom_tool_call_input"):
            event["type"] = event["type"].replace("custom_tool_call_input", "function_call_arguments")
            event.update({"arguments": event.pop("input")} if "input" in event else {})
    return events


def _any_choice(kind: str, instead: Callable[[Json], Any]) -> Hooks:
    def hear(_: Request, body: Json) -> Json:
        choice = body.get("tool_choice")
        if not isinstance(choice, dict) or choice.get("type") != kind:
            return body
        return {**body, "tool_choice": instead(choice)}

    return Hooks(model_input=hear)


def _taking_undeclared(request: Request, found: Refusal | None) -> Refusal | None:
    choice = request.body.get("tool_choice")
    is_custom = isinstance(choice, dict) and choice.get("type") == "custom"
    return None if is_custom and found is not None and found.param == "tool_choice" else found


def _without_namespace(kind: type[ToolCall] | type[CustomCall]) -> Hooks:
    def each(item: OutputItem) -> OutputItem:
        if isinstance(item, ToolCall | CustomCall) and isinstance(item, kind):
            return replace(item, namespace="")
        return item

    return change_draft(lambda draft: map_items(draft, each))


def _flattened(draft: Draft) -> Draft:
    """Puts the namespace before the name, as a gateway does whose upstream has none."""

    def each(item: OutputItem) -> OutputItem:
        if not isinstance(item, ToolCall | CustomCall) or not item.namespace:
            return item
        return replace(item, name=f"{item.namespace}__{item.name}", namespace="")

    return map_items(draft, each)


def _without_deferred(_: Request, body: Json) -> Json:
    kept = [tool for tool in tools_of(body) if not tool.get("defer_loading")]
    return without_tools({**body, "tools": kept}, "tool_search")


def _without_added(_: Request, body: Json) -> Json:
    items = body.get("input")
    if not isinstance(items, list) or not any(map(_is_added, items)):
        return body
    kept = [item for item in items if not _is_added(item)]
    return {**body, "input": kept, "tool_choice": body["tool_choice"] if body.get("tools") else "auto"}


def _refuse_declared_twice(request: Request, found: Refusal | None) -> Refusal | None:
    added = [i for i in request.body.get("input") or () if _is_added(i)]
    if found is None and added and request.body.get("tools"):
        return Refusal(400, "Duplicate tool names.", param="tools", code="invalid_value")
    return found


def _is_added(item: Any) -> bool:
    return isinstance(item, dict) and item.get("type") == "additional_tools"


def _mutant(id_: str, line: str, requirement: str, hooks: Hooks, report: str = "") -> Mutant:
    return Mutant(id_, line, requirement=requirement, hooks=hooks, contract=Contract.OPENAI, report=report)


def _of_custom(item: Json) -> bool:
    return item.get("type") == "custom_tool_call_output"


MUTANTS: tuple[Mutant, ...] = (
    _mutant(
        "custom-tools-refused",
        "passes a custom tool on under a type that nobody knows, which is refused",
        "agent.custom.taken",
        refuse_tools("custom"),
        "looplj/axonhub#1370",
    ),
    _mutant(
        "custom-call-as-function",
        "calls a custom tool as a function whose arguments hold the input",
        "agent.custom.called",
        _changed(lambda call: ToolCall(call.name, _wrapped(call), call.whole)),
        "caozhiyuan/copilot-api#242",
    ),
    _mutant(
        "custom-call-as-text",
        "drops custom tools without a word: what should be their input comes as text",
        "agent.custom.called",
        _changed(lambda call: Message(call.input, call.whole)),
        "ardeyouxipianyi/workbuddy2api-intl#12",
    ),
    _mutant(
        "custom-input-wrapped",
        "wraps the input of a custom call into JSON",
        "agent.custom.raw",
        _changed(lambda call: replace(call, input=_wrapped(call))),
        "caozhiyuan/copilot-api#242",
    ),
    _mutant(
        "custom-format-dropped",
        "does not read the grammar of a custom tool",
        "agent.custom.grammar",
        Hooks(model_input=_without_formats),
    ),
    _mutant(
        "custom-input-events-missing",
        "streams a custom call without its input",
        "agent.custom.events",
        omit_events("response.custom_tool_call_input.*"),
    ),
    _mutant(
        "custom-input-as-arguments",
        "streams the input of a custom call as the arguments of a function",
        "agent.custom.events",
        edit_events(_as_arguments),
    ),
    _mutant(
        "custom-output-refused",
        "refuses what a custom tool answered",
        "agent.custom.result",
        refuse_items(_of_custom),
    ),
    _mutant(
        "custom-output-dropped",
        "takes what a custom tool answered and does not read it",
        "agent.custom.result-read",
        drop_items(_of_custom),
    ),
    _mutant(
        "allowed-custom-ignored",
        "calls a tool beside the custom one that is allowed",
        "agent.choice.followed",
        _any_choice("allowed_tools", lambda choice: choice.get("mode", "auto")),
    ),
    _mutant(
        "function-choice-beside-custom-ignored",
        "lets the model choose where a function is named beside a custom tool",
        "agent.choice.followed",
        _any_choice("function", lambda _: "auto"),
    ),
    _mutant(
        "custom-choice-undeclared-accepted",
        "takes the choice of a custom tool that was not declared",
        "agent.choice.undeclared",
        Hooks(validate=_taking_undeclared),
    ),
    _mutant(
        "web-search-dropped",
        "removes a web search without a word",
        "agent.hosted.forced",
        drop_tools("web_search"),
        "looplj/axonhub#1313",
    ),
    _mutant(
        "hosted-choice-ignored",
        "answers in words where a hosted tool is forced",
        "agent.hosted.forced",
        Hooks(model_input=lambda _, body: without_tools(body, *HOSTED)),
        "router-for-me/CLIProxyAPI#4718",
    ),
    _mutant(
        "hosted-tools-dropped",
        "takes every hosted tool and has none",
        "agent.hosted.forced",
        drop_tools(*HOSTED),
    ),
    _mutant(
        "client-run-tools-dropped",
        "takes apply_patch and shell and calls neither",
        "agent.client-run.forced",
        drop_tools("apply_patch", "shell"),
    ),
    _mutant(
        "namespace-of-function-lost",
        "calls a function without the namespace that it is in",
        "agent.namespace.called",
        _without_namespace(ToolCall),
        "router-for-me/CLIProxyAPI#3298",
    ),
    _mutant(
        "namespace-of-custom-lost",
        "calls a custom tool without the namespace that it is in",
        "agent.namespace.called",
        _without_namespace(CustomCall),
        "router-for-me/CLIProxyAPI#4850",
    ),
    _mutant(
        "namespace-in-name",
        "puts the namespace into the name of the call",
        "agent.namespace.called",
        change_draft(_flattened),
    ),
    _mutant(
        "namespace-dropped",
        "takes a namespace and drops the tools in it",
        "agent.namespace.called",
        drop_tools("namespace"),
    ),
    _mutant(
        "tool-search-dropped",
        "drops tool_search, so that nothing finds what is not loaded",
        "agent.tool-search.found",
        Hooks(model_input=_without_deferred),
        "router-for-me/CLIProxyAPI#5588",
    ),
    _mutant(
        "additional-tools-dropped",
        "does not read the tools that the input adds",
        "agent.additional-tools.called",
        Hooks(model_input=_without_added),
    ),
    _mutant(
        "additional-tools-collide",
        "refuses a tool that is declared and added",
        "agent.additional-tools.twice",
        Hooks(validate=_refuse_declared_twice),
        "router-for-me/CLIProxyAPI#4788",
    ),
)
