"""Mutants of authorization: who is let in, and how others are turned away."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from conformance.reference.hooks import Frame, Hooks, Refusal, Reply, Request
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import change_refusals
from conformance.reference.validation import refusal_of


def _given(request: Request) -> str:
    return request.headers.get("authorization", "")


MODEL = "gpt-5.2"


def authorization_mutants() -> Iterator[Mutant]:
    """Ways past the key, then wrong ways to ask for it."""
    for name, line, requirement, lets_in in _AUTHORIZATION:
        yield Mutant(name, line, requirement, _letting_in(lets_in))
    for name, line, requirement, hooks in _AUTHORIZATION_2:
        yield Mutant(name, line, requirement, hooks)


def _letting_in(meant: Callable[[str], bool]) -> Hooks:
    return Hooks(authorize=lambda request, found: None if meant(_given(request)) else found)


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


def _plain_401(_: Request, reply: Reply) -> Reply:
    if reply.status != 401:
        return reply
    return reply.with_body(b"Unauthorized").with_header("content-type", "text/plain")


def _login(_: Request, reply: Reply) -> Reply:
    if reply.status != 401:
        return reply
    return Reply(302, (("location", "/login"), ("content-length", "0")), (Frame(b""),))


def _telling_key(request: Request, refusal: Refusal) -> Refusal:
    return replace(refusal, message=f"{refusal.message} ({_given(request)})")


def _telling_wrong_key(request: Request, refusal: Refusal) -> Refusal:
    return _telling_key(request, refusal) if refusal.status == 401 else refusal


_AUTHORIZATION: tuple[Any, ...] = (
    ("no-key-accepted", "answers whoever sends no key", "authorization.missing", lambda g: g == ""),
    (
        "empty-key-accepted",
        "answers an empty Authorization",
        "authorization.empty",
        lambda g: g.strip() == "",
    ),
    (
        "bare-bearer-accepted",
        "answers `Bearer` without a token",
        "authorization.bare",
        lambda g: g.strip().lower() == "bearer",
    ),
    (
        "any-key-accepted",
        "answers whatever the token",
        "authorization.wrong",
        lambda g: g.lower().startswith("bearer "),
    ),
    (
        "basic-accepted",
        "answers another scheme",
        "authorization.basic",
        lambda g: g.lower().startswith("basic"),
    ),
)

_AUTHORIZATION_2: tuple[Any, ...] = (
    (
        "raw-key-accepted",
        "takes the key without a scheme",
        "authorization.raw",
        Hooks(authorize=_raw_taken),
    ),
    (
        "challenge-missing",
        "does not say how to authorize",
        "authorization.challenge",
        _on_401(lambda r: replace(r, headers=())),
    ),
    (
        "lower-case-bearer-refused",
        "takes `Bearer` in this case only",
        "authorization.scheme-case",
        _lower_case_refused(),
    ),
    (
        "body-before-key",
        "judges the body before the key",
        "authorization.first",
        Hooks(authorize=_body_first),
    ),
    (
        "key-refused-403",
        "turns a missing key away with 403",
        "authorization.missing",
        _on_401(lambda r: replace(r, status=403)),
    ),
    (
        "key-refused-400",
        "turns a missing key away with 400",
        "authorization.missing",
        _on_401(lambda r: replace(r, status=400)),
    ),
    (
        "key-refused-500",
        "answers a missing key with 500",
        "authorization.missing",
        _on_401(lambda r: replace(r, status=500)),
    ),
    (
        "key-refused-404",
        "answers a missing key with 404",
        "authorization.missing",
        _on_401(lambda r: replace(r, status=404)),
    ),
    (
        "key-refused-without-envelope",
        "answers 401 with plain text",
        "error.envelope",
        Hooks(reply=_plain_401),
    ),
    (
        "key-redirected",
        "sends a missing key to a login page",
        "authorization.missing",
        Hooks(reply=_login),
    ),
    (
        "key-repeated",
        "repeats the key in its refusals",
        "authorization.key-not-repeated",
        Hooks(refusal=_telling_key),
    ),
    (
        "wrong-key-repeated",
        "repeats the wrong key in its refusal",
        "authorization.key-not-repeated",
        Hooks(refusal=_telling_wrong_key),
    ),
)
