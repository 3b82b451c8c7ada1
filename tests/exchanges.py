"""Exchanges made by hand, for tests of what judges them."""

from collections.abc import Mapping
from typing import Any

from conformance.exchange import Attempt, Chunk, Exchange, Fault, Sent, encode_json
from conformance.run.record import Record
from conformance.scenarios.scenario import Scenario, Target

MODEL = "some-model"


def answer(*output: Mapping[str, Any], text: str = "", **fields: Any) -> dict[str, Any]:
    """A Response with a message of that text (or the given items), its usage and further fields."""
    said = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]}
    usage = {"input_tokens": 8, "output_tokens": 2, "total_tokens": 10}
    return {
        "id": "resp_1",
        "object": "response",
        "model": MODEL,
        "status": "completed",
        "output": list(output) or [said],
        "usage": usage,
        **fields,
    }


def call(name: str, arguments: str = "{}") -> dict[str, Any]:
    """A function call as it stands in a Response's output."""
    return {"type": "function_call", "call_id": "call_1", "name": name, "arguments": arguments}


def error(message: str = "it is wrong", **fields: Any) -> dict[str, Any]:
    """The body of a refusal."""
    return {"error": {"message": message, "type": "invalid_request_error", "code": None, **fields}}


def exchange(
    scenario: Scenario,
    body: Any = None,
    status: int | None = 200,
    *,
    media_type: str = "application/json",
    fault: Fault | None = None,
    at: float = 1.0,
    retries: tuple[Attempt, ...] = (),
    attempt: int = 1,
) -> Exchange:
    """What came back to a scenario's own request; a `body` of bytes is sent as it is."""
    sent = scenario.build(Target(MODEL), {}).body if not scenario.after else encode_json({})
    data = body if isinstance(body, bytes) else encode_json(answer() if body is None else body)
    return Exchange(
        scenario.name if attempt == 1 else f"{scenario.name}~{attempt}",
        Sent("POST", "http://127.0.0.1/v1/responses", (), sent or b""),
        status,
        (("Content-Type", media_type),),
        (Chunk(0.1, data),),
        fault,
        at,
        0.1,
        retries,
    )


def recorded(*exchanges: Exchange) -> Record:
    """A run in which just these came to pass."""
    return Record({}, {found.scenario: found for found in exchanges})
