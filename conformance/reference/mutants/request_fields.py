"""Mutants of request fields: values that break the server, fields that are blamed or repeated wrongly."""

from collections.abc import Callable
from dataclasses import replace

from conformance.reference.conversation import Json
from conformance.reference.field_mutations import crash_on_values
from conformance.reference.hooks import Hooks, Refusal, Request
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.reply_mutations import (
    change_envelope,
    change_refusal_status,
    has_code,
    has_status,
    with_error_members,
)


def _sampled_wrong(request: Request, found: Refusal | None) -> bool:
    numbers = ("temperature", "top_p", "max_output_tokens")
    return found is not None and request.streamed and (found.param or "").startswith(numbers)


def _crash_on(matches: Callable[[Json], bool]) -> Hooks:
    """Answers 500 where an item of the input is one that it refuses."""

    def crash(request: Request, refusal: Refusal) -> Refusal:
        items = request.body.get("input")
        crashes = isinstance(items, list) and any(matches(item) for item in items if isinstance(item, dict))
        return replace(refusal, status=500) if crashes else refusal

    return Hooks(refusal=crash)


def _with_odd_part(item: Json) -> bool:
    """A content part whose type is no text."""
    parts = item.get("content")
    return isinstance(parts, list) and any(
        isinstance(p, dict) and isinstance(p.get("type"), dict) for p in parts
    )


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "dated-model-crashes",
        "answers a dated model with a 500",
        requirement="request.model.conflict",
        hooks=crash_on_values("model", lambda v: isinstance(v, str) and v.startswith("gpt-5.2-")),
    ),
    Mutant(
        "error-param-another",
        "blames another field",
        requirement="request.model.param",
        hooks=change_envelope(lambda e: with_error_members(e, param="messages")),
    ),
    Mutant(
        "empty-content-crashes",
        "answers an empty message with a 500",
        requirement="request.input.conflict",
        hooks=crash_on_values(
            "input",
            lambda v: isinstance(v, list) and any(isinstance(i, dict) and i.get("content") == "" for i in v),
        ),
    ),
    Mutant(
        "error-param-body",
        "blames the body as a whole",
        requirement="request.stream.param",
        hooks=change_envelope(lambda e: with_error_members(e, param="body")),
    ),
    Mutant(
        "error-param-null",
        "never says which field was wrong",
        requirement="error.param",
        hooks=change_envelope(lambda e: with_error_members(e, param=None)),
    ),
    Mutant(
        "small-limit-crashes",
        "answers a limit under 16 with a 500",
        requirement="request.max_output_tokens.conflict",
        hooks=crash_on_values("max_output_tokens", lambda v: isinstance(v, int) and v < 16),
    ),
    Mutant(
        "stop-array-crashes",
        "answers an array of stop sequences with a 500",
        requirement="request.stop.conflict",
        hooks=crash_on_values("stop", lambda v: isinstance(v, list)),
    ),
    Mutant(
        "n-two-crashes",
        "answers n of 2 with a 500",
        requirement="request.n.conflict",
        hooks=crash_on_values("n", lambda v: v == 2),
    ),
    Mutant(
        "json-object-crashes",
        "answers json_object with a 500",
        requirement="request.text.format.conflict",
        hooks=crash_on_values(
            "text.format", lambda v: isinstance(v, dict) and v.get("type") == "json_object"
        ),
    ),
    Mutant(
        "effort-minimal-crashes",
        "answers effort minimal with a 500",
        requirement="request.reasoning.effort.conflict",
        hooks=crash_on_values("reasoning.effort", lambda v: v == "minimal"),
    ),
    Mutant(
        "previous-null-crashes",
        "answers a null previous_response_id with a 500",
        requirement="request.previous_response_id.optional",
        hooks=crash_on_values("previous_response_id", lambda v: v is None),
    ),
    Mutant(
        "stream-refused-unchecked",
        "streams an answer to what it would otherwise refuse",
        requirement="request.stream.refused-first",
        hooks=Hooks(validate=lambda request, found: None if _sampled_wrong(request, found) else found),
    ),
    Mutant(
        "unknown-model-500",
        "answers an unknown model with 500",
        requirement="request.no-server-error",
        hooks=change_refusal_status(has_code("model_not_found"), 500),
    ),
    Mutant(
        "unknown-model-503",
        "answers an unknown model with 503",
        requirement="request.no-server-error",
        hooks=change_refusal_status(has_code("model_not_found"), 503),
    ),
    Mutant(
        "validation-500",
        "answers what is out of range with 500",
        requirement="request.no-server-error",
        hooks=change_refusal_status(has_status(400), 500),
    ),
    Mutant(
        "validation-502",
        "answers what is out of range with 502",
        requirement="request.no-server-error",
        hooks=change_refusal_status(has_status(400), 502),
    ),
    Mutant(
        "range-500",
        "answers numbers out of range with 500",
        requirement="request.no-server-error",
        hooks=change_refusal_status(lambda r: (r.code or "").endswith("_value") and r.param != "model", 500),
    ),
    Mutant(
        "type-500",
        "answers values of the wrong type with 500",
        requirement="request.no-server-error",
        hooks=change_refusal_status(has_code("invalid_type"), 500),
    ),
    Mutant(
        "part-type-crashes",
        "answers a content part whose type is an object with 500",
        requirement="request.no-server-error",
        hooks=_crash_on(_with_odd_part),
        report="Soju06/codex-lb#1566",
    ),
    Mutant(
        "unknown-role-crashes",
        "answers a message of an unknown role with 500",
        requirement="request.no-server-error",
        hooks=_crash_on(lambda item: item.get("role") == "robot"),
        report="raullenchai/Rapid-MLX#922",
    ),
)
