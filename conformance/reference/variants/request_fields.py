"""Variants of request fields: values refused where the sources contradict each other."""

from conformance.contract.contracts import Contract
from conformance.contract.schemas import schema
from conformance.reference.field_mutations import has_type, refuse_values
from conformance.reference.hooks import Hooks, Refusal, Request
from conformance.reference.variants.variant import PAGE, Variant


def _page_only(request: Request, found: Refusal | None) -> Refusal | None:
    known = schema("request", Contract.ANYFAST)["properties"]
    for name in request.sent if isinstance(request.sent, dict) else ():
        if name not in known or known[name].get("x-level") == "MAY":
            text = f"Unknown parameter: '{name}'."
            return found or Refusal(400, text, param=name, code="unknown_parameter")
    return found


def _no_nulls(request: Request, found: Refusal | None) -> Refusal | None:
    if found is not None:
        return found
    for name, value in request.sent.items() if isinstance(request.sent, dict) else ():
        members = value.items() if isinstance(value, dict) else ()
        for path, inner in ((name, value), *((f"{name}.{key}", member) for key, member in members)):
            if inner is None:
                return Refusal(400, f"'{path}' must not be null.", param=path, code="invalid_type")
    return None


def _sampling_with_effort(request: Request, found: Refusal | None) -> Refusal | None:
    if found is not None:
        return found
    effort = (request.body.get("reasoning") or {}).get("effort", "none")
    if effort != "none" and {"temperature", "top_p"} & request.body.keys():
        return Refusal(400, "Not with reasoning.", param="temperature", code="unsupported_parameter")
    return found


VARIANTS: tuple[Variant, ...] = (
    Variant(
        "small-limits-refused",
        "refuses max_output_tokens where the sources contradict each other",
        hooks=refuse_values("max_output_tokens", lambda v: v < 16),
        contracts=PAGE,
    ),
    Variant(
        "huge-limits-refused",
        "refuses max_output_tokens where the sources contradict each other",
        hooks=refuse_values("max_output_tokens", lambda v: v > 100_000),
        contracts=PAGE,
    ),
    Variant(
        "minimal-effort-refused",
        "refuses reasoning.effort where the sources contradict each other",
        hooks=refuse_values("reasoning.effort", lambda v: v in {"minimal", "max"}),
        contracts=PAGE,
    ),
    Variant(
        "two-choices-refused",
        "refuses n where the sources contradict each other",
        hooks=refuse_values("n", lambda v: v > 1),
        contracts=PAGE,
    ),
    Variant(
        "stop-array-refused",
        "refuses stop where the sources contradict each other",
        hooks=refuse_values("stop", lambda v: isinstance(v, list)),
        contracts=PAGE,
    ),
    Variant(
        "empty-stop-refused",
        "refuses stop where the sources contradict each other",
        hooks=refuse_values("stop", lambda v: v == ""),
        contracts=PAGE,
    ),
    Variant(
        "empty-user-refused",
        "refuses user where the sources contradict each other",
        hooks=refuse_values("user", lambda v: v == ""),
        contracts=PAGE,
    ),
    Variant(
        "dated-alias-refused",
        "refuses model where the sources contradict each other",
        hooks=refuse_values("model", lambda v: isinstance(v, str) and v != "gpt-5.2"),
        contracts=PAGE,
    ),
    Variant(
        "json-object-refused",
        "refuses text.format where the sources contradict each other",
        hooks=refuse_values("text.format", has_type("json_object")),
        contracts=PAGE,
    ),
    Variant(
        "allowed-tools-refused",
        "refuses tool_choice where the sources contradict each other",
        hooks=refuse_values("tool_choice", has_type("allowed_tools")),
        contracts=PAGE,
    ),
    Variant(
        "empty-content-refused",
        "refuses input where the sources contradict each other",
        hooks=refuse_values(
            "input",
            lambda v: isinstance(v, list) and any(isinstance(i, dict) and i.get("content") == "" for i in v),
        ),
        contracts=PAGE,
    ),
    Variant("nulls-refused", "refuses null for any field", hooks=Hooks(validate=_no_nulls), contracts=PAGE),
    Variant(
        "page-fields-only",
        "refuses fields that the page does not have, an empty include among them",
        hooks=Hooks(validate=_page_only),
        contracts=PAGE,
        worse=frozenset({"client.include-empty"}),
    ),
    Variant(
        "sampling-with-effort-refused",
        "refuses a temperature beside reasoning",
        hooks=Hooks(validate=_sampling_with_effort),
    ),
)
