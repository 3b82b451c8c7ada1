"""The bounds of a run: requests in flight and per minute, retries, time, bytes and tokens."""

import email.utils
import time
import zlib
from dataclasses import dataclass, field

from conformance.exchange import FaultKind

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may take. Times in seconds, sizes in bytes; None is no limit.

    `request_timeout` bounds one try from connecting to the last byte, `deadline` the whole run: of it a
    tenth, at most `reserve`, is kept back for judging and reporting.
    `max_bytes` bounds one body, both as it comes and decoded; `max_held` all bodies that the run keeps in
    memory. `max_requests` counts what goes out, retries too.

    A request whose connection or server failed has `tries`, and the whole run `retry_budget` retries that
    lead to no answer. One that is told «later» waits `back_off`, and longer each time up to `longest_wait`,
    or as long as the server asks for; a run that is told nothing else for `patience` sends no more, nor does
    one that was never told anything else for `first_patience`. What timed out in company is asked again
    with fewer in flight, until `lone_timeouts` of such requests have timed out alone as well.
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
    patience: float = 100.0
    first_patience: float = 15.0
    lone_timeouts: int = 3
    reserve: float = 10.0


RETRIED_STATUSES = frozenset({500, 502, 504})
"""Statuses of a server that failed, and may not fail again; what says «later» is `patience.LATER`."""

RETRIED_FAULTS = frozenset[FaultKind]({"resolve", "connect"})


def back_off(limits: Limits, tried: int, salt: str = "") -> float:
    """Seconds to wait after the `tried`-th try: twice as long each time, at most `longest_wait`.

    Requests with different `salt` wait a quarter more or less, always the same, so that what failed together
    does not come back together.
    """
    scatter = 0.75 + zlib.crc32(salt.encode()) / 2**33 if salt else 1.0
    return min(limits.back_off * 2.0 ** min(tried - 1, 30) * scatter, limits.longest_wait)


def asked_wait(retry_after: str | None) -> float | None:
    """Seconds that a Retry-After asks for; None where it asks for nothing that can be read.

    RFC 9110 section 10.2.3: a number of seconds or a date.
    """
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return max(0.0, moment.timestamp() - time.time())


@dataclass
class Budget:
    """Counts what the run has spent, and says what is used up."""

    limits: Limits
    started: float = field(default_factory=time.monotonic)
    requests: int = 0
    retries: int = 0
    in_vain: int = 0
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

    def may_wait(self, wait: float) -> bool:
        """Whether one more try may be made after that many seconds."""
        return wait < self.remaining and not self.exhausted()

    def may_retry(self, wait: float) -> bool:
        """The same for a request that failed: such retries are bounded for the whole run; counts it."""
        if self.in_vain >= self.limits.retry_budget or not self.may_wait(wait):
            return False
        self.in_vain += 1
        return True

    def mended(self, retries: int) -> None:
        """So many retries led to an answer, so they were not in vain."""
        self.in_vain = max(0, self.in_vain - retries)
