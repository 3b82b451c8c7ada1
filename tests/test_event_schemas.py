"""The schemas of the events: valid themselves, true of their examples, the same types as the contract's."""

import pytest
from jsonschema import Draft202012Validator

from conformance.contract.contracts import SHIPPED, Contract
from conformance.contract.schemas import schema, validator
from conformance.streams import event_fields
from conformance.streams.vocabulary import VOCABULARY, EventType
from tests import streams
from tests.streams import tell

CORE = schema("events", Contract.ANYFAST)
TYPES = sorted(CORE["$defs"])


def test_core_is_a_schema_of_every_event_type() -> None:
    Draft202012Validator.check_schema(CORE)
    assert CORE["$id"] == "urn:responses-conformance:events"
    assert len(TYPES) >= 60


def test_every_event_type_of_the_schema_has_a_row_and_every_row_a_schema() -> None:
    assert sorted(VOCABULARY) == TYPES


@pytest.mark.parametrize("row", VOCABULARY.values(), ids=VOCABULARY)
def test_row_reads_what_the_schema_requires(row: EventType) -> None:
    definition = CORE["$defs"][row.name]
    if row.key is not None:
        text = row.carries in {"delta", "text"}
        assert row.key in definition["required"]
        assert definition["properties"][row.key]["type"] == ("string" if text else "object")
    if row.index is not None:
        assert row.index in definition["required"]


@pytest.mark.parametrize("row", [row for row in VOCABULARY.values() if row.tolerated], ids=lambda r: r.name)
def test_only_types_of_one_source_are_tolerated_without_a_place_in_the_grammar(row: EventType) -> None:
    assert CORE["$defs"][row.name]["x-source"] == "OA"


@pytest.mark.parametrize("contract", SHIPPED.values(), ids=str)
def test_overlays_take_out_what_a_contract_does_not_have(contract: Contract) -> None:
    merged = schema("events", contract)
    Draft202012Validator.check_schema(merged)
    source = {"anyfast": "", "openai": "OA", "openresponses": "OR"}[contract.name]
    assert sorted(merged["$defs"]) == [type_ for type_ in TYPES if source in CORE["$defs"][type_]["x-source"]]
    assert len(merged["$defs"]) >= {"anyfast": 60, "openai": 58, "openresponses": 24}[contract.name]


@pytest.mark.parametrize("type_", TYPES)
def test_examples_are_valid_and_lose_it_with_any_field(type_: str) -> None:
    definition = CORE["$defs"][type_]
    judge = validator("events", Contract.ANYFAST, type_)
    assert definition["x-source"]
    for example in definition["examples"]:
        judge.validate(example)
        for key in definition["required"]:
            assert not judge.is_valid({k: v for k, v in example.items() if k != key}), key
            assert not judge.is_valid({**example, key: None}), key
    assert not judge.is_valid([])


@pytest.mark.parametrize("index", [-1, 0.5, "0", None, True])
def test_indices_are_whole_numbers_from_zero(index: object) -> None:
    events = streams.text()
    events[4] = {**events[4], "output_index": index}
    where = [
        finding.where
        for finding in event_fields.fields_have_their_types(streams.stream(events), Contract.ANYFAST)
    ]
    assert where == ["event 4 (response.output_text.delta) $.output_index"]


def test_error_events_may_be_flat_or_nested() -> None:
    flat = tell("error", message="busy", code=None, param=None)
    nested = tell("error", error={"message": "busy", "type": "server_error"})
    for contract in SHIPPED.values():
        for event in (flat, nested):
            stream = streams.stream([event])
            assert not list(event_fields.required_fields_are_there(stream, contract))
            assert not list(event_fields.fields_have_their_types(stream, contract))
    (finding,) = event_fields.required_fields_are_there(streams.stream([tell("error")]), Contract.OPENAI)
    assert finding.expected == "the fields error or message"


def test_missing_fields_of_one_event_are_one_finding() -> None:
    stream = streams.stream([tell("response.output_text.delta", delta="a")])
    (finding,) = event_fields.required_fields_are_there(stream, Contract.OPENAI)
    assert finding.expected == "the fields output_index, item_id, content_index"


def test_mistyped_delta_in_the_middle_of_a_run_is_seen() -> None:
    events = streams.text()
    events[5] = {**events[5], "delta": 7}
    (finding,) = event_fields.fields_have_their_types(streams.stream(events), Contract.ANYFAST)
    assert (finding.expected, finding.actual) == ("string", "7")


def test_unknown_types_are_named_once() -> None:
    stream = streams.stream([tell("acme:x"), tell("acme:x"), tell("response.done"), *streams.text()])
    assert event_fields.unknown(stream, Contract.OPENAI) == ["acme:x", "response.done"]
