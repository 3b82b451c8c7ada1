"""Variants of storage: endpoints that are not there, and stored responses in other words."""

from conformance.reference.conversation import Json
from conformance.reference.hooks import Hooks, Refusal, Request
from conformance.reference.mutations import changed_copy
from conformance.reference.variants.variant import PAGE, Variant


def _nothing_else(request: Request, found: Refusal | None) -> Refusal | None:
    if request.path == "/responses":
        return found
    return Refusal(404, f"Invalid URL ({request.method} {request.path[:100]})", code="unknown_url")


def _not_implemented(request: Request, found: Refusal | None) -> Refusal | None:
    missing = request.path.startswith("/responses/")
    return Refusal(501, f"{request.method} {request.path[:100]} is not there.") if missing else found


def _not_getting(request: Request, found: Refusal | None) -> Refusal | None:
    if request.method != "GET" or request.path == "/responses":
        return found
    return Refusal(404, f"Invalid URL (GET {request.path[:100]})", code="unknown_url")


def _in_full(request: Request, response: Json | None) -> Json | None:
    """As a gateway's data classes have it: every member that they know, null where it was never set."""
    if response is None or request.method != "GET" or request.path.count("/") != 2:
        return response

    def tell(found: Json) -> None:
        found["usage"] |= {"cost": 0.25, "service": None}
        for details in ("input_tokens_details", "output_tokens_details"):
            found["usage"][details] |= {"audio_tokens": None, "text_tokens": 3}
        for item in found["output"]:
            item |= {"phase": None, "encrypted_content": None}
            for part in item.get("content", ()):
                part |= {"refusal": None, "origin": "cache"}

    return changed_copy(response, tell)


VARIANTS: tuple[Variant, ...] = (
    Variant(
        "no-storage-endpoints",
        "has no endpoint but POST /responses and stores nothing, so that nothing can be referred to",
        hooks=Hooks(media_type=_nothing_else, store=lambda *_: False),
        contracts=PAGE,
        worse=frozenset({"storage.promise", "loop.reference"}),
    ),
    Variant(
        "storage-not-implemented",
        "says of every endpoint but POST /responses that it is not implemented",
        hooks=Hooks(media_type=_not_implemented, store=lambda *_: False),
        contracts=PAGE,
        worse=frozenset({"storage.promise", "loop.reference"}),
    ),
    Variant(
        "stored-for-deleting-only",
        "deletes what it stored, and shows it to nobody, so that the promise of store cannot be verified",
        hooks=Hooks(media_type=_not_getting),
        contracts=PAGE,
        worse=frozenset({"storage.promise"}),
    ),
    Variant(
        "stored-response-in-full",
        "gives stored responses back with members that the answer left out: null, or the vendor's own",
        hooks=Hooks(retrieve=_in_full),
    ),
)
