"""Why an exchange has no Response to look at: a fault that a requirement names, or one nobody can tell."""

from collections.abc import Sequence

from conformance.exchange import RETRIED, Exchange
from conformance.verdicts.judge import CannotJudge, Elsewhere

EVENT_STREAM = "text/event-stream"
KEY_TROUBLE = frozenset({401, 403})
"""Statuses that tell of the key, and nothing of the request."""


def unanswered(exchange: Exchange) -> CannotJudge | Elsewhere:
    """What a check raises that has no Response to judge.

    A refusal, a server error and a body that is none are violations where the answer is promised: of these
    one requirement tells, and all others are SKIP. A dead exchange and a lost key tell nothing: ERROR.
    """
    name, status = exchange.scenario, exchange.status
    if exchange.fault is not None:
        return CannotJudge(f"{name}: {exchange.fault.message}")
    if status is None or status in RETRIED | KEY_TROUBLE:
        return CannotJudge(f"{name}: HTTP {status} instead of an answer")
    if status != 200:
        return Elsewhere(f"{name}: HTTP {status} instead of an answer, which is judged where one is promised")
    if exchange.media_type == EVENT_STREAM:
        return Elsewhere(f"{name}: no event brings the response, which the requirements of its end judge")
    return Elsewhere(f"{name}: HTTP 200 without a Response, which {_owner(exchange)} judges")


def _owner(exchange: Exchange) -> str:
    """The requirement that tells what is wrong with a body that came with HTTP 200 and is no Response."""
    if asks_for_stream(exchange):
        return "stream.content-type"
    body = exchange.json.value
    if not isinstance(body, dict):
        return "response.body"
    return "response.no-error-in-200" if body.get("error") else "response.output"


def asks_for_stream(exchange: Exchange) -> bool:
    """Whether the request says `stream: true`."""
    return isinstance(exchange.sent_json, dict) and exchange.sent_json.get("stream") is True


def first_unjudged(reasons: Sequence[CannotJudge | Elsewhere]) -> CannotJudge | Elsewhere | None:
    """Of several reasons the one that counts: what nobody could tell weighs more than what is named."""
    dead = (reason for reason in reasons if isinstance(reason, CannotJudge))
    return next(dead, reasons[0] if reasons else None)
