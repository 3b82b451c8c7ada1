"""Runs a connection handler on a loopback port of its own, in a thread with an event loop."""

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """One request as a server reads it; header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Handler = Callable[["Connection"], Awaitable[None]]


@dataclass
class Connection:
    """One accepted connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    served: "Served"

    async def request(self) -> Request:
        """Read one request; raises EOFError where the client sends none."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        pairs = (line.partition(":") for line in lines if line)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        body = await self.reader.readexactly(int(headers.get("content-length") or 0))
        method, target, _ = first.split(" ")
        request = Request(method, target, headers, body)
        self.served.requests.append(request)
        return request

    async def send(self, data: bytes) -> None:
        """Write and wait until it is on its way."""
        self.writer.write(data)
        await self.writer.drain()

    async def answer(
        self, body: bytes, status: int = 200, media_type: str = "application/json", *headers: str
    ) -> None:
        """A whole answer."""
        lines = [
            f"HTTP/1.1 {status} X",
            f"Content-Type: {media_type}",
            f"Content-Length: {len(body)}",
            *headers,
        ]
        await self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    async def begin(self, *headers: str, status: int = 200) -> None:
        """The head of an answer that ends with the connection."""
        await self.send(
            "\r\n".join([f"HTTP/1.1 {status} X", *headers, "Connection: close"]).encode() + b"\r\n\r\n"
        )


@dataclass
class Served:
    """A running server: its base URL, the requests that it has read, and a sign that a test may give it."""

    base_url: str = ""
    connections: int = 0
    requests: list[Request] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(handler: Handler, context: ssl.SSLContext | None = None) -> Iterator[Served]:
    """Serve until the block ends; each connection is handled again and again until the handler fails."""
    served = Served()
    ready = threading.Event()
    loop = asyncio.new_event_loop()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.connections += 1
        with suppress(OSError, EOFError, asyncio.CancelledError, ssl.SSLError):
            while not writer.is_closing():
                await handler(Connection(reader, writer, served))
        with suppress(RuntimeError):
            writer.close()

    async def listen() -> asyncio.Server:
        return await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)

    def run() -> None:
        asyncio.set_event_loop(loop)
        server = loop.run_until_complete(listen())
        scheme = "https" if context else "http"
        served.base_url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        ready.set()
        loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10), "the server did not start"
    try:
        yield served
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
