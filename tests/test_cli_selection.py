"""Which tests the words of the console script name: these are run alone, else all checks."""

import json
from pathlib import Path

import pytest

from conformance.verdicts.gate import CONFORMS
from tests.test_cli import typed

pytestmark = pytest.mark.slow


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder with a test of the user's own."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "test_own.py").write_text("def test_own():\n    assert True\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "there", "absent"),
    [
        (("--pyargs", "conformance.checks.test_usage"), "test_usage.py::", "test_input.py::"),
        (("conformance/checks/test_usage.py",), "test_usage.py::", "test_input.py::"),
        (("-x", "conformance/checks/test_usage.py"), "test_usage.py::", "test_input.py::"),
        (("--deselect", "conformance/checks/test_usage.py"), "test_input.py::", "test_usage.py::"),
        (("--deselect=conformance/checks/test_usage.py",), "test_input.py::", "test_usage.py::"),
        (("--ignore", "conformance/checks/test_usage.py"), "test_input.py::", "test_usage.py::"),
        (("--ignore=conformance/checks/test_usage.py",), "test_input.py::", "test_usage.py::"),
        (("own/test_own.py",), "test_own", "test_usage.py::"),
        (("own",), "test_own", "test_usage.py::"),
        (("-k", "own or usage"), "test_usage.py::", "test_own"),
        (("--report-dir", "own"), "test_usage.py::", "test_own"),
    ],
    ids=" ".join,
)
def test_a_word_that_names_tests_runs_these_alone(
    own: Path, words: tuple[str, ...], there: str, absent: str
) -> None:
    done = typed(own, *words, "--collect-only", "-q")
    assert done.returncode == CONFORMS, done.stdout + done.stderr
    assert there in done.stdout
    assert absent not in done.stdout


CHECK = """
from conformance.checks.support.marks import covers
from conformance.checks.support.families import for_each, judge_answers
from conformance.rules import usage

@covers("usage.total")
@for_each("text")
def test_mine(family, record):
    judge_answers(record, family, usage.total_is_the_sum)
"""


@pytest.mark.parametrize("words", [("own/test_mine.py",), ("own",)], ids=" ".join)
def test_a_check_outside_the_root_is_named_by_its_path(own: Path, words: tuple[str, ...]) -> None:
    file = own / "own" / "test_mine.py"
    file.write_text(CHECK, encoding="utf-8")
    done = typed(own, *words, "--provider", "reference", "--report-dir", "r", "-k", "mine")
    assert done.returncode == CONFORMS, done.stdout + done.stderr
    results = json.loads((own / "r" / "results.json").read_text(encoding="utf-8"))
    (check,) = (row["check"] for row in results["verdicts"])
    assert check == f"{file.as_posix()}::test_mine[text]"
    again = typed(own, check, "--provider", "reference", "--report-dir", "r")
    assert "1 passed" in again.stdout, again.stdout + again.stderr
