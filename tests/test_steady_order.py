"""The same recordings give the same report, to the byte, whatever the order of Python's hashes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from conformance.reference.server import serve
from tests.hostile.grudging import unhurried
from tests.runs import KEY, Ran, Running, run

pytestmark = pytest.mark.slow

BROKEN = (
    "error-param-another",
    pytest.param("streams-echo-defaults", marks=pytest.mark.nightly),
    pytest.param("streams-500", marks=pytest.mark.nightly),
)
"""Mutants that a check tells of in several findings: of refusals, of a set of fields, of streams."""

SEEDS = ("1", "2", "3")
"""Seeds of Python's hashes. Two of them put two words into the same order as often as not."""

VARYING = ("started_at", "duration_s")
"""What two runs may tell differently."""


def told(done: Ran) -> dict[str, Any]:
    """What a run found out."""
    return {key: value for key, value in done.results.items() if key not in VARYING}


OVER_MANY = ("conformance/checks/test_errors.py", "conformance/checks/test_response_consistency.py")
"""Checks whose rows look over many exchanges, and name one of them."""

WITHIN = 180.0
"""Seconds; a run among answers that take their time."""


def rows(done: Ran) -> list[dict[str, Any]]:
    """The rows, in the order of their checks, with ids and times held out.

    So is how many exchanges each looked at: a replay of a narrow run looks for all that a whole one sends.
    """
    found = sorted(done.results["verdicts"], key=lambda row: str(row["check"]))
    told = json.dumps([{key: value for key, value in row.items() if key != "exchanges"} for row in found])
    held_out: list[dict[str, Any]] = json.loads(re.sub(r"\b[a-z]+_[0-9a-f]{8,}|\b\d+\.\d+ s\b", "…", told))
    return held_out


@pytest.mark.parametrize("mutant", ["error-flat", "item-ids-numbered"])
def test_two_live_runs_and_a_replay_name_the_same_exchanges(mutant: str, tmp_path: Path) -> None:
    """Whichever answer came first, whatever failed in the run before, in whichever order checks are made."""
    options = ("--model=gpt-5.2", "--concurrency=8")
    with unhurried(mutant, seed=1) as url:
        given = (f"--base-url={url}", *options)
        first = rows(Running(tmp_path / "r", *OVER_MANY, *given).wait(WITHIN))
    with unhurried(mutant, seed=2) as url:
        given = (f"--base-url={url}", *options)
        second = rows(Running(tmp_path / "s", *reversed(OVER_MANY), *given).wait(WITHIN))
        third = rows(Running(tmp_path / "s", *OVER_MANY, *given).wait(WITHIN))
    again = rows(Running(tmp_path / "t", *OVER_MANY, f"--replay={tmp_path / 'r'}").wait(WITHIN))
    assert any(row["verdict"] == "FAIL" or row["verdict"] == "WARN" for row in first)
    assert second == first
    assert third == first
    assert again == first


@pytest.mark.parametrize("mutant", BROKEN)
def test_two_whole_runs_and_their_replays_tell_the_same(mutant: str, tmp_path: Path) -> None:
    """Every row but that of the moments at which chunks came: verdict, words, and the exchanges it names."""

    def whole(done: Ran) -> list[dict[str, Any]]:
        return [row for row in rows(done) if row["requirement"] != "stream.timing"]

    with serve(mutant=mutant, key=KEY) as url:
        first, second = (whole(run(tmp_path / name, f"--base-url={url}")) for name in ("r", "s"))
    replay = f"--replay={tmp_path / 'r'}"
    replays = [run(tmp_path / seed, replay, environ={"PYTHONHASHSEED": seed}) for seed in SEEDS]
    again = whole(replays[0])
    assert any(row["shown_by"] for row in first)
    assert [old for old, new in zip(first, second, strict=True) if old != new] == []
    assert [old for old, new in zip(first, again, strict=True) if old != new] == []
    one, *others = (json.dumps(told(done)) for done in replays)
    assert [other == one for other in others] == [True] * (len(SEEDS) - 1), "in the same order too"
