"""What is sent for a recorded exchange: its status, headers and timed chunks, and how it ended."""

import re
from dataclasses import dataclass
from typing import Literal

from conformance.exchange import Chunk, Exchange, Headers, encode_json

Ending = Literal[
    "whole",  # as HTTP says
    "cut",  # the connection is closed in the middle of the body
    "stalled",  # nothing more comes, until the client has enough of it
    "closed",  # the connection is closed without an answer
]

HOP_BY_HOP = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"),
        *("te", "trailer", "transfer-encoding", "upgrade"),
    }
)
"""What concerned the recorded connection alone (RFC 9110 section 7.6.1), with what Connection names."""

_ENDS: dict[str, Ending] = {"cut": "cut", "timeout": "stalled", "connect": "closed"}
"""How an exchange ended, by the kind of its fault. Of another kind nothing is left to give."""

_NAME = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(r"(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?")
"""Names and values of headers (RFC 9110 section 5); a recording edited by hand may have others."""


class Unservable(ValueError):
    """An exchange that cannot be given back; the message says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to send, until `end`; its times are seconds since the request.

    `status` is 0 where there is no answer at all.
    """

    status: int
    headers: Headers
    chunks: tuple[Chunk, ...]
    end: float = 0.0
    ending: Ending = "whole"


def answer_of(exchange: Exchange) -> Answer:
    """The answer that an exchange recorded. Raises Unservable where its recording does not hold it."""
    ending = _ending(exchange)
    if exchange.status is None:
        return Answer(0, (), (), exchange.duration, "stalled" if ending == "stalled" else "closed")
    headers = _own(exchange.headers)
    if strange := [
        name for name, value in headers if not (_NAME.fullmatch(name) and _VALUE.fullmatch(value))
    ]:
        raise Unservable(f"its header {strange[0]!r} is none that HTTP can carry")
    if not 200 <= exchange.status <= 999:
        raise Unservable(f"its status is {exchange.status}")
    coded = any(name.lower() == "content-encoding" for name, _ in headers)
    length = exchange.header("content-length") or ""
    size = len(exchange.body)
    fits = length.isdecimal() and (int(length) == size if ending == "whole" else int(length) > size)
    if coded or not fits:  # the recording has the body decoded, and then nobody knows the length of it all
        headers = _without(headers, {"content-encoding", "content-length"})
    return Answer(exchange.status, headers, exchange.chunks, exchange.duration, ending)


def refusal(status: int, message: str, code: str, headers: Headers = ()) -> Answer:
    """The error envelope: this server's own word, in no recording."""
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    body = encode_json({"error": error})
    basic = (("content-type", "application/json"), ("content-length", str(len(body))))
    return Answer(status, (*basic, *headers), (Chunk(0.0, body),))


def plain(text: str) -> Answer:
    """A text."""
    data = text.encode()
    headers = (("content-type", "text/plain; charset=utf-8"), ("content-length", str(len(data))))
    return Answer(200, headers, (Chunk(0.0, data),))


def _ending(exchange: Exchange) -> Ending:
    if exchange.hung_up:
        return "cut"
    if exchange.fault is None:
        if exchange.status is None:
            raise Unservable("it has no answer")
        return "whole"
    if exchange.fault.kind not in _ENDS:
        raise Unservable(f"it holds no answer: {exchange.fault.message}")
    return _ENDS[exchange.fault.kind]


def _own(headers: Headers) -> Headers:
    """The headers that are the answer's, not the recorded connection's."""
    named = (value.split(",") for name, value in headers if name.lower() == "connection")
    return _without(headers, HOP_BY_HOP | {word.strip().lower() for words in named for word in words})


def _without(headers: Headers, names: frozenset[str] | set[str]) -> Headers:
    return tuple((name, value) for name, value in headers if name.lower() not in names)
