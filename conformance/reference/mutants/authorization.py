"""Mutants of authorization: who is let in, and how others are turned away."""

import json
from collections.abc import Callable
from dataclasses import replace

from conformance.reference.hooks import Frame, Hooks, Refusal, Reply, Request
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.reply_mutations import change_refusals
from conformance.reference.validation import refusal_of


def _given(request: Request) -> str:
    return request.headers.get("authorization", "")


MODEL = "gpt-5.2"


def _letting_in(meant: Callable[[str], bool]) -> Hooks:
    return Hooks(authorize=lambda request, found: None if meant(_given(request)) else found)


def _empty_taken(request: Request, found: Refusal | None) -> Refusal | None:
    empty = "authorization" in request.headers and not _given(request).strip()
    return None if empty else found


def _lower_case_refused() -> Hooks:
    refusal = Refusal(401, "Invalid scheme.", "authentication_error", code="invalid_api_key")
    return Hooks(authorize=lambda request, found: refusal if _given(request).startswith("bearer") else found)


def _raw_taken(request: Request, found: Refusal | None) -> Refusal | None:
    given = _given(request)
    return None if given and " " not in given and given.lower() != "bearer" else found


def _body_first(request: Request, found: Refusal | None) -> Refusal | None:
    try:
        body = json.loads(request.raw)
    except ValueError:
        body = None
    if found is None or (isinstance(body, dict) and refusal_of(body, (MODEL,)) is None):
        return found
    return Refusal(400, "The body is wrong.", code="invalid_value")


def _on_401(how: Callable[[Refusal], Refusal]) -> Hooks:
    return change_refusals(lambda refusal: how(refusal) if refusal.status == 401 else refusal)


def _login(_: Request, reply: Reply) -> Reply:
    if reply.status != 401:
        return reply
    return Reply(302, (("location", "/login"), ("content-length", "0")), (Frame(b""),))


def _telling_key(request: Request, refusal: Refusal) -> Refusal:
    return replace(refusal, message=f"{refusal.message} ({_given(request)})")


def _telling_wrong_key(request: Request, refusal: Refusal) -> Refusal:
    return _telling_key(request, refusal) if refusal.status == 401 else refusal


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "no-key-accepted",
        "answers whoever sends no key",
        requirement="authorization.missing",
        hooks=_letting_in(lambda g: g == ""),
    ),
    Mutant(
        "no-authorization",
        "answers whoever asks",
        requirement="authorization.missing",
        hooks=_letting_in(lambda _: True),
    ),
    Mutant(
        "key-refused-403",
        "turns a missing key away with 403",
        requirement="authorization.missing",
        hooks=_on_401(lambda r: replace(r, status=403)),
    ),
    Mutant(
        "key-refused-400",
        "turns a missing key away with 400",
        requirement="authorization.missing",
        hooks=_on_401(lambda r: replace(r, status=400)),
    ),
    Mutant(
        "key-refused-404",
        "answers a missing key with 404",
        requirement="authorization.missing",
        hooks=_on_401(lambda r: replace(r, status=404)),
    ),
    Mutant(
        "key-redirected",
        "sends a missing key to a login page",
        requirement="authorization.missing",
        hooks=Hooks(reply=_login),
    ),
    Mutant(
        "empty-key-accepted",
        "answers an empty Authorization",
        requirement="authorization.empty",
        hooks=Hooks(authorize=_empty_taken),
    ),
    Mutant(
        "bare-bearer-accepted",
        "answers `Bearer` without a token",
        requirement="authorization.bare",
        hooks=_letting_in(lambda g: g.strip().lower() == "bearer"),
    ),
    Mutant(
        "any-key-accepted",
        "answers whatever the token",
        requirement="authorization.wrong",
        hooks=_letting_in(lambda g: g.lower().startswith("bearer ")),
    ),
    Mutant(
        "basic-accepted",
        "answers another scheme",
        requirement="authorization.basic",
        hooks=_letting_in(lambda g: g.lower().startswith("basic")),
    ),
    Mutant(
        "lower-case-bearer-refused",
        "takes `Bearer` in this case only",
        requirement="authorization.scheme-case",
        hooks=_lower_case_refused(),
    ),
    Mutant(
        "raw-key-accepted",
        "takes the key without a scheme",
        requirement="authorization.raw",
        hooks=Hooks(authorize=_raw_taken),
    ),
    Mutant(
        "body-before-key",
        "judges the body before the key",
        requirement="authorization.first",
        hooks=Hooks(authorize=_body_first),
    ),
    Mutant(
        "challenge-missing",
        "does not say how to authorize",
        requirement="authorization.challenge",
        hooks=_on_401(lambda r: replace(r, headers=())),
    ),
    Mutant(
        "key-repeated",
        "repeats the key in its refusals",
        requirement="authorization.key-not-repeated",
        hooks=Hooks(refusal=_telling_key),
    ),
    Mutant(
        "wrong-key-repeated",
        "repeats the wrong key in its refusal",
        requirement="authorization.key-not-repeated",
        hooks=Hooks(refusal=_telling_wrong_key),
    ),
)
