"""Makes calls over the network, within the bounds of the run, and keeps what comes of them as exchanges."""

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlencode

from conformance import __version__
from conformance.exchange import Call, Exchange, Fault, Sent, Traffic
from conformance.wire.collecting import LONG, Collector, Held
from conformance.wire.credentials import Credentials, Pairs, authorization
from conformance.wire.crowd import Crowd
from conformance.wire.decoding import ACCEPTED, decoder_for
from conformance.wire.endpoint import Endpoint
from conformance.wire.errand import Errand, Try, Wording, attempt, not_sent
from conformance.wire.limiter import Limiter, Place
from conformance.wire.limits import Budget, Limits, asked_wait, back_off
from conformance.wire.patience import LATER, Deferral, Patience
from conformance.wire.performer import PATH_SAFE
from conformance.wire.redaction import Redactor
from conformance.wire.transport import Transport, fault_of


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
        self._crowd = Crowd(self._limits.lone_timeouts)
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
            self._crowd.asked_again,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    def built_on(self, scenario: str, before: str) -> None:
        """Nothing is older than the latest."""

    def unsent(self, call: Call, fault: Fault) -> Exchange:
        """The exchange of a call that is not made."""
        errand = Errand(call, self._worded(call), 0, 0, malformed=False, tries=[not_sent(fault)])
        return self._redactor.mask_exchange(self._exchange(errand))

    async def perform(
        self, call: Call, *, urgency: int = 0, output_tokens: int = 0, malformed: bool = False
    ) -> Exchange:
        """Make a call, and make it again where that may help; never raises for what the server does.

        What says «later» is asked again as long as there is progress; what failed, a few times and over a
        fresh connection; what timed out in company, with fewer in flight and then alone; a `malformed`
        request that is answered with 500 not at all.
        """
        errand = Errand(call, self._worded(call), urgency, output_tokens, malformed)
        while (wait := await self._in_turn(errand)) is not None:
            tried = errand.tries[-1]
            tried.waited = wait
            if tried.body is not None:
                tried.body.trim()
            await self._rest(tried, wait)
        if errand.answered:
            self._budget.mended(errand.failures - 1)
        exchange = self._exchange(errand)
        if errand.deciding.progress.received > LONG:
            # To look through it takes a while, and the others' clocks run.
            return await asyncio.to_thread(self._redactor.mask_exchange, exchange)
        return self._redactor.mask_exchange(exchange)

    async def _rest(self, tried: Try, wait: float) -> None:
        if not tried.put_off:
            await asyncio.sleep(wait)
            return
        with self._patience.resting():
            await asyncio.sleep(wait)

    async def _in_turn(self, errand: Errand) -> float | None:
        """One try, once there is a slot for it; gives the seconds until the next, if there is to be one."""
        try:
            urgency = errand.urgency + len(errand.tries) + errand.crowded * AHEAD
            among = errand.among if errand.repeatable else self._crowd.for_once
            async with self._limiter.slot(urgency, self._budget.remaining, among) as place:
                if errand.crowded and self._crowd.over(errand.tokens):
                    return None
                if fault := self._forbidden(errand.tokens):
                    errand.tries.append(not_sent(fault))
                    return None
                errand.tries.append(await self._counted(errand))
                return self._wait(errand, place)  # before the slot is free: the next may have to wait as well
        except TimeoutError:
            errand.tries.append(not_sent(DEADLINE))
            return None

    def _forbidden(self, tokens: int) -> Fault | None:
        """Why nothing more is sent; None where a request with that estimate may be."""
        if self._patience.over:
            return Fault("later", f"not sent: {WORN_OUT.format(self._patience.bound)}")
        spent = self._budget.exhausted(tokens)
        return Fault(*spent) if spent else None

    async def _counted(self, errand: Errand) -> Try:
        self._budget.requests += 1
        self._budget.retries += bool(errand.tries)
        self._crowd.asked_again += errand.crowded > 0 and errand.tries[-1].timed_out
        self._budget.reserved_tokens += errand.tokens
        try:
            tried = await self._once(errand.call, errand.worded, fresh=bool(errand.tries))
        finally:
            self._budget.reserved_tokens -= errand.tokens
        self._bill(tried, errand.tokens)
        return tried

    async def _once(self, call: Call, worded: Wording, *, fresh: bool) -> Try:
        """Send, and read until the answer ends, breaks, or passes a bound."""
        tried = Try(time.monotonic(), time.time())
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

    async def _exchange_bytes(self, call: Call, worded: Wording, tried: Try, *, fresh: bool) -> None:
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

    def _out_of_time(self, tried: Try, *, deadline: bool) -> Fault:
        progress = tried.progress
        got = "no answer"
        if progress.status is not None:
            got = f"HTTP {progress.status} and {progress.received} bytes, but no end"
        if deadline:
            return Fault("deadline", f"the run's deadline of {self._limits.deadline:g} s passed with {got}")
        return Fault("timeout", f"{got} within the time-out of {self._limits.request_timeout:g} s")

    def _bill(self, tried: Try, estimate: int) -> None:
        """Take note of what an answer cost."""
        if tried.status is None or not 200 <= tried.status < 300 or tried.body is None:
            return
        data = b"".join(chunk for _, chunk in tried.body.pieces[-USAGE_CHUNKS:])
        output = _last_number(OUTPUT_TOKENS, data)
        self._budget.output_tokens += estimate if output is None else output
        self._budget.input_tokens += _last_number(INPUT_TOKENS, data) or 0

    def _wait(self, errand: Errand, place: Place) -> float | None:
        """Seconds until the next try, having learnt from the last; None where there is none to be made."""
        tried = errand.tries[-1]
        tried.put_off = tried.status in LATER and not self._final(self._exchange(errand))
        if tried.put_off:
            return self._put_off(errand, tried)
        if tried.status is not None:
            self._patience.answered(errand.put_off)
        if tried.timed_out:
            return self._timed_out(errand, tried, place)
        if tried.status is not None:
            self._limiter.answered(self._crowd.share(tried.duration, self._limits.request_timeout))
            self._crowd.answered(errand.tokens, errand.crowded)
        if not tried.failed(malformed=errand.malformed) or errand.failures >= self._limits.tries:
            return None
        wait = back_off(self._limits, errand.failures, errand.call.scenario)
        if tried.status is not None:
            asked = asked_wait(tried.header("retry-after"))
            wait = wait if asked is None else min(asked, self._limits.longest_wait)
        return wait if self._budget.may_retry(wait) else None

    def _put_off(self, errand: Errand, tried: Try) -> float | None:
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

    def _timed_out(self, errand: Errand, tried: Try, place: Place) -> float | None:
        """The same after a time-out, of which the requests beside it may be the reason."""
        if place.company == 1:
            if errand.crowded and self._crowd.led_nowhere(errand.tokens):
                self._limiter.restore()
            return None
        if not self._crowd.may_ask(errand.tokens):
            return None
        self._crowd.too_many()
        self._limiter.too_many(tried.began)
        if not (errand.repeatable and self._budget.may_wait(0.0)):
            return None
        if tried.status is None:
            self._budget.output_tokens += errand.tokens  # given up on, it may be paid for all the same
        errand.crowded += 1
        errand.among = place.company // 2 if errand.crowded == 1 else 1
        return 0.0

    def _exchange(self, errand: Errand) -> Exchange:
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
            retries=tuple(map(attempt, errand.others)),
            hung_up=tried.hung_up,
        )

    def _worded(self, call: Call) -> Wording:
        body = call.body or b""
        headers = {"Accept": "*/*", "Accept-Encoding": ACCEPTED, "User-Agent": AGENT}
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        given = (
            *self._credentials.headers,
            *authorization(self._endpoint, self._credentials.key, call.credential),
            *call.headers,
        )
        return Wording(
            call.method, url_of(self._endpoint, self._credentials, call), _merged(headers, given), body
        )


def url_of(endpoint: Endpoint, credentials: Credentials, call: Call) -> str:
    """Where a call goes: base URL, path and query. What the path has not encoded itself is encoded."""
    root = "" if call.absolute else endpoint.responses_path
    path = quote(root + call.path, safe=PATH_SAFE)
    query = (*credentials.query, *call.query)
    return f"{endpoint.base_url}{path}" + (f"?{urlencode(query)}" if query else "")


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
AHEAD = 1_000_000
"""More than any urgency: what timed out in company goes first: it is soon known whether that helps."""
WORN_OUT = "the provider has said nothing but «later» for {:g} s"
USAGE_CHUNKS = 64
"""Usage stands at the end: in the last event of a stream, or in a body of few chunks."""
OUTPUT_TOKENS = re.compile(rb'"output_tokens"\s{0,8}:\s{0,8}(\d{1,9})\b')
INPUT_TOKENS = re.compile(rb'"input_tokens"\s{0,8}:\s{0,8}(\d{1,9})\b')
