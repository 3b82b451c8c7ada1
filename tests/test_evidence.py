"""Evidence of origin: what it costs, when it is looked for, and what is told of it."""

import base64
import re
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.reference.seal import is_own, sealed
from conformance.reference.server import serve
from conformance.response import Body
from conformance.rules.evidence import headers_in_words, seal_of, shape_in_words, usage_in_words
from conformance.run.counting import counter
from conformance.run.estimate import input_tokens
from conformance.scenarios.answers import TEXT
from conformance.scenarios.evidence import PREFIX, PREFIXED, flipped
from conformance.scenarios.scenario import Target
from conformance.verdicts.gate import CONFORMS
from tests.exchanges import exchange
from tests.runs import KEY, Ran, run

SOME = ("-k", "test_evidence or test_usage")
"""A run of observations alone judges nothing."""
NOW = 1_790_000_000


def told(content: str, begun: int = NOW, ended: int = NOW + 2) -> str:
    answer = Body({"created_at": begun, "completed_at": ended}, exchange(TEXT))
    return shape_in_words(answer, content)


def test_a_seal_of_the_public_shape_tells_its_time() -> None:
    assert sealed(NOW).startswith("gAAAA")
    assert told(sealed(NOW + 1)).endswith("; it was sealed between created_at and completed_at")
    assert told(sealed(NOW - 3600)).endswith("; it was sealed 3,600 s before created_at")
    assert told(sealed(NOW + 3600)).endswith("; it was sealed 3,598 s after completed_at")


@pytest.mark.parametrize("other", [b"{}", b"\x80" * 56, b"\x80" * 58, b"\x81" * 73])
def test_another_shape_is_told_as_that(other: bytes) -> None:
    content = base64.b64encode(other).decode()
    assert "of another shape" in told(content)
    assert seal_of(content) is not None


def test_what_is_no_base64_is_told_as_that() -> None:
    assert told("no seal at all") == "encrypted_content is no base64"


@pytest.mark.parametrize("content", [sealed(NOW), "A", "no seal at all", "{}", "ÄÖÜ"])
def test_one_changed_byte_is_another_content(content: str) -> None:
    assert flipped(content) != content
    assert not is_own(flipped(content))


def test_headers_and_counts_name_whose_they_are() -> None:
    seen = replace(exchange(TEXT), headers=(("X-LiteLLM-Version", "1"), ("Content-Type", "application/json")))
    assert [*headers_in_words([seen, seen])] == ["response headers of LiteLLM: x-litellm-version"]
    answer = Body({"usage": {"input_tokens": 1, "prompt_tokens": 1}}, seen)
    assert [*usage_in_words([answer])] == ["usage.prompt_tokens is a field of Chat Completions"]


def test_the_prefix_is_long_enough_to_be_cached() -> None:
    count = counter("o200k_base")
    assert count is not None
    assert count(PREFIX) >= 1200
    assert input_tokens(PREFIXED, Target("m")) < 2500


def planned(folder: Path, *options: str) -> str:
    done = run(folder, "--provider", "anyfast", "--dry-run", *options)
    assert done.code == CONFORMS, done.printed
    return done.printed


def requests_in(printed: str) -> int:
    found = re.search(r"^all: (\d+) requests", printed, re.MULTILINE)
    assert found, printed
    return int(found.group(1))


@pytest.mark.slow
def test_it_is_priced_before_it_is_asked_for(tmp_path: Path) -> None:
    without, asked = planned(tmp_path / "1"), planned(tmp_path / "2", "--evidence")
    assert re.search(r"^not sent without --evidence: 4 requests, at most \d+ input", without, re.MULTILINE)
    assert not re.search(r"^evidence ", without, re.MULTILINE)
    assert re.search(r"^evidence +4 ", asked, re.MULTILINE)
    assert "without --evidence" not in asked
    assert requests_in(asked) == requests_in(without) + 4
    assert requests_in(without) <= 340


def verdicts(done: Ran) -> dict[str, str]:
    return {row["requirement"]: row["verdict"] for row in done.results["verdicts"]}


@pytest.mark.slow
def test_it_is_looked_for_where_it_is_asked_for_and_never_red(tmp_path: Path) -> None:
    left_out = run(tmp_path / "without", *SOME, "-rs")
    assert {v for name, v in verdicts(left_out).items() if name.startswith("evidence.")} == {"SKIP"}
    assert "evidence of origin is looked for with --evidence" in left_out.printed
    with serve(key=KEY, mutant="headers-of-another-upstream") as url:
        asked = ("--base-url", url, "--api-key-env", "MY_KEY", "--evidence")
        done = run(tmp_path / "with", *asked, *SOME, environ={"MY_KEY": KEY})
    assert done.code == CONFORMS, done.printed
    assert verdicts(done)["evidence.headers"] == "NOTE"
    page = (done.report / "index.html").read_text(encoding="utf-8")
    assert "response headers of Anthropic&#39;s API: anthropic-organization-id" in page
    assert "This is evidence, and no proof" in page
    again = run(tmp_path / "again", "--replay", str(done.report), *SOME)
    assert verdicts(again) == verdicts(done), "what was looked for is judged again without the option"
