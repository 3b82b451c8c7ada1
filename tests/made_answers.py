"""Answers made by hand, for the tests that judge them."""

from typing import Any

from conformance.exchange import Chunk, Exchange, Fault, Sent, encode_json
from conformance.response import Body
from conformance.run.record import Record
from conformance.scenarios.scenario import Scenario

NOW = 1773132155.5

TEXT: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "status": "completed",
    "content": [{"type": "output_text", "text": "Hello there", "annotations": []}],
}
CALL: dict[str, Any] = {
    "id": "fc_1",
    "type": "function_call",
    "call_id": "call_1",
    "name": "get_weather",
    "arguments": '{"city":"Paris"}',
    "status": "completed",
}
THOUGHT: dict[str, Any] = {"id": "rs_1", "type": "reasoning", "summary": []}
USAGE: dict[str, Any] = {
    "input_tokens": 8,
    "input_tokens_details": {"cached_tokens": 0},
    "output_tokens": 15,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 23,
}
RESPONSE: dict[str, Any] = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1773132155,
    "model": "gpt-5.2",
    "status": "completed",
    "output": [TEXT],
    "usage": USAGE,
    "completed_at": 1773132156,
    "error": None,
    "incomplete_details": None,
}
ASKED: dict[str, Any] = {
    "model": "gpt-5.2",
    "input": [{"role": "user", "content": "Reply with exactly: Hello there"}],
    "tools": [{"type": "function", "name": "get_weather"}],
    "store": False,
}


def exchange(
    body: bytes | object = RESPONSE,
    *,
    status: int = 200,
    asked: object = ASKED,
    scenario: str = "text",
    content_type: str | None = "application/json",
    headers: tuple[tuple[str, str], ...] = (),
    method: str = "POST",
    url: str = "http://127.0.0.1/v1/responses",
    started_at: float = NOW,
    fault: Fault | None = None,
) -> Exchange:
    """An exchange with that answer; a body that is no bytes is encoded as JSON."""
    data = body if isinstance(body, bytes) else encode_json(body)
    sent = Sent(method, url, (), encode_json(asked))
    typed = (("Content-Type", content_type),) if content_type is not None else ()
    chunks = (Chunk(0.1, data),)
    return Exchange(scenario, sent, status, (*typed, *headers), chunks, fault, started_at, 0.5)


def answer(response: Any = RESPONSE, *, asked: Any = ASKED, scenario: str = "text", **rest: Any) -> Body:
    """A Response object with the exchange around it."""
    return Body(response, exchange(response, asked=asked, scenario=scenario, **rest))


def varied(**keys: Any) -> dict[str, Any]:
    """The response with some keys changed; `...` leaves a key out."""
    return {key: value for key, value in {**RESPONSE, **keys}.items() if value is not ...}


def counted(**keys: Any) -> dict[str, Any]:
    """The response with some keys of its usage changed; `...` leaves a key out."""
    usage = {key: value for key, value in {**USAGE, **keys}.items() if value is not ...}
    return varied(usage=usage)


def record(*performed: tuple[Scenario, Exchange]) -> Record:
    """What a run performed."""
    return Record(
        {scenario.name: scenario for scenario, _ in performed},
        {scenario.name: seen for scenario, seen in performed},
    )
