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
from conformance.contract.level import Level
from conformance.contract.requirements import catalogue
from conformance.contract.sources import sources
from conformance.exchange import Chunk, file_name
from conformance.report import html
from conformance.report.came import came, pretty
from conformance.report.causes import counts_in_words, told_causes
from conformance.report.model import Evidence
from conformance.report.text import block, difference, visible
from conformance.report.vendor_issue import issue
from conformance.verdicts.gate import against_baseline, flips
from conformance.verdicts.verdict import SEVERITY, Finding, Row, Run, Verdict
from tests.hostile_run import PIECES, TEXT, hostile_run, large_run
from tests.runs import run
from tests.sample_run import render, run_of, sample_run, unfolded, unpacked

RUN, EVIDENCE = sample_run()
PACKAGE = Path(html.__file__).parent
CHECKS = "conformance/checks/test_usage.py"
PLACES = {"fix-first", "not-judged", "causes", "the-run", "exchanges", "every-check"}
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


def opened(run: Run, evidence: Evidence) -> str:
    return unfolded(html.section(run, evidence))


def blob(page: str) -> Any:
    found = re.search(r'data-jsonblob="([^"]*)"', page)
    assert found
    return json.loads(entities.unescape(found[1]))


@pytest.mark.parametrize("made", [html.section, opened])
def test_the_section_is_well_formed(made: Callable[[Run, Evidence], str]) -> None:
    page = Page(made(RUN, EVIDENCE))
    assert page.unbalanced == []
    assert [id_ for id_, count in Counter(page.ids()).items() if count > 1] == []


def test_every_link_within_the_page_arrives() -> None:
    page = Page(opened(RUN, EVIDENCE))
    targets = {href[1:] for href in map(href_of, page.all("a")) if href.startswith("#")}
    assert targets <= set(page.ids())
    assert targets >= {f"cause-{told.id}" for told in told_causes(RUN)}


def test_every_other_link_leads_to_a_source() -> None:
    links = [a for a in Page(opened(RUN, EVIDENCE)).all("a") if not href_of(a).startswith("#")]
    assert {a.get("rel") for a in links} == {"noopener noreferrer"}
    known = [known.sources for row in RUN.rows if (known := catalogue().get(row.requirement))]
    sections = {source.url for each in known for source in each}
    assert sections <= {href_of(a) for a in links} <= sections | {source.url for source in sources().values()}


@pytest.mark.parametrize("verdict", [v for v in Verdict if v is not Verdict.STALE])
def test_a_requirement_links_its_sources_whatever_its_verdict(verdict: Verdict) -> None:
    known = catalogue()["authorization.missing"]
    row = Row("check", known.id, known.level(Contract.ANYFAST), verdict, reason="a reason")
    page = Page(opened(run_of(row), Evidence()))
    links = Counter(map(href_of, page.all("a")))
    assert known.source == "S; RFC 9110 §15.5.2"
    assert known.source in page.texts["content"]
    section, page_of_s = "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.2", sources()["S"].url
    assert links[section] >= 1
    assert links[page_of_s] == links[section] + 2
    titles = {a.get("title") for a in page.all("a") if href_of(a) == section}
    assert titles == {"HTTP Semantics, §15.5.2 (June 2022)"}


def test_every_requirement_has_a_deep_link() -> None:
    ids = Page(html.section(RUN, EVIDENCE)).ids()
    for row in RUN.rows:
        assert ids.count(row.requirement) == 1


def test_what_to_mend_comes_first_and_what_passed_after_it() -> None:
    ids = Page(html.section(RUN, EVIDENCE)).ids()
    order = [id_.removeprefix("section-") for id_ in ids if id_.startswith("section-") or id_ in PLACES]
    rest = ["STALE", "KNOWN", "ERROR", "INCONCLUSIVE", "SKIP", "PASS", "NOTE"]
    assert order == ["fix-first", "not-judged", "causes", *rest, "the-run", "exchanges", "every-check"]


def test_a_violation_tells_clause_difference_place_curl_and_exchange() -> None:
    page = Page(opened(RUN, EVIDENCE))
    for row in RUN.rows:
        if row.verdict is not Verdict.FAIL:
            continue
        told = page.texts[row.requirement]
        known = catalogue().get(row.requirement)
        finding = row.findings[0]
        for part in (known.clause, known.source, known.why) if known else ():
            assert part.replace("`", "") in told
        for part in (finding.expected, finding.actual, finding.where, row.scenario, "$API_KEY", row.level):
            assert part in told


def test_a_cause_tells_what_came_what_turns_green_and_whom_it_hurts() -> None:
    rows = [
        Row(
            f"check-{id_}",
            id_,
            Level.MUST,
            Verdict.FAIL,
            scenario=f"scenario-{id_}",
            shown_by=(f"scenario-{id_}",),
            findings=(Finding("HTTP 401", f'HTTP 200: {{"id":"resp_{n}","object":"response"}}', "status"),),
        )
        for n, id_ in enumerate(("authorization.missing", "authorization.wrong", "authorization.empty"))
    ]
    usage = Finding("a number", "none", "$.usage")
    rows.append(Row("usage", "response.usage", Level.MUST, Verdict.FAIL, scenario="text", findings=(usage,)))
    text = html.section(run_of(*rows), Evidence())
    page = Page(text)
    first, told = page.texts["report"].split("All", 1)[0], page.texts["cause-no-401-without-the-key"]
    for part in (
        "turned away with 401: 3 requests got another answer",
        "3 requirements turn green, 3 checks",
    ):
        assert part in first
        assert part in told
    assert "HTTP 200 with an answer" in told
    assert "resp_0" not in told
    assert "How it usually comes about" in told
    assert "breaks OpenAI Python" in first
    assert "reads it wrong and tells nobody" in page.texts["cause-response.usage"]
    assert '"resp_0"' in Page(unfolded(text)).texts["cause-no-401-without-the-key"]
    assert [a for a in page.all("a") if href_of(a) == "#cause-no-401-without-the-key"]


def test_a_cause_is_shown_at_the_level_of_its_worst_row() -> None:
    """And not at that of its head: a SHOULD cannot FAIL."""
    head = Row("a", "storage.promise", Level.SHOULD, Verdict.WARN, shown_by=("get-stored",))
    worst = Row("b", "storage.delete", Level.MUST, Verdict.FAIL, shown_by=("delete-stored",))
    (cause,) = Page(opened(run_of(head, worst), Evidence())).all("article")
    assert cause["id"] == "cause-storage.promise"
    page = opened(run_of(head, worst), Evidence())
    header = page[page.index('id="cause-storage.promise"') :].partition("</header>")[0]
    assert "FAIL" in header
    assert '<span class="level">MUST</span>' in header
    assert "SHOULD" not in header


def test_the_first_screen_names_six_causes_and_the_way_to_all() -> None:
    page = Page(html.section(RUN, EVIDENCE))
    causes = told_causes(RUN)
    assert len(causes) > 6
    assert f"All {len(causes)} causes" in page.texts["report"]
    assert counts_in_words(RUN) in page.texts["report"]


def test_an_issue_stands_by_itself_and_holds_nothing_but_text() -> None:
    row = next(row for row in RUN.rows if row.verdict is Verdict.FAIL)
    exchange = replace(
        EVIDENCE.exchanges[row.scenario],
        headers=(("X-Request-Id", "req_7`|<b>"), ("content-type", "application/json")),
        chunks=(Chunk(0.1, b"```\n</pre><script>alert(1)</script>"),),
    )
    run, evidence = run_of(row), Evidence({row.scenario: exchange})
    (told,) = told_causes(run)
    made = issue(run, told, "title <b> @all https://evil.example `x`", exchange)
    known = catalogue()[row.requirement]
    title = r"# title \<b\> &#64;all https:\/\/evil.example \`x\`"
    for part in (title, known.why, known.sources[0].url, row.findings[0].actual, "curl -sS"):
        assert part in made
    assert "``X-Request-Id: req_7`|<b>``" in made
    assert "````\n```\n</pre>" in made
    page = opened(run, evidence)
    assert "<script>alert(1)" not in page
    assert Page(page).unbalanced == []


def test_each_exchange_is_embedded_once() -> None:
    page = Page(html.section(RUN, EVIDENCE))
    blocks = [e for e in page.all("details") if (e.get("id") or "").startswith("exchange-")]
    assert {block["id"] for block in blocks} == {
        f"exchange-{file_name(name).removesuffix('.json')}" for name in EVIDENCE.exchanges
    }
    marker = "a body that is nowhere else"
    name = RUN.rows[0].scenario
    only = replace(EVIDENCE.exchanges[name], headers=(("x-marker", marker),))
    users = [row for row in RUN.rows if row.scenario == name]
    assert len(users) > 1
    text = html.section(RUN, Evidence({**EVIDENCE.exchanges, name: only}))
    assert "".join(unpacked(text)["parts"]).count(f"x-marker: {marker}") == 1
    assert marker not in text


def test_secrets_are_taken_out_before_it_is_compressed() -> None:
    name = RUN.rows[0].scenario
    exchange = replace(EVIDENCE.exchanges[name], headers=(("x-echo", "sesame"),))
    page = html.section(RUN, Evidence({name: exchange}), lambda data: data.replace(b"sesame", b"******"))
    assert "x-echo: ******" in "".join(unpacked(page)["parts"])
    assert "sesame" not in json.dumps(unpacked(page))


def test_a_long_body_is_cut_and_names_its_file() -> None:
    run, evidence = large_run(rows=1, exchanges=1)
    text = opened(run, evidence)
    assert "… cut here; all 33,000 bytes are in exchanges/scenario-0.json" in text


@pytest.mark.slow
@pytest.mark.parametrize("made", [large_run, hostile_run])
def test_the_whole_file_stays_below_5_mb(made: Callable[[], tuple[Run, Evidence]], tmp_path: Path) -> None:
    run, evidence = made()
    assert render(run, evidence, tmp_path).stat().st_size < 5_000_000


@pytest.mark.slow
def test_nothing_is_fetched_from_anywhere(report: str, hostile: str) -> None:
    for text in map(unfolded, (report, hostile)):
        page = Page(text)
        for tag, attributes in page.elements:
            assert tag not in {"iframe", "object", "embed", "base", "link", "form"}
            assert not attributes.get("src")
            assert "srcdoc" not in attributes
            assert not (attributes.get("href") or "#").startswith(("javascript", "data"))
    style = (PACKAGE / "page.css").read_text()
    assert "url(" not in style
    assert "@import" not in style


@pytest.mark.slow
def test_no_element_and_no_handler_of_a_provider_gets_onto_the_page(report: str, hostile: str) -> None:
    watched = {"script", "style", "meta", "link", "h1"}
    expected = Counter(tag for tag, _ in Page(report).elements if tag in watched)
    page = Page(unfolded(hostile))
    assert Counter(tag for tag, _ in page.elements if tag in watched) == expected
    handlers = {name for _, attributes in page.elements for name in attributes if name.startswith("on")}
    assert handlers == {"onclick"}  # pytest-html's own button, which reloads a page that is not finished
    assert page.texts["head-title"] == "vendor · /v1/responses conformance"
    assert Page(opened(*hostile_run())).unbalanced == []


@pytest.mark.slow
def test_the_table_holds_no_check_and_no_foreign_element(hostile: str) -> None:
    found = blob(hostile)
    assert found["tests"] == {}
    assert set(found["environment"]) == {"Python", "pytest", "pytest-html", "httpx"}


def test_control_characters_are_shown_and_never_sent(hostile: str) -> None:
    hostile = unfolded(hostile)
    assert not set(json.dumps(unpacked(hostile), ensure_ascii=False)) & set("\0\x1b\x7f\u202e\ufeff")
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
        ("13", "14", ["13"], ["14"]),
        ("HTTP 400", "the connection was closed", [], []),
        ("a <b> c", "a <i> c", ["b"], ["i"]),
        ("same", "same", [], []),
        ("text 'Hello' (5 letters)", "the end: 'Hello there' (11 letters)", ["5"], [" there", "11"]),
        ("HTTP 4xx with an error", "HTTP 200 with an answer", ["4xx"], ["200"]),
    ],
)
def test_the_differing_part_is_marked(expected: str, actual: str, left: list[str], right: list[str]) -> None:
    def marks(text: str) -> list[str]:
        return [re.sub("<[^>]*>", "", found) for found in re.findall("<mark>(.*?)</mark>", text)]

    ours, theirs = difference(expected, actual)
    assert (marks(ours), marks(theirs)) == (left, right)


@pytest.mark.parametrize(
    ("actual", "words", "text"),
    [
        ("14", "14", ""),
        ("HTTP 401: an empty body", "HTTP 401 with an empty body", ""),
        ("HTTP 500: Internal Server Error", "HTTP 500 with the text “Internal Server Error”", ""),
        ('HTTP 200: {"id":"resp_1","object":"response"}', "HTTP 200 with an answer", '{"id":"resp_1",'),
        ('HTTP 200: {"detail":1}', "HTTP 200 with a JSON object", '{"detail":1}'),
        ('HTTP 400: {"error":{"message":"No \\"x\\"."}}', 'HTTP 400 with the error “No "x".”', '{"error"'),
        ("HTTP 200: event: response.created\ndata: {}", "HTTP 200 with a stream", "event: response.created"),
        ("HTTP 502, text/html: <!DOCTYPE html><p>", "HTTP 502 with an HTML page", "<!DOCTYPE"),
        ("x" * 300, "x" * 100 + "…", "x" * 300),
    ],
)
def test_what_came_is_told_in_words_and_folded(actual: str, words: str, text: str) -> None:
    told = came(actual)
    assert told.words == words
    assert told.text.startswith(text)
    assert bool(told.text) == bool(text)


@pytest.mark.parametrize(
    "value", [{"a": [1, {"b": None}, "x,{"], "d": {}, "e": 1.5e3}, [], {}, [[[]], [1, [2]]]]
)
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_json_is_laid_out_and_stays_the_same_json(value: Any, separators: tuple[str, str]) -> None:
    made = entities.unescape(re.sub("<[^>]*>", "", pretty(json.dumps(value, separators=separators))))
    assert made == json.dumps(value, indent=2)


def test_a_text_that_was_cut_is_laid_out_as_far_as_it_goes() -> None:
    made = re.sub("<[^>]*>", "", pretty('{"id":"r","x":{"y":[1,{"z":"cut <b> he… (600 characters)'))
    assert made.endswith('"z": "cut &lt;b&gt; he… (600 characters)')
    assert made.count("\n") == 6


def test_the_list_of_checks_has_every_row_worst_first(report: str) -> None:
    found = unpacked(report)["checks"]
    assert len(found) == len(RUN.rows)
    order = [verdict.value for verdict in SEVERITY]
    assert [row[0] for row in found] == sorted((row.verdict.value for row in RUN.rows), key=order.index)


def test_the_table_has_only_what_the_page_has_not() -> None:
    class Phase:
        nodeid = "conformance/checks/test_a.py::test_b<i>"

        def __init__(self, when: str, *, passed: bool) -> None:
            self.when, self.passed = when, passed

    def cells_of(phase: Phase, *, of_check: bool = False) -> list[str]:
        cells = ['<td class="col-result">Error</td>', "", '<td class="col-duration">1 ms</td>', ""]
        html.table_row(phase, cells, of_check=of_check)
        return cells

    assert cells_of(Phase("setup", passed=True)) == []
    assert cells_of(Phase("call", passed=True), of_check=True) == []
    for phase in (Phase("call", passed=True), Phase("teardown", passed=False)):
        cells = cells_of(phase)
        assert len(cells) == len(html.HEADERS)
        assert "test_a.py::test_b&lt;i&gt;" in cells[1]


@pytest.mark.slow
def test_a_test_that_is_no_check_stands_in_the_table_alone(tmp_path: Path) -> None:
    own = tmp_path / "test_own.py"
    own.write_text("def test_well(): pass\n\ndef test_ill(): assert 1 == 2, 'of my own'\n")
    ran = run(tmp_path / "report", "-k", "test_well or test_ill or generated", CHECKS, str(own))
    assert ran.code == 1, ran.printed
    page = (ran.report / "index.html").read_text(encoding="utf-8")
    told = blob(page)["tests"]
    assert {name.rpartition("::")[2] for name in told} == {"test_well", "test_ill"}
    assert "of my own" in "".join(test["log"] for tests in told.values() for test in tests)
    assert "usage.output-counted" in Page(page).ids()


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
    assert text.count("connection refused") == 3  # the head's, the first screen's and the section's
    assert "Nothing could be judged" in text


def test_the_head_tells_what_the_run_was() -> None:
    told = Page(html.section(RUN, EVIDENCE)).texts["report"]
    for part in (
        "Does not conform: ",
        RUN.provider,
        RUN.base_url,
        RUN.model,
        RUN.contract.name,
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


def test_what_clients_made_of_it_is_shown_in_words_with_the_exchange() -> None:
    page = Page(html.section(RUN, EVIDENCE))
    told = page.texts["report"]
    for words in ("Clients", "openai 3.57.0, Python 3.11.7", "a.Error", "text 'a' was read, not 'b'"):
        assert words in told
    for word in ("ok", "wrong", "exception", "hang", "not run"):
        assert f">{word}</span>" in html.section(RUN, EVIDENCE)
    assert "not installed: npm ci" in told
    without = Page(html.section(replace(RUN, clients=()), EVIDENCE)).texts["report"]
    assert "what real clients read" not in without


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
    light, dark = style.split("@media screen and (prefers-color-scheme: dark)", 1)
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
    hostile = unfolded(hostile)
    assert "window.broken" in hostile
    assert TEXT[:20].replace("<", "&lt;").replace(">", "&gt;") in hostile


def test_attempts_that_show_the_same_are_told_once_with_every_exchange() -> None:
    first = RUN.rows[0]
    alike = tuple(replace(first.findings[0], scenario=f"again~{n}") for n in (1, 2, 3))
    evidence = Evidence(
        {f"again~{n}": replace(EVIDENCE.exchanges[first.scenario], scenario=f"again~{n}") for n in (1, 2, 3)}
    )
    page = Page(opened(run_of(replace(first, findings=alike)), evidence))
    told = page.texts[first.requirement]
    assert told.count(alike[0].expected) == 1
    assert all(f"again~{n}" in told for n in (1, 2, 3))
