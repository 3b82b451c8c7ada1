"""What every answer says that it costs, held against the other answers and against what was asked."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from conformance.exchange import Exchange
from conformance.response import Body, whole
from conformance.rules.billing_input import BORDERS
from conformance.verdicts.bill import FRAME
from conformance.verdicts.verdict import Finding

WHERE = "$.usage.input_tokens"

NO_INPUT = frozenset(
    {
        "background",
        "frequency_penalty",
        "max_output_tokens",
        "metadata",
        "presence_penalty",
        "prompt_cache_key",
        "safety_identifier",
        "service_tier",
        "stop",
        "store",
        "stream",
        "temperature",
        "top_logprobs",
        "top_p",
        "user",
    }
)
"""Fields of a request that are no part of what the model reads: they add nothing to its input."""


def same_input_same_bill(answers: Iterable[Body]) -> Iterator[Finding]:
    """Requests that differ only in what is no input cost the same input, to within a border's tokens."""
    for several in _by_input(answers).values():
        counts = [(count, body) for body in several if (count := body.count("input_tokens") or 0) > 0]
        usual = _usual([count for count, _ in counts])
        for count, body in counts:
            if abs(count - usual) > BORDERS:
                twin = next(other for found, other in counts if found == usual)
                expected = f"{usual} input tokens, as {twin.exchange.scenario} with the same input"
                yield Finding(expected, str(count), WHERE, body.exchange.scenario)


WAVERING = Fraction(11, 10)
"""A count that is so many times another one's share of its twin is no factor on one of the two ways."""


def counts_waver(pairs: Sequence[tuple[int, int]]) -> bool:
    """Whether requests that are sent twice are counted by no rule: neither so many more, nor so many times.

    Where each stream is dearer by as much, or by one factor, all other counts can be compared.
    """
    more = [other - one for one, other in pairs]
    often = [Fraction(other, one) for one, other in pairs]
    if not pairs or max(more) - min(more) <= 2 * BORDERS:
        return False
    return max(often) > WAVERING * min(often)


def _usual(counts: Sequence[int]) -> int:
    """The count that most have, of several such the lowest: what is dearer is what must be explained."""
    often = Counter(counts)
    return min(often, key=lambda count: (-often[count], count), default=0)


def pairs_of(answers: Iterable[Body]) -> int:
    """How many answers have another one to the same input beside them."""
    return sum(len(several) for several in _by_input(answers).values() if len(several) > 1)


GONE_ON_FROM = frozenset({"previous_response_id", "conversation"})
"""What brings more input than the request shows."""


def _by_input(answers: Iterable[Body]) -> Mapping[str, Sequence[Body]]:
    found: dict[str, list[Body]] = {}
    for body in answers:
        read = {name: value for name, value in body.asked.items() if name not in NO_INPUT}
        if "input" in read and not GONE_ON_FROM & read.keys():
            found.setdefault(json.dumps(read, sort_keys=True), []).append(body)
    return found


def more_costs_no_less(bare: Body, instructed: Body) -> Iterator[Finding]:
    """The same request costs no less with instructions than without.

    A template's own few words, which instructions take the place of, are within a frame.
    """
    least, most = bare.count("input_tokens"), instructed.count("input_tokens")
    if least is not None and most is not None and 0 < most < least - FRAME:
        yield Finding(
            f"at most the {most} input tokens of the same request with instructions",
            f"{least}: {least - most:,} more are billed where the request brings no instructions",
            WHERE,
            bare.exchange.scenario,
        )


def an_image_costs_tokens(alone: Body, beside: Body) -> Iterator[Finding]:
    """A question costs more input beside an image that the model looked at."""
    question, image = alone.count("input_tokens"), beside.count("input_tokens")
    if question and image and 0 < image <= question:
        expected = f"more than the {question} input tokens of the question without the image"
        yield Finding(expected, str(image), WHERE, beside.exchange.scenario)


def what_was_cut_is_billed_whole(answer: Body) -> Iterator[Finding]:
    """A text that was cut at the limit took the limit, to within a border's tokens.

    What the model thought may be counted in larger steps, and is left aside.
    """
    limit, given = whole(answer.asked.get("max_output_tokens")), answer.count("output_tokens")
    if limit is not None and given is not None and 0 < given < limit - BORDERS:
        expected = f"the {limit} output tokens at which the text was cut"
        yield Finding(expected, str(given), "$.usage.output_tokens", answer.exchange.scenario)


def is_cut_text(answer: Body) -> bool:
    """Whether an answer is text alone, and says that `max_output_tokens` cut it."""
    details = answer.response.get("incomplete_details")
    said = isinstance(details, dict) and details.get("reason") == "max_output_tokens"
    thoughts = answer.count("reasoning_tokens", "output_tokens_details")
    kinds = {item.value.get("type") for item in answer.items}
    return (
        answer.status == "incomplete" and said and bool(answer.text) and kinds == {"message"} and not thoughts
    )


def billed_as_counted_before(answer: Body, counted: int) -> Iterator[Finding]:
    """The request is billed what was counted for the same input beforehand."""
    billed = answer.count("input_tokens")
    if billed is not None and billed > 0 and abs(billed - counted) > BORDERS:
        expected = f"the {counted} input tokens that were counted for the same input"
        yield Finding(expected, str(billed), WHERE, answer.exchange.scenario)


def nothing_new_is_cached(answer: Body, before: int) -> Iterator[Finding]:
    """Of a text that nobody has sent before nothing comes out of a cache; `before` tokens stand before it."""
    cached = answer.count("cached_tokens", "input_tokens_details")
    if cached is not None and cached > before + FRAME:
        yield Finding(
            f"at most the {before + FRAME} tokens that may stand before a text never sent before",
            f"{cached} of {answer.count('input_tokens')} input tokens found in a cache",
            "$.usage.input_tokens_details.cached_tokens",
            answer.exchange.scenario,
        )


def a_refusal_bills_nothing(exchange: Exchange) -> Iterator[Finding]:
    """The body of a refusal has no count of tokens that were used."""
    body = exchange.json.value
    error = body.get("error") if isinstance(body, dict) else None
    for where, holder in (("$", body), ("$.error", error)):
        usage = holder.get("usage") if isinstance(holder, dict) else None
        for name, value in usage.items() if isinstance(usage, dict) else ():
            count = whole(value)
            if count:
                expected = f"nothing billed for a request refused with HTTP {exchange.status}"
                yield Finding(expected, f"{count} {name}", f"{where}.usage.{name}", exchange.scenario)
                break


def thinks_unasked(answer: Body) -> Iterator[Finding]:
    """Reasoning tokens are billed although the request asks for no reasoning."""
    reasoning = answer.asked.get("reasoning")
    if isinstance(reasoning, dict) and reasoning.get("effort") == "none":
        count = answer.count("reasoning_tokens", "output_tokens_details")
        if count:
            where = "$.usage.output_tokens_details.reasoning_tokens"
            yield Finding("no reasoning tokens with effort none", str(count), where, answer.exchange.scenario)
