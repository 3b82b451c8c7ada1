"""The usage of every answer: sums, parts of sums, and counts that cannot be."""

from conformance.checks.support.bodies import bodies
from conformance.checks.support.families import CALLING, EVERY, SPEAKING, for_each, judge_answers
from conformance.checks.support.marks import covers, needs
from conformance.exchange import Exchange
from conformance.rules import usage
from conformance.rules.answer import answer_of
from conformance.rules.unanswered import first_unjudged, unanswered
from conformance.rules.usage import input_tokens_differ, output_tokens_vary
from conformance.run.record import Record
from conformance.scenarios.answers import LONG_TEXT, NON_ASCII_TEXT, TEXT, TWINS
from conformance.verdicts.judge import Absent, judge


@covers("usage.total")
@for_each(*EVERY)
def test_the_total_is_the_sum(family: str, record: Record) -> None:
    """Input and output make up the total."""
    judge_answers(record, family, usage.total_is_the_sum)


@covers("usage.sub-counts")
@for_each(*EVERY)
def test_a_part_is_no_more_than_its_whole(family: str, record: Record) -> None:
    """Cached tokens are input, reasoning tokens are output."""
    judge_answers(record, family, usage.sub_counts_are_parts)


@covers("usage.output-counted")
@for_each(*dict.fromkeys((*SPEAKING, *CALLING)))
def test_what_was_generated_was_counted(family: str, record: Record) -> None:
    """Judged where the answer has text or a call."""
    judge_answers(
        record, family, usage.text_costs_tokens, lambda body: body.text or body.of_type("function_call")
    )


@covers("usage.input-counted")
@for_each(*EVERY)
def test_the_prompt_was_counted(family: str, record: Record) -> None:
    """No request of the run is empty."""
    judge_answers(record, family, usage.a_prompt_costs_tokens)


@covers("usage.output-varies")
@needs(LONG_TEXT, TEXT, NON_ASCII_TEXT)
def test_a_long_answer_costs_more_than_a_short_one(record: Record) -> None:
    """Seen only where the texts differ much in length and every count is the same."""
    judge(output_tokens_vary(bodies(record)))


@covers("usage.input-steady")
@needs(*(scenario for twins in TWINS for scenario in twins), dead=True)
def test_the_same_request_costs_the_same_input(record: Record) -> None:
    """Judged on the requests that are sent both ways: a gateway may add to one of them, hardly to all."""
    pairs, lost = [], []
    for twins in TWINS:
        sent = [exchange for exchange in map(record.outcome, twins) if isinstance(exchange, Exchange)]
        told = [answer for answer in map(answer_of, sent) if answer is not None]
        pairs += [(told[0], told[1])] if len(told) == len(twins) else []
        lost += [unanswered(exchange) for exchange in sent if answer_of(exchange) is None]
    if not pairs:
        raise first_unjudged(lost) or Absent("no request was sent both ways")
    judge(input_tokens_differ(pairs))
