"""Whatever a provider sends, each check ends in a verdict: none of them breaks on it."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from conformance.contract.contracts import SHIPPED, Contract
from conformance.exchange import Chunk, Exchange
from conformance.reference.hooks import HEALTHY
from conformance.run.record import Record
from conformance.strict_json import parse
from tests.bench import Bench

pytestmark = pytest.mark.slow

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["response.completed", "message", "output_text", "function_call", "\ud800", "1e999"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "id", "output", "usage", "text", "status", "item", "response", "error", ""]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""One example judges hundreds of answers: it names the check that broke, and need not be smaller."""

STATUSES = (200, 200, 200, 200, 200, 200, 200, 201, 204, 301, 400, 401, 404, 422, 429, 500, 503)
HEADERS = ("content-type", "www-authenticate", "location", "allow", "retry-after")


Faults = Callable[[list[Any], int, Contract], dict[str, str]]


@pytest.fixture(scope="module")
def faults_over() -> Faults:
    """What breaks in the checks when every answer of a healthy run is spoiled somewhere."""
    bench = Bench.collect()
    healthy = bench.record(HEALTHY)

    def faults(values: list[Any], seed: int, contract: Contract) -> dict[str, str]:
        chance = random.Random(seed)  # noqa: S311 - only chooses what is spoiled
        outcomes = {
            name: _spoiled(exchange, values, chance) if isinstance(exchange, Exchange) else exchange
            for name, exchange in healthy.outcomes.items()
        }
        verdicts = bench.verdicts(Record(healthy.plan, outcomes), contract)
        return {node: outcome.reason for node, outcome in verdicts.items() if outcome.suite_fault}

    return faults


@settings(deadline=None, max_examples=15, suppress_health_check=list(HealthCheck), phases=NO_SHRINKING)
@given(st.lists(JSON, min_size=1, max_size=12), st.integers(0, 2**32), st.sampled_from([*SHIPPED.values()]))
def test_no_check_breaks_on_what_a_provider_sends(
    faults_over: Faults, values: list[Any], seed: int, contract: Contract
) -> None:
    """A value, an event, the order of events, a status or a header is another in each answer."""
    assert faults_over(values, seed, contract) == {}


def _spoiled(exchange: Exchange, values: list[Any], chance: random.Random) -> Exchange:
    if chance.random() < 0.2:
        return exchange
    body = exchange.body
    spoil = _events if exchange.media_type == "text/event-stream" else _document
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        body = spoil(body, values, chance)
    status, headers = exchange.status, exchange.headers
    if chance.random() < 0.1:
        status = chance.choice(STATUSES)
    if chance.random() < 0.05:
        headers = (*headers, (chance.choice(HEADERS), str(chance.choice(values))))[::-1]
    at = exchange.chunks[0].at if exchange.chunks else 0.0
    return replace(exchange, status=status, headers=headers, chunks=(Chunk(at, body),))


def _document(body: bytes, values: list[Any], chance: random.Random) -> bytes:
    """The JSON with one value replaced, removed or added, or cut off."""
    if chance.random() < 0.03:
        return body[: chance.randrange(len(body) + 1)]
    return _encoded(_changed(parse(body).value, values, chance))


def _events(body: bytes, values: list[Any], chance: random.Random) -> bytes:
    """The stream with one event or the order of its events changed."""
    blocks = body.split(b"\n\n")
    place = chance.randrange(len(blocks))
    moved = chance.randrange(len(blocks))
    changes: tuple[Callable[[], object], ...] = (
        lambda: blocks.__setitem__(place, _event(blocks[place], values, chance)),
        lambda: blocks.__setitem__(place, _event(blocks[place], values, chance)),
        lambda: blocks.__setitem__(-2, _event(blocks[-2], values, chance)) if len(blocks) > 1 else None,
        lambda: blocks.insert(moved, blocks[place]),
        lambda: blocks.insert(moved, blocks.pop(place)),
        lambda: blocks.pop(place),
        lambda: blocks.insert(place, b"data: " + _encoded(chance.choice(values))),
    )
    chance.choice(changes)()
    return b"\n\n".join(blocks)


def _event(block: bytes, values: list[Any], chance: random.Random) -> bytes:
    head, found, data = block.partition(b"data: ")
    return head + found + _encoded(_changed(parse(data).value, values, chance))


def _changed(value: Any, values: list[Any], chance: random.Random) -> Any:
    """A value deep inside another one replaced, or removed; a member added."""
    if chance.random() < 0.15 or not value or not isinstance(value, dict | list):
        return chance.choice(values)
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    key = chance.choice(keys)
    made = value.copy()
    if chance.random() < 0.1:
        del made[key]
    else:
        made[key] = _changed(value[key], values, chance)
    return made


def _encoded(value: Any) -> bytes:
    return json.dumps(value).encode()
