"""The loops of clients that rely on the provider's memory: what is meant is named, and not sent again.

They belong to storage: a provider that does not claim it is not asked. What they store is deleted at the end.
"""

from typing import Any

from conformance.exchange import Call
from conformance.response import Body
from conformance.scenarios.answers import WEATHER_TOOL
from conformance.scenarios.loops import DEGREES, came, outputs, plain, sent_back
from conformance.scenarios.scenario import Done, NotNeeded, Scenario, Target, message
from conformance.scenarios.shapes import ROOM, premise, says, turn
from conformance.scenarios.storage import AREA, DELETE_STORED, identifier, worked
from conformance.scenarios.tools import NONCE, RESULT, WEATHER

Json = dict[str, Any]

NOTED = "lapwing-3384"
HAS_NOTED = says(NOTED)
BOTH_TURNS = says("Paris", NONCE)
"""The first turn alone names the city, and the second alone has the degrees."""

_TOOLS: Json = {"tools": [WEATHER_TOOL]}
_KEPT: Json = {**_TOOLS, "store": True}
_NOTE = message(f"Keep the result for later. Reply with exactly: {NOTED}")
_QUESTION = message("Which city did I ask about, and what did the tool report, in degrees?")
_AGAIN = message("Repeat what was said last.")

CALL_KEPT = turn(
    "kept-call",
    lambda _: {
        "input": message(WEATHER),
        "reasoning": {"effort": "low"},
        **_KEPT,
    },
    area=AREA,
    family="tools",
    output_tokens=ROOM,
)


def _results(done: Done) -> list[Json]:
    return outputs(sent_back(CALL_KEPT, done, "function_call"), lambda _: RESULT)


RESULT_KEPT = turn(
    "kept-result",
    lambda done: {
        "previous_response_id": identifier(CALL_KEPT, done),
        "input": [*_results(done), *_NOTE],
        **_KEPT,
    },
    CALL_KEPT,
    area=AREA,
)
"""The tool's output alone: the call that it belongs to is the provider's to remember."""

RESULT_ASKED = turn(
    "kept-question",
    lambda done: {"previous_response_id": identifier(RESULT_KEPT, done), "input": _QUESTION, **_TOOLS},
    RESULT_KEPT,
    holds=BOTH_TURNS,
    area=AREA,
)
"""The question alone: the call, its output and the reply are the provider's to remember."""


def _asked_plainly(done: Done) -> Json:
    call = plain(sent_back(CALL_KEPT, done, "function_call"))
    told = [*message(WEATHER), *call, *_results(done), *_NOTE, *message(NOTED, "assistant")]
    return {"input": [*told, *_QUESTION], **_TOOLS}


ASKED_PLAIN = premise(
    "kept-question-plain",
    _asked_plainly,
    RESULT_ASKED,
    BOTH_TURNS,
    area=AREA,
    after=(CALL_KEPT,),
)


def references(answer: Body, kind: str) -> list[Json]:
    """A reference to each item of a type; none where there is no such, or none with an id."""
    items = [item for _, item in answer.of_type(kind)]
    return [{"type": "item_reference", "id": item["id"]} for item in items if item.get("id")]


def _by_reference(done: Done) -> Json:
    named = references(came(RESULT_KEPT, done), "message")
    if not named:
        raise NotNeeded("kept-result brought no message with an id")
    return {"input": [*message("Hello"), *named, *_AGAIN]}


BY_REFERENCE = turn("kept-reference", _by_reference, RESULT_KEPT, holds=HAS_NOTED, area=AREA)
"""A stored message, named instead of sent."""

BY_REFERENCE_PLAIN = premise(
    "kept-reference-plain",
    lambda done: {
        "input": [*message("Hello"), *plain(sent_back(RESULT_KEPT, done, "message")), *_AGAIN],
    },
    BY_REFERENCE,
    HAS_NOTED,
    area=AREA,
    after=(RESULT_KEPT,),
)


def _mixed(done: Done) -> Json:
    answer = came(CALL_KEPT, done)
    calls = sent_back(CALL_KEPT, done, "function_call")
    thoughts = references(answer, "reasoning")
    told = plain([item for item in calls if item.get("type") == "function_call"])
    return {
        "input": [
            *message(WEATHER),
            *(thoughts or references(answer, "function_call")),
            *(told if thoughts else ()),
            *_results(done),
        ],
        **_TOOLS,
    }


MIXED = turn("kept-mixed", _mixed, CALL_KEPT, holds=DEGREES, area=AREA)
"""Thoughts by reference, the call and its output in full: one client mixes both in each of its loops."""


def _mixed_plainly(done: Done) -> Json:
    call = plain(sent_back(CALL_KEPT, done, "function_call"))
    return {"input": [*message(WEATHER), *call, *_results(done)], **_TOOLS}


MIXED_PLAIN = premise("kept-mixed-plain", _mixed_plainly, MIXED, DEGREES, area=AREA, after=(CALL_KEPT,))


def _deletion(name: str, of: Scenario, *behind: Scenario) -> Scenario:
    def build(_: Target, done: Done) -> Call:
        if not worked(DELETE_STORED, done):
            raise NotNeeded("delete-stored did not work, so this would show nothing")
        return Call(name, "DELETE", f"/{identifier(of, done)}")

    return Scenario(name, AREA, build, "either", after=(of, DELETE_STORED), behind=behind)


CLEANING = (
    _deletion("delete-kept-result", RESULT_KEPT, RESULT_ASKED, BY_REFERENCE),
    _deletion("delete-kept-call", CALL_KEPT, RESULT_KEPT, RESULT_ASKED, BY_REFERENCE, MIXED),
)
"""After everything that needs them, where deleting works at all."""
