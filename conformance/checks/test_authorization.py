"""Who may ask: with the key as the page shows it, and with nothing else."""

import pytest

from conformance.checks.support.marks import covers, needs, on, without_fault
from conformance.checks.support.outcomes import refused_or_answered
from conformance.exchange import Exchange
from conformance.rules.refusals import in_brief, status_is_one_of
from conformance.run.record import Record
from conformance.scenarios.answers import TEXT
from conformance.scenarios.authorization import (
    BARE_SCHEME,
    BASIC,
    EMPTY_TOKEN,
    LOWER_CASE_SCHEME,
    NO_TOKEN,
    RAW_TOKEN,
    UNAUTHORIZED,
    WRONG_TOKEN,
    WRONG_TOKEN_AND_BODY,
)
from conformance.scenarios.scenario import Scenario
from conformance.verdicts.judge import Elsewhere, judge
from conformance.verdicts.verdict import Finding

WITHOUT_KEY = {
    "missing": NO_TOKEN,
    "empty": EMPTY_TOKEN,
    "bare": BARE_SCHEME,
    "wrong": WRONG_TOKEN,
    "basic": BASIC,
}


NOBODY_NEEDS_A_KEY = (
    "whatever stands in place of the key is answered: where that is meant, "
    "the profile says so with authorization = false under [capabilities]"
)


def is_answered(record: Record, scenario: Scenario) -> bool:
    """Whether a request was answered."""
    outcome = record.outcome(scenario)
    return isinstance(outcome, Exchange) and outcome.status == 200


@pytest.mark.parametrize(
    "scenario",
    [
        pytest.param(
            scenario,
            id=name,
            marks=[
                covers(f"authorization.{name}"),
                on(scenario, dead=True),
                needs(*UNAUTHORIZED, dead=True),
                without_fault(TEXT),
            ],
        )
        for name, scenario in WITHOUT_KEY.items()
    ],
)
def test_without_the_right_key_the_answer_is_401(scenario: Scenario, record: Record) -> None:
    """Whatever stands in place of `Bearer <token>`; that nobody needs a key at all is told once."""
    exchange = refused_or_answered(record, scenario)
    if not all(is_answered(record, other) for other in UNAUTHORIZED):
        judge(status_is_one_of(exchange, "HTTP 401", 401))
    elif scenario is NO_TOKEN:
        judge([Finding("HTTP 401", f"{NOBODY_NEEDS_A_KEY}; {in_brief(exchange)}", "status")])
    else:
        raise Elsewhere("this endpoint answers whoever asks, which authorization.missing judges")


@covers("authorization.scheme-case")
@on(LOWER_CASE_SCHEME)
@needs(NO_TOKEN, dead=True)
def test_the_schemes_case_does_not_matter(exchange: Exchange, record: Record) -> None:
    """`bearer <key>` is `Bearer <key>`."""
    if is_answered(record, NO_TOKEN):
        raise Elsewhere("no key is needed, which authorization.missing judges: no scheme could be refused")
    judge(status_is_one_of(exchange, "HTTP 200, as with Bearer", 200))


@covers("authorization.raw")
@on(RAW_TOKEN)
@without_fault(TEXT)
def test_the_key_without_a_scheme_is_refused(exchange: Exchange) -> None:
    """An observation only."""
    judge(status_is_one_of(exchange, "HTTP 401", 401))


@covers("authorization.first")
@on(WRONG_TOKEN_AND_BODY, dead=True)
@needs(WRONG_TOKEN, dead=True)
@without_fault(TEXT)
def test_authorization_is_judged_before_the_body(scenario: Scenario, record: Record) -> None:
    """A wrong token with a wrong body is a wrong token."""
    if is_answered(record, WRONG_TOKEN):
        raise Elsewhere("a wrong token is answered, which authorization.wrong (or missing) judges")
    judge(status_is_one_of(refused_or_answered(record, scenario), "HTTP 401, whatever the body is", 401))


@covers("authorization.challenge")
@on(NO_TOKEN, WRONG_TOKEN)
def test_a_401_tells_how_to_authorize(exchange: Exchange) -> None:
    """An observation only: RFC 9110 asks for the header, and hardly any API of this kind has it."""
    if exchange.status == 401 and not exchange.header("www-authenticate"):
        judge([Finding("WWW-Authenticate", "no such header", "WWW-Authenticate")])


@covers("authorization.key-not-repeated")
@needs(WRONG_TOKEN_AND_BODY, TEXT, dead=True)
def test_no_answer_repeats_the_key(record: Record) -> None:
    """Judged on every exchange of the run; the evidence has the key masked."""
    judge(
        Finding("the key nowhere in the answer", f"{e.leaks} times; {in_brief(e)}", "", e.scenario)
        for e in record.performed()
        if e.leaks
    )
