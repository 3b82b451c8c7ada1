"""The refusals of a run, by what was refused, and the checks' common words about statuses."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from conformance.exchange import Exchange
from conformance.rules.acceptance import server_errors
from conformance.run.record import Record
from conformance.scenarios.scenario import Scenario, Unsent
from conformance.verdicts.judge import Absent, shown
from conformance.verdicts.verdict import Finding

OWN_AREAS = ("authorization", "errors", "storage")
"""Areas with a row of their own; the refusals of every other area share one."""


def refusals_of(record: Record, area: str, posted: Scenario, *, elsewhere: bool = False) -> list[Exchange]:
    """The refused requests of one area; `fields` stands for all that have no row of their own.

    `posted` is a scenario that POSTs to the collection: with `elsewhere` the refusals of other paths and
    methods are given, else those of the same.
    """
    collection = _endpoint(record.exchange(posted))
    return [
        exchange
        for exchange in record.refusals()
        if _area(record, exchange) == area and (_endpoint(exchange) == collection) is not elsewhere
    ]


def judge_refusals(
    found: Iterable[Exchange], findings: Callable[[Exchange], Iterable[Finding]]
) -> Iterator[Finding]:
    """What is wrong with any of the refusals, each named; raises Absent where nothing was refused."""
    exchanges = list(found)
    if not exchanges:
        raise Absent("nothing was refused")
    for exchange in exchanges:
        for finding in findings(exchange):
            yield replace(finding, scenario=exchange.scenario)


def answered(record: Record, scenario: Scenario) -> Exchange:
    """A scenario's exchange for a check that judges its status.

    A 5xx that the request surely caused is evidence like any other, also one that says «not now».
    """
    outcome = record.outcome(scenario)
    if not isinstance(outcome, Unsent) and any(outcome is failed for failed in server_errors(record)):
        return outcome
    return record.exchange(scenario)


def status_findings(exchange: Exchange, expected: str, *statuses: int) -> Iterator[Finding]:
    """One finding unless the status is among those given (any 4xx where none are)."""
    status = exchange.status or 0
    fits = status in statuses if statuses else 400 <= status < 500
    if not fits:
        yield Finding(expected, in_brief(exchange), "status", exchange.scenario)


def in_brief(exchange: Exchange) -> str:
    """Status and beginning of the body."""
    body = shown(exchange.body[:600].decode("utf-8", "replace"), 160)
    return f"HTTP {exchange.status}: {body or 'an empty body'}"


def _area(record: Record, exchange: Exchange) -> str:
    scenario = record.plan.get(exchange.scenario.split("~")[0])
    area = scenario.area if scenario else ""
    return area if area in OWN_AREAS else "fields"


def _endpoint(exchange: Exchange) -> tuple[str, str]:
    return exchange.request.method, exchange.request.url.partition("?")[0]
