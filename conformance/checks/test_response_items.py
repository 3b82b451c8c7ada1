"""The items and parts of every answer's output."""

from collections.abc import Callable, Iterable

import pytest

from conformance.checks.support.families import (
    CALLING,
    EVERY,
    SPEAKING,
    STREAMED,
    THINKING,
    for_each,
    judge_answers,
)
from conformance.checks.support.marks import covers, needs, on
from conformance.contract.contracts import Contract
from conformance.response import Body
from conformance.rules import response_items
from conformance.run.record import Record
from conformance.scenarios.answers import (
    REASONING_STREAM,
    TEXT_STREAM,
    TOOL_CALL,
    TOOL_CALL_STREAM,
    TWO_TOOL_CALLS,
    TWO_TOOL_CALLS_STREAM,
)
from conformance.scenarios.tools import CUT_CALL
from conformance.verdicts.verdict import Finding

MESSAGES = {"role": "message.role", "content": "message.content", "status": "item.status"}
TEXTS = {
    "output_text": "part.text",
    "annotations": "part.annotations",
    "annotations_there": "part.annotations-there",
    "annotation_shape": "part.annotation-shape",
}
CALLS = {"function_call": "call.shape", "own_id": "call.own-id"}

Judge = Callable[[Body], Iterable[Finding]]

EVERYWHERE: tuple[tuple[str, Judge], ...] = (
    ("item.completed", response_items.items_end_as_the_response_does),
    ("item.incomplete-is-last", response_items.an_incomplete_item_ends_the_output),
    ("item.id-unique", response_items.ids_differ),
    ("response.output-not-empty", response_items.a_completed_answer_has_output),
    ("response.output-is-what-was-billed", response_items.what_was_billed_is_there),
)


def _rows(aspects: dict[str, str]) -> pytest.MarkDecorator:
    rows = [pytest.param(name, id=name, marks=covers(id_)) for name, id_ in aspects.items()]
    return pytest.mark.parametrize("aspect", rows)


@covers("item.type")
@for_each(*EVERY)
def test_every_item_has_a_type(family: str, record: Record, contract: Contract) -> None:
    """Types that nobody knows are fine, no type is not."""
    judge_answers(record, family, lambda body: response_items.item_has_its_shape(body, contract, "type"))


@covers("item.id")
@for_each(*EVERY)
def test_messages_and_thoughts_have_an_id(family: str, record: Record, contract: Contract) -> None:
    """Whatever the id looks like."""
    judge_answers(
        record,
        family,
        lambda body: response_items.item_has_its_shape(body, contract, "id", "message", "reasoning"),
        lambda body: body.of_type("message", "reasoning"),
    )


@_rows(MESSAGES)
@for_each(*SPEAKING)
def test_a_message_has_its_shape(aspect: str, family: str, record: Record, contract: Contract) -> None:
    """Role, content and status of every output message."""
    judge_answers(
        record,
        family,
        lambda body: response_items.item_has_its_shape(body, contract, aspect, "message"),
        lambda body: body.of_type("message"),
    )


@_rows(TEXTS)
@for_each(*SPEAKING)
def test_a_text_has_its_shape(aspect: str, family: str, record: Record, contract: Contract) -> None:
    """The text of every output_text part, and its annotations."""
    judge_answers(
        record,
        family,
        lambda body: response_items.part_has_its_shape(body, contract, aspect, "output_text"),
        lambda body: [part for _, part in body.parts if part.get("type") == "output_text"],
    )


@covers("part.refusal")
@for_each(*SPEAKING)
def test_a_refusal_is_in_words(family: str, record: Record, contract: Contract) -> None:
    """Judged where the model refused."""
    judge_answers(
        record,
        family,
        lambda body: response_items.part_has_its_shape(body, contract, "refusal", "refusal"),
        lambda body: [part for _, part in body.parts if part.get("type") == "refusal"],
    )


@covers("part.citation-range")
@for_each("text")
def test_a_citation_lies_in_its_text(family: str, record: Record) -> None:
    """Judged where there are annotations."""
    judge_answers(
        record,
        family,
        response_items.citations_lie_in_the_text,
        lambda body: [part for _, part in body.parts if part.get("annotations")],
    )


@_rows(CALLS)
@for_each(*CALLING, streamed=TOOL_CALL_STREAM)
def test_a_call_has_its_shape(aspect: str, family: str, record: Record, contract: Contract) -> None:
    """What a client needs to run the call and to answer it."""
    judge_answers(
        record,
        family,
        lambda body: response_items.item_has_its_shape(body, contract, aspect, "function_call"),
        _has_calls,
    )


@covers("call.id-unique")
@pytest.mark.parametrize(
    "family",
    [
        pytest.param("tools", id="tools", marks=[on(TWO_TOOL_CALLS, dead=True), needs(TOOL_CALL, dead=True)]),
        pytest.param(
            STREAMED,
            id=STREAMED,
            marks=[on(TWO_TOOL_CALLS_STREAM, dead=True), needs(TEXT_STREAM, dead=True)],
        ),
    ],
)
def test_calls_can_be_told_apart(family: str, record: Record) -> None:
    """Within one response."""
    judge_answers(record, family, response_items.call_ids_differ, _has_calls)


@covers("call.declared")
@for_each(*CALLING, streamed=TOOL_CALL_STREAM)
def test_a_call_is_of_a_declared_function(family: str, record: Record) -> None:
    """The request's tools are all that the model may call."""
    judge_answers(record, family, response_items.calls_are_declared, _has_calls)


@covers("call.arguments")
@needs(CUT_CALL, dead=True)
@for_each(*CALLING, streamed=TOOL_CALL_STREAM)
def test_arguments_are_the_json_of_an_object(family: str, record: Record) -> None:
    """A call that was cut short is left out."""
    judge_answers(record, family, response_items.arguments_are_objects, _has_calls)


@covers("call.cut-status")
@needs(CUT_CALL, dead=True)
@for_each(*CALLING)
def test_a_call_that_was_cut_does_not_say_completed(family: str, record: Record) -> None:
    """Judged where an answer with calls was cut short."""
    judge_answers(
        record,
        family,
        response_items.a_cut_call_says_so,
        lambda body: body.status == "incomplete" and _has_calls(body),
    )


@covers("reasoning.shape")
@for_each(*THINKING, streamed=REASONING_STREAM)
def test_a_reasoning_item_has_a_summary(family: str, record: Record, contract: Contract) -> None:
    """Whether there is a reasoning item at all is the provider's affair."""
    judge_answers(
        record,
        family,
        lambda body: response_items.item_has_its_shape(body, contract, "reasoning", "reasoning"),
        lambda body: body.of_type("reasoning"),
    )


@covers("item.call-status")
@for_each(*dict.fromkeys((*CALLING, *THINKING)), streamed=TOOL_CALL_STREAM)
def test_a_call_or_thought_has_a_known_status(family: str, record: Record, contract: Contract) -> None:
    """Judged where it has one."""
    judge_answers(
        record,
        family,
        lambda body: response_items.item_has_its_shape(
            body, contract, "call_status", "function_call", "reasoning"
        ),
        lambda body: body.of_type("function_call", "reasoning"),
    )


@pytest.mark.parametrize(
    "holds", [pytest.param(judge_, id=id_, marks=covers(id_)) for id_, judge_ in EVERYWHERE]
)
@for_each(*EVERY)
def test_the_items_fit_the_response(holds: Judge, family: str, record: Record) -> None:
    """Each rule is judged on every answer of the run, whatever it was asked for."""
    judge_answers(record, family, holds)


def _has_calls(body: Body) -> object:
    return body.of_type("function_call")
