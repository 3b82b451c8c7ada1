"""Whether counts of input tokens prove that a message was read: they do where a longer input costs more."""

from conformance.exchange import Exchange
from conformance.rules.answer import answer_of
from conformance.run.record import Record
from conformance.scenarios.answers import TEXT
from conformance.scenarios.input import LONG_INPUT
from conformance.scenarios.scenario import Scenario
from conformance.verdicts.judge import Inconclusive

COUNTED = (TEXT, LONG_INPUT)
"""The control of every such proof: a short input, and the same with fifty sentences more."""


def grown(record: Record, alone: int | None, taken: int | None, otherwise: str) -> bool:
    """Whether an input of `taken` tokens cost more than the control's `alone`.

    Raises Inconclusive where the counts of this provider prove nothing; `otherwise` says what was looked for
    first and not seen.
    """
    if alone is None or taken is None:
        raise Inconclusive(f"{otherwise}, and the input tokens are not counted")
    if 0 in (alone, taken):
        raise Inconclusive(f"{otherwise}, and the input costs 0 tokens, which usage.input-counted judges")
    short, long = (_input_tokens(record, scenario) for scenario in COUNTED)
    if short is None or long is None or short >= long:
        raise Inconclusive(
            f"{otherwise}, and the count of input tokens does not grow with the input, "
            "which request.input.counted judges"
        )
    return taken > alone


def counts_grow(record: Record) -> bool:
    """Whether this provider counts more input tokens for a longer input."""
    short, long = (_input_tokens(record, scenario) for scenario in COUNTED)
    return bool(short) and long is not None and long > (short or 0)


def _input_tokens(record: Record, scenario: Scenario) -> int | None:
    outcome = record.outcomes.get(scenario.name)
    answer = answer_of(outcome) if isinstance(outcome, Exchange) else None
    return answer.count("input_tokens") if answer else None
