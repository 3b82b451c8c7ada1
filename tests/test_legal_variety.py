"""Streams that are told in another way and are right stay green, each over a real socket."""

from collections.abc import Iterator

import pytest

from conformance.contract.contracts import Contract
from conformance.reference.server import serve, url_of
from conformance.scenarios.answers import ANSWERS, STREAMS
from conformance.verdicts.verdict import Verdict
from tests.bench import KEY, Bench, worse

pytestmark = pytest.mark.slow

VARIETY = (
    "line-ends-crlf",
    "line-ends-cr",
    "no-space-after-colon",
    "several-data-lines",
    "comments",
    "ids-on-events",
    "retry-lines",
    "bom",
    "no-done",
    "one-byte-chunks",
    "border-in-final-newlines",
    "white-space-deltas",
    "events-with-extra-members",
    "extension-events",
    "queued",
    "obfuscated",
    "interleaved-items",
    "two-messages",
    "in-progress-left-out",
)
"""The variants, by their ids."""

RED = frozenset({Verdict.FAIL, Verdict.WARN, Verdict.ERROR})


@pytest.fixture(scope="module")
def streams() -> Bench:
    """The checks that look at the shared answers and their streams, and at nothing else."""
    return Bench.collect().performing({scenario.name for scenario in (*ANSWERS, *STREAMS)})


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with serve(key=KEY) as url:
        yield url


@pytest.mark.parametrize("variant", VARIETY)
def test_stream_told_in_another_way_stays_green(streams: Bench, base_url: str, variant: str) -> None:
    record = streams.record_at(url_of(base_url, variant=variant))
    verdicts = streams.verdicts(record, Contract.ANYFAST)
    assert len(verdicts) > 500
    assert {node: seen.reason for node, seen in verdicts.items() if seen.verdict in RED} == {}


def test_a_broken_stream_does_not(streams: Bench, base_url: str) -> None:
    """The same look sees a mutant."""
    record = streams.record_at(url_of(base_url, mutant="three-events"))
    healthy = streams.verdicts(streams.record_at(base_url), Contract.ANYFAST)
    assert list(worse(healthy, streams.verdicts(record, Contract.ANYFAST), streams))
