"""Mutants of errors: what a client gets wrong, and the server blames itself for."""

from dataclasses import replace

from conformance.reference.conversation import Json
from conformance.reference.hooks import Hooks, Refusal, Request
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutants.storage import unknown_id_told_with, unknown_previous_told_with
from conformance.reference.mutants.storage_endpoints import cancelling_told_with, limit_told_with
from conformance.reference.reply_mutations import change_refusal_status, has_code, has_status


def _failing_at(spelled: bytes) -> Hooks:
    """A server whose data base or encoder does not take what is spelled so."""

    def parse(request: Request, made: Json | Refusal) -> Json | Refusal:
        return Refusal(500, "Internal error.", "server_error") if spelled in request.raw else made

    return Hooks(parse=parse)


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "unknown-id-500",
        "answers an unknown id with 500",
        requirement="error.no-server-error",
        hooks=unknown_id_told_with(500),
    ),
    Mutant(
        "unknown-previous-500",
        "answers an unknown response before with 500",
        requirement="error.no-server-error",
        hooks=unknown_previous_told_with(500),
    ),
    Mutant(
        "input-items-limit-500",
        "answers a limit out of range with 500",
        requirement="error.no-server-error",
        hooks=limit_told_with(500),
    ),
    Mutant(
        "cancel-500",
        "answers the cancelling of a finished response with 500",
        requirement="error.no-server-error",
        hooks=cancelling_told_with(500),
    ),
    Mutant(
        "key-refused-500",
        "answers a missing key with 500",
        requirement="error.no-server-error",
        hooks=change_refusal_status(has_status(401), 500),
    ),
    Mutant(
        "malformed-500",
        "answers malformed JSON with 500",
        requirement="error.no-server-error",
        hooks=change_refusal_status(has_code("invalid_json"), 500),
    ),
    Mutant(
        "nul-in-text-500",
        "answers a NUL in the text with 500",
        requirement="error.no-server-error",
        hooks=_failing_at(rb"\u0000"),
    ),
    Mutant(
        "surrogate-in-text-500",
        "answers half a surrogate pair in the text with 500",
        requirement="error.no-server-error",
        hooks=_failing_at(rb"\ud83d"),
    ),
    Mutant(
        "media-type-500",
        "answers another media type with 500",
        requirement="error.no-server-error",
        hooks=change_refusal_status(has_status(415), 500),
    ),
    Mutant(
        "wrong-method-500",
        "answers another method with 500",
        requirement="error.no-server-error",
        hooks=change_refusal_status(has_status(405), 500),
    ),
    Mutant(
        "unknown-path-500",
        "answers an unknown path with 500",
        requirement="error.no-server-error",
        hooks=change_refusal_status(has_code("unknown_url"), 500),
    ),
    Mutant(
        "delete-500",
        "answers a deletion with 500",
        requirement="error.no-server-error",
        hooks=Hooks(reply=lambda request, r: replace(r, status=500) if request.method == "DELETE" else r),
    ),
    Mutant(
        "stored-responses-500",
        "answers 500 wherever a stored response is meant",
        requirement="error.no-server-error",
        hooks=Hooks(reply=lambda request, r: replace(r, status=500) if request.path.count("/") > 1 else r),
    ),
)
