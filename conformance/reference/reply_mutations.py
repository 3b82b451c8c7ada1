"""Makers of hooks for replies on the wire, and for refusals before they get there."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.conversation import Json
from conformance.reference.hooks import Frame, Hooks, Refusal, Reply, Request


def change_replies(how: Callable[[Reply], Reply], *, when: Callable[[Request, Reply], bool]) -> Hooks:
    """Changes the replies that are meant."""
    return Hooks(reply=lambda request, reply: how(reply) if when(request, reply) else reply)


def change_answer_body(how: Callable[[bytes], bytes]) -> Hooks:
    """Changes the bytes of answers that come in one body; their length stays right."""
    return change_replies(lambda reply: reply.with_body(how(reply.body)), when=is_unstreamed_answer)


def server_error(status: int) -> Reply:
    """The server's own failure, well worded."""
    body = b'{"error":{"message":"Oops.","type":"server_error","param":null,"code":null}}'
    headers = (("content-type", "application/json"), ("content-length", str(len(body))))
    return Reply(status, headers, (Frame(body),))


def fail_streams(status: int) -> Callable[[Request, Reply], Reply]:
    """Answers every request for a stream with a failure of the server's."""
    return lambda request, made: server_error(status) if request.streamed else made


def is_stream_reply(_: Request, reply: Reply) -> bool:
    """Whether a reply is an event stream."""
    return "event-stream" in reply.header("content-type")


def is_unstreamed_answer(request: Request, reply: Reply) -> bool:
    """Whether a reply is an answer in one body."""
    return reply.status == 200 and request.method == "POST" and not is_stream_reply(request, reply)


def is_refusal_reply(_: Request, reply: Reply) -> bool:
    """Whether a reply turns the client away."""
    return 400 <= reply.status < 500


def with_media_type(media: str) -> Callable[[Reply], Reply]:
    """Gives a reply another Content-Type."""
    return lambda reply: reply.with_header("content-type", media)


def change_refusals(how: Callable[[Refusal], Refusal]) -> Hooks:
    """Changes every refusal."""
    return Hooks(refusal=lambda _, refusal: how(refusal))


def change_refusal_status(meant: Callable[[Refusal], bool], status: int) -> Hooks:
    """Gives the refusals that are meant another HTTP status."""
    return change_refusals(lambda refusal: replace(refusal, status=status) if meant(refusal) else refusal)


def has_code(code: str) -> Callable[[Refusal], bool]:
    """Means refusals with that code."""
    return lambda refusal: refusal.code == code


def has_status(status: int) -> Callable[[Refusal], bool]:
    """Means refusals with that HTTP status."""
    return lambda refusal: refusal.status == status


def change_envelope(how: Callable[[Json], Any]) -> Hooks:
    """Makes another JSON body of an error's envelope."""
    return Hooks(envelope=lambda _, envelope: how(envelope))


def with_error_members(envelope: Json, **members: Any) -> Json:
    """The envelope with members of its error set."""
    return {"error": {**envelope["error"], **members}}
