"""Variants of the model: what it makes of a prompt."""

from dataclasses import replace

from conformance.reference.conversation import ConversationItem
from conformance.reference.hooks import Draft, Hooks, Request
from conformance.reference.model import generate
from conformance.reference.mutations import map_texts
from conformance.reference.variants.variant import Variant


def _hearing(prompt: str) -> Hooks:
    """A model that hears the same prompt whatever is said; limits, stops, schemas, forced calls hold."""

    def draft(request: Request, found: Draft) -> Draft:
        made = generate(request.body, [ConversationItem("user", prompt)])
        return replace(made, input_tokens=found.input_tokens)

    return Hooks(draft=draft)


_ROOM = 256
"""A limit on output tokens that leaves room for a few more words."""


def _chatty(request: Request, draft: Draft) -> Draft:
    """Only where nothing counts or shapes the text."""
    layout = (request.body.get("text") or {}).get("format", {}).get("type", "text")
    roomy = request.body.get("max_output_tokens", _ROOM) >= _ROOM
    if layout != "text" or not roomy or request.body.get("stop"):
        return draft
    return map_texts(lambda text: f"Sure! {text}\n")(draft)


VARIANTS: tuple[Variant, ...] = (
    Variant(
        "ignores-instructions",
        "answers every prompt with the same prose",
        hooks=_hearing("Describe what comes to mind."),
    ),
    Variant(
        "always-refuses",
        "refuses to answer anything",
        hooks=_hearing("Refuse: I am sorry, but I cannot help with that."),
    ),
    Variant("one-word", "answers every prompt with one word", hooks=_hearing("Reply with exactly: Yes")),
    Variant(
        "gibberish",
        "answers every prompt with noise",
        hooks=_hearing("Reply with exactly: zq xv\u00e9\u4e2d 77\n\n;; kkkk bb \U0001f9ff 0 zq" * 2),
    ),
    Variant("counts-always", "counts to 300 whatever was asked", hooks=_hearing("Count from 1 to 300")),
    Variant("chatty", "says something friendly first", hooks=Hooks(draft=_chatty)),
)
