"""`responses-conformance compare`: several results beside each other, and never mixed in silence."""

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from conformance.commands.compare import main
from conformance.contract.contracts import Contract
from conformance.contract.level import Level
from conformance.contract.requirements import catalogue
from conformance.report import results
from conformance.report.compare import page
from conformance.report.comparison.facts import share
from conformance.report.comparison.lines import Cell, Line
from conformance.report.comparison.markdown import markdown
from conformance.report.comparison.matrix import Matrix, compare, notices
from conformance.verdicts.verdict import Finding, Pace, Row, Run, Verdict
from tests.runs import INSTALLED
from tests.sample_run import clients_of, run_of


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
        (folder / name / "index.html").write_text("a report")
        results.write(replace(run, provider=name), folder / name / "results.json")
        files.append(str(folder / name / "results.json"))
    return files


def matrix_of(folder: Path, **runs: Run) -> tuple[Matrix, ...]:
    files = map(Path, saved(folder, **runs))
    return compare([(file, results.read(file)) for file in files], folder)


def refusals(*broken: str) -> tuple[Row, ...]:
    """Whether wrong values of each field are refused: those named are not."""
    ids = [id_ for id_ in catalogue() if id_.startswith("request.") and id_.endswith(".refused")]
    return tuple(
        Row(
            f"test_r.py::test_{id_}",
            id_,
            Level.MUST,
            Verdict.FAIL if id_ in broken else Verdict.PASS,
            scenario=f"wrong-{id_}",
            shown_by=(f"wrong-{id_}",) if id_ in broken else (),
        )
        for id_ in ids
    )


REFUSED = [row.requirement for row in refusals()]


def line_of(lines: Sequence[Line], id_: str) -> Line:
    return next(line for line in lines if line.id == id_)


def words(line: Line) -> list[str | None]:
    return [cell.words if cell else None for cell in line.cells]


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
    assert [line.id for line in matrix.lines] == [
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
    line = next(line for line in matrix.lines if line.id == "area.x")
    assert line.cells[0] is not None
    assert line.cells[0].words == "FAIL 2/4"
    assert line.cells[1] is None
    assert "not judged" in page((matrix,))
    assert "not judged" in markdown((matrix,))


def test_different_contracts_stand_apart(tmp_path: Path) -> None:
    matrices = matrix_of(
        tmp_path, page=run_of(*BAD), openai=run_of(*GOOD, contract=Contract.OPENAI), other=run_of(*GOOD)
    )
    assert [(m.contract, [c.label for c in m.columns]) for m in matrices] == [
        (Contract.ANYFAST, ["page", "other"]),
        (Contract.OPENAI, ["openai"]),
    ]
    for text in (page(matrices), markdown(matrices)):
        assert "different contracts (anyfast, openai)" in text


def test_different_suites_are_flagged(tmp_path: Path) -> None:
    matrices = matrix_of(tmp_path, old=run_of(*GOOD, suite="0.1.0"), new=run_of(*GOOD, suite="0.2.0"))
    for text in (page(matrices), markdown(matrices)):
        assert "different versions of the suite (0.1.0, 0.2.0)" in text
    assert not notices(compare([(Path("a"), run_of(*GOOD)), (Path("b"), run_of(*GOOD))], tmp_path))


def test_runs_of_one_provider_are_told_apart(tmp_path: Path) -> None:
    run = run_of(*GOOD)
    by_model = [(Path("a/results.json"), run), (Path("b/results.json"), replace(run, model="gpt-5.2-mini"))]
    by_folder = [(Path("a/results.json"), run), (Path("b/results.json"), run)]
    assert [c.label for c in compare(by_model, tmp_path)[0].columns] == [
        "vendor (gpt-5.2)",
        "vendor (gpt-5.2-mini)",
    ]
    assert [c.label for c in compare(by_folder, tmp_path)[0].columns] == ["vendor (a)", "vendor (b)"]


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
    html, text = output.read_text(), output.with_suffix(".md").read_text()
    shown, script, _ = html.partition("<script>")
    assert script
    assert "<script" not in shown
    assert "<img" not in html
    assert not any(href.startswith("javascript") for href in Links(html).found)
    for each in (html, text):
        assert "\u202e" not in each
    assert "<script" not in text
    assert "](javascript" not in text
    heads = [line for line in text.splitlines() if line.startswith("| ")]
    assert {line.count("|") for line in heads} == {6, 3}


def test_a_cause_of_two_providers_is_one_line(tmp_path: Path) -> None:
    (matrix,) = matrix_of(tmp_path, a=run_of(*BAD), b=run_of(*BAD), good=run_of(*GOOD))
    assert [line.id for line in matrix.causes] == ["area.two", "area.three"]
    assert words(matrix.causes[0]) == ["FAIL 1", "FAIL 1", "not seen"]
    assert words(matrix.causes[1]) == ["WARN 1", "WARN 1", "not seen"]
    assert Links(page((matrix,))).found["b/index.html#cause-area.two"] == "✕ FAIL 1"
    assert "[FAIL 1](b/index.html#cause-area.two)" in markdown((matrix,))


def test_what_breaks_in_another_way_is_not_called_met(tmp_path: Path) -> None:
    (matrix,) = matrix_of(
        tmp_path,
        none=run_of(*refusals(*REFUSED)),
        some=run_of(*refusals(*REFUSED[:6])),
        all=run_of(*refusals()),
        unasked=run_of(*GOOD),
    )
    line = line_of(matrix.causes, "no-value-is-refused")
    assert words(line) == [f"FAIL {len(REFUSED)}", "in some-fields-are-not-validated", "not seen", None]
    assert line.cells[1] is not None
    assert line.cells[1].href == "some/index.html#cause-some-fields-are-not-validated"
    assert line.title == "No value is refused"


def test_what_could_not_be_judged_is_not_called_met(tmp_path: Path) -> None:
    (matrix,) = matrix_of(tmp_path, a=run_of(*BAD), b=run_of(*rows(two=Verdict.ERROR, three=Verdict.SKIP)))
    assert [words(line)[1] for line in matrix.causes] == ["ERROR", "SKIP"]


def test_cells_are_plain_where_no_report_lies_there(tmp_path: Path) -> None:
    (file,) = saved(tmp_path, vendor=run_of(*BAD))
    Path(file).with_name("index.html").unlink()
    assert main([file, "-o", str(tmp_path / "all.html")]) == 0
    html, text = (tmp_path / "all.html").read_text(), (tmp_path / "all.md").read_text()
    assert Links(html).found == {}
    assert "✕ FAIL" in html
    assert "](" not in text


def test_requirements_stand_in_their_areas_with_their_clauses(tmp_path: Path) -> None:
    (matrix,) = matrix_of(tmp_path, a=run_of(*refusals(REFUSED[0]), *BAD))
    assert [name for name, _ in matrix.areas] == ["Area", "Request fields"]
    html = page((matrix,))
    assert "Request fields: " in html
    assert catalogue()[REFUSED[0]].clause[:20] in line_of(matrix.lines, REFUSED[0]).title
    assert "#### Request fields" in markdown((matrix,))


@pytest.mark.parametrize(
    ("verdicts", "met", "judged", "unjudged", "percent"),
    [
        ([Verdict.PASS, Verdict.FAIL, Verdict.SKIP], 1, 2, 1, 50),
        ([Verdict.PASS] * 200 + [Verdict.KNOWN], 200, 201, 0, 99),
        ([Verdict.STALE, Verdict.PASS], 2, 2, 0, 100),
        ([Verdict.ERROR], 0, 0, 1, 0),
    ],
)
def test_a_share_is_of_what_was_judged(
    verdicts: list[Verdict], met: int, judged: int, unjudged: int, percent: int
) -> None:
    made = [Row(f"t.py::t[{n}]", f"a.r{n}", Level.MUST, verdict) for n, verdict in enumerate(verdicts)]
    found = share(run_of(*made), Level.MUST)
    assert (found.met, found.judged, found.unjudged, found.percent) == (met, judged, unjudged, percent)


def test_a_requirement_is_met_where_all_of_its_checks_are() -> None:
    both = [Row(f"t.py::t[{v}]", "a.r", Level.MUST, v) for v in (Verdict.PASS, Verdict.WARN)]
    assert share(run_of(*both), Level.MUST).met == 0


def test_speed_and_shares_are_told(tmp_path: Path) -> None:
    (matrix,) = matrix_of(
        tmp_path,
        a=run_of(*BAD, whole_answer=Pace(31, 1.25, 2.5), first_delta=Pace(4, 0.34, 0.5)),
        old=run_of(*GOOD),
    )
    for text in (page((matrix,)), markdown((matrix,))):
        for said in (
            "1 of 3 (33\u00a0%)",
            "median 1.2 s",
            "95th percentile 2.5 s, 31 answers",
            "median 340 ms",
        ):
            assert said in text
        assert "unknown" in text


def test_whom_it_breaks_is_told_by_client(tmp_path: Path) -> None:
    broken = Row("t.py::t", "response.created-at", Level.MUST, Verdict.FAIL, findings=(Finding("1", "1.5"),))
    (matrix,) = matrix_of(tmp_path, a=run_of(broken, clients=clients_of("x")), b=run_of(*GOOD))
    assert [
        (fact.name, [said and (said.words, said.remark) for said in fact.said]) for fact in matrix.hurt
    ] == [("Vercel AI SDK", [("raises", "by 1 cause"), ("", "not seen")])]
    assert [(fact.name, [said and said.words for said in fact.said]) for fact in matrix.ran] == [
        ("openai-python", ["1 of 4 jobs", None])
    ]
    assert "Breaks Vercel AI SDK" in page((matrix,))


def test_a_partial_run_is_marked(tmp_path: Path) -> None:
    (matrix,) = matrix_of(tmp_path, part=run_of(*GOOD, made=3, total=1512), whole=run_of(*GOOD))
    html, text = page((matrix,)), markdown((matrix,))
    assert html.count(">partial</span>") == html.count("<thead>") > 0
    assert "part (partial)" in text
    for shown in (html, text):
        assert "is partial: 3 of 1,512 checks" in shown


def test_lines_differ_where_those_who_were_asked_do() -> None:
    def differ(*cells: Cell | None) -> bool:
        return Line("a.b", "", cells).differs

    passed, failed = Cell(Verdict.PASS, "PASS"), Cell(Verdict.FAIL, "FAIL 1/4")
    assert differ(passed, failed)
    assert differ(failed, Cell(Verdict.FAIL, "FAIL 4/4"))
    assert not differ(passed, Cell(Verdict.PASS, "PASS 3/4"))
    assert not differ(failed, failed, None)
    assert differ(passed, Cell(Verdict.SKIP, "SKIP"))
    assert not differ(Cell(Verdict.NOTE, "NOTE"), Cell(Verdict.SKIP, "SKIP"))


def test_files_of_an_older_suite_are_compared(tmp_path: Path) -> None:
    files = saved(tmp_path, old=run_of(*refusals(*REFUSED)), new=run_of(*refusals(*REFUSED), exit_code=0))
    table = json.loads(Path(files[0]).read_text())
    for key in ("causes", "speed", "clients", "unjudged", "kept", "partial"):
        del table[key]
    for row in table["verdicts"]:
        del row["shown_by"], row["exchanges"]
    Path(files[0]).write_text(json.dumps(table))
    done = subprocess.run(
        [*INSTALLED, "compare", *files, "-o", "all.html", "--fail-on-red"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.splitlines(), done.stderr) == (1, ["all.html", "all.md"], "")
    text = (tmp_path / "all.html").read_text()
    assert set(re.findall(r"No value is validated: (\d+) requests", text)) == {str(len(REFUSED))}
    links = Links(text).found
    for name in ("old", "new"):
        assert links[f"{name}/index.html#cause-no-value-is-refused"] == f"✕ FAIL {len(REFUSED)}"


@pytest.mark.slow
def test_twenty_providers_are_light(tmp_path: Path) -> None:
    ids = list(catalogue())[:400]
    runs = {}
    for number in range(20):
        verdicts = [Verdict.FAIL if (n + number) % 12 == 0 else Verdict.PASS for n in range(len(ids))]
        made = (
            Row(f"t.py::t[{n}]", id_, Level.MUST, verdict, findings=(Finding("x" * 300, "y" * 300),))
            for n, (id_, verdict) in enumerate(zip(ids, verdicts, strict=True))
        )
        runs[f"https-gateway-{number}.vendor-of-models.example.com"] = run_of(*made)
    assert len(page(matrix_of(tmp_path, **runs)).encode()) < 2_000_000
