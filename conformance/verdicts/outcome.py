"""From how a check ended to its verdict: the one place where levels become PASS, FAIL, WARN and the rest."""

from dataclasses import dataclass, replace

import pytest

from conformance.contract.contracts import Contract
from conformance.contract.level import Level
from conformance.contract.requirements import Requirement
from conformance.verdicts.judge import Absent, CannotJudge, Inconclusive, Violation, in_words
from conformance.verdicts.verdict import Finding, Verdict

SUITE_FAULT = "the suite itself broke on this check; please report it with the traceback below"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A check's verdict, the level that it was judged by, and what the report says of it.

    `shown_by` names the scenarios whose exchanges show a violation, where the check looks at several.
    """

    verdict: Verdict
    level: Level
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    suite_fault: bool = False
    shown_by: tuple[str, ...] = ()


def outcome(
    error: BaseException | None, requirement: Requirement, contract: Contract, notes: tuple[str, ...] = ()
) -> Outcome:
    """Judge by what the check raised: nothing, a word of `judge`, or something that it should not have."""
    level = requirement.level(contract)
    match error:
        case None:
            kept = Verdict.NOTE if _only_observed(requirement, contract) else Verdict.PASS
            return Outcome(kept, level, notes=notes)
        case Violation():
            judged = _violated(error.findings, requirement, contract, notes)
            return replace(judged, shown_by=error.shown_by)
        case AssertionError():
            finding = Finding(
                requirement.clause.rstrip("."), str(error).splitlines()[0] if str(error) else "otherwise"
            )
            return _violated((finding,), requirement, contract, notes)
        case CannotJudge():
            return Outcome(Verdict.ERROR, level, str(error), notes=notes)
        case Inconclusive():
            return Outcome(Verdict.INCONCLUSIVE, level, str(error), notes=notes)
        case Absent() | pytest.skip.Exception():
            return Outcome(Verdict.SKIP, level, str(error), notes=notes)
        case _:
            words = f"{SUITE_FAULT}: {error!r}"
            return Outcome(Verdict.ERROR, level, words, notes=notes, suite_fault=True)


def verdict_if_violated(requirement: Requirement, contract: Contract) -> Verdict:
    """What a violation amounts to. An INFO requirement is never violated: its check writes notes.

    As it can never fail it never passes either: NOTE is all that its rows say.
    """
    match requirement.level_if_violated(contract):
        case Level.MUST | Level.CONFLICT:
            return Verdict.FAIL
        case Level.SHOULD | Level.MAY:
            return Verdict.WARN
        case Level.INFO:
            return Verdict.NOTE


def _only_observed(requirement: Requirement, contract: Contract) -> bool:
    return verdict_if_violated(requirement, contract) is Verdict.NOTE


def _violated(
    findings: tuple[Finding, ...], requirement: Requirement, contract: Contract, notes: tuple[str, ...]
) -> Outcome:
    """An INFO requirement turns what it saw into notes: it never changes a verdict."""
    verdict, level = verdict_if_violated(requirement, contract), requirement.level_if_violated(contract)
    words = tuple(map(in_words, findings))
    if verdict is Verdict.NOTE:
        return Outcome(verdict, level, notes=(*notes, *words))
    return Outcome(verdict, level, words[0] if words else requirement.clause, findings, notes)
