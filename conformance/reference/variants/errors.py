"""Variants of errors: other statuses, other words, other members of the envelope."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance import strict_json
from conformance.reference.conversation import Json
from conformance.reference.hooks import Hooks, Refusal, Request
from conformance.reference.reply_mutations import change_refusals, change_replies
from conformance.reference.variants.variant import Variant


def _status(old: int, new: int) -> Callable[[Refusal], Refusal]:
    return lambda refusal: replace(refusal, status=new) if refusal.status == old else refusal


def _model_not_found(refusal: Refusal) -> Refusal:
    return replace(refusal, status=404) if refusal.code == "model_not_found" else refusal


def _top_level(refusal: Refusal) -> Refusal:
    """Only the field's name for a place inside it."""
    param = refusal.param
    return replace(refusal, param=param.split(".")[0].split("[")[0] if param else param)


def _dotted(refusal: Refusal) -> Refusal:
    param = refusal.param
    return replace(refusal, param=param.replace("[", ".").replace("]", "") if param else param)


def _with(**members: Any) -> Hooks:
    return Hooks(
        envelope=lambda _, envelope: {"error": {**envelope["error"], **members}, "request_id": "r-1"}
    )


def _without_nul(request: Request, found: Refusal | None) -> Refusal | None:
    if found is None and rb"\u0000" in request.raw:
        return Refusal(400, "A text cannot hold a NUL.", param="input", code="invalid_value")
    return found


def _half_pairs_replaced(request: Request, made: Json | Refusal) -> Json | Refusal:
    whole = request.raw.replace(rb"\ud83d", "\ufffd".encode())
    read = strict_json.parse(whole) if whole != request.raw else None
    return read.value if read and read.readable and isinstance(read.value, dict) else made


VARIANTS: tuple[Variant, ...] = (
    Variant("nul-refused", "refuses a text with a NUL", hooks=Hooks(validate=_without_nul)),
    Variant(
        "half-a-pair-replaced",
        "reads half a surrogate pair as the replacement character",
        hooks=Hooks(parse=_half_pairs_replaced),
    ),
    Variant(
        "no-allow",
        "does not say which methods it allows where the path is unknown to it",
        hooks=change_replies(
            lambda r: replace(r, status=404).without("allow"), when=lambda _, r: r.status == 405
        ),
    ),
    Variant("refuses-with-422", "refuses with 422 instead of 400", hooks=change_refusals(_status(400, 422))),
    Variant(
        "unknown-model-404", "answers an unknown model with 404", hooks=change_refusals(_model_not_found)
    ),
    Variant(
        "media-type-400", "refuses another media type with 400", hooks=change_refusals(_status(415, 400))
    ),
    Variant("method-404", "answers another method with 404", hooks=change_refusals(_status(405, 404))),
    Variant(
        "param-top-level", "names the field only, not the place inside it", hooks=change_refusals(_top_level)
    ),
    Variant("param-dotted", "spells places with dots", hooks=change_refusals(_dotted)),
    Variant(
        "error-extra-members",
        "adds members to errors",
        hooks=_with(inner={"trace": "t"}, help="https://example.org/"),
    ),
    Variant("error-code-null", "gives no code", hooks=_with(code=None)),
    Variant("error-type-of-its-own", "names errors in its own way", hooks=_with(type="acme_error")),
    Variant(
        "error-message-not-ascii",
        "words its errors in another language",
        hooks=_with(message="Ungültige Anfrage: 请求无效"),
    ),
)
