"""Variants of the Response object's fields: more, fewer, or with other values."""

from conformance.reference.conversation import Json
from conformance.reference.hooks import Hooks
from conformance.reference.mutations import change_snapshots, combine, map_field, remove_fields, set_field
from conformance.reference.variants.variant import NOT_OPENRESPONSES, PAGE, Variant

OPENAI_KEYS = frozenset(
    [
        "error",
        "incomplete_details",
        "instructions",
        "tools",
        "parallel_tool_calls",
        "metadata",
        "tool_choice",
        "temperature",
        "top_p",
    ]
)
"""What the OpenAI document requires beside the page's keys."""


PAGE_KEYS = frozenset(["id", "object", "created_at", "model", "status", "output", "usage"])


def _extra(response: Json) -> None:
    response.update(x_region="eu", output_text=None, usage_cost={"usd": 0.0}, conversation=None)
    if isinstance(response.get("usage"), dict):
        response["usage"]["input_tokens_details"]["audio_tokens"] = 0
        response["usage"]["cost"] = 0.0


def _kept(*groups: frozenset[str]) -> Hooks:
    keys = frozenset().union(*groups)

    def keep(response: Json) -> None:
        for key in [*response]:
            if key not in keys:
                del response[key]

    return change_snapshots(keep)


def _omitting_nulls(response: Json) -> None:
    for key in [key for key, value in response.items() if value is None]:
        del response[key]


VARIANTS: tuple[Variant, ...] = (
    Variant("extra-members", "adds members to responses and usage", hooks=change_snapshots(_extra)),
    Variant(
        "page-keys-only",
        "tells the page's required members and no others",
        hooks=_kept(PAGE_KEYS),
        contracts=PAGE,
    ),
    Variant(
        "page-keys-and-optional",
        "tells the page's members, the optional ones too",
        hooks=_kept(PAGE_KEYS, frozenset({"completed_at", "reasoning", "text"})),
        contracts=PAGE,
    ),
    Variant(
        "openai-keys-only",
        "tells what the OpenAI document requires and no more",
        hooks=_kept(PAGE_KEYS, OPENAI_KEYS),
        contracts=NOT_OPENRESPONSES,
    ),
    Variant(
        "nulls-left-out",
        "leaves members out that would be null",
        hooks=change_snapshots(_omitting_nulls),
        contracts=PAGE,
    ),
    Variant(
        "no-echo-of-sampling",
        "does not repeat temperature and its kin",
        hooks=change_snapshots(
            remove_fields("temperature", "top_p", "frequency_penalty", "presence_penalty")
        ),
        contracts=PAGE,
    ),
    Variant(
        "completed-at-left-out",
        "does not say when responses were completed",
        hooks=change_snapshots(remove_fields("completed_at")),
        contracts=NOT_OPENRESPONSES,
    ),
    Variant(
        "reasoning-null",
        "tells no reasoning where none was asked for",
        hooks=change_snapshots(
            lambda r: r.update(reasoning=None) if r["reasoning"]["effort"] == "none" else None
        ),
    ),
    Variant(
        "verbosity-left-out",
        "does not repeat the verbosity",
        hooks=change_snapshots(remove_fields("text.verbosity")),
    ),
    Variant(
        "service-tier-auto",
        "repeats service_tier as it was asked",
        hooks=change_snapshots(set_field("service_tier", "auto")),
    ),
    Variant(
        "dated-model",
        "answers with the dated name of the model",
        hooks=change_snapshots(
            lambda r: r.update(model=f"{r['model']}-2025-12-11") if not r["model"].endswith("-11") else None
        ),
    ),
    Variant(
        "clock-behind",
        "has a clock a minute behind",
        hooks=combine(
            change_snapshots(map_field("created_at", lambda t: t - 60)),
            change_snapshots(map_field("completed_at", lambda t: t - 60)),
        ),
    ),
)
