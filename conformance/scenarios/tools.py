"""Requests around function tools, beyond what the boundary cases of `tools` and `tool_choice` ask."""

from typing import Any

from conformance.exchange import Call, encode_json
from conformance.scenarios.answers import PERSON_FORMAT, TOOL_CALL, WEATHER_TOOL
from conformance.scenarios.scenario import (
    PLENTY,
    Done,
    FollowsRequest,
    NotNeeded,
    Scenario,
    Target,
    ask,
    message,
)

WEATHER = "What is the weather in Paris? Use the get_weather tool."

UNDECLARED_NAME = ask(
    "tool-choice-undeclared",
    WEATHER,
    area="tools",
    family="",
    expects="refusal",
    output_tokens=0,
    tools=[WEATHER_TOOL],
    tool_choice={"type": "function", "name": "not_declared"},
)

REQUIRED_WITHOUT_TOOLS = ask(
    "tool-choice-required-without-tools",
    WEATHER,
    area="tools",
    family="",
    expects="refusal",
    output_tokens=0,
    tool_choice="required",
)

TABLE_TOOL: dict[str, Any] = {
    "type": "function",
    "name": "book_table",
    "description": "Book a table in a restaurant.",
    "parameters": {
        "type": "object",
        "properties": {
            "guests": {"type": "integer"},
            "outside": {"type": "boolean"},
            "budget": {"type": "number"},
            "dishes": {"type": "array", "items": {"type": "string"}},
            "contact": {
                "type": "object",
                "properties": {"name": {"type": "string"}},
                "required": ["name"],
                "additionalProperties": False,
            },
        },
        "required": ["guests", "outside", "budget", "dishes", "contact"],
        "additionalProperties": False,
    },
    "strict": True,
}
"""Arguments of every type: who reads a model's call out of its text may make all of them texts."""

UNASKED = ask(
    "tool-choice-required-unasked",
    "Good morning!",
    area="tools",
    family="tools",
    output_tokens=80,
    shows=FollowsRequest(),
    tools=[TABLE_TOOL],
    tool_choice="required",
)
"""A call that is required and that no model makes by itself."""

CUT_CALL = ask(
    "cut-tool-call",
    "Book a table for two at eight. Use the book_table tool.",
    area="tools",
    family="tools",
    output_tokens=16,
    tools=[TABLE_TOOL],
    tool_choice="required",
    max_output_tokens=16,
)
"""A call whose arguments have no room in the limit."""

STRUCTURED_BESIDE_TOOLS = ask(
    "structured-beside-tools",
    "Describe one made-up person who has two pets, as JSON.",
    area="tools",
    family="structured",
    expects="either",
    output_tokens=80,
    shows=FollowsRequest(),
    tools=[WEATHER_TOOL],
    text={"format": PERSON_FORMAT},
)
"""An agent's last turn: its tools are still declared, none is needed, and the answer is to be JSON."""

NONCE = "47"
"""A number in the tool's result that no model guesses."""

RESULT = f"{NONCE} degrees Celsius"


def _result(target: Target, done: Done) -> Call:
    """The conversation with the model's own call and the tool's answer to it."""
    answer = done[TOOL_CALL.name].answer if TOOL_CALL.name in done else None
    made = answer.of_type("function_call") if answer else ()
    calls = [call for _, call in made if call.get("call_id")]
    if not calls:
        raise NotNeeded("the model called no tool, so there is no result to send")
    body = {
        "model": target.model,
        "input": [
            *message(WEATHER),
            *(
                {
                    "type": "function_call",
                    "call_id": call["call_id"],
                    "name": call.get("name"),
                    "arguments": call.get("arguments"),
                }
                for call in calls
            ),
            *(
                {"type": "function_call_output", "call_id": call["call_id"], "output": RESULT}
                for call in calls
            ),
        ],
        "tools": [WEATHER_TOOL],
        "store": False,
        "max_output_tokens": PLENTY,
    }
    return Call(TOOL_RESULT.name, body=encode_json(body))


TOOL_RESULT = Scenario(
    "tool-result", "tools", _result, family="conversation", after=(TOOL_CALL,), output_tokens=60
)
