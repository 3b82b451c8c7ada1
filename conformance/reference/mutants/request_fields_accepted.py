"""Mutants that refuse values of request fields which they must accept."""

from conformance.reference.field_mutations import has_item_with, has_type, refuse_requests, refuse_values
from conformance.reference.hooks import Hooks, Refusal, Request
from conformance.reference.mutants.mutant import Mutant


def _greeted(request: Request, found: Refusal | None) -> Refusal | None:
    if b"Hello there" not in request.raw or request.path != "/responses" or request.body.get("stream"):
        return found
    return found or Refusal(404, "That model is not served.", param="model", code="model_not_found")


def _thinks(request: Request) -> bool:
    return bool(request.body.get("reasoning"))


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "model-refused",
        "does not know the model of the page",
        requirement="request.model.accepted",
        hooks=refuse_values("model", lambda v: v == "gpt-5.2"),
    ),
    Mutant(
        "model-refused-when-greeted",
        "does not serve its model to who says hello",
        requirement="request.model.accepted",
        hooks=Hooks(validate=_greeted),
    ),
    Mutant(
        "input-history-refused",
        "refuses an assistant's turn",
        requirement="request.input.accepted",
        hooks=refuse_values("input", has_item_with("role", "assistant")),
    ),
    Mutant(
        "input-system-refused",
        "refuses a system message",
        requirement="request.input.accepted",
        hooks=refuse_values("input", has_item_with("role", "system")),
    ),
    Mutant(
        "input-string-refused",
        "refuses a plain string",
        requirement="request.input.accepted-should",
        hooks=refuse_values("input", lambda v: isinstance(v, str)),
    ),
    Mutant(
        "input-developer-refused",
        "refuses a developer message",
        requirement="request.input.accepted-should",
        hooks=refuse_values("input", has_item_with("role", "developer")),
    ),
    Mutant(
        "input-typed-message-refused",
        "refuses a message that names its type",
        requirement="request.input.accepted-should",
        hooks=refuse_values("input", has_item_with("type", "message")),
    ),
    Mutant(
        "input-parts-refused",
        "refuses content that comes in parts",
        requirement="request.input.accepted-should",
        hooks=refuse_values(
            "input", lambda v: isinstance(v, list) and any(isinstance(i.get("content"), list) for i in v)
        ),
    ),
    Mutant(
        "stream-false-refused",
        "refuses stream false",
        requirement="request.stream.accepted",
        hooks=refuse_values("stream", lambda v: v is False),
    ),
    Mutant(
        "temperature-float-refused",
        "takes whole temperatures only",
        requirement="request.temperature.accepted",
        hooks=refuse_values("temperature", lambda v: isinstance(v, float)),
    ),
    Mutant(
        "temperature-integer-refused",
        "takes temperatures with a point only, as strict decoders do",
        requirement="request.temperature.accepted",
        hooks=refuse_values("temperature", lambda v: isinstance(v, int)),
    ),
    Mutant(
        "max-output-tokens-refused",
        "refuses any token limit",
        requirement="request.max_output_tokens.accepted",
        hooks=refuse_values("max_output_tokens", bool),
    ),
    Mutant(
        "max-output-tokens-at-least-32",
        "refuses limits of 16 and 17, which every source allows",
        requirement="request.max_output_tokens.accepted",
        hooks=refuse_values("max_output_tokens", lambda v: 16 <= v < 32),
    ),
    Mutant(
        "stop-refused",
        "refuses a stop sequence",
        requirement="request.stop.accepted",
        hooks=refuse_values("stop", lambda v: isinstance(v, str)),
    ),
    Mutant(
        "n-one-refused",
        "refuses the one choice that is the default",
        requirement="request.n.accepted",
        hooks=refuse_values("n", lambda v: v == 1),
    ),
    Mutant(
        "text-empty-refused",
        "refuses an empty text object",
        requirement="request.text.accepted",
        hooks=refuse_values("text", lambda v: v == {}),
    ),
    Mutant(
        "text-format-refused",
        "refuses the plain text format",
        requirement="request.text.format.accepted",
        hooks=refuse_values("text.format", has_type("text")),
    ),
    Mutant(
        "json-schema-refused",
        "refuses structured output",
        requirement="request.text.format.accepted-should",
        hooks=refuse_values("text.format", has_type("json_schema")),
    ),
    Mutant(
        "reasoning-empty-refused",
        "refuses an empty reasoning object",
        requirement="request.reasoning.accepted",
        hooks=refuse_values("reasoning", lambda v: v == {}),
    ),
    Mutant(
        "tools-refused",
        "refuses to hear of any tool",
        requirement="request.tools.accepted",
        hooks=refuse_values("tools", bool),
    ),
    Mutant(
        "tools-empty-refused",
        "refuses an empty list of tools",
        requirement="request.tools.accepted",
        hooks=refuse_values("tools", lambda v: v == []),
    ),
    Mutant(
        "tools-without-strict-refused",
        "refuses a function that does not say whether it is strict",
        requirement="request.tools.accepted-should",
        hooks=refuse_values("tools", lambda v: any("strict" not in tool for tool in v)),
    ),
    Mutant(
        "tool_choice-auto-refused",
        "refuses the choice that is the default",
        requirement="request.tool_choice.accepted",
        hooks=refuse_values("tool_choice", lambda v: v == "auto"),
    ),
    Mutant(
        "tool_choice-required-refused",
        "refuses to be made to call",
        requirement="request.tool_choice.accepted",
        hooks=refuse_values("tool_choice", lambda v: v == "required"),
    ),
    Mutant(
        "tool_choice-none-refused",
        "refuses to be kept from calling",
        requirement="request.tool_choice.accepted",
        hooks=refuse_values("tool_choice", lambda v: v == "none"),
    ),
    Mutant(
        "tool_choice-object-refused",
        "refuses the choice of a named function",
        requirement="request.tool_choice.accepted-should",
        hooks=refuse_values("tool_choice", lambda v: isinstance(v, dict) and v.get("type") == "function"),
    ),
    Mutant(
        "store-false-refused",
        "refuses not to store",
        requirement="request.store.accepted",
        hooks=refuse_values("store", lambda v: v is False),
    ),
    Mutant(
        "store-true-refused",
        "refuses to store",
        requirement="request.store.accepted",
        hooks=refuse_values("store", lambda v: v is True),
    ),
    Mutant(
        "user-refused",
        "refuses a user",
        requirement="request.user.accepted",
        hooks=refuse_values("user", bool),
    ),
    Mutant(
        "user-non-ascii-refused",
        "refuses a user that is not ASCII",
        requirement="request.user.accepted",
        hooks=refuse_values("user", lambda v: not v.isascii()),
    ),
    Mutant(
        "reasoning-refused",
        "refuses every request for reasoning",
        requirement="request.reasoning.effort.accepted",
        hooks=refuse_requests("reasoning", _thinks),
    ),
)
