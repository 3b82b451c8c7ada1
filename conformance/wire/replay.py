"""Performs calls out of recordings: a run judged again, and a run gone on with."""

import time
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

from conformance.exchange import Call, Exchange, Fault, Sent, Traffic, file_name, trouble
from conformance.wire.earlier import Earlier
from conformance.wire.performer import PATH_SAFE, Performer
from conformance.wire.recording import RecordingError, read, read_manifest, recordings_in
from conformance.wire.sameness import difference


class Replay:
    """Performs calls out of recordings; sends nothing and needs no key.

    A recording that is damaged, or of another request, gives an exchange with a fault of the kind
    `recording`; what the recorded run did not perform one of the kind `unrecorded`. The version of the suite
    that recorded does not matter: what was asked is compared, request by request.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = recordings_in(folder)
        self.manifest = read_manifest(self.folder)
        self._earlier = Earlier(self.folder)

    @property
    def suite(self) -> str:
        """The version of the suite that made the recordings, fit for a line."""
        return " ".join(self.manifest.suite.split())[:40]

    @property
    def traffic(self) -> Traffic:
        """Nothing is sent."""
        return Traffic()

    def has(self, scenario: str) -> bool:
        """Whether that run recorded a scenario."""
        return (self.folder / file_name(scenario)).is_file()

    async def perform(
        self,
        call: Call,
        *,
        urgency: int = 0,  # noqa: ARG002 - nothing waits
        output_tokens: int = 0,  # noqa: ARG002 - nothing is spent
        malformed: bool = False,  # noqa: ARG002 - nothing is sent again
    ) -> Exchange:
        """The recorded exchange of a call."""
        return self.find(call)

    def find(self, call: Call) -> Exchange:
        """The recorded exchange of a call, or why there is none."""
        file = self.folder / file_name(call.scenario)
        if not file.is_file():
            return self.unsent(call, Fault("unrecorded", f"not performed in that run, by suite {self.suite}"))
        try:
            exchange = read(file)
        except RecordingError as error:
            return self.unsent(call, Fault("recording", str(error)))
        if other := self._other_request(call, exchange):
            message = f"recorded with another request, by suite {self.suite}: {other}; record it again"
            return self.unsent(call, Fault("recording", message))
        return exchange

    def built_on(self, scenario: str, before: str) -> Exchange | None:
        """What a recording was made with, where that was recorded anew since."""
        return self._earlier.built_on(scenario, before)

    def unsent(self, call: Call, fault: Fault) -> Exchange:
        """The exchange of a call that is not made."""
        return Exchange(
            scenario=call.scenario,
            request=Sent(call.method, self.manifest.base_url + self._path(call), (), call.body or b""),
            status=None,
            headers=(),
            chunks=(),
            fault=fault,
            started_at=time.time(),
            duration=0.0,
        )

    async def aclose(self) -> None:
        """Nothing is open."""

    def _path(self, call: Call) -> str:
        root = "" if call.absolute else self.manifest.responses_path
        return quote(root + call.path, safe=PATH_SAFE)

    def _other_request(self, call: Call, exchange: Exchange) -> str:
        """In what a recorded request differs from the call; host, key and headers do not count."""
        sent = exchange.request
        parts = urlsplit(sent.url)
        if exchange.scenario != call.scenario:
            return f"it was recorded for {exchange.scenario}"
        if sent.method != call.method:
            return f"the method is {sent.method}, not {call.method}"
        if not parts.path.endswith(self._path(call)):
            return f"the path is {parts.path}, not …{self._path(call)}"
        recorded = parse_qsl(parts.query, keep_blank_values=True)
        if any(pair not in recorded for pair in call.query):
            return f"the query is {parts.query or 'empty'}"
        return difference(sent.body, call.body or b"", call.bounds)


class Resuming:
    """Takes what an unfinished run has recorded, and performs only what is missing or could not be judged.

    What is older than that run's start was left there by the one before.
    """

    def __init__(self, recorded: Replay, live: Performer) -> None:
        self._recorded = recorded
        self._live = live
        self.resumed = 0

    @property
    def traffic(self) -> Traffic:
        """What this run has sent."""
        return self._live.traffic

    async def perform(
        self, call: Call, *, urgency: int = 0, output_tokens: int = 0, malformed: bool = False
    ) -> Exchange:
        """The recorded exchange if it is alive and of this call, or else a new one."""
        exchange = self._recorded.find(call)
        since = self._recorded.manifest.epoch
        if exchange.started_at >= since and not trouble(exchange):
            self.resumed += 1
            return exchange
        return await self._live.perform(
            call, urgency=urgency, output_tokens=output_tokens, malformed=malformed
        )

    def built_on(self, scenario: str, before: str) -> None:
        """Whatever builds on an answer that is newer than itself is performed anew."""

    def unsent(self, call: Call, fault: Fault) -> Exchange:
        """The exchange of a call that is not made."""
        return self._live.unsent(call, fault)

    async def aclose(self) -> None:
        """Close what is open."""
        await self._live.aclose()
