"""Drives the OpenAI Agents SDK for Python."""

import asyncio
import json
from typing import Any

from agents import Agent, FunctionTool, OpenAIResponsesModel, Runner, RunResult, RunResultStreaming
from openai import AsyncOpenAI

from conformance.driving.python.driving import Json, Person, Read, Task, ToolCalls, drive, tokens


def text(task: Task) -> Read:
    """The text of an answer."""
    return Read(text=run(task).final_output)


def usage(task: Task) -> Read:
    """What a run cost."""
    return Read(usage=tokens(run(task).context_wrapper.usage))


def stream(task: Task) -> Read:
    """The text of a stream, out of its deltas."""
    return Read(text=run_streamed(task)[1])


def final(task: Task) -> Read:
    """What a streamed run ends with."""
    result, _ = run_streamed(task)
    return Read(text=result.final_output, usage=tokens(result.context_wrapper.usage))


def tool(task: Task) -> Read:
    """The call that the tool gets."""
    tool_calls = ToolCalls(task.tool_output)
    run(task, tools=[_tool(task.tool, tool_calls)], tool_use_behavior="stop_on_first_tool")
    return Read(calls=tool_calls.calls)


def tools_stream(task: Task) -> Read:
    """The calls that the tool gets in a streamed run."""
    tool_calls = ToolCalls(task.tool_output)
    run_streamed(task, tools=[_tool(task.tool, tool_calls)], tool_use_behavior="stop_on_first_tool")
    return Read(calls=tool_calls.calls)


def loop(task: Task) -> Read:
    """Call, tool, answer."""
    tool_calls = ToolCalls(task.tool_output)
    result = run(task, tools=[_tool(task.tool, tool_calls)])
    return Read(text=result.final_output, calls=tool_calls.calls)


def structured(task: Task) -> Read:
    """An answer as an object of a class."""
    found = run(task, output_type=Person).final_output
    return Read(structured=found.model_dump() if found else None)


def run(task: Task, **settings: Any) -> RunResult:
    """One run to its end."""

    async def whole() -> RunResult:
        async with _client(task) as client:
            return await Runner.run(_agent(task, client, settings), task.prompt)

    return asyncio.run(whole())


def run_streamed(task: Task, **settings: Any) -> tuple[RunResultStreaming, str]:
    """One streamed run to its end, and the text of its deltas."""

    async def whole() -> tuple[RunResultStreaming, str]:
        said = ""
        async with _client(task) as client:
            result = Runner.run_streamed(_agent(task, client, settings), task.prompt)
            async for event in result.stream_events():
                if event.type == "raw_response_event" and event.data.type == "response.output_text.delta":
                    said += event.data.delta
        return result, said

    return asyncio.run(whole())


def _client(task: Task) -> AsyncOpenAI:
    return AsyncOpenAI(base_url=task.base_url, api_key="loopback", max_retries=0)


def _agent(task: Task, client: AsyncOpenAI, settings: Json) -> Any:
    model = OpenAIResponsesModel(model=task.model, openai_client=client)
    return Agent(name="driver", model=model, **settings)


def _tool(tool: Json, tool_calls: ToolCalls) -> FunctionTool:
    async def invoke(_: Any, arguments: str) -> str:
        return tool_calls.answer(tool["name"], json.loads(arguments))

    return FunctionTool(tool["name"], tool["description"], tool["parameters"], invoke)


if __name__ == "__main__":
    drive(
        "openai-agents",
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
