"""What became of a request, for the checks that judge that: a 5xx may be the very violation."""

from conformance.contract.area import Area
from conformance.exchange import Exchange, trouble
from conformance.rules.acceptance import alive, begins, blames_itself
from conformance.rules.unanswered import asks_for_stream
from conformance.run.record import Record
from conformance.scenarios.answers import TEXT_STREAM
from conformance.scenarios.scenario import Scenario, Unsent
from conformance.verdicts.judge import Absent, CannotJudge, Elsewhere

OWN_AREAS: tuple[Area, ...] = ("authorization", "errors", "storage")
"""Areas with a row of their own; the refusals of every other area share one."""


def outcome_of(record: Record, scenario: Scenario) -> Exchange:
    """The exchange, whatever became of it: a 5xx may be the very violation.

    Raises Absent where the plan did not need it.
    """
    outcome = record.outcome(scenario)
    if not isinstance(outcome, Exchange):
        raise Absent(outcome.reason)
    return outcome


def answered(record: Record, scenario: Scenario) -> Exchange:
    """A scenario's exchange for a check that judges its status.

    A 5xx that the request surely caused is evidence like any other, also one that says «not now».
    """
    outcome = record.outcome(scenario)
    if not isinstance(outcome, Unsent) and any(outcome is failed for failed in server_errors(record)):
        return outcome
    return record.exchange(scenario)


def refused_or_answered(record: Record, scenario: Scenario) -> Exchange:
    """A wrong request's exchange, for a check that judges whether and how it was refused.

    Raises Absent where the server fails at the request, which one requirement judges for all of them, and
    CannotJudge where a 5xx cannot be laid to it.
    """
    exchange = answered(record, scenario)
    if exchange.status is None or exchange.status < 500:
        return exchange
    if any(exchange is failed for failed in server_errors(record)):
        owner = "error" if scenario.area in OWN_AREAS else "request"
        raise Elsewhere(f"HTTP {exchange.status}, which {owner}.no-server-error judges")
    raise CannotJudge(f"{exchange.scenario}: HTTP {exchange.status}, which may be a moment's weakness")


def is_taken(record: Record, scenario: Scenario) -> bool:
    """Whether a request was answered with 200, whatever else became of it."""
    outcome = record.outcomes.get(scenario.name)
    return isinstance(outcome, Exchange) and outcome.status == 200


def leave_stream(record: Record, exchange: Exchange) -> None:
    """Go on only where a request for a stream tells something of its own.

    Raises Elsewhere where it is not answered, and a plain text is not streamed either: that is one fault.
    """
    if streams_nothing(record, exchange):
        owner = "content-type" if is_taken(record, TEXT_STREAM) else "accepted"
        raise Elsewhere(f"not even a plain text is streamed, which stream.{owner} judges")


def streams_nothing(record: Record, exchange: Exchange) -> bool:
    """Whether a stream did not begin, as that of a plain text did not."""
    plain = record.outcomes.get(TEXT_STREAM.name)
    return (
        asks_for_stream(exchange)
        and not begins(exchange)
        and isinstance(plain, Exchange)
        and not trouble(plain)
        and not begins(plain)
    )


def server_errors(record: Record) -> list[Exchange]:
    """The exchanges in which the server blames itself, where the run shows that it is otherwise well.

    Raises CannotJudge where nothing shows that.
    """
    performed = list(record.performed())
    if not any(map(alive, performed)):
        raise CannotJudge("no exchange of the run was answered with less than a server error")
    return [exchange for exchange in performed if blames_itself(exchange, record.performed)]
