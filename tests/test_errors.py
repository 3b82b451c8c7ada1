"""Refusals: how they are worded, what names a parameter, and which statuses are right."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.checks import test_authorization as authorization
from conformance.checks import test_errors as checks
from conformance.checks.support.outcomes import answered
from conformance.checks.support.refusals import refusals_of
from conformance.contract.area import Area
from conformance.exchange import Attempt, Exchange
from conformance.rules import errors
from conformance.run.record import Record
from conformance.scenarios import errors as broken
from conformance.scenarios.answers import TEXT
from conformance.scenarios.authorization import (
    NO_TOKEN,
    RAW_TOKEN,
    UNAUTHORIZED,
    WRONG_TOKEN,
    WRONG_TOKEN_AND_BODY,
)
from conformance.scenarios.scenario import Scenario
from conformance.verdicts.judge import Absent, CannotJudge, Elsewhere, Violation
from conformance.verdicts.verdict import Finding
from tests.made_answers import exchange, record

FULL = {
    "message": "'temperature' must be at most 2.",
    "type": "invalid_request_error",
    "code": "decimal_above_max_value",
    "param": "temperature",
}
Judge = Callable[[Exchange], Iterable[Finding]]
WORDING: tuple[Judge, ...] = (
    errors.refusal_has_an_envelope,
    errors.content_type_is_json,
    errors.bytes_are_strict_json,
    errors.type_is_a_string,
    errors.code_and_param_are_there,
    errors.message_exposes_nothing,
)


def refused(error: Any = FULL, status: int = 400, **rest: Any) -> Exchange:
    return exchange({"error": error}, status=status, **rest)


def without(*keys: str) -> dict[str, Any]:
    return {key: value for key, value in FULL.items() if key not in keys}


@pytest.mark.parametrize(
    "right",
    [
        refused(),
        refused({**FULL, "code": None, "param": None}),
        refused({**FULL, "inner": {"a": 1}}),
        refused(content_type="application/json; charset=utf-8"),
        refused(content_type="application/problem+json"),
        refused(status=422),
        refused(without("param"), status=401),
        exchange({"error": FULL, "request_id": "r"}, status=404),
    ],
)
def test_a_proper_refusal_is_not_complained_about(right: Exchange) -> None:
    assert [finding for judge in WORDING for finding in judge(right)] == []


@pytest.mark.parametrize(
    ("judge", "wrong", "where"),
    [
        (errors.refusal_has_an_envelope, exchange(b"", status=400), "$"),
        (errors.refusal_has_an_envelope, exchange(b"<html>Bad Request</html>", status=400), "$"),
        (errors.refusal_has_an_envelope, exchange([FULL], status=400), "$"),
        (errors.refusal_has_an_envelope, exchange({"detail": "Not Found"}, status=404), "$.error"),
        (errors.refusal_has_an_envelope, refused("no"), "$.error"),
        (errors.refusal_has_an_envelope, refused(None), "$.error"),
        (errors.refusal_has_an_envelope, refused(without("message")), "$.error.message"),
        (errors.refusal_has_an_envelope, refused({**FULL, "message": " "}), "$.error.message"),
        (errors.refusal_has_an_envelope, refused({**FULL, "message": ["no"]}), "$.error.message"),
        (errors.content_type_is_json, refused(content_type="text/html"), "Content-Type"),
        (errors.content_type_is_json, refused(content_type=None), "Content-Type"),
        (
            errors.bytes_are_strict_json,
            exchange(b'{"error":{"message":"a","message":"b"}}', status=400),
            "body",
        ),
        (errors.type_is_a_string, refused(without("type")), "$.error.type"),
        (errors.type_is_a_string, refused({**FULL, "type": 400}), "$.error.type"),
        (errors.code_and_param_are_there, refused(without("code")), "$.error.code"),
        (errors.code_and_param_are_there, refused(without("param")), "$.error.param"),
        (errors.code_and_param_are_there, refused({**FULL, "code": 400}), "$.error.code"),
        (
            errors.message_exposes_nothing,
            refused({**FULL, "message": "Traceback (most recent call last):\n  File"}),
            "$.error.message",
        ),
        (errors.message_exposes_nothing, refused({**FULL, "message": "<html><body>502"}), "$.error.message"),
    ],
)
def test_each_fault_of_the_wording_is_seen(judge: Judge, wrong: Exchange, where: str) -> None:
    assert [finding.where for finding in judge(wrong)] == [where]


def test_every_fault_of_one_refusal_is_seen() -> None:
    wrong = refused({"message": "", "code": 7}, content_type="text/plain")
    found = [finding.where for judge in WORDING for finding in judge(wrong)]
    assert found == ["$.error.message", "Content-Type", "$.error.type", "$.error.code", "$.error.param"]


@pytest.mark.parametrize(
    ("param", "field", "named"),
    [
        ("temperature", "temperature", True),
        ("text.format.type", "text.format", True),
        ("text", "text.format.type", True),
        ("input[0].content", "input", True),
        ("input", "input[0].role", True),
        ("tools[0][name]", "tools", True),
        ("/reasoning/effort", "reasoning.effort", True),
        ("$.reasoning.effort", "reasoning.effort", True),
        ("body.n", "n", True),
        ("top_p", "temperature", False),
        ("temp", "temperature", False),
        ("temperature_max", "temperature", False),
        ("", "n", False),
        (None, "n", False),
        (["n"], "n", False),
    ],
)
def test_a_parameter_is_named_by_its_path(param: Any, field: str, named: bool) -> None:
    assert errors.names_param(refused({**FULL, "param": param}), field) is named


def test_no_error_names_no_parameter() -> None:
    assert not errors.names_param(exchange(b"no", status=400), "n")
    assert not errors.names_param(refused("temperature"), "temperature")


RUN = record(
    (TEXT, exchange(scenario="text", started_at=2000.0)),
    (NO_TOKEN, refused(status=401, scenario=NO_TOKEN.name)),
    (broken.MALFORMED, exchange(b"no", status=400, scenario=broken.MALFORMED.name)),
    (broken.GET_COLLECTION, exchange(b"", status=405, scenario=broken.GET_COLLECTION.name, method="GET")),
    (
        broken.UNKNOWN_PATH,
        refused(status=404, scenario=broken.UNKNOWN_PATH.name, url="http://127.0.0.1/v1/no-such-path"),
    ),
    (broken.UNKNOWN_MODEL, refused(status=404, scenario=broken.UNKNOWN_MODEL.name)),
)


@pytest.mark.parametrize(
    ("area", "elsewhere", "names"),
    [
        ("authorization", False, [NO_TOKEN.name]),
        ("errors", False, [broken.MALFORMED.name]),
        ("errors", True, [broken.GET_COLLECTION.name, broken.UNKNOWN_PATH.name]),
        ("request_fields", False, [broken.UNKNOWN_MODEL.name]),
        ("storage", True, []),
    ],
)
def test_refusals_are_gathered_by_area_and_endpoint(area: Area, elsewhere: bool, names: list[str]) -> None:
    found = refusals_of(RUN, area, broken.MALFORMED, elsewhere=elsewhere)
    assert [seen.scenario for seen in found] == names


def test_a_row_names_the_refusal_that_is_wrong() -> None:
    with pytest.raises(Violation) as raised:
        checks.test_a_refusal_is_worded_as_an_error(
            errors.refusal_has_an_envelope, "errors", broken.MALFORMED, RUN
        )
    assert [finding.scenario for finding in raised.value.findings] == [broken.MALFORMED.name]
    with pytest.raises(Violation, match="get-collection"):
        checks.test_refusals_elsewhere_are_worded_alike(RUN)
    with pytest.raises(Absent):
        checks.test_a_refusal_is_worded_as_an_error(
            errors.refusal_has_an_envelope, "storage", broken.MALFORMED, RUN
        )


def unauthorized(status: int, scenario: Scenario = NO_TOKEN, *, others: int = 401) -> Record:
    told = {one: refused(status=others, scenario=one.name) for one in UNAUTHORIZED}
    told[scenario] = refused(status=status, scenario=scenario.name)
    return record((TEXT, exchange()), *told.items())


@pytest.mark.parametrize("status", [200, 400, 403, 404])
def test_only_401_tells_that_the_key_is_wrong(status: int) -> None:
    with pytest.raises(Violation, match="HTTP 401"):
        authorization.test_without_the_right_key_the_answer_is_401(NO_TOKEN, unauthorized(status))


def test_401_is_right_without_a_key() -> None:
    authorization.test_without_the_right_key_the_answer_is_401(NO_TOKEN, unauthorized(401))


@pytest.mark.parametrize("scenario", UNAUTHORIZED, ids=lambda scenario: scenario.name)
def test_one_wrong_way_in_is_red_where_it_stands(scenario: Scenario) -> None:
    with pytest.raises(Violation, match="expected HTTP 401"):
        authorization.test_without_the_right_key_the_answer_is_401(scenario, unauthorized(200, scenario))


def test_that_nobody_needs_a_key_is_told_once() -> None:
    free = unauthorized(200, others=200)
    with pytest.raises(Violation, match=r"authorization = false under \[capabilities\]"):
        authorization.test_without_the_right_key_the_answer_is_401(NO_TOKEN, free)
    for scenario in UNAUTHORIZED[1:]:
        with pytest.raises(Elsewhere, match=r"authorization\.missing"):
            authorization.test_without_the_right_key_the_answer_is_401(scenario, free)
    with pytest.raises(Elsewhere, match=r"authorization\.wrong"):
        authorization.test_authorization_is_judged_before_the_body(WRONG_TOKEN_AND_BODY, free)
    with pytest.raises(Elsewhere, match=r"authorization\.missing"):
        authorization.test_the_schemes_case_does_not_matter(exchange(), free)


def test_a_key_in_any_answer_is_seen() -> None:
    leaking = exchange(scenario=WRONG_TOKEN.name, status=401)
    object.__setattr__(leaking, "leaks", 2)
    with pytest.raises(Violation, match="2 times"):
        authorization.test_no_answer_repeats_the_key(record((WRONG_TOKEN, leaking)))
    authorization.test_no_answer_repeats_the_key(RUN)


def test_odd_ways_to_authorize_are_judged_by_their_status() -> None:
    authorization.test_the_schemes_case_does_not_matter(exchange(), RUN)
    with pytest.raises(Violation):
        authorization.test_the_schemes_case_does_not_matter(refused(status=401), RUN)
    authorization.test_the_key_without_a_scheme_is_refused(refused(status=401))
    with pytest.raises(Violation):
        authorization.test_the_key_without_a_scheme_is_refused(exchange(scenario=RAW_TOKEN.name))
    authorization.test_a_401_tells_how_to_authorize(
        refused(status=401, headers=(("WWW-Authenticate", "Bearer"),))
    )
    with pytest.raises(Violation):
        authorization.test_a_401_tells_how_to_authorize(refused(status=401))


def posted(scenario: Scenario, status: int, **rest: Any) -> Record:
    seen = refused(status=status, scenario=scenario.name, started_at=1000.0, **rest)
    return record((TEXT, exchange(started_at=2000.0)), (scenario, seen))


@pytest.mark.parametrize("status", [400, 422, 415, 413])
def test_an_unreadable_body_may_be_refused_with_any_of_these(status: int) -> None:
    seen = posted(broken.CUT_BODY, status)
    checks.test_what_is_no_json_request_is_refused(broken.CUT_BODY, seen)
    checks.test_an_unreadable_body_is_a_bad_request(broken.CUT_BODY, seen)


def test_an_unreadable_body_that_is_answered_or_breaks_the_server_is_seen() -> None:
    with pytest.raises(Violation):
        checks.test_what_is_no_json_request_is_refused(broken.NAN, posted(broken.NAN, 200))
    with pytest.raises(Absent, match=r"error\.no-server-error"):
        checks.test_what_is_no_json_request_is_refused(broken.NAN, posted(broken.NAN, 500))
    with pytest.raises(Violation):
        checks.test_nothing_that_a_client_gets_wrong_fails_the_server(posted(broken.NAN, 500))
    checks.test_nothing_that_a_client_gets_wrong_fails_the_server(posted(broken.NAN, 400))
    with pytest.raises(Violation, match="HTTP 400"):
        checks.test_an_unreadable_body_is_a_bad_request(broken.NAN, posted(broken.NAN, 404))


def test_an_overloaded_server_is_no_violation_unless_the_request_overloads_it() -> None:
    now_and_then = posted(broken.NAN, 503)
    with pytest.raises(CannotJudge):
        answered(now_and_then, broken.NAN)
    always = posted(broken.NAN, 503)
    object.__setattr__(always.outcomes[broken.NAN.name], "retries", (Attempt(503, None, 0.1),) * 3)
    assert answered(always, broken.NAN).status == 503


def test_methods_and_paths_are_judged_by_their_status() -> None:
    for status in (404, 405):
        checks.test_other_methods_are_refused(broken.PUT_COLLECTION, posted(broken.PUT_COLLECTION, status))
    with pytest.raises(Violation):
        checks.test_other_methods_are_refused(broken.PUT_COLLECTION, posted(broken.PUT_COLLECTION, 200))
    checks.test_a_405_lists_the_methods(refused(status=405, headers=(("Allow", "OPTIONS, post"),)))
    with pytest.raises(Violation):
        checks.test_a_405_lists_the_methods(refused(status=405))
    with pytest.raises(Absent):
        checks.test_a_405_lists_the_methods(refused(status=404))
    checks.test_an_unknown_path_is_not_found(broken.UNKNOWN_PATH, posted(broken.UNKNOWN_PATH, 404))
    with pytest.raises(Violation):
        checks.test_an_unknown_path_is_not_found(broken.UNKNOWN_PATH, posted(broken.UNKNOWN_PATH, 200))
    for status in (400, 404, 422):
        seen = posted(broken.UNKNOWN_MODEL, status)
        checks.test_an_unknown_model_is_a_bad_request_or_not_found(broken.UNKNOWN_MODEL, seen)
    seen = posted(broken.UNKNOWN_MODEL, 409)
    with pytest.raises(Violation):
        checks.test_an_unknown_model_is_a_bad_request_or_not_found(broken.UNKNOWN_MODEL, seen)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "message", "type", "code", "param", "usage"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=50) | values)
def test_whatever_a_refusal_is_no_judge_raises(body: Any) -> None:
    seen = exchange(body, status=400)
    for judge in WORDING:
        assert all(isinstance(finding, Finding) for finding in judge(seen))
    assert errors.names_param(seen, "temperature") in {True, False}
