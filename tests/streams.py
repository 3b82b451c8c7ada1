"""Healthy streams to break, and the checks of streams called by hand."""

import inspect
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any

from conformance.checks import (
    test_stream_content,
    test_stream_framing,
    test_stream_lifecycle,
    test_stream_snapshots,
)
from conformance.contract.contracts import Contract
from conformance.exchange import Chunk, Exchange, Fault, Sent
from conformance.streams.stream import Stream
from conformance.verdicts.judge import CannotJudge, Elsewhere, Violation

Json = dict[str, Any]

MODULES: tuple[ModuleType, ...] = (
    test_stream_framing,
    test_stream_lifecycle,
    test_stream_snapshots,
    test_stream_content,
)

NOT_FOR_STREAMS = frozenset({"stream.default-is-json", "stream.false-is-json"})
"""The requirements in these modules that are about unstreamed answers."""

NOTED_ONLY = frozenset({"stream.event-id", "stream.known-events"})
"""Those that no contract asks for."""


def response(status: str, output: Sequence[Json] = (), **rest: Any) -> Json:
    """A response as the page shows it."""
    ended = status not in {"in_progress", "queued"}
    usage = {"input_tokens": 5, "output_tokens": 7, "total_tokens": 12} if ended else None
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1773132155,
        "model": "gpt-5.2",
        "status": status,
        "output": list(output),
        "usage": usage,
        **rest,
    }


def tell(type_: str, **data: Any) -> Json:
    """One event's data."""
    return {"type": type_, **data}


def text_item(index: int = 0, *pieces: str, id_: str = "", status: str = "completed") -> list[Json]:
    """The events of a message of one text part."""
    pieces = pieces or ("Hel", "lo ", "  ", "there")
    id_ = id_ or f"msg_{index}"
    place = {"item_id": id_, "output_index": index, "content_index": 0}
    part = {"type": "output_text", "text": "".join(pieces), "annotations": []}
    item = {"id": id_, "type": "message", "role": "assistant", "status": status, "content": [part]}
    added = {**item, "status": "in_progress", "content": []}
    return [
        tell("response.output_item.added", output_index=index, item=added),
        tell("response.content_part.added", **place, part={**part, "text": ""}),
        *(tell("response.output_text.delta", **place, delta=piece, logprobs=[]) for piece in pieces),
        tell("response.output_text.done", **place, text=part["text"], logprobs=[]),
        tell("response.content_part.done", **place, part=part),
        tell("response.output_item.done", output_index=index, item=item),
    ]


def refusal_item(index: int = 0) -> list[Json]:
    """The events of a message that refuses."""
    place = {"item_id": f"msg_{index}", "output_index": index, "content_index": 0}
    part = {"type": "refusal", "refusal": "I can't."}
    item = {
        "id": f"msg_{index}",
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [part],
    }
    added = {**item, "status": "in_progress", "content": []}
    return [
        tell("response.output_item.added", output_index=index, item=added),
        tell("response.content_part.added", **place, part={**part, "refusal": ""}),
        tell("response.refusal.delta", **place, delta="I "),
        tell("response.refusal.delta", **place, delta="can't."),
        tell("response.refusal.done", **place, refusal="I can't."),
        tell("response.content_part.done", **place, part=part),
        tell("response.output_item.done", output_index=index, item=item),
    ]


def call_item(index: int = 0, city: str = "Paris") -> list[Json]:
    """The events of a function call."""
    id_ = f"fc_{index}"
    place = {"item_id": id_, "output_index": index}
    arguments = json.dumps({"city": city})
    item = {
        "id": id_,
        "type": "function_call",
        "call_id": f"call_{index}",
        "name": "get_weather",
        "arguments": arguments,
        "status": "completed",
    }
    kind = "response.function_call_arguments"
    return [
        tell(
            "response.output_item.added",
            output_index=index,
            item={**item, "status": "in_progress", "arguments": ""},
        ),
        tell(f"{kind}.delta", **place, delta=arguments[:6]),
        tell(f"{kind}.delta", **place, delta=arguments[6:]),
        tell(f"{kind}.done", **place, arguments=arguments),
        tell("response.output_item.done", output_index=index, item=item),
    ]


def reasoning_item(index: int = 0, *summaries: str) -> list[Json]:
    """The events of a reasoning item with summary parts."""
    id_ = f"rs_{index}"
    texts = summaries or ("First thought", "Second one")
    parts = [{"type": "summary_text", "text": text} for text in texts]
    events = [
        tell(
            "response.output_item.added",
            output_index=index,
            item={"id": id_, "type": "reasoning", "summary": []},
        )
    ]
    for number, part in enumerate(parts):
        place = {"item_id": id_, "output_index": index, "summary_index": number}
        kind = "response.reasoning_summary"
        events += [
            tell(f"{kind}_part.added", **place, part={**part, "text": ""}),
            tell(f"{kind}_text.delta", **place, delta=part["text"][:5]),
            tell(f"{kind}_text.delta", **place, delta=part["text"][5:]),
            tell(f"{kind}_text.done", **place, text=part["text"]),
            tell(f"{kind}_part.done", **place, part=part),
        ]
    item = {"id": id_, "type": "reasoning", "summary": parts}
    return [*events, tell("response.output_item.done", output_index=index, item=item)]


def whole(*items: list[Json], status: str = "completed", **rest: Any) -> list[Json]:
    """A stream of these items, numbered."""
    done = [event for events in items for event in events if event["type"] == "response.output_item.done"]
    output = [event["item"] for event in sorted(done, key=lambda event: event["output_index"])]
    return numbered(
        [
            tell("response.created", response=response("in_progress")),
            tell("response.in_progress", response=response("in_progress")),
            *(event for events in items for event in events),
            tell(f"response.{status}", response=response(status, output, **rest)),
        ]
    )


def numbered(events: Sequence[Json]) -> list[Json]:
    """The events with sequence numbers from 0."""
    return [{**event, "sequence_number": number} for number, event in enumerate(events)]


def text() -> list[Json]:
    """A healthy stream of one message."""
    return whole(text_item())


def rich() -> list[Json]:
    """A healthy stream of reasoning, two messages and two calls."""
    return whole(
        reasoning_item(0), text_item(1), text_item(2, "a", "b"), call_item(3), call_item(4, "London")
    )


def wire(events: Sequence[Json], done: bool = True) -> bytes:
    """The events as a plain server frames them."""
    framed = [f"event: {event.get('type')}\ndata: {json.dumps(event)}\n\n" for event in events]
    return ("".join(framed) + ("data: [DONE]\n\n" if done else "")).encode()


def exchange(body: bytes, *, fault: Fault | None = None, chunk: int = 0) -> Exchange:
    """An exchange that brought these bytes, in chunks of that size (0: all at once)."""
    step = chunk or len(body) or 1
    pieces = [body[start : start + step] for start in range(0, len(body), step)]
    return Exchange(
        scenario="text-stream",
        request=Sent("POST", "http://127.0.0.1/v1/responses", (), b"{}"),
        status=200,
        headers=(("Content-Type", "text/event-stream; charset=utf-8"),),
        chunks=tuple(Chunk(0.01 * number, data) for number, data in enumerate(pieces)),
        fault=fault,
        started_at=1773132155.0,
        duration=0.01 * len(pieces),
    )


def stream(events: Sequence[Json]) -> Stream:
    """The stream that a client of these events sees."""
    return Stream.of(exchange(wire(events)))


Judge = Callable[[Exchange, Contract], None]

GIVEN = {"exchange", "stream", "contract", "note"}
"""What a check of a single stream asks for; others look at several exchanges."""


def judges() -> Iterator[tuple[str, Judge]]:
    """Every check of a single stream, by requirement."""
    for module in MODULES:
        for name, check in inspect.getmembers(module, inspect.isfunction):
            marks = {mark.name: mark.args for mark in getattr(check, "pytestmark", ())}
            alone = inspect.signature(check).parameters.keys() <= GIVEN
            if name.startswith("test_") and alone and marks["covers"][0] not in NOT_FOR_STREAMS:
                yield marks["covers"][0], _by_hand(check)


def violated(body: bytes, contract: Contract = Contract.OPENRESPONSES, **rest: Any) -> set[str]:
    """The requirements that these bytes violate, whatever their level."""
    answer = exchange(body, **rest)
    found = set()
    for requirement, judge in judges():
        try:
            judge(answer, contract)
        except Violation:
            found.add(requirement)
        except (CannotJudge, Elsewhere):
            continue
    return found - NOTED_ONLY


def _by_hand(check: Callable[..., None]) -> Judge:
    def judge(answer: Exchange, contract: Contract) -> None:
        given: Mapping[str, Any] = {
            "exchange": answer,
            "stream": Stream.of(answer),
            "contract": contract,
            "note": lambda _: None,
        }
        check(**{name: given[name] for name in inspect.signature(check).parameters})

    return judge
