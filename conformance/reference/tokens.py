"""A deterministic tokenizer: pieces of at most eight letters, each with the white space before it.

Numbers are cut by threes, apart from the white space before them, and a few words of other scripts have
pieces of their own: so it makes as many tokens as o200k_base of the units in `contract/tokenizers.toml`.
"""

import re

_LEARNT = (
    ("他山", "之", "石", "可以", "攻", "玉"),
    ("यह", "अनु", "रोध", "अस्", "वी", "कृत", "हु", "आ", "।"),
    ("Необ", "ходим", "ость", "соглас", "ования"),  # noqa: RUF001 - Cyrillic is meant
    ("ขอบ", "คุณ", "มาก", "คร", "ับ"),
)
"""Pieces that are known as they are, with at most one space before them."""

_PIECE = re.compile(
    rf"\s?(?:{'|'.join(piece for unit in _LEARNT for piece in unit)})"
    r"|\s{1,8}(?=\d)|\d{1,3}|\s{0,8}[^\W\d]{1,8}|\s{0,8}[^\w\s]|\s{1,8}"
)


def split(text: str) -> list[str]:
    """The tokens of a text; joined again they are the text."""
    return _PIECE.findall(text)


def count(text: str) -> int:
    """How many tokens a text has."""
    return sum(1 for _ in _PIECE.finditer(text))
