"""Variants of what a model says in long answers: characters that look like damage and are none."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from conformance.reference.hooks import Draft, Hooks, Message, Request
from conformance.reference.mutations import map_items
from conformance.reference.variants.variant import Variant

PREFACES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "writes-of-damage": ("writes of one damaged character itself", "Where ü was read as Ã¼: "),
        "writes-of-damages": ("writes of damaged characters beside whole ones", "Ã¼ for ü, Ã¶ for ö: "),
        "quotes-in-french": (
            "writes French with fixed spaces",
            "De «\xa0liberté\xa0» à «\xa0égalité\xa0»\xa0: ",
        ),
        "quotes-in-german": ("writes German with its quotation marks", "„Spaß“ und „Fuß“¹: "),
        "writes-in-capitals": ("writes words in capitals, marks behind", "JOÃO, IRMÃ… CAFÉ™ CAFÉ™ IRMÃ… "),
    }
)
"""What the model writes before it counts, by the variant's id, and the variant's line."""


def _prefaced(preface: str) -> Hooks:
    """A long answer begins with some words of the model's own."""

    def write(request: Request, draft: Draft) -> Draft:
        counts = draft.whole and "Count from 1" in request.raw.decode("utf-8", "replace")
        if not counts or "stop" in request.body:
            return draft
        return map_items(draft, lambda p: replace(p, text=preface + p.text) if isinstance(p, Message) else p)

    return Hooks(draft=write)


VARIANTS: tuple[Variant, ...] = tuple(
    Variant(id_, line, hooks=_prefaced(preface)) for id_, (line, preface) in PREFACES.items()
)
