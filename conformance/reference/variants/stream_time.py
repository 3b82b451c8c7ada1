"""Variants of a stream's time: a pause in its middle."""

from dataclasses import replace

from conformance.reference.hooks import Hooks, Reply, Request
from conformance.reference.variants.variant import Variant


def _stalling(_: Request, made: Reply) -> Reply:
    """The third piece of a stream comes late."""
    frames = [replace(f, after=0.3) if place == 3 else f for place, f in enumerate(made.frames)]
    return replace(made, frames=tuple(frames)) if len(frames) > 40 else made


VARIANTS: tuple[Variant, ...] = (
    Variant("stalls", "pauses in the middle of long streams", hooks=Hooks(reply=_stalling)),
)
