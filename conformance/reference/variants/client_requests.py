"""Variants of what clients send: optional shapes refused, fields ignored, and answers in other words."""

from conformance.reference.field_mutations import refuse_values
from conformance.reference.hooks import Draft, Hooks, Refusal, Request
from conformance.reference.input_mutations import (
    drop_items,
    is_numbered_by_client,
    refuse_items,
    with_list_output,
)
from conformance.reference.mutations import change_snapshots, changed_copy, combine, map_texts, remove_fields
from conformance.reference.variants.variant import PAGE, Variant

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_ROOM = 128


def _spelled(text: str) -> str:
    return "".join(f" {_DIGITS[int(c)]}" if c in "0123456789" else c for c in text)


def _in_words(request: Request, draft: Draft) -> Draft:
    """Only where nothing counts or shapes the text."""
    layout = (request.body.get("text") or {}).get("format", {}).get("type", "text")
    limited = request.body.get("max_output_tokens", _ROOM) < _ROOM
    return draft if layout != "text" or limited or request.body.get("stop") else map_texts(_spelled)(draft)


def _small_window(request: Request, found: Refusal | None) -> Refusal | None:
    if found is None and len(request.raw) > 30_000:
        text = "Your input exceeds the context window of this model."
        return Refusal(400, text, param="input", code="context_length_exceeded")
    return found


def _hold_all(_: Request, found: Refusal | None) -> Refusal | None:
    return None if found is not None and found.code == "context_length_exceeded" else found


_LABELS = remove_fields("metadata", "prompt_cache_key", "client_metadata")

VARIANTS: tuple[Variant, ...] = (
    Variant(
        "labels-ignored",
        "ignores the fields that say nothing to the model",
        hooks=combine(
            Hooks(effective_body=lambda _, body: changed_copy(body, _LABELS)), change_snapshots(_LABELS)
        ),
        contracts=PAGE,
    ),
    Variant(
        "thoughts-not-read",
        "takes thoughts that are sent back and does not think of them again",
        hooks=drop_items(lambda item: item.get("type") == "reasoning"),
    ),
    Variant("context-without-end", "holds more than others", hooks=Hooks(validate=_hold_all)),
    Variant("numbers-in-words", "writes every digit out in a word", hooks=Hooks(draft=_in_words)),
    Variant(
        "unknown-client-field-refused",
        "refuses a field that no specification has",
        hooks=refuse_values("client_metadata", lambda _: True),
    ),
    Variant(
        "client-item-ids-refused",
        "refuses an id on what is not its own",
        hooks=refuse_items(is_numbered_by_client),
        contracts=PAGE,
    ),
    Variant(
        "output-in-parts-refused",
        "refuses a tool's output in parts",
        hooks=refuse_items(with_list_output),
        contracts=PAGE,
    ),
    Variant(
        "small-window",
        "refuses 40 kB, which its window does not hold",
        hooks=Hooks(validate=_small_window),
    ),
)
