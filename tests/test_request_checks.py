"""What the checks of the request fields say of exchanges made by hand, in both directions."""

from collections.abc import Callable
from typing import Any

import pytest

from conformance.checks import test_request_fields as checks
from conformance.contract.boundaries import Case
from conformance.contract.contracts import Contract
from conformance.exchange import Attempt, Exchange, Fault
from conformance.run.record import Record
from conformance.scenarios.answers import TEXT
from conformance.scenarios.request_fields import CASES, SCENARIOS, SHIPPED_FIELDS
from conformance.scenarios.scenario import Scenario
from conformance.verdicts.judge import Absent, CannotJudge, Elsewhere, Violation
from tests.exchanges import answer, error, exchange, recorded

WELL = exchange(TEXT, at=100.0)
"""Another request of the run, answered: the endpoint is alive."""


def case_of(id_: str) -> Case:
    return next(case for case in CASES if case.id == id_)


def judged(
    check: Callable[..., None],
    id_: str,
    found: Exchange,
    *others: Exchange,
    contract: Contract = Contract.ANYFAST,
) -> list[str]:
    """Run a check on one case; returns its notes."""
    notes: list[str] = []
    given: dict[str, Any] = {"case": case_of(id_), "scenario": SCENARIOS[id_], "note": notes.append}
    if check is not checks.test_optional_field_is_taken_or_refused:
        given["contract"] = contract
    check(record=recorded(found, *others), **given)
    return notes


ACCEPTED = "temperature=0.5-accepted"
REFUSED = "temperature=2.01-rejected"
DISPUTED = "reasoning.effort=minimal-conflict"
OPTIONAL = 'metadata={"trace":"t-17"}-optional'
STREAM = b'event: response.created\ndata: {"type":"response.created","response":{"id":"r"}}\n\n'


def of(id_: str, *args: Any, **kwargs: Any) -> Exchange:
    return exchange(SCENARIOS[id_], *args, **kwargs)


@pytest.mark.parametrize(
    "found",
    [
        of(ACCEPTED),
        of(ACCEPTED, STREAM, media_type="text/event-stream"),
        of(ACCEPTED, answer(status="incomplete")),
    ],
    ids=["json", "stream", "incomplete"],
)
def test_an_answer_to_a_right_value_conforms(found: Exchange) -> None:
    judged(checks.test_value_is_accepted, ACCEPTED, found)


@pytest.mark.parametrize(
    "found",
    [
        of(ACCEPTED, error(), 400),
        of(ACCEPTED, error(), 500),
        of(ACCEPTED, error(), 200),
        of(ACCEPTED, answer(status="failed", error={"code": "x", "message": "no"}), 200),
        of(ACCEPTED, b"", 204),
    ],
    ids=["refused", "500", "error-in-200", "failed", "204"],
)
def test_anything_else_to_a_right_value_is_a_violation(found: Exchange) -> None:
    with pytest.raises(Violation):
        judged(checks.test_value_is_accepted, ACCEPTED, found, WELL)


@pytest.mark.parametrize(
    ("found", "owner"),
    [
        (of(ACCEPTED, b"<html>", 200, media_type="text/html"), "response.body"),
        (of(ACCEPTED, b"", 200), "response.body"),
        (of(ACCEPTED, b"null", 200), "response.body"),
        (of(ACCEPTED, {}, 200), "response.output"),
    ],
    ids=["html", "empty", "null", "object"],
)
def test_a_body_that_is_no_response_is_another_requirements_matter(found: Exchange, owner: str) -> None:
    with pytest.raises(Elsewhere, match=owner):
        judged(checks.test_value_is_accepted, ACCEPTED, found, WELL)


@pytest.mark.parametrize("status", [400, 404, 413, 422])
def test_a_refusal_conforms_whatever_its_status(status: int) -> None:
    judged(checks.test_value_is_refused, REFUSED, of(REFUSED, error(), status))


@pytest.mark.parametrize(
    ("body", "status"), [({"detail": "no"}, 422), (b"Bad Request", 400), (error(""), 400)]
)
def test_a_refusal_is_one_however_it_is_worded(body: object, status: int) -> None:
    judged(checks.test_value_is_refused, REFUSED, of(REFUSED, body, status))
    assert judged(
        checks.test_disputed_value_is_accepted_or_refused, DISPUTED, of(DISPUTED, body, status)
    ) == [f"refused with HTTP {status}"]


def test_a_server_error_is_left_to_the_requirement_that_judges_all_of_them() -> None:
    with pytest.raises(Absent, match=r"request\.no-server-error"):
        judged(checks.test_value_is_refused, REFUSED, of(REFUSED, error(), 500), WELL)


@pytest.mark.parametrize(
    "found",
    [
        of(REFUSED),
        of(REFUSED, error(), 200),
        of(REFUSED, STREAM, media_type="text/event-stream"),
        of(REFUSED, error(), 302),
        of(REFUSED, STREAM, fault=Fault("timeout", "no end within 60 s")),
    ],
    ids=["answered", "error-in-200", "streamed", "302", "begun"],
)
def test_anything_else_to_a_wrong_value_is_a_violation(found: Exchange) -> None:
    with pytest.raises(Violation):
        judged(checks.test_value_is_refused, REFUSED, found, WELL)


@pytest.mark.parametrize(
    "found",
    [
        of(REFUSED, error(), 401),
        of(REFUSED, error(), 403),
        of(REFUSED, error(), 429),
        of(REFUSED, None, None, fault=Fault("timeout", "no answer within 60 s")),
        of(REFUSED, b'{"err', 400, fault=Fault("cut", "the connection ended")),
    ],
    ids=["401", "403", "429", "timeout", "cut"],
)
@pytest.mark.parametrize(
    ("check", "id_"),
    [(checks.test_value_is_accepted, ACCEPTED), (checks.test_value_is_refused, REFUSED)],
    ids=["accepted", "refused"],
)
def test_what_says_nothing_of_the_value_cannot_be_judged(
    check: Callable[..., None], id_: str, found: Exchange
) -> None:
    # The exchange's name does not matter here: both checks are given it as their own.
    record = Record({}, {SCENARIOS[id_].name: found, WELL.scenario: WELL})
    with pytest.raises(CannotJudge):
        check(
            case=case_of(id_), scenario=SCENARIOS[id_], record=record, contract=Contract.ANYFAST, note=print
        )


def test_a_server_error_where_nothing_is_answered_cannot_be_judged() -> None:
    dead = exchange(TEXT, error(), 500)
    with pytest.raises(CannotJudge, match="no exchange was answered better"):
        judged(checks.test_value_is_refused, REFUSED, of(REFUSED, error(), 500), dead)


TRIED = (Attempt(503, None, 0.5), Attempt(503, None, 1.0))


def test_a_503_that_only_this_request_meets_is_laid_to_it() -> None:
    failing = of(REFUSED, error(), 503, retries=TRIED)
    with pytest.raises(Violation, match="503"):
        checks.test_no_value_makes_the_server_fail(recorded(WELL, failing), Contract.ANYFAST)


@pytest.mark.parametrize(
    "others",
    [
        (exchange(TEXT, at=-9.0),),
        (exchange(TEXT, at=100.0, retries=TRIED[:1]),),
        (exchange(TEXT, error(), 503, at=100.0),),
    ],
    ids=["answered-before-only", "others-were-helped-by-a-retry", "all-503"],
)
def test_a_503_that_may_be_the_endpoints_weakness_cannot_be_judged(others: tuple[Exchange, ...]) -> None:
    with pytest.raises(CannotJudge):
        judged(checks.test_value_is_refused, REFUSED, of(REFUSED, error(), 503, retries=TRIED), *others)


@pytest.mark.parametrize(
    ("found", "note"),
    [(of(DISPUTED), "accepted"), (of(DISPUTED, error(), 400), "refused with HTTP 400")],
)
def test_either_answer_to_a_disputed_value_conforms_and_is_noted(found: Exchange, note: str) -> None:
    assert judged(checks.test_disputed_value_is_accepted_or_refused, DISPUTED, found) == [note]


@pytest.mark.parametrize(
    "found",
    [of(DISPUTED, error(), 500), of(DISPUTED, error(), 302), of(DISPUTED, error(), 200)],
    ids=["500", "302", "error-in-200"],
)
def test_an_inconsistent_answer_to_a_disputed_value_is_a_violation(found: Exchange) -> None:
    with pytest.raises(Violation) as seen:
        judged(checks.test_disputed_value_is_accepted_or_refused, DISPUTED, found, WELL)
    if found.status != 200:
        assert seen.value.findings[0].expected == "HTTP 200, or a refusal with 4xx"


def test_the_contract_in_force_decides_what_is_expected() -> None:
    """The page has `n`, the public specifications do not."""
    found = of("n=1-accepted", error(param="n"), 400)
    with pytest.raises(Violation):
        judged(checks.test_value_is_accepted, "n=1-accepted", found)
    noted = judged(checks.test_value_is_accepted, "n=1-accepted", found, contract=Contract.OPENAI)
    assert noted == ["refused with HTTP 400"]


def test_an_optional_field_may_be_refused_but_not_break_the_server() -> None:
    check = checks.test_optional_field_is_taken_or_refused
    judged(check, OPTIONAL, of(OPTIONAL))
    with pytest.raises(Absent):
        judged(check, OPTIONAL, of(OPTIONAL, error(), 400))
    with pytest.raises(Violation):
        judged(check, OPTIONAL, of(OPTIONAL, error(), 500), WELL)


def refusals(param: object, status: int = 400) -> Record:
    found = [of(case.id, error(param=param), status) for case in SHIPPED_FIELDS.refused["reasoning"]]
    return recorded(*found)


@pytest.mark.parametrize("param", ["reasoning", "reasoning.effort", "reasoning[effort]", "body.reasoning"])
def test_a_refusal_that_names_the_field_or_a_place_in_it_conforms(param: str) -> None:
    checks.test_refusal_names_the_field("reasoning", refusals(param), Contract.ANYFAST, print)


@pytest.mark.parametrize("param", ["model", "reason", "body"])
def test_a_refusal_that_names_another_field_is_a_violation(param: object) -> None:
    with pytest.raises(Violation):
        checks.test_refusal_names_the_field("reasoning", refusals(param), Contract.ANYFAST, print)
    checks.test_a_refusal_for_a_field_names_one(refusals(param), Contract.ANYFAST)


@pytest.mark.parametrize("param", [None, "", " "])
def test_refusals_that_name_no_field_are_one_violation(param: object) -> None:
    with pytest.raises(Absent, match=r"error\.param judges"):
        checks.test_refusal_names_the_field("reasoning", refusals(param), Contract.ANYFAST, print)
    with pytest.raises(Violation) as seen:
        checks.test_a_refusal_for_a_field_names_one(refusals(param), Contract.ANYFAST)
    assert len(seen.value.findings) == len(SHIPPED_FIELDS.refused["reasoning"])


@pytest.mark.parametrize(
    ("body", "owner"),
    [({"error": {"message": "no"}}, r"error\.code-and-param"), ({"detail": "no"}, r"error\.envelope")],
)
def test_refusals_without_a_param_are_left_to_what_judges_that(body: object, owner: str) -> None:
    found = recorded(*(of(case.id, body, 400) for case in SHIPPED_FIELDS.refused["reasoning"]))
    with pytest.raises(Absent, match=owner):
        checks.test_refusal_names_the_field("reasoning", found, Contract.ANYFAST, print)
    with pytest.raises(Absent, match=owner):
        checks.test_a_refusal_for_a_field_names_one(found, Contract.ANYFAST)


def test_a_field_of_which_nothing_was_refused_has_no_refusal_to_judge() -> None:
    with pytest.raises(Absent):
        checks.test_refusal_names_the_field("reasoning", refusals("model", 200), Contract.ANYFAST, print)


def test_a_choice_may_be_refused_for_the_tools_beside_it() -> None:
    found = recorded(
        *(of(case.id, error(param="tools"), 400) for case in SHIPPED_FIELDS.refused["tool_choice"])
    )
    checks.test_refusal_names_the_field("tool_choice", found, Contract.ANYFAST, print)


def test_one_value_that_makes_the_server_fail_is_named() -> None:
    check = checks.test_no_value_makes_the_server_fail
    check(recorded(WELL, of(REFUSED, error(), 400)), Contract.ANYFAST)
    with pytest.raises(Violation) as seen:
        check(recorded(WELL, of(REFUSED, error(), 500)), Contract.ANYFAST)
    assert [finding.scenario for finding in seen.value.findings] == [REFUSED]
    for id_ in (ACCEPTED, DISPUTED, OPTIONAL):
        # Its own row says that it was not answered.
        check(recorded(WELL, of(id_, error(), 500)), Contract.ANYFAST)


def test_a_server_that_only_fails_cannot_be_judged() -> None:
    with pytest.raises(CannotJudge):
        checks.test_no_value_makes_the_server_fail(recorded(of(REFUSED, error(), 500)), Contract.ANYFAST)


def test_a_scenario_that_was_not_performed_cannot_be_judged() -> None:
    scenario: Scenario = SCENARIOS[REFUSED]
    with pytest.raises(CannotJudge):
        checks.test_value_is_refused(case_of(REFUSED), scenario, recorded(), Contract.ANYFAST, print)
