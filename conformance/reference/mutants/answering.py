"""Mutants that leave requests without an answer which they must answer."""

from conformance.reference.field_mutations import refuse_values
from conformance.reference.hooks import Frame, Hooks, Refusal, Reply, Request
from conformance.reference.mutants.mutant import Mutant


def _failing(request: Request, made: Reply) -> Reply:
    body = b'{"error":{"message":"Oops.","type":"server_error","param":null,"code":null}}'
    headers = (("content-type", "application/json"), ("content-length", str(len(body))))
    return made if request.number % 7 else Reply(500, headers, (Frame(body),))


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
)
