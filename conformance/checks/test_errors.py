"""Refusals: how they are worded, and that what is no request is refused."""

from collections.abc import Callable, Iterable, Iterator

import pytest

from conformance.checks.support.marks import covers, needs, on, without_fault
from conformance.checks.support.outcomes import OWN_AREAS, answered, refused_or_answered, server_errors
from conformance.checks.support.refusals import REST, refusals_of
from conformance.contract.area import Area
from conformance.exchange import Exchange
from conformance.rules import errors
from conformance.rules.refusals import judge_refusals, status_is_one_of
from conformance.run.record import Record
from conformance.scenarios.answers import TEXT, TRUNCATED
from conformance.scenarios.authorization import NO_TOKEN
from conformance.scenarios.errors import (
    ARRAY,
    CHARSET,
    CUT_BODY,
    EMPTY_BODY,
    FORM,
    GET_COLLECTION,
    HALF_A_PAIR,
    INVALID_UTF8,
    MALFORMED,
    NAN,
    NUL,
    PUT_COLLECTION,
    STRING,
    TEXT_PLAIN,
    UNKNOWN_MODEL,
    UNKNOWN_PATH,
    UNREADABLE,
)
from conformance.scenarios.scenario import Scenario
from conformance.shown import shown
from conformance.verdicts.judge import Absent, Elsewhere, judge
from conformance.verdicts.verdict import Finding

Judge = Callable[[Exchange], Iterable[Finding]]


def _usage(exchange: Exchange) -> Iterator[Finding]:
    body = exchange.json.value
    if isinstance(body, dict) and body.get("usage"):
        yield Finding("no usage in a refusal", shown(body["usage"]), "$.usage")


WORDING: tuple[tuple[str, Judge], ...] = (
    ("error.envelope", errors.refusal_has_an_envelope),
    ("error.content-type", errors.content_type_is_json),
    ("error.strict-json", errors.bytes_are_strict_json),
    ("error.type", errors.type_is_a_string),
    ("error.code-and-param", errors.code_and_param_are_there),
    ("error.nothing-exposed", errors.message_exposes_nothing),
    ("error.bills-nothing", _usage),
)
INSIDE = (errors.type_is_a_string, errors.code_and_param_are_there, errors.message_exposes_nothing)
"""What is judged of the error object alone."""

AS_JSON = (errors.content_type_is_json, errors.bytes_are_strict_json)
"""What is judged of a refusal that is JSON."""

AREAS: tuple[tuple[str, Area, Scenario], ...] = (
    ("fields", REST, UNKNOWN_MODEL),
    ("authorization", "authorization", NO_TOKEN),
    ("errors", "errors", MALFORMED),
)
"""The name of each row, the area whose refusals it judges, and a scenario of it."""


@pytest.mark.parametrize(
    "findings", [pytest.param(judge_, id=id_, marks=covers(id_)) for id_, judge_ in WORDING]
)
@pytest.mark.parametrize(
    ("area", "base"),
    [pytest.param(area, base, id=name, marks=on(base, dead=True)) for name, area, base in AREAS],
)
def test_a_refusal_is_worded_as_an_error(findings: Judge, area: Area, base: Scenario, record: Record) -> None:
    """Every refused request of the run, in one row for each area."""
    refused = refusals_of(record, area, base)
    if findings in INSIDE and refused and not any(map(errors.error_of, refused)):
        raise Elsewhere("no refusal has an error object, which error.envelope judges")
    if findings in AS_JSON and refused and not any(exchange.json.readable for exchange in refused):
        raise Elsewhere("no refusal is JSON, which error.envelope judges")
    judge(judge_refusals(refused, findings))


@covers("error.envelope-elsewhere")
@needs(UNKNOWN_PATH, GET_COLLECTION, PUT_COLLECTION, MALFORMED, dead=True)
def test_refusals_elsewhere_are_worded_alike(record: Record) -> None:
    """Unknown paths, other methods, and the endpoints around stored responses."""
    found = [
        exchange
        for area in (*OWN_AREAS, REST)
        for exchange in refusals_of(record, area, MALFORMED, elsewhere=True)
    ]
    judge(judge_refusals(found, errors.refusal_has_an_envelope))


NOT_IMPLEMENTED = 501

WRONG = (
    *UNREADABLE,
    INVALID_UTF8,
    NUL,
    HALF_A_PAIR,
    TEXT_PLAIN,
    FORM,
    GET_COLLECTION,
    PUT_COLLECTION,
    UNKNOWN_PATH,
    NO_TOKEN,
)


@covers("error.no-server-error")
@needs(*WRONG, dead=True)
def test_nothing_that_a_client_gets_wrong_fails_the_server(record: Record) -> None:
    """Values of fields have a requirement of their own, and so has what must be answered."""
    judge(
        Finding("a status below 500", f"HTTP {exchange.status}", "status", exchange.scenario)
        for exchange in server_errors(record)
        if _may_be_refused(record.plan[exchange.performance.scenario], exchange)
    )
    for scenario in WRONG:
        if scenario.name in record.outcomes:
            answered(record, scenario)


def _may_be_refused(scenario: Scenario, exchange: Exchange) -> bool:
    """Whether a 5xx stands where 4xx could; 501 says of an optional endpoint that it is not there."""
    absent = scenario.area == "storage" and exchange.status == NOT_IMPLEMENTED
    return scenario.area in OWN_AREAS and scenario.expects != "answer" and not absent


REFUSED = (
    ("error.malformed-json", MALFORMED),
    ("error.cut-json", CUT_BODY),
    ("error.empty-body", EMPTY_BODY),
    ("error.non-object-body", ARRAY),
    ("error.non-object-body", STRING),
    ("error.nan", NAN),
    ("error.invalid-utf-8", INVALID_UTF8),
    ("error.text-plain", TEXT_PLAIN),
    ("error.form", FORM),
)


@pytest.mark.parametrize(
    "refused",
    [
        pytest.param(
            scenario, id=scenario.name, marks=[covers(id_), on(scenario, dead=True), without_fault(TEXT)]
        )
        for id_, scenario in REFUSED
    ],
)
def test_what_is_no_json_request_is_refused(refused: Scenario, record: Record) -> None:
    """4xx, whichever."""
    judge(status_is_one_of(refused_or_answered(record, refused), "HTTP 4xx"))


@covers("error.unreadable-status")
@on(*UNREADABLE, dead=True)
@without_fault(TEXT)
def test_an_unreadable_body_is_a_bad_request(scenario: Scenario, record: Record) -> None:
    """400, or 422 as some frameworks have it; 415 where the empty body has no type to speak of."""
    exchange = answered(record, scenario)
    if exchange.status is None or not 400 <= exchange.status < 500:
        raise Elsewhere("not refused, which another requirement judges")
    judge(status_is_one_of(exchange, "HTTP 400", 400, 411, 413, 415, 422))


@covers("error.charset-accepted")
@on(CHARSET)
def test_a_charset_parameter_is_accepted(exchange: Exchange) -> None:
    """`application/json; charset=utf-8` is `application/json`."""
    judge(status_is_one_of(exchange, "HTTP 200", 200))


@covers("error.method")
@on(GET_COLLECTION, PUT_COLLECTION, dead=True)
@without_fault(TEXT)
def test_other_methods_are_refused(scenario: Scenario, record: Record) -> None:
    """The collection takes POST only."""
    judge(status_is_one_of(refused_or_answered(record, scenario), "HTTP 405 (or 404)", 404, 405))


@covers("error.allow")
@on(GET_COLLECTION, PUT_COLLECTION)
@without_fault(TEXT)
def test_a_405_lists_the_methods(exchange: Exchange) -> None:
    """Judged where the answer is 405."""
    if exchange.status != 405:
        raise Absent(f"the answer is HTTP {exchange.status}")
    allowed = [name.strip().upper() for name in (exchange.header("allow") or "").split(",")]
    if "POST" not in allowed:
        judge([Finding("POST among the methods", exchange.header("allow") or "no Allow header", "Allow")])


@covers("error.unknown-path")
@on(UNKNOWN_PATH, dead=True)
@without_fault(TEXT)
def test_an_unknown_path_is_not_found(scenario: Scenario, record: Record) -> None:
    """Under the base URL, with the right key."""
    judge(status_is_one_of(refused_or_answered(record, scenario), "HTTP 404", 404))


@covers("error.unknown-model")
@on(UNKNOWN_MODEL, dead=True)
@without_fault(TRUNCATED)
def test_an_unknown_model_is_a_bad_request_or_not_found(scenario: Scenario, record: Record) -> None:
    """That it is refused at all is judged with the field's other values."""
    exchange = refused_or_answered(record, scenario)
    if exchange.status == 200:
        raise Elsewhere("not refused, which request.model.refused judges")
    judge(status_is_one_of(exchange, "HTTP 400 or 404", 400, 403, 404, 422))
