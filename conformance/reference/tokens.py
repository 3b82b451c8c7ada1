"""A deterministic tokenizer: pieces of at most eight letters, each with the white space before it."""

import re

_PIECE = re.compile(r"\s{0,8}\w{1,8}|\s{0,8}[^\w\s]|\s{1,8}")


def split(text: str) -> list[str]:
    """The tokens of a text; joined again they are the text."""
    return _PIECE.findall(text)


def count(text: str) -> int:
    """How many tokens a text has."""
    return sum(1 for _ in _PIECE.finditer(text))
