"""The installed wheel, away from the checkout: the console script finds checks, schemas and profiles."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.verdicts.gate import CONFORMS, USAGE
from tests.runs import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's contents in a folder of their own, without its dependencies, which are here already."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", f"--wheel-dir={folder}", str(ROOT)]
    subprocess.run(build, check=True)
    (wheel,) = folder.glob("*.whl")
    subprocess.run([*pip, "install", "--no-deps", f"--target={folder / 'site'}", str(wheel)], check=True)
    return folder / "site"


def script(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the console script in a folder, with the wheel's code instead of the checkout's."""
    words = [sys.executable, "-c", "import sys; from conformance.cli import main; sys.exit(main())"]
    return subprocess.run(
        [*words, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_console_script_judges_the_reference_from_an_empty_folder(
    installed: Path, tmp_path: Path
) -> None:
    done = script(installed, tmp_path, "-k", "test_usage")
    assert done.returncode == CONFORMS, done.stdout + done.stderr
    reports = tmp_path / "reports" / "reference"
    assert (reports / "index.html").is_file()
    results = json.loads((reports / "results.json").read_text(encoding="utf-8"))
    assert {row["check"].split("/")[0] for row in results["verdicts"]} == {"conformance"}
    assert str(reports / "index.html") in done.stdout


def test_the_console_script_takes_node_ids_and_compares(installed: Path, tmp_path: Path) -> None:
    node = "conformance/checks/test_usage.py::test_the_total_is_the_sum"
    assert script(installed, tmp_path, node).returncode == CONFORMS
    compared = script(
        installed, tmp_path, "compare", "reports/reference/results.json", "-o", "reports/all.html"
    )
    assert compared.returncode == CONFORMS, compared.stderr
    assert (tmp_path / "reports" / "all.html").is_file()


def test_the_project_around_an_environment_does_not_configure_a_run(installed: Path, tmp_path: Path) -> None:
    """An environment often lies in a project's folder, whose settings pytest would find on its way up."""
    around = installed.parent / "pyproject.toml"
    around.write_text('[tool.pytest.ini_options]\naddopts = "--nosuch"\n', encoding="utf-8")
    try:
        done = script(installed, tmp_path, "-k", "test_the_total_is_the_sum and tools")
    finally:
        around.unlink()
    assert done.returncode == CONFORMS, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["list", "requirements", "usage.total"], "usage.total "),
        (["list", "profiles", "anyfast"], "anyfast "),
        (["list", "scenarios", "text-stream"], "text-stream "),
        (["explain", "usage.total"], "conformance/checks/test_usage.py::test_the_total_is_the_sum"),
        (["--help"], "usage: responses-conformance"),
    ],
)
def test_the_other_commands_find_their_data(
    installed: Path, tmp_path: Path, words: list[str], said: str
) -> None:
    done = script(installed, tmp_path, *words)
    assert done.returncode == CONFORMS, done.stderr
    assert said in done.stdout
    assert not list(tmp_path.iterdir())


def test_the_drivers_of_clients_come_along_and_the_clients_do_not(installed: Path) -> None:
    node = {file.name for file in (installed / "conformance" / "driving" / "node").iterdir()}
    assert node == {
        *("package.json", "package-lock.json", "driving.mjs"),
        *("openai-node.mjs", "ai-sdk.mjs", "codex.mjs"),
    }


def test_the_console_script_refuses_a_bad_profile_in_one_line(installed: Path, tmp_path: Path) -> None:
    done = script(installed, tmp_path, "--provider=nosuch")
    assert done.returncode == USAGE
    assert "there is no profile 'nosuch'" in done.stdout + done.stderr
    assert not list(tmp_path.iterdir())
