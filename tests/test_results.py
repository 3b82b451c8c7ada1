"""`results.json`, `summary.md` and `badge.json`: what other programs read of a run."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.contract.level import Level
from conformance.contract.requirements import catalogue
from conformance.contract.sources import sources
from conformance.report import badge, markdown, results
from conformance.verdicts.gate import against_baseline, flips
from conformance.verdicts.verdict import Finding, Row, Verdict
from tests.runs import RESULTS, SCHEMA
from tests.sample_run import run_of, sample_run

RUN, _ = sample_run()
HOSTILE = "`tick` | <script>alert(1)</script> ![x](http://evil.example) \ud800 \0 \u202egnp\nnext"


def test_a_run_comes_back_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    results.write(RUN, file)
    found = results.read(file)
    kept = tuple(replace(row, duration=0.0, traceback="") for row in RUN.rows)
    assert found == replace(RUN, rows=kept)
    assert [each.name for each in tmp_path.iterdir()] == ["results.json"]


def test_a_run_written_before_waits_were_counted_is_read(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    table = results.to_json(RUN)
    del table["traffic"]["told_to_wait"], table["traffic"]["waited_s"]
    file.write_text(json.dumps(table))
    assert results.read(file).traffic == replace(RUN.traffic, told_to_wait=0, waited=0.0)


def test_a_run_written_before_its_speed_was_told_is_read(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    table = results.to_json(RUN)
    assert table["speed"] == {
        "whole_answer": {"answers": 31, "median_s": 1.25, "p95_s": 2.5},
        "first_delta": None,
    }
    del table["speed"]
    file.write_text(json.dumps(table))
    assert results.read(file) == replace(
        RUN, rows=tuple(replace(row, duration=0.0) for row in RUN.rows), whole_answer=None
    )


def test_the_documented_keys_and_no_others() -> None:
    found = results.to_json(RUN)
    RESULTS.validate(found)
    assert found.keys() == SCHEMA["properties"].keys()
    row, cause = (SCHEMA["$defs"][name]["properties"].keys() for name in ("row", "cause"))
    assert {key for each in found["verdicts"] for key in each} == row
    assert {key for each in found["causes"] for key in each} == cause
    assert list(found["counts"]) == [verdict.value for verdict in Verdict]
    assert sum(found["counts"].values()) == len(RUN.rows) == len(found["verdicts"])
    first = RUN.rows[0].findings[0]
    assert [found["verdicts"][0][key] for key in ("expected", "actual", "where")] == [
        first.expected,
        first.actual,
        first.where,
    ]


def test_text_that_no_utf8_can_hold_is_written_all_the_same(tmp_path: Path) -> None:
    row = replace(RUN.rows[0], findings=(Finding("x", HOSTILE),), reason=HOSTILE)
    results.write(run_of(row), tmp_path / "results.json")
    found = results.read(tmp_path / "results.json").rows[0]
    assert found.findings[0].actual == HOSTILE.replace("\ud800", "\ufffd")


def broken(**changes: Any) -> str:
    return json.dumps({**results.to_json(run_of(RUN.rows[0])), **changes})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no JSON, or was cut in half"),
        (broken()[:-20], "is no JSON, or was cut in half"),
        ("[]", "it has no `format`"),
        ('{"tests": []}', "it has no `format`"),
        (broken(speed={"first_delta": {"answers": 3, "median_s": "1"}}), "`speed.first_delta.median_s`"),
        (broken(format=2), "has format 2, this suite reads format 1"),
        (broken(format="1"), "has format '1'"),
        (broken(contract="azure"), "`contract` 'azure', which this suite does not know"),
        (broken(model=None), "has no `model`"),
        (broken(model=7), "`model` of type int"),
        (broken(exit_code=True), "`exit_code` of type bool"),
        (broken(traffic=[]), "`traffic` of type list"),
        (broken(verdicts={}), "`verdicts` of type dict"),
        (broken(verdicts=[7]), "`verdicts` that is no list of objects"),
        (broken(clients=[{"client": "c", "jobs": [{"job": "text", "outcome": "fine"}]}]), "'fine'"),
        (broken(verdicts=[{"check": "a"}]), "has no `verdicts[0].requirement`"),
        (broken(verdicts=[{**results.to_json(RUN)["verdicts"][0], "verdict": "OK"}]), "'OK'"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_file_that_is_none_is_refused_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "results.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"results\.json: ") as refused:
        results.read(file)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_unreadable_file_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        results.read(tmp_path / "none.json")
    (tmp_path / "latin").write_bytes(b'{"format": "\xff"}')
    with pytest.raises(ValueError, match="no UTF-8"):
        results.read(tmp_path / "latin")


def test_the_summary_names_the_verdict_the_counts_and_each_violation() -> None:
    text = markdown.summary(RUN)
    assert text.startswith("## ❌ Does not conform: ")
    for verdict, count in RUN.counts().items():
        assert f"| {verdict.value} | {count} |" in text
    for row in RUN.rows:
        if row.verdict is Verdict.FAIL:
            assert f"**`{row.requirement}`**" in text
            assert f"expected `{row.findings[0].expected}`" in text


def test_the_summary_links_the_sources_of_a_violation() -> None:
    row = Row("check", "authorization.missing", Level.MUST, Verdict.FAIL)
    section = "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.2"
    linked = f"([S]({sources()['S'].url}); [RFC 9110 &#167;15.5.2]({section}))"
    assert linked in markdown.summary(run_of(row))


def test_the_summary_lets_no_foreign_text_out_of_its_span() -> None:
    row = replace(RUN.rows[0], findings=(Finding("x", HOSTILE),), scenario=HOSTILE)
    lines = markdown.summary(run_of(row, provider=HOSTILE, model=HOSTILE)).splitlines()
    foreign = [line for line in lines if "script" in line]
    assert len(foreign) == 3
    for line in foreign:
        outside = "".join(line.split("``")[::2])
        assert "script" not in outside
        assert "evil" not in outside
    assert "\0" not in "".join(lines)
    assert "\u202e" not in "".join(lines)


@pytest.mark.slow
def test_a_summary_stays_small_and_names_every_requirement(tmp_path: Path) -> None:
    rows = tuple(
        replace(RUN.rows[0], requirement=id_, findings=(Finding("x" * 5000, "`|" * 2500),) * 9)
        for id_ in catalogue()
    )
    markdown.write(run_of(*rows), tmp_path / "summary.md")
    told = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert len(told.encode()) < 30_000
    assert all(f"`{id_}`" in told for id_ in catalogue())


def test_the_summary_tells_the_baseline_and_the_flaky_checks() -> None:
    passed = run_of(*(replace(row, verdict=Verdict.PASS) for row in RUN.rows))
    text = markdown.summary(RUN, against_baseline(RUN, passed), flips([RUN.rows, passed.rows]))
    assert "against the baseline: " in text
    assert "was PASS, is FAIL" in text
    assert "2 runs: " in text
    assert "FAIL, PASS" in text


@pytest.mark.parametrize(
    ("verdicts", "code", "message", "colour"),
    [
        ([Verdict.PASS], 0, "conforms", "brightgreen"),
        ([Verdict.PASS, Verdict.WARN], 0, "conforms, with 1 warning", "yellow"),
        ([Verdict.PASS, Verdict.WARN], 1, "1 warning", "red"),
        ([Verdict.PASS, Verdict.KNOWN], 0, "conforms, with 1 known failure", "brightgreen"),
        ([Verdict.PASS, Verdict.FAIL], 1, "1 violation", "red"),
        ([Verdict.PASS, Verdict.STALE], 1, "1 stale known failure", "red"),
        ([Verdict.PASS, Verdict.ERROR], 6, "1 not judged", "lightgrey"),
        ([Verdict.ERROR], 6, "not judged", "lightgrey"),
        ([], 5, "not judged", "lightgrey"),
        ([Verdict.PASS], 2, "incomplete", "lightgrey"),
    ],
)
def test_the_badge_is_the_verdict_in_short(
    tmp_path: Path, verdicts: list[Verdict], code: int, message: str, colour: str
) -> None:
    rows = [Row(f"c{n}", f"a.b{n}", Level.MUST, verdict) for n, verdict in enumerate(verdicts)]
    badge.write(run_of(*rows, exit_code=code), tmp_path / "badge.json")
    assert json.loads((tmp_path / "badge.json").read_text()) == {
        "schemaVersion": 1,
        "label": "/v1/responses (anyfast)",
        "message": message,
        "color": colour,
    }
