"""What says that an endpoint cannot be judged: the key, the path, the model; and what does not say so."""

import json
from typing import Any

import pytest

from conformance.exchange import Chunk, Exchange, Sent, encode_json
from conformance.rules.blame import blames_model
from conformance.run.trouble import Trouble, agree, told_together, trouble_of
from conformance.scenarios.scenario import Scenario, ask

PLAIN = ask("plain", "hi")
BASE = "http://h.example/v1"


def refused(
    body: Any, status: int = 400, model: str = "gpt-9", url: str = BASE, media: str = "application/json"
) -> Exchange:
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    sent = Sent("POST", f"{url}/responses", (), encode_json({"model": model, "input": []}))
    return Exchange("plain", sent, status, (("Content-Type", media),), (Chunk(0.0, data),), None, 0.0, 0.0)


def error(message: str = "no", **rest: Any) -> dict[str, Any]:
    return {"error": {"message": message, **rest}}


UNKNOWN_MODEL: tuple[Any, ...] = (
    error(code="model_not_found"),
    error(code="ModelNotFound"),
    error(code="unsupported_model"),
    error(type="model_not_found_error"),
    error(param="model"),
    error(param="body.model"),
    error("The model `gpt-9` does not exist or you do not have access to it."),
    error("No available channel for model gpt-9 under group default (distributor)"),
    error("Model not found: gpt-9"),
    error("gpt-9 is not a valid model ID"),
    error("models/gpt-9 is not found for API version v1"),
    error("当前分组 default 下对于模型 gpt-9 无可用渠道"),
    {"error": "/responses: Invalid model name passed in model=gpt-9. Call `/v1/models`."},
    {"error": "model 'gpt-9' not found, try pulling it first"},
    {"object": "error", "message": "The model `gpt-9` does not exist.", "param": None, "code": 404},
    {"detail": "gpt-9 is not available here"},
    "unknown model: gpt-9",
)


@pytest.mark.parametrize("body", UNKNOWN_MODEL)
@pytest.mark.parametrize("status", [400, 403, 404, 422, 503])
def test_a_refusal_that_names_the_model_is_about_the_model(body: Any, status: int) -> None:
    is_about_the_model(body, status)


@pytest.mark.parametrize("body", [body for body in UNKNOWN_MODEL if "error" in body])
def test_so_is_an_error_under_200(body: Any) -> None:
    is_about_the_model(body, 200)


def is_about_the_model(body: Any, status: int) -> None:
    told = trouble_of(refused(body, status), PLAIN)
    assert told is not None
    assert told.what == "the endpoint does not know the model 'gpt-9'"
    assert told.mend == "name another with --model"


ANOTHER_FAULT: tuple[Any, ...] = (
    error("Unknown parameter: 'store'.", param="store", code="unknown_parameter"),
    error("Unsupported parameter: 'store' is not supported with model gpt-9."),
    error("The model gpt-9 does not support store."),
    error("gpt-9 is not supported", param="store"),
    error("The value of store is invalid for gpt-9.1: unknown"),
    error("Invalid value for store", code="invalid_value"),
    "store is not allowed",
    "",
)


@pytest.mark.parametrize("body", ANOTHER_FAULT)
def test_a_refusal_of_something_else_is_no_trouble(body: Any) -> None:
    assert not blames_model(refused(body))
    assert trouble_of(refused(body), PLAIN) is None


@pytest.mark.parametrize("model", ["m", "a+b(c)", "org/gpt-9", "x: y"])
def test_any_name_of_a_model_is_found_in_the_message_as_it_stands(model: str) -> None:
    assert blames_model(refused(error(f"The model {model} does not exist"), model=model))
    assert not blames_model(refused(error("The tree does not exist"), model=model))


@pytest.mark.parametrize(
    ("url", "mend"),
    [
        ("http://h", "is /v1 missing from the base URL http://h?"),
        ("http://h/api", "is /v1 missing from the base URL http://h/api?"),
        ("http://h/v1", "is the path of the base URL http://h/v1 right?"),
        ("http://h/v1beta/x", "is the path of the base URL http://h/v1beta/x right?"),
    ],
)
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, {"detail": "Not Found"}),
        (404, "<html>no</html>"),
        (405, ""),
        (410, "gone"),
        (400, "Bad Request: unknown endpoint"),
        (400, error("Invalid URL (POST /responses)")),
    ],
)
def test_a_path_that_is_not_there_is_the_base_urls(url: str, mend: str, status: int, body: Any) -> None:
    told = trouble_of(refused(body, status, url=url), PLAIN)
    assert told is not None
    assert (told.what, told.mend) == (f"every request got HTTP {status}", mend)


@pytest.mark.parametrize(
    ("page", "why"),
    [
        ("<!doctype html><title>Back soon</title>", "the page says: Back soon"),
        (
            "<html><script>let a = '<b>'</script><h1>Welcome &amp; sign\x1b[31m in",
            "the page says: Welcome & sign [31m in",
        ),
        ("<html><style>p {color: red}", "the page has no text"),
        ("<!doctype html><p>" + "a" * 999, "the page says: " + "a" * 200 + "…"),
    ],
)
def test_of_a_page_it_is_told_what_somebody_would_read(page: str, why: str) -> None:
    told = trouble_of(refused(page, 200), PLAIN)
    assert told is not None
    got = "every request got HTTP 200 with an HTML page"
    assert told.lines == (got, why, "is the base URL that of the API?")


def test_an_error_under_200_is_no_answer() -> None:
    told = trouble_of(refused(error("Nobody is here"), 200), PLAIN)
    assert told is not None
    assert told.lines == (
        "every request got HTTP 200 with an error and no response",
        "Nobody is here",
        "does the endpoint serve this model and this path?",
    )


@pytest.mark.parametrize("body", ["", "\n"])
def test_nothing_under_200_is_no_answer(body: str) -> None:
    told = trouble_of(refused(body, 200), PLAIN)
    assert told == Trouble("every request got HTTP 200 with an empty body", "", told.mend if told else "")


@pytest.mark.parametrize(
    "body",
    [
        error("no", param="store"),
        {"id": "resp_1", "object": "response", "output": [], "error": None},
        {"object": "response", "status": "failed", "error": {"message": "the model does not exist"}},
        {"output": [], "error": {"message": "cut"}},
        {"error": None},
        "no json",
    ],
)
def test_what_can_be_judged_under_200_is_no_trouble(body: Any) -> None:
    assert trouble_of(refused(body, 200), PLAIN) is None


def test_who_expects_a_refusal_has_no_trouble_with_one_under_200() -> None:
    scenario = Scenario("plain", "answers", PLAIN.build, "refusal")
    assert trouble_of(refused(error("no"), 200), scenario) is None
    assert trouble_of(refused("", 200), scenario) is None


@pytest.mark.parametrize(
    ("messages", "same"),
    [
        (("no (request id: a1b2)", "no (request id: c3d4)"), True),
        (("no tools", "no text"), False),
    ],
)
def test_errors_under_200_agree_where_they_say_the_same(messages: tuple[str, str], same: bool) -> None:
    told = [trouble_of(refused(error(message), 200), PLAIN) for message in messages]
    assert agree([each for each in told if each]) is same


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_not_taken_is_asked_about(status: int) -> None:
    told = trouble_of(refused(error("Invalid key"), status), PLAIN)
    assert told == Trouble(f"every request got HTTP {status}", "Invalid key", "is the key right?")


@pytest.mark.parametrize("status", [401, 404, 405])
def test_who_expects_a_refusal_has_no_trouble_with_one(status: int) -> None:
    scenario = Scenario("plain", "answers", PLAIN.build, "refusal")
    assert trouble_of(refused(error("no"), status), scenario) is None


def test_the_servers_words_are_one_harmless_line() -> None:
    told = trouble_of(refused(error("no\r\n\x1b[31mkey " + "x" * 500), 401), PLAIN)
    assert told is not None
    assert told.why.startswith("no [31mkey xxx")
    assert told.line.isprintable()
    assert len(told.why) < 210


def test_most_exchanges_decide_and_the_others_are_not_hidden() -> None:
    one, other = (
        Trouble("every request got HTTP 404", "a", "b?"),
        Trouble("every request got HTTP 500", "", "c"),
    )
    assert told_together([other, one, one]) == Trouble("most requests got HTTP 404", "a", "b?")
    assert told_together([one, one]).line == "every request got HTTP 404: b? (a)"
