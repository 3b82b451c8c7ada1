"""Drives LangChain's chat model for OpenAI."""

from functools import reduce
from operator import add
from typing import Any

from langchain_core.messages import HumanMessage, ToolMessage
from langchain_openai import ChatOpenAI

from conformance.driving.python.driving import Json, Person, Read, Task, ToolCalls, drive


def model(task: Task) -> ChatOpenAI:
    """A model that asks once, and asks for responses."""
    return ChatOpenAI(
        model=task.model, base_url=task.base_url, api_key="loopback", max_retries=0, use_responses_api=True
    )


def text(task: Task) -> Read:
    """The text of an answer."""
    return Read(text=str(model(task).invoke(task.prompt).text))


def usage(task: Task) -> Read:
    """What an answer cost."""
    return Read(usage=_tokens(model(task).invoke(task.prompt)))


def stream(task: Task) -> Read:
    """The text of a stream, piece by piece."""
    return Read(text="".join(str(piece.text) for piece in model(task).stream(task.prompt)))


def final(task: Task) -> Read:
    """The pieces of a stream, added up."""
    whole = reduce(add, model(task).stream(task.prompt))
    return Read(text=str(whole.text), usage=_tokens(whole))


def tool(task: Task) -> Read:
    """The call of a tool."""
    return Read(calls=_calls(model(task).bind_tools([task.tool]).invoke(task.prompt)))


def tools_stream(task: Task) -> Read:
    """Calls of a tool in the pieces of a stream, added up."""
    return Read(calls=_calls(reduce(add, model(task).bind_tools([task.tool]).stream(task.prompt))))


def loop(task: Task) -> Read:
    """Call, tool, answer."""
    tool_calls = ToolCalls(task.tool_output)
    bound = model(task).bind_tools([task.tool])
    said: list[Any] = [HumanMessage(task.prompt)]
    said.append(bound.invoke(said))
    said += [
        ToolMessage(tool_calls.answer(call["name"], call["args"]), tool_call_id=call["id"])
        for call in said[-1].tool_calls
    ]
    return Read(text=str(bound.invoke(said).text), calls=tool_calls.calls)


def structured(task: Task) -> Read:
    """An answer as an object of a class."""
    found: Any = model(task).with_structured_output(Person, method="json_schema").invoke(task.prompt)
    return Read(structured=found.model_dump() if found else None)


def _tokens(message: Any) -> Json:
    found = message.usage_metadata or {}
    return {"input": found.get("input_tokens"), "output": found.get("output_tokens")}


def _calls(message: Any) -> list[Json]:
    broken = [{"name": call["name"], "arguments": call["args"]} for call in message.invalid_tool_calls]
    return [{"name": call["name"], "arguments": call["args"]} for call in message.tool_calls] + broken


if __name__ == "__main__":
    drive(
        "langchain-openai",
        {
            "text": text,
            "usage": usage,
            "stream": stream,
            "final": final,
            "tool": tool,
            "tools-stream": tools_stream,
            "loop": loop,
            "structured": structured,
            "refusal": text,
            "cut": stream,
        },
    )
