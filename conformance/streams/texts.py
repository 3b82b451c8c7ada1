"""Whether every text of a stream is the same wherever the stream tells it.

A text is told up to five times: piecemeal in deltas, whole in its done event, in its part, in its item, and
in the final response. The version that most of them tell stands for the text, so that one odd version is
named alone. White space is text like any other; an empty delta is harmless.
"""

import json
from collections.abc import Iterator
from typing import Any

from conformance.shown import shown
from conformance.streams.events import TextOf
from conformance.streams.reassembly import Stage, Strand
from conformance.streams.stream import Stream
from conformance.verdicts.verdict import Finding

IN_WORDS: dict[Stage, str] = {
    "deltas": "the deltas, put together",
    "done": "the done event",
    "part": "the part that is done",
    "item": "the item that is done",
    "response": "the final response",
}


def differing(stream: Stream, kinds: tuple[TextOf, ...], stage: Stage) -> Iterator[Finding]:
    """Texts of these kinds that this stage tells differently than most."""
    for strand in stream.story.strands:
        if strand.kind in kinds and stage in strand.versions and strand.versions[stage] != strand.text:
            told = strand.versions[stage]
            actual = f"{IN_WORDS[stage]}: {_about(told, strand.text)}"
            yield Finding(f"{strand.kind} {_part(strand.text, told)}", actual, f"event {strand.at[stage]}")


def without_delta(stream: Stream, kinds: tuple[TextOf, ...]) -> Iterator[Finding]:
    """Texts of these kinds that came whole, without a single delta, in a stream that has deltas."""
    if not any(strand.pieces for strand in stream.story.strands if strand.kind in kinds or strand.text):
        return
    for strand in stream.story.strands:
        if strand.kind in kinds and not strand.pieces and strand.text:
            number = min(strand.at.values())
            yield Finding("at least one delta", f"{strand.kind} only as a whole", f"event {number}")


def nothing_told(stream: Stream) -> Iterator[Finding]:
    """A final response with text, of which not one delta came."""
    if any(strand.pieces for strand in stream.story.strands):
        return
    said = [text for item in stream.story.output or () for text in _said(item)]
    if said and stream.terminal is not None:
        where = f"event {stream.terminal.number} ({stream.terminal.type})"
        yield Finding("at least one delta before the final response", "none", where)


def broken_arguments(stream: Stream) -> Iterator[Finding]:
    """Arguments of a finished function call that are no JSON object."""
    for strand in stream.story.strands:
        if strand.kind != "arguments" or strand.item.done is None or _unfinished(strand):
            continue
        try:
            value: Any = json.loads(strand.text)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            number = max(strand.at.values())
            yield Finding("arguments that parse to a JSON object", shown(strand.text), f"event {number}")


def replaced_characters(stream: Stream) -> Iterator[Finding]:
    """Texts with U+FFFD: the trace of a character whose bytes were torn apart before they were sent."""
    if any(fault.kind == "utf-8" for fault in stream.faults):
        return
    for strand in stream.story.strands:
        for stage, text in strand.versions.items():
            if "\ufffd" in text:
                around = text[max(0, text.index("\ufffd") - 10) :][:30]
                expected = "whole characters, no U+FFFD"
                yield Finding(expected, f"{IN_WORDS[stage]}: {around}", f"event {strand.at[stage]}")
                break


def _unfinished(strand: Strand) -> bool:
    return "incomplete" in (strand.item.finished.get("status"), (strand.item.final or {}).get("status"))


def _said(item: Any) -> Iterator[str]:
    from_content = item.get("content") if isinstance(item, dict) else None
    for part in from_content if isinstance(from_content, list) else ():
        if isinstance(part, dict) and isinstance(part.get("text"), str) and part["text"]:
            yield part["text"]


def _about(told: str, text: str) -> str:
    """A differing text, with what is telling about the difference."""
    if not told:
        return "empty"
    if text and told.count(text[: len(text) // 2 or 1]) > 1 and len(told) > len(text):
        return f"{_part(told, text)} (pieces repeat what came before)"
    return _part(told, text)


def _part(text: str, other: str) -> str:
    """The text from shortly before where it differs from the other, quoted."""
    same = next((i for i, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), None)
    start = max(0, (min(len(text), len(other)) if same is None else same) - 20)
    cut = text[start : start + 80]
    return f"{'…' if start else ''}{cut!r}{'…' if len(text) > start + 80 else ''} ({len(text)} characters)"
