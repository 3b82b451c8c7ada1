"""Whether a refusal proves anything: the same request without the fault must have been answered."""

from collections.abc import Iterable, Sequence

import pytest

from conformance.contract.contracts import Contract
from conformance.exchange import Exchange, trouble
from conformance.rules.unanswered import unanswered
from conformance.run.record import Record
from conformance.scenarios.scenario import Scenario, Unsent
from conformance.verdicts.judge import Absent


def refusals_prove(
    record: Record, scenarios: Sequence[Scenario], marks: Iterable[pytest.Mark], contract: Contract
) -> None:
    """Look at the controls that a check is marked with (`without_fault`), where anything was refused.

    Where a control was not answered the refusal proves nothing. Raises Elsewhere where that is a violation of
    what promises the control an answer, CannotJudge where it is dead, and Absent where the provider does not
    claim what the control asks for.
    """
    controls = [
        control for mark in marks if contract in mark.kwargs.get("control", ()) for control in mark.args
    ]
    refused = [s.name for s in scenarios if s not in controls and _is_refused(record, s)]
    for control in controls if refused else ():
        outcome = record.outcome(control)
        if isinstance(outcome, Unsent):
            raise Absent(outcome.reason)
        if outcome.status != 200:
            words = (
                f"{refused[0]} is refused, and so is {control.name}, the same without the fault: "
                f"{_became(outcome)}; so the refusal proves nothing"
            )
            raise type(unanswered(outcome))(words)


def _is_refused(record: Record, scenario: Scenario) -> bool:
    outcome = record.outcomes.get(scenario.name)
    if not isinstance(outcome, Exchange) or trouble(outcome):
        return False
    return outcome.status is not None and 400 <= outcome.status < 500


def _became(exchange: Exchange) -> str:
    return trouble(exchange) or f"HTTP {exchange.status}"
