"""Variants of a stream's deltas: the same text in other pieces."""

from conformance.reference.conversation import Json
from conformance.reference.stream_mutations import change_events, edit_and_renumber_events
from conformance.reference.variants.variant import Variant


def _spaced(events: list[Json]) -> list[Json]:
    """The white space before each word comes in a delta of its own."""
    found: list[Json] = []
    for event in events:
        delta = event.get("delta", "")
        if event["type"] == "response.output_text.delta" and delta[:1].isspace() and delta.strip():
            found.append({**event, "delta": delta[:1]})
            found.append({**event, "delta": delta[1:]})
        else:
            found.append(event)
    return found


def _by_characters(events: list[Json]) -> list[Json]:
    found: list[Json] = []
    for event in events:
        if event["type"].endswith("_text.delta"):
            found += [{**event, "delta": character} for character in event["delta"]]
        else:
            found.append(event)
    return found


def _with_empty_deltas(events: list[Json]) -> list[Json]:
    found: list[Json] = []
    for event in events:
        if event["type"] == "response.output_text.done":
            kind = "response.output_text.delta"
            place = {k: event[k] for k in ("item_id", "output_index", "content_index")}
            found.append({"type": kind, **place, "delta": "", "logprobs": []})
        found.append(event)
    return found


VARIANTS: tuple[Variant, ...] = (
    Variant(
        "white-space-deltas",
        "sends white space in deltas of its own",
        hooks=edit_and_renumber_events(_spaced),
    ),
    Variant(
        "deltas-of-a-character",
        "sends a delta for each character",
        hooks=edit_and_renumber_events(_by_characters),
    ),
    Variant(
        "empty-deltas", "ends texts with an empty delta", hooks=edit_and_renumber_events(_with_empty_deltas)
    ),
    Variant(
        "obfuscated",
        "pads deltas",
        hooks=change_events("*", lambda e: e.update(obfuscation="xyz") if "delta" in e else None),
    ),
)
