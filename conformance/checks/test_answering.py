"""Whatever the page allows is answered, at the first try, whoever else judges what the answer says."""

from conformance.checks.support.marks import covers, needs
from conformance.checks.support.outcomes import streams_nothing
from conformance.exchange import RETRIED, Exchange
from conformance.rules.acceptance import blames_itself, refusal
from conformance.rules.refusals import in_brief
from conformance.run.record import Record
from conformance.scenarios.answers import TEXT, TWINS
from conformance.scenarios.scenario import SentFor
from conformance.scenarios.tools import CUT_CALL, UNASKED
from conformance.verdicts.judge import judge
from conformance.verdicts.verdict import Finding

AREAS: frozenset[SentFor] = frozenset(
    {
        "answers",
        "billing",
        "client_requests",
        "honoured",
        "input",
        "loops",
        "response_consistency",
        "storage",
        "stream_framing",
        "stream_time",
    }
)
"""The areas whose requests vary no field: what they ask for, every contract allows."""

TOOLS = frozenset(scenario.name for scenario in (CUT_CALL, UNASKED))
"""What asks for tools, and is answered, without a row of its own that says so."""

STREAMED = frozenset(streamed.name for streamed, _ in TWINS)
"""The streams with a row of their own, which says whether they are answered."""


@covers("response.answered")
@needs(TEXT)
def test_what_is_allowed_is_answered(record: Record) -> None:
    """A long prompt, a conversation, plain text: none of it is refused.

    Of streams that have a twin `stream.accepted` judges that, and of all where none is answered.
    """
    judge(
        Finding("HTTP 200", in_brief(exchange), "status", exchange.scenario)
        for exchange in record.performed()
        if _allowed(record, exchange)
        and _turned_down(record, exchange)
        and not streams_nothing(record, exchange)
    )


@covers("response.answered-at-once")
@needs(TEXT)
def test_no_server_error_passes_at_the_second_try(record: Record) -> None:
    """429 and 503 say «not now»; a 500 that a repetition mends is a fault that clients without one see."""
    judge(
        Finding(
            "an answer at the first try",
            f"HTTP 500, then HTTP {exchange.status}",
            "status",
            exchange.scenario,
        )
        for exchange in record.performed()
        if exchange.status is not None
        and exchange.status < 500
        and any(attempt.status == 500 for attempt in exchange.retries)
    )


def _turned_down(record: Record, exchange: Exchange) -> bool:
    """Refused, or the server blames itself; 502, 503 and 504 may say «not now», but where they stay."""
    fails = exchange.status is not None and exchange.status >= 500 and exchange.status not in RETRIED
    return fails or refusal(exchange) or blames_itself(exchange, record.performed)


def _allowed(record: Record, exchange: Exchange) -> bool:
    scenario = record.plan.get(exchange.performance.scenario)
    if scenario is None or scenario.name in STREAMED:
        return False
    return scenario.expects == "answer" and (scenario.area in AREAS or scenario.name in TOOLS)
