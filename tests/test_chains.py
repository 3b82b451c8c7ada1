"""What builds on an answer stays evidence when that answer is asked for anew by a narrower run.

Each story is told by processes against one server; what lies in the report folder is looked at before and
after, byte by byte, and judged again.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.checks.survey import all_rows
from conformance.reference.server import serve
from conformance.run.record import Record
from conformance.scenarios.closure import built_on, closure
from conformance.scenarios.storage import GET_STORED, INPUT_ITEMS, STORED
from conformance.verdicts.gate import VIOLATED
from conformance.verdicts.judge import CannotJudge
from tests.exchanges import exchange
from tests.runs import KEY, Ran, run

pytestmark = pytest.mark.slow

MUTANT = "store-false-kept"
CHAINS = ("-k", "test_storage or test_tools or test_the_total_is_the_sum")
"""Chains of every length, and checks of their heads."""

HEADS = {
    "text": "conformance/checks/test_usage.py::test_the_total_is_the_sum[text]",
    "tool-call": "conformance/checks/test_usage.py::test_the_total_is_the_sum[tools]",
    "stored": "conformance/checks/test_storage.py::test_a_stored_response_can_be_retrieved[get-stored]",
}
"""A check whose run records the head of a chain anew, and not what follows it."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serve(key=KEY, mutant=MUTANT) as base_url:
        yield base_url


@pytest.fixture(scope="module")
def first(url: str, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    ran = run(tmp_path_factory.mktemp("chains") / "report", "--base-url", url, *CHAINS)
    assert ran.code == VIOLATED, ran.printed
    return ran


@pytest.fixture
def folder(first: Ran, tmp_path: Path) -> Path:
    shutil.copytree(first.report, tmp_path / "report")
    return tmp_path / "report"


def recordings(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (folder / "exchanges").glob("*.json")}


def earlier(folder: Path) -> list[str]:
    """The scenarios of the recordings that newer ones took the place of."""
    files = (folder / "exchanges" / "earlier").glob("*.json")
    return sorted(json.loads(file.read_bytes())["scenario"] for file in files)


def replayed(folder: Path, into: Path) -> Ran:
    ran = run(into, "--replay", str(folder), *CHAINS)
    assert ran.results["traffic"]["requests"] == 0
    return ran


@pytest.mark.parametrize("head", HEADS)
def test_what_follows_a_head_that_is_recorded_anew_is_judged_as_before(
    first: Ran, folder: Path, url: str, tmp_path: Path, head: str
) -> None:
    before = recordings(folder)
    again = run(folder, "--base-url", url, HEADS[head])
    renewed = {name for name, data in recordings(folder).items() if data != before[name]}
    assert f"{head}.json" in renewed
    assert len(renewed) == again.results["traffic"]["requests"]
    assert head in earlier(folder)
    ran = replayed(folder, tmp_path / "replayed")
    assert ran.verdicts == first.verdicts
    assert ran.code == first.code
    shown = json.loads(recordings(folder)[f"{head}.json"])
    assert shown["started_at"] > json.loads(before[f"{head}.json"])["started_at"]


def test_of_a_head_only_what_others_were_made_with_is_kept(
    first: Ran, folder: Path, url: str, tmp_path: Path
) -> None:
    for _ in range(2):
        run(folder, "--base-url", url, HEADS["text"])
    run(folder, "--base-url", url, "-k", "get-unstored")
    run(folder, "--base-url", url, HEADS["text"])
    assert earlier(folder).count("text") == 2, "one for what was made first, one for get-unstored"
    assert replayed(folder, tmp_path / "replayed").verdicts == first.verdicts
    again = run(folder, "--base-url", url, *CHAINS)
    assert again.verdicts == first.verdicts
    assert earlier(folder) == []
    assert not (folder / "exchanges" / "earlier").exists()


def test_what_is_replaced_on_purpose_is_gone(folder: Path, url: str) -> None:
    run(folder, "--base-url", url, HEADS["stored"])
    assert earlier(folder)
    run(folder, "--base-url", url, HEADS["text"], "--overwrite")
    assert earlier(folder) == []
    assert recordings(folder).keys() == {"manifest.json", "text.json"}


def test_no_check_compares_what_may_build_on_different_answers() -> None:
    """Two scenarios of a check, neither behind the other, would part as soon as one is recorded anew.

    What is asked only in doubt comes behind a request without a look at its answer.
    """
    parted = "test_thoughts_are_taken_back_with_an_empty_content"  # two answers to one thought: ERROR says so
    for node, _, scenarios in (row for row in all_rows() if parted not in row[0]):
        chains = built_on(scenarios)
        names = dict.fromkeys(scenario.name for scenario in scenarios if not scenario.in_doubt)
        within = frozenset[str]().union(*(chains.get(name, ()) for name in names))
        heads = [head for name in names if name not in within for head in chains.get(name, ())]
        assert len(heads) == len(set(heads)), node


def test_answers_of_different_heads_are_never_mixed() -> None:
    newest, old = exchange(STORED, at=3), exchange(STORED, at=1)
    followers = (exchange(GET_STORED, at=4), exchange(INPUT_ITEMS, at=2))
    outcomes = {each.scenario: each for each in (newest, *followers)}
    record = Record(closure((GET_STORED, INPUT_ITEMS)), outcomes, older={"input-items": {"stored": old}})
    assert record.handed([STORED]).exchange(STORED) is newest
    assert record.handed([GET_STORED, STORED]).exchange(STORED) is newest
    assert record.handed([INPUT_ITEMS, STORED]).exchange(STORED) is old
    with pytest.raises(CannotJudge, match="different answers of stored"):
        record.handed([GET_STORED, INPUT_ITEMS])
