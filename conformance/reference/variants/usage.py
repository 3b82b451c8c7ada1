"""Variants of the usage: details left out, tokens found in a cache."""

from conformance.reference.conversation import Json
from conformance.reference.mutations import change_snapshots, remove_fields
from conformance.reference.variants.variant import PAGE, Variant


def _cache(response: Json) -> None:
    usage = response.get("usage")
    if isinstance(usage, dict):
        usage["input_tokens_details"]["cached_tokens"] = usage["input_tokens"]


VARIANTS: tuple[Variant, ...] = (
    Variant(
        "no-usage-details",
        "tells usage without details",
        hooks=change_snapshots(remove_fields("usage.input_tokens_details", "usage.output_tokens_details")),
        contracts=PAGE,
    ),
    Variant(
        "no-cache-write-tokens",
        "does not count tokens written to a cache",
        hooks=change_snapshots(remove_fields("usage.input_tokens_details.cache_write_tokens")),
    ),
    Variant("cached-tokens", "found the whole input in its cache", hooks=change_snapshots(_cache)),
)
