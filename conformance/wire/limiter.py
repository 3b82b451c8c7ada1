"""Who may send when: slots for requests in flight, fewer and later where the server says so."""

import asyncio
import heapq
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

EARLY = 0.002
"""Seconds by which the event loop's clock may wake somebody too early."""


class Limiter:
    """Slots for requests in flight. The most urgent waits the shortest; among equals the first comes first.

    The width halves when the server says «later» and grows back by one for each full round of answers.
    """

    def __init__(self, concurrency: int, requests_per_minute: float | None = None) -> None:
        self._most = max(1, concurrency)
        self._width = float(self._most)
        self._gap = 60.0 / requests_per_minute if requests_per_minute else 0.0
        self._in_flight = 0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._count = 0
        self._next_start = 0.0
        self._held_until = 0.0
        self._halved_at = 0.0
        self.peak = 0

    @property
    def width(self) -> int:
        """How many requests may be in flight now."""
        return int(self._width)

    @asynccontextmanager
    async def slot(self, urgency: int, within: float) -> AsyncIterator[None]:
        """A place among the requests in flight.

        Raises TimeoutError where none comes free within that many seconds.
        """
        taken = False
        try:
            async with asyncio.timeout(max(0.0, within)):
                await self._enter(urgency)
                taken = True
                await self._paced()
            yield
        finally:
            if taken:
                self._in_flight -= 1
                self._admit()

    def too_many(self, began: float) -> None:
        """The server said «later» to a request begun then (monotonic): halve, once for each burst."""
        if began >= self._halved_at:
            self._width = max(1.0, self._width / 2)
            self._halved_at = time.monotonic()

    def hold(self, seconds: float) -> None:
        """Give out no slot for so many seconds."""
        self._held_until = max(self._held_until, time.monotonic() + seconds)
        asyncio.get_running_loop().call_later(seconds, self._admit)

    def answered(self) -> None:
        """A request was answered: recover."""
        self._width = min(float(self._most), self._width + 1 / self._width)
        self._admit()

    @property
    def _free(self) -> bool:
        return self._in_flight < self.width and time.monotonic() >= self._held_until - EARLY

    async def _enter(self, urgency: int) -> None:
        if self._waiting or not self._free:
            future = asyncio.get_running_loop().create_future()
            self._count += 1
            heapq.heappush(self._waiting, (-urgency, self._count, future))
            self._admit()
            try:
                await future
            except asyncio.CancelledError:
                if future.done() and not future.cancelled():
                    self._in_flight -= 1
                    self._admit()
                raise
        else:
            self._in_flight += 1
        self.peak = max(self.peak, self._in_flight)

    def _admit(self) -> None:
        while self._waiting and self._free:
            future = heapq.heappop(self._waiting)[2]
            if not future.done():
                self._in_flight += 1
                future.set_result(None)

    async def _paced(self) -> None:
        now = time.monotonic()
        start = max(now, self._next_start)
        self._next_start = start + self._gap
        if start > now:
            await asyncio.sleep(start - now)
