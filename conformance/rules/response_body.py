"""The body of an answer as it came: one JSON object, in strict JSON, under the right type."""

from collections.abc import Iterator

from conformance.exchange import Exchange
from conformance.shown import shown
from conformance.verdicts.verdict import Finding


def body_is_one_object(exchange: Exchange) -> Iterator[Finding]:
    """An accepted, unstreamed request is answered with one JSON object."""
    read = exchange.json
    if isinstance(read.value, dict):
        return
    if not exchange.body:
        actual = "an empty body"
    elif read.readable:
        actual = shown(exchange.body.decode("utf-8", "replace"))
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
