"""What an answer lacks that its request asked for, told in the shapes that clients use."""

from collections.abc import Iterator

from conformance.response import Body
from conformance.rules.answer import was_cut
from conformance.shown import shown
from conformance.verdicts.judge import Inconclusive
from conformance.verdicts.verdict import Finding


def answer_shows_it(answer: Body, expected: str) -> Iterator[Finding]:
    """The finding for an answer that does not show it.

    Raises Inconclusive where the answer was cut: what was asked for may have been about to come.
    """
    if was_cut(answer):
        raise Inconclusive("the answer was cut, so that what was asked for may be missing")
    called = [str(call.get("name")) for _, call in answer.of_type("function_call")]
    said = f"calls of {', '.join(called)}" if called else answer.text
    yield Finding(expected, shown(said, 160) or "an empty text", "$.output")


def is_read_whole(answer: Body, tokens: int) -> Iterator[Finding]:
    """An answer counts as many input tokens as its text has at the least; without a count it says nothing."""
    counted = answer.count("input_tokens")
    if counted and counted < tokens:
        yield Finding(f"HTTP 4xx, or at least {tokens} input tokens", shown(counted), "$.usage.input_tokens")
