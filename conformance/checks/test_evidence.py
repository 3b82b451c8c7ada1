"""Where the answers come from, as far as they tell: observations, asked for with --evidence."""

from collections.abc import Callable

from conformance.checks.support.bodies import bodies
from conformance.checks.support.marks import covers, needs, on
from conformance.exchange import Exchange
from conformance.rules import evidence
from conformance.rules.acceptance import refusal
from conformance.rules.answer import answer_of
from conformance.rules.unanswered import unanswered
from conformance.run.record import Record
from conformance.scenarios.evidence import (
    CACHED_FROM,
    PREFIXED,
    PREFIXED_AGAIN,
    PREFIXED_THIRD,
    TAMPERED,
)
from conformance.scenarios.loops import REASONING_BACK, THOUGHT
from conformance.verdicts.judge import Absent, Inconclusive

Note = Callable[[str], None]


@covers("evidence.cache")
@needs(PREFIXED, PREFIXED_AGAIN, PREFIXED_THIRD)
def test_what_is_sent_again_is_cached(record: Record, note: Note) -> None:
    """Told where a long prefix was never found in a cache."""
    exchanges = [record.exchange(scenario) for scenario in (PREFIXED, PREFIXED_AGAIN, PREFIXED_THIRD)]
    answers = [answer for exchange in exchanges if (answer := answer_of(exchange)) is not None]
    if len(answers) < len(exchanges):
        raise unanswered(next(each for each in exchanges if answer_of(each) is None))
    taken = answers[0].count("input_tokens") or 0
    if taken < CACHED_FROM:
        raise Inconclusive(f"the prefix was counted as {taken} tokens, and shorter ones need not be cached")
    cached = [answer.count("cached_tokens", "input_tokens_details") for answer in answers]
    if not any(cached):
        note(f"{taken:,} input tokens were sent three times in a row, and none of them came out of a cache")


@covers("evidence.sealed")
@on(THOUGHT)
@needs(PREFIXED)
def test_the_shape_of_what_is_sealed(exchange: Exchange, note: Note) -> None:
    """Told where reasoning came with encrypted_content."""
    answer = answer_of(exchange)
    if answer is None:
        raise unanswered(exchange)
    sealed = evidence.seals_in(answer)
    if not sealed:
        raise Absent("no reasoning came with encrypted_content")
    note(evidence.shape_in_words(answer, sealed[0]))


@covers("evidence.seal-checked")
@on(TAMPERED)
@needs(REASONING_BACK)
def test_what_is_sealed_is_opened(exchange: Exchange, record: Record, note: Note) -> None:
    """Told beside the same item as it came."""
    if refusal(record.exchange(REASONING_BACK)):
        note("encrypted_content is refused as it came")
    elif refusal(exchange):
        note("encrypted_content is taken back as it came, and refused when a byte of it was changed")
    else:
        note("encrypted_content is taken when a byte of it was changed: nobody opens it")


@covers("evidence.headers")
@needs(PREFIXED)
def test_headers_that_name_an_origin(record: Record, note: Note) -> None:
    """Every response is looked at."""
    for words in evidence.headers_in_words(record.performed()):
        note(words)


@covers("evidence.usage")
@needs(PREFIXED)
def test_counts_of_another_api(record: Record, note: Note) -> None:
    """Every usage is looked at."""
    for words in evidence.usage_in_words(bodies(record)):
        note(words)
