"""The reference provider over its real socket: it answers, refuses, streams and remembers as it should."""

import base64
import json
import os
import re
import signal
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from conformance.contract.contracts import Contract
from conformance.contract.schemas import validator
from conformance.reference import tokens
from conformance.reference.server import KEY, UnknownName, serve
from conformance.scenarios.answers import BODIES, COUNTING, NON_ASCII, PERSON_FORMAT, WEATHER_TOOL
from conformance.verdicts.gate import USAGE

Json = dict[str, Any]


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with serve(pace=0.0) as url:
        yield url


@pytest.fixture(scope="module")
def client(base_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=base_url, headers={"authorization": f"Bearer {KEY}"}) as opened:
        yield opened


def ask(client: httpx.Client, prompt: Any, **fields: Any) -> Json:
    body = {"model": "gpt-5.2", "input": prompt, **fields}
    answer = client.post("/responses", json=body)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def refused(client: httpx.Client, **fields: Any) -> tuple[int, str | None]:
    answer = client.post("/responses", json={"model": "gpt-5.2", "input": "Hello", **fields})
    error = answer.json()["error"]
    assert error.keys() == {"message", "type", "param", "code"}
    return answer.status_code, error["param"]


def text(response: Json) -> str:
    return "".join(
        part["text"] for item in response["output"] if item["type"] == "message" for part in item["content"]
    )


def calls(response: Json) -> list[tuple[str, Json]]:
    return [
        (item["name"], json.loads(item["arguments"]))
        for item in response["output"]
        if item["type"] == "function_call"
    ]


def events(client: httpx.Client, prompt: Any, **fields: Any) -> list[Json]:
    answer = client.post("/responses", json={"model": "gpt-5.2", "input": prompt, "stream": True, **fields})
    assert answer.headers["content-type"].startswith("text/event-stream")
    blocks = answer.text.split("\n\n")
    assert blocks[-2:] == ["data: [DONE]", ""]
    found = []
    for block in blocks[:-2]:
        name, data = block.split("\n")
        found.append(json.loads(data.removeprefix("data: ")))
        assert name == f"event: {found[-1]['type']}"
    return found


def png(*pixel: int) -> str:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + bytes(pixel) * 4) * 4)
    picture = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"


@pytest.mark.parametrize("written", ["", "Hello there, world!", NON_ASCII, "a" * 100, " \n\n x  ", '{"a":1}'])
def test_tokens_join_to_the_text(written: str) -> None:
    assert "".join(tokens.split(written)) == written
    assert tokens.count(written) == len(tokens.split(written))


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Reply with exactly: Hello there", "Hello there"),
        (f"Reply with exactly: {NON_ASCII}", NON_ASCII),
        ("Count from 3 to 6", "3, 4, 5, 6"),
        ("Hello!", "Hi! How can I help you today?"),
        (
            [
                {"role": "system", "content": "Always reply with exactly: PLUM"},
                {"role": "user", "content": "Hi"},
            ],
            "PLUM",
        ),
        (
            [
                {"role": "user", "content": "The code word is HERON."},
                {"role": "assistant", "content": "I see."},
                {"role": "user", "content": "What is the code word?"},
            ],
            "HERON",
        ),
        (
            [
                {
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": "Which colour is this?"},
                        {"type": "input_image", "image_url": png(0, 0, 255), "detail": "auto"},
                    ],
                }
            ],
            "blue",
        ),
    ],
)
def test_obeys(client: httpx.Client, prompt: Any, expected: str) -> None:
    assert text(ask(client, prompt)) == expected


def test_repeats_a_tools_output(client: httpx.Client) -> None:
    call = {"type": "function_call", "call_id": "call_1", "name": "get_weather", "arguments": "{}"}
    output = {"type": "function_call_output", "call_id": "call_1", "output": "17 degrees, nonce K7"}
    said = ask(client, [{"role": "user", "content": "Weather?"}, call, output], tools=[WEATHER_TOOL])
    assert "nonce K7" in text(said)


@pytest.mark.parametrize("limit", [1, 2, 15, 16, 17, 64])
def test_the_token_limit_cuts_exactly(client: httpx.Client, limit: int) -> None:
    cut = ask(client, COUNTING, max_output_tokens=limit)
    assert cut["usage"]["output_tokens"] == limit
    assert (cut["status"], cut["incomplete_details"]) == ("incomplete", {"reason": "max_output_tokens"})
    assert cut["output"][-1]["status"] == "incomplete"


def test_reasoning_counts_against_the_limit(client: httpx.Client) -> None:
    cut = ask(client, "Reply with exactly: 42", reasoning={"effort": "high"}, max_output_tokens=16)
    assert [item["type"] for item in cut["output"]] == ["reasoning"]
    assert cut["usage"]["output_tokens"] == 16


def test_stop_two_choices_and_summary(client: httpx.Client) -> None:
    assert text(ask(client, "Reply with exactly: A B C", stop="B")) == "A "
    assert len(ask(client, "Hello", n=2)["output"]) == 2
    thought = ask(client, "Hello", reasoning={"effort": "low", "summary": "auto"})
    assert thought["output"][0]["summary"]
    assert thought["usage"]["output_tokens_details"]["reasoning_tokens"] > 0


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [("get_weather", {"city": "Paris"}), ("get_weather", {"city": "London"})]),
        ({"parallel_tool_calls": False}, [("get_weather", {"city": "Paris"})]),
        ({"tool_choice": "none"}, []),
        ({"tool_choice": {"type": "function", "name": "say"}}, [("say", {})]),
        (
            {
                "tool_choice": {
                    "type": "allowed_tools",
                    "mode": "required",
                    "tools": [{"type": "function", "name": "say"}],
                }
            },
            [("say", {})],
        ),
    ],
)
def test_calls_tools(client: httpx.Client, fields: Json, expected: list[Any]) -> None:
    tools = [WEATHER_TOOL, {"type": "function", "name": "say"}]
    answered = ask(client, "What is the weather in Paris and in London?", tools=tools, **fields)
    assert calls(answered) == expected


def test_structured_output_validates(client: httpx.Client) -> None:
    answered = ask(client, "A person", text={"format": PERSON_FORMAT})
    schema: Json = PERSON_FORMAT["schema"]
    assert json.loads(text(answered)).keys() == set(schema["required"])


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"temperature": 2.01}, "temperature"),
        ({"temperature": "1"}, "temperature"),
        ({"max_output_tokens": 0}, "max_output_tokens"),
        ({"input": []}, "input"),
        ({"input": [{"role": "robot", "content": "x"}]}, "input[0].role"),
        ({"input": [{"role": "user"}]}, "input[0].content"),
        ({"model": "no-such-model"}, "model"),
        ({"text": {"verbosity": "loud"}}, "text.verbosity"),
        ({"text": {"format": {"type": "json_object"}}}, "text.format"),
        ({"tools": [{}]}, "tools[0].type"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tool_choice": {"type": "function", "name": "nobody"}}, "tool_choice"),
        ({"previous_response_id": "resp_none"}, "previous_response_id"),
        ({"previous_response_id": "resp_none", "conversation": "conv_1"}, "previous_response_id"),
    ],
)
def test_refuses_and_names_the_field(client: httpx.Client, fields: Json, param: str) -> None:
    assert refused(client, **fields) == (400, param)
    assert refused(client, **fields, stream=True) == (400, param)


def test_every_boundary_follows_the_schema(client: httpx.Client) -> None:
    """The limits stand in the schema alone: the provider refuses where it refuses."""
    check = validator("request", Contract.ANYFAST)
    for field in ("temperature", "top_p", "frequency_penalty", "presence_penalty"):
        for value in (-2.01, -2, -0.01, 0, 1, 1.01, 2, 2.01):
            body = {"model": "gpt-5.2", "input": "Hello", field: value}
            status = client.post("/responses", json=body).status_code
            assert status == (200 if check.is_valid(body) else 400), (field, value)


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[1]", b'"x"', b'{"model":NaN}', b'{"model":"a","model":"b"}', b"\xff{}", b"[" * 9000]
)
def test_refuses_what_is_no_json_object(client: httpx.Client, raw: bytes) -> None:
    answer = client.post("/responses", content=raw, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", f"Basic {KEY}", KEY])
def test_authorization_comes_before_the_body(base_url: str, authorization: str) -> None:
    answer = httpx.post(
        f"{base_url}/responses",
        content=b"{",
        headers={"authorization": authorization} if authorization else {},
    )
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert KEY not in answer.text


def test_paths_methods_and_media_types(client: httpx.Client) -> None:
    assert client.get("/nowhere").status_code == 404
    wrong = client.put("/responses")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
    assert client.post("/responses", content=b"x", headers={"content-type": "text/plain"}).status_code == 415


@pytest.mark.parametrize("name", BODIES)
def test_a_stream_tells_the_answer(client: httpx.Client, name: str) -> None:
    _, _, body = BODIES[name]
    told = events(client, body["input"], **{k: v for k, v in body.items() if k != "input"})
    assert [event["sequence_number"] for event in told] == list(range(len(told)))
    final = told[-1]["response"]
    assert told[-1]["type"] == f"response.{final['status']}"
    assert [e["item"] for e in told if e["type"] == "response.output_item.done"] == final["output"]
    said = "".join(e["delta"] for e in told if e["type"] == "response.output_text.delta")
    assert said == text(final)
    plain = client.post("/responses", json={"model": "gpt-5.2", **body}).json()
    assert plain.keys() == final.keys()
    assert text(plain) == text(final)


def test_a_refusal_streams(client: httpx.Client) -> None:
    kinds = [event["type"] for event in events(client, "Refuse: I cannot do that.")]
    assert "response.refusal.delta" in kinds
    assert "response.refusal.done" in kinds


def test_storage(client: httpx.Client) -> None:
    kept = ask(client, "The code word is PLUM. Reply with exactly: ok")
    at = f"/responses/{kept['id']}"
    assert client.get(at).json() == kept
    listed = client.get(f"{at}/input_items").json()
    assert listed["data"][0]["content"][0]["text"].startswith("The code word")
    assert client.get(f"{at}/input_items", params={"limit": 0}).status_code == 400
    assert client.get(f"{at}/input_items", params={"limit": 101}).status_code == 400
    assert client.post(f"{at}/cancel").status_code == 400
    asked = ask(client, "What is the code word?", previous_response_id=kept["id"])
    assert text(asked) == "PLUM"
    assert client.delete(at).json() == {"id": kept["id"], "object": "response", "deleted": True}
    assert client.get(at).status_code == 404
    assert client.get(f"/responses/{ask(client, 'Hello', store=False)['id']}").status_code == 404


def test_input_items_page(client: httpx.Client) -> None:
    turns = [{"role": "user", "content": str(number)} for number in range(5)]
    at = f"/responses/{ask(client, turns)['id']}/input_items"
    first = client.get(at, params={"limit": 2, "order": "asc"}).json()
    assert [item["content"][0]["text"] for item in first["data"]] == ["0", "1"]
    assert first["has_more"]
    rest = client.get(at, params={"order": "asc", "after": first["last_id"]}).json()
    assert [item["content"][0]["text"] for item in rest["data"]] == ["2", "3", "4"]


def test_background_is_queued_then_done_or_cancelled(client: httpx.Client) -> None:
    begun = ask(client, "Hello", background=True)
    assert (begun["status"], begun["output"], begun["usage"]) == ("queued", [], None)
    assert client.get(f"/responses/{begun['id']}").json()["status"] == "completed"
    begun = ask(client, "Hello", background=True)
    assert client.post(f"/responses/{begun['id']}/cancel").json()["status"] == "cancelled"


def test_tokens_are_counted_as_they_are_billed(client: httpx.Client) -> None:
    body = {"model": "gpt-5.2", "input": "Hello there", "tools": [WEATHER_TOOL], "instructions": "Be brief."}
    counted = client.post("/responses/input_tokens", json=body).json()["input_tokens"]
    assert counted == client.post("/responses", json=body).json()["usage"]["input_tokens"]
    longer = ask(client, "Hello there " * 50)["usage"]["input_tokens"]
    assert longer > ask(client, "Hello there ")["usage"]["input_tokens"]


def test_a_compaction_keeps_the_conversation(client: httpx.Client) -> None:
    said = {"model": "gpt-5.2", "input": [{"role": "user", "content": "The code word is OTTER."}]}
    packed = client.post("/responses/compact", json=said).json()
    assert packed["object"] == "response.compaction"
    question = {"role": "user", "content": "What is the code word?"}
    assert text(ask(client, [*packed["output"], question])) == "OTTER"


def test_a_client_that_hangs_up_does_no_harm(client: httpx.Client) -> None:
    body = {"model": "gpt-5.2", "input": "Count from 1 to 900", "stream": True}
    with client.stream("POST", "/responses", json=body) as answer:
        next(answer.iter_raw())
    assert text(ask(client, "Reply with exactly: still here")) == "still here"


def test_concurrent_answers_keep_apart(client: httpx.Client) -> None:
    prompts = [f"word-{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda word: text(ask(client, f"Reply with exactly: {word}")), prompts))
    assert said == prompts


def test_the_storage_is_bounded() -> None:
    from conformance.reference.storage import CAPACITY, Entry, Storage

    storage = Storage()
    for number in range(CAPACITY + 10):
        storage.keep(Entry({"id": str(number)}, [], []))
    assert len(storage.entries) == CAPACITY
    assert storage.find("9") is None
    assert storage.find("10") is not None


def test_unknown_names_are_said() -> None:
    with pytest.raises(UnknownName, match="no-such-mutant"), serve(mutant="no-such-mutant"):
        pass


def test_by_hand() -> None:
    environment = {**os.environ, "REFERENCE_API_KEY": "another-key"}
    command = [sys.executable, "-m", "conformance.reference"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1", url)
        answer = httpx.post(
            f"{url}/responses",
            json={"model": "gpt-5.2", "input": "Hello"},
            headers={"authorization": "Bearer another-key"},
        )
        assert answer.status_code == 200
        port = url.split(":")[2].split("/")[0]
        second = subprocess.run([*command, "--port", port], capture_output=True, text=True, check=False)
        assert second.returncode == USAGE
        assert "in use" in second.stderr
        assert "Traceback" not in second.stderr
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
