"""Drives the OpenAI client for Python."""

import json
from typing import Any

from openai import OpenAI

from conformance.driving.python.driving import Person, Read, Task, ToolCalls, drive, tokens


def client(task: Task) -> OpenAI:
    """A client that asks once."""
    return OpenAI(base_url=task.base_url, api_key="loopback", max_retries=0)


def text(task: Task) -> Read:
    """The text of an answer."""
    answer = client(task).responses.create(model=task.model, input=task.prompt)
    return Read(text=answer.output_text)


def usage(task: Task) -> Read:
    """What an answer cost."""
    answer = client(task).responses.create(model=task.model, input=task.prompt)
    return Read(usage=tokens(answer.usage))


def stream(task: Task) -> Read:
    """The text of a stream, out of its deltas."""
    events = client(task).responses.create(model=task.model, input=task.prompt, stream=True)
    return Read(text="".join(event.delta for event in events if event.type == "response.output_text.delta"))


def final(task: Task) -> Read:
    """The response that the streaming helper ends with."""
    with client(task).responses.stream(model=task.model, input=task.prompt) as events:
        answer = events.get_final_response()
    return Read(text=answer.output_text, usage=tokens(answer.usage))


def tool(task: Task) -> Read:
    """The call of a tool."""
    answer = client(task).responses.create(model=task.model, input=task.prompt, tools=_tools(task))
    return Read(calls=_calls(answer.output))


def tools_stream(task: Task) -> Read:
    """Calls of a tool out of a stream, as the documentation gathers them."""
    gathered: dict[int, dict[str, Any]] = {}
    with client(task).responses.create(
        model=task.model, input=task.prompt, tools=_tools(task), stream=True
    ) as events:
        for event in events:
            if event.type == "response.output_item.added" and event.item.type == "function_call":
                gathered[event.output_index] = {"name": event.item.name, "arguments": ""}
            elif event.type == "response.function_call_arguments.delta":
                gathered[event.output_index]["arguments"] += event.delta
    return Read(calls=list(gathered.values()))


def loop(task: Task) -> Read:
    """Call, tool, answer: what came is sent back as it is."""
    asked: Any = [{"role": "user", "content": task.prompt}]
    tool_calls = ToolCalls(task.tool_output)
    api = client(task).responses
    answer = api.create(model=task.model, input=asked, tools=_tools(task), store=False)
    asked += answer.output
    for item in answer.output:
        if item.type == "function_call":
            output = tool_calls.answer(item.name, json.loads(item.arguments))
            asked.append({"type": "function_call_output", "call_id": item.call_id, "output": output})
    answer = api.create(model=task.model, input=asked, tools=_tools(task), store=False)
    return Read(text=answer.output_text, calls=tool_calls.calls)


def structured(task: Task) -> Read:
    """An answer as an object of a class."""
    answer = client(task).responses.parse(model=task.model, input=task.prompt, text_format=Person)
    return Read(structured=answer.output_parsed.model_dump() if answer.output_parsed else None)


def _tools(task: Task) -> Any:
    return [task.tool]


def _calls(output: Any) -> list[dict[str, Any]]:
    calls = (item for item in output if item.type == "function_call")
    return [{"name": call.name, "arguments": call.arguments} for call in calls]


if __name__ == "__main__":
    drive(
        "openai",
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
