"""Variants of the model: what it makes of a prompt."""

from conformance.reference.hooks import Draft, Hooks, Request
from conformance.reference.mutations import hear_always, map_texts
from conformance.reference.variants.variant import Variant


def _chatty(request: Request, draft: Draft) -> Draft:
    """Only where nothing counts or shapes the text."""
    layout = (request.body.get("text") or {}).get("format", {}).get("type", "text")
    if layout != "text" or "max_output_tokens" in request.body or request.body.get("stop"):
        return draft
    return map_texts(lambda text: f"Sure! {text}\n")(draft)


VARIANTS: tuple[Variant, ...] = (
    Variant(
        "ignores-instructions",
        "answers every prompt with the same prose",
        hooks=hear_always("Describe what comes to mind."),
    ),
    Variant(
        "always-refuses",
        "refuses to answer anything",
        hooks=hear_always("Refuse: I am sorry, but I cannot help with that."),
    ),
    Variant("one-word", "answers every prompt with one word", hooks=hear_always("Reply with exactly: Yes")),
    Variant(
        "gibberish",
        "answers every prompt with noise",
        hooks=hear_always("Reply with exactly: zq xv\u00e9\u4e2d 77\n\n;; kkkk bb \U0001f9ff 0 zq" * 2),
    ),
    Variant(
        "tokens-no-utf-8",
        "writes tokens that are no UTF-8, so that U+FFFD stands in every text",
        hooks=hear_always("Reply with exactly: zq\ufffd xv \ufffd\ufffd;; kkkk bb 0 \ufffd zq " * 2),
    ),
    Variant(
        "canned-sentence",
        "answers every prompt with one sentence, in which words of the prompts occur by chance",
        hooks=hear_always("Reply with exactly: Hello there, your 1947 questions were answered. What else?"),
    ),
    Variant("counts-always", "counts to 300 whatever was asked", hooks=hear_always("Count from 1 to 300")),
    Variant("chatty", "says something friendly first", hooks=Hooks(draft=_chatty)),
)
