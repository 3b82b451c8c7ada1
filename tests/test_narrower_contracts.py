"""Contracts that allow less than the page: whoever keeps one is green in every row, whatever it allows.

Each contract narrows all enums and all ranges at once; together they leave each member of each enum alone
once, and of each range its lower and its upper half.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.contract.contracts import Contract
from conformance.contract.schemas import page_schema
from conformance.reference.hooks import HEALTHY
from tests.bench import WORSE, Bench

pytestmark = pytest.mark.slow

HEAD = 'extends = "anyfast"\ntitle = "Acme"\nsource = "https://docs.acme.example/responses"\n'
OPEN = 4096
"""The maximum of a range that has none, so that it has halves."""


def described() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every field and every member of one, by its path."""
    for name, field in page_schema(Contract.ANYFAST)["properties"].items():
        yield name, field
        yield from ((f"{name}.{member}", inner) for member, inner in field.get("properties", {}).items())


def members(field: Mapping[str, Any]) -> list[str]:
    return [member for member in field.get("enum", ()) if member is not None]


MOST = max(len(members(field)) for _, field in described())


def narrowed(turn: int) -> Iterator[str]:
    """The tables of a contract: the turn's member of each enum, the turn's half of each range."""
    for path, field in described():
        told: dict[str, Any] = {}
        if members(field):
            member = members(field)[turn % len(members(field))]
            told = {"enum": [member], "default": member}
        elif "minimum" in field:
            low, high = field["minimum"], field.get("maximum", OPEN)
            middle = (low + high) // 2 if "integer" in field["type"] else (low + high) / 2
            low, high = (low, middle) if turn % 2 == 0 else (middle, high)
            told = {"minimum": low, "maximum": high, "default": min(max(field.get("default", 0), low), high)}
        if told:
            keys = [key for key in told if key != "default" or "default" in field]
            lines = [f"{key} = {json.dumps(told[key])}" for key in keys]
            yield "\n".join([f"[request.fields.{json.dumps(path)}]", *lines])


@pytest.mark.parametrize("turn", range(MOST))
def test_whoever_keeps_a_narrower_contract_is_green(tmp_path: Path, turn: int) -> None:
    file = tmp_path / f"narrow-{turn}.toml"
    file.write_text("\n".join([HEAD, *narrowed(turn)]), encoding="utf-8")
    bench = Bench.collect(f"--contract={file}")
    verdicts = bench.verdicts(bench.record(HEALTHY), bench.target.contract)
    assert not {node: told.reason for node, told in verdicts.items() if told.verdict in WORSE}
    answered = [node for node, told in verdicts.items() if told.verdict == "PASS"]
    assert len(answered) > 1200, "most of the suite is asked still"
