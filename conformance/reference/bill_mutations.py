"""Makers of hooks that change what a provider bills, and leave its answers as they are."""

import re
from collections.abc import Callable
from dataclasses import replace

from conformance.contract.tokenizers import tokenizers, units
from conformance.reference.conversation import ConversationItem, Json, conversation_of, items_of
from conformance.reference.hooks import Draft, Hooks, Request
from conformance.reference.mutations import When

Count = Callable[[Request, int], int]
"""From a request and its input tokens to those that are billed."""


def bill_input(how: Count) -> Hooks:
    """Bills another number of input tokens; the endpoint that counts beforehand says the same."""

    def draft(request: Request, made: Draft) -> Draft:
        return replace(made, input_tokens=how(request, made.input_tokens))

    def counted(request: Request, answer: Json) -> Json:
        if "input_tokens" not in answer:
            return answer
        return {**answer, "input_tokens": how(request, answer["input_tokens"])}

    return Hooks(draft=draft, related_answer=counted)


def bill_more(tokens: int, when: When = lambda _: True) -> Hooks:
    """Bills so many more input tokens for the requests that are meant."""
    return bill_input(lambda request, count: count + tokens if when(request) else count)


def spoken(request: Request) -> list[ConversationItem]:
    """The request's own input as a conversation."""
    return conversation_of(items_of(request.body.get("input")))


def count_as(name: str) -> Hooks:
    """Counts the units as another tokenizer does."""
    other, own = tokenizers()[name].tokens, tokenizers()["o200k_base"].tokens

    def how(request: Request, count: int) -> int:
        text = "".join(item.text for item in spoken(request))
        found = {unit: len(re.findall(_spelled(unit), text)) for unit in units()}
        return count + sum(times * (other[unit] - own[unit]) for unit, times in found.items())

    return bill_input(how)


def _spelled(unit: str) -> str:
    """What a unit looks like: that of digits has any."""
    return re.sub(r"\d", r"\\d", re.escape(units()[unit].strip()))
