"""How findings about a stream are worded."""

import json
from typing import Any

from conformance.shown import shown
from conformance.streams.events import StreamEvent


def at(event: StreamEvent) -> str:
    """Where a finding about an event stands."""
    return f"event {event.number} ({event.type})"


def in_json(value: Any) -> str:
    """A value as it stood in the data, cut to size."""
    try:
        return shown(json.dumps(value, ensure_ascii=False))
    except (RecursionError, ValueError):
        return "something nested too deeply to show"
