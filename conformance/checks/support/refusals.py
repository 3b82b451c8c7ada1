"""The refusals of a run, by what was refused."""

from conformance.checks.support.outcomes import OWN_AREAS, answered
from conformance.contract.area import Area
from conformance.exchange import Exchange
from conformance.run.record import Record
from conformance.scenarios.scenario import Scenario, SentFor, Unsent
from conformance.verdicts.judge import Absent

REST: Area = "request_fields"
"""What stands for every area that has no row of its own."""


def refusals_of(record: Record, area: Area, posted: Scenario, *, elsewhere: bool = False) -> list[Exchange]:
    """The refused requests of one area; REST stands for all that have no row of their own.

    `posted` is a scenario that POSTs to the collection: with `elsewhere` the refusals of other paths and
    methods are given, else those of the same. Raises Absent where the plan did not need it, CannotJudge
    where nothing was refused and it is dead.
    """
    outcome = record.outcome(posted)
    if isinstance(outcome, Unsent):
        raise Absent(outcome.reason)
    collection = _endpoint(outcome)
    found = [
        exchange
        for exchange in record.refusals()
        if _area(record, exchange) == area and (_endpoint(exchange) == collection) is not elsewhere
    ]
    if not found:
        answered(record, posted)
    return found


def _area(record: Record, exchange: Exchange) -> SentFor:
    scenario = record.plan.get(exchange.performance.scenario)
    area = scenario.area if scenario else REST
    return area if area in OWN_AREAS else REST


def _endpoint(exchange: Exchange) -> tuple[str, str]:
    return exchange.request.method, exchange.request.url.partition("?")[0]
