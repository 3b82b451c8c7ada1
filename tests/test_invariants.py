"""What must hold inside a response and between responses: each rule seen to fail, and seen to be content."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.contract.contracts import SHIPPED, Contract
from conformance.contract.schemas import schema
from conformance.response import Body
from conformance.rules import (
    response_consistency,
    response_consistency_texts,
    response_consistency_times,
    response_fields,
    response_items,
    storage,
    usage,
)
from conformance.verdicts.verdict import Finding
from tests.made_answers import ASKED, CALL, RESPONSE, TEXT, THOUGHT, USAGE, answer, counted, varied

Judge = Callable[[Body], Iterable[Finding]]

RULES: tuple[Judge, ...] = (
    usage.total_is_the_sum,
    usage.sub_counts_are_parts,
    usage.text_costs_tokens,
    usage.a_prompt_costs_tokens,
    response_consistency_times.created_at_is_in_seconds,
    response_consistency_times.created_at_is_about_now,
    response_consistency_times.completed_after_created,
    response_consistency_times.completed_at_goes_with_completed,
    response_items.items_end_as_the_response_does,
    response_items.an_incomplete_item_ends_the_output,
    response_items.ids_differ,
    response_items.call_ids_differ,
    response_items.calls_are_declared,
    response_items.arguments_are_objects,
    response_items.a_completed_answer_has_output,
    response_items.what_was_billed_is_there,
    response_items.citations_lie_in_the_text,
    response_consistency.model_is_the_one_asked_for,
    response_consistency.a_foreground_answer_is_finished,
    response_consistency.incomplete_says_why,
    response_consistency.failed_says_why,
    response_consistency.what_was_cut_is_not_completed,
    storage.previous_is_echoed,
    response_consistency_texts.text_is_what_the_model_said,
    response_consistency.a_whole_answer_is_completed,
    response_consistency_texts.text_is_encoded_once,
)
SHAPES: tuple[Judge, ...] = tuple(
    partial(judge, contract=contract, aspect=aspect)
    for name, judge in (
        ("response", response_fields.response_has_its_shape),
        ("item", response_items.item_has_its_shape),
    )
    for contract in SHIPPED.values()
    for aspect in schema(name, contract)["$defs"]
) + tuple(
    lambda body, contract=contract, aspect=aspect: response_items.part_has_its_shape(
        body, contract, aspect, "output_text"
    )  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
    for contract in SHIPPED.values()
    for aspect in schema("part", contract)["$defs"]
)


def message(**keys: Any) -> dict[str, Any]:
    return {key: value for key, value in {**TEXT, **keys}.items() if value is not ...}


def saying(text: Any, **keys: Any) -> dict[str, Any]:
    return varied(output=[message(content=[{"type": "output_text", "text": text, **keys}])])


def calling(*calls: dict[str, Any], **keys: Any) -> dict[str, Any]:
    return varied(output=[{**CALL, **call} for call in calls], **keys)


CITED = {"type": "url_citation", "url": "http://x", "title": "x"}

BROKEN: list[tuple[Judge, dict[str, Any], str]] = [
    (usage.total_is_the_sum, counted(total_tokens=24), "$.usage.total_tokens"),
    (usage.total_is_the_sum, counted(total_tokens=0), "$.usage.total_tokens"),
    (
        usage.sub_counts_are_parts,
        counted(input_tokens_details={"cached_tokens": 9}),
        "$.usage.input_tokens_details.cached_tokens",
    ),
    (
        usage.sub_counts_are_parts,
        counted(output_tokens_details={"reasoning_tokens": -1}),
        "$.usage.output_tokens_details.reasoning_tokens",
    ),
    (usage.text_costs_tokens, counted(output_tokens=0, total_tokens=8), "$.usage.output_tokens"),
    (
        usage.text_costs_tokens,
        calling({}, usage={**USAGE, "output_tokens": 0}),
        "$.usage.output_tokens",
    ),
    (usage.a_prompt_costs_tokens, counted(input_tokens=0, total_tokens=15), "$.usage.input_tokens"),
    (response_consistency_times.created_at_is_in_seconds, varied(created_at=1773132155000), "$.created_at"),
    (response_consistency_times.created_at_is_in_seconds, varied(created_at=0), "$.created_at"),
    (
        response_consistency_times.created_at_is_about_now,
        varied(created_at=1773132155 - 3600),
        "$.created_at",
    ),
    (
        response_consistency_times.created_at_is_about_now,
        varied(created_at=1773132155 + 3600),
        "$.created_at",
    ),
    (response_consistency_times.completed_after_created, varied(completed_at=1773132154), "$.completed_at"),
    (
        response_consistency_times.completed_after_created,
        varied(completed_at=1773132156000),
        "$.completed_at",
    ),
    (
        response_consistency_times.completed_at_goes_with_completed,
        varied(completed_at=None),
        "$.completed_at",
    ),
    (
        response_consistency_times.completed_at_goes_with_completed,
        varied(status="incomplete"),
        "$.completed_at",
    ),
    (
        response_items.items_end_as_the_response_does,
        varied(output=[message(status="incomplete")]),
        "$.output[0].status",
    ),
    (response_items.items_end_as_the_response_does, calling({"status": "failed"}), "$.output[0].status"),
    (
        response_items.an_incomplete_item_ends_the_output,
        varied(status="incomplete", output=[message(status="incomplete"), message(id="msg_2")]),
        "$.output[0]",
    ),
    (response_items.ids_differ, varied(output=[TEXT, {**CALL, "id": "msg_1"}]), "$.output[1].id"),
    (response_items.call_ids_differ, calling({}, {"id": "fc_2"}), "$.output[1].call_id"),
    (response_items.calls_are_declared, calling({"name": "get_time"}), "$.output[0].name"),
    (response_items.arguments_are_objects, calling({"arguments": "city=Paris"}), "$.output[0].arguments"),
    (response_items.arguments_are_objects, calling({"arguments": '"{}"'}), "$.output[0].arguments"),
    (response_items.arguments_are_objects, calling({"arguments": ""}), "$.output[0].arguments"),
    (response_items.arguments_are_objects, calling({"arguments": '{"a":1,"a":2}'}), "$.output[0].arguments"),
    (response_items.a_completed_answer_has_output, varied(output=[]), "$.output"),
    (response_items.what_was_billed_is_there, saying(""), "$.output"),
    (response_items.what_was_billed_is_there, varied(output=[]), "$.output"),
    (
        response_items.citations_lie_in_the_text,
        saying("Hello", annotations=[{**CITED, "start_index": 2, "end_index": 6}]),
        "$.output[0].content[0].annotations[0]",
    ),
    (
        response_items.citations_lie_in_the_text,
        saying("Hello", annotations=[{**CITED, "start_index": 3, "end_index": 2}]),
        "$.output[0].content[0].annotations[0]",
    ),
    (response_consistency.model_is_the_one_asked_for, varied(model="gpt-4.1"), "$.model"),
    (response_consistency.model_is_the_one_asked_for, varied(model="gpt-5.2-mini-2025-12-11"), "$.model"),
    (response_consistency.model_is_the_one_asked_for, varied(model="gpt-5"), "$.model"),
    (response_consistency.a_foreground_answer_is_finished, varied(status="queued"), "$.status"),
    (response_consistency.incomplete_says_why, varied(status="incomplete"), "$.incomplete_details.reason"),
    (
        response_consistency.incomplete_says_why,
        varied(incomplete_details={"reason": "max_output_tokens"}),
        "$.incomplete_details",
    ),
    (response_consistency.failed_says_why, varied(status="failed"), "$.error"),
    (response_consistency.failed_says_why, varied(status="failed", error=...), "$.error"),
    (response_consistency.failed_says_why, varied(error={"code": "x", "message": "y"}), "$.error"),
    (storage.previous_is_echoed, varied(previous_response_id="resp_0"), "$.previous_response_id"),
]


@pytest.mark.parametrize(
    ("rule", "response", "where"),
    BROKEN,
    ids=[f"{rule.__name__}-{number}" for number, (rule, _, _) in enumerate(BROKEN)],
)
def test_a_broken_rule_is_seen_at_its_place(rule: Judge, response: dict[str, Any], where: str) -> None:
    assert [found.where for found in rule(answer(response))] == [where]


RIGHT: list[dict[str, Any]] = [
    RESPONSE,
    varied(completed_at=..., error=..., incomplete_details=...),
    varied(id="0190d0f2-3b6f-7cc1-b4c4-0e2f5a3f7d10", created_at=1773132155.0, x_vendor={"a": [1]}),
    varied(model="gpt-5.2-2025-12-11"),
    varied(model="openai/gpt-5.2"),
    varied(model="GPT-5.2"),
    counted(input_tokens_details=..., output_tokens_details=...),
    counted(input_tokens_details={"cached_tokens": 8, "cache_write_tokens": 3}),
    counted(input_tokens=8.0, prompt_tokens=8),
    varied(
        status="incomplete",
        completed_at=None,
        incomplete_details={"reason": "max_messages"},
        output=[THOUGHT, message(status="incomplete")],
    ),
    varied(status="incomplete", completed_at=..., incomplete_details={"reason": "x"}, output=[THOUGHT]),
    varied(
        status="failed",
        completed_at=None,
        output=[],
        usage=None,
        error={"code": "server_error", "message": "no"},
    ),
    varied(output=[{"type": "web_search_call", "id": "ws_1", "status": "failed"}, TEXT]),
    varied(output=[{"type": "acme:trace"}, TEXT]),
    varied(output=[message(), message(id="msg_2")]),
    varied(output=[message(content=[{"type": "refusal", "refusal": "No."}])]),
    varied(output=[message(content=[{"type": "acme_part"}, *TEXT["content"]])]),
    saying("Hello there", annotations=[{**CITED, "start_index": 0, "end_index": 11}], logprobs=[]),
    saying("Hi 👋🏽", annotations=[{**CITED, "start_index": 3, "end_index": 7}]),
    saying("Hello there", annotations=[{}]),
    saying('"Hello there"'),
    saying("I would rather not say that."),
    saying("Hello\u00a0there"),
    calling({}),
    varied(output=[{key: value for key, value in CALL.items() if key not in {"id", "status"}}]),
    calling({}, {"id": "fc_2", "call_id": "call_2"}),
    calling({"arguments": ' {"city": "Paris"} '}),
    calling(
        {"arguments": '{"ci', "status": "incomplete"},
        status="incomplete",
        completed_at=None,
        incomplete_details={"reason": "max_output_tokens"},
    ),
]


@pytest.mark.parametrize("response", RIGHT, ids=range(len(RIGHT)))
def test_another_right_answer_breaks_no_rule(response: dict[str, Any]) -> None:
    assert [found for rule in RULES for found in rule(answer(response))] == []


def test_rules_look_at_what_was_asked() -> None:
    many = {**ASKED, "n": 2}
    cut = message(status="incomplete")
    two = varied(status="incomplete", output=[cut, {**cut, "id": "msg_2"}])
    assert not list(response_items.an_incomplete_item_ends_the_output(answer(two, asked=many)))
    assert not list(
        response_consistency.a_foreground_answer_is_finished(
            answer(varied(status="queued"), asked={**ASKED, "background": True})
        )
    )
    assert not list(response_items.what_was_billed_is_there(answer(saying(""), asked={**ASKED, "stop": "H"})))
    assert not list(
        response_items.calls_are_declared(answer(calling({}), asked={**ASKED, "tools": [{"type": "mcp"}]}))
    )
    assert list(response_items.calls_are_declared(answer(calling({}), asked={"model": "m"})))


@pytest.mark.parametrize(("limit", "seen"), [(15, True), (14, True), (16, False), (None, False)])
def test_an_answer_that_used_up_its_limit_was_cut(limit: int | None, seen: bool) -> None:
    found = list(
        response_consistency.what_was_cut_is_not_completed(
            answer(asked={**ASKED, "max_output_tokens": limit})
        )
    )
    assert bool(found) is seen


@pytest.mark.parametrize(
    ("status", "rule"),
    [
        ("incomplete", response_consistency.incomplete_says_why),
        ("failed", response_consistency.failed_says_why),
    ],
)
def test_the_page_alone_has_no_word_for_what_went_wrong(status: str, rule: Judge) -> None:
    bare = varied(status=status, completed_at=..., error=..., incomplete_details=...)
    assert not list(rule(answer(bare)))
    assert list(rule(answer({**bare, "tools": []})))


def test_a_wrong_clock_on_this_side_does_no_harm() -> None:
    wrong = answer(started_at=1773132155.5 + 86400, headers=(("Date", "Tue, 10 Mar 2026 08:42:35 GMT"),))
    assert not list(response_consistency_times.created_at_is_about_now(wrong))
    assert list(response_consistency_times.created_at_is_about_now(answer(started_at=1773132155.5 + 86400)))
    assert list(
        response_consistency_times.created_at_is_about_now(
            answer(started_at=1.0, headers=(("Date", "yesterday"),))
        )
    )


def test_a_model_with_a_date_may_be_answered_by_its_short_name() -> None:
    asked = {**ASKED, "model": "gpt-5.2-2025-12-11"}
    assert not list(response_consistency.model_is_the_one_asked_for(answer(asked=asked)))
    assert list(
        response_consistency.model_is_the_one_asked_for(answer(asked={**ASKED, "model": "gpt-5.2-pro"}))
    )


def test_ids_are_compared_across_a_run() -> None:
    first, second = answer(scenario="one"), answer(varied(id="resp_2"), scenario="two")
    assert [f.scenario for f in response_consistency.item_ids_differ([first, second])] == ["two"]
    assert not list(response_consistency.response_ids_differ([first, second]))
    assert [f.actual for f in response_consistency.response_ids_differ([first, answer(scenario="two")])] == [
        "resp_1"
    ]


def test_calls_are_compared_across_a_run() -> None:
    first, second = answer(calling({})), answer(calling({}, id="resp_2"), scenario="two")
    assert [f.scenario for f in response_consistency.call_ids_differ([first, second])] == ["two"]
    again = answer(calling({}), scenario="told again")
    other = answer(calling({"call_id": "call_2"}, id="resp_3"))
    within = answer(calling({"call_id": "call_3"}, {"call_id": "call_3"}, id="resp_4"))
    assert not list(response_consistency.call_ids_differ([first, again, other, within]))


def prompt(words: str, **fields: Any) -> dict[str, Any]:
    return {"model": "gpt-5.2", "input": f"Reply with exactly: {words}", **fields}


def test_an_answer_that_belongs_to_another_request_is_seen() -> None:
    own = answer(saying("heron-2291"), asked=prompt("heron-2291"), scenario="one")
    swapped = answer(saying(" heron-2291"), asked=prompt("plover-6640"), scenario="two")
    recalled = answer(saying("heron-2291"), asked=prompt("that again", previous_response_id="resp_1"))
    told = answer(saying("heron-2291"), asked=prompt("plover, not heron-2291"))
    common = answer(saying("Hello there"), asked=prompt("Good day"))
    greeted = answer(saying("Hello there"), asked=prompt("Hello there"))
    everything = [own, swapped, recalled, told, common, greeted]
    assert [f.scenario for f in response_consistency.answers_belong_to_their_requests(everything)] == ["two"]


@pytest.mark.parametrize(
    ("words", "text", "seen"),
    [
        ("a < b", "a &lt; b", True),
        ('say "x"', 'say \\"x\\"', True),
        ("Grüße 👋🏽", "GrÃ¼Ã\x9fe ð\x9f\x91\x8bð\x9f\x8f½", True),
        ("Grüße", "Gr\\u00fc\\u00dfe", True),
        ("Grüße", "Gr??e", True),
        ("Grüße 👋🏽", "Gr\ufffd\ufffde ", True),
        ("42", "<think>\nThe user wants 42.\n</think>\n\n42", True),
        ('a "b" C:\\new', 'a \\"b\\" C:\\new', True),
        ('a "b" C:\\new', 'a \\"b\\" C:\\\\new', True),
        ('"C:\\new"', '"C:\new"', True),
        ("C:\\new", "C:/new", False),
        ("Grüße", "Grüße!", False),
        ("Grüße", "Gruesse", False),
        ("Grüße", '"Grüße"', False),
        ("cafe\u0301", "café", False),
        ("a < b", "a is less than b", False),
    ],
)
def test_damage_to_a_text_is_told_from_another_answer(words: str, text: str, seen: bool) -> None:
    found = list(
        response_consistency_texts.text_is_what_the_model_said(answer(saying(text), asked=prompt(words)))
    )
    assert bool(found) is seen


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("GrÃ¼ÃŸe", True),
        ("Gr\xc3\xbc\xc3\x9fe", True),
        ("It\u00e2\u20ac\u2122s here, don\u00e2\u20ac\u2122t go", True),
        ("schÃ¶n hÃ¶ren", True),
        ("👋🏽 こんにちは".encode().decode("latin-1"), True),
        ("привет".encode().decode("latin-1"), True),
        ("GrÃ¼ÃŸe, JOÃO", True),
        ("Where ü was read as Ã¼", False),
        ("Only one Ã¼", False),
        ("Ã¼ and Ã¶ for ü and ö", False),
        ("SÃO JOÃO, MANHÃ… IRMÃ…", False),
        ("Spaß\u00b9 und Fuß\u00b2", False),
        ("„Spaß“ und „Fuß“", False),
        ("à\u00a0«\u00a0liberté\u00a0» et égalité\u00a0»", False),
        ("CAFÉ™ CAFÉ™", False),
        ("Grüße 👋🏽 こんにちは", False),
    ],
)
def test_characters_taken_apart_are_told_from_those_that_were_meant(text: str, seen: bool) -> None:
    assert (
        bool(list(response_consistency_texts.text_is_encoded_once(answer(saying(text), asked=prompt("x")))))
        is seen
    )


def test_everything_that_a_model_words_is_looked_at() -> None:
    call = calling({"arguments": '{"city":"GrÃ¼ÃŸe"}'})
    refusal = varied(output=[message(content=[{"type": "refusal", "refusal": "GrÃ¼ÃŸe"}])])
    thought = varied(output=[{**THOUGHT, "summary": [{"type": "summary_text", "text": "GrÃ¼ÃŸe"}]}])
    wheres = [
        f.where
        for r in (call, refusal, thought)
        for f in response_consistency_texts.text_is_encoded_once(answer(r))
    ]
    assert wheres == ["$.output[0].arguments", "$.output[0].content[0]", "$.output[0].summary[0]"]
    assert not list(response_consistency_texts.text_is_encoded_once(answer(call, asked=prompt("GrÃ¼ÃŸe"))))


def test_a_cost_that_never_changes_is_seen() -> None:
    short, middle, long = (answer(saying("x" * length)) for length in (5, 20, 400))
    assert len(list(usage.output_tokens_vary([short, middle, long]))) == 1
    assert not list(usage.output_tokens_vary([short, short, middle]))
    assert not list(usage.output_tokens_vary([short, long]))
    costly = answer({**saying("x" * 400), "usage": {**USAGE, "output_tokens": 90}})
    assert not list(usage.output_tokens_vary([short, middle, costly]))


@pytest.mark.parametrize(
    ("status", "text", "limit", "seen"),
    [
        ("failed", "Hello there", None, True),
        ("incomplete", " Hello there\n", None, True),
        ("incomplete", "Hello", None, False),
        ("incomplete", "Hello there", 15, False),
        ("incomplete", "Hello there", 64, True),
        ("completed", "Hello there", None, False),
        ("in_progress", "Hello there", None, False),
    ],
)
def test_a_whole_answer_that_is_called_otherwise_is_seen(
    status: str, text: str, limit: int | None, seen: bool
) -> None:
    body = answer({**saying(text), "status": status}, asked=prompt("Hello there", max_output_tokens=limit))
    assert bool(list(response_consistency.a_whole_answer_is_completed(body))) is seen


def test_every_violation_of_a_body_is_shown() -> None:
    response = varied(
        id="",
        object="chat.completion",
        created_at="now",
        status="done",
        output=[message(role="user", content="Hi"), {**CALL, "arguments": {"city": "Paris"}}],
        usage={"input_tokens": 8, "output_tokens": -1, "total_tokens": 24},
    )
    body, contract = answer(response), Contract.ANYFAST
    found = [
        *(
            f
            for aspect in ("id", "object", "created_at", "status")
            for f in response_fields.response_has_its_shape(body, contract, aspect)
        ),
        *response_fields.response_has_its_shape(body, contract, "usage_counts"),
        *usage.total_is_the_sum(body),
        *response_items.item_has_its_shape(body, contract, "role", "message"),
        *response_items.item_has_its_shape(body, contract, "content", "message"),
        *response_items.item_has_its_shape(body, contract, "function_call", "function_call"),
    ]
    assert [f.where for f in found] == [
        "$.id",
        "$.object",
        "$.created_at",
        "$.status",
        "$.usage.output_tokens",
        "$.usage.total_tokens",
        "$.output[0].role",
        "$.output[0].content",
        "$.output[1].arguments",
    ]


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
likely = st.sampled_from(
    [
        "completed",
        "incomplete",
        "message",
        "function_call",
        "reasoning",
        "output_text",
        "url_citation",
        "assistant",
    ]
)
keys = st.sampled_from(
    sorted(
        {
            *RESPONSE,
            *USAGE,
            *TEXT,
            *CALL,
            *TEXT["content"][0],
            "cached_tokens",
            "reason",
            "start_index",
            "end_index",
        }
    )
)
values = st.recursive(
    scalars | likely,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=200)
@given(st.dictionaries(keys, values), st.none() | st.dictionaries(keys, values))
def test_whatever_comes_no_rule_raises(response: dict[str, Any], mixed: dict[str, Any] | None) -> None:
    whole = response if mixed is None else {**RESPONSE, **mixed}
    body = Body(whole, answer().exchange)
    for rule in (*RULES, *SHAPES):
        for found in rule(body):
            assert isinstance(found, Finding)
    list(usage.output_tokens_vary([body, body, answer()]))
    list(response_consistency.response_ids_differ([body, body]))
    list(response_consistency.item_ids_differ([body, body]))
    list(response_consistency.call_ids_differ([body, answer()]))
    list(response_consistency.not_every_answer_is_empty(response_consistency.completed_with_output([body])))
    response_consistency_texts.repeats_its_words(body)
    list(response_consistency.answers_belong_to_their_requests([body, body]))
