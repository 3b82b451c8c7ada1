"""A foreign value in words that fit into a line, and what somebody may have meant by it."""

import difflib
from collections.abc import Collection
from typing import Any


def shown(value: object, limit: int = 300) -> str:
    """A value as a report prints it: a string as it is, anything else as Python spells it, cut to size."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"


def kind_of(value: Any) -> str:
    """What a TOML value is, in words."""
    kinds = {
        str: "text",
        bool: "true or false",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "a table",
    }
    return kinds.get(type(value), "a date or time")


ALIKE = 0.65
"""How much of two words must agree so that one may be meant by the other: a letter or two, not the ending."""


def candidates(word: str, known: Collection[str], most: int = 1) -> list[str]:
    """What somebody may have meant: what the word begins, the first first, else what is spelled like it."""
    begun = [each for each in known if word.strip("-") and each.startswith(word)]
    bare = {each.lstrip("-"): each for each in known}  # that both are options makes no two of them alike
    alike = difflib.get_close_matches(word.lstrip("-"), bare, n=most, cutoff=ALIKE)
    return begun[:most] or [bare[each] for each in alike]


def nearest(word: str, known: Collection[str]) -> str:
    """The end of a message: what somebody may have meant, or nothing."""
    near = candidates(word, known)
    return f": did you mean {str(near[0])!r}?" if near else ""


def one_line(text: str) -> str:
    """A text without its line ends."""
    return " ".join(text.split())
