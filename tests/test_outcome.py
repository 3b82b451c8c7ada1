"""How a check ended, and the verdict that it becomes under each level."""

import pytest

from conformance.contract.contracts import Contract
from conformance.contract.level import Level
from conformance.contract.requirements import Requirement
from conformance.shown import shown
from conformance.verdicts.judge import (
    Absent,
    CannotJudge,
    Inconclusive,
    Violation,
    expect,
    judge,
    judge_every,
)
from conformance.verdicts.outcome import SUITE_FAULT, outcome
from conformance.verdicts.verdict import Finding, Verdict

FINDING = Finding("integer", '"7"', "$.usage.total_tokens")


def requirement(level: Level, if_present: Level | None = None) -> Requirement:
    return Requirement("a.b", "a", "It holds.", "S", "Because.", dict.fromkeys(Contract, level), if_present)


@pytest.mark.parametrize(
    ("level", "if_present", "verdict", "counts_as"),
    [
        (Level.MUST, None, Verdict.FAIL, Level.MUST),
        (Level.SHOULD, None, Verdict.WARN, Level.SHOULD),
        (Level.MAY, None, Verdict.WARN, Level.SHOULD),
        (Level.MAY, Level.MUST, Verdict.FAIL, Level.MUST),
        (Level.MAY, Level.SHOULD, Verdict.WARN, Level.SHOULD),
        (Level.CONFLICT, None, Verdict.FAIL, Level.CONFLICT),
        (Level.INFO, None, Verdict.NOTE, Level.INFO),
    ],
)
def test_a_violation_weighs_what_its_level_says(
    level: Level, if_present: Level | None, verdict: Verdict, counts_as: Level
) -> None:
    """What is optional, there and wrong is shown with the level that it is judged by: no FAIL beside MAY."""
    judged = outcome(Violation(FINDING), requirement(level, if_present), Contract.ANYFAST)
    assert judged.verdict is verdict
    assert judged.level is counts_as


def test_what_is_optional_and_right_or_absent_stays_optional() -> None:
    optional = requirement(Level.MAY, Level.MUST)
    for error in (None, Absent("no such thing"), CannotJudge("dead")):
        assert outcome(error, optional, Contract.ANYFAST).level is Level.MAY


def test_an_info_violation_becomes_a_note_and_leaves_no_finding() -> None:
    judged = outcome(Violation(FINDING), requirement(Level.INFO), Contract.ANYFAST, ("seen",))
    assert judged.findings == ()
    assert judged.notes == ("seen", '$.usage.total_tokens: expected integer, got "7"')


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (None, Verdict.PASS),
        (CannotJudge("dead"), Verdict.ERROR),
        (Inconclusive("did not follow"), Verdict.INCONCLUSIVE),
        (Absent("no such endpoint"), Verdict.SKIP),
        (pytest.skip.Exception("not claimed"), Verdict.SKIP),
    ],
)
def test_every_other_end_has_its_own_verdict(error: BaseException | None, verdict: Verdict) -> None:
    assert outcome(error, requirement(Level.MUST), Contract.OPENAI).verdict is verdict


def test_what_can_only_be_observed_never_passes() -> None:
    judged = outcome(None, requirement(Level.INFO), Contract.ANYFAST, ("seen",))
    assert (judged.verdict, judged.notes) == (Verdict.NOTE, ("seen",))


def test_a_plain_assertion_is_a_violation_told_by_its_clause() -> None:
    judged = outcome(AssertionError("assert 1 == 2"), requirement(Level.MUST), Contract.OPENAI)
    assert judged.verdict is Verdict.FAIL
    assert judged.findings == (Finding("It holds", "assert 1 == 2"),)


def test_an_exception_that_no_check_may_raise_is_the_suites_own_fault() -> None:
    judged = outcome(KeyError("output"), requirement(Level.INFO), Contract.OPENAI)
    assert judged.verdict is Verdict.ERROR
    assert judged.suite_fault
    assert judged.reason.startswith(SUITE_FAULT)


def test_judging_shows_every_finding_not_only_the_first() -> None:
    with pytest.raises(Violation) as caught:
        judge([FINDING, Finding("object", "null", "$.usage")])
    assert len(caught.value.findings) == 2
    judge([])


def test_expecting_what_holds_says_nothing() -> None:
    expect(True, "anything", "anything")
    with pytest.raises(Violation, match="expected 200, got 404"):
        expect(False, "200", 404)


def disobeyed(attempt: str) -> list[Finding]:
    return [FINDING] if attempt == "no" else []


def test_one_obedient_attempt_settles_a_behaviour() -> None:
    judge_every(["no", "no", "yes"], disobeyed)


def test_three_disobedient_attempts_are_a_violation() -> None:
    with pytest.raises(Violation):
        judge_every(["no", "no", "no"], disobeyed)


def test_fewer_attempts_than_three_judge_nothing() -> None:
    with pytest.raises(CannotJudge, match="2 of 3 attempts"):
        judge_every(["no", "no"], disobeyed)


def test_a_long_value_is_cut_and_says_how_long_it_was() -> None:
    assert shown("x" * 400).endswith("… (400 characters)")
    assert shown({"a": None}) == "{'a': None}"


def test_of_very_many_findings_the_last_one_told_says_how_many_are_left() -> None:
    many = [Finding("a status below 500", "HTTP 500", "status", f"case-{n}") for n in range(111)]
    with pytest.raises(Violation) as seen:
        judge(many)
    assert seen.value.findings[:19] == tuple(many[:19])
    assert str(seen.value).splitlines()[-1] == (
        "status: expected a status below 500, got HTTP 500, and 91 more like these [case-19]"
    )
