"""Variants of JSON bodies and headers: the same values in other bytes."""

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.events import DONE
from conformance.reference.hooks import Frame, Hooks, Reply, Request
from conformance.reference.mutations import combine
from conformance.reference.reply_mutations import change_replies, with_media_type
from conformance.reference.stream_mutations import change_frame_bytes
from conformance.reference.variants.variant import Variant


def _is_json(_: Request, reply: Reply) -> bool:
    return reply.header("content-type").startswith("application/json")


def _anything(_: Request, reply: Reply) -> bool:
    return reply.status > 0


def _rewritten(how: Callable[[Any], bytes]) -> Hooks:
    return change_replies(lambda reply: reply.with_body(how(json.loads(reply.body))), when=_is_json)


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reversed(value[key]) for key in reversed(value)}
    return [_reversed(item) for item in value] if isinstance(value, list) else value


def _as_floats(value: Any) -> Any:
    """`temperature` and its like as 1.0 where they are 1."""
    if isinstance(value, list):
        return [_as_floats(item) for item in value]
    if not isinstance(value, dict):
        return value
    numbers = {"temperature", "top_p", "frequency_penalty", "presence_penalty"}
    return {
        key: float(inner) if key in numbers and isinstance(inner, int) else _as_floats(inner)
        for key, inner in value.items()
    }


def _compact(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _in_stream(how: Callable[[Any], Any]) -> Hooks:
    def change(data: bytes) -> bytes:
        head, mark, body = data.partition(b"data: ")
        return data if data == DONE else head + mark + _compact(how(json.loads(body))) + b"\n\n"

    return change_frame_bytes(change)


def _spelled(how: Callable[[str], str]) -> Callable[[Reply], Reply]:
    return lambda reply: replace(reply, headers=tuple((how(name), value) for name, value in reply.headers))


def _gzipped(reply: Reply) -> Reply:
    return reply.with_body(gzip.compress(reply.body)).with_header("content-encoding", "gzip")


VARIANTS: tuple[Variant, ...] = (
    Variant(
        "keys-reversed",
        "writes every object's keys in another order",
        hooks=combine(_rewritten(lambda v: _compact(_reversed(v))), _in_stream(_reversed)),
    ),
    Variant(
        "pretty-printed",
        "writes JSON over many lines",
        hooks=_rewritten(lambda v: json.dumps(v, ensure_ascii=False, indent=4).encode() + b"\n"),
    ),
    Variant("escaped-json", "escapes what is not ASCII", hooks=_rewritten(lambda v: json.dumps(v).encode())),
    Variant(
        "numbers-as-floats",
        "writes 1.0 for 1 where any number may stand",
        hooks=combine(_rewritten(lambda v: _compact(_as_floats(v))), _in_stream(_as_floats)),
    ),
    Variant(
        "trailing-newline",
        "ends bodies with a line end",
        hooks=change_replies(lambda r: r.with_body(r.body + b"\n"), when=_is_json),
    ),
    Variant(
        "charset-utf-8",
        "names the charset",
        hooks=change_replies(with_media_type("application/json; charset=utf-8"), when=_is_json),
    ),
    Variant(
        "charset-upper-case",
        "names the charset in capitals",
        hooks=change_replies(with_media_type("Application/JSON;charset=UTF-8"), when=_is_json),
    ),
    Variant(
        "header-names-upper-case",
        "spells header names in capitals",
        hooks=change_replies(_spelled(str.upper), when=_anything),
    ),
    Variant(
        "header-names-title-case",
        "spells header names in title case",
        hooks=change_replies(_spelled(str.title), when=_anything),
    ),
    Variant("gzip", "compresses bodies", hooks=change_replies(_gzipped, when=_is_json)),
    Variant(
        "connection-close",
        "closes the connection after each answer",
        hooks=change_replies(lambda r: r.with_header("connection", "close"), when=_anything),
    ),
    Variant(
        "chunked-json",
        "sends JSON chunked",
        hooks=change_replies(
            lambda r: replace(r.without("content-length"), frames=(Frame(r.body[:20]), Frame(r.body[20:]))),
            when=_is_json,
        ),
    ),
    Variant(
        "further-headers",
        "sends headers of its own",
        hooks=change_replies(
            lambda r: r.with_header("x-ratelimit-remaining", "17").with_header("set-cookie", "a=b"),
            when=_anything,
        ),
    ),
    Variant(
        "no-request-id",
        "sends no request id",
        hooks=change_replies(lambda r: r.without("x-request-id"), when=_anything),
    ),
)
