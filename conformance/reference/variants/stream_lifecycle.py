"""Variants of a stream's order: events left out, added, or taking turns."""

from conformance.reference.conversation import Json
from conformance.reference.stream_mutations import edit_and_renumber_events, omit_events
from conformance.reference.variants.variant import Variant


def _queued(events: list[Json]) -> list[Json]:
    waiting = {**events[0]["response"], "status": "queued"}
    return [
        {**events[0], "response": waiting},
        {"type": "response.queued", "sequence_number": 0, "response": waiting},
        *events[1:],
    ]


def _extended(events: list[Json]) -> list[Json]:
    """Events of the vendor's own between the standard ones."""
    found: list[Json] = []
    for event in events[:-1]:
        found += [event, {"type": "acme:progress", "percent": 50}]
    return [*found, events[-1]]


def _interleaved(events: list[Json]) -> list[Json]:
    """All items are announced before any goes on; then they take turns."""
    lanes: dict[int, list[Json]] = {}
    around: list[Json] = []
    for event in events:
        if "output_index" in event:
            lanes.setdefault(event["output_index"], []).append(event)
        else:
            around.append(event)
    mixed: list[Json] = []
    while any(lanes.values()):
        mixed += [lane.pop(0) for lane in lanes.values() if lane]
    return [*around[:-1], *mixed, around[-1]]


VARIANTS: tuple[Variant, ...] = (
    Variant(
        "in-progress-left-out", "leaves response.in_progress out", hooks=omit_events("response.in_progress")
    ),
    Variant("queued", "queues each response first", hooks=edit_and_renumber_events(_queued)),
    Variant("extension-events", "sends events of its own", hooks=edit_and_renumber_events(_extended)),
    Variant(
        "interleaved-items",
        "lets the items of a stream take turns",
        hooks=edit_and_renumber_events(_interleaved),
    ),
)
