"""Who may send when: slots for requests in flight, fewer and later where the server says so."""

import asyncio
import heapq
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

EARLY = 0.002
"""Seconds by which the event loop's clock may wake somebody too early."""

ANY = sys.maxsize
"""However many others."""


@dataclass(eq=False, slots=True)
class Place:
    """A request's place among those in flight.

    At most `among` may be in flight while it is taken, itself too; `company` is how many were, at the most.
    """

    among: int = ANY
    company: int = 1


class Limiter:
    """Slots for requests in flight. The most urgent waits the shortest; among equals the first comes first.

    The width halves when the server says «later», or takes too long for so many, and grows back by one for
    each full round of answers.
    """

    def __init__(self, concurrency: int, requests_per_minute: float | None = None) -> None:
        self._most = max(1, concurrency)
        self._width = float(self._most)
        self._gap = 60.0 / requests_per_minute if requests_per_minute else 0.0
        self._places: set[Place] = set()
        self._waiting: list[tuple[int, int, asyncio.Future[None], Place]] = []
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
    async def slot(self, urgency: int, within: float, among: int = ANY) -> AsyncIterator[Place]:
        """A place among the requests in flight, of which there are at most `among` while it is taken.

        Raises TimeoutError where none comes free within that many seconds.
        """
        place = Place(among)
        try:
            async with asyncio.timeout(max(0.0, within)):
                await self._enter(urgency, place)
                await self._paced()
            yield place
        finally:
            self._places.discard(place)
            self._admit()

    def too_many(self, began: float) -> None:
        """A request begun then (monotonic) was put off or took too long: halve, once for each burst."""
        if began >= self._halved_at:
            self._width = max(1.0, self._width / 2)
            self._halved_at = time.monotonic()

    def hold(self, seconds: float) -> None:
        """Give out no slot for so many seconds."""
        self._held_until = max(self._held_until, time.monotonic() + seconds)
        asyncio.get_running_loop().call_later(seconds, self._admit)

    def answered(self, share: float = 1.0) -> None:
        """A request was answered: recover, by that share of what an answer is worth."""
        self._width = min(float(self._most), self._width + share / self._width)
        self._admit()

    def restore(self) -> None:
        """Fewer in flight are of no use."""
        self._width = float(self._most)
        self._admit()

    async def _enter(self, urgency: int, place: Place) -> None:
        if not self._waiting and self._free_for(place):
            self._take(place)
            return
        future = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._waiting, (-urgency, self._count, future, place))
        self._admit()
        await future

    def _admit(self) -> None:
        while self._waiting:
            _, _, future, place = self._waiting[0]
            if not future.done():
                if not self._free_for(place):
                    return
                self._take(place)
                future.set_result(None)
            heapq.heappop(self._waiting)

    def _free_for(self, place: Place) -> bool:
        room = min(self.width, place.among, *(taken.among for taken in self._places))
        return len(self._places) < room and time.monotonic() >= self._held_until - EARLY

    def _take(self, place: Place) -> None:
        self._places.add(place)
        in_flight = len(self._places)
        self.peak = max(self.peak, in_flight)
        for taken in self._places:
            taken.company = max(taken.company, in_flight)

    async def _paced(self) -> None:
        now = time.monotonic()
        start = max(now, self._next_start)
        self._next_start = start + self._gap
        if start > now:
            await asyncio.sleep(start - now)
