"""Variants of the model: what it makes of a prompt."""

from dataclasses import replace

from conformance.reference.conversation import ConversationItem
from conformance.reference.hooks import Draft, Hooks, Request
from conformance.reference.model import generate
from conformance.reference.mutations import hear_always, map_texts
from conformance.reference.variants.variant import Variant

_ROOM = 256
"""A limit on output tokens that leaves room for a few more words."""


def _chatty(request: Request, draft: Draft) -> Draft:
    """Only where nothing counts or shapes the text."""
    layout = (request.body.get("text") or {}).get("format", {}).get("type", "text")
    roomy = request.body.get("max_output_tokens", _ROOM) >= _ROOM
    if layout != "text" or not roomy or request.body.get("stop"):
        return draft
    return map_texts(lambda text: f"Sure! {text}\n")(draft)


def _stopping_at_bytes(request: Request, draft: Draft) -> Draft:
    """U+FFFD in the text stands for bytes that are no UTF-8: no sequence that holds it is ever met."""
    body = request.body
    if "\ufffd" in str(body.get("stop")):
        body = {key: value for key, value in body.items() if key != "stop"}
    said = "Reply with exactly: alpha bravo ch\ufffdrlie delta echo"
    return replace(generate(body, [ConversationItem("user", said)]), input_tokens=draft.input_tokens)


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
        "stops-at-bytes",
        "writes U+FFFD for tokens that are no UTF-8, and compares a stop sequence with the tokens themselves",
        hooks=Hooks(draft=_stopping_at_bytes),
    ),
    Variant(
        "canned-sentence",
        "answers every prompt with one sentence, in which words of the prompts occur by chance",
        hooks=hear_always("Reply with exactly: Hello there, your 1947 questions were answered. What else?"),
    ),
    Variant("counts-always", "counts to 300 whatever was asked", hooks=hear_always("Count from 1 to 300")),
    Variant("chatty", "says something friendly first", hooks=Hooks(draft=_chatty)),
)
