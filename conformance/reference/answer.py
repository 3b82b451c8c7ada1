"""The Response object: what was asked echoed in full, what the model produced, and what it cost."""

import json
import math
import secrets
from typing import Any

from conformance.contract.contracts import Contract
from conformance.contract.patches import view_of
from conformance.contract.schemas import page_schema
from conformance.reference.conversation import Json
from conformance.reference.hooks import (
    CustomCall,
    Draft,
    HostedCall,
    Message,
    OutputItem,
    Reasoning,
    RefusalText,
    Request,
    ToolCall,
)
from conformance.reference.model import effort_of
from conformance.reference.seal import sealed
from conformance.reference.tokens import split

LOGPROBS = "message.output_text.logprobs"
ENCRYPTED = "reasoning.encrypted_content"


def respond(request: Request, draft: Draft, finished: float, contract: Contract = Contract.ANYFAST) -> Json:
    """The finished response. `finished` is Unix time; `contract` may have further fields to repeat."""
    body = request.body
    status = "completed" if draft.whole else "incomplete"
    response = {
        "id": f"resp_{secrets.token_hex(25)}",
        "object": "response",
        "created_at": math.floor(request.now),
        "status": status,
        "background": body.get("background", False),
        "completed_at": math.floor(finished) if draft.whole else None,
        "error": None,
        "incomplete_details": None if draft.whole else {"reason": "max_output_tokens"},
        **_echo(body),
        "output": [_item(piece, body, finished) for piece in draft.items],
        "usage": usage(
            draft.input_tokens,
            draft.output_tokens,
            draft.reasoning_tokens,
            _cached(request, draft.input_tokens),
        ),
    }
    return _with_stated(response, body, contract)


def _with_stated(response: Json, body: Json, contract: Contract) -> Json:
    """The response with what a user's own contract says of its echoes and defaults."""
    for path in sorted(contract.stated):
        view = view_of(page_schema(contract), path) or {}
        top, _, member = path.partition(".")
        given = (body.get(top) or {}).get(member) if member else body.get(top)
        told = view.get("default") if given is None else given
        if view.get("x-echo") == "equal" and told is not None:
            response[top] = {**(response.get(top) or {}), member: told} if member else told
    return response


CACHED_FROM = 1024
"""Input tokens from which on an input is kept in the cache, to be found when it comes again."""


def _cached(request: Request, taken: int) -> int:
    """How many input tokens of a long input come out of the cache: it was seen before, word by word."""
    if taken < CACHED_FROM:
        return 0
    seen: set[str] = request.memory.setdefault("cached", set())
    read = json.dumps([request.body.get(name) for name in ("instructions", "input", "tools")], sort_keys=True)
    cached = CACHED_FROM if read in seen else 0
    seen.add(read)
    return cached


def usage(taken: int, given: int, thought: int = 0, cached: int = 0) -> Json:
    """The usage object."""
    return {
        "input_tokens": taken,
        "input_tokens_details": {"cached_tokens": cached, "cache_write_tokens": 0},
        "output_tokens": given,
        "output_tokens_details": {"reasoning_tokens": thought},
        "total_tokens": taken + given,
    }


def identified(item: Json) -> Json:
    """An input item as `input_items` lists it: with an id, and a message's content as parts."""
    kind = item.get("type", "message")
    listed = {"id": f"{_PREFIX.get(kind, 'item')}_{secrets.token_hex(24)}", **item, "type": kind}
    if kind == "message":
        content = item.get("content")
        if isinstance(content, str):
            part = {"type": "output_text", "text": content, "annotations": []}
            if item.get("role") != "assistant":
                part = {"type": "input_text", "text": content}
            listed["content"] = [part]
        listed.setdefault("status", "completed")
    return listed


_PREFIX = {
    "message": "msg",
    "function_call": "fc",
    "function_call_output": "fco",
    "reasoning": "rs",
    "custom_tool_call": "ctc",
    "web_search_call": "ws",
    "code_interpreter_call": "ci",
    "image_generation_call": "ig",
    "apply_patch_call": "apc",
    "shell_call": "sh",
    "compaction": "cmp",
}


def _echo(body: Json) -> Json:
    text = body.get("text") or {}
    reasoning = body.get("reasoning") or {}
    tier = body.get("service_tier", "auto")
    return {
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "max_tool_calls": body.get("max_tool_calls"),
        "model": body.get("model"),
        "parallel_tool_calls": body.get("parallel_tool_calls", True),
        "previous_response_id": body.get("previous_response_id"),
        "prompt_cache_key": body.get("prompt_cache_key"),
        "reasoning": {"effort": effort_of(body), "summary": reasoning.get("summary")},
        "safety_identifier": body.get("safety_identifier"),
        "service_tier": "default" if tier == "auto" else tier,
        "store": body.get("store", True),
        "temperature": body.get("temperature", 1),
        "text": {
            "format": text.get("format") or {"type": "text"},
            "verbosity": text.get("verbosity") or "medium",
        },
        "tool_choice": body.get("tool_choice", "auto"),
        "tools": [_tool(tool) for tool in body.get("tools") or ()],
        "top_logprobs": body.get("top_logprobs", 0),
        "top_p": body.get("top_p", 1),
        "frequency_penalty": body.get("frequency_penalty", 0),
        "presence_penalty": body.get("presence_penalty", 0),
        "truncation": body.get("truncation", "disabled"),
        **({"user": body["user"]} if "user" in body else {}),
        "metadata": body.get("metadata") or {},
    }


def _tool(tool: Any) -> Any:
    if not isinstance(tool, dict) or tool.get("type") != "function":
        return tool
    return {"description": None, "parameters": {}, "strict": True, **tool}


def _item(piece: OutputItem, body: Json, now: float) -> Json:
    status = "completed" if piece.whole else "incomplete"
    match piece:
        case Reasoning(_, summary):
            parts = [{"type": "summary_text", "text": text} for text in summary]
            item = {
                "id": f"rs_{secrets.token_hex(24)}",
                "type": "reasoning",
                "status": status,
                "summary": parts,
            }
            if ENCRYPTED in (body.get("include") or ()):
                item["encrypted_content"] = sealed(now)
            return item
        case ToolCall(name, arguments, namespace=space):
            return _call(status, "function_call", name, space, {"arguments": arguments})
        case CustomCall(name, said, namespace=space):
            return _call(status, "custom_tool_call", name, space, {"input": said})
        case HostedCall(members):
            kind = str(members["type"])
            return {"id": f"{_PREFIX.get(kind, 'item')}_{secrets.token_hex(24)}", **members, "status": status}
        case RefusalText(text):
            return _message(status, {"type": "refusal", "refusal": text})
        case Message(text):
            wanted = LOGPROBS in (body.get("include") or ()) or bool(body.get("top_logprobs"))
            part = {
                "type": "output_text",
                "text": text,
                "annotations": [],
                "logprobs": logprobs_of(text, body.get("top_logprobs", 0)) if wanted else [],
            }
            return _message(status, part)


def _call(status: str, kind: str, name: str, namespace: str, said: Json) -> Json:
    return {
        "id": f"{_PREFIX[kind]}_{secrets.token_hex(24)}",
        "type": kind,
        "status": status,
        "call_id": f"call_{secrets.token_hex(12)}",
        "name": name,
        **said,
        **({"namespace": namespace} if namespace else {}),
    }


def _message(status: str, part: Json) -> Json:
    return {
        "id": f"msg_{secrets.token_hex(24)}",
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": [part],
    }


def logprobs_of(text: str, top: int) -> list[Json]:
    """A log probability for each token: always certain, the model being what it is."""
    return [{**_certain(token), "top_logprobs": [_certain(token)] if top else []} for token in split(text)]


def _certain(token: str) -> Json:
    return {"token": token, "logprob": 0.0, "bytes": list(token.encode())}
