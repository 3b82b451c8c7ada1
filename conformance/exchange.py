"""What went over the wire: a call as planned, and the exchange it became."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Self
from urllib.parse import quote

from conformance.strict_json import Parsed, parse

Headers = tuple[tuple[str, str], ...]

Credential = Literal["valid", "none", "empty", "bare", "wrong", "basic", "lower-case", "raw"]
"""How a call authorizes: the profile's key as it asks for it, or one of the ways that are wrong (or odd)."""

FaultKind = Literal[
    "resolve",  # the host's name has no address
    "connect",  # nobody listens, or the connection was refused or reset before an answer
    "tls",  # the handshake failed or the certificate does not verify
    "timeout",  # no complete answer within the request's time-out
    "cut",  # the connection ended in the middle of the body
    "protocol",  # what came is not HTTP
    "too-large",  # the body passed the limit on raw or decoded bytes
    "deadline",  # the run's deadline passed first
    "later",  # the provider said «later» to everything for so long that no more was sent
    "budget",  # the run's budget of requests or tokens was used up
    "stopped",  # the run was stopped early: the endpoint cannot be judged
    "dependency",  # the exchange that the request builds on is missing, or leaves nothing to build on
    "recording",  # replay: the recording is cut in half, or belongs to another request
    "unrecorded",  # replay: the run that was recorded did not perform it
]


@dataclass(frozen=True, slots=True)
class Call:
    """One request as a scenario words it: all but the base URL, the key and the client's headers.

    `path` is appended to the profile's responses path (`""` is the collection, `"/resp_1"` one response);
    with `absolute` it is appended to the base URL instead. `body` is sent as it is. `hang_up_after` closes
    the connection once that many bytes of the body have come. `bounds` are the fields of the body that are
    there only so that no answer is endless: a recording may lack them.
    """

    scenario: str
    method: str = "POST"
    path: str = ""
    absolute: bool = False
    query: tuple[tuple[str, str], ...] = ()
    headers: Headers = ()
    body: bytes | None = None
    credential: Credential = "valid"
    hang_up_after: int | None = None
    bounds: tuple[str, ...] = ()


ATTEMPTS = (1, 2, 3)
"""The attempts that a scenario may get: two more where its answer does not show what it is for."""


@dataclass(frozen=True, slots=True)
class Performance:
    """One attempt of a scenario. As text it names the exchange: the first one bears the scenario's name."""

    scenario: str
    attempt: int = 1

    def __str__(self) -> str:
        """The name of its exchange and of its recording: `text`, `text~2`."""
        return f"{self.scenario}~{self.attempt}" if self.is_further else self.scenario

    @classmethod
    def named(cls, name: str) -> Self:
        """Read the name of an exchange back."""
        scenario, mark, attempt = name.rpartition("~")
        if mark and attempt in map(str, ATTEMPTS[1:]):
            return cls(scenario, int(attempt))
        return cls(name)

    @classmethod
    def all_of(cls, scenario: str) -> tuple[Self, ...]:
        """Every attempt that a scenario may get, in order."""
        return tuple(cls(scenario, attempt) for attempt in ATTEMPTS)

    @classmethod
    def further(cls, scenario: str) -> tuple[Self, ...]:
        """The attempts that it gets only where the ones before did not show what it is for."""
        return cls.all_of(scenario)[1:]

    @property
    def is_further(self) -> bool:
        """Whether it is one that nobody had planned."""
        return self.attempt > 1


@dataclass(frozen=True, slots=True)
class Sent:
    """The request that went out, redacted."""

    method: str
    url: str
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Chunk:
    """Decoded body bytes and when they came, in seconds since the request was sent."""

    at: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an exchange did not end as HTTP says it does."""

    kind: FaultKind
    message: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """Another try of the same request than the one that is shown: how it ended, and the wait after it.

    Seconds; `started_at` is Unix time, None in recordings from before it was kept. `headers` are those that
    tell why it ended so: a Retry-After, the limits, the provider's id of the request.
    """

    status: int | None
    fault: Fault | None
    waited: float
    headers: Headers = ()
    started_at: float | None = None
    duration: float = 0.0

    def __str__(self) -> str:
        """How it ended, what the server asked for, and the wait after it, in a few words."""
        came = f"HTTP {self.status}" if self.status is not None else "no answer"
        came += f" ({self.fault.kind})" if self.fault else ""
        asked = next((value for name, value in self.headers if name.lower() == "retry-after"), "")
        came += f", Retry-After: {asked[:40]}" if asked else ""
        return f"{came}, waited {self.waited:.1f} s" if self.waited else came


@dataclass(frozen=True)
class Exchange:
    """Request, status, headers and timed chunks of one performance of a scenario, redacted at capture.

    `scenario` names that performance: a further attempt of a scenario has a name of its own.
    `status` is None where no answer came; `fault` is set where the answer did not end properly, and the
    chunks are then what had arrived. `started_at` is Unix time, `duration` seconds: of the last try that
    brought a status, or of the last where none did. `retries` are the other tries, in order.
    `leaks` counts the places in the answer where the key was found and masked. `hung_up` is set where
    the client closed the connection on purpose.
    """

    scenario: str
    request: Sent
    status: int | None
    headers: Headers
    chunks: tuple[Chunk, ...]
    fault: Fault | None
    started_at: float
    duration: float
    retries: tuple[Attempt, ...] = ()
    leaks: int = 0
    hung_up: bool = False

    @cached_property
    def performance(self) -> Performance:
        """Which attempt of which scenario it is."""
        return Performance.named(self.scenario)

    @cached_property
    def body(self) -> bytes:
        """The decoded body, whole."""
        return b"".join(chunk.data for chunk in self.chunks)

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @cached_property
    def media_type(self) -> str:
        """The Content-Type without its parameters, in lower case; empty where there is none."""
        return (self.header("content-type") or "").split(";")[0].strip().lower()

    @cached_property
    def sent_json(self) -> Any:
        """The request's body as JSON; None where it had none or none that parses."""
        return parse(self.request.body).value if self.request.body else None

    @cached_property
    def json(self) -> Parsed:
        """The body read as strict JSON: its value, and what was wrong with the bytes."""
        return parse(self.body)

    def to_json(self) -> dict[str, Any]:
        """The exchange as it stands in its recording."""
        return {
            "format": 1,
            "scenario": self.scenario,
            "request": {
                "method": self.request.method,
                "url": self.request.url,
                "headers": [list(pair) for pair in self.request.headers],
                "body": _readable(self.request.body),
            },
            "status": self.status,
            "headers": [list(pair) for pair in self.headers],
            "chunks": [[chunk.at, _readable(chunk.data)] for chunk in self.chunks],
            "fault": _fault_to_json(self.fault),
            "started_at": self.started_at,
            "duration": self.duration,
            "retries": [_attempt_to_json(attempt) for attempt in self.retries],
            "leaks": self.leaks,
            "hung_up": self.hung_up,
        }

    @classmethod
    def from_json(cls, recorded: Mapping[str, Any]) -> Self:
        """Read a recording back; raises KeyError, TypeError or ValueError where it is not one."""
        if recorded["format"] != 1:
            raise ValueError(f"recording format {recorded['format']!r}, this suite reads format 1")
        request = recorded["request"]
        return cls(
            scenario=recorded["scenario"],
            request=Sent(
                request["method"], request["url"], _pairs(request["headers"]), _bytes(request["body"])
            ),
            status=recorded["status"],
            headers=_pairs(recorded["headers"]),
            chunks=tuple(Chunk(at, _bytes(data)) for at, data in recorded["chunks"]),
            fault=_fault_from_json(recorded["fault"]),
            started_at=recorded["started_at"],
            duration=recorded["duration"],
            retries=tuple(map(_attempt_from_json, recorded["retries"])),
            leaks=recorded["leaks"],
            hung_up=recorded["hung_up"],
        )


@dataclass(frozen=True, slots=True)
class Traffic:
    """What exchanges cost: requests and retries sent, tokens billed, requests in flight at the most.

    `told_to_wait` counts the answers that said «later», `waited` the seconds in which a request waited
    because of one, those of several at once counted once. `asked_again` counts the time-outs of requests that
    were then asked again with fewer in flight.
    """

    requests: int = 0
    retries: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    peak_in_flight: int = 0
    told_to_wait: int = 0
    waited: float = 0.0
    asked_again: int = 0

    @property
    def patience(self) -> str:
        """How often and how long the run waited, and how often it sent fewer, in words; empty where never."""
        told = []
        if self.told_to_wait:
            told.append(f"told to wait {_times(self.told_to_wait)}, {self.waited:.1f} s in all")
        if self.asked_again:
            told.append(f"timed out and asked again with fewer in flight {_times(self.asked_again)}")
        return "; ".join(told)

    def __add__(self, other: "Traffic") -> "Traffic":
        """What both cost, one after the other."""
        return Traffic(
            self.requests + other.requests,
            self.retries + other.retries,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            max(self.peak_in_flight, other.peak_in_flight),
            self.told_to_wait + other.told_to_wait,
            self.waited + other.waited,
            self.asked_again + other.asked_again,
        )


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


RETRIED = frozenset({429, 502, 503, 504})
"""Statuses that say «not now»: what still has one after its retries could not be judged."""


def trouble(exchange: Exchange) -> str:
    """Why an exchange cannot be judged at all, in words; empty where it can."""
    if exchange.fault is not None and (exchange.status is None or exchange.fault.kind != "cut"):
        return f"{exchange.scenario}: {exchange.fault.message}"
    if exchange.status in RETRIED:
        tries = len(exchange.retries) + 1
        return f"{exchange.scenario}: HTTP {exchange.status} after {tries} {'try' if tries == 1 else 'tries'}"
    return ""


RECORDINGS = "exchanges"
"""The folder of recordings within a report folder."""


def file_name(scenario: str) -> str:
    """The recording's file name: readable, safe on every file system, one for each scenario."""
    safe = quote(scenario, safe="=+@,[] ").replace(" ", "_")
    if len(safe) > 120 or safe != safe.lower():
        safe = f"{safe[:100]}.{hashlib.sha256(scenario.encode()).hexdigest()[:8]}"
    return f"{safe}.json"


def encode_json(value: Any) -> bytes:
    """A request body: compact, UTF-8, keys in the order given.

    Half of a surrogate pair, which UTF-8 cannot hold, is spelt as JSON's escape.
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="backslashreplace")


def _readable(data: bytes) -> str | dict[str, str]:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def _bytes(recorded: str | Mapping[str, str]) -> bytes:
    if isinstance(recorded, str):
        return recorded.encode()
    return base64.b64decode(recorded["base64"], validate=True)


def _pairs(recorded: list[list[str]]) -> Headers:
    return tuple((name, value) for name, value in recorded)


def _attempt_to_json(attempt: Attempt) -> dict[str, Any]:
    return {
        "status": attempt.status,
        "fault": _fault_to_json(attempt.fault),
        "waited": attempt.waited,
        "headers": [list(pair) for pair in attempt.headers],
        "started_at": attempt.started_at,
        "duration": attempt.duration,
    }


def _attempt_from_json(recorded: Mapping[str, Any]) -> Attempt:
    """One try; those recorded before headers and times were kept have none."""
    return Attempt(
        recorded["status"],
        _fault_from_json(recorded["fault"]),
        recorded["waited"],
        _pairs(recorded.get("headers", [])),
        recorded.get("started_at"),
        recorded.get("duration", 0.0),
    )


def _fault_to_json(fault: Fault | None) -> dict[str, str] | None:
    return None if fault is None else {"kind": fault.kind, "message": fault.message}


def _fault_from_json(recorded: Mapping[str, Any] | None) -> Fault | None:
    return None if recorded is None else Fault(recorded["kind"], recorded["message"])
