"""Inputs whose cost is known beforehand: units of text repeated, five at one length and one at a second.

The smallest set that gives a tokenizer's slope on five scripts and the tokens that no text explains.
"""

import hashlib
import json
from collections.abc import Mapping

from conformance.contract.area import Area
from conformance.contract.tokenizers import units
from conformance.exchange import Call, encode_json
from conformance.scenarios.answers import TEXT
from conformance.scenarios.scenario import Done, NotNeeded, Scenario, Target, ask, message

AREA: Area = "billing"

TIMES = 20
"""How often a unit stands in a row: long enough that a tenth too much is many tokens."""

SHORTEST_ANSWER = 16
"""Output tokens: nothing is asked for, and this is the lowest limit that every contract takes."""


def _repeated(name: str, unit: str, times: int) -> Scenario:
    return ask(
        name,
        units()[unit] * times,
        area=AREA,
        family="truncated",
        output_tokens=SHORTEST_ANSWER,
        max_output_tokens=SHORTEST_ANSWER,
    )


def _never_seen(target: Target, done: Done) -> Call:
    """A number of ten digits, another in each run, so that no cache can have seen what begins with it.

    Tokenizers cut digits by their number alone, so that every such number costs the same. It follows from the
    answer before it, so that a recording is found again.
    """
    answer = done[TEXT.name].answer
    if answer is None:
        raise NotNeeded(f"{TEXT.name} brought no response to make a new number of")
    told = json.dumps([answer.response.get("id"), answer.response.get("created_at")])
    number = int(hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest(), 16) % 10**10
    body = {
        "model": target.model,
        "input": message(f"{number:010} " * TIMES),
        "store": False,
        "max_output_tokens": SHORTEST_ANSWER,
    }
    return Call(NEVER_SEEN.name, body=encode_json(body))


CHINESE = _repeated("billed-chinese", "chinese", TIMES)
CHINESE_TWICE = _repeated("billed-chinese-twice", "chinese", 2 * TIMES)
HINDI = _repeated("billed-hindi", "hindi", TIMES)
RUSSIAN = _repeated("billed-russian", "russian", TIMES)
THAI = _repeated("billed-thai", "thai", TIMES)
NEVER_SEEN = Scenario(
    "billed-digits",
    AREA,
    _never_seen,
    family="truncated",
    after=(TEXT,),
    output_tokens=SHORTEST_ANSWER,
)
"""The unit of digits, with a number that nobody has sent before."""

SAMPLES: Mapping[Scenario, tuple[str, int]] = {
    CHINESE: ("chinese", TIMES),
    CHINESE_TWICE: ("chinese", 2 * TIMES),
    NEVER_SEEN: ("digits", TIMES),
    HINDI: ("hindi", TIMES),
    RUSSIAN: ("russian", TIMES),
    THAI: ("thai", TIMES),
}
"""Each of the six with its unit and how often it has it."""
