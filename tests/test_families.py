"""One row for each sort of answer: what it judges, which exchanges it names, when it has nothing."""

from collections.abc import Iterable, Iterator

import pytest

from conformance.checks import test_response_body as body_checks
from conformance.checks.support.bodies import bodies
from conformance.checks.support.families import (
    BASES,
    EVERY,
    STREAMED,
    answers,
    judge_answers,
    judge_exchanges,
)
from conformance.exchange import Exchange, Fault
from conformance.response import Body
from conformance.rules.response_body import body_is_one_object, bytes_are_strict_json, content_type_is_json
from conformance.run.record import Record
from conformance.scenarios.answers import LONG_TEXT, TEXT, TEXT_STREAM, TOOL_CALL
from conformance.scenarios.scenario import Scenario, ask
from conformance.verdicts.judge import Absent, CannotJudge, Elsewhere, Violation
from conformance.verdicts.verdict import Finding
from tests.made_answers import RESPONSE, exchange, record, varied


def performed(scenario: Scenario, body: object = RESPONSE, **rest: object) -> tuple[Scenario, Exchange]:
    return scenario, exchange(body, scenario=scenario.name, **rest)  # type: ignore[arg-type]  # passed on


def streamed(scenario: Scenario) -> tuple[Scenario, Exchange]:
    text = b'event: response.completed\ndata: {"type":"response.completed","response":{"id":"resp_s"}}\n\n'
    return performed(scenario, text, content_type="text/event-stream")


def every_id(body: Body) -> Iterator[Finding]:
    yield Finding("none", str(body.response["id"]), "$.id")


def run() -> Record:
    return record(
        performed(TEXT),
        performed(LONG_TEXT, varied(id="resp_2")),
        performed(TOOL_CALL, varied(id="resp_3")),
        streamed(TEXT_STREAM),
        performed(ask("refused", "x", family="text"), {}, status=400),
        performed(ask("unreadable", "x", family="text"), b"<html>"),
    )


@pytest.mark.parametrize(
    ("family", "ids"),
    [("text", ["resp_1", "resp_2"]), ("tools", ["resp_3"]), (STREAMED, ["resp_s"]), ("reasoning", [])],
)
def test_a_row_holds_the_answers_of_its_sort(family: str, ids: list[str]) -> None:
    assert [body.response["id"] for body in answers(run(), family)] == ids


def test_every_exchange_that_shows_it_is_named() -> None:
    with pytest.raises(Violation) as raised:
        judge_answers(run(), "text", every_id)
    assert [(f.scenario, f.actual) for f in raised.value.findings] == [
        ("text", "resp_1"),
        ("long-text", "resp_2"),
    ]


def test_what_the_row_is_not_about_is_left_out() -> None:
    with pytest.raises(Violation) as raised:
        judge_answers(run(), "text", every_id, lambda body: body.response["id"] == "resp_2")
    assert [f.scenario for f in raised.value.findings] == ["long-text"]
    with pytest.raises(Absent, match="none of the 2 answers"):
        judge_answers(run(), "text", every_id, lambda _: False)


def test_a_row_without_answers_says_why() -> None:
    nothing: list[Finding] = []

    def content(_: Body) -> Iterable[Finding]:
        return nothing

    with pytest.raises(Elsewhere, match="HTTP 400 instead of an answer"):
        judge_answers(record(performed(TEXT, {}, status=400)), "text", content)
    with pytest.raises(Elsewhere, match=r"without a Response, which response\.body judges"):
        judge_answers(record(performed(TEXT, b"<html>")), "text", content)
    with pytest.raises(CannotJudge, match="HTTP 401"):
        judge_answers(record(performed(TEXT, {}, status=401)), "text", content)
    dead = performed(TEXT, b"", status=None, fault=Fault("connect", "nobody listens"))
    with pytest.raises(CannotJudge, match="nobody listens"):
        judge_answers(record(dead), "text", content)


def test_every_row_has_a_base_of_its_own_sort() -> None:
    assert set(EVERY) == set(BASES)
    for name, scenario in BASES.items():
        assert scenario.streamed if name == STREAMED else scenario.family == name


@pytest.mark.parametrize(
    ("judge", "wrong"),
    [
        (body_is_one_object, exchange(b"")),
        (body_is_one_object, exchange(b"<html>busy</html>")),
        (body_is_one_object, exchange([RESPONSE])),
        (body_is_one_object, exchange(b'data: {"type":"response.created"}\n\n')),
        (body_is_one_object, exchange(b"{}{}")),
        (bytes_are_strict_json, exchange(b'{"id":"a","id":"b"}')),
        (bytes_are_strict_json, exchange(b'\xef\xbb\xbf{"id":"a"}')),
        (bytes_are_strict_json, exchange(b'{"id":NaN}')),
        (bytes_are_strict_json, exchange(b'{"id":"\xff"}')),
        (bytes_are_strict_json, exchange(b'{"id":"\\ud800"}')),
        (content_type_is_json, exchange(content_type="text/plain")),
        (content_type_is_json, exchange(content_type=None)),
    ],
)
def test_bytes_that_no_client_should_have_to_read_are_seen(judge, wrong: Exchange) -> None:  # type: ignore[no-untyped-def]  # the judges of bytes
    assert len(list(judge(wrong))) == 1
    seen = record((TEXT, wrong))
    with pytest.raises(Violation):
        judge_exchanges(seen, "text", judge)


def test_legal_bytes_are_fine() -> None:
    for right in (
        exchange(b' \r\n{"id": "\\u00fc"}\n'),
        exchange(content_type="Application/JSON; charset=UTF-8"),
    ):
        for judge in (body_is_one_object, bytes_are_strict_json, content_type_is_json):
            assert list(judge(right)) == []


def test_a_body_that_was_cut_is_no_broken_json() -> None:
    cut = performed(TEXT, b'{"id":', fault=Fault("cut", "the connection ended"))
    with pytest.raises(CannotJudge):
        judge_exchanges(record(cut), "text", body_is_one_object)


def test_bodies_that_are_always_cut_are_no_accident() -> None:
    def broken(scenario: Scenario) -> tuple[Scenario, Exchange]:
        return performed(scenario, b'{"id":', fault=Fault("cut", "the connection ended"))

    always = record(broken(TEXT), broken(LONG_TEXT), broken(TOOL_CALL))
    with pytest.raises(Violation, match="6 bytes"):
        body_checks.test_the_body_is_one_json_object("text", always)
    once = record(broken(TEXT), broken(LONG_TEXT), performed(TOOL_CALL))
    with pytest.raises(CannotJudge):
        body_checks.test_the_body_is_one_json_object("text", once)


def test_bytes_that_are_no_json_are_not_called_strict() -> None:
    with pytest.raises(Elsewhere, match=r"response\.body"):
        body_checks.test_the_body_is_strict_json("text", record(performed(TEXT, b"<html>")))
    with pytest.raises(Elsewhere, match="HTTP 400"):
        body_checks.test_the_body_is_strict_json("text", record(performed(TEXT, {}, status=400)))
    body_checks.test_the_body_is_strict_json("text", record(performed(TEXT)))


def test_streams_that_nobody_asked_for_are_named_once() -> None:
    """Where plain text comes as JSON, a stream in place of another answer is a fault of its own."""
    always = record(streamed(TEXT), streamed(TOOL_CALL))
    for check in (
        body_checks.test_the_body_is_one_json_object,
        body_checks.test_the_body_is_strict_json,
        body_checks.test_the_content_type_is_json,
    ):
        for family in ("text", "tools"):
            with pytest.raises(Elsewhere, match=r"stream\.default-is-json"):
                check(family, always)
    with pytest.raises(Violation):
        body_checks.test_the_content_type_is_json("tools", record(performed(TEXT), streamed(TOOL_CALL)))
    assert [body.response for body in bodies(always)] == [{"id": "resp_s"}] * 2


def test_success_has_one_status() -> None:
    body_checks.test_success_is_200(run())
    with pytest.raises(Violation, match="HTTP 202"):
        body_checks.test_success_is_200(record(performed(TEXT), performed(LONG_TEXT, status=202)))


def test_an_error_is_no_success() -> None:
    failed = varied(status="failed", error={"code": "server_error", "message": "no"})
    for right in (RESPONSE, failed, varied(error=None)):
        body_checks.test_an_error_is_not_sent_as_a_success(record(performed(TEXT, right)))
    with pytest.raises(Violation):
        body_checks.test_an_error_is_not_sent_as_a_success(
            record(performed(TEXT, {"error": {"message": "no"}}))
        )
