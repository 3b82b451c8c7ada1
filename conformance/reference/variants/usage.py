"""Variants of the usage: details left out, tokens found in a cache."""

import json

from conformance.reference.conversation import Json
from conformance.reference.hooks import Hooks, Request
from conformance.reference.mutations import change_snapshots, remove_fields
from conformance.reference.variants.variant import PAGE, Variant


def _cache(request: Request, response: Json) -> Json:
    """What was sent before, word by word, comes out of the cache as a whole."""
    seen = request.memory.setdefault("seen inputs", set())
    sent = json.dumps(request.body.get("input"))
    if sent not in seen:
        seen.add(sent)
        return response
    usage = response["usage"]
    details = {**usage["input_tokens_details"], "cached_tokens": usage["input_tokens"]}
    return {**response, "usage": {**usage, "input_tokens_details": details}}


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
    Variant(
        "cached-tokens", "finds an input that it has seen before in its cache", hooks=Hooks(response=_cache)
    ),
)
