"""The workflow files, as far as they can be held against this repository without running them."""

import re
from pathlib import Path
from typing import Any

import pytest

from conformance.commands.compare import main as compare
from conformance.driving.roster import CLIENTS
from conformance.resources import PROFILES

yaml = pytest.importorskip("yaml", reason="needs PyYAML, which the dev extra installs")

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def loaded(name: str) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / f"{name}.yml").read_text())
    return found


def steps(job: dict[str, Any]) -> list[str]:
    return [step["run"] for step in job["steps"] if "run" in step]


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_is_yaml_with_bounded_jobs_and_no_rights_to_write(file: Path) -> None:
    found = yaml.safe_load(file.read_text())
    assert found["permissions"] == {"contents": "read"}
    assert True in found  # YAML 1.1 reads `on` as true, and GitHub reads the word
    for job in found["jobs"].values():
        assert 0 < job["timeout-minutes"] <= 60
        for step in job["steps"]:
            assert ("run" in step) != ("uses" in step)


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_actions_are_pinned_by_major_version(file: Path) -> None:
    used = re.findall(r"uses: (\S+)", file.read_text())
    assert used
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", action) for action in used)


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_no_expression_stands_in_a_script(file: Path) -> None:
    """What stands in `env` is data to the shell; what stands in `run` would be program."""
    for job in yaml.safe_load(file.read_text())["jobs"].values():
        for script in steps(job):
            assert "${{" not in script


def test_ci_is_what_a_person_runs() -> None:
    assert (ROOT / ".ci" / "run").is_file()
    assert steps(loaded("ci")["jobs"]["ci"]) == [".ci/run"]


def test_each_provider_of_the_night_has_a_profile() -> None:
    matrix = loaded("nightly")["jobs"]["provider"]["strategy"]
    assert matrix["fail-fast"] is False
    names = [entry["provider"] for entry in matrix["matrix"]["include"]]
    assert "reference" in names
    for name in names:
        assert (PROFILES / f"{name}.toml").is_file()


def test_the_nights_last_job_runs_always_and_fails_on_red(tmp_path: Path) -> None:
    job = loaded("nightly")["jobs"]["comparison"]
    assert job["needs"] == "provider"
    assert job["if"] == "always()"
    (command,) = [script for script in steps(job) if "compare" in script]
    assert "--fail-on-red" in command
    words = command.split()
    assert words[:2] == ["responses-conformance", "compare"]
    assert compare([word.replace("collected", str(tmp_path)) for word in words[2:]]) == 4  # nothing collected


def test_the_night_runs_every_client_by_a_script_that_anyone_can_run() -> None:
    assert ".ci/clients" in steps(loaded("nightly")["jobs"]["clients"])
    script = ROOT / ".ci" / "clients"
    assert script.stat().st_mode & 0o111
    (named,) = re.findall(r"^for client in (.*); do$", script.read_text(encoding="utf-8"), re.MULTILINE)
    assert named.split() == list(CLIENTS)
