"""Mutants of unstreamed bodies: bytes that are no JSON, or not the JSON that was meant."""

import gzip
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from conformance.reference.events import encoded
from conformance.reference.hooks import Reply
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutants.wire import is_unstreamed_answer
from conformance.reference.mutations import change_replies


def body_mutants() -> Iterator[Mutant]:
    """Bodies cut, doubled, wrapped, encoded otherwise."""
    for name, line, requirement, how in _BODIES:
        yield Mutant(name, line, requirement, change_replies(_rewritten(how), when=is_unstreamed_answer))
    yield Mutant(
        "body-length-wrong",
        "promises more bytes than it sends",
        "response.body",
        change_replies(_promising, when=is_unstreamed_answer),
    )
    yield Mutant(
        "gzip-untold",
        "compresses without saying so",
        "response.body",
        change_replies(_gzipped, when=is_unstreamed_answer),
    )


def _rewritten(how: Callable[[bytes], bytes]) -> Callable[[Reply], Reply]:
    return lambda reply: reply.with_body(how(reply.body))


def _promising(reply: Reply) -> Reply:
    return replace(reply.with_header("content-length", str(len(reply.body) + 100)), cut=True)


def _gzipped(reply: Reply) -> Reply:
    return reply.with_body(gzip.compress(reply.body))


_BODIES: tuple[Any, ...] = (
    ("body-empty", "answers 200 with nothing", "response.body", lambda _: b""),
    ("body-cut", "answers with half a JSON text", "response.body", lambda b: b[: len(b) // 2]),
    ("body-twice", "answers with two JSON texts", "response.body", lambda b: b + b),
    ("body-array", "answers with an array", "response.body", lambda b: b"[" + b + b"]"),
    ("body-html", "answers with a page", "response.body", lambda _: b"<html>It works!</html>"),
    (
        "body-encoded-twice",
        "answers with JSON inside a JSON string",
        "response.body",
        lambda b: encoded(b.decode()),
    ),
    (
        "body-nan",
        "answers with NaN for a number",
        "response.strict-json",
        lambda b: b.replace(b'"temperature":1', b'"temperature":NaN'),
    ),
    (
        "body-duplicate-key",
        "repeats a key",
        "response.strict-json",
        lambda b: b.replace(b'{"id":', b'{"id":"resp_0","id":', 1),
    ),
    (
        "body-utf-8-broken",
        "answers with bytes that are no UTF-8",
        "response.strict-json",
        lambda b: b.replace(b'"object"', b'"note":"\xff","object"', 1),
    ),
    (
        "body-latin-1",
        "encodes texts as Latin-1",
        "response.strict-json",
        lambda b: b.decode().encode("latin-1", "replace"),
    ),
    (
        "body-bom",
        "puts a byte order mark before the JSON",
        "response.strict-json",
        lambda b: b"\xef\xbb\xbf" + b,
    ),
    (
        "body-wrapped",
        "wraps the response into an envelope",
        "response.object",
        lambda b: b'{"code":0,"data":' + b + b"}",
    ),
    (
        "mojibake",
        "decodes texts with the wrong code page",
        "response.text-unharmed",
        lambda b: b.decode().encode("utf-8").decode("latin-1").encode(),
    ),
    (
        "ascii-only",
        "puts question marks for what is not ASCII",
        "response.text-unharmed",
        lambda b: b.decode().encode("ascii", "replace"),
    ),
)
