"""What says that an endpoint cannot be judged: the key, the path, the model; and what does not say so."""

import json
from typing import Any

import pytest

from conformance.exchange import Chunk, Exchange, Sent, encode_json
from conformance.run.trouble import Trouble, blames_model, told_together, trouble_of
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


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_not_taken_is_asked_about(status: int) -> None:
    told = trouble_of(refused(error("Invalid key"), status), PLAIN)
    assert told == Trouble(f"every request got HTTP {status}", "Invalid key", "is the key right?")


@pytest.mark.parametrize("status", [401, 404, 405])
def test_who_expects_a_refusal_has_no_trouble_with_one(status: int) -> None:
    scenario = Scenario("plain", "x", PLAIN.build, "refusal")
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
