"""`responses-conformance compare`: several results beside each other, and never mixed in silence."""

import json
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from conformance.commands.compare import main
from conformance.contract.contracts import Contract
from conformance.contract.level import Level
from conformance.report import compare, results
from conformance.verdicts.verdict import Row, Run, Verdict
from tests.sample_run import run_of


def rows(**verdicts: Verdict) -> tuple[Row, ...]:
    return tuple(
        Row(f"conformance/checks/test_a.py::test_{name}", f"area.{name}", Level.MUST, verdict)
        for name, verdict in verdicts.items()
    )


GOOD = rows(one=Verdict.PASS, two=Verdict.PASS, three=Verdict.PASS)
BAD = rows(one=Verdict.PASS, two=Verdict.FAIL, three=Verdict.WARN)


def saved(folder: Path, **runs: Run) -> list[str]:
    files = []
    for name, run in runs.items():
        (folder / name).mkdir()
        results.write(replace(run, provider=name), folder / name / "results.json")
        files.append(str(folder / name / "results.json"))
    return files


def matrix_of(folder: Path, **runs: Run) -> tuple[compare.Matrix, ...]:
    files = map(Path, saved(folder, **runs))
    return compare.compare([(file, results.read(file)) for file in files], folder)


class Links(HTMLParser):
    """Every link's text, without its signs, by its target."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._href = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._href = dict(attrs)["href"] or ""
            self.found[self._href] = ""

    def handle_endtag(self, tag: str) -> None:
        self._href = "" if tag == "a" else self._href

    def handle_data(self, data: str) -> None:
        if self._href:
            self.found[self._href] += data


def test_each_cell_leads_into_that_providers_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = saved(tmp_path, reference=run_of(*GOOD), vendor=run_of(*BAD))
    output = tmp_path / "index.html"
    assert main([*files, "-o", str(output)]) == 0
    links = Links(output.read_text()).found
    assert links["vendor/index.html#area.two"] == "✕ FAIL"
    assert links["vendor/index.html#area.three"] == "! WARN"
    assert links["reference/index.html#area.two"] == "✓ PASS"
    assert links["vendor/index.html"] == "vendor"
    assert capsys.readouterr().out.splitlines() == [str(output), str(tmp_path / "index.md")]
    assert "[FAIL](vendor/index.html#area.two)" in (tmp_path / "index.md").read_text()


def test_only_markdown_where_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    files = saved(tmp_path, vendor=run_of(*BAD))
    assert main([*files, "-o", str(tmp_path / "out" / "matrix.md")]) == 0
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["matrix.md"]
    assert "../vendor/index.html#area.two" in (tmp_path / "out" / "matrix.md").read_text()


def test_worst_rows_come_first(tmp_path: Path) -> None:
    a = rows(
        alpha=Verdict.PASS, warned=Verdict.WARN, once=Verdict.FAIL, twice=Verdict.FAIL, error=Verdict.ERROR
    )
    b = rows(
        alpha=Verdict.PASS, warned=Verdict.WARN, once=Verdict.PASS, twice=Verdict.FAIL, error=Verdict.PASS
    )
    (matrix,) = matrix_of(tmp_path, a=run_of(*a), b=run_of(*b))
    assert [line.requirement for line in matrix.lines] == [
        "area.twice",
        "area.once",
        "area.error",
        "area.warned",
        "area.alpha",
    ]


def test_a_cell_tells_the_worst_verdict_and_how_many_checks_have_it(tmp_path: Path) -> None:
    several = [
        Row(f"test_a.py::test_x[{n}]", "area.x", Level.MUST, verdict)
        for n, verdict in enumerate([Verdict.PASS, Verdict.FAIL, Verdict.FAIL, Verdict.WARN])
    ]
    (matrix,) = matrix_of(tmp_path, a=run_of(*several), b=run_of(*GOOD))
    line = next(line for line in matrix.lines if line.requirement == "area.x")
    assert line.cells[0] is not None
    assert line.cells[0].words == "FAIL 2/4"
    assert line.cells[1] is None
    assert "not judged" in compare.page((matrix,))
    assert "not judged" in compare.markdown((matrix,))


def test_different_contracts_stand_apart(tmp_path: Path) -> None:
    matrices = matrix_of(
        tmp_path, page=run_of(*BAD), openai=run_of(*GOOD, contract=Contract.OPENAI), other=run_of(*GOOD)
    )
    assert [(m.contract, [c.label for c in m.columns]) for m in matrices] == [
        (Contract.ANYFAST, ["page", "other"]),
        (Contract.OPENAI, ["openai"]),
    ]
    for text in (compare.page(matrices), compare.markdown(matrices)):
        assert "different contracts (anyfast, openai)" in text


def test_different_suites_are_flagged(tmp_path: Path) -> None:
    matrices = matrix_of(tmp_path, old=run_of(*GOOD, suite="0.1.0"), new=run_of(*GOOD, suite="0.2.0"))
    for text in (compare.page(matrices), compare.markdown(matrices)):
        assert "different versions of the suite (0.1.0, 0.2.0)" in text
    assert not compare.notices(
        compare.compare([(Path("a"), run_of(*GOOD)), (Path("b"), run_of(*GOOD))], tmp_path)
    )


def test_runs_of_one_provider_are_told_apart(tmp_path: Path) -> None:
    run = run_of(*GOOD)
    by_model = [(Path("a/results.json"), run), (Path("b/results.json"), replace(run, model="gpt-5.2-mini"))]
    by_folder = [(Path("a/results.json"), run), (Path("b/results.json"), run)]
    assert [c.label for c in compare.compare(by_model, tmp_path)[0].columns] == [
        "vendor (gpt-5.2)",
        "vendor (gpt-5.2-mini)",
    ]
    assert [c.label for c in compare.compare(by_folder, tmp_path)[0].columns] == ["vendor (a)", "vendor (b)"]


@pytest.mark.parametrize(
    ("codes", "expected"), [([0, 0], 0), ([0, 1], 1), ([6, 1], 1), ([0, 6], 6), ([0, 2], 6), ([5, 5], 6)]
)
def test_fail_on_red(tmp_path: Path, codes: list[int], expected: int) -> None:
    runs = {f"p{n}": run_of(*GOOD, exit_code=code) for n, code in enumerate(codes)}
    given = [*saved(tmp_path, **runs), "-o", str(tmp_path / "index.html")]
    assert main(given) == 0
    assert main([*given, "--fail-on-red"]) == expected


def refused(capsys: pytest.CaptureFixture[str]) -> str:
    shown = capsys.readouterr()
    assert shown.out == ""
    (line,) = shown.err.splitlines()
    return line


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        ("{", "cut in half"),
        ('{"format": 99}', "has format 99"),
        ('{"created": 1, "summary": {}}', "is no results.json"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_4(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None, said: str
) -> None:
    file = tmp_path / "results.json"
    if content is not None:
        file.write_text(content)
    assert main([str(file), "-o", str(tmp_path / "index.html")]) == 4
    assert said in refused(capsys)
    assert not (tmp_path / "index.html").exists()


def test_an_output_that_cannot_be_written_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    files = saved(tmp_path, vendor=run_of(*GOOD))
    assert main([*files, "-o", str(tmp_path / "file" / "index.html")]) == 4
    assert "cannot be written" in refused(capsys)


@pytest.mark.parametrize("given", [[], ["--nonsense", "x.json"]])
def test_wrong_usage_is_exit_code_4(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(given)
    assert ended.value.code == 4
    assert refused(capsys)


def test_foreign_text_stays_text(tmp_path: Path) -> None:
    nasty = "<script>alert(1)</script>|[x](javascript:alert(1))\u202e\n`"
    found: Mapping[str, Any] = results.to_json(run_of(*BAD, model=nasty, base_url=nasty, suite=nasty))
    found = json.loads(json.dumps(found).replace("area.two", "area.two<img src=x onerror=alert(1)>|"))
    file = tmp_path / "results.json"
    file.write_text(json.dumps({**found, "provider": nasty}))
    output = tmp_path / "index.html"
    assert main([str(file), "-o", str(output)]) == 0
    page, text = output.read_text(), output.with_suffix(".md").read_text()
    assert "<script" not in page.replace("<script>\n", "")
    assert "<img" not in page
    assert not any(href.startswith("javascript") for href in Links(page).found)
    for shown in (page, text):
        assert "\u202e" not in shown
    assert "<script" not in text
    assert "](javascript" not in text
    heads = [line for line in text.splitlines() if line.startswith("| ")]
    assert {line.count("|") for line in heads} == {6, 4}
