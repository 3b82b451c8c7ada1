"""The refusals of a run, by what was refused."""

from conformance.exchange import Exchange
from conformance.run.record import Record
from conformance.scenarios.scenario import Scenario

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


def _area(record: Record, exchange: Exchange) -> str:
    scenario = record.plan.get(exchange.scenario.split("~")[0])
    area = scenario.area if scenario else ""
    return area if area in OWN_AREAS else "fields"


def _endpoint(exchange: Exchange) -> tuple[str, str]:
    return exchange.request.method, exchange.request.url.partition("?")[0]
