"""Mutants of unstreamed bodies: bytes that are no JSON, statuses and media types of answers."""

import gzip
from collections.abc import Callable
from dataclasses import replace

from conformance.reference.events import encoded
from conformance.reference.hooks import Hooks, Reply, Request
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import When
from conformance.reference.reply_mutations import (
    change_answer_body,
    change_refusal_status,
    change_replies,
    has_code,
    is_refusal_reply,
    is_stream_reply,
    is_unstreamed_answer,
    with_media_type,
)


def _refusal_in_200(request: Request, reply: Reply) -> Reply:
    return (
        replace(reply, status=200)
        if is_refusal_reply(request, reply) and request.method == "POST" and reply.status != 401
        else reply
    )


def _promising(reply: Reply) -> Reply:
    return replace(reply.with_header("content-length", str(len(reply.body) + 100)), cut=True)


def _gzipped(reply: Reply) -> Reply:
    return reply.with_body(gzip.compress(reply.body))


def _replied(how: Callable[[Reply], Reply], when: When) -> Hooks:
    return Hooks(reply=lambda request, reply: how(reply) if when(request) else reply)


def _created(request: Request) -> bool:
    return request.method == "POST" and request.path == "/responses"


def _thinking(request: Request) -> bool:
    return _created(request) and "summary" in (request.body.get("reasoning") or {}) and not request.streamed


def _of_unknown_model(request: Request) -> bool:
    sent = request.sent
    return _created(request) and isinstance(sent, dict) and "gpt-5.2" not in str(sent.get("model", "gpt-5.2"))


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "body-length-wrong",
        "promises more bytes than it sends",
        requirement="response.body",
        hooks=change_replies(_promising, when=is_unstreamed_answer),
    ),
    Mutant(
        "gzip-untold",
        "compresses without saying so",
        requirement="response.body",
        hooks=change_replies(_gzipped, when=is_unstreamed_answer),
    ),
    Mutant(
        "body-empty",
        "answers 200 with nothing",
        requirement="response.body",
        hooks=change_answer_body(lambda _: b""),
    ),
    Mutant(
        "body-null",
        "answers with null",
        requirement="response.body",
        hooks=change_answer_body(lambda _: b"null"),
    ),
    Mutant(
        "body-cut",
        "answers with half a JSON text",
        requirement="response.body",
        hooks=change_answer_body(lambda b: b[: len(b) // 2]),
    ),
    Mutant(
        "body-twice",
        "answers with two JSON texts",
        requirement="response.body",
        hooks=change_answer_body(lambda b: b + b),
    ),
    Mutant(
        "body-array",
        "answers with an array",
        requirement="response.body",
        hooks=change_answer_body(lambda b: b"[" + b + b"]"),
    ),
    Mutant(
        "body-html",
        "answers with a page",
        requirement="response.body",
        hooks=change_answer_body(lambda _: b"<html>It works!</html>"),
    ),
    Mutant(
        "body-encoded-twice",
        "answers with JSON inside a JSON string",
        requirement="response.body",
        hooks=change_answer_body(lambda b: encoded(b.decode())),
    ),
    Mutant(
        "body-nan",
        "answers with NaN for a number",
        requirement="response.strict-json",
        hooks=change_answer_body(lambda b: b.replace(b'"temperature":1', b'"temperature":NaN')),
    ),
    Mutant(
        "body-duplicate-key",
        "repeats a key",
        requirement="response.strict-json",
        hooks=change_answer_body(lambda b: b.replace(b'{"id":', b'{"id":"resp_0","id":', 1)),
    ),
    Mutant(
        "body-utf-8-broken",
        "answers with bytes that are no UTF-8",
        requirement="response.strict-json",
        hooks=change_answer_body(lambda b: b.replace(b'"object"', b'"note":"\xff","object"', 1)),
    ),
    Mutant(
        "body-latin-1",
        "encodes texts as Latin-1",
        requirement="response.strict-json",
        hooks=change_answer_body(lambda b: b.decode().encode("latin-1", "replace")),
    ),
    Mutant(
        "body-bom",
        "puts a byte order mark before the JSON",
        requirement="response.strict-json",
        hooks=change_answer_body(lambda b: b"\xef\xbb\xbf" + b),
    ),
    Mutant(
        "answer-typed-html",
        "calls JSON text/html",
        requirement="response.content-type",
        hooks=change_replies(with_media_type("text/html"), when=is_unstreamed_answer),
    ),
    Mutant(
        "answer-typed-text",
        "calls JSON text/plain",
        requirement="response.content-type",
        hooks=change_replies(with_media_type("text/plain"), when=is_unstreamed_answer),
    ),
    Mutant(
        "answer-untyped",
        "does not say what a body is",
        requirement="response.content-type",
        hooks=change_replies(lambda r: r.without("content-type"), when=is_unstreamed_answer),
    ),
    Mutant(
        "answer-created-201",
        "answers with 201",
        requirement="response.http-status",
        hooks=change_replies(lambda r: replace(r, status=201), when=is_unstreamed_answer),
    ),
    Mutant(
        "answer-accepted-202",
        "answers with 202",
        requirement="response.http-status",
        hooks=change_replies(lambda r: replace(r, status=202), when=is_unstreamed_answer),
    ),
    Mutant(
        "thoughts-created-201",
        "answers with 201 where it thought",
        requirement="response.http-status",
        hooks=_replied(lambda r: replace(r, status=201) if r.status == 200 else r, _thinking),
    ),
    Mutant(
        "error-200",
        "tells a refusal with status 200",
        requirement="response.no-error-in-200",
        hooks=Hooks(reply=_refusal_in_200),
    ),
    Mutant(
        "unknown-model-refused-in-200",
        "refuses an unknown model with status 200",
        requirement="response.no-error-in-200",
        hooks=_replied(lambda r: replace(r, status=200), _of_unknown_model),
    ),
    Mutant(
        "unknown-model-200",
        "answers an unknown model with status 200",
        requirement="response.no-error-in-200",
        hooks=change_refusal_status(has_code("model_not_found"), 200),
    ),
    Mutant(
        "stream-created-201",
        "answers a stream with 201",
        requirement="response.http-status",
        hooks=change_replies(lambda r: replace(r, status=201), when=is_stream_reply),
    ),
)
