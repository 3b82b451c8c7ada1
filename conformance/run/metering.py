"""What a run's answers say of the bill for its input."""

from collections.abc import Iterator

from conformance.exchange import Exchange, Performance
from conformance.rules.answer import answer_of
from conformance.rules.billing_input import bill_of, coarseness
from conformance.run.record import Record
from conformance.scenarios.billing import AREA, SAMPLES
from conformance.verdicts.bill import Bill, Point


def metered(record: Record, tokenizer: str) -> Bill | None:
    """The bill that the area's own requests show; None where one of them was not answered or not counted.

    `tokenizer` is the one that the profile names, empty where it names none.
    """
    found = list(_points(record))
    whole = len(found) == len(SAMPLES) and all(point.billed > 0 for point in found)
    return bill_of(found, tokenizer, coarse(record)) if whole else None


def coarse(record: Record) -> int:
    """What all counts of input tokens are a multiple of, those of the area's own requests left aside.

    The lengths of these are multiples of each other, so that their counts may be as well.
    """
    return coarseness(
        count
        for name, outcome in record.outcomes.items()
        if isinstance(outcome, Exchange) and _is_counted(record, name)
        if (answer := answer_of(outcome)) is not None
        if (count := answer.count("input_tokens")) is not None
    )


def _is_counted(record: Record, name: str) -> bool:
    scenario = record.plan.get(Performance.named(name).scenario)
    return scenario is not None and bool(scenario.family) and scenario.area != AREA


def _points(record: Record) -> Iterator[Point]:
    for scenario, (unit, times) in SAMPLES.items():
        outcome = record.outcomes.get(scenario.name)
        answer = answer_of(outcome) if isinstance(outcome, Exchange) else None
        billed = answer.count("input_tokens") if answer else None
        if billed is not None:
            yield Point(unit, times, billed, scenario.name)
