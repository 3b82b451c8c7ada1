"""The table of what a user can type, and how it ends.

Each line selects the fewest checks that show what it is about. In braces stand `{dir}`, a folder of its own,
`{report}`, its report folder, `{url}`, the server that it is typed against, `{total}`, the number of checks,
and the selections below.
"""

from collections.abc import Callable

from conformance.verdicts.gate import CONFORMS, UNJUDGED, VIOLATED
from tests.runs import KEY, Ran
from tests.surface import (
    FILES,
    WITHOUT_KEY,
    Line,
    ends,
    judged,
    refused,
    shown,
    starts,
    traffic,
    verdicts_are,
)
from tests.surface_pytest import OWN, PYTESTS

USAGE_FILE = "conformance/checks/test_usage.py"
SELECTIONS = {
    "one": f'{USAGE_FILE} -k "test_the_total_is_the_sum and text"',
    "three": f'{USAGE_FILE} -k "test_the_total_is_the_sum and (text or tools or truncated)"',
    "seven": f"{USAGE_FILE} -k test_the_total_is_the_sum",
    "node": f"{USAGE_FILE}::test_the_total_is_the_sum[text]",
    "numbers": "conformance/checks/test_stream_framing.py::test_sequence_numbers_rise[text-stream]",
    "items": "conformance/checks/test_stream_lifecycle.py::test_items_are_added_first[text-stream]",
}
"""One request and one row, three, seven; one by its node id; two whose violation is a WARN, of which the
second breaks clients."""

PACED = 60
"""Requests per minute."""


def paced(ran: Ran) -> bool:
    """Whether the requests went out at the rate: none of the gaps is much shorter than it allows."""
    sent = starts(ran)
    return len(sent) == 3 and sent[-1] - sent[0] > 0.8 * 2 * 60 / PACED


def flips_are_named(ran: Ran) -> bool:
    """Whether the check whose verdict is not the same every time is told as such."""
    told = (ran.report / "summary.md").read_text(encoding="utf-8")
    return "flaky" in told.lower() and "test_the_total_is_the_sum[text]" in told


def clients_are(word: str) -> Callable[[Ran], bool]:
    """Whether that is how the OpenAI client for Python did with an answer's text."""

    def shows(ran: Ran) -> bool:
        found = {client["client"]: client["jobs"] for client in ran.results["clients"]}
        outcomes = {job["job"]: job["outcome"] for job in found["openai-python"]}
        return (outcomes["text"], outcomes["stream"]) == (word, "not run")

    return shows


SERVERS_OPTIONS = (
    judged("pytest {one}", "report: {report}/index.html"),
    judged("responses-conformance {one}", "report: {report}/index.html", only=True),
    judged('pytest -k "test_the_total_is_the_sum and text"', only=True),
    judged("pytest --provider reference --api-key-env CONFORMANCE_API_KEY {one}"),
    Line(
        "pytest --provider {dir}/gateway.toml {one}",
        {
            "reference": ends(CONFORMS, "gateway (gpt-5.2)", shows=verdicts_are("PASS")),
            "broken": ends(
                VIOLATED, "gateway (gpt-5.2)", "FAIL usage.total (MUST, 1 check)", shows=verdicts_are("FAIL")
            ),
        },
    ),
    refused("pytest --provider nosuch {one}", "there is no profile 'nosuch'"),
    refused("pytest --provider {dir}/nosuch.toml {one}", "nosuch.toml"),
    judged("pytest --base-url {url} {one}", "under anyfast"),
    refused("pytest {one} --base-url 127.0.0.1/v1", "no scheme"),
    judged("pytest --model gpt-5.2 {one}", "(gpt-5.2)"),
    refused("pytest {one} --model ''", "the model is empty"),
    judged(
        "pytest --api-key-env OTHER {one} --base-url {url}", environ={"CONFORMANCE_API_KEY": "", "OTHER": KEY}
    ),
    refused("pytest {one} --api-key-env OTHER", "OTHER is not set"),
    refused("pytest {one}", "CONFORMANCE_API_KEY is empty", environ=WITHOUT_KEY),
    judged("pytest --contract openai {one}", "under openai"),
    refused("pytest --contract opneai {one}", "did you mean 'openai'"),
)

BOUNDS = (
    Line("pytest --concurrency 1 {seven}", {"reference": ends(CONFORMS, shows=traffic("peak_in_flight", 1))}),
    Line("pytest --concurrency 3 {seven}", {"reference": ends(CONFORMS, shows=traffic("peak_in_flight", 3))}),
    refused("pytest --concurrency 0 {one}", "must be a whole number, 1 or more, not '0'"),
    refused("pytest --concurrency many {one}", "--concurrency", "many"),
    Line(
        f"pytest --requests-per-minute {PACED} {{three}}",
        {
            "reference": ends(CONFORMS, "3 requests, 0 retries", shows=paced),
            "broken": ends(VIOLATED, shows=paced),
        },
    ),
    Line(
        "pytest --request-timeout 0.5 {one}",
        {
            "reference": ends(CONFORMS, shows=verdicts_are("PASS")),
            "broken": ends(VIOLATED, shows=verdicts_are("FAIL")),
            "slow": ends(UNJUDGED, "0.5 s", shows=verdicts_are("ERROR")),
        },
    ),
    refused("pytest --request-timeout nan {one}", "must be a number of seconds, more than 0, not 'nan'"),
    Line(
        "pytest --deadline 3 --concurrency 1 {three}",
        {"slow": ends(UNJUDGED, "deadline of 3 s", shows=verdicts_are("ERROR", "ERROR", "ERROR"))},
    ),
    judged("pytest --deadline 60 {one}", only=True),
    Line(
        "pytest --max-requests 1 --concurrency 1 {three}",
        {
            "reference": ends(
                UNJUDGED,
                "1 requests, ",
                "the budget of 1 requests",
                shows=verdicts_are("PASS", "ERROR", "ERROR"),
            ),
            "broken": ends(
                VIOLATED,
                "1 requests, ",
                "the budget of 1 requests",
                shows=verdicts_are("FAIL", "ERROR", "ERROR"),
            ),
        },
    ),
    Line(
        "pytest --max-output-tokens 20 --concurrency 1 {three}",
        {
            "reference": ends(
                UNJUDGED,
                "budget of 20 output tokens",
                shows=lambda ran: ran.results["traffic"]["output_tokens"] <= 20,
            ),
            "broken": ends(
                VIOLATED,
                "budget of 20 output tokens",
                shows=lambda ran: ran.results["traffic"]["output_tokens"] <= 20,
            ),
        },
    ),
)

REPORTS = (
    judged("pytest {one} --report-dir {dir}/new/there/report"),
    refused("pytest {one} --report-dir {dir}/gateway.toml", "gateway.toml is no folder"),
    refused("pytest {one} --report-dir {dir}/gateway.toml/report", "cannot write into", "--report-dir"),
    Line(
        "pytest {one}",
        {"alone": ends(CONFORMS, "report: {report}/index.html", shows=verdicts_are("PASS"))},
    ),
    Line(
        "pytest --clients {one}",
        {
            "reference": ends(
                CONFORMS, "openai-python: openai ", "not run, the recording has no", shows=clients_are("ok")
            ),
            "broken": ends(CONFORMS, "text: exception", shows=clients_are("exception")),
        },
        mutant="content-a-string",
    ),
    Line(
        "pytest --replay {report} --report-dir {dir}/again {one}",
        {
            "reference": ends(
                CONFORMS, "0 requests, ", files=FILES - {"exchanges"}, shows=verdicts_are("PASS")
            ),
            "broken": ends(VIOLATED, "0 requests, ", files=FILES - {"exchanges"}, shows=verdicts_are("FAIL")),
        },
        before="pytest {one}",
    ),
    refused("pytest --replay {dir}/nothing {one}", "no recordings in {dir}/nothing"),
    judged("pytest --resume {one}", "0 requests, ", before="pytest {one}"),
    judged(
        "pytest --overwrite {one}", "1 requests, ", before="pytest {one} --model gpt-5.1 --max-requests 1"
    ),
    Line(
        "pytest --baseline {report}/results.json --report-dir {dir}/again {one}",
        {
            "reference": ends(CONFORMS, "against the baseline: no change", shows=verdicts_are("PASS")),
            "broken": ends(
                CONFORMS,
                "the 1 red ones are no worse than in the baseline, so the exit code is 0",
                shows=verdicts_are("FAIL"),
            ),
        },
        before="pytest {one}",
    ),
    refused("pytest --baseline {dir}/nothing.json {one}", "nothing.json", "cannot be read"),
    Line(
        "pytest --repeat 2 {one}",
        {
            "reference": ends(
                CONFORMS,
                "2 requests, ",
                never=("ERROR",),
                files=FILES | {"repeat-2"},
                shows=verdicts_are("PASS"),
            ),
            "broken": ends(VIOLATED, "2 requests, ", files=FILES | {"repeat-2"}, shows=verdicts_are("FAIL")),
            "fickle": ends(
                VIOLATED, "2 requests, ", "1 flaky", files=FILES | {"repeat-2"}, shows=flips_are_named
            ),
        },
    ),
    Line(
        "pytest {numbers}",
        {
            "broken": ends(
                CONFORMS, "WARN stream.sequence-increases (SHOULD, 1 check)", shows=verdicts_are("WARN")
            )
        },
        mutant="sequence-numbers-all-zero",
    ),
    Line(
        "pytest --strict-should {numbers}",
        {
            "reference": ends(CONFORMS, shows=verdicts_are("PASS")),
            "broken": ends(
                VIOLATED, "WARN stream.sequence-increases (SHOULD, 1 check)", shows=verdicts_are("WARN")
            ),
        },
        mutant="sequence-numbers-all-zero",
    ),
    Line(
        "pytest --strict-clients {numbers}",
        {"broken": ends(CONFORMS, shows=verdicts_are("WARN"))},
        mutant="sequence-numbers-all-zero",
    ),
    Line(
        "pytest {items}",
        {"broken": ends(CONFORMS, "Breaks OpenAI Python", shows=verdicts_are("WARN"))},
        mutant="item-added-missing",
    ),
    Line(
        "pytest --strict-clients {items}",
        {
            "reference": ends(CONFORMS, shows=verdicts_are("PASS")),
            "broken": ends(VIOLATED, "Breaks OpenAI Python", shows=verdicts_are("WARN")),
        },
        mutant="item-added-missing",
    ),
)

SHOWN = (
    shown("pytest --dry-run {one}", "nothing was sent"),
    shown("pytest --dry-run --evidence -k test_evidence", "evidence  ", "nothing was sent"),
    shown("pytest --explain usage.total", "clause:", "checks:"),
    refused("pytest --explain no.such", "there is no requirement no.such"),
)

TABLE = (*SERVERS_OPTIONS, *BOUNDS, *REPORTS, *SHOWN, *PYTESTS, *OWN)
