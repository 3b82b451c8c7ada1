"""Mutants of what clients send: shapes that are refused, and shapes that are taken and dropped."""

from collections.abc import Callable
from typing import Any

from conformance.contract.contracts import Contract
from conformance.reference.conversation import ConversationItem, Json
from conformance.reference.field_mutations import crash_on_values, refuse_values
from conformance.reference.hooks import Hooks, Refusal, Request
from conformance.reference.input_mutations import (
    before_a_call,
    change_items_of_input,
    drop_items,
    is_assistant_in_parts,
    is_item,
    is_numbered_by_client,
    is_sent_back,
    refuse_items,
    with_list_output,
)
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import change_model_input, combine
from conformance.reference.reply_mutations import server_error
from conformance.reference.validation import CONTEXT

SEEN_OF_A_MESSAGE = 2_000
"""Characters of each message that a short memory keeps, from its end."""


def _tools(keep: Callable[[int, Json], bool]) -> Hooks:
    """Offers the model those tools alone; the echo stays right."""

    def change(body: Json) -> None:
        if isinstance(body.get("tools"), list):
            body["tools"] = [tool for index, tool in enumerate(body["tools"]) if keep(index, tool)]

    return change_model_input(change)


def _parameters(tool: Json) -> Json:
    found = tool.get("parameters")
    return found if isinstance(found, dict) else {}


def _cut(_: Request, conversation: list[ConversationItem]) -> list[ConversationItem]:
    return [
        ConversationItem(item.role, item.text[-SEEN_OF_A_MESSAGE:], item.images, item.call_id)
        for item in conversation
    ]


def _instructions_alone(request: Request, conversation: list[ConversationItem]) -> list[ConversationItem]:
    if not request.body.get("instructions"):
        return conversation
    opening, *said = conversation
    return [opening, *(item for item in said if item.role not in {"system", "developer"})]


def _refuse_long(request: Request, found: Refusal | None) -> Refusal | None:
    if found is None and len(request.raw) > 30_000:
        return Refusal(413, "The body is too long.", code="body_too_large")
    return found


def _is_over_long(request: Request) -> bool:
    return len(request.raw) > CONTEXT


def _refuse_both(first: Callable[[Json], bool], second: Callable[[Json], bool]) -> Hooks:
    def refuse(request: Request, found: Refusal | None) -> Refusal | None:
        if found is None and first(request.body) and second(request.body):
            return Refusal(400, "Invalid request.", code="invalid_value")
        return found

    return Hooks(validate=refuse)


def _has(matches: Callable[[Json], bool]) -> Callable[[Json], bool]:
    return lambda body: any(is_item(i) and matches(i) for i in body.get("input") or ())


def _emptied(item: Json) -> Json:
    return {**item, "output": ""}


INCLUDE = refuse_values("include", lambda v: v == [])
IDS = combine(refuse_items(is_numbered_by_client), refuse_items(is_sent_back))
THOUGHTS = refuse_items(lambda item: item.get("type") == "reasoning")
REFERENCES = refuse_items(lambda item: item.get("type") == "item_reference")
OUTPUT_PARTS = refuse_items(with_list_output)
ASSISTANT_PARTS = refuse_items(is_assistant_in_parts)
SIX_SHAPES = combine(INCLUDE, IDS, THOUGHTS, REFERENCES, OUTPUT_PARTS, ASSISTANT_PARTS)
"""What real gateways were seen to refuse while every hand-written request was answered."""

_NUMBERED = drop_items(
    lambda i: i.get("type") != "reasoning" and (is_numbered_by_client(i) or is_sent_back(i))
)
DROPPED = {
    "ids": _NUMBERED,
    "references": drop_items(lambda item: item.get("type") == "item_reference"),
    "outputs": change_items_of_input(with_list_output, _emptied),
    "parts": drop_items(is_assistant_in_parts),
}
"""Taken and not read. An empty `include` says nothing that could be lost; thoughts need not be read."""


def _any_tool(matches: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda tools: isinstance(tools, list) and any(matches(t) for t in tools if isinstance(t, dict))


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "six-client-shapes-refused",
        "refuses six shapes that clients always send, and answers every hand-written request",
        requirement="client.include-empty",
        hooks=SIX_SHAPES,
        contract=Contract.OPENAI,
    ),
    Mutant(
        "client-shapes-dropped",
        "takes the items that clients always send, and reads none of them",
        requirement="client.items.read",
        hooks=combine(DROPPED["ids"], DROPPED["outputs"], DROPPED["parts"]),
    ),
    Mutant(
        "include-empty-refused",
        "refuses an empty include",
        requirement="client.include-empty",
        hooks=INCLUDE,
    ),
    Mutant(
        "client-metadata-crashes",
        "breaks on a field that it does not know",
        requirement="client.extras",
        hooks=crash_on_values("client_metadata", lambda _: True),
    ),
    Mutant(
        "dozen-tools-refused",
        "refuses more than ten tools",
        requirement="client.tools.many",
        hooks=refuse_values("tools", lambda v: len(v) > 10),
    ),
    Mutant(
        "tool-schema-named-refused",
        "refuses $schema in a tool's parameters",
        requirement="client.tools.schema",
        hooks=refuse_values("tools", _any_tool(lambda tool: "$schema" in _parameters(tool))),
    ),
    Mutant(
        "tool-not-strict-refused",
        "refuses strict: false",
        requirement="client.tools.not-strict",
        hooks=refuse_values("tools", _any_tool(lambda tool: tool.get("strict") is False)),
    ),
    Mutant(
        "tools-beyond-ten-dropped",
        "offers the model the first ten tools, and drops the others",
        requirement="client.tools.offered",
        hooks=_tools(lambda index, _: index < 10),
    ),
    Mutant(
        "tools-with-schema-dropped",
        "drops tools whose parameters name $schema",
        requirement="client.tools.offered",
        hooks=_tools(lambda _, tool: "$schema" not in _parameters(tool)),
    ),
    Mutant(
        "tools-not-strict-dropped",
        "drops tools that are not strict",
        requirement="client.tools.offered",
        hooks=_tools(lambda _, tool: tool.get("strict") is not False),
    ),
    Mutant(
        "instructions-beside-developer-refused",
        "refuses instructions beside a developer's message",
        requirement="client.instructions",
        hooks=_refuse_both(
            lambda b: bool(b.get("instructions")), _has(lambda i: i.get("role") == "developer")
        ),
        contract=Contract.OPENAI,
    ),
    Mutant(
        "developer-beside-instructions-dropped",
        "drops the messages of system and developer where instructions are given",
        requirement="client.instructions.read",
        hooks=Hooks(conversation=_instructions_alone),
    ),
    Mutant(
        "forty-kilobytes-refused",
        "refuses a body of 40 kB",
        requirement="client.long-input",
        hooks=Hooks(validate=_refuse_long),
    ),
    Mutant(
        "forty-kilobytes-cut",
        "reads the end of a long message alone, and says nothing of it",
        requirement="client.long-input.read",
        hooks=Hooks(conversation=_cut),
    ),
    Mutant(
        "over-long-input-502",
        "answers an input that the model cannot hold with 502",
        requirement="client.over-long",
        hooks=Hooks(reply=lambda request, made: server_error(502) if _is_over_long(request) else made),
    ),
    Mutant(
        "over-long-input-cut",
        "reads the end of an input that the model cannot hold, and says nothing of it",
        requirement="client.over-long.read",
        hooks=Hooks(
            validate=lambda request, found: None if _is_over_long(request) else found,
            conversation=lambda request, items: _cut(request, items) if _is_over_long(request) else items,
        ),
    ),
    Mutant(
        "client-item-ids-refused",
        "refuses an id on a user's message and on a tool's output",
        requirement="client.items.ids",
        hooks=refuse_items(is_numbered_by_client),
        contract=Contract.OPENRESPONSES,
    ),
    Mutant(
        "any-item-ids-refused",
        "refuses id and status on any input item",
        requirement="client.items.ids",
        hooks=IDS,
        contract=Contract.OPENAI,
    ),
    Mutant(
        "assistant-parts-refused",
        "refuses an assistant's message in parts",
        requirement="client.items.assistant-parts",
        hooks=ASSISTANT_PARTS,
    ),
    Mutant(
        "text-before-call-refused",
        "refuses a call that follows an assistant's text",
        requirement="client.items.text-before-call",
        hooks=Hooks(
            validate=lambda request, found: (
                found or Refusal(400, "A call must follow a user's message.", param="input")
                if before_a_call(request.body.get("input"))
                else found
            )
        ),
    ),
    Mutant(
        "output-parts-refused",
        "refuses a tool's output in parts",
        requirement="client.items.output-parts",
        report="ggml-org/llama.cpp#23465",
        hooks=OUTPUT_PARTS,
        contract=Contract.OPENAI,
    ),
    Mutant(
        "numbered-items-dropped",
        "drops the messages that a client numbered",
        requirement="client.items.read",
        hooks=drop_items(lambda item: is_numbered_by_client(item) and "role" in item),
    ),
    Mutant(
        "assistant-parts-dropped",
        "does not read an assistant's message in parts",
        requirement="client.items.read",
        hooks=drop_items(is_assistant_in_parts),
    ),
    Mutant(
        "text-before-call-dropped",
        "loses an assistant's text before a call",
        requirement="client.items.read",
        report="router-for-me/CLIProxyAPI#4676",
        hooks=Hooks(
            effective_body=lambda _, body: {
                **body,
                **({"input": kept} if (kept := _without_text_before_call(body.get("input"))) else {}),
            }
        ),
    ),
    Mutant(
        "output-parts-dropped",
        "does not read a tool's output in parts",
        requirement="client.items.read",
        hooks=change_items_of_input(with_list_output, _emptied),
    ),
    Mutant(
        "include-beside-a-dozen-tools-refused",
        "refuses an include beside many tools",
        requirement="client.together",
        hooks=_refuse_both(lambda b: "include" in b, lambda b: len(b.get("tools") or ()) > 10),
    ),
    Mutant(
        "output-parts-beside-text-refused",
        "refuses a tool's output in parts beside an assistant's message in parts",
        requirement="client.together",
        hooks=_refuse_both(_has(with_list_output), _has(is_assistant_in_parts)),
    ),
)


def _without_text_before_call(items: Any) -> list[Any]:
    lost = before_a_call(items)
    return [item for index, item in enumerate(items) if index not in lost] if lost else []
