"""The response's schemas: their own examples, the page's example, and every aspect seen to fail."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from conformance.contract.contracts import SHIPPED, Contract
from conformance.contract.schemas import departures, schema, validator
from conformance.resources import SCHEMAS
from conformance.response import Body
from conformance.rules.response_fields import response_has_its_shape
from conformance.rules.response_items import item_has_its_shape, part_has_its_shape
from tests.made_answers import CALL, RESPONSE, TEXT, THOUGHT, answer, counted, varied

OWN = ("response", "item", "part", "error", "stored")
PART = TEXT["content"][0]


@pytest.mark.parametrize("contract", SHIPPED.values(), ids=str)
@pytest.mark.parametrize("name", OWN)
def test_every_schema_is_a_schema(name: str, contract: Contract) -> None:
    merged = schema(name, contract)
    Draft202012Validator.check_schema(merged)
    assert merged["$id"] == f"urn:responses-conformance:{name}"
    assert merged["$comment"].startswith("Source: ")


def examples(*keys: str) -> Iterator[Any]:
    for name in OWN:
        given = next(value for found, value in schema(name, Contract.ANYFAST).items() if found in keys)
        groups = given.items() if isinstance(given, dict) else [("", given)]
        for definition, values in groups:
            for number, value in enumerate(values):
                yield pytest.param(name, definition, value, id=f"{name}{definition}-{number}")


@pytest.mark.parametrize(("name", "definition", "value"), list(examples("examples", "x-examples")))
def test_the_examples_are_valid(name: str, definition: str, value: Any) -> None:
    assert list(departures(value, name, Contract.ANYFAST, definition)) == []


@pytest.mark.parametrize(("name", "definition", "value"), list(examples("x-counterexamples")))
def test_the_counterexamples_are_not(name: str, definition: str, value: Any) -> None:
    assert list(departures(value, name, Contract.ANYFAST, definition))


def test_overlays_change_definitions_that_there_are() -> None:
    for name in OWN:
        core = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
        for contract in SHIPPED.values():
            overlay = SCHEMAS / contract.name / f"{name}.json"
            if overlay.is_file():
                changed = json.loads(overlay.read_text(encoding="utf-8"))
                assert changed["$defs"].keys() <= core["$defs"].keys(), overlay


def test_the_pages_own_example_is_right_under_its_contract() -> None:
    page = schema("response", Contract.ANYFAST)["examples"][0]
    assert validator("response", Contract.ANYFAST).is_valid(page)
    body = Body(page, answer().exchange)
    for aspect in schema("item", Contract.ANYFAST)["$defs"]:
        assert not list(item_has_its_shape(body, Contract.ANYFAST, aspect, "message")) or aspect in {
            "function_call",
            "reasoning",
        }
    for aspect in ("output_text", "annotations", "annotations_there", "annotation_shape"):
        assert not list(part_has_its_shape(body, Contract.ANYFAST, aspect, "output_text"))
    assert list(part_has_its_shape(body, Contract.OPENAI, "annotation_shape", "output_text"))
    assert list(response_has_its_shape(body, Contract.OPENAI, "echo_keys"))


@pytest.mark.parametrize(
    ("aspect", "response"),
    [
        ("id", varied(id=...)),
        ("id", varied(id=None)),
        ("object", varied(object="chat.completion")),
        ("created_at", varied(created_at=1773132155.25)),
        ("created_at", varied(created_at="2026-03-10T08:42:35Z")),
        ("created_at", varied(created_at=True)),
        ("model", varied(model="")),
        ("status", varied(status="done")),
        ("status", varied(status=None)),
        ("output", varied(output=None)),
        ("output", varied(output=["Hello"])),
        ("usage", varied(usage=...)),
        ("usage", varied(usage=None)),
        ("usage", varied(usage=[])),
        ("usage_counts", counted(total_tokens=...)),
        ("usage_counts", counted(input_tokens="8")),
        ("usage_counts", counted(output_tokens=-1)),
        ("usage_counts", counted(output_tokens=14.5)),
        ("usage_details", counted(input_tokens_details=...)),
        ("usage_details_types", counted(output_tokens_details=None)),
        ("usage_details_types", counted(output_tokens_details={"reasoning_tokens": None})),
        ("page_keys", varied(completed_at="now")),
        ("page_keys", varied(reasoning="high")),
        ("page_keys", varied(text="Hello there")),
        ("error", varied(error="no")),
        ("error", varied(error={"message": "no"})),
        ("incomplete_details", varied(incomplete_details="max_output_tokens")),
        ("echo_types", varied(temperature="1")),
        ("echo_types", varied(tools={})),
        ("echo_keys", RESPONSE),
    ],
)
def test_each_aspect_of_a_response_is_judged(aspect: str, response: dict[str, Any]) -> None:
    assert list(response_has_its_shape(answer(response), Contract.ANYFAST, aspect))


@pytest.mark.parametrize(
    ("aspect", "item"),
    [
        ("type", {"id": "msg_1"}),
        ("id", {**TEXT, "id": None}),
        ("status", {**TEXT, "status": "done"}),
        ("status", {key: value for key, value in TEXT.items() if key != "status"}),
        ("role", {**TEXT, "role": "user"}),
        ("content", {**TEXT, "content": "Hello"}),
        ("content", {**TEXT, "content": ["Hello"]}),
        ("content", {**TEXT, "content": [{"text": "Hello"}]}),
        ("function_call", {**CALL, "arguments": {"city": "Paris"}}),
        ("function_call", {**CALL, "call_id": ""}),
        ("function_call", {**CALL, "name": None}),
        ("own_id", {**CALL, "id": 7}),
        ("call_status", {**CALL, "status": "done"}),
        ("reasoning", {**THOUGHT, "summary": None}),
        ("reasoning", {**THOUGHT, "summary": [{"text": "Hm."}]}),
    ],
)
def test_each_aspect_of_an_item_is_judged(aspect: str, item: dict[str, Any]) -> None:
    types = () if aspect == "type" else (item["type"],)
    found = list(item_has_its_shape(answer(varied(output=[TEXT, item])), Contract.ANYFAST, aspect, *types))
    assert found
    assert all(finding.where.startswith("$.output[1]") for finding in found)


@pytest.mark.parametrize(
    ("aspect", "part"),
    [
        ("output_text", {"type": "output_text"}),
        ("output_text", {**PART, "text": ["Hello"]}),
        ("annotations", {**PART, "annotations": None}),
        ("annotations_there", {"type": "output_text", "text": ""}),
        ("annotation_shape", {**PART, "annotations": [{"url": "http://x"}]}),
        ("annotation_shape", {**PART, "annotations": ["x"]}),
    ],
)
def test_each_aspect_of_a_text_is_judged(aspect: str, part: dict[str, Any]) -> None:
    body = answer(varied(output=[{**TEXT, "content": [PART, part]}]))
    found = list(part_has_its_shape(body, Contract.ANYFAST, aspect, "output_text"))
    assert found
    assert all(finding.where.startswith("$.output[0].content[1]") for finding in found)


def test_the_contracts_differ_where_their_sources_do() -> None:
    call = varied(output=[{key: value for key, value in CALL.items() if key != "id"}])
    assert not list(item_has_its_shape(answer(call), Contract.OPENAI, "own_id", "function_call"))
    assert list(item_has_its_shape(answer(call), Contract.OPENRESPONSES, "own_id", "function_call"))
    queued = answer(varied(status="queued"))
    assert list(response_has_its_shape(queued, Contract.ANYFAST, "status"))
    assert not list(response_has_its_shape(queued, Contract.OPENAI, "status"))
    untold = answer(varied(temperature=None))
    assert not list(response_has_its_shape(untold, Contract.OPENAI, "echo_types"))
    assert list(response_has_its_shape(untold, Contract.OPENRESPONSES, "echo_types"))


def test_missing_keys_are_named_together() -> None:
    (found,) = response_has_its_shape(answer(varied(usage={})), Contract.ANYFAST, "usage_counts")
    assert found.actual == "no input_tokens, output_tokens, total_tokens"
    assert found.where == "$.usage"


def test_a_failed_response_needs_no_usage() -> None:
    assert not list(
        response_has_its_shape(answer(varied(status="failed", usage=None)), Contract.ANYFAST, "usage")
    )
    assert list(
        response_has_its_shape(answer(varied(status="incomplete", usage=None)), Contract.ANYFAST, "usage")
    )
