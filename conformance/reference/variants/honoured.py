"""Variants of what fields do where the contract leaves it open."""

import struct
from dataclasses import replace

from conformance.reference.conversation import Json
from conformance.reference.hooks import Draft, Hooks, Reasoning, Request
from conformance.reference.mutations import change_draft, change_snapshots
from conformance.reference.variants.variant import Variant


def _short_of_limit(_: Request, body: Json) -> Json:
    limit = body.get("max_output_tokens", 0)
    return {**body, "max_output_tokens": limit - 1} if limit > 1 else body


def _thinking_unseen(draft: Draft) -> Draft:
    """Thoughts are billed and not shown; a cut in the middle of them leaves nothing else to be cut."""
    shown = tuple(item for item in draft.items if not isinstance(item, Reasoning))
    return replace(draft, items=shown) if shown and draft.whole else draft


def _n_ignored(_: Request, body: Json) -> Json:
    return {key: value for key, value in body.items() if key != "n"}


def _in_32_bits(response: Json) -> None:
    for name in ("temperature", "top_p"):
        response[name] = struct.unpack("f", struct.pack("f", response[name]))[0]


VARIANTS: tuple[Variant, ...] = (
    Variant(
        "sampling-in-32-bits",
        "keeps the sampling fields in 32 bits, so that 0.7 echoes 0.699999988079071",
        hooks=change_snapshots(_in_32_bits),
    ),
    Variant(
        "short-of-the-limit", "stops one token short of a limit", hooks=Hooks(model_input=_short_of_limit)
    ),
    Variant("thoughts-unseen", "bills thoughts and shows none", hooks=change_draft(_thinking_unseen)),
    Variant("n-ignored", "gives one choice whatever n is", hooks=Hooks(model_input=_n_ignored)),
)
