"""Requests in the shapes that clients give them: what nobody writes by hand, and every client sends."""

from typing import Any

from conformance.contract.area import Area
from conformance.response import Body
from conformance.scenarios.answers import WEATHER_TOOL
from conformance.scenarios.scenario import Scenario, message, post
from conformance.scenarios.shapes import ENOUGH, Asked, bounded, calls, in_doubt, premise, says

AREA: Area = "client_requests"

CODE_WORD = "TAMARACK-5518"
REPORTING = "file_report"
REPORT = f"Call the {REPORTING} tool with the code word that you were told at the beginning."
NAMES = (
    "read_file",
    "write_file",
    "list_folder",
    "search_text",
    "run_command",
    "send_input",
    "apply_change",
    "make_plan",
    "show_picture",
    "fetch_page",
    "ask_person",
    REPORTING,
)
"""A dozen, as a coding agent declares; the last is the one that is asked for."""

SCHEMA = "http://json-schema.org/draft-07/schema#"
BYTES = 40_000
"""What a coding agent says before its user says anything, measured: about 39 kB."""


def _tool(name: str, **more: Any) -> dict[str, Any]:
    """A function of one text, as agents declare it; `more` goes into its parameters."""
    parameters = {
        **more,
        "type": "object",
        "properties": {"code_word": {"type": "string", "description": "A code word."}},
        "required": ["code_word"],
        "additionalProperties": False,
    }
    return {
        "type": "function",
        "name": name,
        "description": f"{name.replace('_', ' ')}.",
        "strict": True,
        "parameters": parameters,
    }


def _long(size: int) -> str:
    """So many bytes of instructions, numbered so that no two sentences are the same."""
    rules = (f"Rule {n}: keep the notes of step {n} short and in plain words." for n in range(size))
    text = ""
    while len(text) < size:
        text += f"{next(rules)}\n"
    return text[:size]


_TOLD = f"The code word is {CODE_WORD}."
_INSTRUCTIONS = "You are a coding agent. Use the tools that you are given."
_TOOLS = [{**_tool(name, **{"$schema": SCHEMA}), "strict": False} for name in NAMES]
_REPORT_TOOL = _tool(REPORTING)
_EXTRAS: dict[str, Any] = {
    "client_metadata": {"session": "5f3c9e"},
    "metadata": {"trace": "t-17", "Session-Id": "5F3C9E"},
    "prompt_cache_key": "5f3c9e",
}

HAS_REPORT = calls(REPORTING)


def has_code_word(answer: Body) -> bool:
    """Whether an answer has the word, in a call or in its text."""
    return calls(REPORTING, CODE_WORD)(answer) or says(CODE_WORD)(answer)


TURN = post(
    "client-turn",
    bounded(
        {
            "input": [
                *message(f"{_TOLD}\n{_long(BYTES // 2)}", "developer"),
                *message(_long(BYTES // 2)),
                *message("I have read the rules.", "assistant"),
                *message(REPORT),
            ],
            "instructions": _INSTRUCTIONS,
            "tools": _TOOLS,
            "tool_choice": "auto",
            "include": [],
            **_EXTRAS,
            "stream": True,
        }
    ),
    area=AREA,
    family="tools",
    expects="either",
    output_tokens=ENOUGH,
)
"""The first request of a coding agent: long, streamed, with a dozen tools and an empty `include`.

Its instructions stand beside a developer's message.
"""

LONG_TOKENS = BYTES // 12
"""Fewer input tokens than these cannot hold it: no vocabulary takes twelve bytes of English in one token."""


def _report(name: str, tools: list[dict[str, Any]]) -> Scenario:
    asked = message(f"{_TOLD} Call the {REPORTING} tool with it.")
    return in_doubt(
        name,
        {"input": asked, "tools": tools},
        TURN,
        shown=HAS_REPORT,
        holds=HAS_REPORT,
        area=AREA,
        family="tools",
    )


def _hello(name: str, **fields: Any) -> Scenario:
    return in_doubt(
        name, {"input": message("Reply with exactly: Hi"), **fields}, TURN, area=AREA, family="text"
    )


REPORT_PLAIN = premise(
    "client-report",
    lambda _: {"input": message(f"{_TOLD} Call the {REPORTING} tool with it."), "tools": [_REPORT_TOOL]},
    TURN,
    HAS_REPORT,
    area=AREA,
    family="tools",
)
"""One strict tool in few words: whether the model calls what it is told to call."""

LONG_ALONE = in_doubt(
    "client-long-input",
    {"input": [*message(f"{_TOLD}\n{_long(BYTES)}"), *message("Repeat the code word.")]},
    TURN,
    shown=has_code_word,
    holds=has_code_word,
    area=AREA,
)
LONG_PLAIN = premise(
    "client-short-input",
    lambda _: {"input": [*message(_TOLD), *message("Repeat the code word.")]},
    TURN,
    has_code_word,
    area=AREA,
)

_SHORT_WORDS = "of to in is it on by or be at as an we if my do "
_TIMES = 21_000
"""About one million bytes, which a gateway's bound of one MiB on a body lets through to the model."""

OVER_LONG_TOKENS = _TIMES * len(_SHORT_WORDS.split()) // 2
"""Fewer input tokens than these do not hold it: each word is one, and no vocabulary has many pairs."""

OVER_LONG = post(
    "client-over-long-input",
    bounded({"input": message(_SHORT_WORDS * _TIMES)}, limit=16),
    area=AREA,
    expects="refusal",
    output_tokens=16,
    capability="over-long-input",
)
"""More than most models hold: who answers it bills it, so that it is asked for only where that is claimed."""

OFFERED = (
    Asked(
        "dozen",
        "client.tools.many",
        TURN,
        _report("client-dozen-tools", [_tool(name) for name in NAMES]),
        HAS_REPORT,
        REPORT_PLAIN,
    ),
    Asked(
        "$schema",
        "client.tools.schema",
        TURN,
        _report("client-tool-schema", [_tool(REPORTING, **{"$schema": SCHEMA})]),
        HAS_REPORT,
        REPORT_PLAIN,
    ),
    Asked(
        "not-strict",
        "client.tools.not-strict",
        TURN,
        _report("client-tool-not-strict", [{**_REPORT_TOOL, "strict": False}]),
        HAS_REPORT,
        REPORT_PLAIN,
    ),
)
"""How clients declare tools: each can be called."""

LONG = Asked("long", "client.long-input", TURN, LONG_ALONE, has_code_word, LONG_PLAIN)
INSTRUCTED = Asked(
    "instructions",
    "client.instructions",
    TURN,
    in_doubt(
        "client-instructions",
        {
            "instructions": _INSTRUCTIONS,
            "input": [*message(_TOLD, "developer"), *message("Repeat the code word.")],
        },
        TURN,
        shown=has_code_word,
        holds=has_code_word,
        area=AREA,
    ),
    has_code_word,
    LONG_PLAIN,
)
"""Two places for what is told before the user speaks: neither takes the other's."""

SILENT = (
    Asked("include", "client.include-empty", TURN, _hello("client-include-empty", include=[])),
    Asked("extras", "client.extras", TURN, _hello("client-extras", **_EXTRAS)),
)
"""Fields that ask for nothing."""

LOCKER, GATE, DEGREES = "5127", "3384", "6640"
NUMBERS = "Repeat all numbers from above, with commas between them."
_CALL_ID = "call_5f3c9e0000000000000001"
_USER_ID, _OUTPUT_ID = "msg_5f3c9e00-0000-7000-8000-000000000001", "fco_5f3c9e00-0000-7000-8000-000000000002"
_CALL = {"type": "function_call", "call_id": _CALL_ID, "name": "get_weather", "arguments": '{"city":"Paris"}'}
_QUESTION = "What does the weather station in Paris report?"
_LOCKER_TEXT, _GATE_TEXT = f"My locker has the number {LOCKER}.", f"Your gate has the number {GATE}."


def _output(output: str | list[dict[str, Any]], **more: str) -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": _CALL_ID, "output": output, **more}


def _spoken(text: str) -> dict[str, Any]:
    """An assistant's message as an answer gives it, less what only its provider can know."""
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    return {"type": "message", "role": "assistant", "content": [part]}


def _told(text: str) -> dict[str, Any]:
    """A user's message as a client that numbers its own items sends it."""
    part = {"type": "input_text", "text": text}
    return {"type": "message", "id": _USER_ID, "status": "completed", "role": "user", "content": [part]}


_STRING, _LIST = f"{DEGREES} degrees", [{"type": "input_text", "text": f"{DEGREES} degrees"}]
_OWN_ID = {"id": _OUTPUT_ID, "status": "completed"}

ITEMS = post(
    "client-items",
    bounded(
        {
            "input": [
                _told(_LOCKER_TEXT),
                *message(_QUESTION),
                _spoken(_GATE_TEXT),
                _CALL,
                _output(_LIST, **_OWN_ID),
                *message(NUMBERS),
            ],
            "tools": [WEATHER_TOOL],
        }
    ),
    area=AREA,
    family="conversation",
    expects="either",
    output_tokens=ENOUGH,
)
"""A history of a client's own: ids and status, text in parts before a call, an output in parts."""

ALL_NUMBERS = says(LOCKER, GATE, DEGREES)


def _items(name: str, number: str, *items: dict[str, Any]) -> Scenario:
    body = {"input": [*items, *message(NUMBERS)], "tools": [WEATHER_TOOL]}
    return in_doubt(name, body, ITEMS, shown=says(number), holds=says(number), area=AREA)


_ASKED = message(_QUESTION)[0]
ITEMS_PLAIN = premise(
    "client-items-plain",
    lambda _: {
        "input": [
            *message(_LOCKER_TEXT),
            *message(_GATE_TEXT, "assistant"),
            _ASKED,
            _CALL,
            _output(_STRING),
            *message(NUMBERS),
        ],
        "tools": [WEATHER_TOOL],
    },
    ITEMS,
    ALL_NUMBERS,
    area=AREA,
)
"""The same history in strings, without ids, and no text before a call in the same turn."""

HISTORY = (
    Asked(
        "ids",
        "client.items.ids",
        ITEMS,
        _items("client-item-ids", LOCKER, _told(_LOCKER_TEXT), _ASKED, _CALL, _output(_STRING, **_OWN_ID)),
        says(LOCKER),
        ITEMS_PLAIN,
    ),
    Asked(
        "assistant-parts",
        "client.items.assistant-parts",
        ITEMS,
        _items("client-assistant-parts", GATE, *message("Hello"), _spoken(_GATE_TEXT)),
        says(GATE),
        ITEMS_PLAIN,
    ),
    Asked(
        "text-before-call",
        "client.items.text-before-call",
        ITEMS,
        _items(
            "client-text-before-call",
            GATE,
            _ASKED,
            *message(_GATE_TEXT, "assistant"),
            _CALL,
            _output(_STRING),
        ),
        says(GATE),
        ITEMS_PLAIN,
    ),
    Asked(
        "output-parts",
        "client.items.output-parts",
        ITEMS,
        _items("client-output-parts", DEGREES, _ASKED, _CALL, _output(_LIST)),
        says(DEGREES),
        ITEMS_PLAIN,
    ),
)
"""How clients tell the conversation so far: every item reaches the model."""

TAKEN = (*SILENT, *OFFERED, LONG, INSTRUCTED, *HISTORY)
READ = (*OFFERED, LONG, INSTRUCTED, *HISTORY)
