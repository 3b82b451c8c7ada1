"""What came, in words first: `HTTP 200 with an answer`; the text behind the words is folded, and coloured."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from conformance.report.text import block
from conformance.verdicts.verdict import Finding

LONGEST = 100
"""Characters of a foreign text that stand among the words; what is longer is folded."""

_ANSWER = re.compile(r"HTTP (\d{3})(?:, [^:]*)?: (.+)", re.DOTALL)
_MESSAGE = re.compile(r'"message"\s*:\s*"((?:[^"\\]|\\.)*)')
_ERROR = re.compile(r'\{\s*"error"\s*:')
_RESPONSE = re.compile(r'"object"\s*:\s*"response"|\{"id"\s*:\s*"resp_')


@dataclass(frozen=True, slots=True)
class Came:
    """What came: in words that fit a line, and the text itself where the words are not all of it."""

    words: str
    text: str = ""


def came(actual: str) -> Came:
    """A finding's `actual`, which may hold the beginning of an answer's body behind its status."""
    found = _ANSWER.fullmatch(actual)
    if found is None:
        return _plain(actual)
    status, body = found[1], found[2].strip()
    if body == "an empty body":
        return Came(f"HTTP {status} with an empty body")
    return Came(f"HTTP {status} with {_kind(body)}", "" if _quotable(body) else body)


def instead(finding: Finding) -> str:
    """What came where something else was due, as one sentence without its full stop."""
    told, due = came(finding.actual).words, _plain(finding.expected).words
    return f"{told} (due: {due})" if ", " in due else f"{told} where {due} was due"


def _plain(text: str) -> Came:
    """A text that is no answer: whole where it fits a line or is prose, folded where it is long or JSON."""
    if len(text) <= LONGEST:
        return Came(text)
    return Came(f"{text[:LONGEST].rstrip()}…", text)


def _kind(body: str) -> str:
    if _quotable(body):
        return f"the text “{body}”"
    if _ERROR.match(body):
        return _refusal(body)
    if body[0] == "{":
        return "an answer" if _RESPONSE.search(body) else "a JSON object"
    if body[0] == "[":
        return "a JSON array"
    if re.match(r"(?:event|data|id|retry)?:", body):
        return "a stream"
    return "an HTML page" if re.match(r"<(?:!doctype|html)", body, re.IGNORECASE) else "a text"


def _refusal(body: str) -> str:
    message = _MESSAGE.search(body)
    if not message:
        return "an error object"
    said = message[1].replace('\\"', '"').replace("\\n", " ")
    return f"the error “{said if len(said) <= LONGEST else f'{said[:LONGEST].rstrip()}…'}”"


def _quotable(body: str) -> bool:
    return len(body) <= LONGEST and body[0] not in "{[<" and "\n" not in body


_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)"""
    r"|\s*(?P<sign>[][{},:])\s*|(?P<word>[-+\w.]+)|(?P<rest>\s+|.)",
    re.DOTALL,
)
"""Strings as JSON and as Python spell them. White space counts only where no sign stands beside it."""

_SPANS = {kind: Markup('<span class="j-{}">').format(kind) for kind in "ksn"}
"""How a key, another string and a word begin, each in its colour."""

_END = Markup("</span>")

_NESTED = 40
"""Deeper than this the lines are not moved further in."""


def pretty(text: str, limit: int = 20_000) -> Markup:
    """JSON for the inside of a <pre>, indented and coloured, also where it was cut; other text as it is."""
    start = text.lstrip()[:1]
    if start not in {"{", "["} or len(text) > limit:
        return block(text)
    return Markup("").join(_coloured(text))


def _coloured(text: str) -> Iterator[Markup]:
    depth = 0
    tokens = [(found.lastgroup, found[found.lastgroup or 0]) for found in _TOKEN.finditer(text.strip())]
    for (kind, word), (_, following) in zip(tokens, [*tokens[1:], ("", "")], strict=True):
        match kind:
            case "string":
                yield _span("k" if following == ":" else "s", word)
            case "word":
                yield _span("n", word)
            case "sign":
                depth += (word in "{[") - (following in {"}", "]"})
                yield block(word + _after(word, following, depth))
                continue
            case _:
                yield block(word)
        if following in {"}", "]"}:
            depth -= 1
            yield block(_line(depth))


def _after(sign: str, following: str, depth: int) -> str:
    """What stands behind a sign: a space, or a line's end with what is moved in."""
    if sign == ":":
        return " "
    if sign in "{[" and following in {"}", "]"}:
        return ""
    return _line(depth) if sign in "{[," or following in {"}", "]"} else ""


def _line(depth: int) -> str:
    return "\n" + "  " * max(0, min(depth, _NESTED))


def _span(kind: str, word: str) -> Markup:
    return _SPANS[kind] + block(word) + _END
