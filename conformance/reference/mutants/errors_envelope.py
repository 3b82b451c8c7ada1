"""Mutants of the error's envelope: its shape, its members, its encoding."""

from conformance.reference.conversation import Json
from conformance.reference.hooks import Hooks, Reply, Request
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.reply_mutations import (
    change_envelope,
    change_replies,
    is_refusal_reply,
    with_error_members,
    with_media_type,
)


def _plain_401(_: Request, reply: Reply) -> Reply:
    if reply.status != 401:
        return reply
    return reply.with_body(b"Unauthorized").with_header("content-type", "text/plain")


def _elsewhere(request: Request, reply: Reply) -> Reply:
    at_collection = request.method == "POST" and request.path == "/responses"
    return reply if at_collection else _texted(request, reply)


def _twice_keyed(_: Request, reply: Reply) -> Reply:
    if not _refused(reply):
        return reply
    return reply.with_body(reply.body.replace(b'{"error":', b'{"error":null,"error":', 1))


def _billed(envelope: Json) -> Json:
    return {**envelope, "usage": {"input_tokens": 8, "output_tokens": 15, "total_tokens": 23}}


def _traced(envelope: Json) -> Json:
    trace = 'Traceback (most recent call last):\n  File "/srv/app.py", line 7, in handle\nValueError'
    return with_error_members(envelope, message=trace)


def _less(envelope: Json, key: str) -> Json:
    return {"error": {k: v for k, v in envelope["error"].items() if k != key}}


def _refused(reply: Reply) -> bool:
    return 400 <= reply.status < 500


def _texted(_: Request, reply: Reply) -> Reply:
    return (
        reply.with_body(b"Bad Request").with_header("content-type", "text/plain")
        if _refused(reply)
        else reply
    )


def _paged(_: Request, reply: Reply) -> Reply:
    if not _refused(reply):
        return reply
    return reply.with_body(b"<html><h1>Bad Request</h1></html>").with_header("content-type", "text/html")


def _silent(_: Request, reply: Reply) -> Reply:
    return reply.with_body(b"") if _refused(reply) else reply


_ELSEWHERE = Hooks(reply=_elsewhere)


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "key-refused-without-envelope",
        "answers 401 with plain text",
        requirement="error.envelope",
        hooks=Hooks(reply=_plain_401),
    ),
    Mutant(
        "error-plain-text",
        "tells errors as plain text",
        requirement="error.envelope",
        hooks=Hooks(reply=_texted),
    ),
    Mutant("error-page", "tells errors as a page", requirement="error.envelope", hooks=Hooks(reply=_paged)),
    Mutant(
        "error-no-body",
        "turns requests away without a word",
        requirement="error.envelope",
        hooks=Hooks(reply=_silent),
    ),
    Mutant(
        "error-flat",
        "tells errors without an envelope",
        requirement="error.envelope",
        hooks=change_envelope(lambda e: e["error"]),
    ),
    Mutant(
        "error-a-string",
        "tells an error as a string",
        requirement="error.envelope",
        hooks=change_envelope(lambda e: {"error": e["error"]["message"]}),
    ),
    Mutant(
        "error-detail",
        "tells errors as `detail`",
        requirement="error.envelope",
        hooks=change_envelope(lambda e: {"detail": e["error"]["message"]}),
    ),
    Mutant(
        "error-null",
        "tells a null error",
        requirement="error.envelope",
        hooks=change_envelope(lambda _: {"error": None}),
    ),
    Mutant(
        "error-empty",
        "tells an empty object",
        requirement="error.envelope",
        hooks=change_envelope(lambda _: {}),
    ),
    Mutant(
        "error-in-list",
        "tells a list of errors",
        requirement="error.envelope",
        hooks=change_envelope(lambda e: [e]),
    ),
    Mutant(
        "error-message-missing",
        "leaves the message out",
        requirement="error.envelope",
        hooks=change_envelope(lambda e: _less(e, "message")),
    ),
    Mutant(
        "error-message-empty",
        "leaves the message empty",
        requirement="error.envelope",
        hooks=change_envelope(lambda e: with_error_members(e, message="")),
    ),
    Mutant(
        "error-message-an-object",
        "tells the message as an object",
        requirement="error.envelope",
        hooks=change_envelope(lambda e: with_error_members(e, message={"text": "x"})),
    ),
    Mutant(
        "error-elsewhere-plain",
        "tells errors of other paths as text",
        requirement="error.envelope-elsewhere",
        hooks=_ELSEWHERE,
    ),
    Mutant(
        "error-typed-html",
        "calls an error text/html",
        requirement="error.content-type",
        hooks=change_replies(with_media_type("text/html"), when=is_refusal_reply),
    ),
    Mutant(
        "error-keys-twice",
        "repeats a key in its errors",
        requirement="error.strict-json",
        hooks=Hooks(reply=_twice_keyed),
    ),
    Mutant(
        "error-type-missing",
        "leaves the type out",
        requirement="error.type",
        hooks=change_envelope(lambda e: _less(e, "type")),
    ),
    Mutant(
        "error-type-null",
        "gives no type",
        requirement="error.type",
        hooks=change_envelope(lambda e: with_error_members(e, type=None)),
    ),
    Mutant(
        "error-code-missing",
        "leaves the code out",
        requirement="error.code-and-param",
        hooks=change_envelope(lambda e: _less(e, "code")),
    ),
    Mutant(
        "error-code-a-number",
        "gives the status as the code",
        requirement="error.code-and-param",
        hooks=change_envelope(lambda e: with_error_members(e, code=400)),
    ),
    Mutant(
        "error-without-param",
        "leaves param out",
        requirement="error.code-and-param",
        hooks=change_envelope(lambda e: _less(e, "param")),
    ),
    Mutant(
        "error-param-a-list",
        "gives param as a path of steps",
        requirement="error.code-and-param",
        hooks=change_envelope(lambda e: with_error_members(e, param=["body", "x"])),
    ),
    Mutant(
        "error-traced",
        "shows where it broke",
        requirement="error.nothing-exposed",
        hooks=change_envelope(_traced),
    ),
    Mutant(
        "error-billed",
        "bills what it refuses",
        requirement="error.bills-nothing",
        hooks=change_envelope(_billed),
    ),
)
