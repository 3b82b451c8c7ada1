"""Variants of authorization: a refusal without a challenge."""

from dataclasses import replace

from conformance.reference.hooks import Refusal
from conformance.reference.reply_mutations import change_refusals
from conformance.reference.variants.variant import Variant


def _unchallenged(refusal: Refusal) -> Refusal:
    return replace(refusal, headers=()) if refusal.status == 401 else refusal


VARIANTS: tuple[Variant, ...] = (
    Variant("no-challenge", "does not say how to authorize", hooks=change_refusals(_unchallenged)),
)
