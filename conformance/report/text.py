"""Hostile text made harmless: whatever a provider sent, shown as what it is."""

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher

from markupsafe import Markup, escape

_SURROGATE = re.compile("[\ud800-\udfff]")
_ODD = re.compile(r"[^\x20-\x7e]+")
_ODD_IN_BLOCK = re.compile(r"[^\x20-\x7e\n\t]+")
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_QUOTES = {"'": "'", '"': '"', "«": "»", "“": "”"}
_CODE = re.compile("`([^`]+)`")
_MARKS_IN_A_ROW = 4
"""A letter of any living script has fewer combining marks; a pile of them paints over other lines."""


_MOST_PAIRS = 40_000
"""Matching takes time in proportion to the product of the two lengths."""


def encodable(text: str) -> str:
    """The text with lone surrogates replaced, so that it can be written as UTF-8."""
    return _SURROGATE.sub("\ufffd", text)


def cut(text: str, limit: int) -> str:
    """The text's first `limit` characters, with a note of what was left out."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text) - limit:,} more characters)"


def one_line(text: str) -> str:
    """The text on one line with every control character in sight, for Markdown and terminals."""
    return _ODD.sub(lambda odd: "".join(_named(c) if _hidden(c) else c for c in odd[0]), text)


def marked(text: str) -> Markup:
    """Text as safe HTML, also inside an attribute, with control characters shown."""
    return Markup(_ODD.sub(_spelled_out, str(escape(text))))  # noqa: S704 - escaped on this very line


def visible(text: object, limit: int = 4000) -> Markup:
    """As `marked`, isolated from its surroundings (no letter of it turns others round), cut to `limit`."""
    return Markup("<bdi>{}</bdi>").format(marked(cut(str(text), limit)))


def attribute(text: object, limit: int = 300) -> Markup:
    """Text as the value of an attribute: one line, no markup in it."""
    return escape(one_line(cut(encodable(str(text)), limit)))


def block(text: str) -> Markup:
    """Text for the inside of a <pre>: line ends stay line ends, quotes stay short."""
    plain = text.replace("\r\n", "\n").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Markup(_ODD_IN_BLOCK.sub(_spelled_out, plain))  # noqa: S704 - escaped on the line before


def prose(text: str) -> Markup:
    """The project's own words, in which what stands between backticks is typeset as code."""
    pieces = _CODE.split(text)
    told = (
        Markup("<code>{}</code>").format(marked(piece)) if number % 2 else marked(piece)
        for number, piece in enumerate(pieces)
    )
    return Markup("<bdi>{}</bdi>").format(Markup("").join(told))


def difference(expected: str, actual: str, limit: int = 1200) -> tuple[Markup, Markup]:
    """Both texts as safe HTML, with the values in which they differ in <mark>, words where no value differs.

    Two texts that have little in common are no variants of each other: then nothing is marked.
    """
    ours, theirs = (_TOKEN.findall(cut(text, limit)) for text in (expected, actual))
    if len(ours) * len(theirs) > _MOST_PAIRS or not _alike(ours, theirs):
        return visible(expected, limit), visible(actual, limit)
    changes = SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    ours_mean, theirs_mean = _values(ours), _values(theirs)
    of_values = any(any(ours_mean[i:j] + theirs_mean[k:m]) for kind, i, j, k, m in changes if kind != "equal")
    left, right = Markup(""), Markup("")
    for kind, i, j, k, m in changes:
        same = kind == "equal"
        left += _span("".join(ours[i:j]), same or (of_values and not any(ours_mean[i:j])))
        right += _span("".join(theirs[k:m]), same or (of_values and not any(theirs_mean[k:m])))
    return Markup("<bdi>{}</bdi>").format(left), Markup("<bdi>{}</bdi>").format(right)


def _values(tokens: Sequence[str]) -> list[bool]:
    """Which tokens are values and no labels: what has a digit, and what stands in quotes."""
    found, closing = [], ""
    for token in tokens:
        if not closing and token in _QUOTES:
            closing = _QUOTES[token]
            found.append(False)
            continue
        closing = "" if token == closing else closing
        found.append(bool(closing) or any(map(str.isdigit, token)))
    return found


def _alike(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether at least half of the words are the same, or both are one word; the spaces say nothing."""
    left, right = ([token for token in tokens if token.strip()] for tokens in (ours, theirs))
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    return len(left) == len(right) == 1 or (matcher.quick_ratio() >= 0.5 and matcher.ratio() >= 0.5)


def _span(text: str, same: bool) -> Markup:
    if same or not text.strip():
        return marked(text)
    return Markup("<mark>{}</mark>").format(marked(text))


def _spelled_out(odd: re.Match[str]) -> str:
    parts: list[str] = []
    piled = 0
    for character in odd[0]:
        piled = piled + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        hidden = _hidden(character) or piled > _MARKS_IN_A_ROW
        parts.append(f'<span class="ctl">{_named(character)}</span>' if hidden else character)
    return "".join(parts)


def _hidden(character: str) -> bool:
    """Control and format characters, line separators, surrogates and what has no meaning."""
    return character != "\u200d" and unicodedata.category(character) in {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}


def _named(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"U+{code:04X}"
