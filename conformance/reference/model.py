"""The obedient model: from a body and its conversation to a draft within the token limit."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from conformance.reference.agent_tools import agent_items, are_agent_s, is_triggered
from conformance.reference.calls import calls_for
from conformance.reference.conversation import (
    TOKENS_PER_IMAGE,
    TOKENS_PER_ITEM,
    ConversationItem,
    Json,
    compacted,
)
from conformance.reference.hooks import (
    CustomCall,
    Draft,
    HostedCall,
    Message,
    OutputItem,
    Reasoning,
    RefusalText,
    ToolCall,
)
from conformance.reference.prose import refusal_in, reply_to
from conformance.reference.samples import Sampler
from conformance.reference.tokens import count, split

THINKING = {"none": 0, "minimal": 4, "low": 8, "medium": 16, "high": 32, "xhigh": 64, "max": 96}
"""Reasoning tokens by effort."""

_IN_TWO_PARTS = ("**Reading the prompt.** It says what to reply.", "**Replying.** Nothing else is needed.")

CALL_OVERHEAD = 2
UNLIMITED = 1 << 62


def generate(body: Json, conversation: Sequence[ConversationItem]) -> Draft:
    """Answer a conversation. The limit holds for reasoning and visible tokens together."""
    left = body.get("max_output_tokens", UNLIMITED)
    limit = left
    items: list[OutputItem] = []
    for wanted in _wanted(body, conversation):
        if left <= 0 and items:
            items[-1] = _cut(items[-1])
            break
        item, used = _within(wanted, left)
        items.append(item)
        left -= used
        if not item.whole:
            break
    spent = limit - left
    thought = sum(item.tokens for item in items if isinstance(item, Reasoning))
    return Draft(tuple(items), input_tokens(body, conversation), spent, thought)


def effort_of(body: Json) -> str:
    """The effort in force: what was asked, `medium` where only a summary was, else none."""
    reasoning = body.get("reasoning") or {}
    if effort := reasoning.get("effort"):
        return str(effort)
    return "medium" if reasoning.get("summary") or reasoning.get("generate_summary") else "none"


def input_tokens(body: Json, conversation: Sequence[ConversationItem]) -> int:
    """What the conversation, the tools and the format cost on the way in."""
    spoken = sum(count(t.text) + TOKENS_PER_ITEM + TOKENS_PER_IMAGE * len(t.images) for t in conversation)
    shapes = [*(body.get("tools") or ()), (body.get("text") or {}).get("format", {}).get("schema")]
    return spoken + sum(count(json.dumps(shape)) for shape in shapes if shape)


def _wanted(body: Json, conversation: Sequence[ConversationItem]) -> list[OutputItem]:
    thoughts = _thoughts(body)
    if is_triggered(body):
        return [HostedCall({"type": "compaction", "encrypted_content": compacted(conversation)})]
    if are_agent_s(body):
        if items := agent_items(body, conversation):
            return [*thoughts, *items]
    elif calls := calls_for(body, conversation):
        return [*thoughts, *(ToolCall(name, arguments) for name, arguments in calls)]
    if refusal := refusal_in(conversation):
        return [*thoughts, RefusalText(refusal)]
    text = _stopped(_text(body, conversation), body.get("stop"))
    return [*thoughts, *[Message(text)] * int(body.get("n", 1))]


def _thoughts(body: Json) -> list[OutputItem]:
    tokens = THINKING.get(effort_of(body), 0)
    if not tokens:
        return []
    reasoning = body.get("reasoning") or {}
    asked = reasoning.get("summary") or reasoning.get("generate_summary")
    summary = _IN_TWO_PARTS[: 1 if asked == "concise" else 2] if asked else ()
    return [Reasoning(tokens, summary)]


def _text(body: Json, conversation: Sequence[ConversationItem]) -> str:
    shape = body.get("text") or {}
    layout = shape.get("format") or {"type": "text"}
    said = reply_to(conversation, shape.get("verbosity") or "medium")
    match layout.get("type"):
        case "json_schema":
            return json.dumps(Sampler(layout.get("schema") or {}).value(), ensure_ascii=False)
        case "json_object":
            return said if isinstance(_json(said), dict) else json.dumps({"answer": said}, ensure_ascii=False)
        case _:
            return said


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _stopped(text: str, stop: Any) -> str:
    """The text before the first of the stop sequences; an empty one stops nothing."""
    for sequence in [stop] if isinstance(stop, str) else stop or ():
        if sequence:
            text = text.partition(sequence)[0]
    return text


def _within(item: OutputItem, left: int) -> tuple[OutputItem, int]:
    """The piece as far as the tokens left allow, and what it used."""
    match item:
        case Reasoning(tokens, summary):
            return (item, tokens) if tokens <= left else (Reasoning(left, summary, whole=False), left)
        case Message(text) | RefusalText(text):
            parts = split(text)
            if len(parts) <= left:
                return item, max(1, len(parts))
            return type(item)("".join(parts[:left]), whole=False), left
        case ToolCall(_, said) | CustomCall(_, said):
            parts = split(said)
            if len(parts) + CALL_OVERHEAD <= left:
                return item, len(parts) + CALL_OVERHEAD
            return _shortened(item, "".join(parts[: max(0, left - CALL_OVERHEAD)])), left
        case HostedCall():
            used = min(left, CALL_OVERHEAD)
            return (item if used == CALL_OVERHEAD else _cut(item)), used


def _shortened(item: ToolCall | CustomCall, said: str) -> OutputItem:
    if isinstance(item, ToolCall):
        return replace(item, arguments=said, whole=False)
    return replace(item, input=said, whole=False)


def _cut(item: OutputItem) -> OutputItem:
    return replace(item, whole=False)
