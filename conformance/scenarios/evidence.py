"""Requests that look for evidence of origin: sent only where they are asked for."""

import base64
import binascii
from typing import Any

from conformance.contract.area import Area
from conformance.scenarios.answers import ROOM_TO_THINK
from conformance.scenarios.loops import REASONING_BACK, THOUGHT, thought_back
from conformance.scenarios.scenario import Done, NotNeeded, Scenario, message
from conformance.scenarios.shapes import turn

AREA: Area = "evidence"

CACHED_FROM = 1024
"""Input tokens from which on prompts are cached, by the public guide."""

PREFIX = "".join(f"Rule {number}: what is said here is only there to be read. " for number in range(90))
"""Some 1,250 tokens, the same in each run."""

SHORTEST_ANSWER = 16


def _prefixed(name: str, *after: Scenario) -> Scenario:
    """The prefix and a short question, sent when the one before it was answered."""
    asked = {"input": message(f"{PREFIX}Reply with exactly: Hello there")}
    return turn(name, lambda _: asked, *after, area=AREA, family="truncated", output_tokens=SHORTEST_ANSWER)


PREFIXED = _prefixed("evidence-prefix")
PREFIXED_AGAIN = _prefixed("evidence-prefix-again", PREFIXED)
PREFIXED_THIRD = _prefixed("evidence-prefix-third", PREFIXED_AGAIN)


def flipped(sealed: str) -> str:
    """An encrypted content with one bit of the byte in its middle changed.

    What is no base64 has the character in its middle changed.
    """
    middle = len(sealed) // 2
    try:
        data = bytearray(base64.b64decode(sealed, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        data = bytearray()
    if not data:
        return f"{sealed[:middle]}{'B' if sealed[middle : middle + 1] == 'A' else 'A'}{sealed[middle + 1 :]}"
    data[len(data) // 2] ^= 1
    return base64.urlsafe_b64encode(data).decode()


def _tampered(done: Done) -> dict[str, Any]:
    answer = done[THOUGHT.name].answer if THOUGHT.name in done else None
    thoughts = answer.of_type("reasoning") if answer else ()
    sealed = [item.get("encrypted_content") for _, item in thoughts]
    if not any(isinstance(each, str) and each for each in sealed):
        raise NotNeeded("no reasoning came with encrypted_content")
    first = next(each for each in sealed if isinstance(each, str) and each)
    return thought_back(done, encrypted_content=flipped(first))


TAMPERED = turn(
    "evidence-seal-changed",
    _tampered,
    THOUGHT,
    REASONING_BACK,
    area=AREA,
    output_tokens=ROOM_TO_THINK,
)
"""The reasoning item with one bit of its encrypted content changed, beside the one that is as it came."""
