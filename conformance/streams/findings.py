"""Findings about a stream: how they name an event and a value, and those of the grammar."""

import json
from collections.abc import Iterator
from typing import Any

from conformance.shown import shown
from conformance.streams.events import StreamEvent
from conformance.streams.stream import Stream
from conformance.streams.vocabulary import Rule
from conformance.verdicts.verdict import Finding


def at(event: StreamEvent) -> str:
    """Where a finding about an event stands."""
    return f"event {event.number} ({event.type})"


def in_json(value: Any) -> str:
    """A value as it stood in the data, cut to size."""
    try:
        return shown(json.dumps(value, ensure_ascii=False))
    except (RecursionError, ValueError):
        return "something nested too deeply to show"


def keeps_to(stream: Stream, *rules: Rule) -> Iterator[Finding]:
    """The stream keeps to these rules of the grammar."""
    return (
        Finding(found.allowed, found.came, f"event {found.event}")
        for found in stream.departures
        if found.rule in rules
    )
