"""What the output is billed, held against the tokens of the text that came."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from conformance.response import Body
from conformance.rules.answer import is_whole, used_up
from conformance.rules.billing_input import line_through
from conformance.verdicts.verdict import Finding

Count = Callable[[str], int]
"""From a text to its tokens."""

ROOM = 8
"""Tokens by which one answer's count may lie off: where the model wrote pieces that the tokenizer joins."""

LONG = 30
"""Tokens of a text that tells a factor; of fewer the room is too large a part."""

ENOUGH = 3
"""Texts of so many different lengths must lie on one line before it is a factor and no chance."""

SPAN = 60
"""By so many tokens the longest text must be longer than the shortest."""

WHERE = "$.usage.output_tokens"


@dataclass(frozen=True, slots=True)
class Written:
    """One answer: the tokens of its text, and the output tokens billed that were no reasoning."""

    tokens: int
    billed: int
    scenario: str


@dataclass(frozen=True, slots=True)
class Rate:
    """How often an output token is billed, over so many `answers`; `span` is how far their lengths differ."""

    factor: Fraction
    span: int
    answers: int
    longest: Written

    @property
    def dearer(self) -> bool:
        """Whether tokens are billed more than once, and the room does not explain it."""
        return (self.factor - 1) * self.span > 2 * ROOM


def texts_written(answers: Iterable[Body], count: Count) -> Iterator[Written]:
    """The long answers that are text alone and ended by themselves.

    One that was asked to reason may be billed thoughts that no count tells of, as some servers have it; JSON
    may be spaced otherwise than it was written.
    """
    for body in answers:
        billed = body.count("output_tokens")
        thoughts = body.count("reasoning_tokens", "output_tokens_details") or 0
        if billed is None or used_up(body) or not is_whole(body) or not _is_plain(body):
            continue
        tokens = count(body.text)
        if tokens >= LONG:
            yield Written(tokens, billed - thoughts, body.exchange.scenario)


def _is_plain(body: Body) -> bool:
    reasoning, text = body.asked.get("reasoning"), body.asked.get("text")
    thinks = isinstance(reasoning, dict) and reasoning.get("effort") not in {None, "none"}
    formed = isinstance(text, dict) and text.get("format") not in (None, {"type": "text"})
    alone = len(body.of_type("message")) == 1 and len(body.of_type("message", "reasoning")) == len(body.items)
    return alone and not thinks and not formed and "stop" not in body.asked


def rate_of(written: Sequence[Written]) -> Rate | None:
    """How often each token is billed; None where too few texts came, or their counts lie on no line.

    The frame around an answer is left aside: it is the same for each. Counts on no line are another
    tokenizer's, or hold thoughts that are not told.
    """
    by_length = {each.tokens: each for each in written}
    if len(by_length) < ENOUGH:
        return None
    longest = by_length[max(by_length)]
    span = longest.tokens - min(by_length)
    if span < SPAN:
        return None
    factor, frame = line_through([(each.tokens, each.billed) for each in by_length.values()])
    off = (abs(each.billed - frame - factor * each.tokens) for each in written)
    return Rate(factor, span, len(written), longest) if max(off) <= ROOM and factor > 0 else None


def text_is_billed_once(rate: Rate) -> Iterator[Finding]:
    """No token of the text is billed more than once."""
    if rate.dearer:
        longest = rate.longest
        actual = (
            f"every output token is billed {float(rate.factor):.2f} times: "
            f"{longest.billed} for a text of {longest.tokens}"
        )
        yield Finding("every output token billed once", actual, WHERE, longest.scenario)
