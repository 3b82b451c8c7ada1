"""The bill for the input, for the checks that need what its own requests show."""

from conformance.exchange import Exchange
from conformance.rules.answer import answer_of
from conformance.rules.unanswered import unanswered
from conformance.run.metering import metered
from conformance.run.record import Record
from conformance.scenarios.billing import SAMPLES
from conformance.verdicts.bill import Bill
from conformance.verdicts.judge import Elsewhere


def bill_in(record: Record, tokenizer: str, *, growing: bool = False, whole: bool = False) -> Bill:
    """What the inputs that were sent to be counted come to.

    With `growing`, and with `whole`, only where the counts grow with the input, and where none of it is cut.
    Raises Elsewhere where they do not, or where nothing was counted, with the requirement that says so.
    """
    for scenario in SAMPLES:
        exchange: Exchange = record.exchange(scenario)
        if answer_of(exchange) is None:
            raise unanswered(exchange)
    bill = metered(record, tokenizer)
    if bill is None:
        raise Elsewhere("the input is not counted, which response.usage and usage.input-counted judge")
    if growing and bill.cut is not None and bill.whole is None:
        raise Elsewhere("the counts do not grow with the input, which billing.grows judges")
    if whole and bill.whole is not None:
        raise Elsewhere("the input is not counted to its end, which billing.whole-input judges")
    return bill
