"""A contract that names its own models, as it is typed: which of them is asked, and which is refused."""

import subprocess
import sys
from pathlib import Path

import pytest

from conformance.verdicts.gate import CONFORMS, USAGE, VIOLATED
from tests.runs import ROOT, as_a_user_has_it, run

pytestmark = pytest.mark.slow

HEAD = 'extends = "anyfast"\ntitle = "Acme"\nsource = "https://docs.acme.example/responses"\n'
MODELS = '[request.fields.model]\nenum = ["acme-1", "acme-1-2026-01-01"]\n'
OF_MODEL = ("-k", "test_request_fields and model")


def acme(folder: Path, text: str = MODELS) -> Path:
    file = folder / "acme.toml"
    file.write_text(HEAD + text, encoding="utf-8")
    return file


def test_the_embedded_provider_has_the_models_of_the_contract(tmp_path: Path) -> None:
    done = run(tmp_path / "r", f"--contract={acme(tmp_path)}", "--model=acme-1", *OF_MODEL)
    assert done.code == CONFORMS, done.printed
    assert set(done.verdicts.values()) == {"PASS"}
    rows = [check.partition("[")[2] for check in done.verdicts]
    assert "model=acme-1-2026-01-01-accepted]" in rows
    assert not [row for row in rows if "gpt-5.2" in row]


def test_another_model_is_told_in_one_line_before_anything_is_sent(tmp_path: Path) -> None:
    done = run(tmp_path / "r", f"--contract={acme(tmp_path)}")
    assert done.code == USAGE
    (line,) = [line for line in done.printed.splitlines() if line]
    assert line == (
        "ERROR: the contract acme does not have the model 'gpt-5.2', it names acme-1, acme-1-2026-01-01: "
        "name one with --model"
    )
    assert not (tmp_path / "r").exists()


def test_a_recording_of_another_model_is_told_in_one_line(tmp_path: Path) -> None:
    made = run(tmp_path / "made", *OF_MODEL)
    done = run(tmp_path / "r", f"--replay={made.report}", f"--contract={acme(tmp_path)}")
    assert done.code == USAGE
    assert (
        "does not have the model 'gpt-5.2', it names acme-1, acme-1-2026-01-01: record one of" in done.printed
    )


def test_whoever_refuses_a_dated_name_that_the_page_has_is_red(tmp_path: Path) -> None:
    file = acme(tmp_path)
    with Served(f"--contract={file}", "--mutant=model-acme-1-2026-01-01-refused") as url:
        done = run(
            tmp_path / "r",
            f"--contract={file}",
            f"--base-url={url}",
            "--model=acme-1",
            *OF_MODEL,
            environ={"CONFORMANCE_API_KEY": "reference-key"},
        )
    assert done.code == VIOLATED, done.printed
    red = [check.partition("[")[2] for check, verdict in done.verdicts.items() if verdict == "FAIL"]
    assert red == ["model=acme-1-2026-01-01-accepted]"]


class Served:
    """The reference provider as it is started by hand; gives its base URL."""

    def __init__(self, *options: str) -> None:
        self._words = [sys.executable, "-m", "conformance.reference", *options]

    def __enter__(self) -> str:
        self._process = subprocess.Popen(
            self._words, cwd=ROOT, env=as_a_user_has_it(), stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate(timeout=10)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["--contract", "acme.toml"],
            "--contract: acme.toml: request.fields.n: no whole number lies between",
        ),
        (["--contract", "none.toml"], "--contract: cannot read the contract none.toml: "),
        (["--mutant", "no-such"], "no mutant is called 'no-such'"),
        (["--prot", "1"], "unrecognized arguments: --prot 1"),
    ],
    ids=["contract", "no-contract", "mutant", "option"],
)
def test_the_reference_tells_a_mistake_in_one_line(tmp_path: Path, words: list[str], said: str) -> None:
    acme(tmp_path, '[request.fields.n]\nminimum = 16.2\nmaximum = 16.8\nwithout = ["default"]\n')
    done = subprocess.run(
        [sys.executable, "-m", "conformance.reference", *words],
        cwd=tmp_path,
        env=as_a_user_has_it(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == USAGE
    assert done.stderr.startswith(f"reference provider: {said}")
    assert done.stderr.count("\n") == 1
