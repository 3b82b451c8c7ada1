"""Storage: what is asked and when, and each promise seen kept, broken and absent."""

import asyncio
import json
from typing import Any

import pytest

from conformance.checks import test_storage as checks
from conformance.contract.contracts import Contract
from conformance.contract.requirements import catalogue
from conformance.exchange import Call, Exchange, Fault
from conformance.reference.provider import MODEL, Provider
from conformance.rules.storage import found_is_what_was_answered, holds_text, page_ends_are_its_items
from conformance.run.performing import perform_all
from conformance.run.reading import earlier
from conformance.run.record import Record
from conformance.scenarios import storage as steps
from conformance.scenarios.answers import TEXT
from conformance.scenarios.authorization import NO_TOKEN
from conformance.scenarios.closure import closure
from conformance.scenarios.input import LONG_INPUT
from conformance.scenarios.scenario import Done, NotNeeded, Scenario, Target
from conformance.verdicts.judge import Absent, Elsewhere, Inconclusive, Violation
from conformance.verdicts.verdict import Verdict
from tests.bench import KEY, Bench, Direct
from tests.made_answers import ASKED, RESPONSE, exchange, record, varied
from tests.made_answers import TEXT as MESSAGE

TARGET = Target("gpt-5.2")
ID = "resp_1"
URL = f"http://127.0.0.1/v1/responses/{ID}"
ERROR = {"error": {"message": "no", "type": "not_found", "code": None, "param": None}}
STORED_ASK = {**ASKED, "store": True}


def seen(
    scenario: Scenario, status: int = 200, body: Any = RESPONSE, **rest: Any
) -> tuple[Scenario, Exchange]:
    answer = body if status < 400 else ERROR
    return scenario, exchange(answer, status=status, scenario=scenario.name, **rest)


def run(*performed: tuple[Scenario, Exchange]) -> Record:
    return record(seen(TEXT), seen(steps.STORED, asked=STORED_ASK), *performed)


def one(scenario: Scenario, status: int = 200, body: Any = RESPONSE, **rest: Any) -> Exchange:
    return seen(scenario, status, body, **rest)[1]


def done(*performed: tuple[Scenario, Exchange]) -> Done:
    return {scenario.name: earlier(performed_) for scenario, performed_ in performed}


def test_steps_speak_of_the_stored_response() -> None:
    before = done(
        seen(steps.STORED), seen(steps.GET_STORED), seen(steps.INPUT_ITEMS), seen(steps.DELETE_STORED)
    )
    calls = {
        step.name: step.build(TARGET, before)
        for step in (
            steps.GET_STORED,
            steps.GET_WITHOUT_KEY,
            steps.INPUT_ITEMS,
            steps.TOO_MANY_ITEMS,
            steps.CANCEL_FINISHED,
            steps.DELETE_STORED,
            steps.GET_DELETED,
        )
    }
    assert {name: (call.method, call.path) for name, call in calls.items()} == {
        "get-stored": ("GET", "/resp_1"),
        "get-without-key": ("GET", "/resp_1"),
        "input-items": ("GET", "/resp_1/input_items"),
        "input-items-limit-101": ("GET", "/resp_1/input_items"),
        "cancel-finished": ("POST", "/resp_1/cancel"),
        "delete-stored": ("DELETE", "/resp_1"),
        "get-deleted": ("GET", "/resp_1"),
    }
    assert calls["get-without-key"].credential == "none"
    assert calls["input-items-limit-101"].query == (("limit", "101"),)


def test_steps_without_their_premise_are_not_sent() -> None:
    for step in (steps.GET_STORED, steps.DELETE_STORED, steps.CONTINUED):
        for before in (done(), done(seen(steps.STORED, 400)), done(seen(steps.STORED, body=varied(id=...)))):
            with pytest.raises(NotNeeded):
                step.build(TARGET, before)
    lost = done(seen(TEXT), seen(steps.STORED), seen(steps.GET_STORED, 404), seen(steps.DELETE_STORED, 404))
    for step in (steps.GET_UNSTORED, steps.GET_WITHOUT_KEY, steps.GET_DELETED):
        with pytest.raises(NotNeeded, match="did not work"):
            step.build(TARGET, lost)


def test_what_needs_the_stored_response_comes_before_it_is_deleted() -> None:
    readers = (steps.GET_STORED, steps.INPUT_ITEMS, steps.CONTINUED, steps.CANCEL_FINISHED)
    order = list(closure([steps.GET_DELETED, *steps.CLEANING, *readers]))
    deleted = order.index(steps.DELETE_STORED.name)
    for step in readers:
        assert order.index(step.name) < deleted
    assert order.index(steps.GET_DELETED.name) > deleted


def test_what_is_asked_of_one_endpoint_asks_nothing_of_the_others() -> None:
    assert list(closure([steps.DELETE_STORED])) == [steps.STORED.name, steps.DELETE_STORED.name]
    assert list(closure([steps.CANCEL_FINISHED])) == [steps.STORED.name, steps.CANCEL_FINISHED.name]


def test_strangers_are_sent_only_where_a_key_is_needed() -> None:
    there = (seen(steps.STORED), seen(steps.GET_STORED))
    for step in (steps.GET_WITHOUT_KEY, steps.DELETE_WITHOUT_KEY):
        assert step.build(TARGET, done(*there, seen(NO_TOKEN, 401))).credential == "none"
        with pytest.raises(NotNeeded, match=r"authorization\.missing"):
            step.build(TARGET, done(*there, seen(NO_TOKEN)))


class Hanging(Direct):
    """A provider one of whose endpoints never answers."""

    def __init__(self, ending: str) -> None:
        super().__init__(Provider(KEY))
        self.ending = ending

    async def perform(
        self, call: Call, *, urgency: int = 0, output_tokens: int = 0, malformed: bool = False
    ) -> Exchange:
        """Answer what asks for something else."""
        if call.path.endswith(self.ending):
            return self.unsent(call, Fault("timeout", "no answer within 60 s"))
        return await super().perform(call, urgency=urgency, output_tokens=output_tokens, malformed=malformed)


@pytest.mark.parametrize("ending", ["/input_items", "/cancel"])
def test_an_endpoint_that_hangs_leaves_the_others_judged(ending: str) -> None:
    bench = Bench.collect().of(*(name for name in catalogue() if name.startswith("storage.")))
    found = asyncio.run(perform_all(bench.scenarios(), Target(MODEL), Hanging(ending), stop_early=False))
    verdicts = bench.verdicts(found, Contract.ANYFAST)
    dead = {check.requirement for check in bench.checks if verdicts[check.node].verdict is Verdict.ERROR}
    own = {"/input_items": {"storage.items", "storage.items-shape", "storage.items-limit"}}
    assert dead == own.get(ending, {"storage.cancel"})


def test_a_deletion_by_a_stranger_is_not_held_against_the_deleting() -> None:
    there = run(seen(steps.DELETE_WITHOUT_KEY), seen(steps.DELETE_STORED, 404))
    with pytest.raises(Elsewhere, match=r"storage\.private"):
        checks.test_a_response_can_be_deleted(steps.DELETE_STORED, there)


def test_the_control_asks_the_same_without_the_earlier_response() -> None:
    with pytest.raises(NotNeeded, match="continued"):
        steps.CONTINUED_CONTROL.build(TARGET, done(seen(steps.CONTINUED, 400)))
    sent = steps.CONTINUED_CONTROL.build(TARGET, done(seen(steps.CONTINUED)))
    continued = steps.CONTINUED.build(TARGET, done(seen(steps.STORED)))
    assert sent.body is not None
    assert continued.body is not None
    assert {**json.loads(sent.body), "previous_response_id": ID} == json.loads(continued.body)


def test_the_promise_is_judged_by_finding_the_response() -> None:
    checks.test_a_stored_response_can_be_retrieved(steps.GET_STORED, run(seen(steps.GET_STORED)))
    for status in (400, 404, 405, 501):
        with pytest.raises(Violation, match="cannot be verified"):
            checks.test_a_stored_response_can_be_retrieved(
                steps.GET_STORED, run(seen(steps.GET_STORED, status))
            )


@pytest.mark.parametrize(
    ("found", "where"),
    [
        (varied(id="resp_2"), "$.id"),
        (varied(created_at=1773132160), "$.created_at"),
        (varied(output=[]), "$.output"),
        (varied(usage=None), "$.usage"),
        (varied(usage={**RESPONSE["usage"], "total_tokens": 1}), "$.usage"),
        (varied(output=[{**MESSAGE, "summary": "It was told."}]), "$.output"),
        (varied(status="in_progress"), "$.status"),
        (varied(model=...), "$.model"),
        ([], "$"),
    ],
)
def test_a_stored_response_that_differs_is_seen(found: Any, where: str) -> None:
    assert [finding.where for finding in found_is_what_was_answered(RESPONSE, found, Contract.ANYFAST)] == [
        where
    ]
    with pytest.raises(Violation):
        checks.test_the_stored_response_is_the_one_answered(
            steps.STORED, steps.GET_STORED, run(seen(steps.GET_STORED, body=found)), Contract.ANYFAST
        )


@pytest.mark.parametrize(
    "found",
    [
        RESPONSE,
        varied(completed_at=1, metadata={}, created_at=1773132155.0),
        varied(output=[{**MESSAGE, "encrypted_content": "x"}]),
        varied(output=[{**MESSAGE, "encrypted_content": "x", "arguments": None, "summary": []}]),
        varied(output=[{**MESSAGE, "origin": "cache"}], usage={**RESPONSE["usage"], "cost": 0.5}),
    ],
)
def test_a_stored_response_may_tell_more(found: Any) -> None:
    answered = varied(output=[{**MESSAGE, "encrypted_content": "y"}])
    assert list(found_is_what_was_answered(answered, found, Contract.ANYFAST)) == []


def test_a_response_that_is_not_found_is_another_requirements_matter() -> None:
    with pytest.raises(Absent):
        checks.test_the_stored_response_is_the_one_answered(
            steps.STORED, steps.GET_STORED, run(seen(steps.GET_STORED, 404)), Contract.ANYFAST
        )


def test_what_was_not_stored_or_was_deleted_must_not_be_found() -> None:
    checks.test_what_was_not_to_be_stored_is_not_found(one(steps.GET_UNSTORED, 404))
    with pytest.raises(Violation):
        checks.test_what_was_not_to_be_stored_is_not_found(one(steps.GET_UNSTORED))
    there, gone = seen(steps.GET_STORED), seen(steps.GET_STORED, 404)
    checks.test_a_deleted_response_is_not_found(one(steps.GET_DELETED, 404), run(there))
    with pytest.raises(Violation):
        checks.test_a_deleted_response_is_not_found(one(steps.GET_DELETED), run(there))
    with pytest.raises(Absent):
        checks.test_a_deleted_response_is_not_found(one(steps.GET_DELETED, 404), run(gone))


def test_strangers_get_nothing() -> None:
    given, deleted = steps.GET_WITHOUT_KEY, steps.DELETE_WITHOUT_KEY
    keyed, open_to_all = run(seen(NO_TOKEN, 401)), run(seen(NO_TOKEN))
    for status in (401, 403, 404):
        checks.test_a_stored_response_is_not_given_to_strangers(one(given, status), keyed)
    with pytest.raises(Violation):
        checks.test_a_stored_response_is_not_given_to_strangers(one(given), keyed)
    with pytest.raises(Violation):
        checks.test_a_stored_response_is_not_deleted_by_strangers(one(deleted), keyed)
    with pytest.raises(Absent, match=r"authorization\.missing"):
        checks.test_a_stored_response_is_not_given_to_strangers(one(given), open_to_all)
    with pytest.raises(Absent, match=r"authorization\.missing"):
        checks.test_a_stored_response_is_not_deleted_by_strangers(one(deleted), open_to_all)


def test_an_unknown_id_is_404() -> None:
    for status, outcome in ((404, None), (405, Absent), (200, Violation), (400, Violation), (500, Absent)):
        seen_ = run(seen(steps.GET_UNKNOWN, status))
        if outcome is None:
            checks.test_an_unknown_id_is_not_found(steps.GET_UNKNOWN, seen_)
        else:
            with pytest.raises(outcome):
                checks.test_an_unknown_id_is_not_found(steps.GET_UNKNOWN, seen_)


def listed(text: str) -> dict[str, Any]:
    part = {"type": "input_text", "text": text}
    item = {"type": "message", "id": "msg_0", "role": "user", "content": [part]}
    return {"object": "list", "data": [item], "first_id": "msg_0", "last_id": "msg_0", "has_more": False}


def test_input_items_are_judged_where_they_are_there() -> None:
    items = steps.INPUT_ITEMS
    right = run(seen(items, body=listed(f"Reply with exactly: {steps.NONCE}")))
    checks.test_the_input_items_are_what_was_sent(items, right)
    checks.test_the_input_items_are_a_list(items, right, Contract.OPENAI)
    with pytest.raises(Violation):
        checks.test_the_input_items_are_what_was_sent(items, run(seen(items, body=listed("Hello"))))
    with pytest.raises(Violation):
        checks.test_the_input_items_are_a_list(items, run(seen(items, body=[])), Contract.ANYFAST)
    for status in (404, 405, 400, 501):
        with pytest.raises(Absent):
            checks.test_the_input_items_are_what_was_sent(items, run(seen(items, status)))
    with pytest.raises(Absent, match=r"error\.no-server-error"):
        checks.test_the_input_items_are_a_list(items, run(seen(items, 500)), Contract.ANYFAST)
    limit = steps.TOO_MANY_ITEMS
    checks.test_a_limit_beyond_100_is_refused(limit, run(seen(limit, 400)))
    with pytest.raises(Violation):
        checks.test_a_limit_beyond_100_is_refused(limit, run(seen(limit, body=listed("x"))))
    with pytest.raises(Absent, match=r"error\.no-server-error"):
        checks.test_a_limit_beyond_100_is_refused(limit, run(seen(limit, 500)))


def test_cancelling_and_deleting_are_judged_where_they_are_there() -> None:
    cancel, delete = steps.CANCEL_FINISHED, steps.DELETE_STORED
    checks.test_a_finished_response_cannot_be_cancelled(cancel, run(seen(cancel, 400)))
    with pytest.raises(Violation):
        checks.test_a_finished_response_cannot_be_cancelled(cancel, run(seen(cancel)))
    with pytest.raises(Absent):
        checks.test_a_finished_response_cannot_be_cancelled(cancel, run(seen(cancel, 404)))
    for status in (200, 204):
        checks.test_a_response_can_be_deleted(delete, run(seen(delete, status)))
    with pytest.raises(Absent):
        checks.test_a_response_can_be_deleted(delete, run(seen(delete, 405)))
    with pytest.raises(Violation):
        checks.test_a_response_can_be_deleted(delete, run(seen(delete, 400)))


def test_what_was_deleted_is_said() -> None:
    right = {"id": ID, "object": "response", "deleted": True}
    checks.test_deleting_says_what_was_deleted(one(steps.DELETE_STORED, body=right, url=URL), Contract.OPENAI)
    wrongs: list[Any] = [{**right, "deleted": False}, {**right, "id": "resp_2"}, {}, []]
    for wrong in wrongs:
        with pytest.raises(Violation):
            checks.test_deleting_says_what_was_deleted(
                one(steps.DELETE_STORED, body=wrong, url=URL), Contract.ANYFAST
            )
    with pytest.raises(Absent):
        checks.test_deleting_says_what_was_deleted(one(steps.DELETE_STORED, 204, b""), Contract.ANYFAST)


def saying(text: str, tokens: int) -> dict[str, Any]:
    message = {**MESSAGE, "content": [{"type": "output_text", "text": text, "annotations": []}]}
    usage = {"input_tokens": tokens, "output_tokens": 5, "total_tokens": tokens + 5}
    return varied(output=[message], usage=usage)


@pytest.mark.parametrize(
    ("text", "tokens", "alone", "outcome"),
    [
        (steps.NONCE, 5, 5, None),
        ("Osprey-5127!", 5, 5, None),
        ("I do not know.", 30, 12, None),
        ("I do not know.", 12, 12, Violation),
        ("I do not know.", 11, 12, Violation),
        ("I do not know.", 0, 0, Inconclusive),
    ],
)
def test_a_continued_response_recalls_or_costs_more(
    text: str, tokens: int, alone: int, outcome: type[Exception] | None
) -> None:
    longer = seen(LONG_INPUT, body=saying("Hello there", 400))
    control = run(seen(steps.CONTINUED_CONTROL, body=saying("What reply?", alone)), longer)
    continued = one(steps.CONTINUED, body=saying(text, tokens))
    if outcome is None:
        checks.test_an_earlier_response_is_continued(continued, control)
    else:
        with pytest.raises(outcome):
            checks.test_an_earlier_response_is_continued(continued, control)


def test_continuing_that_is_not_offered_is_absent() -> None:
    with pytest.raises(Absent):
        checks.test_an_earlier_response_is_continued(one(steps.CONTINUED, 400), run())
    without_usage = run(seen(steps.CONTINUED_CONTROL, body=varied(usage=None)))
    with pytest.raises(Inconclusive):
        checks.test_an_earlier_response_is_continued(one(steps.CONTINUED), without_usage)


def test_unknown_and_unstored_previous_responses_are_refused() -> None:
    unknown, unstored = steps.CONTINUED_UNKNOWN, steps.CONTINUED_UNSTORED
    for status in (400, 404):
        checks.test_an_unknown_previous_response_is_refused(unknown, run(seen(unknown, status)))
    with pytest.raises(Violation):
        checks.test_an_unknown_previous_response_is_refused(unknown, run(seen(unknown)))
    judged = checks.test_an_unstored_previous_response_is_refused
    judged(unstored, run(seen(unknown, 400), seen(unstored, 400)))
    with pytest.raises(Violation):
        judged(unstored, run(seen(unknown, 400), seen(unstored)))
    with pytest.raises(Absent):
        judged(unstored, run(seen(unknown), seen(unstored)))


def test_the_previous_response_is_the_one_sent() -> None:
    asked = {**ASKED, "previous_response_id": ID}
    for right in (ID, ...):
        body = varied(id="resp_2", previous_response_id=right)
        checks.test_the_previous_response_is_echoed(one(steps.CONTINUED, body=body, asked=asked))
    for told in (None, "resp_0"):
        body = varied(id="resp_2", previous_response_id=told)
        with pytest.raises(Violation):
            checks.test_the_previous_response_is_echoed(one(steps.CONTINUED, body=body, asked=asked))


def test_the_neighbours_are_judged_where_they_are_there() -> None:
    tokens, compact = steps.INPUT_TOKENS, steps.COMPACT

    def count(status: int, body: Any) -> None:
        seen_ = run(seen(tokens, status, body))
        checks.test_input_tokens_are_counted(tokens, seen_, Contract.ANYFAST)

    count(200, {"object": "response.input_tokens", "input_tokens": 8})
    with pytest.raises(Violation):
        count(200, {"object": "response.input_tokens", "input_tokens": "8"})
    with pytest.raises(Absent):
        count(404, None)
    packed = {"id": "resp_3", "object": "response.compaction", "output": [], "created_at": 1, "usage": {}}
    checks.test_a_conversation_is_compacted(compact, run(seen(compact, 200, packed)), Contract.OPENAI)
    wrongs: list[Any] = [RESPONSE, []]
    for wrong in wrongs:
        with pytest.raises(Violation):
            checks.test_a_conversation_is_compacted(compact, run(seen(compact, 200, wrong)), Contract.OPENAI)
    with pytest.raises(Absent):
        checks.test_a_conversation_is_compacted(compact, run(seen(compact, 400)), Contract.OPENAI)


def test_what_is_left_behind_is_named() -> None:
    notes: list[str] = []
    checks.test_what_is_left_behind_is_named(run(), notes.append)
    assert notes == ["1 responses may still be stored: resp_1"]
    notes.clear()
    deleted = seen(steps.DELETE_STORED, method="DELETE", url=URL)
    checks.test_what_is_left_behind_is_named(run(deleted), notes.append)
    assert notes == []


@pytest.mark.parametrize(
    ("keys", "where"),
    [
        ({}, []),
        ({"first_id": "msg_9"}, ["$.first_id"]),
        ({"last_id": None}, ["$.last_id"]),
        ({"has_more": True}, ["$.has_more"]),
    ],
)
def test_a_page_of_items_fits_its_ends(keys: dict[str, Any], where: list[str]) -> None:
    assert [finding.where for finding in page_ends_are_its_items({**listed("x"), **keys})] == where


@pytest.mark.parametrize("odd", [None, [], {"data": 1}, {"data": []}, {"data": ["x"], "first_id": 1}])
def test_what_is_no_page_has_no_ends(odd: Any) -> None:
    assert list(page_ends_are_its_items(odd)) == []


def test_a_text_is_found_wherever_it_stands() -> None:
    assert holds_text({"data": [{"content": [{"text": f"say {steps.NONCE}"}]}]}, steps.NONCE)
    assert not holds_text({steps.NONCE: 1}, steps.NONCE)
