"""Mutants of errors: which requests are turned away, and with which status."""

import json
from collections.abc import Callable
from dataclasses import replace

from conformance.reference.conversation import Json
from conformance.reference.hooks import Hooks, Refusal, Request
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.reply_mutations import change_refusal_status, change_refusals, has_code, has_status


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


def _form(request: Request, found: Refusal | None) -> Refusal | None:
    named = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    return None if named else found


def _plain_text(request: Request, found: Refusal | None) -> Refusal | None:
    named = request.headers.get("content-type", "").startswith("text/plain")
    return None if named and request.raw[:1] == b"{" else found


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "malformed-accepted",
        "answers malformed JSON",
        requirement="error.malformed-json",
        hooks=Hooks(parse=_reading(lambda raw: raw[:1] == b"{" and not _reads(raw))),
    ),
    Mutant(
        "cut-body-accepted",
        "answers a body that was cut short",
        requirement="error.cut-json",
        hooks=Hooks(parse=_reading(lambda raw: raw[:1] == b"{" and not raw.rstrip().endswith(b"}"))),
    ),
    Mutant(
        "empty-body-accepted",
        "answers an empty body",
        requirement="error.empty-body",
        hooks=Hooks(parse=_reading(lambda raw: raw.strip() == b"")),
    ),
    Mutant(
        "array-body-accepted",
        "answers a body that is an array",
        requirement="error.non-object-body",
        hooks=Hooks(parse=_reading(lambda raw: raw.strip()[:1] == b"[")),
    ),
    Mutant(
        "string-body-accepted",
        "answers a body that is no object",
        requirement="error.non-object-body",
        hooks=Hooks(parse=_reading(lambda raw: _reads(raw) and raw.strip()[:1] != b"{")),
    ),
    Mutant(
        "nan-accepted",
        "takes NaN for a number",
        requirement="error.nan",
        hooks=Hooks(parse=_reading(lambda raw: b"NaN" in raw or b"Infinity" in raw)),
    ),
    Mutant(
        "body-utf-8-accepted",
        "answers a body that is no UTF-8",
        requirement="error.invalid-utf-8",
        hooks=Hooks(parse=_reading(lambda raw: b"\xff" in raw)),
    ),
    Mutant(
        "malformed-404",
        "answers malformed JSON with 404",
        requirement="error.unreadable-status",
        hooks=change_refusal_status(has_code("invalid_json"), 404),
    ),
    Mutant(
        "validation-404",
        "answers what is out of range with 404",
        requirement="error.unreadable-status",
        hooks=change_refusal_status(has_status(400), 404),
    ),
    Mutant(
        "validation-403",
        "answers what is out of range with 403",
        requirement="error.unreadable-status",
        hooks=change_refusal_status(has_status(400), 403),
    ),
    Mutant(
        "any-media-type",
        "reads a body whatever it is called",
        requirement="error.text-plain",
        hooks=Hooks(media_type=_any_media, parse=_reading(lambda raw: not _reads(raw) or raw[:1] != b"{")),
    ),
    Mutant(
        "plain-text-read",
        "reads JSON that is called text/plain",
        requirement="error.text-plain",
        hooks=Hooks(media_type=_plain_text),
    ),
    Mutant(
        "form-accepted",
        "reads a form as if it were JSON",
        requirement="error.form",
        hooks=Hooks(media_type=_form, parse=_reading(lambda raw: b"=" in raw and raw[:1] != b"{")),
    ),
    Mutant(
        "charset-refused",
        "takes application/json without parameters only",
        requirement="error.charset-accepted",
        hooks=Hooks(media_type=_strict_media),
    ),
    Mutant(
        "wrong-method-200",
        "answers any method with 200",
        requirement="error.method",
        hooks=change_refusal_status(has_status(405), 200),
    ),
    Mutant(
        "allow-missing",
        "does not say which methods it allows",
        requirement="error.allow",
        hooks=change_refusals(lambda r: replace(r, headers=()) if r.status == 405 else r),
    ),
    Mutant(
        "unknown-path-200",
        "answers any path with 200",
        requirement="error.unknown-path",
        hooks=change_refusal_status(has_code("unknown_url"), 200),
    ),
    Mutant(
        "unknown-path-400",
        "answers an unknown path with 400",
        requirement="error.unknown-path",
        hooks=change_refusal_status(has_code("unknown_url"), 400),
    ),
    Mutant(
        "unknown-model-409",
        "answers an unknown model with 409",
        requirement="error.unknown-model",
        hooks=change_refusal_status(has_code("model_not_found"), 409),
    ),
)
