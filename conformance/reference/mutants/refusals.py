"""Mutants of authorization and of errors: who is let in, and how others are turned away."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from conformance.reference.bend import refusing
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.seams import Asked, Frame, Refusal, Reply, Seams
from conformance.reference.turns import Json


def refusal_mutants() -> Iterator[Mutant]:
    """Authorization, the envelope, statuses, what is read too kindly."""
    yield from _authorization()
    yield from _envelopes()
    yield from _statuses()
    yield from _leniency()


def _given(asked: Asked) -> str:
    return asked.headers.get("authorization", "")


def _authorization() -> Iterator[Mutant]:
    for name, line, requirement, lets_in in _AUTHORIZATION:
        yield Mutant(name, line, requirement, _letting_in(lets_in))
    for name, line, requirement, seams in _AUTHORIZATION_2:
        yield Mutant(name, line, requirement, seams)


def _letting_in(meant: Callable[[str], bool]) -> Seams:
    return Seams(authorize=lambda asked, found: None if meant(_given(asked)) else found)


def _lower_case_refused() -> Seams:
    refusal = Refusal(401, "Invalid scheme.", "authentication_error", code="invalid_api_key")
    return Seams(authorize=lambda asked, found: refusal if _given(asked).startswith("bearer") else found)


def _body_first(asked: Asked, found: Refusal | None) -> Refusal | None:
    try:
        sound = isinstance(json.loads(asked.raw), dict)
    except ValueError:
        sound = False
    return found if sound or found is None else Refusal(400, "The body is no JSON.", code="invalid_json")


def _on_401(how: Callable[[Refusal], Refusal]) -> Seams:
    return refusing(lambda refusal: how(refusal) if refusal.status == 401 else refusal)


def _plain_401(_: Asked, reply: Reply) -> Reply:
    if reply.status != 401:
        return reply
    return reply.with_body(b"Unauthorized").with_header("content-type", "text/plain")


def _login(_: Asked, reply: Reply) -> Reply:
    if reply.status != 401:
        return reply
    return Reply(302, (("location", "/login"), ("content-length", "0")), (Frame(b""),))


def _telling_key(asked: Asked, refusal: Refusal) -> Refusal:
    return replace(refusal, message=f"{refusal.message} ({_given(asked)})")


def _telling_wrong_key(asked: Asked, refusal: Refusal) -> Refusal:
    return _telling_key(asked, refusal) if refusal.status == 401 else refusal


def _envelopes() -> Iterator[Mutant]:
    for name, line, requirement, how in _ENVELOPES:
        yield Mutant(name, line, requirement, Seams(envelope=_reworded(how)))
    yield Mutant("error-plain-text", "tells errors as plain text", "error.envelope", Seams(reply=_texted))
    yield Mutant("error-page", "tells errors as a page", "error.envelope", Seams(reply=_paged))
    yield Mutant(
        "error-no-body", "turns requests away without a word", "error.envelope", Seams(reply=_silent)
    )


def _reworded(how: Callable[[Json], Any]) -> Callable[[Asked, Any], Any]:
    return lambda _, envelope: how(envelope)


def _less(envelope: Json, key: str) -> Json:
    return {"error": {k: v for k, v in envelope["error"].items() if k != key}}


def _with(envelope: Json, **members: Any) -> Json:
    return {"error": {**envelope["error"], **members}}


def _refused(reply: Reply) -> bool:
    return 400 <= reply.status < 500


def _texted(_: Asked, reply: Reply) -> Reply:
    return (
        reply.with_body(b"Bad Request").with_header("content-type", "text/plain")
        if _refused(reply)
        else reply
    )


def _paged(_: Asked, reply: Reply) -> Reply:
    if not _refused(reply):
        return reply
    return reply.with_body(b"<html><h1>Bad Request</h1></html>").with_header("content-type", "text/html")


def _silent(_: Asked, reply: Reply) -> Reply:
    return reply.with_body(b"") if _refused(reply) else reply


def _statuses() -> Iterator[Mutant]:
    for name, line, requirement, meant, status in _STATUSES:
        yield Mutant(name, line, requirement, _restated(meant, status))
    yield Mutant(
        "allow-missing",
        "does not say which methods it allows",
        "error.allow",
        refusing(lambda r: replace(r, headers=()) if r.status == 405 else r),
    )


def _coded(code: str) -> Callable[[Refusal], bool]:
    return lambda refusal: refusal.code == code


def _of(status: int) -> Callable[[Refusal], bool]:
    return lambda refusal: refusal.status == status


def _restated(meant: Callable[[Refusal], bool], status: int) -> Seams:
    return refusing(lambda refusal: replace(refusal, status=status) if meant(refusal) else refusal)


def _leniency() -> Iterator[Mutant]:
    """Bodies that are no JSON object, read all the same."""
    for name, line, requirement, meant in _LENIENCY:
        yield Mutant(name, line, requirement, Seams(parsed=_reading(meant)))
    yield Mutant(
        "any-media-type",
        "reads a body whatever it is called",
        "error.media-type",
        Seams(media=_any_media, parsed=_reading(lambda raw: not _reads(raw) or raw[:1] != b"{")),
    )


def _reads(raw: bytes) -> bool:
    try:
        json.loads(raw)
    except ValueError:
        return False
    return True


def _reading(meant: Callable[[bytes], bool]) -> Callable[[Asked, Json | Refusal], Json | Refusal]:
    def read(asked: Asked, found: Json | Refusal) -> Json | Refusal:
        if isinstance(found, Refusal) and meant(asked.raw):
            return {"model": "gpt-5.2", "input": "Hello!"}
        return found

    return read


def _any_media(_: Asked, found: Refusal | None) -> Refusal | None:
    return None if found is not None and found.status == 415 else found


_AUTHORIZATION: tuple[Any, ...] = (
    ("no-key-accepted", "answers whoever sends no key", "authorization.missing", lambda g: g == ""),
    (
        "empty-key-accepted",
        "answers an empty Authorization",
        "authorization.empty",
        lambda g: g.strip() == "",
    ),
    (
        "bare-bearer-accepted",
        "answers `Bearer` without a token",
        "authorization.bare",
        lambda g: g.strip().lower() == "bearer",
    ),
    (
        "any-key-accepted",
        "answers whatever the token",
        "authorization.wrong",
        lambda g: g.lower().startswith("bearer "),
    ),
    (
        "basic-accepted",
        "answers another scheme",
        "authorization.scheme",
        lambda g: g.lower().startswith("basic"),
    ),
)

_AUTHORIZATION_2: tuple[Any, ...] = (
    (
        "lower-case-bearer-refused",
        "takes `Bearer` in this case only",
        "authorization.lower-case",
        _lower_case_refused(),
    ),
    (
        "body-before-key",
        "judges the body before the key",
        "authorization.before-body",
        Seams(authorize=_body_first),
    ),
    (
        "key-refused-403",
        "turns a missing key away with 403",
        "authorization.missing",
        _on_401(lambda r: replace(r, status=403)),
    ),
    (
        "key-refused-400",
        "turns a missing key away with 400",
        "authorization.missing",
        _on_401(lambda r: replace(r, status=400)),
    ),
    (
        "key-refused-500",
        "answers a missing key with 500",
        "authorization.missing",
        _on_401(lambda r: replace(r, status=500)),
    ),
    (
        "key-refused-404",
        "answers a missing key with 404",
        "authorization.missing",
        _on_401(lambda r: replace(r, status=404)),
    ),
    (
        "key-refused-without-envelope",
        "answers 401 with plain text",
        "error.envelope",
        Seams(reply=_plain_401),
    ),
    (
        "key-redirected",
        "sends a missing key to a login page",
        "authorization.missing",
        Seams(reply=_login),
    ),
    ("key-repeated", "repeats the key in its refusals", "error.no-key", Seams(refusal=_telling_key)),
    (
        "wrong-key-repeated",
        "repeats the wrong key in its refusal",
        "error.no-key",
        Seams(refusal=_telling_wrong_key),
    ),
)

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
    ("error-message-missing", "leaves the message out", "error.message", lambda e: _less(e, "message")),
    ("error-message-empty", "leaves the message empty", "error.message", lambda e: _with(e, message="")),
    (
        "error-message-an-object",
        "tells the message as an object",
        "error.message",
        lambda e: _with(e, message={"text": "x"}),
    ),
    ("error-type-missing", "leaves the type out", "error.type", lambda e: _less(e, "type")),
    ("error-type-null", "gives no type", "error.type", lambda e: _with(e, type=None)),
    ("error-code-missing", "leaves the code out", "error.code", lambda e: _less(e, "code")),
    ("error-code-a-number", "gives the status as the code", "error.code", lambda e: _with(e, code=400)),
    ("error-without-param", "leaves param out", "error.param", lambda e: _less(e, "param")),
    (
        "error-param-null",
        "never says which field was wrong",
        "error.param-names-field",
        lambda e: _with(e, param=None),
    ),
    (
        "error-param-another",
        "blames another field",
        "error.param-names-field",
        lambda e: _with(e, param="messages"),
    ),
    (
        "error-param-body",
        "blames the body as a whole",
        "error.param-names-field",
        lambda e: _with(e, param="body"),
    ),
    (
        "error-param-a-list",
        "gives param as a path of steps",
        "error.param",
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
        "error.unknown-model",
        _coded("model_not_found"),
        500,
    ),
    (
        "malformed-500",
        "answers malformed JSON with 500",
        "error.malformed-json",
        _coded("invalid_json"),
        500,
    ),
    (
        "malformed-404",
        "answers malformed JSON with 404",
        "error.malformed-json",
        _coded("invalid_json"),
        404,
    ),
    ("media-type-500", "answers another media type with 500", "error.media-type", _of(415), 500),
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
    ("wrong-method-500", "answers another method with 500", "error.method", _of(405), 500),
    ("validation-500", "answers what is out of range with 500", "error.no-5xx", _of(400), 500),
    ("validation-502", "answers what is out of range with 502", "error.no-5xx", _of(400), 502),
    ("validation-404", "answers what is out of range with 404", "error.status-400", _of(400), 404),
    ("validation-403", "answers what is out of range with 403", "error.status-400", _of(400), 403),
    (
        "unknown-model-200",
        "answers an unknown model with status 200",
        "error.unknown-model",
        _coded("model_not_found"),
        200,
    ),
    (
        "range-500",
        "answers numbers out of range with 500",
        "error.no-5xx",
        lambda r: (r.code or "").endswith("_value") and r.param != "model",
        500,
    ),
    (
        "type-500",
        "answers values of the wrong type with 500",
        "error.no-5xx",
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
    ("empty-body-accepted", "answers an empty body", "error.empty-body", lambda raw: raw.strip() == b""),
    (
        "array-body-accepted",
        "answers a body that is an array",
        "error.non-object",
        lambda raw: raw.strip()[:1] == b"[",
    ),
    (
        "string-body-accepted",
        "answers a body that is no object",
        "error.non-object",
        lambda raw: _reads(raw) and raw.strip()[:1] != b"{",
    ),
    (
        "nan-accepted",
        "takes NaN for a number",
        "error.nan",
        lambda raw: b"NaN" in raw or b"Infinity" in raw,
    ),
)
