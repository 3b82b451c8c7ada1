"""Variants of a stream's time: a pause in its middle."""

from dataclasses import replace

from conformance.reference.conversation import Json
from conformance.reference.hooks import Hooks, Reply, Request
from conformance.reference.mutations import is_unfinished
from conformance.reference.variants.variant import Variant


def _stalling(_: Request, made: Reply) -> Reply:
    """The third piece of a stream comes late."""
    frames = [replace(f, after=0.3) if place == 3 else f for place, f in enumerate(made.frames)]
    return replace(made, frames=tuple(frames)) if len(frames) > 40 else made


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
)
