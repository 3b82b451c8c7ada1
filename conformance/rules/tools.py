"""Whether the calls of an answer are those that its request asks for and allows."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from conformance.response import Body
from conformance.rules.answer import leave_empty, spelled, was_cut
from conformance.rules.shapes import fits_the_schema_sent
from conformance.shown import shown
from conformance.strict_json import parse
from conformance.verdicts.verdict import Finding


def calls_follow_the_choice(answer: Body, choice: Any) -> Iterator[Finding]:
    """The calls are those that `tool_choice` asks for; an answer that was cut off may lack the call.

    Raises Elsewhere where the answer is to hold one and holds nothing at all.
    """
    if choice != "none":
        leave_empty(answer)
    calls = answer.of_type("function_call")
    names = [call.get("name") for _, call in calls]
    match choice:
        case "none" if calls:
            yield Finding("no function call", f"calls of {spelled(names)}", "$.output")
        case "required" if not calls and not was_cut(answer):
            yield Finding("at least one function call", _spoken(answer), "$.output")
        case {"type": "function", "name": name}:
            if not calls and not was_cut(answer):
                yield Finding(f"a call of {name}", _spoken(answer), "$.output")
            elif any(called != name for called in names):
                yield Finding(f"calls of {name} alone", f"calls of {spelled(names)}", "$.output")
        case {"type": "allowed_tools", "tools": [*allowed]}:
            known = [tool.get("name") for tool in allowed if isinstance(tool, dict)]
            if not set(map(str, names)) <= set(map(str, known)):
                yield Finding(f"calls of {spelled(known)} alone", f"calls of {spelled(names)}", "$.output")


def no_call_comes_twice(answer: Body) -> Iterator[Finding]:
    """No two calls have the same name and the same arguments."""
    seen: set[tuple[str, str]] = set()
    for where, call in answer.of_type("function_call"):
        made = (str(call.get("name")), str(call.get("arguments")))
        if made in seen:
            yield Finding(f"one call of {made[0]} with these arguments", shown(made[1], 120), where)
        seen.add(made)


def arguments_fit_the_tool(answer: Body, tools: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
    """Arguments fit the parameters of a tool that was declared strict."""
    strict = {tool.get("name"): tool.get("parameters") for tool in tools if tool.get("strict") is True}
    for where, call in answer.of_type("function_call"):
        arguments = call.get("arguments")
        name = call.get("name")
        if not isinstance(name, str) or name not in strict:
            continue
        if not isinstance(arguments, str) or was_cut(answer):
            continue
        read = parse(arguments.encode("utf-8", "surrogatepass"))
        if read.readable:
            yield from fits_the_schema_sent(read.value, strict[name], f"{where}.arguments")


def _spoken(answer: Body) -> str:
    return f"no call, the text {shown(answer.text, 120)!r}"
