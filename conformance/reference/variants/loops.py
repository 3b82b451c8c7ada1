"""Variants of the loops of clients: answers that lend nothing to send back, or lend it otherwise."""

from dataclasses import replace

from conformance.reference.hooks import Draft, Hooks, Message, OutputItem, Request, ToolCall
from conformance.reference.input_mutations import refuse_items
from conformance.reference.variants.variant import PAGE, Variant


def _text_before_calls(_: Request, draft: Draft) -> Draft:
    """A model that says what it is going to do."""
    items: list[OutputItem] = []
    for item in draft.items:
        if isinstance(item, ToolCall) and not any(isinstance(i, ToolCall | Message) for i in items):
            items.append(Message("I am going to look it up."))
        items.append(item)
    return replace(draft, items=tuple(items))


VARIANTS: tuple[Variant, ...] = (
    Variant("says-what-it-does", "says something before it calls", hooks=Hooks(draft=_text_before_calls)),
    Variant(
        "null-content-refused",
        "refuses null for the content of a reasoning item",
        hooks=refuse_items(lambda item: item.get("type") == "reasoning" and item.get("content", "") is None),
        contracts=PAGE,
    ),
)
