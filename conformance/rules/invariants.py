"""What must hold between the parts of one response: status, error, what cut it short, what it echoes."""

from collections.abc import Iterator

from conformance.contract.contracts import Contract
from conformance.exchange import Exchange
from conformance.response import Body, whole
from conformance.rules.answer import names_model
from conformance.rules.shapes import shape_findings
from conformance.shown import shown
from conformance.verdicts.verdict import Finding

BEYOND_THE_PAGE = frozenset(
    {"error", "incomplete_details", "instructions", "metadata", "tool_choice", "tools"}
)
"""Keys that a response has where it is told as both public specifications tell it."""


def response_shape(body: Body, contract: Contract, aspect: str) -> Iterator[Finding]:
    """One aspect of `schemas/response.json`."""
    return shape_findings(body.response, "response", contract, aspect)


def model_is_the_one_asked_for(body: Body) -> Iterator[Finding]:
    """The answered model is the requested one or a dated name of it; a provider's prefix is free."""
    asked, answered = body.asked.get("model"), body.response.get("model")
    if not isinstance(asked, str) or not isinstance(answered, str) or not asked or not answered:
        return
    if not names_model(answered, asked):
        yield Finding(f"{asked}, or a dated name of it", answered, "$.model")


def a_foreground_answer_is_finished(body: Body) -> Iterator[Finding]:
    """What a client waited for is neither queued nor in progress when it comes."""
    if body.status in ("queued", "in_progress") and body.asked.get("background") is not True:
        yield Finding("a finished status", shown(body.status), "$.status")


def incomplete_says_why(body: Body) -> Iterator[Finding]:
    """Status `incomplete` goes with `incomplete_details.reason`, any other status without it.

    What is neither null nor an object has a requirement of its own, here and below.
    """
    details = body.response.get("incomplete_details")
    reason = details.get("reason") if isinstance(details, dict) else None
    unsaid = not (isinstance(reason, str) and reason)
    shapeless = not isinstance(details, dict | None)
    if body.status == "incomplete" and unsaid and not shapeless and _tells_more_than_the_page(body):
        actual = "no incomplete_details" if "incomplete_details" not in body.response else shown(details)
        yield Finding("a reason, since the response is incomplete", actual, "$.incomplete_details.reason")
    if isinstance(body.status, str) and body.status != "incomplete" and isinstance(details, dict):
        yield Finding(f"null, since the response is {body.status}", shown(details), "$.incomplete_details")


def failed_says_why(body: Body) -> Iterator[Finding]:
    """Status `failed` goes with an error that has code and message, any other status without one."""
    error = body.response.get("error")
    if body.status == "failed" and error is None and _tells_more_than_the_page(body):
        actual = "no error" if "error" not in body.response else shown(error)
        yield Finding("an object, since the response failed", actual, "$.error")
    if isinstance(body.status, str) and body.status != "failed" and isinstance(error, dict):
        yield Finding(f"null, since the response is {body.status}", shown(error), "$.error")


def _tells_more_than_the_page(body: Body) -> bool:
    """Whether the response is told as both specifications do; the page has no word for what went wrong."""
    return bool(BEYOND_THE_PAGE & body.response.keys())


def what_was_cut_is_not_completed(body: Body) -> Iterator[Finding]:
    """An answer that used up `max_output_tokens` was cut short, and says so."""
    limit, given = whole(body.asked.get("max_output_tokens")), body.count("output_tokens")
    if limit is not None and given is not None and given >= limit and body.status == "completed":
        yield Finding(
            f"incomplete, since {given} of {limit} output tokens were used", "completed", "$.status"
        )


def previous_is_echoed(body: Body) -> Iterator[Finding]:
    """A response that tells its `previous_response_id` tells the one it was asked with."""
    asked = body.asked.get("previous_response_id")
    told = body.response.get("previous_response_id")
    if "previous_response_id" in body.response and told != asked:
        yield Finding(shown(asked), shown(told), "$.previous_response_id")


def body_is_one_object(exchange: Exchange) -> Iterator[Finding]:
    """An accepted, unstreamed request is answered with one JSON object."""
    read = exchange.json
    if isinstance(read.value, dict):
        return
    if not exchange.body:
        actual = "an empty body"
    elif read.readable:
        actual = shown(read.value)
    else:
        actual = f"{read.faults[-1]}: {shown(exchange.body[:400].decode('utf-8', 'replace'), 120)}"
    yield Finding("one JSON object", actual, "$")


def bytes_are_strict_json(exchange: Exchange) -> Iterator[Finding]:
    """The bytes are JSON as RFC 8259 has it; whether they are JSON at all is judged apart."""
    if exchange.json.readable:
        for fault in exchange.json.faults:
            yield Finding("JSON as RFC 8259 has it", fault, "body")


def content_type_is_json(exchange: Exchange) -> Iterator[Finding]:
    """An unstreamed answer says that it is JSON; parameters are free."""
    if exchange.media_type != "application/json":
        yield Finding(
            "application/json", exchange.header("content-type") or "no Content-Type", "Content-Type"
        )
