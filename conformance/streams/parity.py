"""Whether a streamed answer ends with what the same request brings without a stream."""

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.strict_json import json_type
from conformance.verdicts.verdict import Finding


def shape(streamed: Mapping[str, Any], plain: Mapping[str, Any]) -> Iterator[Finding]:
    """Keys that only one of the two has, and values of different JSON types.

    null says no more than absence does, so that a key with null on one side is never a difference.
    """
    for key in sorted({*streamed, *plain}):
        here, there = json_type(streamed.get(key)), json_type(plain.get(key))
        if here == there or (here == "null" and key in streamed) or (there == "null" and key in plain):
            continue
        yield Finding(f"{key}: {there} as in the unstreamed response", here, f"$.{key}")


def status(streamed: Mapping[str, Any], plain: Mapping[str, Any]) -> Iterator[Finding]:
    """Another status than the unstreamed answer's."""
    if streamed.get("status") != plain.get("status"):
        expected = f"status {plain.get('status')} as in the unstreamed response"
        yield Finding(expected, str(streamed.get("status")), "$.status")


def items(streamed: Mapping[str, Any], plain: Mapping[str, Any]) -> Iterator[Finding]:
    """Another main item than the unstreamed answer's: a call where there was a message, or none at all."""
    here, there = _main_item(streamed), _main_item(plain)
    if here != there:
        yield Finding(f"an item of type {there} as in the unstreamed response", here, "$.output")


def _main_item(response: Mapping[str, Any]) -> str:
    """What the answer comes down to; words before a call and visible reasoning are the model's own choice."""
    output = response.get("output")
    items_ = [item for item in (output if isinstance(output, list) else ()) if isinstance(item, dict)]
    types = [item.get("type") for item in items_]
    return next((type_ for type_ in ("function_call", "message") if type_ in types), "none of these")
