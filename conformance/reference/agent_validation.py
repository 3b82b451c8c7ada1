"""What the provider makes of the tools and items of coding agents, which the request's schema leaves out."""

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.reference.agent_tools import ELSEWHERE, declared
from conformance.reference.conversation import Json
from conformance.reference.hooks import Refusal
from conformance.shown import shown

_NEEDS: Mapping[str, tuple[str, ...]] = {
    "custom": ("name",),
    "namespace": ("name", "description", "tools"),
    "tool_search": (),
    "code_interpreter": ("container",),
    "file_search": ("vector_store_ids",),
    "mcp": ("server_label",),
    **dict.fromkeys(ELSEWHERE, ()),
    **dict.fromkeys(("web_search", "image_generation"), ()),
}
"""The types of tools beyond functions, with the members that each must have."""

ITEMS = frozenset(
    {
        "custom_tool_call",
        "custom_tool_call_output",
        "apply_patch_call",
        "apply_patch_call_output",
        "shell_call",
        "shell_call_output",
        "tool_search_call",
        "tool_search_output",
        "additional_tools",
        "compaction_trigger",
    }
)
"""Items of these tools, which an answer brings or a client sends."""

_STAND_IN = {"type": "function", "name": "stand_in"}


def in_plain_shapes(body: Json) -> Json:
    """The body as the schema knows it: these tools stand in as functions, a choice of one as `auto`."""
    plain = dict(body)
    if isinstance(plain.get("tools"), list):
        plain["tools"] = [_STAND_IN if _kind(tool) in _NEEDS else tool for tool in plain["tools"]]
    if _kind(plain.get("tool_choice")) in _NEEDS:
        plain["tool_choice"] = "auto"
    return plain


def faults_of_agent_tools(body: Json) -> Iterator[Refusal]:
    """What is wrong with the tools beyond functions, and with the choice of one."""
    tools = body.get("tools") or []
    for index, tool in enumerate(tools):
        yield from _of_tool(tool, f"tools[{index}]")
    choice = body.get("tool_choice")
    kind = _kind(choice)
    if isinstance(choice, dict) and kind in _NEEDS and not _is_declared(choice, declared(body)):
        name = shown(choice.get("name") or kind, 80)
        yield Refusal(400, f"Tool choice '{name}' not found in 'tools'.", param="tool_choice")


def _is_declared(choice: Json, tools: list[Json]) -> bool:
    named = choice.get("name")
    return any(
        tool.get("type") == choice.get("type") and (choice["type"] != "custom" or tool.get("name") == named)
        for tool in tools
    )


def _of_tool(tool: Json, where: str) -> Iterator[Refusal]:
    kind = _kind(tool)
    for member in _NEEDS.get(kind, ()):
        if not tool.get(member):
            text = f"Missing required parameter: '{where}.{member}'."
            yield Refusal(400, text, param=f"{where}.{member}", code="missing_required_parameter")
    layout = tool.get("format") or {}
    if kind == "custom" and _kind(layout) == "grammar" and layout.get("syntax") not in {"lark", "regex"}:
        yield Refusal(400, f"Invalid '{where}.format.syntax'.", param=f"{where}.format.syntax")
    if kind == "file_search":
        yield Refusal(404, "Vector store not found.", param=f"{where}.vector_store_ids", code="not_found")
    if kind == "mcp":
        yield Refusal(424, "The tools of this server could not be listed.", param="tools")


def _kind(value: Any) -> str:
    return str(value.get("type")) if isinstance(value, dict) else ""
