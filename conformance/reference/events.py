"""The lifecycle of a finished response as the events that a stream tells it with."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from conformance.reference.conversation import Json
from conformance.reference.hooks import Frame
from conformance.reference.tokens import split

DONE = b"data: [DONE]\n\n"


def lifecycle(response: Json, *, obfuscated: bool = False) -> list[Json]:
    """Every event from `response.created` to the terminal one, numbered from 0."""
    opening = opened(response)
    told: list[Json] = []
    if response.get("background"):
        told += [{"type": "response.created", "response": {**opening, "status": "queued"}}]
        told += [{"type": "response.queued", "response": {**opening, "status": "queued"}}]
    else:
        told += [{"type": "response.created", "response": opening}]
    told += [{"type": "response.in_progress", "response": opening}]
    for index, item in enumerate(response["output"]):
        told += _item_events(index, item)
    told += [{"type": f"response.{response['status']}", "response": response}]
    numbered = [{"type": e["type"], "sequence_number": n, **_rest(e)} for n, e in enumerate(told)]
    if obfuscated:
        for event in numbered:
            if event["type"].endswith(".delta"):
                event["obfuscation"] = "x" * (16 - len(str(event["delta"])) % 16)
    return numbered


def opened(response: Json) -> Json:
    """The response as it stood before anything was generated."""
    return {
        **response,
        "status": "in_progress",
        "completed_at": None,
        "incomplete_details": None,
        "error": None,
        "output": [],
        "usage": None,
    }


def framed(events: Iterable[Json], pace: float) -> tuple[Frame, ...]:
    """The events as SSE, a frame for each. `pace` is the pause before each delta, in seconds."""
    frames = [Frame(sse(event), pace if "delta" in event else 0.0) for event in events]
    return (*frames, Frame(DONE))


def sse(event: Json) -> bytes:
    """One event as its `event:` and `data:` lines."""
    return b"event: " + str(event.get("type", "")).encode() + b"\ndata: " + encoded(event) + b"\n\n"


def encoded(value: Any) -> bytes:
    """A value as compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _rest(event: Json) -> Json:
    return {key: value for key, value in event.items() if key != "type"}


def _item_events(index: int, item: Json) -> Iterator[Json]:
    place = {"item_id": item["id"], "output_index": index}
    yield {"type": "response.output_item.added", "output_index": index, "item": _empty(item)}
    match item["type"]:
        case "message":
            for number, part in enumerate(item["content"]):
                yield from _part_events({**place, "content_index": number}, part)
        case "function_call":
            kind = "response.function_call_arguments"
            for delta in split(item["arguments"]):
                yield {"type": f"{kind}.delta", **place, "delta": delta}
            yield {
                "type": f"{kind}.done",
                **place,
                "name": item["name"],
                "arguments": item["arguments"],
            }
        case "custom_tool_call":
            kind = "response.custom_tool_call_input"
            for delta in split(item["input"]):
                yield {"type": f"{kind}.delta", **place, "delta": delta}
            yield {"type": f"{kind}.done", **place, "input": item["input"]}
        case "reasoning":
            for number, part in enumerate(item["summary"]):
                yield from _summary_events({**place, "summary_index": number}, part)
    yield {"type": "response.output_item.done", "output_index": index, "item": item}


def _empty(item: Json) -> Json:
    """An item as it is announced: begun, with nothing in it."""
    begun = {**item, "status": "in_progress"}
    for key, nothing in (("content", []), ("summary", []), ("arguments", ""), ("input", "")):
        if key in begun:
            begun[key] = nothing
    return begun


def _part_events(place: Json, part: Json) -> Iterator[Json]:
    if part["type"] == "refusal":
        yield {"type": "response.content_part.added", **place, "part": {**part, "refusal": ""}}
        for delta in split(part["refusal"]):
            yield {"type": "response.refusal.delta", **place, "delta": delta}
        yield {"type": "response.refusal.done", **place, "refusal": part["refusal"]}
    else:
        logprobs = part.get("logprobs", [])
        empty = {**part, "text": "", "annotations": [], "logprobs": []}
        yield {"type": "response.content_part.added", **place, "part": empty}
        for number, delta in enumerate(split(part["text"])):
            yield {
                "type": "response.output_text.delta",
                **place,
                "delta": delta,
                "logprobs": logprobs[number : number + 1],
            }
        yield {
            "type": "response.output_text.done",
            **place,
            "text": part["text"],
            "logprobs": logprobs,
        }
    yield {"type": "response.content_part.done", **place, "part": part}


def _summary_events(place: Json, part: Json) -> Iterator[Json]:
    kind = "response.reasoning_summary"
    yield {"type": f"{kind}_part.added", **place, "part": {**part, "text": ""}}
    for delta in split(part["text"]):
        yield {"type": f"{kind}_text.delta", **place, "delta": delta}
    yield {"type": f"{kind}_text.done", **place, "text": part["text"]}
    yield {"type": f"{kind}_part.done", **place, "part": part}
