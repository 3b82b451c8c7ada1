"""The reference provider's chat completions: enough of the older API for a gateway that translates."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from conformance.reference.server import KEY, serve

Ask = Callable[..., httpx.Response]

TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def user(text: str) -> list[dict[str, Any]]:
    """One message of the user's."""
    return [{"role": "user", "content": text}]


@pytest.fixture(scope="module")
def chat() -> Iterator[Ask]:
    """Posts one chat completion and gives the response."""
    with serve() as base_url, httpx.Client(headers={"authorization": f"Bearer {KEY}"}) as client:

        def ask(**body: Any) -> httpx.Response:
            asked = {"model": "gpt-5.2", "messages": user("Reply with exactly: blue"), **body}
            return client.post(f"{base_url}/chat/completions", json=asked)

        yield ask


def test_a_text_and_what_it_cost(chat: Ask) -> None:
    body = chat().json()
    assert body["choices"][0]["message"]["content"] == "blue"
    assert body["choices"][0]["finish_reason"] == "stop"
    usage = body["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def test_a_limit_cuts(chat: Ask) -> None:
    body = chat(max_tokens=1, messages=user("Reply with exactly: one two three")).json()
    assert body["choices"][0]["finish_reason"] == "length"


def test_a_call_and_its_result(chat: Ask) -> None:
    asked = user("What is the weather in Paris? Use get_weather.")
    choice = chat(tools=[TOOL], tool_choice="required", messages=asked).json()["choices"][0]
    assert choice["finish_reason"] == "tool_calls"
    (call,) = choice["message"]["tool_calls"]
    assert call["function"] == {"name": "get_weather", "arguments": '{"city":"Paris"}'}
    told = {"role": "tool", "tool_call_id": call["id"], "content": "19 degrees and sunny"}
    answered = chat(tools=[TOOL], messages=[*asked, choice["message"], told]).json()["choices"][0]
    assert "19" in answered["message"]["content"]


def test_a_stream_ends_with_its_usage(chat: Ask) -> None:
    lines = chat(stream=True, stream_options={"include_usage": True}).text.split("\n\n")
    assert lines[-2] == "data: [DONE]"
    assert '"usage":{' in lines[-3]
    assert '"content":"blue"' in lines[1]


@pytest.mark.parametrize(
    "fields",
    [
        {"temperature": 3},
        {"messages": "hello"},
        {"messages": ["hello"]},
        {"messages": None},
        {"tools": ["get_weather"]},
        {"tools": 1},
        {"tool_choice": 1},
        {"response_format": "json"},
        {"max_tokens": "1"},
    ],
    ids=str,
)
def test_what_is_malformed_is_refused(chat: Ask, fields: dict[str, Any]) -> None:
    assert chat(**fields).status_code == 400


def test_a_whole_number_may_be_written_as_a_float(chat: Ask) -> None:
    assert chat(max_tokens=16.0).status_code == 200


def test_a_text_that_stops_at_once_is_empty(chat: Ask) -> None:
    assert chat(stop="blue").json()["choices"][0]["message"]["content"] == ""
