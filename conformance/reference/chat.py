"""`POST /v1/chat/completions`: the same obedient model behind the older API.

Gateways that translate need an upstream which speaks it; with this one, what a gateway makes of the
translation can be judged from end to end. Only what the Responses API knows too is understood.
"""

import secrets
from collections.abc import Iterator
from typing import Any

from conformance.reference.conversation import Json, conversation_of
from conformance.reference.events import DONE, encoded
from conformance.reference.hooks import Draft, Frame, Message, RefusalText, Request, ToolCall
from conformance.reference.model import generate
from conformance.reference.tokens import split

_SAME = (
    "model",
    "temperature",
    "top_p",
    "top_logprobs",
    "parallel_tool_calls",
    "stop",
    "n",
    "user",
    "stream",
)


def as_responses(chat: Json) -> Json:
    """The body of a chat completion as the body of a response that asks for the same."""
    body: Json = {name: chat[name] for name in _SAME if name in chat}
    messages = chat.get("messages")
    body["input"] = [i for m in messages for i in _items(m)] if isinstance(messages, list) else None
    limit = chat.get("max_completion_tokens", chat.get("max_tokens"))
    text = {"format": _format(chat.get("response_format")), "verbosity": chat.get("verbosity")}
    tools, choice = chat.get("tools"), chat.get("tool_choice")
    further = {
        "max_output_tokens": limit,
        "reasoning": {"effort": chat["reasoning_effort"]} if "reasoning_effort" in chat else None,
        "text": {name: value for name, value in text.items() if value} or None,
        "tools": [_flat(tool) for tool in tools] if isinstance(tools, list) else tools,
        "tool_choice": _flat(choice),
    }
    return body | {name: value for name, value in further.items() if value is not None}


def completion(request: Request) -> Json:
    """The finished chat completion."""
    draft = _draft(request)
    message = {"role": "assistant", "content": None, "refusal": None, **_said(draft)}
    return {
        **_head(request, "chat.completion"),
        "choices": [
            {"index": 0, "message": message, "logprobs": None, "finish_reason": _finish(draft)},
        ],
        "usage": _usage(draft),
    }


def chunks(request: Request, pace: float) -> tuple[Frame, ...]:
    """The chat completion as a stream of chunks. `pace` is the pause before each, in seconds."""
    draft = _draft(request)
    head = _head(request, "chat.completion.chunk")

    def chunk(delta: Json, finish: str | None = None) -> Json:
        return {**head, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]}

    told = [chunk({"role": "assistant", "content": ""}), *map(chunk, _deltas(draft))]
    told.append(chunk({}, _finish(draft)))
    if (request.sent.get("stream_options") or {}).get("include_usage"):
        told.append({**head, "choices": [], "usage": _usage(draft)})
    return (*(Frame(b"data: " + encoded(each) + b"\n\n", pace) for each in told), Frame(DONE))


def _draft(request: Request) -> Draft:
    return generate(request.body, conversation_of(request.body["input"]))


def _head(request: Request, kind: str) -> Json:
    return {
        "id": f"chatcmpl-{secrets.token_hex(12)}",
        "object": kind,
        "created": int(request.now),
        "model": request.body.get("model"),
    }


def _items(message: Any) -> Iterator[Any]:
    """What is malformed stays as it is, for validation to refuse."""
    if not isinstance(message, dict):
        yield message
        return
    role, content = message.get("role"), message.get("content")
    if role == "tool":
        yield {
            "type": "function_call_output",
            "call_id": message.get("tool_call_id"),
            "output": _parts(content),
        }
        return
    if content or not message.get("tool_calls"):
        yield {"type": "message", "role": role, "content": _parts(content)}
    for call in message.get("tool_calls") or ():
        yield {**_flat(call), "type": "function_call", "call_id": call.get("id")}


def _parts(content: Any) -> Any:
    return [_part(part) for part in content] if isinstance(content, list) else content


def _part(part: Any) -> Any:
    if not isinstance(part, dict):
        return part
    if part.get("type") == "image_url":
        return {"type": "input_image", "image_url": (part.get("image_url") or {}).get("url")}
    return {"type": "input_text", "text": part.get("text", "")}


def _flat(tool: Any) -> Any:
    """A tool, a choice of one or a call, whose words chat completions wrap in a `function` member."""
    if not isinstance(tool, dict) or not isinstance(tool.get("function"), dict):
        return tool
    return {"type": tool.get("type"), **tool["function"]}


def _format(asked: Any) -> Any:
    if not isinstance(asked, dict) or not isinstance(asked.get("json_schema"), dict):
        return asked
    return {"type": asked.get("type"), **asked["json_schema"]}


def _said(draft: Draft) -> Json:
    text = "".join(item.text for item in draft.items if isinstance(item, Message))
    refusal = "".join(item.text for item in draft.items if isinstance(item, RefusalText))
    calls = [_call(item) for item in draft.items if isinstance(item, ToolCall)]
    said: Json = {name: value for name, value in (("refusal", refusal), ("tool_calls", calls)) if value}
    return {**({} if said and not text else {"content": text}), **said}


def _call(call: ToolCall) -> Json:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": f"call_{secrets.token_hex(12)}", "type": "function", "function": function}


def _deltas(draft: Draft) -> Iterator[Json]:
    said = _said(draft)
    for name in ("content", "refusal"):
        yield from ({name: piece} for piece in split(said.get(name, "")))
    for index, call in enumerate(said.get("tool_calls", ())):
        function = call["function"]
        yield {"tool_calls": [{**call, "index": index, "function": {**function, "arguments": ""}}]}
        for piece in split(function["arguments"]):
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


def _finish(draft: Draft) -> str:
    if not draft.whole:
        return "length"
    return "tool_calls" if any(isinstance(item, ToolCall) for item in draft.items) else "stop"


def _usage(draft: Draft) -> Json:
    return {
        "prompt_tokens": draft.input_tokens,
        "completion_tokens": draft.output_tokens,
        "total_tokens": draft.input_tokens + draft.output_tokens,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": draft.reasoning_tokens},
    }
