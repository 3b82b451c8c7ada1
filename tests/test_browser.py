"""The report in a real browser: nothing that a provider sends runs, and the page works as it should."""

import base64
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from conformance.commands.compare import main as compare
from conformance.contract.requirements import catalogue
from conformance.contract.tokenizers import tokenizers
from conformance.report import results
from conformance.rules.billing_input import bill_of
from conformance.scenarios.billing import SAMPLES
from conformance.verdicts.bill import Point, Price
from conformance.verdicts.verdict import Verdict
from tests.hostile_run import hostile_run, large_run
from tests.sample_run import render, sample_run
from tests.whole_run import ROWS, whole_run

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER),
        reason="needs chromium and chromedriver: apt-get install chromium chromium-driver",
    ),
]

ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
RUN, EVIDENCE = sample_run()
TITLE = "vendor · /v1/responses conformance"


class Browser:
    """A page in chromium, at a width and in a colour scheme."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, file: Path, *, width: int = 1280, scheme: str = "light", fragment: str = "") -> None:
        metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        wishes = {"prefers-color-scheme": scheme, "prefers-reduced-motion": "reduce"}
        media = {"features": [{"name": name, "value": value} for name, value in wishes.items()]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        self.driver.get("about:blank")
        self.driver.get(file.as_uri() + fragment)

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def log(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return entries

    def find(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def shown(self, selector: str) -> list[WebElement]:
        script = "return [...document.querySelectorAll(arguments[0])].filter(e => e.checkVisibility())"
        found: list[WebElement] = self.run(script, selector)
        return found

    def press(self, *keys: str) -> None:
        webdriver.ActionChains(self.driver).send_keys(*keys).perform()

    def wait(self, until: Callable[[], object]) -> None:
        WebDriverWait(self.driver, 20).until(lambda _: until())

    def tab_to(self, selector: str, most: int = 40) -> None:
        """Reach an element with the Tab key alone."""
        for _ in range(most):
            self.press(Keys.TAB)
            if self.run("return document.activeElement.matches(arguments[0])", selector):
                return
        pytest.fail(f"{selector} is not reached by {most} tabs")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for argument in ARGUMENTS:
        options.add_argument(argument)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    options.unhandled_prompt_behavior = "ignore"
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    try:
        driver = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
    except WebDriverException as error:
        pytest.skip(f"chromium does not start here: {(error.msg or '').splitlines()[0]}")
    yield Browser(driver)
    driver.quit()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render(RUN, EVIDENCE, tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run, evidence = hostile_run()
    return render(run, evidence, tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def billed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with a bill: every token 1.2 times, and 206 of a hidden prompt."""
    tokens = tokenizers()["o200k_base"].tokens
    sizes = [(unit, times, times * tokens[unit]) for unit, times in SAMPLES.values()]
    bill = bill_of([Point(unit, n, 212 + size * 6 // 5, unit) for unit, n, size in sizes], "o200k_base", 1)
    evidence = replace(EVIDENCE, bill=bill, price=Price(1.25, "USD"))
    return render(RUN, evidence, tmp_path_factory.mktemp("billed"))


def open_everything(browser: Browser) -> None:
    """Unfold all that can be unfolded, and hover over it: what sleeps in there would wake."""
    browser.run("document.querySelector('.unfold')?.click()")
    unfold = "document.querySelectorAll('details:not([open])').forEach(box => { box.open = true; })"
    left = "return document.querySelectorAll('details:not([open]), [data-part]').length"

    def all_open() -> bool:
        browser.run(unfold)
        return bool(browser.run(left) == 0)

    browser.wait(all_open)
    browser.run("document.querySelectorAll('*').forEach(e => e.dispatchEvent(new MouseEvent('mouseover')))")


LISTED = "#checks tbody tr"


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_hostile_runs_or_breaks_the_page(
    browser: Browser, hostile: Path, width: int, scheme: str
) -> None:
    browser.open(hostile, width=width, scheme=scheme)
    open_everything(browser)
    assert browser.run("return window.broken") is None
    assert browser.driver.title == TITLE
    assert browser.driver.current_url.startswith(hostile.as_uri())
    assert not [each for each in browser.log() if each["level"] == "SEVERE"]
    assert browser.run("return document.documentElement.scrollWidth") <= width
    assert browser.run("return document.querySelectorAll('iframe, object, embed, base').length") == 0
    assert len(browser.driver.find_elements(By.CSS_SELECTOR, LISTED)) == len(RUN.rows)
    assert browser.run("return document.querySelectorAll('.wire').length") > 10


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_stands_out_of_the_page(browser: Browser, sample: Path, width: int) -> None:
    browser.open(sample, width=width)
    open_everything(browser)
    assert browser.run("return document.documentElement.scrollWidth") <= width
    outside = browser.run(
        """
        const scrolled = '.timeline, pre, .what, .finding dd, .finder [role=group], #checks';
        return [...document.querySelectorAll('.report *')].filter(each =>
          each.getBoundingClientRect().right > innerWidth + 1 && !each.closest(scrolled)
        ).map(each => each.outerHTML.slice(0, 120));
        """
    )
    assert outside == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_colours_follow_the_scheme(browser: Browser, sample: Path, scheme: str) -> None:
    browser.open(sample, scheme=scheme)
    ground = browser.run("return getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, ground[4:-1].split(","))) > 384) == (scheme == "light")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_bill_is_drawn_and_told(browser: Browser, billed: Path, width: int, scheme: str) -> None:
    """Two lines that can be told apart, the dots on the one that was billed, all of it within the page."""
    browser.open(billed, width=width, scheme=scheme)
    text = browser.find("section.billing").text
    assert "Every input token is billed 1.20 times, counted with o200k_base." in text
    assert "212 tokens are billed that you did not send, with each request" in text
    assert "A million input tokens that are sent cost 1.50 USD, and 1.25 by the price list." in text
    assert browser.run("return document.querySelector('svg.bill').getBoundingClientRect().right") <= width
    assert browser.run("return document.documentElement.scrollWidth") <= width
    drawn = "return getComputedStyle(document.querySelector('.bill ' + arguments[0]))[arguments[1]]"
    strokes = {browser.run(drawn, name, "stroke") for name in (".predicted", ".billed", ".axis")}
    ground = browser.run("return getComputedStyle(document.body).backgroundColor")
    assert len(strokes) == 3
    assert ground not in strokes
    assert browser.run(drawn, ".predicted", "strokeDasharray") != "none"
    end = "return document.querySelector('.bill ' + arguments[0]).y2.baseVal.value"
    heights = [browser.run(end, name) for name in (".billed", ".predicted")]
    assert heights[0] < heights[1], "what was billed is above what was due"
    dots = browser.run(
        "return [...document.querySelectorAll('.bill circle')].map(dot => dot.cy.baseVal.value)"
    )
    assert len(dots) == len(SAMPLES)
    assert min(dots) == pytest.approx(heights[0], abs=2)


def test_filters_work_by_keyboard(browser: Browser, sample: Path) -> None:
    browser.open(sample)
    everything = len(browser.shown(".report [data-verdict][data-area]"))
    browser.tab_to('[data-filter="verdict"][data-value="FAIL"]')
    browser.press(Keys.SPACE)
    button = browser.find('[data-filter="verdict"][data-value="FAIL"]')
    assert button.get_attribute("aria-pressed") == "true"
    shown = browser.shown(".report [data-verdict][data-area]")
    assert {each.get_attribute("data-verdict") for each in shown} == {"FAIL"}
    assert 0 < len(shown) < everything
    assert "entries shown" in browser.find(".finder [role=status]").text
    browser.tab_to(".clear")
    browser.press(Keys.ENTER)
    assert len(browser.shown(".report [data-verdict][data-area]")) == everything


def test_the_first_stops_of_the_tab_key_are_the_content(browser: Browser, sample: Path) -> None:
    browser.open(sample)
    where = "return document.activeElement.closest('.skip, .first, .finder')?.className"
    stops = []
    for _ in range(20):
        browser.press(Keys.TAB)
        stops.append(browser.run(where))
    assert stops[0] == "skip"
    assert set(stops[1:4]) == {"first"}
    browser.open(sample)
    browser.press(Keys.TAB, Keys.ENTER)
    browser.press(Keys.TAB)
    assert browser.run("return document.activeElement.closest('.cause') !== null")


def test_the_address_keeps_the_filters_and_the_search(browser: Browser, sample: Path) -> None:
    browser.open(sample)
    browser.find('[data-filter="verdict"][data-value="FAIL"]').click()
    scenario = next(row.scenario for row in RUN.rows if row.verdict is Verdict.FAIL)
    browser.find(".finder input").send_keys(scenario)
    browser.wait(lambda: scenario in browser.driver.current_url)
    shown = [each.get_attribute("data-id") for each in browser.shown(".report [data-verdict][data-area]")]
    seen = {row.requirement for row in RUN.rows if scenario in row.check}
    assert set(shown) <= {row.requirement for row in RUN.rows if row.verdict is Verdict.FAIL}
    assert set(shown) & seen
    browser.open(sample, fragment=f"#{browser.driver.current_url.partition('#')[2]}")
    browser.wait(lambda: browser.find(".finder input").get_attribute("value") == scenario)
    again = ".report [data-verdict][data-area]"
    browser.wait(lambda: [e.get_attribute("data-id") for e in browser.shown(again)] == shown)


def test_the_filters_stay_in_sight(browser: Browser, sample: Path) -> None:
    browser.open(sample)
    browser.run("document.querySelector('#exchanges').scrollIntoView()")
    top, bottom = browser.run(
        "const r = document.querySelector('.finder').getBoundingClientRect(); return [r.top, r.bottom]"
    )
    assert 0 <= top < bottom < 200


def test_filters_narrow_the_list_of_checks_too_and_add_up(browser: Browser, sample: Path) -> None:
    browser.open(sample)
    browser.find(".unfold").click()
    browser.wait(lambda: len(browser.shown(LISTED)) == len(RUN.rows))
    browser.find('[data-filter="verdict"][data-value="WARN"]').click()
    browser.find('[data-filter="verdict"][data-value="FAIL"]').click()
    wanted = [row for row in RUN.rows if row.verdict in {Verdict.FAIL, Verdict.WARN}]
    assert len(browser.shown(LISTED)) == len(wanted)
    browser.find("#checks th:nth-child(2) button").click()
    assert len(browser.shown(LISTED)) == len(wanted)
    browser.find(".finder summary").click()
    browser.find('[data-filter="level"][data-value="SHOULD"]').click()
    should = [row for row in wanted if row.level.value == "SHOULD"]
    assert len(browser.shown(LISTED)) == len(should)


def test_the_list_of_checks_is_sorted_by_keyboard_worst_first(browser: Browser, sample: Path) -> None:
    browser.open(sample)
    browser.find(".unfold").send_keys(Keys.ENTER)
    browser.wait(lambda: browser.shown(LISTED))
    first = "return document.querySelector('#checks tbody td').textContent"
    assert browser.run(first) == "FAIL"
    browser.tab_to("#checks th:first-child button")
    browser.press(Keys.ENTER)
    assert browser.run(first) == "NOTE"
    assert browser.run("return document.activeElement.textContent") == "Verdict"


def test_each_row_leads_to_its_card_and_to_what_can_be_looked_up(browser: Browser, sample: Path) -> None:
    browser.open(sample)
    browser.find(".unfold").click()
    browser.wait(lambda: len(browser.shown(LISTED)) == len(RUN.rows))
    script = (
        "const told = a => [a.textContent, a.getAttribute('href'), a.title];"
        "const links = cell => [...cell.querySelectorAll('a')].map(told);"
        "return [...document.querySelectorAll('#checks .c-1')].map(links)"
    )
    known = catalogue()
    shown = {links[0][0]: links for links in browser.run(script) if links}
    assert shown.keys() == {row.requirement for row in RUN.rows}
    for id_, (card, *links) in shown.items():
        assert card[1] == f"#{id_}"
        assert links == [[source.mark, source.url, source.name] for source in known[id_].sources]
        assert links


@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.ERROR, Verdict.SKIP, Verdict.PASS])
def test_a_deep_link_arrives_wherever_its_requirement_is_folded(
    browser: Browser, sample: Path, verdict: Verdict
) -> None:
    failing = {row.requirement for row in RUN.rows if row.verdict is not Verdict.PASS}
    id_ = next(
        row.requirement
        for row in RUN.rows
        if row.verdict is verdict and (verdict is not Verdict.PASS or row.requirement not in failing)
    )
    browser.open(sample, fragment=f"#{id_}")
    target = browser.driver.find_element(By.ID, id_)
    assert target.is_displayed()
    assert "arrived" in (target.get_attribute("class") or "")
    assert target.get_attribute("data-verdict") == verdict.value


def test_a_deep_link_shows_what_a_filter_hides(browser: Browser, sample: Path) -> None:
    browser.open(sample)
    id_ = next(row.requirement for row in RUN.rows if row.verdict is Verdict.FAIL)
    browser.find('[data-filter="verdict"][data-value="SKIP"]').click()
    assert not browser.driver.find_element(By.ID, id_).is_displayed()
    browser.run("location.hash = arguments[0]", id_)
    browser.wait(lambda: browser.driver.find_element(By.ID, id_).is_displayed())


def test_an_exchange_opens_beside_its_finding(browser: Browser, sample: Path) -> None:
    browser.open(sample)
    peek = browser.find(".c-FAIL details.peek")
    peek.find_element(By.TAG_NAME, "summary").send_keys(Keys.ENTER)
    browser.wait(lambda: peek.find_elements(By.CSS_SELECTOR, ".wire"))
    assert "POST https://api.vendor.example/v1/responses" in peek.text
    ids = browser.run("return [...document.querySelectorAll('.report [id]')].map(each => each.id)")
    assert len(ids) == len(set(ids))


def test_an_issue_and_a_curl_line_are_copied_as_they_are(browser: Browser, sample: Path) -> None:
    browser.open(sample)
    copied = "navigator.clipboard.writeText = async text => { window.copied = text; }"
    for fold in ("details.curl", "details.issue"):
        browser.run(copied)
        box = browser.find(f".cause {fold}")
        box.find_element(By.TAG_NAME, "summary").send_keys(Keys.ENTER)
        browser.wait(partial(box.find_elements, By.CSS_SELECTOR, ".copy"))
        button = box.find_element(By.CSS_SELECTOR, ".copy")
        button.send_keys(Keys.ENTER)
        browser.wait(partial(browser.run, "return arguments[0].textContent === 'Copied'", button))
        assert browser.run("return window.copied") == browser.run(
            "return arguments[0].querySelector('pre').textContent", box
        )
    assert browser.run("return window.copied").startswith("# ")


def test_a_timeline_begins_at_its_mark_on_a_phone(browser: Browser, sample: Path) -> None:
    browser.open(sample, width=390)
    open_everything(browser)
    seen = browser.run(
        """
        return [...document.querySelectorAll('.timeline:has([data-at])')].map(box => {
          const at = box.querySelector('[data-at]').dataset.at * box.scrollWidth - box.scrollLeft;
          return at >= 0 && at <= box.clientWidth;
        });
        """
    )
    assert seen
    assert all(seen)


def test_the_page_reads_without_javascript(browser: Browser, sample: Path) -> None:
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.open(sample)
        told = browser.find("#report").text
        for words in ("Does not conform", "Fix first", "Causes", "lies in exchanges/"):
            assert words in told
        assert not browser.find(".finder").is_displayed()
        assert not browser.find(".copy").is_displayed()
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_a_large_report_works_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    run, evidence = large_run(rows=500)
    report = render(run, evidence, tmp_path)
    browser.open(report, width=360)
    browser.find(".finder summary").click()
    browser.find('[data-filter="area"][data-value="Area3"]').click()
    areas = "return [...new Set(arguments[0].map(each => each.dataset.area))]"
    assert browser.run(areas, browser.shown(".report [data-area][data-verdict]")) == ["Area3"]


@pytest.mark.parametrize(("fails_each", "most"), [(0, 1_000_000), (5, 2_000_000)])
def test_a_whole_run_is_light(browser: Browser, tmp_path: Path, fails_each: int, most: int) -> None:
    report = render(*whole_run(fails_each=fails_each), tmp_path)
    assert report.stat().st_size < most
    browser.open(report)
    assert browser.run("return document.querySelectorAll('*').length") < 15_000
    browser.find(".unfold").click()
    browser.wait(lambda: browser.shown(LISTED))
    took = browser.run(
        "const t = performance.now(); document.querySelector('#checks th:nth-child(6) button').click(); "
        "return performance.now() - t;"
    )
    assert took < 1000


def test_a_server_of_ten_faults_prints_on_ten_pages(browser: Browser, tmp_path: Path) -> None:
    report = render(*whole_run(fails_each=ROWS // 10), tmp_path)
    browser.open(report)
    printed = browser.driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    pages = len(re.findall(rb"/Type\s*/Page\b", base64.b64decode(printed["data"])))
    assert 1 <= pages <= 10


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_the_first_screen_holds_the_verdict_and_what_to_fix_first(
    browser: Browser, tmp_path: Path, width: int, height: int
) -> None:
    report = render(*whole_run(fails_each=40), tmp_path)
    browser.open(report, width=width)
    ends = browser.run("return document.querySelectorAll('.first li')[5].getBoundingClientRect().bottom")
    assert ends <= height
    assert browser.run("return document.querySelector('.subject').getBoundingClientRect().top") > 0


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three providers, of which two are the same; their names are long."""
    folder = tmp_path_factory.mktemp("comparison")
    files = []
    for name, each in (("first", 40), ("second", 40), ("third", 0)):
        run, _ = whole_run(fails_each=each)
        (folder / name).mkdir()
        (folder / name / "index.html").write_text("a report")
        files.append(folder / name / "results.json")
        results.write(replace(run, provider=f"{name}.gateway-of-models.vendor.example.com"), files[-1])
    assert compare([*map(str, files), "-o", str(folder / "all.html")]) == 0
    return folder / "all.html"


ENTRIES = ".matrix [data-verdict][data-area]"
DIFFERS = '[data-filter="differs"]'


def test_only_where_they_differ(browser: Browser, comparison: Path) -> None:
    browser.open(comparison)
    everything = browser.shown(ENTRIES)
    browser.tab_to(DIFFERS)
    browser.press(Keys.SPACE)
    assert browser.find(DIFFERS).get_attribute("aria-pressed") == "true"
    left = browser.shown(ENTRIES)
    assert {each.get_attribute("data-differs") for each in left} == {"yes"}
    assert 0 < len(left) < len(everything)
    areas = browser.shown(".matrix .part")
    assert 0 < len(areas) < len(browser.driver.find_elements(By.CSS_SELECTOR, ".matrix .part"))
    assert browser.driver.current_url.endswith("#?differs=yes")
    browser.open(comparison, fragment="#?differs=yes")
    assert len(browser.shown(ENTRIES)) == len(left)
    browser.find(".clear").click()
    assert len(browser.shown(ENTRIES)) == len(everything)


def test_a_comparison_is_searched(browser: Browser, comparison: Path) -> None:
    browser.open(comparison)
    everything = len(browser.shown(ENTRIES))
    browser.find(".finder input").send_keys("usage total_tokens")
    browser.wait(lambda: 0 < len(browser.shown(ENTRIES)) < everything)
    assert all("total_tokens" in each.text for each in browser.shown(ENTRIES))
    assert browser.driver.current_url.endswith("#?words=usage+total_tokens")
    assert "entries shown" in browser.find(".finder [role=status]").text
    assert not [each for each in browser.log() if each["level"] == "SEVERE"]


@pytest.mark.parametrize(("width", "room"), [(390, 300), (1280, 480)])
def test_heads_stay_in_sight_in_a_table_of_its_own(
    browser: Browser, comparison: Path, width: int, room: int
) -> None:
    browser.open(comparison, width=width)
    stuck = browser.run(
        """
        return [...document.querySelectorAll('.across')].map(box => {
          box.style.width = `${arguments[0]}px`;
          box.style.height = '300px';
          box.scrollTo(400, 500);
          const edge = box.getBoundingClientRect();
          const name = box.querySelector('thead th:nth-child(2)').getBoundingClientRect();
          const corner = box.querySelector('.corner').getBoundingClientRect();
          const row = box.querySelector('tbody th[scope=row]').getBoundingClientRect();
          const near = (one, other) => Math.abs(one - other) < 3;
          return box.scrollLeft > 0 && box.scrollTop > 0 && near(name.top, edge.top)
            && near(corner.left, edge.left) && near(row.left, edge.left);
        });
        """,
        room,
    )
    assert stuck == [True, True, True]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_comparison_stays_within_the_page(
    browser: Browser, comparison: Path, width: int, scheme: str
) -> None:
    browser.open(comparison, width=width, scheme=scheme)
    browser.run("document.querySelectorAll('details').forEach(box => { box.open = true; })")
    assert browser.run("return document.documentElement.scrollWidth") <= width
    seen = browser.run(
        "return [...document.querySelectorAll('.each details')].filter("
        "each => each.getBoundingClientRect().right > innerWidth).length"
    )
    assert seen == 0
    ground = browser.run("return getComputedStyle(document.querySelector('.matrix td')).backgroundColor")
    assert (sum(map(int, ground[4:-1].split(","))) > 384) == (scheme == "light")


def test_a_comparison_reads_without_javascript(browser: Browser, comparison: Path) -> None:
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.open(comparison, fragment="#?differs=yes")
        assert not browser.find(".finder").is_displayed()
        entries = browser.driver.find_elements(By.CSS_SELECTOR, ENTRIES)
        assert all(browser.find(f'[id="{each}"]').is_displayed() for each in _ids(entries[::40]))
        assert len(browser.driver.find_elements(By.CSS_SELECTOR, f"{ENTRIES}[hidden]")) == 0
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def _ids(entries: list[WebElement]) -> list[str]:
    return [each.get_attribute("id") or "" for each in entries]
