"""The tools of coding agents as the obedient model knows them: what is declared, chosen and called."""

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conformance.reference.calls import calls_of, meant
from conformance.reference.conversation import ConversationItem, Json
from conformance.reference.hooks import CustomCall, HostedCall, Message, OutputItem, ToolCall
from conformance.reference.prose import fact_of, last_of

HOSTED: Mapping[str, Json] = {
    "web_search": {"type": "web_search_call", "action": {"type": "search", "query": "weather"}},
    "code_interpreter": {
        "type": "code_interpreter_call",
        "code": "print(6 * 7)",
        "container_id": "cntr_1",
        "outputs": None,
    },
    "image_generation": {"type": "image_generation_call", "result": "iVBORw0KGgo="},
}
"""The tools that this provider runs itself, each with the call that tells of it."""

ELSEWHERE: Mapping[str, Json] = {
    "apply_patch": {
        "type": "apply_patch_call",
        "operation": {"type": "create_file", "path": "notes.txt", "diff": "+hello\n"},
    },
    "shell": {
        "type": "shell_call",
        "action": {"commands": ["ls"], "timeout_ms": None, "max_output_length": None},
    },
}
"""The tools that the client runs, and whose calls have types of their own."""

_TEXT = re.compile(r"exactly this text: (.+)", re.DOTALL)


def declared(body: Json) -> list[Json]:
    """Every tool that can be called: those of a namespace with its name, and those added in the input."""
    found: dict[tuple[Any, ...], Json] = {}
    for tool in _all(body):
        found.setdefault((tool.get("type"), tool.get("namespace"), tool.get("name")), tool)
    return list(found.values())


def _all(body: Json) -> list[Json]:
    given = body.get("input")
    added = [
        tool
        for item in (given if isinstance(given, list) else ())
        if isinstance(item, dict) and item.get("type") == "additional_tools"
        for tool in item.get("tools") or ()
    ]
    return [*_unpacked([*(body.get("tools") or ()), *added])]


def _unpacked(tools: Sequence[Any]) -> Iterator[Json]:
    for tool in tools:
        if isinstance(tool, dict) and tool.get("type") == "namespace":
            yield from ({**inner, "namespace": tool.get("name")} for inner in tool.get("tools") or ())
        elif isinstance(tool, dict):
            yield tool


def is_triggered(body: Json) -> bool:
    """Whether the input ends in the wish that the conversation be packed."""
    given = body.get("input")
    last = given[-1] if isinstance(given, list) and given else None
    return isinstance(last, dict) and last.get("type") == "compaction_trigger"


def are_agent_s(body: Json) -> bool:
    """Whether a request declares anything beyond plain functions."""
    tools = _all(body)
    return len(tools) > len(body.get("tools") or ()) or not all(map(_is_plain, tools))


def _is_plain(tool: Json) -> bool:
    return tool.get("type") == "function" and not {"defer_loading", "namespace"} & tool.keys()


def agent_items(body: Json, conversation: Sequence[ConversationItem]) -> list[OutputItem]:
    """The calls that the model makes, with what comes around them; none where it answers in words."""
    mode, tools = _offered(body.get("tool_choice", "auto"), declared(body))
    answered = bool(conversation) and conversation[-1].role == "tool"
    if mode == "none" or (mode == "auto" and answered):
        return []
    prompt = last_of(conversation, "user").text
    chosen = meant([tool for tool in tools if tool.get("name")], prompt)
    if not chosen and mode == "required":
        chosen = [tool for tool in tools if tool.get("type") != "tool_search"][:1]
    known = {"code_word": fact_of(conversation, "code word")}
    return [item for tool in chosen for item in _items(tool, prompt, known)]


def _offered(choice: Any, tools: list[Json]) -> tuple[str, list[Json]]:
    if not isinstance(choice, dict):
        return str(choice), tools
    if choice.get("type") == "allowed_tools":
        allowed = [entry for entry in choice.get("tools") or () if isinstance(entry, dict)]
        return str(choice.get("mode", "auto")), [t for t in tools if any(_means(e, t) for e in allowed)]
    return "required", [tool for tool in tools if _means(choice, tool)]


def _means(choice: Json, tool: Json) -> bool:
    """Whether a choice is of this tool: by its type, and by its name where it has one."""
    return choice.get("type") == tool.get("type") and choice.get("name") in {None, tool.get("name")}


def _items(tool: Json, prompt: str, known: Mapping[str, str]) -> Iterator[OutputItem]:
    kind, space = str(tool.get("type")), str(tool.get("namespace") or "")
    if tool.get("defer_loading"):
        found = {"execution": "server", "call_id": None}
        yield HostedCall({"type": "tool_search_call", **found, "arguments": {"paths": [tool.get("name")]}})
        yield HostedCall({"type": "tool_search_output", **found, "tools": [tool]})
    if kind == "function":
        yield from (ToolCall(name, given, namespace=space) for name, given in calls_of(tool, prompt, known))
    elif kind == "custom":
        yield CustomCall(str(tool.get("name")), _written(tool, prompt), namespace=space)
    elif kind in ELSEWHERE:
        yield HostedCall({**ELSEWHERE[kind], "call_id": f"call_{secrets.token_hex(12)}"})
    elif kind in HOSTED:
        yield HostedCall(HOSTED[kind])
        yield Message("Done.")


def _written(tool: Json, prompt: str) -> str:
    """The text that the prompt asks for, or a word that the grammar has; other grammars it does not read."""
    said = _TEXT.search(prompt)
    wanted = said[1].strip() if said else "Hello"
    layout = tool.get("format") or {}
    if layout.get("type") != "grammar":
        return wanted
    definition = str(layout.get("definition"))
    quoted = layout.get("syntax") == "lark"
    words = re.findall(r'"([^"]+)"', definition) if quoted else definition.strip("^$()").split("|")
    return wanted if wanted in words or not words else words[0]
