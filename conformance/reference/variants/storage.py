"""Variants of storage: a provider that has no endpoint but one."""

from conformance.reference.hooks import Hooks, Refusal, Request
from conformance.reference.variants.variant import PAGE, Variant


def _nothing_else(request: Request, found: Refusal | None) -> Refusal | None:
    if request.path == "/responses":
        return found
    return Refusal(404, f"Invalid URL ({request.method} {request.path[:100]})", code="unknown_url")


def _not_getting(request: Request, found: Refusal | None) -> Refusal | None:
    if request.method != "GET" or request.path == "/responses":
        return found
    return Refusal(404, f"Invalid URL (GET {request.path[:100]})", code="unknown_url")


VARIANTS: tuple[Variant, ...] = (
    Variant(
        "no-storage-endpoints",
        "has no endpoint but POST /responses, so that the promise of store cannot be verified",
        hooks=Hooks(media_type=_nothing_else, store=lambda *_: False),
        contracts=PAGE,
        worse=frozenset({"storage.promise"}),
    ),
    Variant(
        "stored-for-deleting-only",
        "deletes what it stored, and shows it to nobody, so that the promise of store cannot be verified",
        hooks=Hooks(media_type=_not_getting),
        contracts=PAGE,
        worse=frozenset({"storage.promise"}),
    ),
)
