"""The bounds of a run: requests in flight and per minute, retries, time, bytes and tokens."""

import asyncio
import email.utils
import heapq
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from conformance.exchange import FaultKind

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may take. Times in seconds, sizes in bytes; None is no limit.

    `request_timeout` bounds one try from connecting to the last byte, `deadline` the whole run: of it a
    tenth, at most `reserve`, is kept back for judging and reporting.
    `max_bytes` bounds one body, both as it comes and decoded; `max_held` all bodies that the run keeps in
    memory. `max_requests` counts what goes out, retries too. `retry_budget` is for the whole run.
    """

    concurrency: int = 8
    request_timeout: float = 60.0
    connect_timeout: float = 10.0
    deadline: float = 900.0
    max_bytes: int = 16 * MEBIBYTE
    max_held: int = 64 * MEBIBYTE
    requests_per_minute: float | None = None
    max_requests: int | None = None
    max_output_tokens: int | None = None
    tries: int = 3
    retry_budget: int = 100
    back_off: float = 0.5
    longest_wait: float = 30.0
    reserve: float = 10.0


RETRIED_STATUSES = frozenset({429, 500, 502, 503, 504})
RETRIED_FAULTS = frozenset[FaultKind]({"resolve", "connect"})


def back_off(limits: Limits, tried: int, retry_after: str | None) -> float:
    """Seconds to wait after the `tried`-th try: what the server asks for, or exponential with jitter.

    RFC 9110 section 10.2.3: Retry-After is a number of seconds or a date. It is capped at `longest_wait`.
    """
    asked = _asked_wait(retry_after)
    if asked is None:
        asked = limits.back_off * 2 ** (tried - 1) * random.uniform(0.5, 1.5)  # noqa: S311 - jitter, no secret
    return max(0.0, min(asked, limits.longest_wait))


def _asked_wait(retry_after: str | None) -> float | None:
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment.timestamp() - time.time()


@dataclass
class Budget:
    """Counts what the run has spent, and says what is used up."""

    limits: Limits
    started: float = field(default_factory=time.monotonic)
    requests: int = 0
    retries: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    reserved_tokens: int = 0

    @property
    def remaining(self) -> float:
        """Seconds in which requests may still be under way."""
        limits = self.limits
        reserved = min(limits.reserve, limits.deadline / 10)
        return self.started + limits.deadline - reserved - time.monotonic()

    def exhausted(self, output_tokens: int = 0) -> tuple[FaultKind, str] | None:
        """Why a request with that estimate may not be sent any more; None where it may."""
        limits = self.limits
        if self.remaining <= 0:
            return "deadline", f"not sent: the run's deadline of {limits.deadline:g} s has passed"
        if limits.max_requests is not None and self.requests >= limits.max_requests:
            return "budget", f"not sent: the budget of {limits.max_requests} requests is used up"
        if limits.max_output_tokens is not None:
            spent = self.output_tokens + self.reserved_tokens
            if spent >= limits.max_output_tokens or spent + output_tokens > limits.max_output_tokens:
                most = limits.max_output_tokens
                return "budget", f"not sent: it may pass the budget of {most} output tokens"
        return None

    def may_retry(self, wait: float) -> bool:
        """Whether one more try may be made after that many seconds; counts it."""
        if self.retries >= self.limits.retry_budget or wait >= self.remaining or self.exhausted():
            return False
        self.retries += 1
        return True


class Limiter:
    """Slots for requests in flight. The most urgent waits the shortest; among equals the first comes first.

    The width halves when the server says 429 and grows back by one for each full round of answers.
    """

    def __init__(self, concurrency: int, requests_per_minute: float | None = None) -> None:
        self._most = max(1, concurrency)
        self._width = float(self._most)
        self._gap = 60.0 / requests_per_minute if requests_per_minute else 0.0
        self._in_flight = 0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._count = 0
        self._next_start = 0.0
        self._halved_at = 0.0
        self.peak = 0

    @property
    def width(self) -> int:
        """How many requests may be in flight now."""
        return int(self._width)

    @asynccontextmanager
    async def slot(self, urgency: int, within: float) -> AsyncIterator[float]:
        """A place among the requests in flight; yields when it was taken (monotonic).

        Raises TimeoutError where none comes free within that many seconds.
        """
        taken = False
        try:
            async with asyncio.timeout(max(0.0, within)):
                await self._enter(urgency)
                taken = True
                await self._paced()
            yield time.monotonic()
        finally:
            if taken:
                self._in_flight -= 1
                self._admit()

    def too_many(self, began: float, hold: float | None) -> None:
        """The server said 429 to a request begun then: halve, once for each burst, and hold for `hold` s."""
        if began >= self._halved_at:
            self._width = max(1.0, self._width / 2)
            self._halved_at = time.monotonic()
        if hold:
            self._next_start = max(self._next_start, time.monotonic() + hold)

    def answered(self) -> None:
        """A request was answered: recover."""
        self._width = min(float(self._most), self._width + 1 / self._width)
        self._admit()

    async def _enter(self, urgency: int) -> None:
        if self._in_flight >= self.width or self._waiting:
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
        while self._waiting and self._in_flight < self.width:
            future = heapq.heappop(self._waiting)[2]
            if not future.done():
                self._in_flight += 1
                future.set_result(None)

    async def _paced(self) -> None:
        now = time.monotonic()
        start = max(now, self._next_start)
        self._next_start = max(self._next_start, start + self._gap) if self._gap else self._next_start
        if start > now:
            await asyncio.sleep(start - now)
