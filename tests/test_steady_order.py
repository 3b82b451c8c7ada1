"""The same recordings give the same report, to the byte, whatever the order of Python's hashes."""

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.reference.server import serve
from tests.runs import KEY, Ran, run

BROKEN = ("streams-echo-defaults", "error-param-another")
"""Mutants that a check tells of in several findings: of a set of fields, and of every refusal."""

SEEDS = ("1", "2", "3")
"""Seeds of Python's hashes. Two of them put two words into the same order as often as not."""

VARYING = ("started_at", "duration_s")
"""What two runs may tell differently."""


@pytest.fixture(scope="module", params=BROKEN)
def recorded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    reports = tmp_path_factory.mktemp("recorded") / "r"
    with serve(mutant=request.param, key=KEY) as url:
        assert run(reports, f"--base-url={url}").results["verdicts"]
    return reports


def told(done: Ran) -> dict[str, Any]:
    """What a run found out."""
    return {key: value for key, value in done.results.items() if key not in VARYING}


def test_replays_tell_the_same_in_the_same_order(recorded: Path, tmp_path: Path) -> None:
    first, *others = (
        json.dumps(told(run(tmp_path / seed, f"--replay={recorded}", environ={"PYTHONHASHSEED": seed})))
        for seed in SEEDS
    )
    assert [other == first for other in others] == [True] * (len(SEEDS) - 1)
