"""What an exchange sent to its client: text, calls, usage or an error's message, out of its own bytes.

Nothing here judges whether they were sent as the contract says; where several places of an answer say
different things, it is what most of them say.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conformance.exchange import Exchange
from conformance.response import Body, Json
from conformance.streams.reassembly import ReassembledText
from conformance.streams.stream import Stream

STREAM = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Sent:
    """What one exchange sent. `error` is the message of an error; None where there was none.

    `usage` has the input and output tokens as they were sent, None where they were not.
    """

    text: str = ""
    calls: tuple[Json, ...] = ()
    usage: tuple[int | None, int | None] = (None, None)
    error: str | None = None

    @property
    def structured(self) -> Any:
        """The text as JSON; None where it is none."""
        return as_json(self.text)


def sent_by(exchange: Exchange) -> Sent:
    """Read an exchange as a client would like to."""
    streamed = exchange.media_type == STREAM or exchange.body.lstrip().startswith((b"event:", b"data:"))
    if streamed and exchange.status == 200:
        return _streamed(exchange)
    value = exchange.json.value
    refused = exchange.status is None or exchange.status >= 400
    if refused or (isinstance(value, dict) and value.get("error") and not value.get("output")):
        return Sent(error=_message(value, exchange.body))
    body = Body(value if isinstance(value, dict) else {}, exchange)
    calls = tuple(_call(item.get("name"), item.get("arguments")) for _, item in body.of_type("function_call"))
    return Sent(body.text, calls, _usage(body))


def as_json(text: object) -> Any:
    """A text as the JSON that it is; the value itself where it is no text, None where it is no JSON."""
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return None


def _streamed(exchange: Exchange) -> Sent:
    stream = Stream.of(exchange)
    final = Body(stream.response or {}, exchange)
    texts = stream.reassembly.texts
    text = "".join(each.agreed for each in texts if each.kind == "text") or final.text
    calls = _calls(stream, texts) or tuple(
        _call(item.get("name"), item.get("arguments")) for _, item in final.of_type("function_call")
    )
    return Sent(text, calls, _usage(final), _failure(stream))


def _calls(stream: Stream, texts: Sequence[ReassembledText]) -> tuple[Json, ...]:
    arguments = {id(each.item): each.agreed for each in texts if each.kind == "arguments"}
    found = []
    for item in stream.reassembly.items:
        if item.type == "function_call":
            seen = (item.finished, item.final or {}, item.announced)
            names = (each.get("name") for each in seen)
            name = next((name for name in names if isinstance(name, str)), None)
            found.append(_call(name, arguments.get(id(item))))
    return tuple(found)


def _failure(stream: Stream) -> str | None:
    """The message of an error that came in the middle; None where none did."""
    for event in stream.milestones:
        carried = event.data.get("response")
        failed = event.row.carries == "error" or (isinstance(carried, dict) and carried.get("error"))
        if failed:
            return _message(carried if isinstance(carried, dict) else event.data, b"")
    return None


def _call(name: Any, arguments: Any) -> Json:
    return {"name": name, "arguments": as_json(arguments)}


def _usage(body: Body) -> tuple[int | None, int | None]:
    return body.count("input_tokens"), body.count("output_tokens")


def _message(value: Any, body: bytes) -> str:
    """The words for a human in an error, wherever a server puts them; empty where there are none."""
    if not isinstance(value, dict):
        return value if isinstance(value, str) else body.decode("utf-8", "replace").strip()
    for key in ("error", "message", "detail"):
        found = value.get(key)
        if isinstance(found, dict):
            return _message(found, b"")
        if isinstance(found, str) and found:
            return found
    return ""
