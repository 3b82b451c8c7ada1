"""What checks may see of a run: living exchanges, attempts, answers, refusals."""

from dataclasses import replace

import pytest

from conformance.exchange import Attempt, Chunk, Exchange, Fault, Sent, encode_json, file_name
from conformance.run.record import Record
from conformance.scenarios.scenario import Scenario, Unsent, ask
from conformance.verdicts.judge import Absent, CannotJudge

TEXT = ask("text", "Reply with exactly: one")
OTHER = ask("other", "Reply with exactly: two", family="tools")
REFUSED = ask("refused", "x", family="", expects="refusal")


def exchange(
    scenario: Scenario, status: int | None = 200, fault: Fault | None = None, suffix: str = ""
) -> Exchange:
    sent = Sent("POST", "http://127.0.0.1/v1/responses", (), encode_json({"model": "m"}))
    body = (Chunk(0.1, encode_json({"id": "r"})),)
    return Exchange(
        scenario.name + suffix, sent, status, (("Content-Type", "application/json"),), body, fault, 1.0, 0.1
    )


def record(*exchanges: Exchange | Unsent) -> Record:
    return Record({s.name: s for s in (TEXT, OTHER, REFUSED)}, {e.scenario: e for e in exchanges})


def test_a_living_exchange_is_given_out() -> None:
    alive = exchange(TEXT)
    assert record(alive).exchange(TEXT) is alive


@pytest.mark.parametrize(
    "dead",
    [
        exchange(TEXT, None, Fault("connect", "nobody listens")),
        exchange(TEXT, 200, Fault("timeout", "no complete answer within 2 s")),
        exchange(TEXT, 200, Fault("too-large", "more than 16 MiB")),
        replace(exchange(TEXT, 503), retries=(Attempt(503, None, 0.5),)),
        exchange(TEXT, 429),
    ],
)
def test_a_dead_exchange_cannot_be_judged(dead: Exchange) -> None:
    with pytest.raises(CannotJudge, match="text: "):
        record(dead).exchange(TEXT)
    assert not list(record(dead).answers())


def test_a_body_that_was_cut_is_evidence_not_an_error() -> None:
    cut = exchange(TEXT, 200, Fault("cut", "the connection ended in the middle of the body"))
    assert record(cut).exchange(TEXT) is cut


def test_what_the_plan_did_not_need_is_absent() -> None:
    with pytest.raises(Absent, match="no id"):
        record(Unsent("text", "no id")).exchange(TEXT)


def test_what_was_never_performed_cannot_be_judged() -> None:
    with pytest.raises(CannotJudge, match="not performed"):
        record().exchange(TEXT)


def test_attempts_are_the_exchange_and_its_living_repetitions() -> None:
    all_three = record(exchange(TEXT), exchange(TEXT, suffix="~2"), exchange(TEXT, 503, suffix="~3"))
    assert [e.scenario for e in all_three.attempts(TEXT)] == ["text", "text~2"]


def test_answers_are_told_apart_by_family_and_refusals_are_none() -> None:
    run = record(exchange(TEXT), exchange(OTHER), exchange(REFUSED, 400), exchange(TEXT, suffix="~2"))
    assert [e.scenario for e in run.answers("text")] == ["text", "text~2"]
    assert [e.scenario for e in run.answers()] == ["text", "other", "text~2"]
    assert [e.scenario for e in run.refusals()] == ["refused"]


@pytest.mark.parametrize("data", [b"", b'{"a":"\xc3\xa9"}', b"\xff\xfe\x00", "👋".encode()[:3]])
def test_an_exchange_survives_its_recording_to_the_byte(data: bytes) -> None:
    before = Exchange(
        "s",
        Sent("POST", "http://h/v1/responses", (("A", "b"),), data),
        200,
        (("Content-Type", "text/event-stream"),),
        (Chunk(0.25, data), Chunk(0.5, data)),
        Fault("cut", "ended early"),
        1.5,
        0.75,
        (Attempt(503, None, 0.5), Attempt(None, Fault("connect", "refused"), 1.0)),
        2,
        True,
    )
    assert Exchange.from_json(before.to_json()) == before


def test_recordings_have_one_readable_file_name_each() -> None:
    names = ["text", "temperature=2.01", "stop=CHARLIE", "stop=charlie", 'a="1"/..', "x" * 300, "x" * 301]
    files = [file_name(name) for name in names]
    assert files[:2] == ["text.json", "temperature=2.01.json"]
    assert len({file.lower() for file in files}) == len(names)
    assert all("/" not in file and len(file) <= 130 for file in files)
