"""Variants of the bill: frames of other lengths, other borders, a template's own words, thoughts not told."""

from zlib import crc32

from conformance.reference.bill_mutations import bill_input, bill_more, spoken
from conformance.reference.conversation import Json
from conformance.reference.hooks import Request
from conformance.reference.mutations import change_response
from conformance.reference.variants.variant import Variant


def _other_borders(request: Request, count: int) -> int:
    """One token more or fewer, the same for the same text."""
    return count + crc32("".join(item.text for item in spoken(request)).encode()) % 3 - 1


def _seen_as_text(response: Json) -> None:
    usage = response.get("usage")
    if isinstance(usage, dict):
        usage["output_tokens_details"]["reasoning_tokens"] = 0


VARIANTS: tuple[Variant, ...] = (
    Variant("shorter-frame", "has a frame of 3 tokens around the input", hooks=bill_more(-1)),
    Variant("longer-frame", "has a frame of 15 tokens around the input", hooks=bill_more(12)),
    Variant(
        "frame-of-each-message",
        "has a frame of 7 tokens around every message",
        hooks=bill_input(lambda request, count: count + 4 * len(spoken(request))),
    ),
    Variant(
        "template-s-own-prompt",
        "has a template that says some words of its own where there are no instructions",
        hooks=bill_more(18, lambda request: not request.body.get("instructions")),
    ),
    Variant(
        "other-borders",
        "cuts a token more or fewer where texts begin and end",
        hooks=bill_input(_other_borders),
    ),
    Variant(
        "reasoning-counted-as-text",
        "does not say which of the output tokens were reasoning",
        hooks=change_response(_seen_as_text),
    ),
)
