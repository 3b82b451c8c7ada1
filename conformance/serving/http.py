"""An HTTP/1.1 server on loopback that sends answers as they are told: timed, cut, stalled or closed.

A framework's server answers every request whole; this one also has to break off where a recording does.
"""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import h11

from conformance.serving.answer import Answer, refusal
from conformance.serving.recorded import Asked

HOST = "127.0.0.1"
LARGEST_BODY = 64 << 20
"""Bytes of a request's body."""

PIECE = 65536

Answers = Callable[[Asked], Awaitable[Answer]]


@asynccontextmanager
async def listening(answers: Answers, *, port: int = 0, fast: bool = False) -> AsyncIterator[str]:
    """Serve for as long as the block runs; gives `http://127.0.0.1:PORT`, where it answers already.

    With `fast` no time passes between chunks. Raises OSError where the port is taken, OverflowError where
    there is no such port.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        under_way.add(task)
        # The client's end of it, and this server's: neither is anybody's mistake.
        with contextlib.suppress(ConnectionError, h11.RemoteProtocolError, asyncio.CancelledError):
            await _Connection(reader, writer, answers, fast).run()
        under_way.discard(task)
        writer.close()

    under_way: set[asyncio.Task[None]] = set()
    server = await asyncio.start_server(serve, HOST, port)
    try:
        yield f"http://{HOST}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tuple(under_way):
            task.cancel()
        await asyncio.gather(*under_way)


@contextmanager
def serving(
    answers: Answers, *, fast: bool = False, closing: Callable[[], Awaitable[object]] | None = None
) -> Iterator[str]:
    """Serve in a thread with a loop of its own; gives `http://127.0.0.1:PORT`.

    `closing` is awaited in that loop once nobody is served any more.
    """
    ready: list[str] = []
    began, stop = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def run() -> None:
        async with listening(answers, fast=fast) as address:
            ready.append(address)
            began.set()
            await stop.wait()
        if closing is not None:
            await closing()

    def main() -> None:
        with contextlib.closing(loop):
            try:
                loop.run_until_complete(run())
            finally:
                began.set()

    thread = threading.Thread(target=main, name="serving", daemon=True)
    thread.start()
    began.wait()
    if not ready:
        raise OSError("no port of the loopback interface can be had")
    try:
        yield ready[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=10)


def _asked(head: h11.Request, body: bytes) -> Asked:
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers)
    return Asked(head.method.decode("ascii"), head.target.decode("latin-1"), body, headers)


class _Connection:
    """One connection, request after request."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answers: Answers, fast: bool
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._answers = answers
        self._fast = fast
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)

    async def run(self) -> None:
        """Answer until either side has enough."""
        while (asked := await self._request()) is not None:
            began = asyncio.get_running_loop().time()
            if not await self._send(await self._answers(asked), began, without_body=asked.method == "HEAD"):
                return
            if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
                return
            self._http.start_next_cycle()

    async def _request(self) -> Asked | None:
        """The next request, whole; None where there is none."""
        head: h11.Request | None = None
        body = bytearray()
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                if self._http.they_are_waiting_for_100_continue:
                    await self._write(self._http.send(h11.InformationalResponse(status_code=100, headers=[])))
                self._http.receive_data(await self._reader.read(PIECE))
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > LARGEST_BODY:
                    too_long = refusal(413, f"a body of more than {LARGEST_BODY} bytes", "request_too_large")
                    await self._send(too_long, 0.0)
                    return None
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                return _asked(head, bytes(body))
            else:
                return None

    async def _send(self, answer: Answer, began: float, *, without_body: bool = False) -> bool:
        """Send an answer; gives whether the connection may go on."""
        if answer.status:
            await self._until(began, answer.chunks[0].at if answer.chunks else answer.end)
            headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
            await self._write(self._http.send(h11.Response(status_code=answer.status, headers=headers)))
            for chunk in () if without_body else answer.chunks:
                await self._until(began, chunk.at)
                await self._write(self._http.send(h11.Data(data=chunk.data)))
        await self._until(began, answer.end)
        match answer.ending:
            case "whole":
                await self._write(self._http.send(h11.EndOfMessage()))
                return True
            case "stalled":
                await self._reader.read()  # until the client closes its side
        return False

    async def _until(self, began: float, at: float) -> None:
        """Wait until so many seconds after the request; also without waiting, others get their turn."""
        left = began + at - asyncio.get_running_loop().time()
        await asyncio.sleep(0 if self._fast else max(0.0, left))

    async def _write(self, data: bytes | None) -> None:
        if data:
            self._writer.write(data)
            await self._writer.drain()
