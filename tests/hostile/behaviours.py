"""What the hostile servers do, one function each."""

import asyncio
import json
import zlib
from functools import cache

from tests.hostile.serving import Connection

ANSWER = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1773132155,
    "model": "gpt-5.2",
    "status": "completed",
    "output": [
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": "Hello there", "annotations": []}],
        }
    ],
    "usage": {
        "input_tokens": 8,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 15,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 23,
    },
}


async def never_answers(connection: Connection) -> None:
    """Reads the request, and says nothing."""
    await connection.request()
    await asyncio.sleep(3600)


async def one_byte_a_second(connection: Connection) -> None:
    """A body that trickles for ever."""
    await connection.request()
    await connection.begin("Content-Type: application/json")
    while True:
        await connection.send(b" ")
        await asyncio.sleep(1)


async def endless_deltas(connection: Connection) -> None:
    """A stream of valid deltas without an end."""
    await connection.request()
    await connection.begin("Content-Type: text/event-stream")
    number = 0
    while True:
        event = {
            "type": "response.output_text.delta",
            "sequence_number": number,
            "item_id": "msg_1",
            "output_index": 0,
            "content_index": 0,
            "delta": "x" * 20,
        }
        await connection.send(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
        number += 1


async def endless_line(connection: Connection) -> None:
    """A stream whose first line never ends."""
    await connection.request()
    await connection.begin("Content-Type: text/event-stream")
    await connection.send(b"data: ")
    while True:
        await connection.send(b"x" * 65536)


async def huge_body(connection: Connection) -> None:
    """300 MB, announced and sent."""
    await connection.request()
    size = 300_000_000
    await connection.send(
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {size}\r\n\r\n".encode()
    )
    for _ in range(size // 1_000_000):
        await connection.send(b" " * 1_000_000)


async def gzip_bomb(connection: Connection) -> None:
    """1 GB out of 1 MB."""
    await connection.request()
    await connection.answer(_bomb(), 200, "application/json", "Content-Encoding: gzip")


async def nested_arrays(connection: Connection) -> None:
    """100,000 arrays, each in the one before."""
    await connection.request()
    await connection.answer(b"[" * 100_000 + b"]" * 100_000)


async def long_number(connection: Connection) -> None:
    """A token count of 5,000 digits."""
    await connection.request()
    await connection.answer(json.dumps(ANSWER).encode().replace(b": 15", b": " + b"9" * 5000))


async def lone_surrogates(connection: Connection) -> None:
    """Text that is no text."""
    await connection.request()
    await connection.answer(json.dumps(ANSWER).encode().replace(b"Hello there", b"\\ud800 and \\udfff"))


async def invalid_utf8(connection: Connection) -> None:
    """Bytes that are no UTF-8."""
    await connection.request()
    await connection.answer(json.dumps(ANSWER).encode().replace(b"Hello there", b"\xff\xfe\x80"))


async def resets(connection: Connection) -> None:
    """Resets every connection once the request has come."""
    await connection.request()
    connection.writer.transport.abort()
    raise EOFError


async def empty_200(connection: Connection) -> None:
    """200 with nothing."""
    await connection.request()
    await connection.answer(b"")


async def maintenance_page(connection: Connection) -> None:
    """An HTML page under 200."""
    await connection.request()
    page = b"<!DOCTYPE html><html><body><h1>We are down for maintenance</h1></body></html>"
    await connection.answer(page, 200, "text/html; charset=utf-8")


async def always_500(connection: Connection) -> None:
    """500 to everything."""
    await connection.request()
    await connection.answer(b"Internal Server Error", 500, "text/plain")


async def always_429(connection: Connection) -> None:
    """429 for ever."""
    await connection.request()
    await connection.answer(b'{"error":{"message":"slow down","type":"too_many_requests"}}', 429)


async def retry_after_a_day(connection: Connection) -> None:
    """429, come again tomorrow."""
    await connection.request()
    await connection.answer(
        b'{"error":{"message":"tomorrow"}}', 429, "application/json", "Retry-After: 86400"
    )


async def huge_headers(connection: Connection) -> None:
    """1 MB of headers."""
    await connection.request()
    await connection.send(b"HTTP/1.1 200 OK\r\n")
    for number in range(1000):
        await connection.send(f"X-{number}: {'y' * 1000}\r\n".encode())
    await connection.send(b"Content-Length: 2\r\n\r\n{}")


async def not_http(connection: Connection) -> None:
    """Speaks first, and something else."""
    await connection.send(b"220 mail.example ESMTP ready\r\n")
    await connection.reader.read(1)
    await connection.send(b"500 command not recognized\r\n\r\n")
    await connection.reader.read()
    raise EOFError


async def plain_http(connection: Connection) -> None:
    """Answers whatever comes in plain HTTP, as a server does that is spoken to in TLS."""
    await connection.reader.read(1)
    await connection.answer(b"", 400)
    await connection.reader.read()
    raise EOFError


async def cut_stream(connection: Connection) -> None:
    """Closes in the middle of a chunked stream."""
    await connection.request()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    event = b'event: response.created\ndata: {"type":"response.created"}\n\n'
    await connection.send(head + b"%x\r\n" % len(event) + event + b"\r\n")
    raise EOFError


async def well(connection: Connection) -> None:
    """An answer as it should be, to whatever is asked."""
    await connection.request()
    await connection.answer(json.dumps(ANSWER).encode())


@cache
def _bomb() -> bytes:
    """gzip of 1000 equal pieces of 1 MB; after a full flush each piece is coded alike, so one is repeated."""
    coder = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    first, later = (coder.compress(bytes(1_000_000)) + coder.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    head = b"\x1f\x8b\x08" + bytes(7)
    return head + first + later * 999 + coder.flush(zlib.Z_FINISH) + bytes(8)
