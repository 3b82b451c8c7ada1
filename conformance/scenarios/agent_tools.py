"""Tools beyond functions, as coding agents declare them: custom, hosted, and those that clients run.

They are asked for only where the contract or the profile claims `agent-tools`.
"""

from dataclasses import dataclass
from typing import Any

from conformance.contract.area import Area
from conformance.response import Body
from conformance.scenarios.answers import WEATHER_TOOL
from conformance.scenarios.loops import sent_back
from conformance.scenarios.scenario import Done, Scenario, Shows, ask, message
from conformance.scenarios.shapes import ENOUGH, ROOM, Predicate, premise, says, turn

AREA: Area = "agent_tools"

Json = dict[str, Any]

JOT = "jot"
WRITTEN = "TAMARACK-5518"
TEXT = f'say "{WRITTEN}" to {{all}}'
"""With quotation marks and braces: a call that wraps it into JSON must escape them."""

JOT_TOOL: Json = {"type": "custom", "name": JOT, "description": "Writes down any text as it is."}
JOT_IT = (
    f"What is the weather in Paris? Do not look it up. Call the {JOT} tool with exactly this text: {TEXT}"
)
"""It names the other tool's topic too: who calls the first tool that fits calls another."""

FORCED: Json = {"type": "custom", "name": JOT}


def makes(kind: str, name: str = "", namespace: str = "") -> Predicate:
    """Means answers with an item of this type, and of this name and namespace where they are given."""

    def made(answer: Body) -> bool:
        wanted = {key: value for key, value in (("name", name), ("namespace", namespace)) if value}
        return any(wanted.items() <= item.items() for _, item in answer.of_type(kind))

    return made


JOTS = makes("custom_tool_call", JOT)


def writes(*words: str, whole: bool = False) -> Predicate:
    """Means answers with a custom call whose input is one of these words, or has one in it and is no JSON."""

    def written(answer: Body) -> bool:
        inputs = [str(call.get("input")) for _, call in answer.of_type("custom_tool_call")]
        if whole:
            return any(said in words for said in inputs)
        return any(word in said and not said.startswith("{") for said in inputs for word in words)

    return written


def _asked(
    name: str,
    prompt: str | list[Json],
    shows: Predicate | None,
    *,
    limit: int = ENOUGH,
    refused: bool = False,
    **fields: Any,
) -> Scenario:
    return ask(
        name,
        prompt,
        area=AREA,
        family="" if refused else "tools",
        expects="refusal" if refused else "either",
        output_tokens=0 if refused else limit,
        shows=Shows(shows) if shows else None,
        max_output_tokens=limit,
        **fields,
    )


CUSTOM = _asked("custom-call", JOT_IT, writes(WRITTEN), tools=[WEATHER_TOOL, JOT_TOOL], tool_choice=FORCED)
"""A custom tool without a format, beside a function."""

CUSTOM_STREAM = _asked(
    "custom-call-stream",
    JOT_IT,
    writes(WRITTEN),
    tools=[{**JOT_TOOL, "format": {"type": "text"}}],
    tool_choice="required",
    stream=True,
)
"""The same in a stream, with the format written out that holds without one."""

COLOURS = ("red", "green", "blue")
_PICK = "pick_colour"
_PICK_IT = f"Call the {_PICK} tool with exactly this text: purple"


def _picked(name: str, syntax: str, definition: str) -> Scenario:
    layout = {"type": "grammar", "syntax": syntax, "definition": definition}
    tool = {"type": "custom", "name": _PICK, "description": "Takes a colour.", "format": layout}
    return _asked(
        name,
        _PICK_IT,
        writes(*COLOURS, whole=True),
        tools=[tool],
        tool_choice={"type": "custom", "name": _PICK},
    )


GRAMMARS = (
    _picked("custom-grammar-regex", "regex", f"({'|'.join(COLOURS)})"),
    _picked("custom-grammar-lark", "lark", "start: " + " | ".join(f'"{colour}"' for colour in COLOURS)),
)
"""The model is told to write what the grammar forbids."""

CUSTOMS = (CUSTOM, CUSTOM_STREAM, *GRAMMARS)

NUMBER = "8317"
"""What no model guesses."""

_ASK_NUMBER = "Repeat the number under which it was written down."
_STORED = f"Written down under the number {NUMBER}."


def _with_output(done: Done) -> Json:
    items = sent_back(CUSTOM, done, "custom_tool_call")
    told = [
        {"type": f"{item['type']}_output", "call_id": item.get("call_id"), "output": _STORED}
        for item in items
        if str(item.get("type")).endswith("tool_call")
    ]
    return {"input": [*message(JOT_IT), *items, *told, *message(_ASK_NUMBER)], "tools": [JOT_TOOL]}


CUSTOM_OUTPUT = turn("custom-output", _with_output, CUSTOM, holds=says(NUMBER), area=AREA)
"""The call as it came, and what the tool answered."""

CUSTOM_OUTPUT_PLAIN = premise(
    "custom-output-plain",
    lambda _: {"input": [*message(_STORED), *message(_ASK_NUMBER)]},
    CUSTOM_OUTPUT,
    says(NUMBER),
    area=AREA,
)

UNDECLARED = _asked(
    "tool-choice-custom-undeclared",
    JOT_IT,
    None,
    refused=True,
    tools=[JOT_TOOL],
    tool_choice={"type": "custom", "name": "not_declared"},
)


@dataclass(frozen=True, eq=False)
class Forced:
    """A request that leaves the model no choice: `holds` looks for the call that is `expected`."""

    requirement: str
    scenario: Scenario
    holds: Predicate
    expected: str


def _forced(
    requirement: str, name: str, prompt: str | list[Json], holds: Predicate, expected: str, **fields: Any
) -> Forced:
    return Forced(requirement, _asked(name, prompt, holds, **fields), holds, expected)


_WEATHER = "What is the weather in Paris? Use the get_weather tool."
_A_JOT = f"a custom_tool_call of {JOT}"

CHOSEN = (
    _forced(
        "agent.choice.followed",
        "tool-choice-allowed-custom",
        _WEATHER,
        JOTS,
        f"{_A_JOT} alone",
        tools=[WEATHER_TOOL, JOT_TOOL],
        tool_choice={"type": "allowed_tools", "mode": "required", "tools": [FORCED]},
    ),
    _forced(
        "agent.choice.followed",
        "tool-choice-function-beside-custom",
        JOT_IT,
        makes("function_call", "get_weather"),
        "a function_call of get_weather",
        tools=[JOT_TOOL, WEATHER_TOOL],
        tool_choice={"type": "function", "name": "get_weather"},
    ),
)
"""The prompt asks for the tool that may not be called."""


def _hosted(
    name: str, prompt: str, tool: Json, *kinds: str, requirement: str = "agent.hosted.forced", **choice: str
) -> Forced:
    return _forced(
        requirement,
        f"forced-{name}",
        prompt,
        lambda answer: bool(answer.of_type(*kinds)),
        f"an item of type {' or '.join(kinds)}",
        tools=[tool],
        tool_choice={"type": tool["type"], **choice},
        limit=ROOM,
    )


HOSTED = (
    _hosted(
        "web-search",
        "Which day was the last leap day? Search the web.",
        {"type": "web_search"},
        "web_search_call",
    ),
    _hosted(
        "code-interpreter",
        "Compute 6 * 7 with Python.",
        {"type": "code_interpreter", "container": {"type": "auto"}},
        "code_interpreter_call",
    ),
    _hosted(
        "file-search",
        "What do the files say about harbours?",
        {"type": "file_search", "vector_store_ids": ["vs_5f3c9e000000000000000001"]},
        "file_search_call",
    ),
    _hosted(
        "image-generation",
        "Draw a plain red square.",
        {"type": "image_generation", "quality": "low", "size": "1024x1024"},
        "image_generation_call",
    ),
    _hosted(
        "mcp",
        "Call any tool of the harbour server.",
        {
            "type": "mcp",
            "server_label": "harbour",
            "server_url": "https://mcp.invalid/sse",
            "require_approval": "never",
        },
        "mcp_call",
        "mcp_list_tools",
        "mcp_approval_request",
        server_label="harbour",
    ),
)
"""Neither the store of files nor the server of tools exists: who looks refuses, and says so."""

CLIENT_RUN = (
    _hosted(
        "apply-patch",
        "Create the file notes.txt with the one line hello.",
        {"type": "apply_patch"},
        "apply_patch_call",
        requirement="agent.client-run.forced",
    ),
    _hosted(
        "shell",
        "List the files of the current folder.",
        {"type": "shell", "environment": {"type": "local"}},
        "shell_call",
        requirement="agent.client-run.forced",
    ),
)

SPACE = "notebook"


def _in_space(tool: Json) -> Json:
    return {"type": "namespace", "name": SPACE, "description": "Tools of a notebook.", "tools": [tool]}


GROUPED = tuple(
    _forced(
        "agent.namespace.called",
        name,
        prompt,
        makes(kind, tool["name"], SPACE),
        f"a {kind} of {tool['name']} in the namespace {SPACE}",
        tools=[_in_space(tool)],
        tool_choice="required",
    )
    for name, prompt, kind, tool in (
        ("namespace-function", _WEATHER, "function_call", WEATHER_TOOL),
        ("namespace-custom", JOT_IT, "custom_tool_call", JOT_TOOL),
    )
)

DEFERRED = _forced(
    "agent.tool-search.found",
    "tool-search",
    "What is the weather in Paris? Search for the get_weather tool and call it.",
    lambda answer: bool(answer.of_type("tool_search_call")) or makes("function_call", "get_weather")(answer),
    "a tool_search_call, or a function_call of get_weather",
    tools=[{"type": "tool_search"}, {**WEATHER_TOOL, "defer_loading": True}],
    tool_choice="required",
    limit=ROOM,
)
"""A function that is not loaded until it is searched for."""

_ADDED: Json = {"type": "additional_tools", "role": "developer", "tools": [JOT_TOOL]}

ADDED = tuple(
    _forced(
        "agent.additional-tools.called",
        name,
        [_ADDED, *message(JOT_IT)],
        JOTS,
        _A_JOT,
        tool_choice="required",
        **declared,
    )
    for name, declared in (
        ("additional-tools", {}),
        ("additional-tools-twice", {"tools": [JOT_TOOL]}),
    )
)
"""A tool that the input adds: by itself, and where it is declared already."""

ALL_FORCED = (*CHOSEN, *HOSTED, *CLIENT_RUN, *GROUPED, DEFERRED, *ADDED)
