"""Whether every text of a stream is the same wherever it stands.

A text comes up to five times: piecemeal in deltas, whole in its done event, in its part, in its item, and
in the final response. The version that most of them have stands for the text, so that one odd version is
named alone. White space is text like any other; an empty delta is harmless.
"""

import json
from collections.abc import Iterator
from typing import Any

from conformance.shown import shown
from conformance.streams.reassembly import ReassembledText, Stage
from conformance.streams.stream import Stream
from conformance.streams.vocabulary import TextKind
from conformance.verdicts.verdict import Finding

IN_WORDS: dict[Stage, str] = {
    "deltas": "the deltas, put together",
    "done": "the done event",
    "part": "the part that is done",
    "item": "the item that is done",
    "response": "the final response",
}


def texts_agree(stream: Stream, kinds: tuple[TextKind, ...], stage: Stage) -> Iterator[Finding]:
    """Texts of these kinds are at this stage as at most others."""
    for text in stream.reassembly.texts:
        if text.kind in kinds and stage in text.versions and text.versions[stage] != text.agreed:
            version = text.versions[stage]
            actual = f"{IN_WORDS[stage]}: {_about(version, text.agreed)}"
            yield Finding(f"{text.kind} {_part(text.agreed, version)}", actual, f"event {text.at[stage]}")


def texts_come_in_deltas(stream: Stream, kinds: tuple[TextKind, ...]) -> Iterator[Finding]:
    """Texts of these kinds come in deltas, in a stream that has deltas."""
    if has_deltas(stream):
        yield from texts_have_a_delta(stream, kinds)


def texts_have_a_delta(stream: Stream, kinds: tuple[TextKind, ...]) -> Iterator[Finding]:
    """Texts of these kinds have a delta, whatever the stream has beside them."""
    for text in stream.reassembly.texts:
        if text.kind in kinds and not text.pieces and not _is_empty(text):
            number = min(text.at.values())
            yield Finding("at least one delta", f"{text.kind} only as a whole", f"event {number}")


def has_deltas(stream: Stream) -> bool:
    """Whether any text of a stream came in deltas."""
    return any(text.pieces for text in stream.reassembly.texts)


def some_text_comes_in_a_delta(stream: Stream) -> Iterator[Finding]:
    """Of a final response with text some delta came."""
    if has_deltas(stream):
        return
    said = [text for item in stream.reassembly.output or () for text in _said(item)]
    if said and stream.terminal is not None:
        where = f"event {stream.terminal.number} ({stream.terminal.type})"
        yield Finding("at least one delta before the final response", "none", where)


def finished_arguments_are_an_object(stream: Stream) -> Iterator[Finding]:
    """Arguments of a finished function call are a JSON object.

    What was cut at a limit is not finished, whatever its item says: the response is incomplete.
    """
    if (stream.response or {}).get("status") == "incomplete":
        return
    for text in stream.reassembly.texts:
        if text.kind != "arguments" or text.item.done is None or _unfinished(text):
            continue
        try:
            value: Any = json.loads(text.agreed)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            number = max(text.at.values(), default=text.item.done.number)
            yield Finding("arguments that parse to a JSON object", shown(text.agreed), f"event {number}")


def characters_are_whole(stream: Stream) -> Iterator[Finding]:
    """Texts have no U+FFFD: the trace of a character whose bytes were torn apart before they were sent."""
    if any(fault.kind == "utf-8" for fault in stream.faults):
        return
    for text in stream.reassembly.texts:
        for stage, version in text.versions.items():
            if "\ufffd" in version:
                around = version[max(0, version.index("\ufffd") - 10) :][:30]
                expected = "whole characters, no U+FFFD"
                yield Finding(expected, f"{IN_WORDS[stage]}: {around}", f"event {text.at[stage]}")
                break


def _is_empty(text: ReassembledText) -> bool:
    """Whether there is nothing that a delta could bring: arguments are empty as `{}` too."""
    said = text.agreed.strip() if text.kind == "arguments" else text.agreed
    return said == "" or (text.kind == "arguments" and "".join(said.split()) == "{}")


def _unfinished(text: ReassembledText) -> bool:
    return "incomplete" in (text.item.finished.get("status"), (text.item.final or {}).get("status"))


def _said(item: Any) -> Iterator[str]:
    from_content = item.get("content") if isinstance(item, dict) else None
    for part in from_content if isinstance(from_content, list) else ():
        if isinstance(part, dict) and isinstance(part.get("text"), str) and part["text"]:
            yield part["text"]


def _about(version: str, text: str) -> str:
    """A version that differs, with what is telling about the difference."""
    if not version:
        return "empty"
    if text and version.count(text[: len(text) // 2 or 1]) > 1 and len(version) > len(text):
        return f"{_part(version, text)} (pieces repeat what came before)"
    return _part(version, text)


def _part(text: str, other: str) -> str:
    """The text from shortly before where it differs from the other, quoted."""
    same = next((i for i, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), None)
    start = max(0, (min(len(text), len(other)) if same is None else same) - 20)
    cut = text[start : start + 80]
    return f"{'…' if start else ''}{cut!r}{'…' if len(text) > start + 80 else ''} ({len(text)} characters)"
