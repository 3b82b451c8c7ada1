"""Makes calls over the network, within the bounds of the run, and keeps what comes of them as exchanges."""

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from conformance import __version__
from conformance.exchange import Attempt, Call, Exchange, Fault, Sent, Traffic
from conformance.wire.collecting import LONG, Collector, Held
from conformance.wire.credentials import Credentials, Pairs, authorization
from conformance.wire.decoding import ACCEPTED, decoder_for
from conformance.wire.endpoint import Endpoint
from conformance.wire.limiter import Limiter
from conformance.wire.limits import RETRIED_FAULTS, RETRIED_STATUSES, Budget, Limits, asked_wait, back_off
from conformance.wire.patience import LATER, Deferral, Patience
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

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name), None)


@dataclass(slots=True)
class _Errand:
    """A call on its way to an exchange: how it is made, and every try so far."""

    call: Call
    worded: _Wording
    urgency: int
    tokens: int
    malformed: bool
    tries: list[_Try] = field(default_factory=list)
    put_off: int = 0

    @property
    def deciding(self) -> _Try:
        """The try that is the exchange: the last that brought a status, or else the last that was sent."""
        answered = [tried for tried in self.tries if tried.status is not None]
        return (answered or [tried for tried in self.tries if tried.sent] or self.tries)[-1]

    @property
    def answered(self) -> bool:
        """Whether the last try brought what is neither «later» nor a failure."""
        last = self.tries[-1]
        return last.status is not None and not last.put_off and not last.failed(malformed=self.malformed)

    @property
    def others(self) -> list[_Try]:
        """The other tries that were sent."""
        return [tried for tried in self.tries if tried.sent and tried is not self.deciding]


class Live:
    """Sends calls over HTTP/1.1.

    Follows no redirect, keeps no cookie, reads no proxy from the environment. Every exchange that it hands
    out is already redacted. The deadline counts from `started` (monotonic), or else from construction.
    `final` knows the refusals that say «later» by their status, and are no better later.
    Raises EndpointError where the CA bundle or the proxy is unfit.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        credentials: Credentials,
        redactor: Redactor,
        limits: Limits | None = None,
        started: float | None = None,
        final: Callable[[Exchange], bool] = lambda _: False,
    ) -> None:
        self._endpoint = endpoint
        self._credentials = credentials
        self._redactor = redactor
        self._limits = limits or Limits()
        self._budget = Budget(self._limits, time.monotonic() if started is None else started)
        self._final = final
        self._limiter = Limiter(self._limits.concurrency, self._limits.requests_per_minute)
        self._patience = Patience(self._limits)
        self._held = Held(self._limits.max_held)
        self._transport = Transport(endpoint, self._limits.concurrency)

    @property
    def traffic(self) -> Traffic:
        """What has been sent so far; tokens as the provider's usage has them."""
        spent = self._budget
        return Traffic(
            spent.requests,
            spent.retries,
            spent.input_tokens,
            spent.output_tokens,
            self._limiter.peak,
            self._patience.deferrals,
            self._patience.waited,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    def built_on(self, scenario: str, before: str) -> None:
        """Nothing is older than the latest."""

    def unsent(self, call: Call, fault: Fault) -> Exchange:
        """The exchange of a call that is not made."""
        errand = _Errand(call, self._worded(call), 0, 0, malformed=False, tries=[_not_sent(fault)])
        return self._redactor.mask_exchange(self._exchange(errand))

    async def perform(
        self, call: Call, *, urgency: int = 0, output_tokens: int = 0, malformed: bool = False
    ) -> Exchange:
        """Make a call, and make it again where that may help; never raises for what the server does.

        What says «later» is asked again as long as there is progress; what failed, a few times and over a
        fresh connection; a `malformed` request that is answered with 500 not at all.
        """
        errand = _Errand(call, self._worded(call), urgency, output_tokens, malformed)
        while (wait := await self._in_turn(errand)) is not None:
            tried = errand.tries[-1]
            tried.waited = wait
            if tried.body is not None:
                tried.body.trim()
            self._budget.retries += 1
            await self._rest(tried, wait)
        if errand.answered:
            self._budget.mended(len(errand.tries) - 1 - errand.put_off)
        exchange = self._exchange(errand)
        if errand.deciding.progress.received > LONG:
            # To look through it takes a while, and the others' clocks run.
            return await asyncio.to_thread(self._redactor.mask_exchange, exchange)
        return self._redactor.mask_exchange(exchange)

    async def _rest(self, tried: _Try, wait: float) -> None:
        if not tried.put_off:
            await asyncio.sleep(wait)
            return
        with self._patience.resting():
            await asyncio.sleep(wait)

    async def _in_turn(self, errand: _Errand) -> float | None:
        """One try, once there is a slot for it; gives the seconds until the next, if there is to be one."""
        try:
            async with self._limiter.slot(errand.urgency + len(errand.tries), self._budget.remaining):
                if fault := self._forbidden(errand.tokens):
                    errand.tries.append(_not_sent(fault))
                    return None
                errand.tries.append(await self._counted(errand))
                return self._wait(errand)  # before the slot is free: the next may have to wait as well
        except TimeoutError:
            errand.tries.append(_not_sent(DEADLINE))
            return None

    def _forbidden(self, tokens: int) -> Fault | None:
        """Why nothing more is sent; None where a request with that estimate may be."""
        if self._patience.over:
            return Fault("later", f"not sent: {WORN_OUT.format(self._patience.bound)}")
        spent = self._budget.exhausted(tokens)
        return Fault(*spent) if spent else None

    async def _counted(self, errand: _Errand) -> _Try:
        self._budget.requests += 1
        self._budget.reserved_tokens += errand.tokens
        try:
            tried = await self._once(errand.call, errand.worded, fresh=bool(errand.tries))
        finally:
            self._budget.reserved_tokens -= errand.tokens
        self._bill(tried, errand.tokens)
        return tried

    async def _once(self, call: Call, worded: _Wording, *, fresh: bool) -> _Try:
        """Send, and read until the answer ends, breaks, or passes a bound."""
        tried = _Try(time.monotonic(), time.time())
        remaining = self._budget.remaining
        allowed = min(self._limits.request_timeout, remaining)
        try:
            async with asyncio.timeout(allowed):
                await self._exchange_bytes(call, worded, tried, fresh=fresh)
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

    async def _exchange_bytes(self, call: Call, worded: _Wording, tried: _Try, *, fresh: bool) -> None:
        connect = min(self._limits.connect_timeout, self._limits.request_timeout)
        answer = await self._transport.send(
            worded.method, worded.url, worded.headers, worded.body, connect_timeout=connect, fresh=fresh
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

    def _bill(self, tried: _Try, estimate: int) -> None:
        """Take note of what an answer cost."""
        if tried.status is None or not 200 <= tried.status < 300 or tried.body is None:
            return
        data = b"".join(chunk for _, chunk in tried.body.pieces[-USAGE_CHUNKS:])
        output = _last_number(OUTPUT_TOKENS, data)
        self._budget.output_tokens += estimate if output is None else output
        self._budget.input_tokens += _last_number(INPUT_TOKENS, data) or 0

    def _wait(self, errand: _Errand) -> float | None:
        """Seconds until the next try, having learnt from the last; None where there is none to be made."""
        tried = errand.tries[-1]
        tried.put_off = tried.status in LATER and not self._final(self._exchange(errand))
        if tried.put_off:
            return self._put_off(errand, tried)
        if tried.status is not None:
            self._limiter.answered()
            self._patience.answered(errand.put_off)
        failures = len(errand.tries) - errand.put_off
        if not tried.failed(malformed=errand.malformed) or failures >= self._limits.tries:
            return None
        wait = back_off(self._limits, failures, errand.call.scenario)
        if tried.status is not None:
            asked = asked_wait(tried.header("retry-after"))
            wait = wait if asked is None else min(asked, self._limits.longest_wait)
        return wait if self._budget.may_retry(wait) else None

    def _put_off(self, errand: _Errand, tried: _Try) -> float | None:
        """The same after a «later», which may slow down all others too."""
        errand.put_off += 1
        assert tried.status is not None
        asked = asked_wait(tried.header("retry-after"))
        first = errand.tries[0].began
        deferral = Deferral(errand.call.scenario, tried.status, tried.began, first, errand.put_off, asked)
        pause = self._patience.pause(deferral)
        if pause is None or pause.too_many:
            self._limiter.too_many(tried.began)
        if pause is None or not self._budget.may_wait(pause.seconds):
            return None
        if pause.everybody:
            self._limiter.hold(pause.seconds)
        return pause.seconds

    def _exchange(self, errand: _Errand) -> Exchange:
        """The exchange as it was, with its secrets."""
        worded, tried = errand.worded, errand.deciding
        return Exchange(
            scenario=errand.call.scenario,
            request=Sent(worded.method, worded.url, worded.headers, worded.body),
            status=tried.status,
            headers=tried.headers,
            chunks=tried.body.chunks() if tried.body else (),
            fault=tried.fault,
            started_at=tried.started_at,
            duration=round(tried.duration, 6),
            retries=tuple(map(_attempt, errand.others)),
            hung_up=tried.hung_up,
        )

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


def _attempt(tried: _Try) -> Attempt:
    kept = tuple(pair for pair in tried.headers if TELLING.match(pair[0]))
    duration = round(tried.duration, 6)
    return Attempt(tried.status, tried.fault, round(tried.waited, 3), kept, tried.started_at, duration)


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
WORN_OUT = "the provider has said nothing but «later» for {:g} s"
TELLING = re.compile(r"retry-after|(?:x-)?ratelimit|(?:x-)?request-id|x-should-retry", re.IGNORECASE)
"""Headers that tell why a try ended as it did, and which one it was; kept of each."""
USAGE_CHUNKS = 64
"""Usage stands at the end: in the last event of a stream, or in a body of few chunks."""
OUTPUT_TOKENS = re.compile(rb'"output_tokens"\s{0,8}:\s{0,8}(\d{1,9})\b')
INPUT_TOKENS = re.compile(rb'"input_tokens"\s{0,8}:\s{0,8}(\d{1,9})\b')
