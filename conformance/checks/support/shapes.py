"""How the shapes that clients send are judged: whether they are taken, and whether they are read."""

from collections.abc import Callable, Sequence

from conformance.checks.support.outcomes import outcome_of
from conformance.contract.contracts import Contract
from conformance.contract.level import Level
from conformance.contract.requirements import catalogue
from conformance.exchange import Exchange
from conformance.response import Body
from conformance.rules.acceptance import accepted, judge_accepted, judge_either, refusal
from conformance.rules.answer import answer_of
from conformance.rules.client_requests import answer_shows_it
from conformance.rules.unanswered import unanswered
from conformance.run.record import Record
from conformance.scenarios.scenario import Scenario, Unsent
from conformance.verdicts.judge import ATTEMPTS, Absent, Inconclusive, judge_every

Note = Callable[[str], None]
Predicate = Callable[[Body], bool]


def judge_taken(requirement: str, scenario: Scenario, record: Record, contract: Contract, note: Note) -> None:
    """The request is answered. What the contract calls optional may be refused, in the right words.

    Raises Absent where it was, or where the plan did not need the request.
    """
    exchange = outcome_of(record, scenario)
    leave_no_response(exchange)
    if catalogue(contract)[requirement].level(contract) is not Level.MAY:
        judge_accepted(exchange, record.performed)
        return
    judge_either(exchange, record.performed, note)
    if refusal(exchange):
        raise Absent(f"{scenario.name} is refused with HTTP {exchange.status}")


def leave_no_response(exchange: Exchange) -> None:
    """Go on only where HTTP 200 brought a response; that it brought something else is no fault of a shape.

    Raises Elsewhere, and CannotJudge where the exchange is dead.
    """
    if exchange.status == 200 and answer_of(exchange) is None:
        raise unanswered(exchange)


def is_answered(record: Record, scenario: Scenario) -> bool:
    """Whether a request was performed and answered with HTTP 200."""
    outcome = record.outcome(scenario)
    return isinstance(outcome, Exchange) and outcome.status == 200


def judge_read(
    asked: Sequence[Scenario], plain: Scenario, record: Record, holds: Predicate, expected: str
) -> None:
    """An answer shows what it was asked for, in any attempt of any of these requests.

    Where none does, the last of the requests that were answered decides, and only where the model does what
    it is told in plain shapes. Raises Absent where all were refused.
    """
    evidence: tuple[Exchange, ...] = ()
    *together, alone = asked
    for scenario in asked:
        if isinstance(record.outcome(scenario), Unsent):
            continue
        attempts = record.attempts(scenario)
        if refusal(attempts[0]) or (scenario in together and attempts[0].status != 200):
            continue
        if any(holds(accepted(attempt)) for attempt in attempts):
            return
        evidence = attempts
    if not evidence:
        raise Absent(_unread(record, alone))
    follows(plain, record, holds)
    judge_every(evidence, lambda attempt: answer_shows_it(accepted(attempt), expected))


def follows(plain: Scenario, record: Record, holds: Predicate) -> None:
    """Go on only where the model does what it is told in plain shapes, each time that it is asked.

    Raises Inconclusive where it does not.
    """
    outcome = record.outcome(plain)
    asked = () if isinstance(outcome, Unsent) else record.attempts(plain)
    steady = [attempt for attempt in asked if not refusal(attempt) and holds(accepted(attempt))]
    if len(steady) < ATTEMPTS:
        times = f"{len(steady)} of {len(asked)} times"
        raise Inconclusive(f"in {plain.name} the model does what it is told {times}")


def _unread(record: Record, scenario: Scenario) -> str:
    outcome = record.outcome(scenario)
    if isinstance(outcome, Unsent):
        return outcome.reason
    return f"{scenario.name} was refused with HTTP {outcome.status}"
