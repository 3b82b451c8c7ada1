"""A cause as an issue for the vendor's tracker: Markdown that stands by itself."""

import re
from collections.abc import Iterator

from conformance.contract.requirements import catalogue
from conformance.exchange import Exchange
from conformance.report.causes import ToldCause
from conformance.report.curl import curl
from conformance.report.evidence import readable
from conformance.report.markdown import code
from conformance.report.text import cut, encodable, one_line
from conformance.verdicts.verdict import Run

BODY_LIMIT = 2_000
KINDS_SHOWN = 3
REQUIREMENTS_SHOWN = 40

_MARKUP = re.compile(r"([\\`*_\[\]<>#|~])")
_REQUEST_ID = re.compile(
    r"(?:[\w-]+-)?(?:request|trace|call|correlation)-?id|cf-ray|traceparent", re.IGNORECASE
)
"""The names under which servers and gateways tell what their own logs call an exchange."""


def request_ids(exchange: Exchange) -> tuple[tuple[str, str], ...]:
    """The headers of an answer that let its server find the exchange in its logs."""
    return tuple((name, value) for name, value in exchange.headers if _REQUEST_ID.fullmatch(name))


def issue(run: Run, told: ToldCause, title: str, exchange: Exchange | None) -> str:
    """Title, clause with its sources, expected, actual, how to repeat it, the server's own id for it."""
    parts = [f"# {foreign(title)}", *_clause(run, told), *_findings(told)]
    if exchange is not None:
        parts += ["**Request**", fenced(curl(exchange), "sh"), *_answer(exchange)]
    others = [id_ for id_ in told.cause.requirements if id_ != told.id]
    if others:
        named = ", ".join(code(id_) for id_ in others[:REQUIREMENTS_SHOWN])
        more = len(others) - REQUIREMENTS_SHOWN
        parts += [f"**Not met because of it:** {named}{f' and {more} more' if more > 0 else ''}"]
    parts += [
        f"Seen with responses-conformance {code(run.suite)} at {code(run.base_url)}, "
        f"model {code(run.model)}, contract {run.contract.name}, {code(run.started_at)}."
    ]
    return encodable("\n\n".join(parts)) + "\n"


def foreign(text: str) -> str:
    """Foreign text on one line, in which Markdown finds neither markup nor a link nor a name to call."""
    line = _MARKUP.sub(r"\\\1", one_line(encodable(text)))
    return line.replace("@", "&#64;").replace("://", r":\/\/")


def own(text: str) -> str:
    """The project's own words: what stands between backticks stays code."""
    return "`".join(
        piece if number % 2 else _MARKUP.sub(r"\\\1", piece) for number, piece in enumerate(text.split("`"))
    )


def fenced(text: str, language: str = "") -> str:
    """A code block whose fence is longer than any run of backticks in the text."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}{language}\n{text}\n{fence}"


def _clause(run: Run, told: ToldCause) -> Iterator[str]:
    known = told.requirement or catalogue(run.contract).get(told.cause.own[0].requirement)
    if known is None:
        return
    cited = "".join(
        f"[{own(piece.text)}]({piece.source.url})" if piece.source else own(piece.text)
        for piece in known.citation
    )
    yield f"> {own(known.clause)} ({cited})"
    yield own(known.why)


def _findings(told: ToldCause) -> Iterator[str]:
    for kind in told.kinds[:KINDS_SHOWN]:
        finding = kind.finding
        lines = [f"- **Expected:** {code(finding.expected)}", f"- **Actual:** {code(finding.actual)}"]
        lines += [f"- **Where:** {code(finding.where)}"] if finding.where else []
        lines += [f"- **How often:** in {kind.answers} answers"] if kind.answers > 1 else []
        yield "\n".join(lines)


def _answer(exchange: Exchange) -> Iterator[str]:
    if exchange.status is None:
        return
    ids = ", ".join(code(f"{name}: {cut(value, 200)}") for name, value in request_ids(exchange))
    yield f"**Answer:** HTTP {exchange.status}{f', {ids}' if ids else ''}"
    body = readable(exchange.body, BODY_LIMIT, f"\n… ({len(exchange.body):,} bytes in all)")
    if body:
        yield fenced(body, "json" if exchange.json.value is not None else "")
