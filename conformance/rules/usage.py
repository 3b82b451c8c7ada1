"""What an answer says that it cost: sums, parts of sums, and numbers that cannot be."""

from collections.abc import Iterable, Iterator, Sequence

from conformance.response import Body, whole
from conformance.shown import shown
from conformance.verdicts.verdict import Finding

Details = tuple[tuple[str, tuple[str, ...], str], ...]

SUB_COUNTS: Details = (
    ("input_tokens_details", ("cached_tokens",), "input_tokens"),
    ("output_tokens_details", ("reasoning_tokens",), "output_tokens"),
)
"""Where a part of a count stands, its name, and the count that it is a part of."""


def total_is_the_sum(body: Body) -> Iterator[Finding]:
    """`total_tokens` = `input_tokens` + `output_tokens`, as in the page's example (8 + 15 = 23)."""
    taken, given, total = (body.count(key) for key in ("input_tokens", "output_tokens", "total_tokens"))
    if taken is not None and given is not None and total is not None and taken + given != total:
        yield Finding(f"{taken} + {given} = {taken + given}", str(total), "$.usage.total_tokens")


def sub_counts_are_parts(body: Body) -> Iterator[Finding]:
    """Cached tokens are among the input's, reasoning tokens among the output's; none is negative.

    That a count is 0 has a requirement of its own.
    """
    for details, keys, sum_of in SUB_COUNTS:
        limit = body.count(sum_of)
        for key in keys:
            count = body.count(key, details)
            where = f"$.usage.{details}.{key}"
            if count is not None and count < 0:
                yield Finding("0 or more", str(count), where)
            if count is not None and limit and count > limit:
                yield Finding(f"at most {sum_of} = {limit}", str(count), where)


def sub_counts_are_numbers(body: Body) -> Iterator[Finding]:
    """The details, where they are given, are objects with whole numbers."""
    for details, keys, _ in SUB_COUNTS:
        if details not in body.usage:
            continue
        found = body.usage[details]
        if not isinstance(found, dict):
            yield Finding("an object", shown(found), f"$.usage.{details}")
            continue
        for key in keys:
            if key in found and whole(found[key]) is None:
                yield Finding("an integer", shown(found[key]), f"$.usage.{details}.{key}")


def text_costs_tokens(body: Body) -> Iterator[Finding]:
    """An answer that brings text or a call has used output tokens."""
    calls = body.of_type("function_call")
    if body.count("output_tokens") == 0 and (body.text or calls):
        shown_text = shown(body.text, 60) if body.text else f"a call of {calls[0].value.get('name')}"
        yield Finding("more than 0 for what was generated", f"0, with {shown_text}", "$.usage.output_tokens")


def a_prompt_costs_tokens(body: Body) -> Iterator[Finding]:
    """There is no empty prompt: `input_tokens` is more than 0."""
    if body.count("input_tokens") == 0:
        yield Finding("more than 0", "0", "$.usage.input_tokens")


VERY_DIFFERENT = 8
"""How many times as long a text is that cannot cost the same."""


def output_tokens_vary(bodies: Iterable[Body]) -> Iterator[Finding]:
    """Answers of very different length do not all cost the same; judged on those that only hold text."""
    plain = [body for body in bodies if body.text and len(body.items) == len(body.of_type("message"))]
    counts = {body.count("output_tokens") for body in plain}
    if len(counts) != 1 or counts & {None, 0} or len(plain) < 3:
        return
    shortest, longest = (choose(plain, key=lambda body: len(body.text)) for choose in (min, max))
    if len(longest.text) >= VERY_DIFFERENT * len(shortest.text):
        expected = f"more tokens for {len(longest.text)} characters than for {len(shortest.text)}"
        actual = f"{longest.count('output_tokens')} for every answer"
        yield Finding(expected, actual, "$.usage.output_tokens", longest.exchange.scenario)


def input_tokens_differ(pairs: Sequence[tuple[Body, Body]]) -> Iterator[Finding]:
    """Pairs of answers to the same request of which none cost the same input; seen only in three or more.

    A count of nothing has a requirement of its own.
    """
    counts = [(one.count("input_tokens"), other.count("input_tokens"), other) for one, other in pairs]
    if len(counts) < 3 or any(not one or other == 0 or one == other for one, other, _ in counts):
        return
    for one, other, body in counts:
        yield Finding(f"{one}, as its twin", str(other), "$.usage.input_tokens", body.exchange.scenario)
