"""Which tests the words of the console script name: these are run alone, else all checks."""

from pathlib import Path

import pytest

from conformance.verdicts.gate import CONFORMS
from tests.test_cli import typed


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
