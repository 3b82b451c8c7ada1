"""What is billed: the rules on counts, and runs against providers that bill otherwise."""

import html
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path

import pytest

from conformance.contract.tokenizers import tokenizers, units
from conformance.reference.mutants import mutants
from conformance.reference.server import serve
from conformance.report.billing import bill_told
from conformance.rules import billing_input as rules
from conformance.rules.billing_input import bill_of, coarseness
from conformance.rules.billing_output import Written, rate_of, text_is_billed_once
from conformance.run.estimate import input_tokens
from conformance.run.profile import load, override
from conformance.scenarios.billing import SAMPLES
from conformance.scenarios.scenario import Target
from conformance.verdicts.bill import Bill, Point
from conformance.verdicts.gate import CONFORMS
from tests.matrix import judge_mutant
from tests.runs import KEY, Ran, run


def billed(
    counted: str = "o200k_base", factor: Fraction = Fraction(1), beside: int = 6, most: int = 10**9
) -> list[Point]:
    """What a provider bills for the samples that counts so."""
    tokens = tokenizers()[counted].tokens
    return [
        Point(unit, times, min(most, round(beside + factor * times * tokens[unit])), scenario.name)
        for scenario, (unit, times) in SAMPLES.items()
    ]


def told(bill: Bill, rule: str) -> list[str]:
    return [finding.actual for finding in getattr(rules, rule)(bill)]


RULES = ("longer_costs_more", "counted_to_its_end", "counted_with", "billed_once", "nothing_beside")


@pytest.mark.parametrize("name", tokenizers())
@pytest.mark.parametrize("beside", [0, 3, 6, 15])
def test_what_a_tokenizer_counts_is_billed_by_nobody_else(name: str, beside: int) -> None:
    bill = bill_of(billed(name, beside=beside), name, 1)
    assert [fit.tokenizer for fit in bill.fits] == [name]
    assert bill.fits[0].factor == 1
    assert (int(bill.beside), int(bill.fits[0].misfit)) == (beside, 0)
    assert [told(bill, rule) for rule in RULES] == [[]] * len(RULES)


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (Fraction(11, 10), "every input token is billed 1.10 times (counted with o200k_base)"),
        (Fraction(6, 5), "every input token is billed 1.20 times (counted with o200k_base)"),
        (Fraction(2), "every input token is billed 2.00 times (counted with o200k_base)"),
    ],
)
def test_a_factor_is_told_as_it_is(factor: Fraction, words: str) -> None:
    bill = bill_of(billed(factor=factor), "o200k_base", 1)
    assert told(bill, "billed_once") == [words]
    assert told(bill, "counted_with") == []


def test_fewer_tokens_than_were_sent_are_no_overcharge() -> None:
    assert told(bill_of(billed(factor=Fraction(9, 10)), "o200k_base", 1), "billed_once") == []


@pytest.mark.parametrize("hidden", [50, 4000])
def test_a_hidden_prompt_is_counted_whoever_counts(hidden: int) -> None:
    words = [f"{hidden + 6:,} input tokens are billed beside the text that was sent"]
    assert told(bill_of(billed(beside=hidden + 6), "", 1), "nothing_beside") == words
    strange = [Point(p.unit, p.times, hidden + 6 + 17 * p.times, p.scenario) for p in billed()]
    bill = bill_of(strange, "", 1)
    assert bill.fits == ()
    assert told(bill, "nothing_beside") == words


@pytest.mark.parametrize("name", [name for name in tokenizers() if name != "o200k_base"])
def test_another_tokenizer_is_named(name: str) -> None:
    words = f"counts that fit {name}, every token billed 1.00 times, and 6 tokens beside the text"
    assert told(bill_of(billed(name), "o200k_base", 1), "counted_with") == [words]


def test_a_cut_input_is_seen_with_and_without_a_tokenizer() -> None:
    for named in ("o200k_base", ""):
        flat = bill_of(billed(most=120), named, 1)
        assert told(flat, "longer_costs_more") == ["120"]
        late = bill_of(billed(most=220), named, 1)
        assert told(late, "longer_costs_more") == []
        assert told(late, "counted_to_its_end") == ["220: the input is counted up to there"]
        assert told(late, "nothing_beside") == []


def test_rounding_is_seen_in_many_counts_only() -> None:
    assert coarseness(range(10, 100, 10)) == 10
    assert coarseness([10, 20, 30]) == 1
    assert coarseness(range(10, 100, 9)) == 1
    rounded = [Point(p.unit, p.times, -(-p.billed // 10) * 10, p.scenario) for p in billed()]
    bill = bill_of(rounded, "o200k_base", 10)
    assert [told(bill, rule) for rule in RULES] == [[]] * len(RULES)


@pytest.mark.slow
def test_the_dry_run_tells_what_the_area_costs(tmp_path: Path) -> None:
    """Six requests, and no more than 340 in all."""
    done = run(tmp_path, "--provider", "anyfast", "--dry-run")
    area = re.search(r"^billing +(\d+) +(\d+) ", done.printed, re.MULTILINE)
    whole = re.search(r"^all: (\d+) requests", done.printed, re.MULTILINE)
    assert area, done.printed
    assert whole, done.printed
    assert int(area.group(1)) == 6
    assert int(area.group(2)) <= 2500
    assert int(whole.group(1)) <= 340


def test_the_samples_cost_little() -> None:
    """Six requests, within 2,500 input tokens in all."""
    assert len(SAMPLES) == 6
    assert sum(input_tokens(scenario, Target("m")) for scenario in SAMPLES) < 2500
    for known in tokenizers().values():
        assert sum(times * known.tokens[unit] for unit, times in SAMPLES.values()) < 2200


TOLD: Mapping[str, str] = {
    "billed-a-tenth-more": "every input token is billed 1.10 times (counted with o200k_base)",
    "billed-a-fifth-more": "every input token is billed 1.20 times (counted with o200k_base)",
    "billed-twice": "every input token is billed 2.00 times (counted with o200k_base)",
    "billed-in-tens": "every count is a multiple of 10",
    "hidden-prompt": "54 input tokens are billed beside the text that was sent",
    "long-hidden-prompt": "4,004 input tokens are billed beside the text that was sent",
    "hidden-instructions": "4,356 more are billed where the request brings no instructions",
    "counted-with-cl100k": "counts that fit cl100k_base, every token billed 1.00 times",
    "counted-with-deepseek": "counts that fit deepseek-v4, every token billed 1.00 times",
    "counted-with-qwen": "counts that fit qwen3, every token billed 1.00 times",
    "counted-up-to-120": "got 120",
    "counted-up-to-220": "220: the input is counted up to there",
    "cached-at-first-sight": "103 of 103 input tokens found in a cache",
    "usage-cached-beyond-input": "got 1000000",
    "output-billed-a-third-more": "every output token is billed 1.30 times",
    "cut-billed-by-half": "expected the 16 output tokens at which the text was cut, got 8",
    "counted-beforehand-otherwise": "input tokens that were counted for the same input",
    "image-free": "input tokens of the question without the image",
    "image-dearer-each-time": "input tokens, as image with the same input",
    "stream-dearer": "as its twin",
    "stop-billed": "with the same input",
    "refusal-billed": "got 9 input_tokens",
    "thinks-unasked": "5 reasoning tokens are billed with effort none",
}
"""What is said of each fault of a bill, by its mutant: the numbers are the right ones."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serve() as served:
        yield served


@pytest.mark.slow
@pytest.mark.parametrize("mutant", TOLD)
def test_each_fault_is_told_with_its_numbers(mutant: str, url: str) -> None:
    own = mutants()[mutant].requirement
    said = [seen.words for seen in judge_mutant(mutant, url).seen if seen.requirement == own]
    assert any(TOLD[mutant] in words for words in said), said


def test_the_page_says_how_much_was_not_sent() -> None:
    told_ = bill_told(bill_of(billed(factor=Fraction(6, 5), beside=212), "o200k_base", 1), None, {})
    assert told_ is not None
    assert told_.sentences == (
        "Every input token is billed 1.20 times, counted with o200k_base.",
        "212 tokens are billed that you did not send, with each request; "
        "a message's frame is some 3 to 15 of them.",
    )


def judged(folder: Path, profile: str, mutant: str) -> Ran:
    """The area alone, against a mutant, with a profile that says more than where it is."""
    with serve(key=KEY, mutant=mutant) as url:
        (folder / "mine.toml").write_text(f'base_url = "{url}"\nkey_env = "MY_KEY"\n{profile}')
        options = ("--provider", str(folder / "mine.toml"), "-k", "test_billing")
        return run(folder / "report", *options, environ={"MY_KEY": KEY})


def verdict(done: Ran, requirement: str) -> str:
    (found,) = {row["verdict"] for row in done.results["verdicts"] if row["requirement"] == requirement}
    return str(found)


@pytest.mark.slow
def test_output_is_counted_with_the_extra_alone(tmp_path: Path) -> None:
    """Without it the row is skipped, and says what installs it."""
    (tmp_path / "bpe_openai.py").write_text("raise ImportError('it is not installed')\n")
    asked = ("--provider", "reference", "-k", "test_output_is_billed_once", "-rs")
    without = run(tmp_path / "without", *asked, environ={"PYTHONPATH": str(tmp_path)})
    assert verdict(without, "billing.output") == "SKIP"
    assert "texts are not counted: pip install 'responses-conformance[billing]'" in without.printed
    assert verdict(run(tmp_path / "with", *asked), "billing.output") == "PASS"


def written(*counts: tuple[int, int]) -> list[Written]:
    return [Written(tokens, billed, f"text-{tokens}") for tokens, billed in counts]


def test_a_factor_on_the_output_is_told() -> None:
    rate = rate_of(written((41, 56), (80, 106), (148, 195)))
    assert rate is not None
    (finding,) = text_is_billed_once(rate)
    assert finding.actual == "every output token is billed 1.30 times: 195 for a text of 148"


@pytest.mark.parametrize(
    "counts",
    [
        pytest.param([(41, 41), (80, 82), (148, 147)], id="borders"),
        pytest.param([(41, 48), (80, 87), (148, 155)], id="a frame around each answer"),
        pytest.param([(41, 38), (80, 70), (148, 130)], id="fewer than came"),
    ],
)
def test_output_that_is_billed_once_is_right(counts: list[tuple[int, int]]) -> None:
    rate = rate_of(written(*counts))
    assert rate is not None
    assert [*text_is_billed_once(rate)] == []


@pytest.mark.parametrize(
    "counts",
    [
        pytest.param([(41, 140), (80, 95), (148, 300)], id="thoughts that are not told"),
        pytest.param([(41, 53), (148, 192)], id="two texts"),
        pytest.param([(41, 53), (50, 65), (60, 78)], id="texts of nearly one length"),
    ],
)
def test_what_proves_no_factor_is_not_judged(counts: list[tuple[int, int]]) -> None:
    assert rate_of(written(*counts)) is None


@pytest.mark.slow
def test_another_tokenizer_that_the_profile_names_is_right(tmp_path: Path) -> None:
    done = judged(tmp_path, 'tokenizer = "cl100k_base"\n', "counted-with-cl100k")
    assert done.code == 0, done.printed
    assert (verdict(done, "billing.tokenizer"), verdict(done, "billing.rate")) == ("PASS", "PASS")


@pytest.mark.slow
def test_without_a_tokenizer_it_is_told_and_judged_nowhere(tmp_path: Path) -> None:
    done = judged(tmp_path, "", "billed-a-fifth-more")
    assert done.code == 0, done.printed
    assert (verdict(done, "billing.tokenizer"), verdict(done, "billing.rate")) == ("SKIP", "SKIP")
    (row,) = (each for each in done.results["verdicts"] if each["requirement"] == "billing.counted-with")
    assert row["notes"] == ["o200k_base, every token billed 1.20 times, and 4 tokens beside the text"]


def test_a_tokenizer_belongs_to_the_model_of_its_profile() -> None:
    """Another model may have another one: nothing is held against it."""
    mine = load("anyfast")
    assert mine.tokenizer == override(mine, model=mine.model).tokenizer == "o200k_base"
    assert override(mine, model="another").tokenizer == ""


def test_an_unknown_tokenizer_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('base_url = "http://h/v1"\ntokenizer = "o200k"\n')
    done = run(tmp_path / "report", "--provider", str(tmp_path / "mine.toml"))
    assert done.code == 4
    assert "mine.toml: tokenizer: unknown tokenizer 'o200k'" in done.printed
    assert "Traceback" not in done.printed


@pytest.mark.slow
def test_the_page_tells_the_bill_in_words_and_in_money(tmp_path: Path) -> None:
    prices = 'tokenizer = "o200k_base"\n[prices]\ninput = 1.25\noutput = 10.0\n'
    done = judged(tmp_path, prices, "billed-a-fifth-more")
    page = (done.report / "index.html").read_text(encoding="utf-8")
    assert "Every input token is billed 1.20 times, counted with o200k_base." in page
    assert "A million input tokens that are sent cost 1.50 USD, and 1.25 by the price list." in page
    assert re.search(r"Every output token is billed 1\.00 times, over \d+ answers\.", page)
    assert '<svg class="bill"' in page
    assert page.count(units()["chinese"] * 2) >= 2, "the two curl lines"


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_the_two_curl_lines_repeat_it_without_the_suite(tmp_path: Path) -> None:
    """The difference of the two bills, by the tokens of the text that makes it, is the factor."""
    with serve(key=KEY, mutant="billed-a-fifth-more") as url:
        (tmp_path / "mine.toml").write_text(
            f'base_url = "{url}"\nkey_env = "MY_KEY"\ntokenizer = "o200k_base"\n'
        )
        options = ("--provider", str(tmp_path / "mine.toml"), "-k", "test_billing")
        page = (run(tmp_path / "report", *options, environ={"MY_KEY": KEY}).report / "index.html").read_text()
        part = page[page.index('<section class="billing"') :].partition("</section>")[0]
        commands = [html.unescape(found) for found in re.findall(r"<pre[^>]*>(.*?)</pre>", part, re.DOTALL)]
        environ = {**os.environ, "API_KEY": KEY}
        said = [
            subprocess.run(["bash", "-c", each], capture_output=True, check=True, env=environ).stdout
            for each in commands
        ]
    first, second = (json.loads(each)["usage"]["input_tokens"] for each in said)
    assert "140 tokens, as o200k_base counts them" in part
    assert (second - first) / 140 == pytest.approx(1.2)


@pytest.mark.slow
def test_a_recording_without_these_requests_leaves_them_out_in_one_line(tmp_path: Path) -> None:
    """What an older version did not ask for is no error."""
    older = run(tmp_path / "older", "-k", "test_usage")
    again = run(tmp_path / "again", "--replay", str(older.report), "-k", "test_usage or test_billing")
    assert again.code == CONFORMS, again.printed
    assert set(again.verdicts.values()) <= {"PASS", "SKIP", "NOTE"}
    (line,) = re.findall(r"^.* checks left out; record again for those$", again.printed, re.MULTILINE)
    assert line.startswith("the recording was made by suite ")
    assert '<section class="billing"' not in (again.report / "index.html").read_text(encoding="utf-8")
