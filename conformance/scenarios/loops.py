"""The loops of clients: what was answered is sent back, and the conversation goes on.

A stateless client sends each item of an answer back as it came, with whatever members it has. A client that
relies on the provider's memory names what it means: by `previous_response_id`, or by `item_reference`.
"""

import re
from collections.abc import Callable
from typing import Any

from conformance.contract.area import Area
from conformance.response import Body
from conformance.scenarios.answers import (
    TOOL_CALL,
    TOOL_CALL_STREAM,
    TWO_TOOL_CALLS_STREAM,
    WEATHER_TOOL,
)
from conformance.scenarios.input import IMAGE_COLOUR, PLAIN_RED
from conformance.scenarios.scenario import Done, NotNeeded, Scenario, message, post
from conformance.scenarios.shapes import ENOUGH, ROOM, bounded, premise, says, turn
from conformance.scenarios.tools import NONCE, RESULT, WEATHER

AREA: Area = "loops"

Json = dict[str, Any]

DEGREES = says(NONCE)


def came(scenario: Scenario, done: Done) -> Body:
    """The answer of an earlier turn; raises NotNeeded where there is none."""
    answer = done[scenario.name].answer if scenario.name in done else None
    if answer is None:
        raise NotNeeded(f"{scenario.name} was not answered, so there is nothing to go on from")
    return answer


def sent_back(scenario: Scenario, done: Done, needed: str) -> list[Json]:
    """The output items of an earlier turn, each as it came.

    Thoughts that were neither stored nor encrypted are left out, unless they are what is needed: they hold
    nothing that a provider could find again. Raises NotNeeded where no item is of the type that is needed.
    """
    answer = came(scenario, done)
    if not answer.of_type(needed):
        raise NotNeeded(f"{scenario.name} brought no {needed} item to send back")
    return [
        item
        for _, item in answer.items
        if item.get("type") != "reasoning" or needed == "reasoning" or item.get("encrypted_content")
    ]


def outputs(items: list[Json], output: Callable[[Json], Any]) -> list[Json]:
    """A tool's output for each call among the items, in their order."""
    calls = [item for item in items if item.get("type") == "function_call"]
    return [
        {"type": "function_call_output", "call_id": call.get("call_id"), "output": output(call)}
        for call in calls
    ]


def _text(content: Any) -> str:
    if not isinstance(content, list):
        return content if isinstance(content, str) else ""
    return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))


def plain(items: list[Json]) -> list[Json]:
    """The items in the fewest members and the simplest forms: what is no message and no call is left out."""
    found: list[Json] = []
    for item in items:
        if item.get("type") == "function_call":
            found.append({key: item.get(key) for key in ("type", "call_id", "name", "arguments")})
        if item.get("type") == "message":
            found += message(_text(item.get("content")), str(item.get("role")))
    return found


def _with_result(items: list[Json], output: Any = RESULT) -> Json:
    return {
        "input": [*message(WEATHER), *items, *outputs(items, lambda _: output)],
        "tools": [WEATHER_TOOL],
    }


CALL = turn(
    "loop-call",
    lambda done: _with_result(sent_back(TOOL_CALL, done, "function_call")),
    TOOL_CALL,
    holds=DEGREES,
    smoke=True,
    area=AREA,
)
"""The call with its id and status, and the output as a string."""


def _plainly(of: Scenario) -> Callable[[Done], Json]:
    return lambda done: _with_result(plain(sent_back(of, done, "function_call")))


CALL_PLAIN = premise("loop-call-plain", _plainly(TOOL_CALL), CALL, DEGREES, area=AREA, after=(TOOL_CALL,))
"""The call in its fewest members."""

CALL_STREAM = turn(
    "loop-call-stream",
    lambda done: _with_result(sent_back(TOOL_CALL_STREAM, done, "function_call")),
    TOOL_CALL_STREAM,
    holds=DEGREES,
    streamed=True,
    area=AREA,
)
"""A call out of a stream, whose output is answered in a stream again."""

CALL_STREAM_PLAIN = premise(
    "loop-call-stream-plain",
    _plainly(TOOL_CALL_STREAM),
    CALL_STREAM,
    DEGREES,
    area=AREA,
    after=(TOOL_CALL_STREAM,),
)
"""The same in plain shapes, and not streamed."""

_PICTURE = [
    {"type": "input_text", "text": RESULT},
    {"type": "input_image", "image_url": PLAIN_RED, "detail": "auto"},
]


_COLOUR = "Which colour has the picture? Reply with one word."


def _picture(done: Done) -> Json:
    body = _with_result(sent_back(TOOL_CALL, done, "function_call"), _PICTURE)
    return {**body, "input": [*body["input"], *message(_COLOUR)]}


PICTURE = turn("loop-output-image", _picture, TOOL_CALL, holds=says(IMAGE_COLOUR), area=AREA)
"""The output as a list of a text and an image."""

PICTURE_PLAIN = premise(
    "loop-output-image-plain",
    lambda _: {
        "input": [{"role": "user", "content": [{"type": "input_text", "text": _COLOUR}, _PICTURE[1]]}],
    },
    PICTURE,
    says(IMAGE_COLOUR),
    area=AREA,
)
"""The image in a user's message."""

_INVENT = "Invent a code word of eight capital letters that is no real word. Reply with the code word alone."
_REPEAT = "Repeat your code word."
_BOTH = "Repeat your code word, and how many degrees it is"

FIRST = post(
    "loop-first",
    bounded({"input": message(_INVENT)}),
    area=AREA,
    family="text",
    output_tokens=ENOUGH,
)
"""The model invents a word: only who reads its answer knows it."""


_IN_CAPITALS = re.compile(r"\b[A-Z]{6,12}\b")


def code_word(answer: Body) -> str:
    """The word that the model invented; empty where it invented none."""
    found = _IN_CAPITALS.search(answer.text)
    return found[0] if found else ""


def _invented(done: Done) -> list[Json]:
    items = sent_back(FIRST, done, "message")
    if not code_word(came(FIRST, done)):
        raise NotNeeded("the model invented no code word in capitals")
    return [*message(_INVENT), *items]


def tells_code_word(answer: Body) -> bool:
    """Whether an answer has the word that stands in the first assistant's message of its request."""
    items = answer.asked.get("input")
    told = plain_turns([item for item in items if isinstance(item, dict)]) if isinstance(items, list) else []
    said = next((str(item["content"]) for item in told if item.get("role") == "assistant"), "")
    found = _IN_CAPITALS.search(said)
    return found is not None and found[0] in answer.text.upper()


def tells_both(answer: Body) -> bool:
    """Whether an answer has the word of the first turn and the number of the last."""
    return tells_code_word(answer) and DEGREES(answer)


def _second(done: Done) -> list[Json]:
    return [*_invented(done), *message(_REPEAT)]


SECOND = turn("loop-message", lambda done: {"input": _second(done)}, FIRST, holds=tells_code_word, area=AREA)
"""The message with its id, status, annotations and logprobs."""

SECOND_PLAIN = premise(
    "loop-message-plain",
    lambda done: {"input": [*plain_turns(_second(done))]},
    SECOND,
    tells_code_word,
    area=AREA,
    after=(FIRST,),
)


_ANSWERED = frozenset({"message", "function_call", "reasoning"})


def plain_turns(items: list[Json]) -> list[Json]:
    """A conversation whose answers are told plainly; what users (without a type) and tools said stays."""
    return [
        inner
        for item in items
        for inner in (
            plain([item]) if item.get("type") in {"message", "function_call", "reasoning"} else [item]
        )
    ]


def _third(done: Done) -> list[Json]:
    return [*_second(done), *sent_back(SECOND, done, "message"), *message(WEATHER)]


THIRD = turn(
    "loop-third",
    lambda done: {"input": _third(done), "tools": [WEATHER_TOOL]},
    FIRST,
    SECOND,
    family="tools",
    area=AREA,
)


def _fourth(done: Done) -> list[Json]:
    items = sent_back(THIRD, done, "function_call")
    return [*_third(done), *items, *outputs(items, lambda _: RESULT), *message(_BOTH)]


FOURTH = turn(
    "loop-fourth",
    lambda done: {"input": _fourth(done), "tools": [WEATHER_TOOL]},
    FIRST,
    SECOND,
    THIRD,
    holds=tells_both,
    area=AREA,
)
"""Four turns in a row, each sent back whole."""


def _fourth_plain(done: Done) -> Json:
    """The same in three messages: whoever forgets how a long conversation began has it before him here."""
    said = plain(sent_back(FIRST, done, "message"))
    return {"input": [*message(f"It is {RESULT}. {_INVENT}"), *said, *message(_BOTH)]}


FOURTH_PLAIN = premise(
    "loop-fourth-plain",
    _fourth_plain,
    FOURTH,
    tells_both,
    area=AREA,
    after=(FIRST,),
)

CITIES = {"Paris": RESULT, "London": "83 degrees Celsius"}
_TWO_CITIES = "What is the weather in Paris and in London? Call get_weather once for each city."
_PARIS = "How many degrees are it in Paris? Reply with the number alone."


def _city(call: Json) -> str:
    return next((city for city in CITIES if city in str(call.get("arguments"))), "")


def _two_results(done: Done, *, swapped: bool) -> Json:
    items = sent_back(TWO_TOOL_CALLS_STREAM, done, "function_call")
    calls = [item for item in items if item.get("type") == "function_call"]
    if sorted(map(_city, calls)) != sorted(CITIES):
        raise NotNeeded("the model did not make one call for each of the two cities")
    results = outputs(items, lambda call: CITIES[_city(call)])
    told = [*items, *(reversed(results) if swapped else results)]
    return {"input": [*message(_TWO_CITIES), *told, *message(_PARIS)], "tools": [WEATHER_TOOL]}


SWAPPED = turn(
    "loop-swapped",
    lambda done: _two_results(done, swapped=True),
    TWO_TOOL_CALLS_STREAM,
    holds=DEGREES,
    area=AREA,
)
"""Two parallel calls out of a stream, whose outputs come in the other order."""

IN_ORDER = premise(
    "loop-in-order",
    lambda done: _two_results(done, swapped=False),
    SWAPPED,
    DEGREES,
    area=AREA,
    after=(TWO_TOOL_CALLS_STREAM,),
)

_THINKING: Json = {"reasoning": {"effort": "low", "summary": "auto"}}
_ENCRYPTED: Json = {**_THINKING, "include": ["reasoning.encrypted_content"]}

THOUGHT = turn(
    "loop-reasoning-first",
    lambda _: {"input": message(WEATHER), "tools": [WEATHER_TOOL], **_ENCRYPTED},
    family="reasoning",
    area=AREA,
    output_tokens=ROOM,
)


def thought_back(done: Done, **members: Any) -> Json:
    """The turn after THOUGHT: its reasoning with further members, its call, and the call's result."""
    items = sent_back(THOUGHT, done, "reasoning")
    if not any(item.get("type") == "function_call" for item in items):
        raise NotNeeded("the model called no tool, so there is no result to send")
    told = [{**item, **members} if item.get("type") == "reasoning" else item for item in items]
    return {**_with_result(told), **_ENCRYPTED}


REASONING_BACK = turn("loop-reasoning", thought_back, THOUGHT, holds=DEGREES, area=AREA, output_tokens=ROOM)
"""The reasoning item with its summary and encrypted content, and the call that followed it."""

CONTENT_NULL = turn(
    "loop-reasoning-content-null",
    lambda done: thought_back(done, content=None),
    THOUGHT,
    holds=DEGREES,
    area=AREA,
    output_tokens=ROOM,
)
"""As a client sends it that writes out every member of the item, empty ones as null."""

REASONING_PLAIN = premise(
    "loop-reasoning-plain", _plainly(THOUGHT), REASONING_BACK, DEGREES, area=AREA, after=(THOUGHT,)
)
"""The call without the thoughts before it."""
