"""`index.html`, read as a browser's parser reads it; what needs a browser is in test_browser."""

import html as entities
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from conformance.contract.contracts import Contract
from conformance.contract.requirements import catalogue
from conformance.contract.sources import sources
from conformance.report import html
from conformance.report.model import Evidence
from conformance.report.text import block, difference, visible
from conformance.verdicts.gate import against_baseline, flips
from conformance.verdicts.verdict import Row, Run, Verdict
from tests.hostile_run import PIECES, TEXT, hostile_run, large_run
from tests.sample_run import render, run_of, sample_run

RUN, EVIDENCE = sample_run()
PACKAGE = Path(html.__file__).parent
VOID = {"meta", "input", "img", "br", "link", "source", "hr"}


class Page(HTMLParser):
    """The elements of a page: tag and attributes, the text of each that has an id, the tags left open."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.unbalanced: list[str] = []
        self.texts: dict[str, str] = {}
        self._open: list[tuple[str, str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.elements.append((tag, found))
        if tag not in VOID:
            self._open.append((tag, found.get("id") or ""))

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1][0] == tag:
            self._open.pop()
        else:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        for _, id_ in self._open:
            if id_:
                self.texts[id_] = self.texts.get(id_, "") + data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def ids(self) -> list[str]:
        return [attributes["id"] or "" for _, attributes in self.elements if "id" in attributes]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    return render(RUN, EVIDENCE, tmp_path_factory.mktemp("sample")).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> str:
    return render(*hostile_run(), tmp_path_factory.mktemp("hostile")).read_text(encoding="utf-8")


def href_of(anchor: dict[str, str | None]) -> str:
    return anchor["href"] or ""


def blob(page: str) -> Any:
    found = re.search(r'data-jsonblob="([^"]*)"', page)
    assert found
    return json.loads(entities.unescape(found[1]))


def test_the_section_is_well_formed() -> None:
    page = Page(html.section(RUN, EVIDENCE))
    assert page.unbalanced == []
    assert [id_ for id_, count in Counter(page.ids()).items() if count > 1] == []


def test_every_link_within_the_page_arrives() -> None:
    page = Page(html.section(RUN, EVIDENCE))
    targets = {href[1:] for href in map(href_of, page.all("a")) if href.startswith("#")}
    assert targets <= set(page.ids())
    assert targets >= {row.requirement for row in RUN.rows}


def test_every_other_link_leads_to_a_source() -> None:
    links = [a for a in Page(html.section(RUN, EVIDENCE)).all("a") if not href_of(a).startswith("#")]
    assert {a.get("rel") for a in links} == {"noopener noreferrer"}
    known = [known.sources for row in RUN.rows if (known := catalogue().get(row.requirement))]
    sections = {source.url for each in known for source in each}
    assert sections <= {href_of(a) for a in links} <= sections | {source.url for source in sources().values()}


@pytest.mark.parametrize("verdict", [v for v in Verdict if v is not Verdict.STALE])
def test_a_requirement_links_its_sources_whatever_its_verdict(verdict: Verdict) -> None:
    known = catalogue()["authorization.missing"]
    row = Row("check", known.id, known.level(Contract.ANYFAST), verdict, reason="a reason")
    page = Page(html.section(run_of(row), Evidence()))
    links = Counter(map(href_of, page.all("a")))
    assert known.source == "S; RFC 9110 §15.5.2"
    assert known.source in page.texts[known.id]
    section, page_of_s = "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.2", sources()["S"].url
    assert (links[section], links[page_of_s]) == (1, 2)
    titles = {a.get("title") for a in page.all("a") if href_of(a) == section}
    assert titles == {"HTTP Semantics, §15.5.2 (June 2022)"}


def test_every_requirement_has_a_deep_link() -> None:
    ids = Page(html.section(RUN, EVIDENCE)).ids()
    for row in RUN.rows:
        assert ids.count(row.requirement) == 1


def test_violations_come_first_and_what_passed_last() -> None:
    ids = Page(html.section(RUN, EVIDENCE)).ids()
    order = [id_.removeprefix("section-") for id_ in ids if id_.startswith("section-")]
    assert order == ["FAIL", "STALE", "WARN", "KNOWN", "ERROR", "INCONCLUSIVE", "SKIP", "PASS", "NOTE"]


def test_a_violation_tells_clause_difference_place_curl_and_exchange() -> None:
    page = Page(html.section(RUN, EVIDENCE))
    for row in RUN.rows:
        if row.verdict is not Verdict.FAIL:
            continue
        told = page.texts[row.requirement]
        known = catalogue().get(row.requirement)
        finding = row.findings[0]
        for part in (known.clause, known.source, known.why) if known else ():
            assert part in told
        for part in (finding.expected, finding.actual, finding.where, row.scenario, "$API_KEY", row.level):
            assert part in told


def test_each_exchange_is_embedded_once() -> None:
    text = html.section(RUN, EVIDENCE)
    page = Page(text)
    blocks = [e for e in page.all("details") if (e.get("id") or "").startswith("exchange-")]
    assert len(blocks) == len(EVIDENCE.exchanges)
    marker = "a body that is nowhere else"
    name = RUN.rows[0].scenario
    only = replace(EVIDENCE.exchanges[name], headers=(("x-marker", marker),))
    users = [row for row in RUN.rows if row.scenario == name]
    assert len(users) > 1
    assert html.section(RUN, Evidence({**EVIDENCE.exchanges, name: only})).count(marker) == 1


def test_a_long_body_is_cut_and_names_its_file() -> None:
    run, evidence = large_run(rows=1, exchanges=1)
    text = html.section(run, evidence)
    assert "… cut here; all 33,000 bytes are in exchanges/scenario-0.json" in text


@pytest.mark.parametrize("made", [large_run, hostile_run])
def test_the_whole_file_stays_below_5_mb(made: Callable[[], tuple[Run, Evidence]], tmp_path: Path) -> None:
    run, evidence = made()
    assert render(run, evidence, tmp_path).stat().st_size < 5_000_000


def test_nothing_is_fetched_from_anywhere(report: str, hostile: str) -> None:
    for text in (report, hostile):
        page = Page(text)
        for tag, attributes in page.elements:
            assert tag not in {"iframe", "object", "embed", "base", "link", "form"}
            assert not attributes.get("src")
            assert "srcdoc" not in attributes
            assert not (attributes.get("href") or "#").startswith(("javascript", "data"))
    style = (PACKAGE / "page.css").read_text()
    assert "url(" not in style
    assert "@import" not in style


def test_no_element_and_no_handler_of_a_provider_gets_onto_the_page(report: str, hostile: str) -> None:
    watched = {"script", "style", "meta", "link", "h1"}
    expected = Counter(tag for tag, _ in Page(report).elements if tag in watched)
    page = Page(hostile)
    assert Counter(tag for tag, _ in page.elements if tag in watched) == expected
    handlers = {name for _, attributes in page.elements for name in attributes if name.startswith("on")}
    assert handlers == {"onclick"}  # pytest-html's own button, which reloads a page that is not finished
    assert page.texts["head-title"] == "vendor · /v1/responses conformance"
    assert Page(html.section(*hostile_run())).unbalanced == []


def test_the_tables_cells_hold_no_foreign_element(hostile: str) -> None:
    found = blob(hostile)
    for tests in found["tests"].values():
        for test in tests:
            assert test["log"] == ""
            page = Page("".join(test["resultsTableRow"]))
            assert {tag for tag, _ in page.elements} <= {"td", "b", "a", "bdi"}
            assert {name for _, each in page.elements for name in each} <= {
                "class",
                "href",
                "data-rank",
                "hidden",
            }
    assert set(found["environment"]) == {"Python", "pytest", "pytest-html", "httpx"}


def test_control_characters_are_shown_and_never_sent(hostile: str) -> None:
    for character in ("\0", "\x1b", "\x7f", "\x9b", "\u202e", "\u2066", "\ufeff", "\u2028"):
        assert character not in hostile
    for name in ("␀", "␛", "U+202E", "U+D800", "U+2028"):
        assert f'<span class="ctl">{name}</span>' in hostile


def test_hostile_text_is_the_same_text_after_all() -> None:
    for piece in (PIECES[0], PIECES[2], PIECES[3], PIECES[6]):
        assert entities.unescape(re.sub("<[^>]*>", "", visible(piece))) == piece
        assert entities.unescape(re.sub("<[^>]*>", "", block(piece))) == piece


@pytest.mark.parametrize(
    ("expected", "actual", "left", "right"),
    [
        ("count to 50", "count to 51", ["50"], ["51"]),
        ("13", "14", [], ["14"]),
        ("HTTP 400", "the connection was closed", [], ["the connection was closed"]),
        ("a <b> c", "a <i> c", ["b"], ["i"]),
        ("same", "same", [], []),
    ],
)
def test_the_differing_part_is_marked(expected: str, actual: str, left: list[str], right: list[str]) -> None:
    def marks(text: str) -> list[str]:
        return [re.sub("<[^>]*>", "", found) for found in re.findall("<mark>(.*?)</mark>", text)]

    ours, theirs = difference(expected, actual)
    assert (marks(ours), marks(theirs)) == (left, right)


def test_the_table_lists_every_row_worst_first(report: str) -> None:
    found = blob(report)
    rows = [test for tests in found["tests"].values() for test in tests]
    assert len(rows) == len(RUN.rows)
    assert found["initialSort"] == "verdict"
    assert Counter(re.sub("<[^>]*>", "", row["verdict"]).split()[1] for row in rows) == Counter(
        row.verdict.value for row in RUN.rows
    )
    ordered = [
        re.sub("<[^>]*>", "", row["verdict"]).split()[1] for row in sorted(rows, key=lambda r: r["verdict"])
    ]
    assert ordered == sorted(
        ordered, key=["FAIL", "STALE", "ERROR", "WARN", "KNOWN", "INCONCLUSIVE", "SKIP", "PASS", "NOTE"].index
    )


def test_a_phase_without_a_verdict_is_no_row_unless_it_failed() -> None:
    class Phase:
        nodeid, failed = "conformance/checks/test_a.py::test_b<i>", False

    cells = ['<td class="col-result">Error</td>', "", '<td class="col-duration">1 ms</td>', ""]
    passed = list(cells)
    html.table_row(Phase, passed, None)
    assert passed == []
    Phase.failed = True
    html.table_row(Phase, cells, None)
    assert len(cells) == len(html.HEADERS)
    assert "ERROR" in cells[1]
    assert "test_a.py::test_b&lt;i&gt;" in cells[5]
    kept = ["what the suite says of its own fault"]
    html.table_details(kept, None)
    assert kept == ["what the suite says of its own fault"]
    html.table_details(kept, RUN.rows[0])
    assert kept == []


def test_one_reason_for_many_checks_is_told_once() -> None:
    dead = [
        replace(
            RUN.rows[0],
            requirement=f"a.b{n}",
            verdict=Verdict.ERROR,
            findings=(),
            scenario=f"s{n}",
            reason=f"s{n}: connection refused",
        )
        for n in range(300)
    ]
    text = html.section(run_of(*dead, exit_code=6), Evidence())
    assert text.count("connection refused") == 2  # the head's and the section's
    assert "Nothing could be judged" in text


def test_the_head_tells_what_the_run_was() -> None:
    told = Page(html.section(RUN, EVIDENCE)).texts["report"]
    for part in (
        "Does not conform: ",
        RUN.provider,
        RUN.base_url,
        RUN.model,
        RUN.contract.value,
        RUN.suite,
        "2026-11-22 12:30 UTC",
        "12,431 in, 20,977 out",
        "whole answer median",
        "first delta median",
    ):
        assert part in told


def test_no_verdict_is_told_by_colour_alone() -> None:
    page = Page(html.section(RUN, EVIDENCE))
    assert len(page.all("svg")) > 5
    for svg in page.all("svg"):
        assert svg.get("aria-label") or svg.get("aria-hidden") or svg.get("viewbox")  # timelines have a title
    for verdict, count in RUN.counts().items():
        assert re.search(rf"{verdict.value}\s+{count}\b", page.texts["report"])


def test_baseline_and_repeats_are_shown() -> None:
    passed = run_of(*(replace(row, verdict=Verdict.PASS) for row in RUN.rows))
    found = Evidence({}, against_baseline(RUN, passed), flips([RUN.rows, passed.rows]))
    told = Page(html.section(RUN, found)).texts["report"]
    assert "against the baseline: " in told
    assert "2 judged runs" in told


def test_a_row_of_no_requirement_does_not_break_the_page() -> None:
    orphan = Row("test_a.py::test_gone", "", RUN.rows[0].level, Verdict.STALE, reason="no check matches")
    page = Page(html.section(run_of(orphan, exit_code=1), Evidence()))
    assert "no check matches" in page.texts["report"]
    assert "test_a.py::test_gone" in page.texts["report"]
    assert page.unbalanced == []


def colours(scheme: str) -> dict[str, str]:
    style = (PACKAGE / "page.css").read_text()
    light, dark = style.split("@media (prefers-color-scheme: dark)", 1)
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", light))
    return found | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", dark)) if scheme == "dark" else found


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(scheme: str) -> None:
    """WCAG 2.2: 4.5 to 1 for text (1.4.3), 3 to 1 for what a picture is made of (1.4.11)."""
    found = colours(scheme)
    pairs = [(ink, ground) for ink in ("ink", "quiet", "link") for ground in ("bg", "panel")]
    pairs += [(f"{name}-ink", f"{name}-bg") for name in ("good", "bad", "open", "mark", "ctl", *Verdict)]
    for ink, ground in pairs:
        assert contrast(found[ink], found[ground]) >= 4.5, f"{ink} on {ground}"
    for ground in ("bg", "panel"):  # the words under a timeline
        assert contrast(found["FAIL-fill"], found[ground]) >= 4.5
    for name in ("FAIL-fill", "PASS-fill", "ERROR-fill", "STALE-fill", "focus"):
        assert contrast(found[name], found["panel"]) >= 3, name


def test_a_log_of_the_colours_exists_for_both_schemes() -> None:
    assert colours("dark").keys() == colours("light").keys()
    assert all(colours("dark")[name] != colours("light")[name] for name in ("bg", "ink", "panel"))


def test_hostile_text_reaches_the_report_at_all(hostile: str) -> None:
    assert "window.broken" in hostile
    assert TEXT[:20].replace("<", "&lt;").replace(">", "&gt;") in hostile


def test_attempts_that_show_the_same_are_told_once_with_every_exchange() -> None:
    first = RUN.rows[0]
    alike = tuple(replace(first.findings[0], scenario=f"again~{n}") for n in (1, 2, 3))
    evidence = Evidence(
        {f"again~{n}": replace(EVIDENCE.exchanges[first.scenario], scenario=f"again~{n}") for n in (1, 2, 3)}
    )
    page = Page(html.section(run_of(replace(first, findings=alike)), evidence))
    told = page.texts[first.requirement]
    assert told.count(alike[0].expected) == 1
    assert all(f"again~{n}" in told for n in (1, 2, 3))
