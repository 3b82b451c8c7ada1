"""Mutants of errors: how requests are turned away, and which are not."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from conformance.reference.conversation import Json
from conformance.reference.hooks import Hooks, Refusal, Reply, Request
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import change_refusals


def refusal_mutants() -> Iterator[Mutant]:
    """The envelope, statuses, what is read too kindly."""
    yield from _envelopes()
    yield from _statuses()
    yield from _leniency()


def _envelopes() -> Iterator[Mutant]:
    for name, line, requirement, how in _ENVELOPES:
        yield Mutant(name, line, requirement, Hooks(envelope=_reworded(how)))
    for name, line, requirement, hooks in (
        (
            "error-elsewhere-plain",
            "tells errors of other paths as text",
            "error.envelope-elsewhere",
            _ELSEWHERE,
        ),
        ("error-keys-twice", "repeats a key in its errors", "error.strict-json", Hooks(reply=_twice_keyed)),
        ("error-billed", "bills what it refuses", "error.bills-nothing", Hooks(envelope=_reworded(_billed))),
        ("error-traced", "shows where it broke", "error.nothing-exposed", Hooks(envelope=_reworded(_traced))),
    ):
        yield Mutant(name, line, requirement, hooks)
    yield Mutant("error-plain-text", "tells errors as plain text", "error.envelope", Hooks(reply=_texted))
    yield Mutant("error-page", "tells errors as a page", "error.envelope", Hooks(reply=_paged))
    yield Mutant(
        "error-no-body", "turns requests away without a word", "error.envelope", Hooks(reply=_silent)
    )


def _reworded(how: Callable[[Json], Any]) -> Callable[[Request, Any], Any]:
    return lambda _, envelope: how(envelope)


def _elsewhere(request: Request, reply: Reply) -> Reply:
    at_collection = request.method == "POST" and request.path == "/responses"
    return reply if at_collection else _texted(request, reply)


def _twice_keyed(_: Request, reply: Reply) -> Reply:
    if not _refused(reply):
        return reply
    return reply.with_body(reply.body.replace(b'{"error":', b'{"error":null,"error":', 1))


def _billed(envelope: Json) -> Json:
    return {**envelope, "usage": {"input_tokens": 8, "output_tokens": 15, "total_tokens": 23}}


def _traced(envelope: Json) -> Json:
    trace = 'Traceback (most recent call last):\n  File "/srv/app.py", line 7, in handle\nValueError'
    return _with(envelope, message=trace)


def _less(envelope: Json, key: str) -> Json:
    return {"error": {k: v for k, v in envelope["error"].items() if k != key}}


def _with(envelope: Json, **members: Any) -> Json:
    return {"error": {**envelope["error"], **members}}


def _refused(reply: Reply) -> bool:
    return 400 <= reply.status < 500


def _texted(_: Request, reply: Reply) -> Reply:
    return (
        reply.with_body(b"Bad Request").with_header("content-type", "text/plain")
        if _refused(reply)
        else reply
    )


def _paged(_: Request, reply: Reply) -> Reply:
    if not _refused(reply):
        return reply
    return reply.with_body(b"<html><h1>Bad Request</h1></html>").with_header("content-type", "text/html")


def _silent(_: Request, reply: Reply) -> Reply:
    return reply.with_body(b"") if _refused(reply) else reply


def _statuses() -> Iterator[Mutant]:
    for name, line, requirement, meant, status in _STATUSES:
        yield Mutant(name, line, requirement, _restated(meant, status))
    yield Mutant(
        "allow-missing",
        "does not say which methods it allows",
        "error.allow",
        change_refusals(lambda r: replace(r, headers=()) if r.status == 405 else r),
    )


def _coded(code: str) -> Callable[[Refusal], bool]:
    return lambda refusal: refusal.code == code


def _of(status: int) -> Callable[[Refusal], bool]:
    return lambda refusal: refusal.status == status


def _restated(meant: Callable[[Refusal], bool], status: int) -> Hooks:
    return change_refusals(lambda refusal: replace(refusal, status=status) if meant(refusal) else refusal)


def _leniency() -> Iterator[Mutant]:
    """Bodies that are no JSON object, read all the same."""
    for name, line, requirement, meant in _LENIENCY:
        yield Mutant(name, line, requirement, Hooks(parse=_reading(meant)))
    yield Mutant(
        "any-media-type",
        "reads a body whatever it is called",
        "error.text-plain",
        Hooks(media_type=_any_media, parse=_reading(lambda raw: not _reads(raw) or raw[:1] != b"{")),
    )
    yield Mutant(
        "form-accepted",
        "reads a form as if it were JSON",
        "error.form",
        Hooks(media_type=_any_media, parse=_reading(lambda raw: b"=" in raw and raw[:1] != b"{")),
    )
    yield Mutant(
        "charset-refused",
        "takes application/json without parameters only",
        "error.charset-accepted",
        Hooks(media_type=_strict_media),
    )


def _reads(raw: bytes) -> bool:
    try:
        json.loads(raw)
    except ValueError:
        return False
    return True


def _reading(meant: Callable[[bytes], bool]) -> Callable[[Request, Json | Refusal], Json | Refusal]:
    def read(request: Request, found: Json | Refusal) -> Json | Refusal:
        if isinstance(found, Refusal) and meant(request.raw):
            return {"model": "gpt-5.2", "input": "Hello!"}
        return found

    return read


def _strict_media(request: Request, found: Refusal | None) -> Refusal | None:
    named = ";" in request.headers.get("content-type", "")
    return Refusal(415, "Send application/json.", code="unsupported_media_type") if named else found


def _any_media(_: Request, found: Refusal | None) -> Refusal | None:
    return None if found is not None and found.status == 415 else found


_ENVELOPES: tuple[Any, ...] = (
    ("error-flat", "tells errors without an envelope", "error.envelope", lambda e: e["error"]),
    (
        "error-a-string",
        "tells an error as a string",
        "error.envelope",
        lambda e: {"error": e["error"]["message"]},
    ),
    (
        "error-detail",
        "tells errors as `detail`",
        "error.envelope",
        lambda e: {"detail": e["error"]["message"]},
    ),
    ("error-null", "tells a null error", "error.envelope", lambda _: {"error": None}),
    ("error-empty", "tells an empty object", "error.envelope", lambda _: {}),
    ("error-in-list", "tells a list of errors", "error.envelope", lambda e: [e]),
    ("error-message-missing", "leaves the message out", "error.envelope", lambda e: _less(e, "message")),
    ("error-message-empty", "leaves the message empty", "error.envelope", lambda e: _with(e, message="")),
    (
        "error-message-an-object",
        "tells the message as an object",
        "error.envelope",
        lambda e: _with(e, message={"text": "x"}),
    ),
    ("error-type-missing", "leaves the type out", "error.type", lambda e: _less(e, "type")),
    ("error-type-null", "gives no type", "error.type", lambda e: _with(e, type=None)),
    ("error-code-missing", "leaves the code out", "error.code-and-param", lambda e: _less(e, "code")),
    (
        "error-code-a-number",
        "gives the status as the code",
        "error.code-and-param",
        lambda e: _with(e, code=400),
    ),
    ("error-without-param", "leaves param out", "error.code-and-param", lambda e: _less(e, "param")),
    (
        "error-param-null",
        "never says which field was wrong",
        "request.temperature.param",
        lambda e: _with(e, param=None),
    ),
    (
        "error-param-another",
        "blames another field",
        "request.model.param",
        lambda e: _with(e, param="messages"),
    ),
    (
        "error-param-body",
        "blames the body as a whole",
        "request.stream.param",
        lambda e: _with(e, param="body"),
    ),
    (
        "error-param-a-list",
        "gives param as a path of steps",
        "error.code-and-param",
        lambda e: _with(e, param=["body", "x"]),
    ),
)

_STATUSES: tuple[Any, ...] = (
    (
        "unknown-model-503",
        "answers an unknown model with 503",
        "error.unknown-model",
        _coded("model_not_found"),
        503,
    ),
    (
        "unknown-model-500",
        "answers an unknown model with 500",
        "request.no-server-error",
        _coded("model_not_found"),
        500,
    ),
    (
        "malformed-500",
        "answers malformed JSON with 500",
        "error.no-server-error",
        _coded("invalid_json"),
        500,
    ),
    (
        "malformed-404",
        "answers malformed JSON with 404",
        "error.unreadable-status",
        _coded("invalid_json"),
        404,
    ),
    ("media-type-500", "answers another media type with 500", "error.no-server-error", _of(415), 500),
    ("unknown-path-200", "answers any path with 200", "error.unknown-path", _coded("unknown_url"), 200),
    (
        "unknown-path-500",
        "answers an unknown path with 500",
        "error.unknown-path",
        _coded("unknown_url"),
        500,
    ),
    (
        "unknown-path-400",
        "answers an unknown path with 400",
        "error.unknown-path",
        _coded("unknown_url"),
        400,
    ),
    ("wrong-method-200", "answers any method with 200", "error.method", _of(405), 200),
    ("wrong-method-500", "answers another method with 500", "error.no-server-error", _of(405), 500),
    ("validation-500", "answers what is out of range with 500", "request.no-server-error", _of(400), 500),
    ("validation-502", "answers what is out of range with 502", "request.no-server-error", _of(400), 502),
    ("validation-404", "answers what is out of range with 404", "error.unreadable-status", _of(400), 404),
    ("validation-403", "answers what is out of range with 403", "error.unreadable-status", _of(400), 403),
    (
        "unknown-model-200",
        "answers an unknown model with status 200",
        "request.model.refused",
        _coded("model_not_found"),
        200,
    ),
    (
        "range-500",
        "answers numbers out of range with 500",
        "request.no-server-error",
        lambda r: (r.code or "").endswith("_value") and r.param != "model",
        500,
    ),
    (
        "type-500",
        "answers values of the wrong type with 500",
        "request.no-server-error",
        _coded("invalid_type"),
        500,
    ),
)

_LENIENCY: tuple[Any, ...] = (
    (
        "malformed-accepted",
        "answers malformed JSON",
        "error.malformed-json",
        lambda raw: raw[:1] == b"{" and not _reads(raw),
    ),
    (
        "cut-body-accepted",
        "answers a body that was cut short",
        "error.cut-json",
        lambda raw: raw[:1] == b"{" and not raw.rstrip().endswith(b"}"),
    ),
    (
        "body-utf-8-accepted",
        "answers a body that is no UTF-8",
        "error.invalid-utf-8",
        lambda raw: b"\xff" in raw,
    ),
    ("empty-body-accepted", "answers an empty body", "error.empty-body", lambda raw: raw.strip() == b""),
    (
        "array-body-accepted",
        "answers a body that is an array",
        "error.non-object-body",
        lambda raw: raw.strip()[:1] == b"[",
    ),
    (
        "string-body-accepted",
        "answers a body that is no object",
        "error.non-object-body",
        lambda raw: _reads(raw) and raw.strip()[:1] != b"{",
    ),
    (
        "nan-accepted",
        "takes NaN for a number",
        "error.nan",
        lambda raw: b"NaN" in raw or b"Infinity" in raw,
    ),
)

_ELSEWHERE = Hooks(reply=_elsewhere)
