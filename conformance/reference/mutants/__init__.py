"""The mutants: the reference provider broken in one named way each, and what must catch it."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import MappingProxyType

from conformance.reference.mutants.authorization import authorization_mutants
from conformance.reference.mutants.bodies import body_mutants
from conformance.reference.mutants.fields import field_mutants
from conformance.reference.mutants.indices import index_mutants
from conformance.reference.mutants.items import item_mutants
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutants.narrow import narrow_mutants
from conformance.reference.mutants.refusals import refusal_mutants
from conformance.reference.mutants.repeats import repeat_mutants
from conformance.reference.mutants.requests import request_mutants
from conformance.reference.mutants.responses import response_mutants
from conformance.reference.mutants.shapes import shape_mutants
from conformance.reference.mutants.storage import storage_mutants
from conformance.reference.mutants.stories import story_mutants
from conformance.reference.mutants.streams import stream_mutants
from conformance.reference.mutants.tools import production_mutants
from conformance.reference.mutants.usage import usage_mutants
from conformance.reference.mutants.wire import wire_mutants

TABLES: tuple[Callable[[], Iterator[Mutant]], ...] = (
    field_mutants,
    shape_mutants,
    request_mutants,
    production_mutants,
    response_mutants,
    usage_mutants,
    item_mutants,
    stream_mutants,
    index_mutants,
    story_mutants,
    repeat_mutants,
    wire_mutants,
    body_mutants,
    authorization_mutants,
    refusal_mutants,
    storage_mutants,
    narrow_mutants,
)


@cache
def mutants() -> Mapping[str, Mutant]:
    """Every mutant by its id. Raises ValueError where two share one."""
    found: dict[str, Mutant] = {}
    for table in TABLES:
        for mutant in table():
            if mutant.id in found:
                raise ValueError(f"two mutants are called {mutant.id}")
            found[mutant.id] = mutant
    return MappingProxyType(found)


__all__ = ["Mutant", "mutants"]
