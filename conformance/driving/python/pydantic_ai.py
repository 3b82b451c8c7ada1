"""Drives Pydantic AI with its model for OpenAI's responses."""

from typing import Any

from openai import AsyncOpenAI
from pydantic_ai import Agent, NativeOutput, Tool
from pydantic_ai.direct import model_request_stream_sync, model_request_sync
from pydantic_ai.messages import ModelRequest, ModelResponse
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.models.openai import OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.tools import ToolDefinition

from conformance.driving.python.driving import Json, Person, Read, Task, ToolCalls, drive, tokens


def model(task: Task) -> OpenAIResponsesModel:
    """A model that asks once."""
    client = AsyncOpenAI(base_url=task.base_url, api_key="loopback", max_retries=0)
    return OpenAIResponsesModel(task.model, provider=OpenAIProvider(openai_client=client))


def text(task: Task) -> Read:
    """The text of an answer."""
    return Read(text=Agent(model(task)).run_sync(task.prompt).output)


def usage(task: Task) -> Read:
    """What a run cost."""
    return Read(usage=tokens(Agent(model(task)).run_sync(task.prompt).usage))


def stream(task: Task) -> Read:
    """The text of a stream, piece by piece."""
    return Read(text="".join(Agent(model(task)).run_stream_sync(task.prompt).stream_text(delta=True)))


def final(task: Task) -> Read:
    """What a streamed run ends with."""
    result = Agent(model(task)).run_stream_sync(task.prompt)
    return Read(text=result.get_output(), usage=tokens(result.usage))


def tool(task: Task) -> Read:
    """The call of a tool, in one request without an agent."""
    answer = model_request_sync(model(task), _asked(task), model_request_parameters=_with_tool(task))
    return Read(calls=_calls(answer))


def tools_stream(task: Task) -> Read:
    """Calls of a tool out of a stream, in one request without an agent."""
    with model_request_stream_sync(
        model(task), _asked(task), model_request_parameters=_with_tool(task)
    ) as events:
        for _ in events:
            pass
        return Read(calls=_calls(events.response))


def loop(task: Task) -> Read:
    """Call, tool, answer."""
    tool_calls = ToolCalls(task.tool_output)

    def answer(**arguments: Any) -> str:
        return tool_calls.answer(task.tool["name"], arguments)

    tool = Tool.from_schema(
        answer, task.tool["name"], task.tool["description"], json_schema=task.tool["parameters"]
    )
    result = Agent(model(task), tools=[tool]).run_sync(task.prompt)
    return Read(text=result.output, calls=tool_calls.calls)


def structured(task: Task) -> Read:
    """An answer as an object of a class."""
    made = Agent(model(task), output_type=NativeOutput(Person, strict=True), retries=0)
    return Read(structured=made.run_sync(task.prompt).output.model_dump())


def _asked(task: Task) -> list[Any]:
    return [ModelRequest.user_text_prompt(task.prompt)]


def _with_tool(task: Task) -> ModelRequestParameters:
    given = task.tool
    tool = ToolDefinition(
        name=given["name"], description=given["description"], parameters_json_schema=given["parameters"]
    )
    return ModelRequestParameters(function_tools=[tool])


def _calls(answer: ModelResponse) -> list[Json]:
    return [{"name": call.tool_name, "arguments": call.args} for call in answer.tool_calls]


if __name__ == "__main__":
    drive(
        "pydantic-ai-slim",
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
