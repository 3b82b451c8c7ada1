"""`text.format`: what asks for JSON gets JSON."""

from collections.abc import Iterator

from conformance.checks.support.marks import covers, on
from conformance.exchange import Exchange
from conformance.rules.acceptance import accepted
from conformance.rules.answer import is_whole
from conformance.rules.structured_output import may_go_on, text_fits_the_format
from conformance.scenarios.answers import STRUCTURED, STRUCTURED_STREAM
from conformance.scenarios.request_fields import SCENARIOS
from conformance.scenarios.tools import STRUCTURED_BESIDE_TOOLS
from conformance.verdicts.judge import Inconclusive, judge_every
from conformance.verdicts.verdict import Finding


def _findings(attempt: Exchange) -> Iterator[Finding]:
    answer = accepted(attempt)
    if not is_whole(answer):
        raise Inconclusive(f"the answer is {answer.status}, or the model declined: it need not be JSON")
    findings = list(text_fits_the_format(answer, attempt.sent_json["text"]["format"]))
    if findings and may_go_on(answer):
        raise Inconclusive("the answer took all of its tokens, so that the end of its JSON may have been cut")
    yield from findings


@covers("request.text.format.effect")
@on(STRUCTURED, STRUCTURED_STREAM, SCENARIOS["text.format=json_schema-accepted"])
def test_text_is_json_by_the_schema_that_was_sent(attempts: tuple[Exchange, ...]) -> None:
    """A strict schema is a promise about the text, whatever the model: nested objects, enums and arrays."""
    judge_every(attempts, _findings)


@covers("request.text.format.effect")
@on(SCENARIOS["text.format=json_object-conflict"])
def test_text_is_a_json_object(attempts: tuple[Exchange, ...]) -> None:
    """Where the provider takes `json_object`, the text is one."""
    judge_every(attempts, _findings)


@covers("request.text.format.effect")
@on(STRUCTURED_BESIDE_TOOLS)
def test_tools_take_nothing_from_the_format(attempts: tuple[Exchange, ...]) -> None:
    """Where the model calls none of the tools that were declared, its text is by the schema still."""

    def findings(attempt: Exchange) -> Iterator[Finding]:
        if accepted(attempt).of_type("function_call"):
            raise Inconclusive("the model called a tool, so that its words are still to come")
        yield from _findings(attempt)

    judge_every(attempts, findings)
