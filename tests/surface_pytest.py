"""The second half of the table: what pytest itself offers, and tests of a user's own beside the checks."""

from conformance.verdicts.gate import CONFORMS, INTERRUPTED, NOTHING, USAGE, VIOLATED
from tests.runs import Ran
from tests.surface import FILES, NONE, Ends, Line, Server, ends, judged, refused, shown, verdicts_are


def copied(ran: Ran) -> bool:
    """Whether the files that the user named are what lies in the report folder."""
    names = {"x.html": "index.html", "y.xml": "junit.xml"}
    own = ran.report.parent / "own"
    return all((own / mine).read_bytes() == (ran.report / its).read_bytes() for mine, its in names.items())


def own_page(ran: Ran) -> bool:
    """Whether pytest-html's page is as it is elsewhere."""
    page = (ran.report.parent.parent / "x.html").read_text(encoding="utf-8")
    return "Links" in page and "equirement" not in page.partition("<body")[2]


def without(name: str, plugin: str) -> dict[Server, Ends]:
    """A reporter that is switched off is named, and its file is not there."""
    files, told = FILES - {name}, (f"no {name}: ", f"-p no:{plugin}")
    return {
        "reference": ends(CONFORMS, *told, files=files, shows=verdicts_are("PASS")),
        "broken": ends(VIOLATED, *told, files=files, shows=verdicts_are("FAIL")),
    }


SEVEN_PASS = verdicts_are(*["PASS"] * 7)

PYTESTS = (
    shown("pytest --setup-plan {one}", "performed"),
    shown("pytest --collect-only -q {one}", "{node}"),
    shown("pytest --fixtures conformance/checks/test_usage.py", "exchange"),
    shown("pytest --fixtures-per-test {one}", "record"),
    shown("pytest --markers", "@pytest.mark.covers(requirement)"),
    shown("pytest --cache-show -o cache_dir={dir}/cache"),
    shown("pytest --help", "--max-output-tokens"),
    shown("pytest --version", "pytest 9"),
    refused("pytest -n 2 {one}", "-n, -f (pytest-xdist)"),
    refused("pytest -n auto {one}", "-n, -f (pytest-xdist)"),
    refused("pytest --dist load --tx 2*popen {one}", "pytest-xdist"),
    refused(
        "pytest --dist load --request-timeout 1 {one}",
        "pytest-xdist",
    ),
    refused("pytest --setup-only {one}", "--setup-plan", "--dry-run"),
    refused("pytest --concurency=3 {one}", "did you mean --concurrency?"),
    refused("pytest conformance/checks/test_nosuch.py", "test_nosuch.py"),
    refused("pytest conformance/checks/test_usage.py::test_nosuch", "test_nosuch"),
    refused(
        "pytest --lf -p no:cacheprovider {one}",
        "--lf reads pytest's cache, which -p no:cacheprovider switches off: leave out one of them",
    ),
    refused("pytest --stepwise -p no:cacheprovider {one}", "--stepwise reads pytest's cache"),
    refused("pytest -p no:metadata {one}", "-p no:metadata: pytest-html", "-p no:html"),
    Line("pytest -p no:metadata -p no:html {one}", without("index.html", "html")),
    Line("pytest -k nothing_matches", {"trap": ends(NOTHING, " deselected", files=NONE)}),
    Line("pytest -p no:html {one}", without("index.html", "html")),
    Line("pytest -p no:junitxml {one}", without("junit.xml", "junitxml")),
    Line("pytest -p no:terminal {one}", {"broken": ends(VIOLATED, shows=verdicts_are("FAIL"))}),
    judged("pytest -p no:capture {one}", only=True),
    judged("pytest -s {one}", only=True),
    judged("pytest -v {one}", "test_the_total_is_the_sum[text] FAIL", only=True),
    judged("pytest -q {one}", only=True),
    judged("pytest --tb=long {one}", only=True),
    judged("pytest -W error {one}", only=True),
    judged("responses-conformance -W error {one}", only=True),
    judged("pytest --durations=3 {one}", "slowest 3 durations", only=True),
    judged("pytest --setup-show {one}", "SETUP    S performed", only=True),
    judged(
        "pytest --ff -o cache_dir={dir}/cache {one}",
        before="pytest -o cache_dir={dir}/cache {one}",
        only=True,
    ),
    Line(
        "pytest --lf -o cache_dir={dir}/cache conformance/checks/test_usage.py",
        {"broken": ends(VIOLATED, "partial: 1 of {total}", "1 requests, ", shows=verdicts_are("FAIL"))},
        before="pytest -o cache_dir={dir}/cache {one}",
    ),
    Line(
        "pytest --sw -o cache_dir={dir}/cache {seven}",
        {
            "reference": ends(CONFORMS, shows=SEVEN_PASS),
            "broken": ends(
                INTERRUPTED, "Test failed, continuing from this test next run", shows=verdicts_are("FAIL")
            ),
        },
    ),
    Line(
        "pytest -x {seven}",
        {
            "reference": ends(CONFORMS, shows=SEVEN_PASS),
            "broken": ends(VIOLATED, "partial: 1 of {total}", shows=verdicts_are("FAIL")),
        },
    ),
    Line(
        "pytest --maxfail=2 {seven}",
        {"broken": ends(VIOLATED, "partial: 2 of {total}", shows=verdicts_are("FAIL", "FAIL"))},
    ),
    judged('pytest --pyargs conformance.checks -k "test_the_total_is_the_sum and text"', only=True),
    judged(
        'pytest --pyargs conformance.checks.test_usage -k "test_the_total_is_the_sum and text"', only=True
    ),
    judged("pytest {node}", only=True),
    Line(
        "pytest {one} --html={dir}/own/x.html --junitxml={dir}/own/y.xml",
        {"reference": ends(CONFORMS, shows=copied), "broken": ends(VIOLATED, shows=copied)},
    ),
)

OWN = (
    Line(
        "pytest own/test_plain.py --html=x.html",
        {"alone": ends(CONFORMS, "1 passed", never=("under anyfast",), files=NONE, shows=own_page)},
    ),
    Line(
        "pytest own/test_failing.py",
        {"alone": ends(VIOLATED, "1 failed", "assert 1 == 2", never=("under anyfast",), files=NONE)},
    ),
    Line(
        "pytest own/test_failing.py {node}",
        {
            "reference": ends(VIOLATED, "partial: 1 of {total}", shows=verdicts_are("PASS")),
            "broken": ends(VIOLATED, "partial: 1 of {total}", shows=verdicts_are("FAIL")),
        },
    ),
    Line(
        "pytest -v own/test_failing.py {node}",
        {"reference": ends(VIOLATED, "assert 1 == 2")},
    ),
    Line("pytest own/test_unimportable.py {one}", {"trap": ends(INTERRUPTED, "1 error", files=NONE)}),
    Line(
        "pytest own/test_unimportable.py {node}",
        {"trap": ends(INTERRUPTED, "no_such_module", files=NONE)},
    ),
    Line(
        "pytest own/test_unimportable.py {one} --continue-on-collection-errors",
        {
            "reference": ends(VIOLATED, "1 error", shows=verdicts_are("PASS")),
            "broken": ends(VIOLATED, "1 error", shows=verdicts_are("FAIL")),
        },
    ),
    Line(
        "pytest own/test_check.py --provider reference",
        {"alone": ends(CONFORMS, shows=verdicts_are("PASS"))},
    ),
    Line(
        "pytest own/test_check.py",
        {
            "alone": ends(
                USAGE, "own/test_check.py::test_own[text] judges a provider", "--provider", files=NONE
            ),
            "broken": ends(VIOLATED, shows=verdicts_are("FAIL")),
        },
    ),
    Line(
        "pytest own/test_check.py {node}",
        {
            "reference": ends(CONFORMS, "partial: 1 of {total}", shows=verdicts_are("PASS", "PASS")),
            "broken": ends(VIOLATED, "partial: 1 of {total}", shows=verdicts_are("FAIL", "FAIL")),
        },
    ),
)
