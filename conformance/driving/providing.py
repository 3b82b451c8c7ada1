"""What stands in the provider's place while clients run: a recording, or the endpoint itself behind a relay.

Either gives exchanges, and remembers what it gave to whom, so that what a client read can be held against it.
"""

import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Protocol
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from conformance.driving.jobs import Job
from conformance.driving.roster import Client
from conformance.exchange import Call, Exchange, Headers
from conformance.serving.answer import Answer, Unservable, answer_of, refusal
from conformance.serving.recorded import NAME_SAFE, RESPONSES, ROOT, Asked, Recorded, Unanswerable
from conformance.wire.performer import Performer

Answers = Callable[[Asked], Awaitable[Answer]]


@dataclass
class Notes:
    """What was given, by the first step of the path that asked."""

    _given: dict[str, list[Exchange]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take_down(self, label: str, exchange: Exchange) -> None:
        """Note that an exchange was given."""
        with self._lock:
            self._given.setdefault(label, []).append(exchange)

    def of(self, label: str) -> Sequence[Exchange]:
        """What was given there, in its order."""
        with self._lock:
            return tuple(self._given.get(label, ()))


class Providing(Protocol):
    """Answers clients, and tells what each was given."""

    notes: Notes

    def path(self, client: Client, job: Job) -> str:
        """The first step of the path at which a client does a job. Raises Unanswerable where it cannot."""
        ...

    def lacks(self, label: str) -> str:
        """What could not be given there that was asked for; empty where all could."""
        ...

    async def answer(self, asked: Asked) -> Answer:
        """What a request gets."""
        ...

    async def aclose(self) -> None:
        """Close what is open; in the loop in which it answered."""
        ...


class FromRecording:
    """Gives what was recorded."""

    def __init__(self, recorded: Recorded) -> None:
        self.recorded = recorded
        self.notes = Notes()
        self._missing: dict[str, str] = {}
        self._asked_more: set[str] = set()

    def path(self, client: Client, job: Job) -> str:
        """The scenarios of the job, under the client's own name.

        A run does not go on where an answer leaves nothing to go on with: a client may still break on that.
        """
        names = job.answered_by(streams=client.streams)
        there = list(takewhile(self.recorded.given.__contains__, names))
        missing = f"the recording has no {names[len(there)]}" if len(there) < len(names) else ""
        if not there:
            raise Unanswerable(404, "unknown_recording", missing)
        label = f"{client.name}.{job.name}:{','.join(there)}"
        self._missing[label] = missing
        return label

    def lacks(self, label: str) -> str:
        """What the recording lacks for what was asked there; empty where it lacks nothing."""
        return self._missing.get(label, "") if label in self._asked_more else ""

    async def answer(self, asked: Asked) -> Answer:
        """The recorded exchange."""
        label = _first(asked)
        missing = self._missing.get(label, "")
        if missing and self.notes.of(label):
            self._asked_more.add(label)
            return refusal(410, missing, "recording_exhausted")
        try:
            found = self.recorded.find(asked)
        except Unanswerable as error:
            return refusal(error.status, str(error), error.code, error.headers)
        self.notes.take_down(label, found.exchange)
        return found.answer

    async def aclose(self) -> None:
        """Nothing is open."""


NOT_PASSED_ON = frozenset(
    {
        *("host", "content-length", "accept-encoding", "authorization", "connection", "keep-alive"),
        *("transfer-encoding", "te", "trailer", "upgrade", "expect"),
    }
)
"""Headers of a client that concern the relay, not the endpoint; its key is the relay's business too."""


class FromEndpoint:
    """Asks the endpoint each time a client does: with the run's key, bounds and budgets, and masked."""

    def __init__(self, performer: Performer, jobs: Mapping[str, Job]) -> None:
        self._performer = performer
        self._jobs = jobs
        self.notes = Notes()

    def path(self, client: Client, job: Job) -> str:
        """The client's and the job's names."""
        return f"{client.name}.{job.name}"

    def lacks(self, label: str) -> str:  # noqa: ARG002 - the endpoint is asked for everything
        """Nothing."""
        return ""

    def call(self, label: str, asked: Asked, below: str) -> Call:
        """The request as the endpoint gets it; `below` is its path from the base URL on."""
        absolute = not below.startswith(RESPONSES)
        return Call(
            label,
            asked.method,
            unquote(below if absolute else below.removeprefix(RESPONSES)),
            absolute,
            tuple(parse_qsl(urlsplit(asked.target).query, keep_blank_values=True)),
            _passed_on(asked.headers),
            asked.body or None,
        )

    async def answer(self, asked: Asked) -> Answer:
        """What the endpoint answers, as it came."""
        label = _first(asked)
        job = self._jobs.get(label.rpartition(".")[2])
        below = urlsplit(asked.target).path.partition("/v1")[2]
        if job is None or not below:
            return refusal(404, f"nothing is at {asked.path}", "unknown_url")
        call = replace(self.call(label, asked, below), hang_up_after=job.cut_after)
        exchange = await self._performer.perform(call)
        self.notes.take_down(label, exchange)
        try:
            return answer_of(exchange)
        except Unservable as error:
            return refusal(502, str(error), "endpoint_unreachable")

    async def aclose(self) -> None:
        """Close the connections."""
        await self._performer.aclose()


def base_url(address: str, first: str) -> str:
    """The base URL that a client is told."""
    return f"{address}/{quote(first, safe=f'{NAME_SAFE}:')}{ROOT}"


def ended_early(exchange: Exchange) -> bool:
    """Whether its answer broke off in the middle."""
    try:
        return answer_of(exchange).ending != "whole"
    except Unservable:
        return False


def _first(asked: Asked) -> str:
    return unquote(asked.path.removeprefix("/").partition("/")[0])


def _passed_on(headers: Headers) -> Headers:
    return tuple((name, value) for name, value in headers if name.lower() not in NOT_PASSED_ON)
