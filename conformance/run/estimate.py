"""How many tokens a request may cost on its way in, told from its text before it is sent.

An upper estimate: it stands above what the reference provider bills for every request of the plan, and above
the 4 characters a token that are the rule of thumb for English under the o200k vocabulary. Refused requests
are counted as if they were answered; so is a whole prompt that the provider has cached.
"""

import json
import math
from typing import Any

from conformance.exchange import Call
from conformance.scenarios.fitting import worded
from conformance.scenarios.scenario import NotNeeded, Scenario, Target

BYTES_PER_TOKEN = 3
"""Of what is said: about 4 characters of English make a token; other scripts take more bytes a character."""

BYTES_PER_TOKEN_OF_JSON = 2
"""Of tools and formats, where every mark may be a token of its own."""

TOKENS_PER_REQUEST = 8
"""What the roles and borders of a conversation take, beside the JSON around them, which is counted too."""

TOKENS_PER_IMAGE = 300
"""An image of one tile: 85 and 170 tokens in full detail, as the vendors' guides reckon, rounded up."""

AFTER_ANOTHER = 300
"""Of a request that is built from an earlier answer: its own words, and the short conversation before it."""

SPOKEN, DECLARED = ("input", "instructions"), ("tools", "text")
"""The fields that a model reads: as prose, and as JSON."""


def input_tokens(scenario: Scenario, target: Target) -> int:
    """At most so many tokens are read for one performance of a scenario.

    What builds on an earlier answer cannot be worded yet: it counts as `AFTER_ANOTHER`, or as nothing where
    it generates nothing either (a look-up, a deletion).
    """
    try:
        return tokens_of(worded(scenario, target, {}))
    except (KeyError, NotNeeded):
        return AFTER_ANOTHER if scenario.output_tokens else 0


def tokens_of(call: Call) -> int:
    """At most so many tokens are read for a call; what is no JSON object counts as prose."""
    if not call.body:
        return 0
    try:
        body = json.loads(call.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return TOKENS_PER_REQUEST + math.ceil(len(call.body) / BYTES_PER_TOKEN)
    images: list[str] = []
    spoken = _size([_without_images(body[field], images) for field in SPOKEN if field in body])
    declared = _size([body[field] for field in DECLARED if field in body])
    return (
        TOKENS_PER_REQUEST
        + math.ceil(spoken / BYTES_PER_TOKEN)
        + math.ceil(declared / BYTES_PER_TOKEN_OF_JSON)
        + TOKENS_PER_IMAGE * len(images)
    )


def _without_images(value: Any, images: list[str]) -> Any:
    """The value without the addresses and data of its images, which go to `images`."""
    if isinstance(value, list):
        return [_without_images(each, images) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for key, inner in value.items():
        if key == "image_url" and isinstance(inner, str):
            images.append(inner)
        else:
            kept[key] = _without_images(inner, images)
    return kept


def _size(values: list[Any]) -> int:
    """The values in bytes, as compact JSON; nothing for none."""
    return sum(
        len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))
        for value in values
    )
