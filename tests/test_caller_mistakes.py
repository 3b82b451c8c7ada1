"""A wrong base URL, model or key is the caller's mistake: nothing is judged, and one line tells of it.

A provider that refuses one thing, or answers one request, is judged.
"""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.reference.server import serve
from conformance.run.performing import PROBES
from conformance.verdicts.gate import UNJUDGED, VIOLATED
from tests.hostile.behaviours import ANSWER
from tests.hostile.serving import Connection, Request, serving
from tests.runs import KEY, Ran, run

pytestmark = pytest.mark.slow

SOME = ("-k", "test_usage or test_errors")
MANY = ("-k", "test_request_fields or test_usage or test_stream_is_accepted")

Answer = tuple[int, str | dict[str, Any]]


def answering(choose: Callable[[Request], Answer]) -> Callable[[Connection], Awaitable[None]]:
    """A server that answers each request as a function of it says: text as plain text, else JSON."""

    async def handle(connection: Connection) -> None:
        status, body = choose(await connection.request())
        if isinstance(body, str):
            await connection.answer(body.encode(), status, "text/plain")
        else:
            await connection.answer(json.dumps(body).encode(), status)

    return handle


def error(message: str, **rest: Any) -> dict[str, Any]:
    return {
        "error": {"message": message, "type": "invalid_request_error", "code": None, "param": None, **rest}
    }


def sent(request: Request) -> dict[str, Any]:
    """The body of a request, where it is an object."""
    try:
        body = json.loads(request.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def blames_the_caller(done: Ran, *words: str) -> None:
    """Nothing was judged, after the first few requests; the words stand in the line that says why."""
    assert done.code == UNJUDGED, done.printed
    assert set(done.verdicts.values()) == {"ERROR"}
    assert done.results["traffic"]["requests"] <= PROBES * 3
    (line,) = [line for line in done.printed.splitlines() if line.startswith(words[0])] or [""]
    assert all(word in line for word in words), done.printed
    assert "Traceback" not in done.printed


def test_a_base_url_without_its_version_is_asked_about(tmp_path: Path) -> None:
    with serve(key=KEY) as url:
        base = url.removesuffix("/v1")
        done = run(tmp_path / "r", f"--base-url={base}")
    blames_the_caller(done, "every request got HTTP 404", f"is /v1 missing from the base URL {base}?")


@pytest.mark.parametrize(
    "refusal",
    [
        (404, {"detail": "Not Found"}),
        (405, {"detail": "Method Not Allowed"}),
        (400, "Bad Request: unknown endpoint"),
    ],
    ids=["404", "405", "400-in-prose"],
)
def test_a_wrong_path_behind_the_version_is_asked_about(tmp_path: Path, refusal: Answer) -> None:
    with serving(answering(lambda _: refusal)) as served:
        done = run(tmp_path / "r", *SOME, f"--base-url={served.base_url}")
    blames_the_caller(
        done,
        f"every request got HTTP {refusal[0]}",
        f"is the path of the base URL {served.base_url} right?",
    )


@pytest.mark.parametrize(
    "refusal",
    [
        (404, error("The model `gpt-9` does not exist.", code="model_not_found")),
        (400, error("Unsupported value", param="model")),
        (400, {"error": "Invalid model name passed in model=gpt-9. Call `/v1/models`."}),
        (503, error("No available channel for model gpt-9 under group default", code="")),
        (404, {"detail": "gpt-9 is not available here"}),
        (200, error("The model `gpt-9` does not exist.", code="model_not_found")),
        (200, {"error": "Invalid model name passed in model=gpt-9. Call `/v1/models`."}),
    ],
    ids=["code", "param", "prose", "no-channel", "detail", "200-code", "200-prose"],
)
def test_a_model_that_is_not_known_is_named(tmp_path: Path, refusal: Answer) -> None:
    with serving(answering(lambda _: refusal)) as served:
        done = run(tmp_path / "r", *SOME, f"--base-url={served.base_url}", "--model=gpt-9")
    blames_the_caller(done, "the endpoint does not know the model 'gpt-9'", "name another with --model")
    assert done.seconds < 30


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            error("Something went wrong (id 4f2a)."),
            ["an error and no response", "Something went wrong"],
        ),
        ({"error": "invalid url"}, ["", "invalid url"]),
        ("", ["an empty body"]),
    ],
    ids=["error", "path", "empty"],
)
def test_an_endpoint_that_answers_200_and_no_response_is_not_judged(
    tmp_path: Path, body: str | dict[str, Any], told: list[str]
) -> None:
    with serving(answering(lambda _: (200, body))) as served:
        done = run(tmp_path / "r", *MANY, f"--base-url={served.base_url}")
    blames_the_caller(done, f"every request got HTTP 200{' with ' * bool(told[0])}{told[0]}")
    assert all(words in done.printed for words in told)


def test_a_model_that_the_reference_does_not_know_is_named(tmp_path: Path) -> None:
    with serve(key=KEY) as url:
        done = run(tmp_path / "r", *SOME, f"--base-url={url}", "--model=gpt-9")
    blames_the_caller(done, "the endpoint does not know the model 'gpt-9'", "name another with --model")


def test_a_key_that_is_refused_is_asked_about(tmp_path: Path) -> None:
    with serve(key="another") as url:
        done = run(tmp_path / "r", *SOME, f"--base-url={url}")
    blames_the_caller(done, "every request got HTTP 401")
    told = done.printed[done.printed.index("every request got") :].splitlines()
    assert told[:3] == ["every request got HTTP 401", "Incorrect API key provided.", "is the key right?"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((402, error("Payment required.")), "every request got HTTP 402"),
        ((400, error("You exceeded your quota.", code="insufficient_quota")), "every request got HTTP 400"),
    ],
    ids=["unpaid", "quota"],
)
def test_an_account_without_credit_is_not_judged(tmp_path: Path, answer: Answer, words: str) -> None:
    with serving(answering(lambda _: answer)) as served:
        done = run(tmp_path / "r", *SOME, f"--base-url={served.base_url}")
    blames_the_caller(done, words)


def test_a_boundary_alone_finds_out_by_its_control(tmp_path: Path) -> None:
    with serve(key=KEY) as url:
        done = run(tmp_path / "r", "-k", "temperature=2.01-rejected", f"--base-url={url}", "--model=gpt-9")
    blames_the_caller(done, "the endpoint does not know the model 'gpt-9'")


def refuses_store(request: Request) -> Answer:
    """What names store, right or wrong, is refused; all else is answered."""
    if "store" in sent(request):
        words = "Unsupported parameter: 'store' is not supported with model gpt-5.2."
        return 400, error(words, code="unknown_parameter")
    return 200, ANSWER


def refuses_streams(request: Request) -> Answer:
    if sent(request).get("stream"):
        return 400, error("Streams are not offered.", param="stream")
    return 200, ANSWER


def answers_one(request: Request) -> Answer:
    """One of the first requests is answered, as by a gateway that knows a path only now and then."""
    asked = sent(request)
    if "tools" in asked and not asked.get("stream"):
        return 200, ANSWER
    return 404, {"detail": "Not Found"}


def refuses_under_200(request: Request) -> Answer:
    """Well-formed requests are answered; a wrong one gets its error under 200."""
    asked = sent(request)
    if asked.get("temperature") not in {None, 0, 0.7, 1, 2}:
        return 200, error("temperature is out of range")
    return 200, ANSWER


def answers_streams_alone(request: Request) -> Answer:
    if sent(request).get("stream"):
        return 200, f"event: response.completed\ndata: {json.dumps({'response': ANSWER})}\n\n"
    return 200, error("Something went wrong.")


@pytest.mark.parametrize(
    ("choose", "accused"),
    [
        (refuses_under_200, "request.temperature.refused"),
        (answers_streams_alone, "request.temperature.accepted"),
        (refuses_store, "request.store.accepted"),
        (refuses_streams, "stream.accepted"),
        (answers_one, "request.temperature.accepted"),
    ],
)
def test_a_provider_that_refuses_one_thing_is_judged(
    tmp_path: Path, choose: Callable[[Request], Answer], accused: str
) -> None:
    with serving(answering(choose)) as served:
        done = run(tmp_path / "r", *MANY, f"--base-url={served.base_url}")
    assert done.code == VIOLATED, done.printed
    assert len(served.requests) > PROBES * 3
    rows = [row for row in done.results["verdicts"] if row["requirement"] == accused]
    assert "FAIL" in {row["verdict"] for row in rows}
