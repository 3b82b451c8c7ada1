"""The answers that most checks look at: one request for each kind of answer, and its streamed twin."""

from typing import Any

from conformance.scenarios.scenario import (
    PLENTY,
    Family,
    FollowsRequest,
    Scenario,
    ask,
    message,
    post,
)

NON_ASCII = "Grüße 👋🏽 こんにちは e\u0301 مرحبا"
"""Two-, three- and four-byte sequences, a skin-tone modifier, a combining mark, right-to-left letters."""

WEATHER_TOOL: dict[str, Any] = {
    "type": "function",
    "name": "get_weather",
    "description": "Get the current weather of one city.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "strict": True,
}

_TWO_LINES = {**WEATHER_TOOL, "description": f"{WEATHER_TOOL['description']}\u2028One call for each city."}
"""U+2028 ends a line of text, but no line of a stream and no string of JSON: an echo of it breaks nothing."""

PERSON_FORMAT: dict[str, Any] = {
    "type": "json_schema",
    "name": "person",
    "strict": True,
    "schema": {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "age": {"type": "integer"},
            "mood": {"enum": ["calm", "merry"]},
            "pets": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"kind": {"type": "string"}},
                    "required": ["kind"],
                    "additionalProperties": False,
                },
            },
        },
        "required": ["name", "age", "mood", "pets"],
        "additionalProperties": False,
    },
}

COUNTING = "Count from 1 to 50"
"""An answer of some 100 tokens: long enough to be cut at 16, to be stopped, and to come in many deltas."""

ROOM_TO_THINK = 4096
"""Output tokens where the model reasons: that counts as output as well."""

BODIES: dict[str, tuple[Family, int, dict[str, Any]]] = {
    "text": ("text", 30, {"input": message("Reply with exactly: Hello there")}),
    "long-text": ("text", 300, {"input": message(COUNTING)}),
    "non-ascii-text": ("text", 60, {"input": message(f"Reply with exactly: {NON_ASCII}")}),
    "truncated": ("truncated", 16, {"input": message(COUNTING), "max_output_tokens": 16}),
    "stopped": (
        "text",
        30,
        {"input": message("Reply with exactly: ALPHA BRAVO CHARLIE DELTA"), "stop": "CHARLIE"},
    ),
    "tool-call": (
        "tools",
        60,
        {
            "input": message("What is the weather in Paris? Use the get_weather tool."),
            "tools": [WEATHER_TOOL],
            "tool_choice": "required",
        },
    ),
    "two-tool-calls": (
        "tools",
        120,
        {
            "input": message(
                "What is the weather in Paris and in London? Call get_weather once for each city."
            ),
            "tools": [_TWO_LINES],
            "tool_choice": "required",
        },
    ),
    "reasoning": (
        "reasoning",
        200,
        {
            "input": message("Reply with exactly: 42"),
            "reasoning": {"effort": "low", "summary": "auto"},
            "max_output_tokens": ROOM_TO_THINK,
        },
    ),
    "structured": (
        "structured",
        80,
        {
            "input": message("Describe one made-up person who has two pets, as JSON."),
            "text": {"format": PERSON_FORMAT},
        },
    ),
}


_BEHAVIOURAL = frozenset({"stopped", "tool-call", "two-tool-calls", "structured"})
"""What these ask for must be missed three times before it counts as missed."""

OPTIONAL = frozenset({"stopped", "two-tool-calls", "structured"})
"""Asked for with something that one contract or another lets a provider refuse."""


def _answer(name: str, *, stream: bool) -> Scenario:
    family, tokens, body = BODIES[name]
    asked = {"max_output_tokens": PLENTY, **body, "store": False, **({"stream": True} if stream else {})}
    return post(
        f"{name}-stream" if stream else name,
        asked,
        area="answers",
        family=family,
        expects="either" if name in OPTIONAL else "answer",
        output_tokens=tokens,
        smoke=name in {"text", "tool-call"} or (name in {"truncated", "structured"} and not stream),
        shows=FollowsRequest() if name in _BEHAVIOURAL else None,
    )


TEXT = _answer("text", stream=False)
LONG_TEXT = _answer("long-text", stream=False)
NON_ASCII_TEXT = _answer("non-ascii-text", stream=False)
TRUNCATED = _answer("truncated", stream=False)
STOPPED = _answer("stopped", stream=False)
TOOL_CALL = _answer("tool-call", stream=False)
TWO_TOOL_CALLS = _answer("two-tool-calls", stream=False)
REASONING = _answer("reasoning", stream=False)
STRUCTURED = _answer("structured", stream=False)

TEXT_STREAM = _answer("text", stream=True)
LONG_TEXT_STREAM = _answer("long-text", stream=True)
NON_ASCII_STREAM = _answer("non-ascii-text", stream=True)
TRUNCATED_STREAM = _answer("truncated", stream=True)
STOPPED_STREAM = _answer("stopped", stream=True)
TOOL_CALL_STREAM = _answer("tool-call", stream=True)
TWO_TOOL_CALLS_STREAM = _answer("two-tool-calls", stream=True)
REASONING_STREAM = _answer("reasoning", stream=True)
STRUCTURED_STREAM = _answer("structured", stream=True)

ANSWERS = (
    TEXT,
    LONG_TEXT,
    NON_ASCII_TEXT,
    TRUNCATED,
    STOPPED,
    TOOL_CALL,
    TWO_TOOL_CALLS,
    REASONING,
    STRUCTURED,
)
STREAMS = (
    TEXT_STREAM,
    LONG_TEXT_STREAM,
    NON_ASCII_STREAM,
    TRUNCATED_STREAM,
    STOPPED_STREAM,
    TOOL_CALL_STREAM,
    TWO_TOOL_CALLS_STREAM,
    REASONING_STREAM,
    STRUCTURED_STREAM,
)

CONVERSATION = ask(
    "conversation",
    [
        *message("Reply with exactly: heron-2291"),
        *message("heron-2291", role="assistant"),
        *message("Reply with exactly: plover-6640"),
    ],
    family="conversation",
    output_tokens=30,
)

TOOL_STREAMS = (TOOL_CALL_STREAM, TWO_TOOL_CALLS_STREAM)

TWINS = (
    (TEXT_STREAM, TEXT),
    (LONG_TEXT_STREAM, LONG_TEXT),
    (NON_ASCII_STREAM, NON_ASCII_TEXT),
    (TRUNCATED_STREAM, TRUNCATED),
    (TOOL_CALL_STREAM, TOOL_CALL),
    (REASONING_STREAM, REASONING),
    (STRUCTURED_STREAM, STRUCTURED),
    (STOPPED_STREAM, STOPPED),
)
"""Each streamed answer beside the same request without `stream`."""
