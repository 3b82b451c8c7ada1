"""What is wrong with refusals, and the common words about statuses."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from conformance.exchange import Exchange
from conformance.shown import shown
from conformance.verdicts.judge import Absent
from conformance.verdicts.verdict import Finding


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


def status_is_one_of(exchange: Exchange, expected: str, *statuses: int) -> Iterator[Finding]:
    """The status is among those given (any 4xx where none are)."""
    status = exchange.status or 0
    fits = status in statuses if statuses else 400 <= status < 500
    if not fits:
        yield Finding(expected, in_brief(exchange), "status", exchange.scenario)


def in_brief(exchange: Exchange) -> str:
    """Status and beginning of the body."""
    body = shown(exchange.body[:600].decode("utf-8", "replace"), 160)
    return f"HTTP {exchange.status}: {body or 'an empty body'}"
