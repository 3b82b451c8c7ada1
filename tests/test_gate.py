"""Known failures, the baseline, exit codes and repeated runs, as a nightly gate lives through them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import pytest

from conformance.contract.contracts import Contract
from conformance.contract.level import Level
from conformance.run.profile import KnownFailure
from conformance.verdicts.gate import (
    Against,
    Change,
    against_baseline,
    check_id,
    excused,
    exit_code,
    flips,
    stale_entries,
    unjudged_in_one_line,
)
from conformance.verdicts.verdict import Finding, Row, Verdict
from tests.sample_run import run_of

TODAY = date(2026, 11, 22)
MODULE = "conformance/checks/test_usage.py"


def row(
    verdict: Verdict, requirement: str = "usage.total", case: str = "text", *, level: Level = Level.MUST
) -> Row:
    return Row(
        f"{MODULE}::test_total[{case}]",
        requirement,
        level,
        verdict,
        case,
        reason="as it came",
        findings=(Finding("3", "4"),),
    )


PROFILE = "gateway.toml"


def gated(
    rows: Sequence[Row],
    known_failures: Sequence[KnownFailure],
    today: date,
    *,
    checks: Mapping[str, str] | None = None,
) -> tuple[Row, ...]:
    """The rows as a whole run counts them: each by itself, then the entries that are stale.

    `checks` are all checks of the suite with their requirements, those of the rows where nothing is said.
    """
    known = {check_id(row.check): row.requirement for row in rows} if checks is None else checks
    found = tuple(excused(row, known_failures, today) for row in rows)
    return (*found, *stale_entries(found, known_failures, known, PROFILE))


def verdicts(rows: Sequence[Row]) -> list[Verdict]:
    return [each.verdict for each in rows]


def known(requirement: str = "", check: str = "", expires: date | None = None) -> KnownFailure:
    return KnownFailure(
        reason="ticket 12", requirement=requirement, check=check, link="https://v.example/12", expires=expires
    )


def test_nightly_story() -> None:
    """Green, a regression, the list with a date, the fix, the list cleaned."""
    entry = known("usage.total", expires=date(2026, 12, 24))
    green, regressed = [row(Verdict.PASS)], [row(Verdict.FAIL)]

    assert exit_code(green) == 0
    assert exit_code(regressed) == 1

    known_now = gated(regressed, [entry], TODAY)
    assert verdicts(known_now) == [Verdict.KNOWN]
    assert "ticket 12" in known_now[0].reason
    assert "2026-12-24" in known_now[0].reason
    assert "https://v.example/12" in known_now[0].reason
    assert known_now[0].findings == regressed[0].findings
    assert exit_code(known_now) == 0

    fixed = gated(green, [entry], TODAY)
    assert verdicts(fixed) == [Verdict.PASS, Verdict.STALE]
    assert fixed[1].check == "gateway.toml::known_failure[usage.total]"
    assert "take it off the list" in fixed[1].reason
    assert exit_code(fixed) == 1

    assert exit_code(gated(green, [], TODAY)) == 0


@pytest.mark.parametrize(
    ("today", "verdict"),
    [(date(2026, 11, 21), Verdict.KNOWN), (TODAY, Verdict.FAIL), (date(2027, 1, 1), Verdict.FAIL)],
)
def test_an_entry_excuses_until_the_day_it_expires(today: date, verdict: Verdict) -> None:
    found = gated([row(Verdict.FAIL)], [known("usage.total", expires=TODAY)], today)
    assert verdicts(found) == [verdict]
    assert ("expired on 2026-11-22" in found[0].reason) == (verdict is Verdict.FAIL)


def test_a_warning_on_the_list_is_known_and_an_error_stays_an_error() -> None:
    rows = [row(Verdict.WARN, case="a"), row(Verdict.ERROR, case="b"), row(Verdict.SKIP, case="c")]
    found = gated(rows, [known("usage.total")], TODAY)
    assert verdicts(found) == [Verdict.KNOWN, Verdict.ERROR, Verdict.SKIP]


@pytest.mark.parametrize(
    "listed",
    [
        known("usage"),
        known("usage.totals"),
        known("USAGE.TOTAL"),
        known(check="test_usage.py::test_total"),
        known(check="test_usage.py::test_total[tex"),
        known(check="age.py::test_total[text]"),
        known("usage.input", "test_usage.py::test_total[text]"),
    ],
)
def test_a_part_of_a_name_matches_nothing(listed: KnownFailure) -> None:
    found = gated([row(Verdict.FAIL)], [listed], TODAY)
    assert verdicts(found) == [Verdict.FAIL, Verdict.STALE]
    assert "no check matches" in found[1].reason


@pytest.mark.parametrize(
    "spelled",
    [
        f"{MODULE}::test_total[text]",
        "test_usage.py::test_total[text]",
        "lib/python3.11/conformance/checks/test_usage.py::test_total[text]",
        r"conformance\checks\test_usage.py::test_total[text]",
    ],
)
def test_a_check_is_named_from_its_module_on_wherever_the_suite_lies(spelled: str) -> None:
    rows = [row(Verdict.FAIL), row(Verdict.FAIL, case="tools")]
    found = gated(rows, [known(check=spelled)], TODAY)
    assert verdicts(found) == [Verdict.KNOWN, Verdict.FAIL]


def test_a_slash_in_a_parameter_is_no_path() -> None:
    odd = replace(row(Verdict.FAIL), check=f"{MODULE}::test_total[a/b]")
    assert verdicts(gated([odd], [known(check="test_usage.py::test_total[a/b]")], TODAY)) == [Verdict.KNOWN]
    assert Verdict.KNOWN not in verdicts(gated([odd], [known(check="test_usage.py::test_total[b]")], TODAY))


@pytest.mark.parametrize("other", [Verdict.FAIL, Verdict.WARN, Verdict.ERROR, Verdict.INCONCLUSIVE])
def test_a_requirement_is_not_fixed_while_a_check_of_it_fails_or_was_not_judged(other: Verdict) -> None:
    rows = [row(Verdict.PASS, case="a"), row(other, case="b")]
    found = gated(rows, [known("usage.total")], TODAY)
    assert Verdict.STALE not in verdicts(found)


@pytest.mark.parametrize(
    ("whole", "left_out", "stale"),
    [
        (True, "", True),
        (False, "", False),  # the check looks over many answers, and the run did not bring them all
        (True, "usage.total", False),  # another check of the requirement was not made
        (True, "usage.input", True),
    ],
)
def test_only_what_passes_on_its_whole_evidence_is_fixed(whole: bool, left_out: str, stale: bool) -> None:
    passing = replace(row(Verdict.PASS), whole=whole)
    checks = {check_id(passing.check): passing.requirement, **({"other": left_out} if left_out else {})}
    found = gated([passing], [known("usage.total")], TODAY, checks=checks)
    assert (Verdict.STALE in verdicts(found)) is stale
    assert found[0] == passing


def test_an_entry_that_nothing_matches_is_stale_only_where_all_checks_were_made() -> None:
    entry, passing = known("usage.input"), row(Verdict.PASS)
    narrow = {check_id(passing.check): passing.requirement, "other": "usage.output"}
    assert verdicts(gated([passing], [entry], TODAY, checks=narrow)) == [Verdict.PASS]
    assert verdicts(gated([passing], [entry], TODAY)) == [Verdict.PASS, Verdict.STALE]


def test_a_stale_entry_is_red_against_a_baseline_too() -> None:
    baseline = run_of(row(Verdict.KNOWN))
    run = run_of(*gated([row(Verdict.PASS)], [known("usage.total")], TODAY))
    assert exit_code(run.rows, against=against_baseline(run, baseline)) == 1


@pytest.mark.parametrize(
    ("found", "strict", "code"),
    [
        ([], False, 5),
        ([Verdict.PASS], False, 0),
        ([Verdict.PASS, Verdict.SKIP, Verdict.INCONCLUSIVE, Verdict.KNOWN], False, 0),
        ([Verdict.PASS, Verdict.WARN], False, 0),
        ([Verdict.PASS, Verdict.WARN], True, 1),
        ([Verdict.PASS, Verdict.FAIL], False, 1),
        ([Verdict.PASS, Verdict.STALE], False, 1),
        ([Verdict.FAIL, Verdict.ERROR], False, 1),
        ([Verdict.PASS, Verdict.ERROR], False, 6),
        ([Verdict.ERROR, Verdict.ERROR], False, 6),
        ([Verdict.SKIP, Verdict.INCONCLUSIVE], False, 6),
        ([Verdict.KNOWN], True, 0),
    ],
)
def test_exit_codes(found: list[Verdict], strict: bool, code: int) -> None:
    assert exit_code([row(verdict) for verdict in found], strict_should=strict) == code


def test_a_run_that_judged_nothing_says_so_in_one_line() -> None:
    dead = [replace(row(Verdict.ERROR), reason="text: connection refused")] * 3
    assert unjudged_in_one_line(dead) == (
        "nothing was judged: 3 of 3 checks ended in an error, "
        "the first for this reason: text: connection refused"
    )
    assert "skipped, inconclusive or observations" in unjudged_in_one_line([row(Verdict.SKIP)])
    assert unjudged_in_one_line([*dead, row(Verdict.PASS)]) == ""


@pytest.mark.parametrize(
    ("before", "now", "strict", "code"),
    [
        (Verdict.PASS, Verdict.FAIL, False, 1),
        (Verdict.WARN, Verdict.FAIL, False, 1),
        (Verdict.KNOWN, Verdict.FAIL, False, 1),
        (Verdict.ERROR, Verdict.FAIL, False, 1),
        (Verdict.SKIP, Verdict.FAIL, False, 1),
        (Verdict.FAIL, Verdict.FAIL, False, 0),
        (Verdict.FAIL, Verdict.WARN, True, 0),
        (Verdict.FAIL, Verdict.PASS, False, 0),
        (Verdict.PASS, Verdict.WARN, False, 0),
        (Verdict.PASS, Verdict.WARN, True, 1),
        (Verdict.WARN, Verdict.WARN, True, 0),
        (Verdict.PASS, Verdict.ERROR, False, 6),
        (Verdict.ERROR, Verdict.ERROR, False, 0),
    ],
)
def test_only_what_got_worse_than_the_baseline_is_red(
    before: Verdict, now: Verdict, strict: bool, code: int
) -> None:
    fine = row(Verdict.PASS, case="fine")
    run, baseline = run_of(row(now), fine), run_of(row(before), fine)
    against = against_baseline(run, baseline)
    assert exit_code(run.rows, strict_should=strict, against=against) == code


def test_a_baseline_in_which_everything_was_an_error_makes_nothing_green() -> None:
    run = run_of(row(Verdict.ERROR))
    assert exit_code(run.rows, against=against_baseline(run, run)) == 6


def test_a_baseline_tells_better_new_and_gone_apart() -> None:
    now = run_of(row(Verdict.PASS, case="a"), row(Verdict.FAIL, case="new"), row(Verdict.PASS, case="same"))
    before = run_of(
        row(Verdict.FAIL, case="a"), row(Verdict.PASS, case="same"), row(Verdict.PASS, case="old")
    )
    against = against_baseline(now, before)
    assert against == Against(
        better=(Change(now.rows[0], Verdict.FAIL),), new=(now.rows[1],), gone=(before.rows[2],)
    )
    assert against.in_words() == "against the baseline: 1 better, 1 new, 1 gone"
    assert exit_code(now.rows, against=against) == 0
    assert against_baseline(now, now).in_words() == "against the baseline: no change"


def test_a_baseline_of_another_place_names_the_same_checks() -> None:
    moved = replace(
        row(Verdict.FAIL), check="site-packages/conformance/checks/test_usage.py::test_total[text]"
    )
    assert against_baseline(run_of(row(Verdict.FAIL)), run_of(moved)) == Against()


def test_a_baseline_under_another_contract_is_refused() -> None:
    with pytest.raises(ValueError, match=r"openai.*anyfast"):
        against_baseline(run_of(row(Verdict.PASS)), run_of(row(Verdict.PASS), contract=Contract.OPENAI))


def test_repeated_runs_tell_stable_flaky_and_failing_apart() -> None:
    first = [row(Verdict.PASS, case="a"), row(Verdict.FAIL, case="b"), row(Verdict.PASS, case="c")]
    second = [row(Verdict.PASS, case="a"), row(Verdict.FAIL, case="b"), row(Verdict.FAIL, case="c")]
    third = second[:2]
    found = flips([first, second, third])
    assert found.runs == 3
    assert found.stable == (first[0].check,)
    assert found.failing == (first[1].check,)
    assert [(flip.check, flip.verdicts) for flip in found.flaky] == [
        (first[2].check, (Verdict.PASS, Verdict.FAIL, None))
    ]
