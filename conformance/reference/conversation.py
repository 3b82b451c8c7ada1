"""The conversation as the model sees it: every shape that `input` may have, as a list of turns."""

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Json = dict[str, Any]
Speaker = Literal["system", "developer", "user", "assistant", "call", "tool"]

TOKENS_PER_IMAGE = 85
TOKENS_PER_TURN = 3


@dataclass(frozen=True, slots=True)
class Turn:
    """Who said what. `call_id` ties a tool's output to the call that asked for it."""

    speaker: Speaker
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


def turns_of(items: Iterable[Json]) -> list[Turn]:
    """The turns that a list of input or output items stands for; reasoning says nothing."""
    return [turn for item in items for turn in _turns(item)]


def compacted(turns: Iterable[Turn]) -> str:
    """The turns packed into the opaque text of a compaction item."""
    packed = [[turn.speaker, turn.text, turn.call_id] for turn in turns]
    return base64.b64encode(json.dumps(packed).encode()).decode()


def _turns(item: Json) -> Iterator[Turn]:
    match item.get("type", "message"):
        case "message":
            yield _message(item)
        case "function_call":
            said = f"{item.get('name', '')} {item.get('arguments', '')}"
            yield Turn("call", said, call_id=str(item.get("call_id", "")))
        case "function_call_output":
            text, images = _content(item.get("output"))
            yield Turn("tool", text, images, str(item.get("call_id", "")))
        case "compaction":
            yield from _unpacked(str(item.get("encrypted_content", "")))


def _message(item: Json) -> Turn:
    role = item.get("role")
    text, images = _content(item.get("content"))
    speaker: Speaker = role if role in {"system", "developer", "assistant"} else "user"
    return Turn(speaker, text, images)


def _content(content: Any) -> tuple[str, tuple[str, ...]]:
    if not isinstance(content, list):
        return (content if isinstance(content, str) else ""), ()
    parts = [part for part in content if isinstance(part, Mapping)]
    text = "\n".join(str(part.get("text") or part.get("refusal") or "") for part in parts)
    images = tuple(str(part.get("image_url") or "") for part in parts if part.get("type") == "input_image")
    return text.strip("\n"), images


def _unpacked(packed: str) -> Iterator[Turn]:
    try:
        rows = json.loads(base64.b64decode(packed, validate=True))
        yield from (Turn(speaker, str(text), (), str(call)) for speaker, text, call in rows)
    except (binascii.Error, ValueError, TypeError):
        return
