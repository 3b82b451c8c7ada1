"""The bill for the input, for the checks that need what its own requests show."""

from conformance.exchange import Exchange
from conformance.rules.answer import answer_of
from conformance.rules.billing import counts_waver
from conformance.rules.unanswered import unanswered
from conformance.run.metering import metered
from conformance.run.record import Record
from conformance.scenarios.answers import TWINS
from conformance.scenarios.billing import SAMPLES
from conformance.scenarios.input import CODE_WORD_CONTROL
from conformance.scenarios.scenario import Scenario
from conformance.verdicts.bill import Bill
from conformance.verdicts.judge import Elsewhere


def steady(record: Record) -> None:
    """Go on only where the same request has the same count each time, or one that differs by as much.

    Raises Elsewhere where it has not: two counts cannot be held against each other then. Told by the
    requests that are sent both ways.
    """
    pairs = []
    for twins in TWINS:
        outcomes = [record.outcomes.get(scenario.name) for scenario in twins]
        told = [answer_of(each) for each in outcomes if isinstance(each, Exchange)]
        counts = [count for answer in told if answer and (count := answer.count("input_tokens"))]
        pairs += [(counts[0], counts[1])] if len(counts) == len(twins) else []
    if counts_waver(pairs):
        raise Elsewhere("the same request has another count each time, which usage.input-steady judges")


def is_cut(record: Record) -> bool:
    """Whether the input's counts end before the input does, which the area's own requests show."""
    bill = metered(record, "")
    return bill is not None and bill.cut is not None


def instead_of_instructions(record: Record, instructed: Scenario) -> int:
    """The tokens that are billed only where a request brings no instructions; 0 where none are."""
    outcomes = (record.outcomes.get(scenario.name) for scenario in (CODE_WORD_CONTROL, instructed))
    answers = [answer_of(each) for each in outcomes if isinstance(each, Exchange)]
    counts = [answer.count("input_tokens") or 0 for answer in answers if answer is not None]
    return max(0, counts[0] - counts[1]) if len(counts) == 2 and all(counts) else 0


def bill_in(record: Record, tokenizer: str, *, growing: bool = False, whole: bool = False) -> Bill:
    """What the inputs that were sent to be counted come to.

    With `growing`, and with `whole`, only where the counts grow with the input, and where none of it is cut.
    Raises Elsewhere where they do not, or where nothing was counted, with the requirement that says so.
    """
    for scenario in SAMPLES:
        exchange: Exchange = record.exchange(scenario)
        if answer_of(exchange) is None:
            raise unanswered(exchange)
    steady(record)
    bill = metered(record, tokenizer)
    if bill is None:
        raise Elsewhere("the input is not counted, which response.usage and usage.input-counted judge")
    if growing and bill.cut is not None and bill.whole is None:
        raise Elsewhere("the counts do not grow with the input, which billing.grows judges")
    if whole and bill.whole is not None:
        raise Elsewhere("the input is not counted to its end, which billing.whole-input judges")
    return bill
