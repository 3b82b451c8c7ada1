"""The conversation as the model sees it: every shape that `input` may have, as a list of items."""

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from conformance.reference.files import text_of

Json = dict[str, Any]
Role = Literal["system", "developer", "user", "assistant", "call", "tool"]

TOKENS_PER_IMAGE = 85
TOKENS_PER_ITEM = 3


@dataclass(frozen=True, slots=True)
class ConversationItem:
    """Who said what. `call_id` ties a tool's output to the call that asked for it."""

    role: Role
    text: str
    images: tuple[str, ...] = ()
    call_id: str = ""


def items_of(given: Any) -> list[Json]:
    """An `input` of either shape as a list of items."""
    if isinstance(given, str):
        return [{"type": "message", "role": "user", "content": given}]
    if isinstance(given, list):
        return [item for item in given if isinstance(item, dict)]
    return []


def conversation_of(items: Iterable[Json]) -> list[ConversationItem]:
    """The conversation that a list of input or output items stands for; reasoning says nothing."""
    return [found for item in items for found in _conversation(item)]


def compacted(conversation: Iterable[ConversationItem]) -> str:
    """A conversation packed into the opaque text of a compaction item."""
    packed = [[item.role, item.text, item.call_id] for item in conversation]
    return base64.b64encode(json.dumps(packed).encode()).decode()


def _conversation(item: Json) -> Iterator[ConversationItem]:
    match item.get("type", "message"):
        case "message":
            yield _message(item)
        case "function_call":
            said = f"{item.get('name', '')} {item.get('arguments', '')}"
            yield ConversationItem("call", said, call_id=str(item.get("call_id", "")))
        case "custom_tool_call":
            said = f"{item.get('name', '')} {item.get('input', '')}"
            yield ConversationItem("call", said, call_id=str(item.get("call_id", "")))
        case "function_call_output" | "custom_tool_call_output":
            text, images = _content(item.get("output"))
            yield ConversationItem("tool", text, images, str(item.get("call_id", "")))
        case "compaction":
            yield from _unpacked(str(item.get("encrypted_content", "")))


def _message(item: Json) -> ConversationItem:
    given = item.get("role")
    text, images = _content(item.get("content"))
    role: Role = given if given in {"system", "developer", "assistant"} else "user"
    return ConversationItem(role, text, images)


def _content(content: Any) -> tuple[str, tuple[str, ...]]:
    if not isinstance(content, list):
        return (content if isinstance(content, str) else ""), ()
    parts = [part for part in content if isinstance(part, Mapping)]
    # An answer is one text, in however many parts; what a user says in parts is several.
    between = "" if any(part.get("type") == "output_text" for part in parts) else "\n"
    text = between.join(_said(part) for part in parts)
    images = tuple(str(part.get("image_url") or "") for part in parts if part.get("type") == "input_image")
    return text.strip("\n"), images


def _said(part: Mapping[str, Any]) -> str:
    file = part.get("file_data") if part.get("type") == "input_file" else None
    return text_of(str(file)) if file else str(part.get("text") or part.get("refusal") or "")


def _unpacked(packed: str) -> Iterator[ConversationItem]:
    try:
        rows = json.loads(base64.b64decode(packed, validate=True))
        yield from (ConversationItem(role, str(text), (), str(call)) for role, text, call in rows)
    except (binascii.Error, ValueError, TypeError):
        return
