"""Why an endpoint cannot be judged at all: a mistake of the caller's, or an endpoint that is not well."""

import html
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from conformance.exchange import Exchange, FaultKind
from conformance.scenarios.scenario import Scenario

SAID = 200
"""Characters of the server's own words that are told."""

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
            f"the endpoint does not know the model {_model(exchange)!r}",
            said,
            "name another with --model",
            mistaken=True,
        )
    if exchange.status in {401, 403}:
        return Trouble(got, said, "is the key right?")
    if exchange.status == 402 or _blames_account(exchange):
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
        target = _harmless(exchange.header("location") or "nowhere")
        return Trouble(got, f"it redirects to {target}, which is not followed", "is the base URL right?")
    if status >= 500:
        return Trouble(got, said, "the endpoint is not well: try later")
    if _is_html(exchange):
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
    if not _is_error(exchange) or _path(_error(exchange).get("param")):
        return None
    said = words_of(exchange)
    gist = " ".join(word for word in said.split() if not re.search(r"\d", word))
    mend = "does the endpoint serve this model and this path?"
    return Trouble(f"{got} an error and no response", said, mend, gist=gist)


def _is_error(exchange: Exchange) -> bool:
    """Whether the body is an error and nothing else; a response that failed has one beside its output."""
    body = exchange.json.value
    if not isinstance(body, dict) or "output" in body or body.get("object") == "response":
        return False
    return bool(body.get("error"))


def no_wait_mends(exchange: Exchange) -> bool:
    """Whether a refusal that says «later» by its status says by its words that later is no better.

    An account that is not paid for is refused with 429, a model that nobody serves with 503.
    """
    return _blames_account(exchange) or blames_model(exchange)


def blames_model(exchange: Exchange) -> bool:
    """Whether a refusal says that there is no such model as the request names, whatever its status."""
    if exchange.status is None or (exchange.status < 400 and not _is_error(exchange)):
        return False
    error = _error(exchange)
    if _path(error.get("param")) == "model":
        return True
    if any(_MODEL_CODE.fullmatch(_snake(error.get(key))) for key in ("code", "type")):
        return True
    model, said = _model(exchange), words_of(exchange, limit=2000)
    if not model or not said or _path(error.get("param")):
        return False
    names = {model, model.rpartition("/")[2]} - {""}
    name = "|".join(re.escape(known) for known in sorted(names, key=len, reverse=True))
    return any(
        re.search(there.replace("NAME", _NAME.replace("NAME", name)), said, re.IGNORECASE)
        for there in _ABSENT
    )


def words_of(exchange: Exchange, limit: int = SAID) -> str:
    """What a server says of its refusal: one harmless line, cut to size."""
    error = _error(exchange)
    said = next((error[key] for key in ("message", "detail", "msg") if isinstance(error.get(key), str)), "")
    if not said:
        said = "" if _is_html(exchange) else exchange.body[: 4 * limit].decode("utf-8", "replace")
    return _harmless(said, limit)


def _page_says(exchange: Exchange) -> str:
    """What somebody would read on a page, in one harmless line."""
    page = exchange.body[: 64 * SAID].decode("utf-8", "replace")
    text = _harmless(html.unescape(_NO_TEXT.sub(" ", page)))
    return f"the page says: {text}" if text else "the page has no text"


_NO_TEXT = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)|<[^>]*>?", re.IGNORECASE | re.DOTALL)
"""The tags of a page, and what stands in it for the browser alone."""

_MODEL_CODE = re.compile(
    r"(?:model_(?:is_)?(?:not_(?:found|exist|exists|available|supported)|unavailable|unknown|invalid)"
    r"|model_does_not_exist|(?:no_such|unknown|invalid|unsupported)_model(?:_name|_id|_error)?)(?:_error)?"
)
_UNPAID = re.compile(
    r"(?:insufficient_(?:user_)?(?:quota|balance|funds|credits?)|quota_(?:exceeded|exhausted)|payment_required"
    r"|billing_\w+|account_(?:deactivated|suspended|overdue)|arrearage)(?:_error)?"
)
_NAME = r"(?<![\w.-])(?:NAME)(?![\w-]|\.\w)"
_GONE = r"(?:found|exist|available|known|valid|supported|deployed|served|loaded|recogni[sz]ed|configured)"
_NEAR = r"[^.;]{0,60}?"
_ABSENT = (
    # The model "X" does not exist; X is not a valid model; X is unavailable.
    rf"NAME\W{{0,3}}\s+(?:(?:is|was|does|could|can|has)\s+)?"
    rf"(?:(?:not|\w+n't|cannot)\s+(?:be\s+|an?\s+)?{_GONE}|unknown|unavailable|invalid|unsupported"
    r"|been\s+(?:removed|retired|deprecated))",
    # Model not found: X; no such model: X; invalid model name passed in model=X.
    rf"\bmodel\w*\s+(?:(?:is|was|does|could)\s+)?(?:(?:not|\w+n't)\s+(?:be\s+)?{_GONE}|unknown)\b{_NEAR}NAME",
    rf"\b(?:no(?:\s+such)?|unknown|invalid|unsupported|unrecogni[sz]ed)\s+(?:\w+\s+)?model\b{_NEAR}NAME",
    # No available channel for model X; cannot find X; no access to X.
    r"\bno\s+(?:available\s+|healthy\s+)?(?:channel|endpoint|provider|deployment|backend|instance|worker)s?\b"
    rf"{_NEAR}NAME",
    rf"\b(?:(?:cannot|can't|could not|couldn't|failed to)\s+(?:find|load)|access to)\b{_NEAR}NAME",
    # The same in the words of the gateways whose own language is Chinese.
    r"NAME.{0,10}(?:无可用渠道|不存在)",
)
"""How a message says that a model is not there. A value that a model does not take is told otherwise: the
parameter comes first, or the model «does not support» it."""

_NO_ROUTE = re.compile(
    r"\b(?:unknown|invalid|no such|unrecogni[sz]ed)\s+(?:request\s+)?(?:url|uri|path|route|endpoint)\b"
    r"|\bcannot (?:post|find) /|\bno (?:route|endpoint|handler|resource)\b"
    r"|\b(?:url|uri|path|route|endpoint|page|resource)\b[^.;]{0,40}\b(?:not|n't) (?:be )?(?:found|exist)",
    re.IGNORECASE,
)


def _blames_account(exchange: Exchange) -> bool:
    """Whether a refusal is about money: by its code, which no request escapes."""
    error = _error(exchange)
    return any(_UNPAID.fullmatch(_snake(error.get(key))) for key in ("code", "type"))


def _blames_path(exchange: Exchange) -> bool:
    """Whether a 400 says, in prose or in an error that names no field, that there is no such path.

    An error that comes with 200 may say it, too.
    """
    if not (exchange.status == 400 or _is_error(exchange)) or _path(_error(exchange).get("param")):
        return False
    return _NO_ROUTE.search(words_of(exchange)) is not None


def _error(exchange: Exchange) -> dict[str, Any]:
    """What a refusal tells, wherever the provider puts it."""
    body = exchange.json.value
    if not isinstance(body, dict):
        return {}
    error = body.get("error")
    if isinstance(error, str):
        return {**body, "message": error}
    return error if isinstance(error, dict) else body


def _model(exchange: Exchange) -> str:
    sent = exchange.sent_json
    model = sent.get("model") if isinstance(sent, dict) else None
    return model if isinstance(model, str) else ""


def _path(param: object) -> str:
    """The field that a refusal names, without the body in front of it."""
    return param.removeprefix("body.").strip() if isinstance(param, str) else ""


def _snake(word: object) -> str:
    """`ModelNotFound`, `model-not-found` and `MODEL_NOT_FOUND` as `model_not_found`."""
    if not isinstance(word, str):
        return ""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word[:80])
    return re.sub(r"[\s.-]+", "_", apart).lower()


def _harmless(text: str, limit: int = SAID) -> str:
    """Text of a server's as one line that no terminal takes for anything but text."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * limit]).split())
    return line if len(line) <= limit else f"{line[:limit]}…"


def _is_html(exchange: Exchange) -> bool:
    beginning = exchange.body[:200].lstrip().lower()
    return exchange.media_type == "text/html" or beginning.startswith((b"<!doctype html", b"<html"))
