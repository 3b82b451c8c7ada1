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
from conformance.verdicts.outcome import Outcome
from conformance.verdicts.verdict import Verdict
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

EACH_TIME = (1, 2)
"""The turns that are taken with every change; the others at night."""


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


def judged(folder: Path, text: str, *options: str) -> dict[str, Outcome]:
    """What the suite says, by the row, of the reference provider that keeps a contract."""
    file = folder / "acme.toml"
    file.write_text(HEAD + text, encoding="utf-8")
    bench = Bench.collect(f"--contract={file}", *options)
    verdicts = bench.verdicts(bench.record(HEALTHY), bench.target.contract)
    return {node.rpartition("::")[2]: told for node, told in verdicts.items()}


def is_green(told: Mapping[str, Outcome], *, most: int = 1200) -> bool:
    """Whether nothing is red or yellow, and most of the suite is asked still."""
    assert not {row: each.reason for row, each in told.items() if each.verdict in WORSE}
    return sum(each.verdict is Verdict.PASS for each in told.values()) > most


@pytest.mark.parametrize(
    "turn",
    [pytest.param(turn, marks=() if turn in EACH_TIME else pytest.mark.nightly) for turn in range(MOST)],
)
def test_whoever_keeps_a_narrower_contract_is_green(tmp_path: Path, turn: int) -> None:
    assert is_green(judged(tmp_path, "\n".join(narrowed(turn))))


def test_what_goes_along_is_another_right_value(tmp_path: Path) -> None:
    told = judged(tmp_path, '[request.fields."reasoning.effort"]\nenum = ["minimal", "medium"]\n')
    assert is_green(told, most=1450)
    assert told["test_value_is_accepted[reasoning.summary=detailed-accepted]"].verdict is Verdict.PASS
    assert told["test_value_is_refused[reasoning.effort=low-rejected]"].verdict is Verdict.PASS


@pytest.mark.parametrize(
    "text",
    [
        "[request.fields.store]\nenum = [true]\n",
        "[request.fields.store]\nenum = [false]\ndefault = false\n",
        '[request.fields."text.format"]\nenum = [{ type = "text" }, { type = "json_object" }]\n',
        '[request.fields.tool_choice]\nenum = ["auto"]\n',
        '[request.fields.truncation]\nenum = ["auto", "middle"]\ndefault = "auto"\n',
        "[request.fields.temperature]\nmaximum = 3\n[request.fields.top_p]\nmaximum = 2\n",
    ],
    ids=["all-kept", "nothing-kept", "formats", "choices", "truncations", "wider"],
)
def test_whoever_keeps_it_is_green(tmp_path: Path, text: str) -> None:
    assert is_green(judged(tmp_path, text))


ENUM = "[request.fields.model]\nenum = {}\n"
DATED = "acme-1-2026-01-01"


@pytest.mark.parametrize(
    ("text", "model"),
    [
        (ENUM.format('["acme-1"]'), "acme-1"),
        (ENUM.format(f'["acme-2", "acme-1", "{DATED}"]'), "acme-1"),
        (ENUM.format(f'["acme-2", "acme-1", "{DATED}"]'), DATED),
        (ENUM.format('["acme-1"]\ndefault = "acme-1"'), "acme-1"),
        (ENUM.format(f'["acme-2", "{DATED}"]'), DATED),
        (ENUM.format('["gpt-5.2", "gpt-5.2-2025-12-11"]'), "gpt-5.2"),
        (ENUM.format('["gpt-5.2"]'), "gpt-5.2"),
        ('[request.fields.model]\nwithout = ["enum"]\n', "gpt-5.2"),
        ('[request.fields.model]\ndescription = "The model"\n', "gpt-5.2"),
    ],
    ids=["one", "three", "dated", "dated-alone", "default", "same-dated", "same", "open", "told"],
)
def test_a_page_may_name_its_own_models(tmp_path: Path, text: str, model: str) -> None:
    told = judged(tmp_path, text, f"--model={model}")
    assert is_green(told, most=1470)
    named = [row for row in told if "-accepted]" in row and "[model=" in row]
    alias = (
        DATED
        if DATED in text and '"acme-1"' in text
        else "gpt-5.2-2025-12-11"
        if "2025-12-11" in text
        else ""
    )
    absent = ["absent"] if "default" in text else []
    wanted = ["given", *([alias] if alias else []), *absent]
    assert named == [f"test_value_is_accepted[model={value}-accepted]" for value in wanted]
    refused = {row for row in told if row.startswith("test_value_is_refused[model=")}
    assert "test_value_is_refused[model=no-such-model-5f3c9e-rejected]" in refused
    assert not [row for row in told if "2025-12-11" in row and "enum" in text and not alias]
