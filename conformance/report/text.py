"""Hostile text made harmless: whatever a provider sent, shown as what it is."""

import re
import unicodedata
from difflib import SequenceMatcher

from markupsafe import Markup, escape

_SURROGATE = re.compile("[\ud800-\udfff]")
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_MARKS_IN_A_ROW = 4
"""A letter of any living script has fewer combining marks; a pile of them paints over other lines."""


def encodable(text: str) -> str:
    """The text with lone surrogates replaced, so that it can be written as UTF-8."""
    return _SURROGATE.sub("\ufffd", text)


def cut(text: str, limit: int) -> str:
    """The text's first `limit` characters, with a note of what was left out."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text) - limit:,} more characters)"


def one_line(text: str) -> str:
    """The text on one line with every control character in sight, for Markdown and terminals."""
    return "".join(_named(character) if _hidden(character) else character for character in text)


def visible(text: object, limit: int = 4000) -> Markup:
    """Text as safe HTML: isolated from its surroundings, control characters shown, cut to `limit`."""
    return Markup("<bdi>{}</bdi>").format(_marked(cut(str(text), limit)))


def block(text: str, limit: int) -> Markup:
    """As `visible`, for the inside of a <pre>: line ends stay line ends."""
    return _marked(cut(text.replace("\r\n", "\n"), limit), breaks=True)


def difference(expected: str, actual: str, limit: int = 1200) -> tuple[Markup, Markup]:
    """Both texts as safe HTML, with the parts in which they differ in <mark>.

    Two texts that have little in common are no variants of each other: then all of `actual` is marked.
    """
    ours, theirs = (_TOKEN.findall(cut(text, limit)) for text in (expected, actual))
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    if len(ours) * len(theirs) > 250_000 or matcher.ratio() < 0.5:
        return visible(expected, limit), Markup("<mark>{}</mark>").format(visible(actual, limit))
    left, right = Markup(""), Markup("")
    for kind, i, j, k, m in matcher.get_opcodes():
        same = kind == "equal"
        left += _span("".join(ours[i:j]), same)
        right += _span("".join(theirs[k:m]), same)
    return Markup("<bdi>{}</bdi>").format(left), Markup("<bdi>{}</bdi>").format(right)


def _span(text: str, same: bool) -> Markup:
    if not text:
        return Markup("")
    return _marked(text) if same else Markup("<mark>{}</mark>").format(_marked(text))


def _marked(text: str, *, breaks: bool = False) -> Markup:
    parts: list[str] = []
    piled = 0
    for character in text:
        piled = piled + 1 if unicodedata.combining(character) else 0
        if (breaks and character in "\n\t") or not (_hidden(character) or piled > _MARKS_IN_A_ROW):
            parts.append(str(escape(character)))
        else:
            parts.append(f'<span class="ctl">{_named(character)}</span>')
    return Markup("".join(parts))  # noqa: S704 - every part was escaped or spelled out above


def _hidden(character: str) -> bool:
    """Control and format characters, line separators, surrogates and what has no meaning."""
    return character != "\u200d" and unicodedata.category(character) in {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}


def _named(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"U+{code:04X}"
