"""Whether the limits that a request sets are kept: findings where a field provably did nothing."""

from collections.abc import Iterator

from conformance.response import Body
from conformance.shown import shown
from conformance.verdicts.verdict import Finding

WORDS_PER_TOKEN = 2
"""More words than this for each token allowed are no answer within the limit, whatever usage says."""


def output_stays_within_the_limit(answer: Body, limit: float) -> Iterator[Finding]:
    """No more output than `max_output_tokens`, by the answer's own count."""
    used = answer.count("output_tokens")
    if used is not None and used > limit:
        yield Finding(f"at most {limit} output tokens", str(used), "$.usage.output_tokens")


def words_stay_within_the_limit(answer: Body, limit: float) -> Iterator[Finding]:
    """No more words than `max_output_tokens` tokens can be, whatever usage says."""
    words = len(answer.text.split())
    if words > WORDS_PER_TOKEN * limit:
        yield Finding(f"a text within {limit} tokens", f"{words} words: {shown(answer.text, 80)}")


def text_ends_before_the_stop(answer: Body, sequence: str) -> Iterator[Finding]:
    """The sequence at which the model was to stop does not stand in its text."""
    text = answer.text
    if sequence in text:
        yield Finding(f"a text that ends before {sequence!r}", shown(text))
