"""How a refusal is worded: the error envelope, judged apart from why the request was refused."""

import json
import re
from collections.abc import Iterator
from typing import Any

from conformance.exchange import Exchange
from conformance.shown import shown
from conformance.verdicts.verdict import Finding

DETAILS = ("code", "param")
"""Keys that stand in every error object, null where there is nothing to say."""

_PATH = re.compile(r"[.\[\]/'\"$]+")
_TRACE = re.compile(
    r"Traceback \(most recent call last\)|^\s+at [\w.$<>]+\(|panic: |<html|<!doctype",
    re.IGNORECASE | re.MULTILINE,
)


def refusal_has_an_envelope(exchange: Exchange) -> Iterator[Finding]:
    """What every refusal must be: a JSON object with an object `error` that has a message in words."""
    read = exchange.json
    if not isinstance(read.value, dict):
        yield Finding(
            'a JSON object {"error": {...}}', _body(exchange) if read.readable else _unread(exchange), "$"
        )
        return
    error = read.value.get("error")
    if not isinstance(error, dict):
        keys = ", ".join(map(str, read.value)) or "none"
        actual = f"no error (keys: {keys})" if "error" not in read.value else shown(_json(error))
        yield Finding("an object", actual, "$.error")
        return
    message = error.get("message")
    if not isinstance(message, str) or not message.strip():
        yield Finding(
            "a non-empty string", _json(message) if "message" in error else "no message", "$.error.message"
        )


def content_type_is_json(exchange: Exchange) -> Iterator[Finding]:
    """A refusal that is JSON says so (RFC 9110 §8.3); parameters and `+json` types are free."""
    kind = exchange.media_type
    if exchange.json.readable and kind != "application/json" and not kind.endswith("+json"):
        yield Finding(
            "application/json", exchange.header("content-type") or "no Content-Type", "Content-Type"
        )


def bytes_are_strict_json(exchange: Exchange) -> Iterator[Finding]:
    """The bytes of a refusal are JSON as RFC 8259 has it; that they are JSON at all is the envelope's."""
    if exchange.json.readable:
        for fault in exchange.json.faults:
            yield Finding("JSON as RFC 8259 has it", fault, "body")


def type_is_a_string(exchange: Exchange) -> Iterator[Finding]:
    """`error.type` is a string, so that a client can tell errors apart without reading prose."""
    error = error_of(exchange)
    if error is not None and not (isinstance(error.get("type"), str) and error["type"]):
        yield Finding(
            "a non-empty string", _json(error["type"]) if "type" in error else "no type", "$.error.type"
        )


def code_and_param_are_there(exchange: Exchange) -> Iterator[Finding]:
    """`error.code` and `error.param` are there, each a string or null.

    What a missing key's answer should name as its parameter nobody says, so a 401 may leave `param` out.
    """
    error = error_of(exchange)
    if error is None:
        return
    for key in DETAILS[:1] if exchange.status == 401 and "param" not in error else DETAILS:
        if key not in error:
            yield Finding("a string or null", f"no {key}", f"$.error.{key}")
        elif error[key] is not None and not isinstance(error[key], str):
            yield Finding("a string or null", shown(_json(error[key])), f"$.error.{key}")


def message_exposes_nothing(exchange: Exchange) -> Iterator[Finding]:
    """A message is for the client: no stack trace of the server's, no HTML page inside."""
    error = error_of(exchange)
    message = error.get("message") if error is not None else None
    if isinstance(message, str) and (found := _TRACE.search(message)):
        yield Finding("a message for the client", shown(message[found.start() :]), "$.error.message")


def error_of(exchange: Exchange) -> dict[str, Any] | None:
    """The `error` object of a JSON answer; None where there is none."""
    body = exchange.json.value
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else None


def param_names_a_field(exchange: Exchange) -> Iterator[Finding]:
    """`error.param` names some field; that the key is there, and holds a string or null, is judged apart."""
    error = error_of(exchange)
    param = error.get("param", "left out") if error is not None else "left out"
    if param is None or (isinstance(param, str) and not param.strip()):
        yield Finding("the name of a field", _json(param), "$.error.param")


def has_param(exchange: Exchange) -> bool:
    """Whether a refusal has an `error.param`, whatever it holds."""
    error = error_of(exchange)
    return error is not None and "param" in error


def names_any_param(exchange: Exchange) -> bool:
    """Whether `error.param` names anything."""
    error = error_of(exchange)
    param = error.get("param") if error is not None else None
    return isinstance(param, str) and param.strip() != ""


def names_param(exchange: Exchange, field: str) -> bool:
    """Whether `error.param` names the field, as a dotted, bracketed or slashed path.

    An enclosing field (`text` for `text.format`) and a place inside (`input[0].role` for `input`) name it
    as well.
    """
    error = error_of(exchange)
    param = error.get("param") if error is not None else None
    if not isinstance(param, str):
        return False
    named = [step for step in _PATH.split(param) if step]
    if named[:1] == ["body"] and not field.startswith("body"):
        named = named[1:]
    asked = [step for step in _PATH.split(field) if step]
    common = min(len(named), len(asked))
    return common > 0 and named[:common] == asked[:common]


def _unread(exchange: Exchange) -> str:
    return f"no JSON: {_body(exchange)}" if exchange.body else "an empty body"


def _body(exchange: Exchange) -> str:
    return shown(exchange.body[:2000].decode("utf-8", "replace"))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
