"""Boundary cases follow the schema: change a range, a member or an example, and the cases change."""

import json
import shutil
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.contract.boundaries import Case, Expectation, Marker, cases, fields
from conformance.contract.contracts import SHIPPED, Contract
from conformance.contract.patches import Schema
from conformance.contract.patches import patched as laid_over
from conformance.contract.request_fields import derive, sides
from conformance.resources import SCHEMAS as FOLDER
from conformance.scenarios.request_fields import CASES, SCENARIOS, SHARED, SHIPPED_FIELDS
from conformance.scenarios.scenario import Target

Schemas = Mapping[Contract, Schema]
SCHEMAS = sides(Contract.ANYFAST)


def ids(path: str, schemas: Schemas = SCHEMAS) -> set[str]:
    return {case.id for case in cases(path, schemas)}


def read(folder: Path) -> Schemas:
    """The request schema of every contract out of a folder like the project's."""
    core = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    return {contract: patched_core(core, contract) for contract in SHIPPED.values()}


def patched_core(core: Schema, contract: Contract) -> Schema:
    """What a contract makes of another core."""
    for each in reversed([*contract.lineage()]):
        core = laid_over("request", core, each.patches)
    return core


def test_ids_are_unique_and_say_what_the_page_expects() -> None:
    assert len({case.id for case in CASES}) == len(CASES)
    assert {
        "temperature=2.01-rejected",
        "temperature=-0.01-rejected",
        "temperature=2.0-accepted",
        'temperature="1"-rejected',
        "temperature=absent-accepted",
        "temperature=null-conflict",
        "reasoning.effort=minimal-conflict",
        "reasoning.effort=LOW-rejected",
        "model=absent-rejected",
        "tools=[{}]-rejected",
        "input=[]-rejected",
        "max_output_tokens=0-rejected",
        "max_output_tokens=15-conflict",
        "max_output_tokens=16-accepted",
        "max_output_tokens=16.5-rejected",
        "user=10000-characters-conflict",
        "user=non-ascii-accepted",
        "stop=empty-conflict",
    } <= {case.id for case in CASES}


def test_a_number_in_float_spelling_is_sent_as_one() -> None:
    case = next(case for case in CASES if case.id == "temperature=2.0-accepted")
    assert json.dumps(case.fields()) == '{"temperature": 2.0}'


PAGE_FIELDS = [known.path for known in fields(SCHEMAS) if not (known.nested or known.optional)]


@pytest.mark.parametrize("field", PAGE_FIELDS)
def test_every_wrong_type_null_and_absence_are_tried(field: str) -> None:
    found = cases(field, SCHEMAS)
    types = {type(case.value) for case in found if case.value is not Marker.GIVEN}
    number = {int, float} & types
    assert {str, bool, list, dict, type(None), Marker} <= types
    assert number


def test_a_changed_maximum_changes_the_cases_with_no_other_edit(tmp_path: Path) -> None:
    folder = tmp_path / "schemas"
    shutil.copytree(FOLDER, folder)
    file = folder / "request.json"
    file.write_text(
        file.read_text().replace('"maximum": 1,\n      "x-step": 0.01', '"maximum": 5,\n      "x-step": 0.5')
    )
    before, after = ids("top_p"), ids("top_p", read(folder))
    assert {"top_p=1-accepted", "top_p=1.01-rejected"} <= before
    assert {"top_p=5-accepted", "top_p=5.5-rejected", "top_p=-0.5-rejected", "top_p=5.0-accepted"} <= after
    assert after.isdisjoint({"top_p=1-accepted", "top_p=1.01-rejected", "top_p=1.0-accepted"})


def test_a_field_that_is_new_in_the_schema_has_its_cases() -> None:
    new = {"type": "integer", "minimum": 3, "maximum": 9, "examples": [4], "x-source": "S"}
    schemas = {contract: patched(schema, {"seats": new}) for contract, schema in SCHEMAS.items()}
    assert {
        *("seats=2-rejected", "seats=3-accepted", "seats=9-accepted", "seats=10-rejected"),
        *("seats=3.5-rejected", "seats=9.0-conflict", 'seats="x"-rejected', "seats=null-rejected"),
    } <= ids("seats", schemas)


def patched(schema: Schema, properties: Mapping[str, Any]) -> Schema:
    copy = deepcopy(schema)
    copy["properties"].update(properties)
    return copy


def test_a_member_that_is_new_in_one_contract_is_tried_and_disputed() -> None:
    schemas = dict(SCHEMAS)
    schemas[Contract.OPENAI] = deepcopy(SCHEMAS[Contract.OPENAI])
    schemas[Contract.OPENAI]["properties"]["text"]["properties"]["verbosity"]["enum"].append("epic")
    case = next(case for case in cases("text.verbosity", schemas) if case.value == "epic")
    assert case.expectations == {
        Contract.ANYFAST: Expectation.REJECTED,
        Contract.OPENAI: Expectation.CONFLICT,
        Contract.OPENRESPONSES: Expectation.CONFLICT,
    }


@pytest.mark.parametrize(
    ("id_", "anyfast", "openai", "openresponses"),
    [
        ("temperature=2-accepted", "accepted", "accepted", "accepted"),
        ("temperature=2.01-rejected", "rejected", "rejected", "rejected"),
        ("n=1-accepted", "accepted", "conflict", "conflict"),
        ("n=0-rejected", "rejected", "conflict", "conflict"),
        ("frequency_penalty=2.01-rejected", "rejected", "conflict", "conflict"),
        ("frequency_penalty=2-accepted", "accepted", "conflict", "accepted"),
        ("input=[]-rejected", "rejected", "conflict", "conflict"),
        ("input=string-accepted", "accepted", "accepted", "accepted"),
        ("max_output_tokens=1-conflict", "conflict", "conflict", "conflict"),
        ("max_output_tokens=16.0-conflict", "conflict", "conflict", "conflict"),
        ("user=non-ascii-accepted", "accepted", "accepted", "conflict"),
        ("model=no-such-model-5f3c9e-rejected", "rejected", "rejected", "rejected"),
    ],
)
def test_each_contract_expects_what_it_says(id_: str, anyfast: str, openai: str, openresponses: str) -> None:
    case = next(case for case in CASES if case.id == id_)
    assert list(case.expectations.values()) == [anyfast, openai, openresponses]


@pytest.mark.parametrize(
    ("id_", "requirement"),
    [
        ("input=string-accepted", "request.input.accepted-should"),
        ("input=one-message-accepted", "request.input.accepted"),
        ("tool_choice=banana-rejected", "request.tool_choice.refused-should"),
        ("tool_choice={}-rejected", "request.tool_choice.refused"),
        ("reasoning.effort=none-accepted", "request.reasoning.effort.accepted-should"),
        ('metadata={"trace":"t-17"}-optional', "request.metadata.optional"),
    ],
)
def test_what_only_should_hold_has_a_requirement_of_its_own(id_: str, requirement: str) -> None:
    assert next(case for case in CASES if case.id == id_).requirement == requirement


def test_an_unknown_path_has_no_cases() -> None:
    with pytest.raises(KeyError, match="no_such_field"):
        cases("no_such_field", SCHEMAS)


def sent(case: Case) -> Any:
    value: Any = case.fields()
    for key in case.path.split("."):
        value = value[key]
    return value


@pytest.mark.parametrize("case", [case for case in CASES if not isinstance(case.value, Marker)], ids=str)
def test_a_case_sends_its_value_at_its_path(case: Case) -> None:
    assert json.dumps(sent(case)) == json.dumps(case.value)


def bodies() -> Iterator[tuple[Case, dict[str, Any]]]:
    for case in CASES:
        call = SCENARIOS[case.id].build(Target("some-model"), {})
        yield case, json.loads(call.body or b"")


def test_the_request_of_every_case_carries_its_value() -> None:
    """Also where an answer is shared that is asked for anyway."""
    for case, body in bodies():
        if case.value is Marker.ABSENT:
            assert case.top not in body
        elif case.value is Marker.GIVEN:
            assert body["model"] == "some-model"
        else:
            value: Any = body
            for key in case.path.split("."):
                value = value[key]
            assert json.dumps(value) == json.dumps(case.value), case.id


def test_a_request_departs_from_the_least_one_in_its_own_field_only() -> None:
    """What is refused is refused for that field, and sampling never meets reasoning."""
    for case, body in bodies():
        allowed = {"model", "input", "store", "max_output_tokens", case.top, *case.beside}
        if case.id not in SHARED:
            assert set(body) <= allowed, case.id
        assert not ({"temperature", "top_p"} & set(body) and "reasoning" in body)


def test_the_shared_answers_are_cases_that_exist() -> None:
    assert set(SHARED) <= {case.id for case in CASES}


def test_wrong_values_are_also_sent_with_a_request_for_a_stream() -> None:
    assert [scenario.name for _, scenario in SHIPPED_FIELDS.streamed] == [
        "stream=true,temperature=-0.01-rejected",
        "stream=true,top_p=-0.01-rejected",
        "stream=true,max_output_tokens=-1-rejected",
        "stream=true,tools=1-rejected",
    ]
    assert all(scenario.streamed for _, scenario in SHIPPED_FIELDS.streamed)


limits = st.integers(-50, 50)
steps = st.sampled_from([1, 0.5, 0.1, 0.01])


@settings(deadline=None)  # the machine may be busy with other things
@given(low=limits, width=st.integers(1, 100), step=steps, whole=st.booleans())
def test_any_range_gives_both_limits_and_both_outsides(
    low: int, width: int, step: float, whole: bool
) -> None:
    high = low + width
    described = {
        "type": "integer" if whole else "number",
        "minimum": low,
        "maximum": high,
        "x-step": 1 if whole else step,
    }
    schemas = {contract: patched(schema, {"dial": described}) for contract, schema in SCHEMAS.items()}
    found = [
        case
        for case in cases("dial", schemas)
        if isinstance(case.value, int | float) and not isinstance(case.value, bool)
    ]
    for case in found:
        inside = low <= case.value <= high and (not whole or float(case.value).is_integer())
        expected = Expectation.ACCEPTED if inside else Expectation.REJECTED
        assert case.expectations[Contract.ANYFAST] in {expected, Expectation.CONFLICT}
    accepted = {case.value for case in found if case.aspect == "accepted"}
    refused = {case.value for case in found if case.aspect == "refused"}
    assert {low, high} <= accepted
    assert any(value < low for value in refused)
    assert any(value > high for value in refused)


def test_every_case_of_every_field_is_in_the_whole() -> None:
    assert [case.id for known in fields(SCHEMAS) for case in cases(known.path, SCHEMAS)] == [
        case.id for case in derive(SCHEMAS).cases
    ]
