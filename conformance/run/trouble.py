"""Why an endpoint cannot be judged at all: a mistake of the caller's, or an endpoint that is not well."""

import html
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from conformance.exchange import Exchange, FaultKind
from conformance.rules.blame import (
    SAID,
    blames_account,
    blames_model,
    field_named,
    harmless,
    is_error,
    is_html,
    model_of,
    told_error,
    words_of,
)
from conformance.scenarios.scenario import Scenario

NO_PATH = frozenset({404, 405, 410})
"""Statuses of a path that is not there, where the refusal is not about the model."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, why (in the server's own words, where it has some), and how to mend it.

    `mistaken` says that it is the caller's mistake, and that one line tells it. `gist` is what other
    exchanges must say as well for this to be trouble at all; empty where each tells it for itself.
    """

    what: str
    why: str
    mend: str
    mistaken: bool = False
    gist: str = ""

    @property
    def line(self) -> str:
        """All of it in one line."""
        return f"{self.what}: {self.mend}" + (f" ({self.why})" if self.why else "")

    @property
    def lines(self) -> tuple[str, ...]:
        """As a terminal and a report tell it."""
        told = (f"{self.what}: {self.mend}", self.why) if self.mistaken else (self.what, self.why, self.mend)
        return tuple(filter(None, told))

    @property
    def of_most(self) -> "Trouble":
        """The same where a few other exchanges tell of another trouble."""
        return replace(self, what=self.what.replace("every request", "most requests", 1))


ELSEWHERE = frozenset[FaultKind]({"cut", "recording", "unrecorded", "budget", "deadline", "later"})
"""Faults that say nothing of whether there is an endpoint."""


def trouble_of(exchange: Exchange, scenario: Scenario) -> Trouble | None:
    """Why an exchange says that nothing can be judged here; None where it does not say so.

    A refusal of this or that request is no trouble. A refusal of the key, of the path or of the model is,
    where an answer was expected.
    """
    fault = exchange.fault
    if fault is not None and fault.kind not in ELSEWHERE:
        if fault.kind == "timeout":
            return Trouble("every request timed out", fault.message, "is the endpoint well?")
        mend = "does the server run, and is the base URL right?"
        return Trouble("every request found no endpoint to judge", fault.message, mend)
    if exchange.status is None:
        return None
    refused = _refused(exchange) if scenario.expects == "answer" else None
    return refused or _ailing(exchange, exchange.status) or _unanswered(exchange, scenario)


def agree(troubles: Sequence[Trouble]) -> bool:
    """Whether several exchanges' troubles come to one: who finds fault now here, now there, is well."""
    return len({trouble.gist for trouble in troubles if trouble.gist}) <= 1


def told_together(troubles: Sequence[Trouble]) -> Trouble:
    """Of several exchanges' troubles the one that most of them have, in the words of the first."""
    counted = Counter(trouble.what for trouble in troubles)
    most, _ = counted.most_common(1)[0]
    chosen = next(trouble for trouble in troubles if trouble.what == most)
    return chosen.of_most if len(counted) > 1 else chosen


def _refused(exchange: Exchange) -> Trouble | None:
    """A refusal that no well-formed request escapes: of the key, the model or the path."""
    got, said = f"every request got HTTP {exchange.status}", words_of(exchange)
    if blames_model(exchange):
        return Trouble(
            f"the endpoint does not know the model {model_of(exchange)!r}",
            said,
            "name another with --model",
            mistaken=True,
        )
    if exchange.status in {401, 403}:
        return Trouble(got, said, "is the key right?")
    if exchange.status == 402 or blames_account(exchange):
        return Trouble(got, said, "is the account paid for?")
    if exchange.status in NO_PATH or _blames_path(exchange):
        base = exchange.request.url.partition("?")[0].removesuffix("/responses")
        versioned = re.search(r"/v\d[a-z0-9]*(?:/|$)", urlsplit(base).path)
        asked = (
            "is the path of the base URL {} right?" if versioned else "is /v1 missing from the base URL {}?"
        )
        return Trouble(got, said, asked.format(base), mistaken=True)
    return None


def _ailing(exchange: Exchange, status: int) -> Trouble | None:
    """An answer that is none of an API's, or that says «not now»."""
    got, said = f"every request got HTTP {status}", words_of(exchange)
    if status == 429:
        return Trouble(got, said, "the endpoint wants no requests now: try later, or --requests-per-minute")
    if 300 <= status < 400:
        target = harmless(exchange.header("location") or "nowhere")
        return Trouble(got, f"it redirects to {target}, which is not followed", "is the base URL right?")
    if status >= 500:
        return Trouble(got, said, "the endpoint is not well: try later")
    if is_html(exchange):
        return Trouble(f"{got} with an HTML page", _page_says(exchange), "is the base URL that of the API?")
    return None


def _unanswered(exchange: Exchange, scenario: Scenario) -> Trouble | None:
    """A success without a response where one was expected: nothing at all, or an error that blames no field.

    Some gateways answer so whatever they are asked for, where they know the path or the model no further.
    """
    if exchange.status != 200 or scenario.expects != "answer":
        return None
    got = "every request got HTTP 200 with"
    if not exchange.body.strip():
        return Trouble(f"{got} an empty body", "", "is the base URL that of the API?")
    if not is_error(exchange) or field_named(told_error(exchange).get("param")):
        return None
    said = words_of(exchange)
    gist = " ".join(word for word in said.split() if not re.search(r"\d", word))
    mend = "does the endpoint serve this model and this path?"
    return Trouble(f"{got} an error and no response", said, mend, gist=gist)


def _page_says(exchange: Exchange) -> str:
    """What somebody would read on a page, in one harmless line."""
    page = exchange.body[: 64 * SAID].decode("utf-8", "replace")
    text = harmless(html.unescape(_NO_TEXT.sub(" ", page)))
    return f"the page says: {text}" if text else "the page has no text"


_NO_TEXT = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)|<[^>]*>?", re.IGNORECASE | re.DOTALL)
"""The tags of a page, and what stands in it for the browser alone."""

_NO_ROUTE = re.compile(
    r"\b(?:unknown|invalid|no such|unrecogni[sz]ed)\s+(?:request\s+)?(?:url|uri|path|route|endpoint)\b"
    r"|\bcannot (?:post|find) /|\bno (?:route|endpoint|handler|resource)\b"
    r"|\b(?:url|uri|path|route|endpoint|page|resource)\b[^.;]{0,40}\b(?:not|n't) (?:be )?(?:found|exist)",
    re.IGNORECASE,
)


def _blames_path(exchange: Exchange) -> bool:
    """Whether a 400 says, in prose or in an error that names no field, that there is no such path.

    An error that comes with 200 may say it, too.
    """
    if not (exchange.status == 400 or is_error(exchange)) or field_named(told_error(exchange).get("param")):
        return False
    return _NO_ROUTE.search(words_of(exchange)) is not None
