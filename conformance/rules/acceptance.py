"""Whether a request was accepted or refused, and whether that was done well."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from conformance.contract.boundaries import Expectation
from conformance.exchange import RETRIED, Exchange, trouble
from conformance.response import Body
from conformance.rules.answer import answer_of
from conformance.rules.blame import no_wait_mends
from conformance.rules.errors import error_of, names_param
from conformance.rules.unanswered import EVENT_STREAM, KEY_TROUBLE, asks_for_stream, unanswered
from conformance.shown import shown
from conformance.streams.stream import Stream
from conformance.verdicts.judge import Absent, CannotJudge, Elsewhere, expect
from conformance.verdicts.verdict import Finding

Note = Callable[[str], None]

Performed = Callable[[], Iterable[Exchange]]
"""Gives every exchange of the run: asked only of a 5xx, which one exchange alone does not explain."""


ENOUGH = 3
"""Requests of which trying again has shown that the server fails at each of them."""


def judge_case(expectation: Expectation, exchange: Exchange, performed: Performed, note: Note) -> None:
    """Judge one exchange by what the contract in force expects of its value."""
    match expectation:
        case Expectation.ACCEPTED:
            judge_accepted(exchange, performed)
        case Expectation.REJECTED:
            judge_refused(exchange, performed)
        case Expectation.CONFLICT:
            judge_either(exchange, performed, note)


def judge_accepted(exchange: Exchange, performed: Performed) -> None:
    """The value is right: HTTP 200 with a Response, or the beginning of a stream; and no error.

    That a body which is no stream is neither says nothing of the value: raises Elsewhere, since what the body
    is, is judged of every answer of the run.
    """
    _judgeable(exchange, performed)
    expect(exchange.status == 200, "HTTP 200", _answered(exchange), "status")
    answer = answer_of(exchange)
    if answer is None:
        if not (asks_for_stream(exchange) or begins(exchange) or error_of(exchange)):
            raise unanswered(exchange)
        expect(begins(exchange), "a Response in the body", _answered(exchange), "$")
    elif answer.status == "failed":
        expect(False, "an answer", f"status failed: {shown(answer.response.get('error'))}", "$.status")


def begins(exchange: Exchange) -> bool:
    """Whether an answer came: a Response, or at least the first event of a stream."""
    if answer_of(exchange) is not None:
        return True
    streams = exchange.status == 200 and exchange.media_type == EVENT_STREAM
    return streams and len(Stream.of(exchange)) > 0


def judge_refused(exchange: Exchange, performed: Performed) -> None:
    """The value is wrong: a 4xx status, however it is worded, which the requirements of the envelope judge.

    An answer that has begun is no refusal any more, whether or not it comes to its end. Raises Absent where
    the server fails at it: that is one fault, and has a requirement of its own.
    """
    leave_server_error(exchange, performed)
    expect(_is_refusal(exchange), "HTTP 4xx", _answered(exchange), "status")


def leave_server_error(exchange: Exchange, performed: Performed) -> None:
    """Go on only where the server did not fail at a wrong value.

    Raises Absent where it did, CannotJudge where the exchange tells of something else than its value.
    """
    if exchange.status is None or exchange.status >= 400:
        _judgeable(exchange, performed)
    if exchange.status is not None and exchange.status >= 500:
        raise Elsewhere(f"HTTP {exchange.status}, which request.no-server-error judges")


def judge_either(exchange: Exchange, performed: Performed, note: Note) -> None:
    """The sources contradict each other: an answer is right, so is a refusal; the note says which."""
    _judgeable(exchange, performed)
    if _is_refusal(exchange):
        note(f"refused with HTTP {exchange.status}")
        return
    expect(exchange.status == 200, "HTTP 200, or a refusal with 4xx", _answered(exchange), "status")
    judge_accepted(exchange, performed)
    note("accepted")


def accepted(exchange: Exchange) -> Body:
    """The Response of a request that was accepted.

    Raises Absent where it was refused (there is nothing to honour), or where what came is no Response at all,
    which is a violation of another requirement; CannotJudge where that cannot be told.
    """
    if refusal(exchange):
        raise Absent(f"{exchange.scenario} was refused with HTTP {exchange.status}")
    answer = answer_of(exchange)
    if answer is None:
        raise unanswered(exchange)
    return answer


def params_name_what_was_wrong(refusals: Iterable[tuple[Exchange, tuple[str, ...]]]) -> Iterator[Finding]:
    """The `error.param` of each refusal names one of the fields that the request got wrong."""
    for exchange, names in refusals:
        if not any(names_param(exchange, name) for name in names):
            actual = _answered(exchange)
            yield Finding(
                f"error.param names {' or '.join(names)}", actual, "$.error.param", exchange.scenario
            )


def refusal(exchange: Exchange) -> bool:
    """Whether the request itself was refused: a 4xx that is neither «not now» nor a lost key."""
    return _is_refusal(exchange) and exchange.status not in RETRIED | KEY_TROUBLE


def blames_itself(exchange: Exchange, performed: Performed) -> bool:
    """Whether a 5xx was caused by what the request says.

    A 5xx may be a moment's weakness, unless it says that there is no such model. No 500 is laid to its
    request where a retry mended one elsewhere. A 502, 503 or 504 is laid to it only where each of its tries
    met one, another request that was sent since its first try was answered, and it was tried twice as often
    as any that a retry helped. One that was not tried again, since that is bounded, is laid to its request
    where trying helped nobody, not even `ENOUGH`.
    """
    if exchange.status is None or exchange.status < 500:
        return False
    answered = [other for other in performed() if alive(other)]
    if not answered:
        return False
    if exchange.status not in RETRIED:
        return not any(attempt.status == 500 for e in answered for attempt in e.retries)
    if no_wait_mends(exchange):
        return True
    if _put_off(exchange):
        return _stays(exchange, answered)
    lasting = (each for each in performed() if each.status == exchange.status and _stays(each, answered))
    return not any(map(_put_off, answered)) and len(list(islice(lasting, ENOUGH))) == ENOUGH


def _stays(exchange: Exchange, answered: Sequence[Exchange]) -> bool:
    """Whether trying again was in vain, while others were answered, and oftener than it ever helped."""
    meanwhile = any(e.started_at >= _first_try(exchange) for e in answered)
    met = _put_off(exchange)
    helped = max(len(_put_off(other)) for other in answered)
    return meanwhile and bool(met) and all(s >= 500 for s in met) and len(met) + 1 >= 2 * (helped + 1)


def _first_try(exchange: Exchange) -> float:
    """When the first try was sent (Unix time); reckoned from the waits where it was not recorded."""
    recorded = [attempt.started_at for attempt in exchange.retries if attempt.started_at is not None]
    return min([exchange.started_at - sum(attempt.waited for attempt in exchange.retries), *recorded])


def _put_off(exchange: Exchange) -> list[int]:
    """The statuses that its other tries met, of those that may be a moment's weakness."""
    statuses = (attempt.status for attempt in exchange.retries)
    return [status for status in statuses if status is not None and (status >= 500 or status in RETRIED)]


def alive(exchange: Exchange) -> bool:
    """Whether an exchange was answered with less than a server error."""
    return exchange.status is not None and exchange.status < 500


def _is_refusal(exchange: Exchange) -> bool:
    return exchange.status is not None and 400 <= exchange.status < 500


def _judgeable(exchange: Exchange, performed: Performed) -> None:
    """Raise CannotJudge where the exchange tells of something else than its value."""
    if blames_itself(exchange, performed):
        return
    if exchange.fault is not None:
        raise CannotJudge(f"{exchange.scenario}: {exchange.fault.message}")
    if dead := trouble(exchange):
        raise CannotJudge(dead)
    if exchange.status in KEY_TROUBLE:
        raise CannotJudge(f"{exchange.scenario}: HTTP {exchange.status}, so the key was not taken")
    if exchange.status is not None and exchange.status >= 500:
        raise CannotJudge(f"{exchange.scenario}: HTTP {exchange.status}, and no exchange was answered better")


def _answered(exchange: Exchange) -> str:
    body = shown(exchange.body[:600].decode("utf-8", "replace"), 200) or "an empty body"
    return f"HTTP {exchange.status}: {body}"
