"""Mutants that leave requests without an answer which they must answer."""

from conformance.reference.field_mutations import refuse_values
from conformance.reference.hooks import Hooks, Refusal, Reply, Request
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.reply_mutations import server_error


def _failing(request: Request, made: Reply) -> Reply:
    return made if request.number % 7 else server_error(500)


def _failing_when_cut(request: Request, made: Reply) -> Reply:
    """An answer that was cut, and is sent in one body, becomes a 500."""
    if request.streamed or b'"status":"incomplete"' not in made.body:
        return made
    return server_error(500)


LONGEST_PROMPT = 1500


def _short_only(request: Request, found: Refusal | None) -> Refusal | None:
    given = request.body.get("input")
    return found or (Refusal(400, "That is too long.") if len(str(given)) > LONGEST_PROMPT else None)


def _with_tools_only(request: Request, found: Refusal | None) -> Refusal | None:
    """Makes up an empty list where no tools were sent, and is refused for it."""
    text = "Invalid 'tools': empty array."
    return found or (None if "tools" in request.body else Refusal(400, text, param="tools"))


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "toolless-refused",
        "refuses whoever sends no tools",
        requirement="response.answered",
        hooks=Hooks(validate=_with_tools_only),
        report="Soju06/codex-lb#1200",
    ),
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
        "cut-answer-a-server-error",
        "answers 500 where an unstreamed answer was cut",
        requirement="response.answered",
        hooks=Hooks(reply=_failing_when_cut),
        report="BerriAI/litellm#37710",
    ),
    Mutant(
        "fails-now-and-then",
        "answers 500 now and then",
        requirement="response.answered-at-once",
        hooks=Hooks(reply=_failing),
    ),
)
