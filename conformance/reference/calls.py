"""Which tools the obedient model calls, and with which arguments."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.reference.conversation import ConversationItem, Json
from conformance.reference.prose import fact_of, last_of
from conformance.reference.samples import Sampler

CITIES = ("Paris", "London", "Berlin", "Tokyo", "Rome", "Madrid", "Oslo", "Vienna", "New York", "Beijing")
_VERBS = frozenset({"get", "set", "do", "run", "call", "fetch", "find", "look", "up", "tool", "function"})


def calls_for(body: Json, conversation: Sequence[ConversationItem]) -> list[tuple[str, str]]:
    """The calls, as names and JSON arguments; none where the model answers in words."""
    mode, tools = offered(body)
    if mode == "none" or not tools:
        return []
    prompt = last_of(conversation, "user").text
    if mode == "auto":
        answered = bool(conversation) and conversation[-1].role == "tool"
        chosen = [] if answered else meant(tools, prompt)
    else:
        chosen = meant(tools, prompt) or tools[:1]
    known = {"code_word": fact_of(conversation, "code word")}
    calls = [call for tool in chosen for call in calls_of(tool, prompt, known)]
    return calls[:1] if body.get("parallel_tool_calls") is False else calls


def offered(body: Json) -> tuple[str, list[Json]]:
    """How the model may choose (`auto`, `none`, `required`), and among which tools."""
    tools = [tool for tool in body.get("tools") or () if isinstance(tool, dict)]
    choice = body.get("tool_choice", "auto")
    if not isinstance(choice, dict):
        return (choice if isinstance(choice, str) else "auto"), tools
    if choice.get("type") == "allowed_tools":
        allowed = {tool.get("name") for tool in choice.get("tools", ())}
        return str(choice.get("mode", "auto")), [tool for tool in tools if tool.get("name") in allowed]
    return "required", [tool for tool in tools if tool.get("name") == choice.get("name")]


def cities_in(prompt: str) -> list[str]:
    """The cities that a prompt names, in its order."""
    found = [(prompt.find(city), city) for city in CITIES if city in prompt]
    return [city for _, city in sorted(found)]


def meant(tools: list[Json], prompt: str) -> list[Json]:
    """The tools that a prompt names; else the first whose topic it is about."""
    named = [tool for tool in tools if re.search(rf"\b{re.escape(str(tool.get('name')))}\b", prompt)]
    if named:
        return named
    words = set(re.findall(r"\w+", prompt.lower()))
    return [tool for tool in tools if (topic := _topic(tool)) and topic <= words][:1]


def _topic(tool: Json) -> set[str]:
    return {word for word in re.split(r"[_\W]+", str(tool.get("name")).lower()) if word} - _VERBS


def calls_of(tool: Json, prompt: str, known: Mapping[str, str]) -> list[tuple[str, str]]:
    """A call for each city that the prompt names, or one; `known` are words that go by a property's name."""
    schema = tool.get("parameters") or {"type": "object"}
    name = str(tool.get("name"))
    properties = schema.get("properties", {}) if isinstance(schema, dict) else {}
    places = [key for key in properties if key in {"city", "location", "place"}]
    cities = cities_in(prompt) if places else []
    return [
        (name, _arguments(schema, {**_told(known), **(dict.fromkeys(places, city) if city else {})}))
        for city in cities or [""]
    ]


def _told(known: Mapping[str, str]) -> dict[str, Any]:
    return {key: value for key, value in known.items() if value}


def _arguments(schema: Json, known: dict[str, Any]) -> str:
    value = Sampler(schema, known).value()
    return json.dumps(value if isinstance(value, dict) else {}, ensure_ascii=False, separators=(",", ":"))
