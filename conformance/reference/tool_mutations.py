"""Makers of hooks that get the tools beyond functions wrong: refused, or dropped without a word."""

from conformance.reference.conversation import Json
from conformance.reference.hooks import Hooks, Refusal, Request


def tools_of(body: Json) -> list[Json]:
    """The declared tools that are objects, whatever else a request has in their place."""
    tools = body.get("tools")
    return [tool for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []


def refuse_tools(*kinds: str) -> Hooks:
    """Refuses a request with a tool of these types."""

    def refuse(request: Request, found: Refusal | None) -> Refusal | None:
        for index, tool in enumerate(tools_of(request.body)):
            if found is None and tool.get("type") in kinds:
                where = f"tools[{index}].type"
                return Refusal(400, f"Invalid '{where}'.", param=where, code="unsupported_value")
        return found

    return Hooks(validate=refuse)


def drop_tools(*kinds: str) -> Hooks:
    """Takes tools of these types, whatever is wrong with them, and keeps them from the model."""

    def take(request: Request, found: Refusal | None) -> Refusal | None:
        return None if any(tool.get("type") in kinds for tool in tools_of(request.body)) else found

    return Hooks(validate=take, model_input=lambda _, body: without_tools(body, *kinds))


def without_tools(body: Json, *kinds: str) -> Json:
    """The body without the tools of these types, and without a choice of one."""
    tools = [tool for tool in tools_of(body) if tool.get("type") not in kinds]
    choice = body.get("tool_choice", "auto")
    chosen = choice.get("type") if isinstance(choice, dict) else ""
    return {**body, "tools": tools, "tool_choice": "auto" if chosen in kinds or not tools else choice}
