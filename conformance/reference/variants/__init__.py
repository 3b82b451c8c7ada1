"""The variants: providers that differ from the healthy one and are right all the same."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import MappingProxyType

from conformance.reference.variants.conduct import conduct_variants
from conformance.reference.variants.framing import framing_variants
from conformance.reference.variants.telling import telling_variants
from conformance.reference.variants.variant import Variant

TABLES: tuple[Callable[[], Iterator[Variant]], ...] = (framing_variants, telling_variants, conduct_variants)


@cache
def variants() -> Mapping[str, Variant]:
    """Every variant by its id. Raises ValueError where two share one."""
    found: dict[str, Variant] = {}
    for table in TABLES:
        for variant in table():
            if variant.id in found:
                raise ValueError(f"two variants are called {variant.id}")
            found[variant.id] = variant
    return MappingProxyType(found)


__all__ = ["Variant", "variants"]
