"""Mutants that leave requests without an answer which they must answer."""

from conformance.reference.field_mutations import refuse_values
from conformance.reference.hooks import Frame, Hooks, Refusal, Reply, Request
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import When


def _failure(status: int) -> Reply:
    body = b'{"error":{"message":"Oops.","type":"server_error","param":null,"code":null}}'
    headers = (("content-type", "application/json"), ("content-length", str(len(body))))
    return Reply(status, headers, (Frame(body),))


def _failing(request: Request, made: Reply) -> Reply:
    return made if request.number % 7 else _failure(500)


def _failing_streams(status: int) -> Hooks:
    return Hooks(reply=lambda request, made: _failure(status) if request.streamed else made)


def _thinks(request: Request) -> bool:
    return bool(request.body.get("reasoning"))


def _refusing(param: str, meant: When) -> Hooks:
    refusal = Refusal(400, f"{param} is not supported.", param=param, code="unsupported_parameter")
    return Hooks(validate=lambda request, found: refusal if meant(request) else found)


LONGEST_PROMPT = 1500


def _short_only(request: Request, found: Refusal | None) -> Refusal | None:
    given = request.body.get("input")
    return found or (Refusal(400, "That is too long.") if len(str(given)) > LONGEST_PROMPT else None)


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "long-input-refused",
        "refuses an input of more than 1500 characters",
        requirement="response.answered",
        hooks=refuse_values("input", lambda v: len(str(v)) > 1500),
    ),
    Mutant(
        "long-prompt-refused",
        "refuses a prompt of more than 1500 characters",
        requirement="response.answered",
        hooks=Hooks(validate=_short_only),
    ),
    Mutant(
        "fails-now-and-then",
        "answers 500 now and then",
        requirement="response.answered-at-once",
        hooks=Hooks(reply=_failing),
    ),
    Mutant(
        "streams-refused",
        "refuses every stream",
        requirement="stream.accepted",
        hooks=_refusing("stream", lambda request: request.streamed),
    ),
    Mutant(
        "reasoning-refused",
        "refuses every request for reasoning",
        requirement="response.answered",
        hooks=_refusing("reasoning", _thinks),
    ),
    Mutant(
        "streamed-reasoning-refused",
        "refuses reasoning where it is to be streamed",
        requirement="stream.accepted",
        hooks=_refusing("reasoning", lambda request: request.streamed and _thinks(request)),
    ),
    Mutant(
        "streams-500",
        "answers every request for a stream with 500",
        requirement="stream.accepted",
        hooks=_failing_streams(500),
    ),
    Mutant(
        "streams-501",
        "answers every request for a stream with 501",
        requirement="response.answered",
        hooks=_failing_streams(501),
    ),
)
