"""Variants of a stream's time: a pause in its middle, an end that chance brings to one form of two."""

import zlib
from dataclasses import replace

from conformance.reference.conversation import Json
from conformance.reference.hooks import Draft, Hooks, Message, Reply, Request
from conformance.reference.mutations import is_unfinished, map_items
from conformance.reference.variants.variant import Variant

CAP = 400
"""Output tokens after which the provider ends an answer by itself."""

_SHAPED = frozenset({"max_output_tokens", "stop", "text", "tools", "n"})
"""Fields that say what the answer is, so that chance has no part in it."""


def _stalling(_: Request, made: Reply) -> Reply:
    """The third piece of a stream comes late."""
    frames = [replace(f, after=0.3) if place == 3 else f for place, f in enumerate(made.frames)]
    return replace(made, frames=tuple(frames)) if len(frames) > 40 else made


def _rambling(request: Request, draft: Draft) -> Draft:
    """One request in three meets a sample that runs on to the provider's cap; which one its bytes decide."""
    if _SHAPED & request.body.keys() or zlib.crc32(request.raw) % 3:
        return draft
    ran_on = map_items(
        draft, lambda item: Message("zq " * CAP, whole=False) if isinstance(item, Message) else item
    )
    return replace(ran_on, output_tokens=draft.reasoning_tokens + CAP)


def _with_extras(request: Request, response: Json) -> Json:
    """Members of the vendor's own, other ones in a stream than in a body, and one of another type."""
    if is_unfinished(response):
        return response
    if request.streamed:
        return {**response, "x_time_to_first_token": 0.2, "x_trace": "t-1"}
    return {**response, "x_queue": {"waited": 0.1}, "x_trace": ["t-1"]}


VARIANTS: tuple[Variant, ...] = (
    Variant(
        "extra-members-on-one-side",
        "adds other members to streamed responses than to unstreamed ones",
        hooks=Hooks(snapshot=_with_extras),
    ),
    Variant("stalls", "pauses in the middle of long streams", hooks=Hooks(reply=_stalling)),
    Variant(
        "runs-on-by-chance",
        "samples, and now and then runs on to a cap of its own, in one form of a request only",
        hooks=Hooks(draft=_rambling),
    ),
)
