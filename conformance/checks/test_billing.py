"""What the input is billed: by inputs whose cost is known beforehand, and by every answer that is there."""

from collections.abc import Callable

from conformance.checks.support.bodies import bodies
from conformance.checks.support.counting import COUNTED as LENGTHS
from conformance.checks.support.counting import counts_grow
from conformance.checks.support.marks import covers, needs, on
from conformance.checks.support.metering import bill_in, instead_of_instructions, steady
from conformance.checks.support.outcomes import answered
from conformance.exchange import Exchange
from conformance.response import whole
from conformance.rules import billing, billing_input, billing_output
from conformance.rules.acceptance import refusal
from conformance.rules.answer import answer_of, says
from conformance.rules.unanswered import unanswered
from conformance.rules.usage import output_tokens_vary
from conformance.run.counting import COUNTED, INSTALL, counter
from conformance.run.metering import coarse, metered
from conformance.run.record import Record
from conformance.scenarios.answers import LONG_TEXT, NON_ASCII_TEXT, TEXT, TRUNCATED
from conformance.scenarios.billing import NEVER_SEEN, SAMPLES
from conformance.scenarios.input import CODE_WORD_CONTROL, IMAGE, IMAGE_AGAIN, IMAGE_COLOUR, IMAGE_CONTROL
from conformance.scenarios.request_fields import CASES, SCENARIOS, code_word
from conformance.scenarios.scenario import Scenario
from conformance.scenarios.storage import INPUT_TOKENS
from conformance.verdicts.judge import Absent, Elsewhere, Inconclusive, judge

Note = Callable[[str], None]

INSTRUCTED = next(SCENARIOS[case.id] for case in CASES if case.path == "instructions" and code_word(case))
"""The question of the control, with instructions before it."""

WITHOUT_THOUGHTS = SCENARIOS["reasoning.effort=none-accepted"]
VERBOSE = tuple(SCENARIOS[f"text.verbosity={much}-accepted"] for much in ("low", "medium", "high"))
"""Texts of three lengths, none of which is asked for word by word."""

TOO_HOT = SCENARIOS["temperature=2.01-rejected"]


@covers("billing.grows")
@needs(*SAMPLES)
@needs(*LENGTHS, dead=True)
def test_a_text_twice_as_long_costs_more(record: Record, tokenizer: str) -> None:
    """The same unit, at two lengths."""
    if not counts_grow(record):
        raise Elsewhere("no longer input costs more, which request.input.counted judges")
    judge(billing_input.longer_costs_more(bill_in(record, tokenizer)))


@covers("billing.whole-input")
@needs(*SAMPLES)
def test_input_is_counted_to_its_end(record: Record, tokenizer: str) -> None:
    """Seen where a tokenizer explains the five other inputs and not the longest."""
    bill = bill_in(record, tokenizer, growing=True)
    if bill.fit is None and bill.whole is None:
        raise Inconclusive("no tokenizer that is known explains the counts of the shorter inputs")
    judge(billing_input.counted_to_its_end(bill))


@covers("billing.tokenizer")
@needs(*SAMPLES)
def test_the_tokenizer_is_the_one_that_is_named(record: Record, tokenizer: str) -> None:
    """Judged where the profile names one."""
    if not tokenizer:
        raise Absent("the profile names no tokenizer")
    judge(billing_input.counted_with(bill_in(record, tokenizer, growing=True, whole=True)))


@covers("billing.rate")
@needs(*SAMPLES)
def test_every_token_is_billed_once(record: Record, tokenizer: str) -> None:
    """Judged where the profile names a tokenizer, and the counts are that one's."""
    if not tokenizer:
        raise Absent("the profile names no tokenizer")
    bill = bill_in(record, tokenizer, growing=True, whole=True)
    if bill.fit is None or bill.fit.tokenizer != tokenizer:
        raise Elsewhere(f"the counts do not fit {tokenizer}, which billing.tokenizer judges")
    judge(billing_input.billed_once(bill))


@covers("billing.counted-with")
@needs(*SAMPLES)
def test_the_tokenizer_that_was_counted_with(record: Record, tokenizer: str, note: Note) -> None:
    """Told whether or not the profile names one."""
    note(billing_input.in_words(bill_in(record, tokenizer, growing=True, whole=True)))


@covers("billing.nothing-beside")
@needs(*SAMPLES)
def test_nothing_is_billed_that_was_not_sent(record: Record, tokenizer: str) -> None:
    """What two lengths leave for no length at all, and no instructions would have spared."""
    bill = bill_in(record, tokenizer, growing=True, whole=True)
    judge(billing_input.nothing_beside(bill, instead_of_instructions(record, INSTRUCTED)))


@covers("billing.exact")
@needs(TEXT)
def test_tokens_are_counted_one_by_one(record: Record) -> None:
    """Every count of the run is looked at."""
    list(bodies(record))
    steady(record)
    judge(billing_input.counted_finely(coarse(record)))


@covers("billing.bare")
@on(CODE_WORD_CONTROL)
@needs(INSTRUCTED)
def test_a_bare_request_costs_no_more(exchange: Exchange, record: Record) -> None:
    """The same question, without instructions and with them."""
    instructed = record.exchange(INSTRUCTED)
    if refusal(instructed):
        raise Absent(f"instructions are refused with HTTP {instructed.status}")
    bare, more = answer_of(exchange), answer_of(instructed)
    if bare is None or more is None:
        raise unanswered(exchange if bare is None else instructed)
    steady(record)
    judge(billing.more_costs_no_less(bare, more))


@covers("billing.same-input")
@needs(TEXT, LONG_TEXT, TRUNCATED, IMAGE, IMAGE_AGAIN, dead=True)
def test_the_same_input_has_one_price(record: Record) -> None:
    """Judged on all answers that were not streamed: those that were stand beside their twins elsewhere."""
    steady(record)
    found = list(bodies(record, streamed=False))
    if not billing.pairs_of(found):
        raise Absent("no input was answered twice")
    judge(billing.same_input_same_bill(found))


@covers("billing.image")
@on(IMAGE)
@needs(IMAGE_CONTROL)
def test_an_image_costs_something(attempts: tuple[Exchange, ...], record: Record) -> None:
    """Judged where the model says what only the image shows."""
    control = record.exchange(IMAGE_CONTROL)
    seen = next((each for each in attempts if says(each, IMAGE_COLOUR)), None)
    if refusal(attempts[0]):
        raise Absent(f"an image is refused with HTTP {attempts[0].status}")
    if seen is None or says(control, IMAGE_COLOUR):
        raise Inconclusive("no answer shows that the model looked at the image")
    alone, beside = answer_of(control), answer_of(seen)
    if alone is None or beside is None:
        raise unanswered(control)
    steady(record)
    judge(billing.an_image_costs_tokens(alone, beside))


@covers("billing.output")
@needs(LONG_TEXT, *VERBOSE)
def test_output_is_billed_once(record: Record, tokenizer: str, note: Note) -> None:
    """Judged on the long texts of the run, with a library that counts them."""
    if tokenizer not in COUNTED:
        named = f"the profile's tokenizer {tokenizer}" if tokenizer else "the profile names no tokenizer"
        raise Absent(f"{named}: the library counts with {' and '.join(sorted(COUNTED))}")
    count = counter(tokenizer)
    if count is None:
        raise Absent(f"texts are not counted: {INSTALL}")
    rate = billing_output.rate_of([*billing_output.texts_written(bodies(record), count)])
    if rate is None:
        raise Inconclusive(f"too few long texts whose counts lie on a line, as {tokenizer} counts them")
    note(f"every output token is billed {float(rate.factor):.2f} times, over {rate.answers} answers")
    judge(billing_output.text_is_billed_once(rate))


@covers("billing.cut-at-limit")
@on(TRUNCATED)
@needs(LONG_TEXT, TEXT, NON_ASCII_TEXT, dead=True)
def test_a_cut_answer_is_billed_its_limit(exchange: Exchange, record: Record) -> None:
    """Judged where text alone was cut, and the answer says at what."""
    answer = answer_of(exchange)
    if answer is None:
        raise unanswered(exchange)
    if not billing.is_cut_text(answer):
        raise Inconclusive("no text that says it was cut at the limit")
    if any(output_tokens_vary(bodies(record))):
        raise Elsewhere("every answer costs the same, which usage.output-varies judges")
    judge(billing.what_was_cut_is_billed_whole(answer))


@covers("billing.beforehand")
@on(INPUT_TOKENS, dead=True)
@needs(TEXT)
def test_the_bill_is_what_was_counted_before(scenario: Scenario, record: Record) -> None:
    """Judged where the endpoint that counts is there, and counts."""
    answer, counted = answer_of(record.exchange(TEXT)), answered(record, scenario).json.value
    count = whole(counted.get("input_tokens")) if isinstance(counted, dict) else None
    if not count:
        raise Absent("nothing counts input tokens beforehand, or not in a number: storage.input-tokens")
    if answer is None:
        raise unanswered(record.exchange(TEXT))
    steady(record)
    judge(billing.billed_as_counted_before(answer, count))


@covers("billing.unseen")
@on(NEVER_SEEN)
@needs(*SAMPLES)
def test_a_text_never_seen_is_in_no_cache(exchange: Exchange, record: Record, tokenizer: str) -> None:
    """What stands before the text, a template or a prompt of the provider's, may be in one."""
    answer, bill = answer_of(exchange), metered(record, tokenizer)
    if answer is None:
        raise unanswered(exchange)
    if answer.count("cached_tokens", "input_tokens_details") is None:
        raise Absent("cached tokens are not counted")
    if bill is None:
        raise Inconclusive("nothing tells how much stands before the text")
    judge(billing.nothing_new_is_cached(answer, round(bill.beside)))


@covers("billing.refusal")
@needs(TOO_HOT, dead=True)
def test_a_refusal_bills_nothing(record: Record) -> None:
    """Every refusal of the run."""
    refused = list(record.refusals())
    if not refused:
        raise Absent("no request was refused")
    judge(finding for each in refused for finding in billing.a_refusal_bills_nothing(each))


@covers("billing.effort-none")
@on(WITHOUT_THOUGHTS)
def test_thinking_that_was_not_asked_for(exchange: Exchange, scenario: Scenario, note: Note) -> None:
    """Told where reasoning tokens are billed all the same."""
    answer = answer_of(exchange)
    if answer is None:
        raise Absent(f"{scenario.name} brought no response")
    for finding in billing.thinks_unasked(answer):
        note(f"{finding.actual} reasoning tokens are billed with effort none")
