"""What the promise to store a response is worth, and the endpoints around stored responses."""

from collections.abc import Callable, Iterator

import pytest

from conformance.checks.support.bodies import bodies
from conformance.checks.support.counting import COUNTED, grown
from conformance.checks.support.marks import covers, needs, on, without_fault
from conformance.checks.support.outcomes import answered, is_taken, refused_or_answered
from conformance.contract.contracts import Contract
from conformance.exchange import Exchange
from conformance.response import Body
from conformance.rules.answer import answer_of, says
from conformance.rules.refusals import in_brief, status_is_one_of
from conformance.rules.storage import (
    found_is_what_was_answered,
    holds_text,
    left_behind,
    page_ends_are_its_items,
    previous_is_echoed,
    stored_shape_is_kept,
)
from conformance.rules.unanswered import unanswered
from conformance.rules.usage import total_is_the_sum
from conformance.run.record import Record
from conformance.scenarios.answers import TEXT
from conformance.scenarios.authorization import NO_TOKEN
from conformance.scenarios.scenario import Scenario, Unsent
from conformance.scenarios.storage import (
    CANCEL_FINISHED,
    CLEANING,
    COMPACT,
    CONTINUED,
    CONTINUED_CONTROL,
    CONTINUED_UNKNOWN,
    CONTINUED_UNSTORED,
    DELETE_STORED,
    DELETE_WITHOUT_KEY,
    GET_BY_DEFAULT,
    GET_DELETED,
    GET_STORED,
    GET_STREAMED,
    GET_UNKNOWN,
    GET_UNSTORED,
    GET_WITHOUT_KEY,
    INPUT_ITEMS,
    INPUT_TOKENS,
    NONCE,
    STORED,
    STORED_STREAM,
    TOO_MANY_ITEMS,
)
from conformance.shown import shown
from conformance.verdicts.judge import Absent, Elsewhere, judge
from conformance.verdicts.verdict import Finding

DELETED = (200, 202, 204)
NO_ENDPOINT = frozenset({404, 405, 501})


@covers("storage.promise")
@on(GET_STORED, dead=True)
def test_a_stored_response_can_be_retrieved(scenario: Scenario, record: Record) -> None:
    """Where it cannot, the page's promise cannot be verified."""
    exchange = _answered(record, scenario)
    if exchange.status != 200:
        actual = f"{in_brief(exchange)}; the store promise cannot be verified"
        judge([Finding("HTTP 200 with the stored response", actual, "status")])


@covers("storage.default")
@on(GET_BY_DEFAULT)
def test_a_response_is_stored_by_default(exchange: Exchange) -> None:
    """Judged where a response stored by request can be found."""
    judge(status_is_one_of(exchange, "HTTP 200, since store is true by default", 200))


@covers("storage.streamed")
@on(GET_STREAMED)
def test_a_streamed_response_is_stored_too(exchange: Exchange) -> None:
    """Judged where an unstreamed one can be found."""
    judge(status_is_one_of(exchange, "HTTP 200 with the response that ended the stream", 200))


@covers("storage.same")
@pytest.mark.parametrize(
    ("posted", "found"),
    [
        pytest.param(STORED, GET_STORED, id="unstreamed", marks=on(GET_STORED)),
        pytest.param(STORED_STREAM, GET_STREAMED, id="streamed", marks=on(GET_STREAMED)),
    ],
)
def test_the_stored_response_is_the_one_answered(
    posted: Scenario, found: Scenario, record: Record, contract: Contract
) -> None:
    """Byte for byte it need not be."""
    exchange, answer = record.exchange(found), answer_of(record.exchange(posted))
    if exchange.status != 200:
        raise Absent(f"{found.name}: HTTP {exchange.status}")
    if answer is None:
        raise unanswered(record.exchange(posted))
    judge(found_is_what_was_answered(answer.response, exchange.json.value, contract))


@covers("storage.not-kept")
@on(GET_UNSTORED)
def test_what_was_not_to_be_stored_is_not_found(exchange: Exchange) -> None:
    """Judged where a stored response can be found."""
    judge(_given_out(exchange, "HTTP 404, since the request said store: false"))


@covers("storage.unknown-id")
@on(GET_UNKNOWN, dead=True)
@without_fault(TEXT)
def test_an_unknown_id_is_not_found(scenario: Scenario, record: Record) -> None:
    """405 and 501 say that there is no such endpoint."""
    exchange = _at_endpoint(record, scenario)
    if exchange.status in NO_ENDPOINT - {404}:
        raise Absent(f"no such endpoint: HTTP {exchange.status}")
    judge(status_is_one_of(exchange, "HTTP 404", 404, 410))


@covers("storage.private")
@on(GET_WITHOUT_KEY)
@needs(NO_TOKEN, dead=True)
def test_a_stored_response_is_not_given_to_strangers(exchange: Exchange, record: Record) -> None:
    """401, 403 or 404: anything but the response. Judged where a key is asked for at all."""
    _keyed(record)
    judge(_given_out(exchange, "HTTP 401"))


@covers("storage.private")
@on(DELETE_WITHOUT_KEY)
@needs(NO_TOKEN, dead=True)
def test_a_stored_response_is_not_deleted_by_strangers(exchange: Exchange, record: Record) -> None:
    """401, 403, 404, or 405 where nobody can delete. Judged where a key is asked for at all."""
    _keyed(record)
    judge(_given_out(exchange, "HTTP 401"))


@covers("storage.items")
@on(INPUT_ITEMS)
def test_the_input_items_are_what_was_sent(scenario: Scenario, record: Record) -> None:
    """The prompt stands somewhere in the list."""
    exchange = _answered(record, scenario)
    _present(exchange)
    if not holds_text(exchange.json.value, NONCE):
        judge([Finding(f"an item with the text sent ({NONCE})", in_brief(exchange), "$.data")])


@covers("storage.items-shape")
@on(INPUT_ITEMS)
def test_the_input_items_are_a_list(scenario: Scenario, record: Record, contract: Contract) -> None:
    """As lists of this API are."""
    exchange = _answered(record, scenario)
    _present(exchange)
    judge(
        [
            *stored_shape_is_kept(exchange, contract, "input_items"),
            *page_ends_are_its_items(exchange.json.value),
        ]
    )


@covers("storage.items-limit")
@on(TOO_MANY_ITEMS, dead=True)
def test_a_limit_beyond_100_is_refused(scenario: Scenario, record: Record) -> None:
    """Judged where the list is there."""
    judge(status_is_one_of(refused_or_answered(record, scenario), "HTTP 4xx for limit=101"))


@covers("storage.cancel")
@on(CANCEL_FINISHED, dead=True)
def test_a_finished_response_cannot_be_cancelled(scenario: Scenario, record: Record) -> None:
    """404 and its like say that there is no such endpoint."""
    exchange = _at_endpoint(record, scenario)
    if exchange.status in NO_ENDPOINT:
        raise Absent(f"no such endpoint: HTTP {exchange.status}")
    judge(status_is_one_of(exchange, "HTTP 4xx, since the response is finished"))


@covers("storage.delete")
@on(DELETE_STORED, dead=True)
def test_a_response_can_be_deleted(scenario: Scenario, record: Record) -> None:
    """200 with a body, or 204 without."""
    before = record.outcomes.get(DELETE_WITHOUT_KEY.name)
    if isinstance(before, Exchange) and before.status in DELETED:
        raise Elsewhere(f"{before.scenario} has deleted it before, which storage.private judges")
    exchange = _answered(record, scenario)
    if exchange.status in NO_ENDPOINT:
        raise Absent(f"no such endpoint: HTTP {exchange.status}")
    judge(status_is_one_of(exchange, "HTTP 200", *DELETED))


@covers("storage.deleted-shape")
@on(DELETE_STORED)
def test_deleting_says_what_was_deleted(exchange: Exchange, contract: Contract) -> None:
    """Judged where it answers 200."""
    if exchange.status != 200:
        raise Absent(f"HTTP {exchange.status}")
    findings = list(stored_shape_is_kept(exchange, contract, "deleted"))
    body = exchange.json.value
    asked = exchange.request.url.partition("?")[0].rpartition("/")[2]
    if isinstance(body, dict) and isinstance(body.get("id"), str) and body["id"] != asked:
        findings.append(Finding(asked, body["id"], "$.id"))
    judge(findings)


@covers("storage.deleted")
@on(GET_DELETED)
@needs(GET_STORED)
def test_a_deleted_response_is_not_found(exchange: Exchange, record: Record) -> None:
    """Judged where it could be found before."""
    if record.exchange(GET_STORED).status != 200:
        raise Absent("it could not be found before either")
    judge(_given_out(exchange, "HTTP 404, since it was deleted"))


@covers("storage.cleaned")
@on(*CLEANING)
def test_what_was_stored_is_deleted(exchange: Exchange) -> None:
    """An observation: the run tidies up."""
    judge(status_is_one_of(exchange, "HTTP 200", *DELETED))


@covers("storage.left-behind")
@needs(STORED)
def test_what_is_left_behind_is_named(record: Record, note: Callable[[str], None]) -> None:
    """An observation: the ids that the account's owner may want to delete."""
    left = left_behind(record.performed(), bodies(record))
    if left:
        note(f"{len(left)} responses may still be stored: {', '.join(left)}")


@covers("storage.continues")
@on(CONTINUED)
@needs(CONTINUED_CONTROL)
@needs(*COUNTED, dead=True)
def test_an_earlier_response_is_continued(exchange: Exchange, record: Record) -> None:
    """The model recalls its reply, or at least the request costs more than its words alone."""
    answer = _continued(exchange)
    if says(exchange, NONCE):
        return
    control = answer_of(record.exchange(CONTINUED_CONTROL))
    alone = control.count("input_tokens") if control else None
    together = answer.count("input_tokens")
    if not grown(record, alone, together, "the earlier reply was not recalled"):
        expected = f"{NONCE} recalled, or more than {alone} input tokens as without previous_response_id"
        judge([Finding(expected, f"{together} input tokens and: {shown(answer.text, 120)}")])


@covers("storage.previous-unknown")
@on(CONTINUED_UNKNOWN, dead=True)
@without_fault(TEXT)
def test_an_unknown_previous_response_is_refused(scenario: Scenario, record: Record) -> None:
    """Answering as if nothing had been said is the worst that can be done."""
    judge(status_is_one_of(refused_or_answered(record, scenario), "HTTP 4xx: there is no such response"))


@covers("storage.previous-unstored")
@on(CONTINUED_UNSTORED, dead=True)
@needs(CONTINUED_UNKNOWN)
def test_an_unstored_previous_response_is_refused(scenario: Scenario, record: Record) -> None:
    """Judged where an unknown one is refused, so that the server does look for it."""
    if record.exchange(CONTINUED_UNKNOWN).status == 200:
        raise Absent("unknown ones are not refused either")
    found = refused_or_answered(record, scenario)
    judge(status_is_one_of(found, "HTTP 4xx, since the response was not stored"))


@covers("storage.previous-echo")
@on(CONTINUED)
def test_the_previous_response_is_echoed(exchange: Exchange) -> None:
    """Judged where the response has the key."""
    judge(previous_is_echoed(_continued(exchange)))


@covers("storage.input-tokens")
@on(INPUT_TOKENS, dead=True)
def test_input_tokens_are_counted(scenario: Scenario, record: Record, contract: Contract) -> None:
    """Judged where there is such an endpoint; what it counts is held against the bill elsewhere."""
    exchange = _answered(record, scenario)
    _present(exchange)
    judge(stored_shape_is_kept(exchange, contract, "input_tokens"))


@covers("storage.compact")
@on(COMPACT, dead=True)
def test_a_conversation_is_compacted(scenario: Scenario, record: Record, contract: Contract) -> None:
    """Judged where there is such an endpoint."""
    exchange = _answered(record, scenario)
    _present(exchange)
    judge([*stored_shape_is_kept(exchange, contract, "compaction"), *_sums(exchange)])


def _answered(record: Record, scenario: Scenario) -> Exchange:
    """The exchange of a request about a stored response; raises Elsewhere where the server fails at it."""
    exchange = answered(record, scenario)
    if exchange.status is not None and exchange.status >= 500 and exchange.status not in NO_ENDPOINT:
        raise Elsewhere(f"HTTP {exchange.status}, which error.no-server-error judges")
    return exchange


def _at_endpoint(record: Record, scenario: Scenario) -> Exchange:
    """The exchange of a request that must be refused; raises Absent where the endpoint is not there."""
    outcome = record.outcome(scenario)
    if isinstance(outcome, Exchange) and outcome.status == 501:
        raise Absent("no such endpoint: HTTP 501")
    return refused_or_answered(record, scenario)


def _keyed(record: Record) -> None:
    """Go on only where a key is asked for; raises Absent where none is, by the profile or by what came."""
    if isinstance(unclaimed := record.outcome(NO_TOKEN), Unsent):
        raise Absent(unclaimed.reason)
    if is_taken(record, NO_TOKEN):
        raise Elsewhere("no key is asked for anywhere, which authorization.missing judges")


def _present(exchange: Exchange) -> None:
    """Go on only where the endpoint is there; raises Absent where it is not, and need not be."""
    status = exchange.status or 0
    if 400 <= status < 500 or status == 501:
        raise Absent(f"no such endpoint: HTTP {status}")
    judge(status_is_one_of(exchange, "HTTP 200", 200))


def _sums(exchange: Exchange) -> Iterator[Finding]:
    """Where the cost of a compaction, which is told as a response's is, does not add up."""
    if isinstance(exchange.json.value, dict):
        yield from total_is_the_sum(Body(exchange.json.value, exchange))


def _given_out(exchange: Exchange, expected: str) -> Iterator[Finding]:
    """One finding where the answer is no error; which error it is, another requirement judges."""
    if exchange.status is None or exchange.status < 400:
        yield Finding(expected, in_brief(exchange), "status")


def _continued(exchange: Exchange) -> Body:
    if exchange.status is not None and 400 <= exchange.status < 500:
        raise Absent(f"no response can be continued: HTTP {exchange.status}")
    answer = answer_of(exchange)
    if answer is None:
        raise unanswered(exchange)
    return answer
