"""Mutants that answer no stream at all, or not each that is asked for."""

from conformance.reference.field_mutations import refuse_requests, refuse_values
from conformance.reference.hooks import Hooks
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.reply_mutations import fail_streams

MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "streams-refused",
        "refuses every stream",
        requirement="stream.accepted",
        hooks=refuse_requests("stream", lambda request: request.streamed),
    ),
    Mutant(
        "streamed-reasoning-refused",
        "refuses reasoning where it is to be streamed",
        requirement="stream.accepted",
        hooks=refuse_requests(
            "reasoning", lambda request: request.streamed and bool(request.body.get("reasoning"))
        ),
    ),
    Mutant(
        "streams-500",
        "answers every request for a stream with 500",
        requirement="stream.accepted",
        hooks=Hooks(reply=fail_streams(500)),
    ),
    Mutant(
        "streams-501",
        "answers every request for a stream with 501",
        requirement="stream.accepted",
        hooks=Hooks(reply=fail_streams(501)),
    ),
    Mutant(
        "stream-true-refused",
        "refuses to stream",
        requirement="stream.accepted",
        hooks=refuse_values("stream", lambda v: v is True),
    ),
)
