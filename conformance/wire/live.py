"""Makes calls over the network, within the bounds of the run, and keeps what comes of them as exchanges."""

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlencode

from conformance import __version__
from conformance.exchange import Attempt, Call, Exchange, Fault, Sent, Traffic
from conformance.wire.collecting import LONG, Collector, Held
from conformance.wire.credentials import Credentials, Pairs, authorization
from conformance.wire.decoding import ACCEPTED, decoder_for
from conformance.wire.endpoint import Endpoint
from conformance.wire.limits import (
    RETRIED_FAULTS,
    RETRIED_STATUSES,
    Budget,
    Limiter,
    Limits,
    back_off,
)
from conformance.wire.performer import PATH_SAFE
from conformance.wire.redaction import Redactor
from conformance.wire.transport import Progress, Transport, fault_of


@dataclass(frozen=True, slots=True)
class _Wording:
    """A call as it goes out."""

    method: str
    url: str
    headers: Pairs = field(repr=False)
    body: bytes


@dataclass(slots=True)
class _Try:
    """One try of a call, while it runs and after."""

    began: float
    started_at: float
    status: int | None = None
    headers: Pairs = ()
    body: Collector | None = None
    fault: Fault | None = None
    duration: float = 0.0
    hung_up: bool = False

    @property
    def progress(self) -> Progress:
        return Progress(self.status, self.body.decoded if self.body else 0)

    @property
    def refused_for_now(self) -> bool:
        if self.fault is not None:
            return self.fault.kind in RETRIED_FAULTS
        return self.status in RETRIED_STATUSES

    @property
    def overlong(self) -> bool:
        return self.fault is not None and (self.fault.kind == "too-large" or self.progress.received > LONG)

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name), None)


class Live:
    """Sends calls over HTTP/1.1.

    Follows no redirect, keeps no cookie, reads no proxy from the environment. Every exchange that it hands
    out is already redacted. The deadline counts from `started` (monotonic), or else from construction.
    Raises EndpointError where the CA bundle or the proxy is unfit.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        credentials: Credentials,
        redactor: Redactor,
        limits: Limits | None = None,
        started: float | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._credentials = credentials
        self._redactor = redactor
        self._limits = limits or Limits()
        self._budget = Budget(self._limits, time.monotonic() if started is None else started)
        self._limiter = Limiter(self._limits.concurrency, self._limits.requests_per_minute)
        self._held = Held(self._limits.max_held)
        self._transport = Transport(endpoint, self._limits.concurrency)

    @property
    def traffic(self) -> Traffic:
        """What has been sent so far; tokens as the provider's usage has them."""
        spent = self._budget
        return Traffic(
            spent.requests, spent.retries, spent.input_tokens, spent.output_tokens, self._limiter.peak
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    def built_on(self, scenario: str, before: str) -> None:
        """Nothing is older than the latest."""

    def unsent(self, call: Call, fault: Fault) -> Exchange:
        """The exchange of a call that is not made."""
        return self._redactor.mask_exchange(self._exchange(call, self._worded(call), _not_sent(fault), []))

    async def perform(self, call: Call, *, urgency: int = 0, output_tokens: int = 0) -> Exchange:
        """Make a call, and make it again where the server says «not now»; never raises for what it does."""
        worded = self._worded(call)
        retries: list[Attempt] = []
        last: _Try | None = None
        while True:
            tried = await self._in_turn(call, worded, urgency + len(retries), output_tokens)
            if tried.status is None and last is not None and tried.fault and tried.fault.kind in NOT_SENT:
                tried, retries = last, retries[:-1]
                break
            wait = self._wait(tried, len(retries) + 1)
            if wait is None:
                break
            retries.append(Attempt(tried.status, self._shown(tried.fault), round(wait, 3)))
            last = tried
            if tried.body is not None:
                tried.body.trim()
            await asyncio.sleep(wait)
        exchange = self._exchange(call, worded, tried, retries)
        if tried.progress.received > LONG:  # to look through it takes a while, and the others' clocks run
            return await asyncio.to_thread(self._redactor.mask_exchange, exchange)
        return self._redactor.mask_exchange(exchange)

    async def _in_turn(self, call: Call, worded: _Wording, urgency: int, tokens: int) -> _Try:
        """One try, once there is a slot for it and nothing is used up."""
        try:
            async with self._limiter.slot(urgency, self._budget.remaining) as began:
                return await self._counted(call, worded, began, tokens)
        except TimeoutError:
            return _not_sent(DEADLINE)

    async def _counted(self, call: Call, worded: _Wording, began: float, tokens: int) -> _Try:
        if spent := self._budget.exhausted(tokens):
            return _not_sent(Fault(*spent))
        self._budget.requests += 1
        self._budget.reserved_tokens += tokens
        try:
            tried = await self._once(call, worded)
        finally:
            self._budget.reserved_tokens -= tokens
        self._settle(tried, began, tokens)
        return tried

    async def _once(self, call: Call, worded: _Wording) -> _Try:
        """Send, and read until the answer ends, breaks, or passes a bound."""
        tried = _Try(time.monotonic(), time.time())
        remaining = self._budget.remaining
        allowed = min(self._limits.request_timeout, remaining)
        try:
            async with asyncio.timeout(allowed):
                await self._exchange_bytes(call, worded, tried)
        except TimeoutError:
            tried.fault = self._out_of_time(tried, deadline=remaining <= self._limits.request_timeout)
        except Exception as error:
            tried.fault = fault_of(error, self._endpoint, tried.progress)
            if tried.fault is None:
                raise
        tried.duration = time.monotonic() - tried.began
        if tried.body is not None and tried.overlong:
            tried.body.trim()
        return tried

    async def _exchange_bytes(self, call: Call, worded: _Wording, tried: _Try) -> None:
        connect = min(self._limits.connect_timeout, self._limits.request_timeout)
        answer = await self._transport.send(
            worded.method, worded.url, worded.headers, worded.body, connect_timeout=connect
        )
        try:
            tried.status, tried.headers = answer.status, answer.headers
            body = Collector(self._limits, decoder_for(tried.header("content-encoding") or ""), self._held)
            tried.body = body
            async for data in answer.pieces:
                body.feed(time.monotonic() - tried.began, data)
                if call.hang_up_after is not None and body.decoded >= call.hang_up_after:
                    tried.hung_up = True
                    return
            if not body.decoder.complete:
                tried.fault = Fault("cut", f"the coded body breaks off after {body.raw} bytes")
        finally:
            await answer.aclose()

    def _out_of_time(self, tried: _Try, *, deadline: bool) -> Fault:
        progress = tried.progress
        got = "no answer"
        if progress.status is not None:
            got = f"HTTP {progress.status} and {progress.received} bytes, but no end"
        if deadline:
            return Fault("deadline", f"the run's deadline of {self._limits.deadline:g} s passed with {got}")
        return Fault("timeout", f"{got} within the time-out of {self._limits.request_timeout:g} s")

    def _settle(self, tried: _Try, began: float, estimate: int) -> None:
        """Learn from an answer: what it cost, and whether the server wants less at a time."""
        if tried.status == 429:
            asked = tried.header("retry-after")
            self._limiter.too_many(began, back_off(self._limits, 1, asked) if asked else None)
        elif tried.status is not None:
            self._limiter.answered()
        if tried.status is None or not 200 <= tried.status < 300 or tried.body is None:
            return
        data = b"".join(chunk for _, chunk in tried.body.pieces[-USAGE_CHUNKS:])
        output = _last_number(OUTPUT_TOKENS, data)
        self._budget.output_tokens += estimate if output is None else output
        self._budget.input_tokens += _last_number(INPUT_TOKENS, data) or 0

    def _wait(self, tried: _Try, tries: int) -> float | None:
        """Seconds until the next try; None where there is none to be made."""
        if not tried.refused_for_now or tries >= self._limits.tries:
            return None
        wait = back_off(self._limits, tries, tried.header("retry-after"))
        return wait if self._budget.may_retry(wait) else None

    def _exchange(self, call: Call, worded: _Wording, tried: _Try, retries: list[Attempt]) -> Exchange:
        """The exchange as it was, with its secrets."""
        return Exchange(
            scenario=call.scenario,
            request=Sent(worded.method, worded.url, worded.headers, worded.body),
            status=tried.status,
            headers=tried.headers,
            chunks=tried.body.chunks() if tried.body else (),
            fault=tried.fault,
            started_at=tried.started_at,
            duration=round(tried.duration, 6),
            retries=tuple(retries),
            hung_up=tried.hung_up,
        )

    def _shown(self, fault: Fault | None) -> Fault | None:
        return fault and replace(fault, message=self._redactor.mask_text(fault.message))

    def _worded(self, call: Call) -> _Wording:
        body = call.body or b""
        headers = {"Accept": "*/*", "Accept-Encoding": ACCEPTED, "User-Agent": AGENT}
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        given = (
            *self._credentials.headers,
            *authorization(self._endpoint, self._credentials.key, call.credential),
            *call.headers,
        )
        return _Wording(
            call.method, url_of(self._endpoint, self._credentials, call), _merged(headers, given), body
        )


def url_of(endpoint: Endpoint, credentials: Credentials, call: Call) -> str:
    """Where a call goes: base URL, path and query. What the path has not encoded itself is encoded."""
    root = "" if call.absolute else endpoint.responses_path
    path = quote(root + call.path, safe=PATH_SAFE)
    query = (*credentials.query, *call.query)
    return f"{endpoint.base_url}{path}" + (f"?{urlencode(query)}" if query else "")


def _not_sent(fault: Fault) -> _Try:
    return _Try(0.0, time.time(), fault=fault)


def _merged(defaults: Mapping[str, str], given: Pairs) -> Pairs:
    """The headers, of which those given later replace those of the same name given before."""
    found = {name.lower(): (name, value) for name, value in defaults.items()}
    found.update({name.lower(): (name, value) for name, value in given})
    return tuple(found.values())


def _last_number(pattern: re.Pattern[bytes], data: bytes) -> int | None:
    numbers = pattern.findall(data)
    return int(numbers[-1]) if numbers else None


AGENT = f"responses-conformance/{__version__}"
DEADLINE = Fault("deadline", "not sent: the run's deadline has passed")
NOT_SENT = frozenset({"deadline", "budget"})
USAGE_CHUNKS = 64
"""Usage stands at the end: in the last event of a stream, or in a body of few chunks."""
OUTPUT_TOKENS = re.compile(rb'"output_tokens"\s{0,8}:\s{0,8}(\d{1,9})\b')
INPUT_TOKENS = re.compile(rb'"input_tokens"\s{0,8}:\s{0,8}(\d{1,9})\b')
