"""A call on its way to an exchange, and each of its tries."""

import re
import time
from dataclasses import dataclass, field

from conformance.exchange import Attempt, Call, Fault
from conformance.wire.collecting import LONG, Collector
from conformance.wire.credentials import Pairs
from conformance.wire.limiter import ANY
from conformance.wire.limits import RETRIED_FAULTS, RETRIED_STATUSES
from conformance.wire.transport import Progress


@dataclass(frozen=True, slots=True)
class Wording:
    """A call as it goes out."""

    method: str
    url: str
    headers: Pairs = field(repr=False)
    body: bytes


@dataclass(slots=True)
class Try:
    """One try of a call, while it runs and after."""

    began: float
    started_at: float
    status: int | None = None
    headers: Pairs = ()
    body: Collector | None = None
    fault: Fault | None = None
    duration: float = 0.0
    waited: float = 0.0
    put_off: bool = False
    hung_up: bool = False

    @property
    def sent(self) -> bool:
        return bool(self.began)

    @property
    def progress(self) -> Progress:
        return Progress(self.status, self.body.decoded if self.body else 0)

    def failed(self, *, malformed: bool) -> bool:
        """Whether the connection or the server failed, so that it may go better the next time.

        Not where a `malformed` request is answered with 500: that is how this server refuses it.
        """
        if self.status is None:
            return self.fault is not None and self.fault.kind in RETRIED_FAULTS
        return self.fault is None and self.status in RETRIED_STATUSES - ({500} if malformed else set())

    @property
    def overlong(self) -> bool:
        return self.fault is not None and (self.fault.kind == "too-large" or self.progress.received > LONG)

    @property
    def timed_out(self) -> bool:
        return self.fault is not None and self.fault.kind == "timeout"

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name), None)


@dataclass(slots=True)
class Errand:
    """A call on its way to an exchange: how it is made, and every try so far.

    `put_off` counts the tries that met «later», `crowded` those that timed out in company and are made again;
    `among` is how many may be in flight during the next one.
    """

    call: Call
    worded: Wording
    urgency: int
    tokens: int
    malformed: bool
    tries: list[Try] = field(default_factory=list)
    put_off: int = 0
    crowded: int = 0
    among: int = ANY

    @property
    def failures(self) -> int:
        """The tries that can be laid neither to the server's «later» nor to the run's own load."""
        return len(self.tries) - self.put_off - self.crowded

    @property
    def deciding(self) -> Try:
        """The try that is the exchange: the last that brought a status, or else the last that was sent."""
        answered = [tried for tried in self.tries if tried.status is not None]
        return (answered or [tried for tried in self.tries if tried.sent] or self.tries)[-1]

    @property
    def answered(self) -> bool:
        """Whether the last try brought what is neither «later» nor a failure, nor was out of time."""
        last = self.tries[-1]
        lost = last.put_off or last.timed_out or last.failed(malformed=self.malformed)
        return last.status is not None and not lost

    @property
    def repeatable(self) -> bool:
        """Whether it can be made again where nobody knows what became of the last try.

        What was deleted cannot be deleted again, and would be said not to be there.
        """
        return self.call.method != "DELETE"

    @property
    def others(self) -> list[Try]:
        """The other tries that were sent."""
        return [tried for tried in self.tries if tried.sent and tried is not self.deciding]


def attempt(tried: Try) -> Attempt:
    """A try as the exchange keeps it."""
    kept = tuple(pair for pair in tried.headers if TELLING.match(pair[0]))
    duration = round(tried.duration, 6)
    return Attempt(tried.status, tried.fault, round(tried.waited, 3), kept, tried.started_at, duration)


def not_sent(fault: Fault) -> Try:
    """The try of a call that is not made."""
    return Try(0.0, time.time(), fault=fault)


TELLING = re.compile(r"retry-after|(?:x-)?ratelimit|(?:x-)?request-id|x-should-retry", re.IGNORECASE)
"""Headers that tell why a try ended as it did, and which one it was; kept of each."""
