"""What the checks of echo, default and effect say of answers made by hand, in both directions."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.checks import test_honoured as honoured
from conformance.checks import test_structured_output as structured
from conformance.checks import test_tools as tools
from conformance.contract.boundaries import Marker
from conformance.contract.contracts import Contract
from conformance.exchange import Exchange
from conformance.response import Body
from conformance.rules.answer import echoes_what_was_sent, names_model, same_json, shows_the_default
from conformance.rules.effects import ignores_request
from conformance.scenarios.answers import LONG_TEXT, STOPPED, STRUCTURED, TEXT, TOOL_CALL, TRUNCATED
from conformance.scenarios.honoured import STOP_CONTROL, middle_word
from conformance.scenarios.input import LONG_INPUT
from conformance.scenarios.request_fields import CASES, MINIMAL, SCENARIOS, SHIPPED_FIELDS
from conformance.scenarios.scenario import Scenario
from conformance.scenarios.tools import TOOL_RESULT
from conformance.verdicts.judge import Absent, CannotJudge, Elsewhere, Inconclusive, Violation
from tests.exchanges import answer, call, error, exchange, recorded


def body(fields: dict[str, Any]) -> Body:
    return Body({**answer(), **fields}, exchange(TEXT))


def three(scenario: Scenario, *bodies: Mapping[str, Any]) -> tuple[Exchange, ...]:
    """The attempts of a scenario, one for each body; one body stands for all three."""
    given = bodies if len(bodies) > 1 else bodies * 3
    return tuple(exchange(scenario, found, attempt=n) for n, found in enumerate(given, 1))


def usage(taken: int = 8, given: int = 2) -> dict[str, int]:
    return {"input_tokens": taken, "output_tokens": given, "total_tokens": taken + given}


# temperature 0 that comes back as 1 is the fault that this is about: a zero dropped on the way.
@pytest.mark.parametrize(
    ("path", "sent", "how", "fields"),
    [
        ("temperature", 0, "equal", {"temperature": 0}),
        ("temperature", 0, "equal", {"temperature": 0.0}),
        ("temperature", 0, "equal", {}),
        ("temperature", 0.1, "equal", {"temperature": 0.10000000149011612}),
        ("reasoning.summary", "auto", "resolved", {"reasoning": {"summary": "detailed"}}),
        ("text.format", {"type": "text"}, "type", {"text": {"format": {"type": "text", "more": 1}}}),
        ("tools", [{"name": "f"}], "names", {"tools": [{"type": "function", "name": "f", "strict": True}]}),
        ("metadata", {"a": "b"}, "equal", {"metadata": {"a": "b"}}),
        (
            "tool_choice",
            {"type": "function", "name": "f"},
            "equal",
            {"tool_choice": {"type": "function", "name": "f"}},
        ),
    ],
)
def test_an_echo_that_agrees_or_is_left_out_conforms(
    path: str, sent: Any, how: str, fields: dict[str, Any]
) -> None:
    assert list(echoes_what_was_sent(body(fields), path, sent, how)) == []


@pytest.mark.parametrize(
    ("path", "sent", "how", "fields"),
    [
        ("temperature", 0, "equal", {"temperature": 1}),
        ("temperature", 0, "equal", {"temperature": None}),
        ("temperature", 0, "equal", {"temperature": "0"}),
        ("temperature", 0, "equal", {"temperature": False}),
        ("store", False, "equal", {"store": 0}),
        ("reasoning.effort", "low", "equal", {"reasoning": {"effort": "medium"}}),
        ("reasoning.summary", "concise", "resolved", {"reasoning": {"summary": "detailed"}}),
        ("text.format", {"type": "json_schema"}, "type", {"text": {"format": {"type": "text"}}}),
        ("tools", [{"name": "f"}], "names", {"tools": []}),
        ("tools", [{"name": "f"}], "names", {"tools": [{"name": "g"}]}),
        ("tool_choice", "required", "equal", {"tool_choice": "auto"}),
    ],
)
def test_an_echo_that_differs_or_is_null_is_a_finding(
    path: str, sent: Any, how: str, fields: dict[str, Any]
) -> None:
    assert [found.where for found in echoes_what_was_sent(body(fields), path, sent, how)] == [f"$.{path}"]


@pytest.mark.parametrize(
    ("fields", "count"), [({}, 0), ({"store": None}, 0), ({"store": True}, 0), ({"store": False}, 1)]
)
def test_a_default_may_be_left_out_or_null_but_not_another(fields: dict[str, Any], count: int) -> None:
    assert len(list(shows_the_default(body(fields), "store", True, "equal"))) == count


@pytest.mark.parametrize(
    ("answered", "asked", "same"),
    [
        ("gpt-5.2", "gpt-5.2", True),
        ("gpt-5.2-2025-12-11", "gpt-5.2", True),
        ("gpt-5.2", "openai/gpt-5.2", True),
        ("GPT-5.2", "gpt-5.2", True),
        ("gpt-5.2", "gpt-5.2-2025-12-11", True),
        ("gpt-5.2-latest", "gpt-5.2", True),
        ("gpt-5.2", "gpt-5.2-latest", True),
        ("gpt-4", "gpt-4-0613", True),
        ("gpt-5.2-mini", "gpt-5.2", False),
        ("gpt-5.2-mini-2025-12-11", "gpt-5.2", False),
        ("gpt-5.2", "gpt-5.2-pro", False),
        ("gpt-4", "gpt-4-1", False),
        ("gpt-5.2", "gpt-5", False),
        ("gpt-5", "gpt-5.2", False),
        ("gpt-4o", "gpt-5.2", False),
        ("", "gpt-5.2", False),
    ],
)
def test_a_dated_name_is_the_model_asked_for(answered: str, asked: str, same: bool) -> None:
    assert names_model(answered, asked) is same


def case_of(id_: str) -> Any:
    return next(case for case in CASES if case.id == id_)


LIMIT = "max_output_tokens=64-accepted"


@pytest.mark.parametrize(
    ("fields", "violates"),
    [
        ({"usage": usage(given=64)}, False),
        ({"usage": usage(given=65)}, True),
        ({"usage": usage(given=2), "text": "word " * 200}, True),
        ({"usage": None, "text": "word " * 20}, False),
        ({"usage": None, "text": "word " * 200}, True),
    ],
)
def test_more_output_than_the_limit_is_a_violation(fields: dict[str, Any], violates: bool) -> None:
    found = exchange(SCENARIOS[LIMIT], answer(**fields))
    if violates:
        with pytest.raises(Violation):
            honoured.test_output_stays_within_the_limit(case_of(LIMIT).value, found, recorded(found))
    else:
        honoured.test_output_stays_within_the_limit(case_of(LIMIT).value, found, recorded(found))


def test_a_refused_limit_leaves_nothing_to_honour() -> None:
    with pytest.raises(Absent):
        honoured.test_output_stays_within_the_limit(
            case_of(LIMIT).value, exchange(SCENARIOS[LIMIT], error(), 400), recorded()
        )


WHOLE = exchange(LONG_TEXT, answer(text="1, 2, 3, 4, 5, 6, 7", usage=usage(given=100)))
CUT: dict[str, Any] = {"text": "1, 2, 3", "usage": usage(given=16)}


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({**CUT, "status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}, None),
        ({**CUT, "status": "incomplete"}, None),
        ({**CUT, "status": "completed"}, Violation),
        ({**CUT, "status": "completed", "usage": None}, Violation),
        ({**CUT, "status": "incomplete", "incomplete_details": {"reason": "max_tokens"}}, Violation),
        ({"text": "No.", "usage": usage(given=2)}, Inconclusive),
    ],
)
def test_an_answer_cut_at_the_limit_is_incomplete(
    fields: dict[str, Any], outcome: type[Exception] | None
) -> None:
    found = exchange(TRUNCATED, answer(**fields))
    if outcome is None:
        honoured.test_answer_cut_at_the_limit_says_so(found, recorded(WHOLE))
    else:
        with pytest.raises(outcome):
            honoured.test_answer_cut_at_the_limit_says_so(found, recorded(WHOLE))


def test_a_model_with_no_more_to_say_shows_nothing_of_the_limit() -> None:
    short = exchange(LONG_TEXT, answer(text="No.", usage=usage(given=2)))
    with pytest.raises(Inconclusive):
        honoured.test_answer_cut_at_the_limit_says_so(exchange(TRUNCATED, answer(**CUT)), recorded(short))


SPOKEN = recorded(exchange(STOP_CONTROL, answer(text="ALPHA BRAVO CHARLIE DELTA")))
GIBBERISH = recorded(exchange(STOP_CONTROL, answer(text="xo xo xo")))


def test_text_that_ends_before_the_sequence_conforms() -> None:
    honoured.test_text_ends_before_the_stop_sequence(three(STOPPED, answer(text="ALPHA BRAVO ")), SPOKEN)


@pytest.mark.parametrize(
    "text", ["ALPHA BRAVO CHARLIE DELTA", "ALPHA BRAVO CHARLIE", "ALPHA BRAVO  DELTA", ""]
)
def test_text_that_runs_on_or_is_lost_is_a_violation_in_three_of_three(text: str) -> None:
    with pytest.raises(Violation):
        honoured.test_text_ends_before_the_stop_sequence(three(STOPPED, answer(text=text)), SPOKEN)
    with pytest.raises(CannotJudge):
        honoured.test_text_ends_before_the_stop_sequence(three(STOPPED, answer(text=text))[:1], SPOKEN)
    once = three(STOPPED, answer(text=text), answer(text="ALPHA BRAVO"))
    honoured.test_text_ends_before_the_stop_sequence(once, SPOKEN)


def test_a_sequence_in_the_text_needs_no_control() -> None:
    with pytest.raises(Violation):
        honoured.test_text_ends_before_the_stop_sequence(
            three(STOPPED, answer(text="a CHARLIE b")), GIBBERISH
        )


def test_a_model_that_does_not_say_the_words_is_inconclusive() -> None:
    with pytest.raises(Inconclusive, match="xo xo xo"):
        honoured.test_text_ends_before_the_stop_sequence(three(STOPPED, answer(text="xo")), GIBBERISH)


@pytest.mark.parametrize(
    ("text", "word"),
    [("a bb ccc dddd eeee", "dddd"), ("abc def\ufffd ghi\x16j klm", "klm"), ("a b", ""), ("", "")],
)
def test_a_word_of_the_models_own_comes_from_the_middle(text: str, word: str) -> None:
    assert middle_word(text) == word


GOOD = '{"name": "Ada", "age": 3, "mood": "calm", "pets": [{"kind": "cat"}]}'


@pytest.mark.parametrize(
    "text",
    [
        "Sure! Here is a person.",
        "",
        GOOD.replace("calm", "grim"),
        GOOD.replace('"cat"', "1"),
        GOOD.replace('"age": 3, ', ""),
        f"```json\n{GOOD}\n```",
        f'{GOOD[:-1]}, "more": 1}}',
    ],
)
def test_a_text_that_does_not_fit_the_schema_is_a_violation(text: str) -> None:
    structured.test_text_is_json_by_the_schema_that_was_sent(three(STRUCTURED, answer(text=GOOD)))
    with pytest.raises(Violation):
        structured.test_text_is_json_by_the_schema_that_was_sent(three(STRUCTURED, answer(text=text)))


def test_a_cut_or_declined_answer_need_not_be_json() -> None:
    declined = {"type": "message", "role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}
    for found in (answer(text='{"name', status="incomplete"), answer(declined)):
        with pytest.raises(Inconclusive):
            structured.test_text_is_json_by_the_schema_that_was_sent(three(STRUCTURED, found))


def test_a_json_object_is_one() -> None:
    scenario = SCENARIOS["text.format=json_object-conflict"]
    structured.test_text_is_a_json_object(three(scenario, answer(text='{"x": 1}')))
    for text in ("[1]", "x is 1"):
        with pytest.raises(Violation):
            structured.test_text_is_a_json_object(three(scenario, answer(text=text)))


PARIS = '{"city": "Paris"}'
CHOICES = [
    (tools.NONE, answer(text="No."), answer(call("get_weather", PARIS))),
    (tools.REQUIRED, answer(call("get_weather", PARIS)), answer(text="No.")),
    (tools.NAMED, answer(call("get_time", PARIS)), answer(text="No.")),
    (tools.NAMED, answer(call("get_time", PARIS)), answer(call("get_weather", PARIS))),
    (TOOL_CALL, answer(call("get_weather", PARIS)), answer(text="No.")),
]


@pytest.mark.parametrize(("scenario", "good", "bad"), CHOICES)
def test_calls_follow_the_choice(scenario: Scenario, good: dict[str, Any], bad: dict[str, Any]) -> None:
    tools.test_tool_choice_decides_about_calls(three(scenario, good))
    with pytest.raises(Violation):
        tools.test_tool_choice_decides_about_calls(three(scenario, bad))
    assert ignores_request(exchange(scenario, bad))
    assert not ignores_request(exchange(scenario, good))


def test_a_call_that_was_cut_off_may_be_missing() -> None:
    with pytest.raises(Inconclusive):
        tools.test_tool_choice_decides_about_calls(
            three(tools.REQUIRED, answer(text="", status="incomplete"))
        )


def test_arguments_have_to_fit_a_strict_function() -> None:
    check = tools.test_arguments_fit_the_declared_parameters
    check(three(TOOL_CALL, answer(call("get_weather", PARIS))))
    for arguments in ("{}", '{"city": 1}', '{"city": "Paris", "unit": "C"}'):
        with pytest.raises(Violation):
            check(three(TOOL_CALL, answer(call("get_weather", arguments))))
    with pytest.raises(Inconclusive):
        check(three(TOOL_CALL, answer(text="No.")))


def test_two_calls_at_once_where_parallel_calls_are_off_are_a_violation() -> None:
    check = tools.test_one_call_at_a_time_where_parallel_calls_are_off
    check(three(tools.ONE_AT_A_TIME, answer(call("get_weather", PARIS))))
    with pytest.raises(Violation):
        check(three(tools.ONE_AT_A_TIME, answer(call("get_weather"), call("get_weather"))))


@pytest.mark.parametrize(
    ("text", "taken", "outcome"),
    [("It is 47 degrees.", 8, None), ("It is warm.", 40, Inconclusive), ("It is warm.", 20, Violation)],
)
def test_a_result_is_used_or_at_least_read(text: str, taken: int, outcome: type[Exception] | None) -> None:
    counted = exchange(TEXT, answer(usage=usage(8))), exchange(LONG_INPUT, answer(usage=usage(400)))
    before = recorded(*counted, exchange(TOOL_CALL, answer(call("get_weather", PARIS), usage=usage(20))))
    found = exchange(TOOL_RESULT, answer(text=text, usage=usage(taken)))
    if outcome is None:
        tools.test_result_of_a_tool_reaches_the_model(found, before, print)
    else:
        with pytest.raises(outcome):
            tools.test_result_of_a_tool_reaches_the_model(found, before, print)


def test_the_way_an_answer_comes_follows_stream() -> None:
    check = honoured.test_stream_chooses_how_the_answer_comes
    streamed = exchange(SCENARIOS["stream=true-accepted"], b"data: {}\n\n", media_type="text/event-stream")
    unasked = exchange(MINIMAL, b"data: {}\n\n", media_type="text/event-stream")
    plain = recorded(exchange(TEXT))
    check(streamed, True, plain)
    check(exchange(MINIMAL), False, plain)
    with pytest.raises(Violation):
        check(streamed, False, plain)
    with pytest.raises(Violation):
        check(unasked, False, plain)
    with pytest.raises(Violation):
        check(exchange(MINIMAL), True, plain)
    with pytest.raises(Elsewhere, match=r"stream\.default-is-json"):
        check(unasked, False, recorded(exchange(TEXT, b"data: {}\n\n", media_type="text/event-stream")))


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (answer({"type": "message"}, {"type": "message"}), "honoured: 2"),
        (answer(text="one"), "ignored: 1"),
    ],
)
def test_the_report_says_what_became_of_two_choices(found: dict[str, Any], words: str) -> None:
    noted: list[str] = []
    scenario = SCENARIOS["n=2-conflict"]
    honoured.test_two_choices_are_honoured_refused_or_ignored(exchange(scenario, found), noted.append)
    assert words in noted[0]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(["output", "usage", "status", "temperature", "text", "tools", "reasoning", "model"])
SENT = [case for case in CASES if case.id in SCENARIOS and case.aspect == "accepted"]


@settings(deadline=None)  # the machine may be busy with other things
@given(
    fields=st.dictionaries(KEYS, anything), output=st.lists(anything, max_size=3), case=st.sampled_from(SENT)
)
def test_no_answer_makes_a_check_break(fields: dict[str, Any], output: list[Any], case: Any) -> None:
    """Whatever a server sends becomes a verdict, never a fault of the suite."""
    scenario = SCENARIOS[case.id]
    found = exchange(scenario, {**answer(), **fields, "output": output})
    checks: list[Callable[[], object]] = [
        lambda: ignores_request(found),
    ]
    if case.path in SHIPPED_FIELDS.echoes and not isinstance(case.value, Marker):
        contract = Contract.ANYFAST
        checks.append(lambda: honoured.test_response_repeats_what_was_sent(case, found, contract, print))
    for check in checks:
        with suppress(Violation, CannotJudge, Inconclusive, Absent):
            check()


@settings(deadline=None)  # the machine may be busy with other things
@given(value=anything)
def test_a_value_is_the_same_as_itself(value: Any) -> None:
    if value == value:  # NaN is not
        assert same_json(value, value) or "nan" in repr(value)
