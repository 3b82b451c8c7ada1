"""Whom a refusal blames, in its own words: the model, the account, or what the request says."""

import re
from typing import Any

from conformance.exchange import Exchange

SAID = 200
"""Characters of the server's own words that are told."""

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


def is_error(exchange: Exchange) -> bool:
    """Whether the body is an error and nothing else; a response that failed has one beside its output."""
    body = exchange.json.value
    if not isinstance(body, dict) or "output" in body or body.get("object") == "response":
        return False
    return bool(body.get("error"))


def no_wait_mends(exchange: Exchange) -> bool:
    """Whether a refusal that says «later» by its status says by its words that later is no better.

    An account that is not paid for is refused with 429, a model that nobody serves with 503.
    """
    return blames_account(exchange) or blames_model(exchange)


def blames_model(exchange: Exchange) -> bool:
    """Whether a refusal says that there is no such model as the request names, whatever its status."""
    if exchange.status is None or (exchange.status < 400 and not is_error(exchange)):
        return False
    error = told_error(exchange)
    if field_named(error.get("param")) == "model":
        return True
    if any(_MODEL_CODE.fullmatch(_snake(error.get(key))) for key in ("code", "type")):
        return True
    model, said = model_of(exchange), words_of(exchange, limit=2000)
    if not model or not said or field_named(error.get("param")):
        return False
    names = {model, model.rpartition("/")[2]} - {""}
    name = "|".join(re.escape(known) for known in sorted(names, key=len, reverse=True))
    return any(
        re.search(there.replace("NAME", _NAME.replace("NAME", name)), said, re.IGNORECASE)
        for there in _ABSENT
    )


_TOO_LONG = re.compile(
    r"\bcontext\b[^.;]{0,40}\b(?:window|length|size|limit)\b|\b(?:maximum|max|exceeds?)\b[^.;]{0,40}\bcontext\b",
    re.IGNORECASE,
)


def blames_length(exchange: Exchange) -> bool:
    """Whether a 4xx says that the model holds no more than it does: how much that is nobody promises."""
    if exchange.status is None or not 400 <= exchange.status < 500:
        return False
    coded = _snake(told_error(exchange).get("code")).startswith("context_")
    return coded or _TOO_LONG.search(words_of(exchange)) is not None


def words_of(exchange: Exchange, limit: int = SAID) -> str:
    """What a server says of its refusal: one harmless line, cut to size."""
    error = told_error(exchange)
    said = next((error[key] for key in ("message", "detail", "msg") if isinstance(error.get(key), str)), "")
    if not said:
        said = "" if is_html(exchange) else exchange.body[: 4 * limit].decode("utf-8", "replace")
    return harmless(said, limit)


def blames_account(exchange: Exchange) -> bool:
    """Whether a refusal is about money: by its code, which no request escapes."""
    error = told_error(exchange)
    return any(_UNPAID.fullmatch(_snake(error.get(key))) for key in ("code", "type"))


def told_error(exchange: Exchange) -> dict[str, Any]:
    """What a refusal tells, wherever the provider puts it."""
    body = exchange.json.value
    if not isinstance(body, dict):
        return {}
    error = body.get("error")
    if isinstance(error, str):
        return {**body, "message": error}
    return error if isinstance(error, dict) else body


def model_of(exchange: Exchange) -> str:
    sent = exchange.sent_json
    model = sent.get("model") if isinstance(sent, dict) else None
    return model if isinstance(model, str) else ""


def field_named(param: object) -> str:
    """The field that a refusal names, without the body in front of it."""
    return param.removeprefix("body.").strip() if isinstance(param, str) else ""


def _snake(word: object) -> str:
    """`ModelNotFound`, `model-not-found` and `MODEL_NOT_FOUND` as `model_not_found`."""
    if not isinstance(word, str):
        return ""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word[:80])
    return re.sub(r"[\s.-]+", "_", apart).lower()


def harmless(text: str, limit: int = SAID) -> str:
    """Text of a server's as one line that no terminal takes for anything but text."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * limit]).split())
    return line if len(line) <= limit else f"{line[:limit]}…"


def is_html(exchange: Exchange) -> bool:
    beginning = exchange.body[:200].lstrip().lower()
    return exchange.media_type == "text/html" or beginning.startswith((b"<!doctype html", b"<html"))
