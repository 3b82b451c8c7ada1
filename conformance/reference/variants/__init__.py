"""The variants: providers that differ from the healthy one and are right all the same.

Each stands in the module of the area in which it differs.
"""

from collections.abc import Mapping
from functools import cache
from itertools import chain
from types import MappingProxyType

from conformance.reference.variants import (
    agent_tools,
    answering,
    authorization,
    billing,
    client_requests,
    errors,
    honoured,
    loops,
    request_fields,
    response_body,
    response_consistency,
    response_fields,
    response_items,
    storage,
    stream_content,
    stream_framing,
    stream_lifecycle,
    stream_snapshots,
    stream_time,
    tools,
    usage,
)
from conformance.reference.variants import (
    input as input_,
)
from conformance.reference.variants.variant import Variant

TABLES: Mapping[str, tuple[Variant, ...]] = MappingProxyType(
    {
        "agent_tools": agent_tools.VARIANTS,
        "answering": answering.VARIANTS,
        "authorization": authorization.VARIANTS,
        "billing": billing.VARIANTS,
        "client_requests": client_requests.VARIANTS,
        "errors": errors.VARIANTS,
        "honoured": honoured.VARIANTS,
        "input": input_.VARIANTS,
        "loops": loops.VARIANTS,
        "request_fields": request_fields.VARIANTS,
        "response_body": response_body.VARIANTS,
        "response_consistency": response_consistency.VARIANTS,
        "response_fields": response_fields.VARIANTS,
        "response_items": response_items.VARIANTS,
        "storage": storage.VARIANTS,
        "stream_content": stream_content.VARIANTS,
        "stream_framing": stream_framing.VARIANTS,
        "stream_lifecycle": stream_lifecycle.VARIANTS,
        "stream_snapshots": stream_snapshots.VARIANTS,
        "stream_time": stream_time.VARIANTS,
        "tools": tools.VARIANTS,
        "usage": usage.VARIANTS,
    }
)
"""The variants by the module that they stand in."""


@cache
def variants() -> Mapping[str, Variant]:
    """Every variant by its id. Raises ValueError where two share one."""
    found: dict[str, Variant] = {}
    for variant in chain(*TABLES.values()):
        if variant.id in found:
            raise ValueError(f"two variants are called {variant.id}")
        found[variant.id] = variant
    return MappingProxyType(found)


__all__ = ["TABLES", "Variant", "variants"]
