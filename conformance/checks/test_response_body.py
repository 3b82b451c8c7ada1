"""The bytes of an answer, before anything in it is looked at."""

from collections.abc import Iterator

from conformance.checks.support.families import (
    BASES,
    UNSTREAMED,
    always_cut,
    exchanges,
    for_each,
    judge_exchanges,
    streams_unasked,
)
from conformance.checks.support.marks import covers, needs
from conformance.exchange import Exchange, trouble
from conformance.rules.response_body import body_is_one_object, bytes_are_strict_json, content_type_is_json
from conformance.run.record import Record
from conformance.scenarios.answers import TEXT
from conformance.scenarios.errors import UNKNOWN_MODEL
from conformance.shown import shown
from conformance.verdicts.judge import Absent, Elsewhere, judge
from conformance.verdicts.verdict import Finding


@covers("response.body")
@for_each(*UNSTREAMED)
@needs(TEXT, dead=True)
def test_the_body_is_one_json_object(family: str, record: Record) -> None:
    """Neither HTML, nor a stream, nor several objects; and whole, unless it was cut by accident."""
    if always_cut(record):
        judge(
            Finding("a whole body", f"{len(cut.body)} bytes, then {cut.fault.message}", "body", cut.scenario)
            for cut in exchanges(record, family)
            if cut.fault is not None
        )
    judge_exchanges(record, family, body_is_one_object)


@covers("response.strict-json")
@for_each(*UNSTREAMED)
@needs(TEXT, dead=True)
def test_the_body_is_strict_json(family: str, record: Record) -> None:
    """What a lenient parser lets pass, another one stumbles over."""
    answered = list(exchanges(record, family))
    streamed = any(streams_unasked(record, exchange) for exchange in answered)
    if answered and not streamed and not any(exchange.json.readable for exchange in answered):
        raise Elsewhere("no answer is JSON at all, which response.body judges")
    judge_exchanges(record, family, bytes_are_strict_json)


@covers("response.content-type")
@for_each(*UNSTREAMED)
@needs(TEXT, dead=True)
def test_the_content_type_is_json(family: str, record: Record) -> None:
    """Parameters such as a charset are free."""
    judge_exchanges(record, family, content_type_is_json)


@covers("response.http-status")
@needs(TEXT, dead=True)
def test_success_is_200(record: Record) -> None:
    """Judged on every request of the run that brought an answer of whatever kind.

    Who may be turned away may be sent elsewhere, too.
    """
    judge(
        Finding("HTTP 200", f"HTTP {exchange.status}", "status", exchange.scenario)
        for exchange in _of_families(record)
        if exchange.status is not None
        and 200 < exchange.status < (300 if _may_be_refused(record, exchange) else 400)
    )


def _may_be_refused(record: Record, exchange: Exchange) -> bool:
    return record.plan[exchange.performance.scenario].expects != "answer"


@covers("response.no-error-in-200")
@needs(TEXT, UNKNOWN_MODEL, dead=True)
def test_an_error_is_not_sent_as_a_success(record: Record) -> None:
    """A failed response is a response; an error envelope alone is none."""
    posts = list(_posts(record)) or [record.exchange(TEXT)]
    judge(finding for exchange in posts for finding in _error_in_200(exchange))


def _error_in_200(exchange: Exchange) -> Iterator[Finding]:
    body = exchange.json.value
    if exchange.status != 200 or not isinstance(body, dict) or body.get("object") == "response":
        return
    if body.get("error") and not isinstance(body.get("output"), list):
        yield Finding(
            "a 4xx or 5xx status with an error",
            f"200 with {shown(body['error'])}",
            "status",
            exchange.scenario,
        )


def _posts(record: Record) -> Iterator[Exchange]:
    for exchange in record.performed():
        if exchange.request.method == "POST" and not trouble(exchange):
            yield exchange


def _of_families(record: Record) -> list[Exchange]:
    """The exchanges whose scenario expects a response; raises Absent where none was performed."""
    found = [
        exchange
        for exchange in record.performed()
        if (scenario := record.plan.get(exchange.performance.scenario)) is not None
        and scenario.family
        and not trouble(exchange)
    ]
    if not found:
        record.exchange(BASES["text"])
        raise Absent("no request of the run expects an answer")
    return found
