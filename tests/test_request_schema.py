"""The request schema: sound, sourced, and right about its own examples under every contract."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from conformance.contract.boundaries import Field, fields
from conformance.contract.contracts import SHIPPED, Contract
from conformance.contract.request_fields import sides
from conformance.contract.schemas import departures
from conformance.resources import SCHEMAS as FOLDER

SCHEMAS = sides(Contract.ANYFAST)
FIELDS = {known.path: known for known in fields(SCHEMAS)}
SPECIFICATIONS = (Contract.OPENAI, Contract.OPENRESPONSES)
MINIMAL = {"model": "gpt-5.2", "input": [{"role": "user", "content": "Hello!"}]}

PAGE_EXAMPLE = {
    **MINIMAL,
    "stream": False,
    "temperature": 1,
    "top_p": 0.5,
    "frequency_penalty": 0,
    "presence_penalty": 0,
    "max_output_tokens": 2,
    "stop": "<string>",
    "n": 1,
    "text": {"format": {"type": "text"}, "verbosity": "low"},
    "reasoning": {"effort": "minimal", "summary": "auto"},
    "tools": [{}],
    "tool_choice": "<string>",
    "store": True,
    "user": "<string>",
}


def paths(value: Any, contract: Contract = Contract.ANYFAST) -> list[str]:
    return [found.where for found in departures(value, "request", contract)]


@pytest.mark.parametrize("contract", SHIPPED.values(), ids=str)
def test_schema_is_valid_under_every_contract(contract: Contract) -> None:
    Draft202012Validator.check_schema(SCHEMAS[contract])
    assert SCHEMAS[contract]["$id"] == "urn:responses-conformance:request"


def test_schema_has_the_fields_of_the_page_and_marks_all_others() -> None:
    """Any other field has `x-level` MAY."""
    required = [known.path for known in FIELDS.values() if not known.nested and not known.optional]
    told = SCHEMAS[Contract.ANYFAST]["properties"].items()
    assert required == [path for path, known in told if known["x-source"].startswith("S: ")]
    assert set(required) >= PAGE_EXAMPLE.keys()


def test_a_field_that_a_source_denies_is_not_in_its_contract() -> None:
    gone = {contract: SCHEMAS[Contract.ANYFAST]["properties"].keys() for contract in SPECIFICATIONS}
    found = {str(each): sorted(gone[each] - SCHEMAS[each]["properties"].keys()) for each in SPECIFICATIONS}
    assert found == {
        "openai": ["frequency_penalty", "n", "presence_penalty", "stop"],
        "openresponses": ["n", "stop", "user"],
    }


@pytest.mark.parametrize("known", FIELDS.values(), ids=FIELDS)
def test_every_field_has_a_source_and_examples_of_both_kinds(known: Field) -> None:
    assert known.page["x-source"]
    assert known.page.get("examples") or known.page.get("x-examples")
    assert known.page["x-counterexamples"]


@pytest.mark.parametrize("known", FIELDS.values(), ids=FIELDS)
def test_examples_fit_the_page_and_counterexamples_do_not(known: Field) -> None:
    listed = known.listed()
    good = len(known.page.get("examples", ())) + len(known.page.get("x-examples", ()))
    validator = known.validators[Contract.ANYFAST]
    assert [value for _, value in listed[:good] if not validator.is_valid(value)] == []
    assert [value for _, value in listed[good:] if validator.is_valid(value)] == []


SPECIFIED = [
    pytest.param(known, contract, id=f"{path}-{contract}")
    for path, known in FIELDS.items()
    for contract in SPECIFICATIONS
    if known.views[contract] is not None
]


@pytest.mark.parametrize(("known", "contract"), SPECIFIED)
def test_undisputed_examples_fit_the_specifications_too(known: Field, contract: Contract) -> None:
    disputed = Draft202012Validator(known.page.get("x-conflict", False))
    good = len(known.page.get("examples", ())) + len(known.page.get("x-examples", ()))
    undisputed = [value for _, value in known.listed()[:good] if not disputed.is_valid(value)]
    assert [value for value in undisputed if not known.validators[contract].is_valid(value)] == []


DEFAULTS = {path: known for path, known in FIELDS.items() if "default" in known.page}


@pytest.mark.parametrize("known", DEFAULTS.values(), ids=DEFAULTS)
def test_default_fits(known: Field) -> None:
    assert known.validators[Contract.ANYFAST].is_valid(known.page["default"])


def keywords(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keywords(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keywords(inner)


def test_every_keyword_of_the_projects_own_is_explained() -> None:
    core = SCHEMAS[Contract.ANYFAST]
    used = {key for key in keywords(core) if key.startswith("x-")}
    assert {key for key in used if key not in core["$comment"]} == set()


def test_the_least_request_conforms_to_every_contract() -> None:
    assert [paths(MINIMAL, contract) for contract in SHIPPED.values()] == [[], [], []]


def test_the_example_of_the_page_fails_in_its_two_placeholders() -> None:
    assert sorted(paths(PAGE_EXAMPLE)) == ["$.tool_choice", "$.tools[0]"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"temperature": 2.01}, "$.temperature"),
        ({"temperature": True}, "$.temperature"),
        ({"max_output_tokens": 16.5}, "$.max_output_tokens"),
        ({"reasoning": {"effort": "LOW"}}, "$.reasoning.effort"),
        ({"input": [{"role": "robot", "content": "x"}]}, "$.input[0].role"),
        ({"input": [{"role": "user", "content": [{"type": "nope"}]}]}, "$.input[0].content[0].type"),
        ({"input": [{"type": "nope"}]}, "$.input[0].type"),
        ({"tools": [{"type": "function", "name": "bad name!"}]}, "$.tools[0].name"),
        ({"text": {"format": {"type": "json_schema", "name": "a"}}}, "$.text.format"),
        ({"tool_choice": {"type": "function"}}, "$.tool_choice"),
    ],
)
def test_a_departure_points_at_the_fault(body: dict[str, Any], path: str) -> None:
    assert path in paths({**MINIMAL, **body})


@pytest.mark.parametrize(
    ("value", "anyfast", "specifications"),
    [(1, True, False), (15, True, False), (16, True, True), (0, False, False), (None, False, True)],
)
def test_the_specifications_ask_for_sixteen_output_tokens(
    value: int | None, anyfast: bool, specifications: bool
) -> None:
    body = {**MINIMAL, "max_output_tokens": value}
    assert (not paths(body)) is anyfast
    assert [not paths(body, contract) for contract in SPECIFICATIONS] == [specifications] * 2


@pytest.mark.parametrize("field", ["n", "stop"])
def test_the_specifications_do_not_have_a_field(field: str) -> None:
    assert [field in SCHEMAS[contract]["properties"] for contract in SHIPPED.values()] == [True, False, False]


def test_overlays_change_nothing_that_the_core_does_not_have() -> None:
    core = SCHEMAS[Contract.ANYFAST]["properties"]
    for contract in SPECIFICATIONS:
        patch = json.loads((FOLDER / contract.name / "request.json").read_text(encoding="utf-8"))
        assert set(patch["properties"]) <= set(core)
