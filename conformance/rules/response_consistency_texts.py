"""Whether what a model said was encoded twice on its way: UTF-8 taken for Latin-1 or Windows-1252."""

import html
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

from conformance.response import Body
from conformance.shown import shown
from conformance.verdicts.verdict import Finding

FEWEST = 2
"""How many damaged characters show that the text was damaged: one may be what the model meant to write."""


def text_is_encoded_once(body: Body) -> Iterator[Finding]:
    """Nothing that the model said holds several characters that were taken apart into their bytes.

    What the request itself holds may be repeated. Other characters beyond ASCII outweigh the damage: where
    they came whole, the model writes about such damage. A model may still write it by itself: see
    `repeats_its_words`.
    """
    asked = json.dumps(body.asked, ensure_ascii=False)
    for where, text in _said(body):
        runs = [run for run in _TORN.findall(text) if _is_damage(run) and run not in asked]
        others = sum(not char.isascii() for char in _TORN.sub("", text))
        if len(runs) >= FEWEST and len(runs) > others:
            told = ", ".join(f"{run} for {_whole(run)}" for run in list(dict.fromkeys(runs))[:5])
            yield Finding("characters that were encoded once", f"{shown(text, 80)} ({told})", where)


def repeats_its_words(body: Body) -> bool:
    """Whether an answer brought the characters beyond ASCII that its request asks to repeat, unharmed."""
    words = exact_words(body.asked).strip()
    return not words.isascii() and words in body.text


def _said(body: Body) -> Iterator[tuple[str, str]]:
    """Path and text of everything that the model worded: texts, refusals, arguments, summaries."""
    yield from body.texts
    for where, part in body.parts:
        if isinstance(part.get("refusal"), str):
            yield where, part["refusal"]
    for where, item in body.items:
        if isinstance(item.get("arguments"), str):
            yield f"{where}.arguments", item["arguments"]
        summary = item.get("summary")
        for index, part in enumerate(summary if isinstance(summary, list) else ()):
            if isinstance(part, dict) and isinstance(part.get("text"), str):
                yield f"{where}.summary[{index}]", part["text"]


def _is_damage(run: str) -> bool:
    """Whether a run decodes, and is no letter at the end of a word: `ß“` and `é »` decode too."""
    return _whole(run) != "" and not set(run[1:]) <= _ENDINGS


def _whole(run: str) -> str:
    """The one character whose bytes a run spells; empty where there is none."""
    return bytes(_BYTES.get(char, ord(char)) for char in run).decode("utf-8", "ignore")


_BYTES = {
    char: byte for byte in range(0x80, 0xA0) if (char := bytes([byte]).decode("cp1252", "ignore")) != ""
}
"""The bytes that Windows-1252 spells in another way than Latin-1 does."""

_LATER = f"[\\x80-\\xbf{''.join(_BYTES)}]"
_TORN = re.compile(f"[\\xc2-\\xde]{_LATER}|[\\xe0-\\xef]{_LATER}{{2}}|[\\xf0-\\xf4]{_LATER}{{3}}")
"""The bytes of one character, each read as a character of its own. `ß`, which begins N'Ko alone, is left out:
German words end with it, and footnotes follow."""

_ENDINGS = frozenset("\xa0\xab\xbb\xae\u2026\u2122\u2013\u2014\u2018\u2019\u201c\u201d\u2039\u203a")
"""What may well stand right behind a letter: a fixed space, quotation marks, dashes, an ellipsis, a mark."""

EXACTLY = "Reply with exactly: "


def text_is_what_the_model_said(body: Body) -> Iterator[Finding]:
    """An exact reply came through neither encoded twice nor stripped, and without the model's thinking.

    Only a text that equals the words asked for once the damage is undone shows it; any other text is the
    model's own.
    """
    words, text = exact_words(body.asked), body.text
    if not words or words.strip() == text.strip():
        return
    for damage, undone in _undone(text).items():
        if undone.strip() == words.strip():
            yield Finding(words, f"{shown(text)} ({damage})", body.texts[0][0])
            return
    if "\\" in words and _read_as_json(words.replace('"', '\\"')) == text:
        yield Finding(words, f"{shown(text)} (its backslashes were read as escapes)", body.texts[0][0])
    if not words.isascii() and _is_replaced(words, text):
        yield Finding(words, f"{shown(text)} (what is not ASCII was replaced)", body.texts[0][0])


def exact_words(asked: Mapping[str, object]) -> str:
    """The words that a request asks the model to repeat; empty where it asks for nothing like it.

    Only the last message counts, and nothing that may rightly change the reply beside it.
    """
    if any(key in asked for key in ("stop", "tools", "text", "instructions")):
        return ""
    given = asked.get("input")
    last = given[-1] if isinstance(given, list) and given else given
    content = last.get("content") if isinstance(last, dict) else last
    if not isinstance(content, str) or not content.startswith(EXACTLY):
        return ""
    return content.removeprefix(EXACTLY)


def _undone(text: str) -> dict[str, str]:
    """The text with each known damage undone. Quotation marks alone are a model's habit, no damage."""
    undone = {"HTML-escaped": html.unescape(text)}
    if "</think" in text:
        undone["with the model's thinking in it"] = text.rpartition("</think")[2].partition(">")[2]
    for codec, name in (("latin-1", "Latin-1"), ("cp1252", "Windows-1252")):
        with suppress(UnicodeError):
            undone[f"UTF-8 read as {name}"] = text.encode(codec).decode()
    if "\\u" in text or not text.startswith('"'):
        undone["encoded as JSON twice"] = _read_as_json(text.strip('"') if "\\u" in text else text)
    undone["with escaped quotation marks"] = text.replace('\\"', '"')
    return undone


def _read_as_json(text: str) -> str:
    """The text that stands between quotation marks in JSON; itself where it cannot."""
    with suppress(ValueError, RecursionError):
        return str(json.loads(f'"{text}"', strict=False))
    return text


def _is_replaced(words: str, text: str) -> bool:
    """Whether the text is the words with whatever is not ASCII left out or replaced by a stand-in."""
    rest = _STAND_IN.sub("", text)
    return rest.isascii() and rest != "" and rest == _BEYOND.sub("", words)


_STAND_IN = re.compile(r"[\s?\ufffd]")
_BEYOND = re.compile(r"[^\x00-\x7f]|[\s?]")
