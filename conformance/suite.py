"""One run without pytest: performs the plan, turns rows into a run, writes what is left of it."""

import datetime
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from conformance import __version__, gate
from conformance.exchange import Exchange
from conformance.gate import Against, Repeats
from conformance.profile import Profile
from conformance.record import Record
from conformance.reference import server
from conformance.report import badge, markdown, results
from conformance.report.model import Evidence
from conformance.scenario import Scenario, Setting
from conformance.settings import Settings
from conformance.verdict import Row, Run, Traffic, Verdict
from conformance.wire.credentials import Credentials, Secret, read_credentials
from conformance.wire.limits import Limits
from conformance.wire.performer import Performer
from conformance.wire.prefetch import perform_all, stop_reason
from conformance.wire.recording import Manifest, Recorder
from conformance.wire.redaction import Redactor, sweep
from conformance.wire.replay import Replay, Resuming
from conformance.wire.transport import Live


class Suite:
    """What one run accumulates: `records`, one for each repetition, and `run` once everything is judged."""

    def __init__(self, settings: Settings, environ: Mapping[str, str]) -> None:
        """Read the key, unless nothing will be sent. Raises ProfileError."""
        self.settings = settings
        self.records: list[Record] = []
        self.run: Run | None = None
        self._against: Against | None = None
        self._repeats: Repeats | None = None
        self._traffic = Traffic()
        self._began = time.monotonic()
        self._started_at = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        self._base_url = settings.replay.manifest.base_url if settings.replay else settings.profile.base_url
        self._credentials = _credentials(settings, environ)
        self._redactor = Redactor(self._credentials.secrets, settings.profile.secret_headers)
        if settings.replay is None and not settings.dry_run and not settings.profile.embedded:
            Live(
                settings.profile, self._credentials, self._redactor
            )  # an unfit proxy or CA bundle shows here

    @property
    def setting(self) -> Setting:
        """What scenarios may know of the provider."""
        profile = self.settings.profile
        return Setting(profile.model, profile.unclaimed)

    @property
    def report(self) -> Path:
        """The HTML report."""
        return self.settings.report_dir / "index.html"

    @property
    def warnings(self) -> Sequence[str]:
        """What the user should know before anything is sent."""
        return self._redactor.warnings()

    def prepare(self) -> None:
        """Make the report folder ready, so that no answer gets lost. Raises RecordingError or OSError."""
        manifest = Manifest.of(self.settings.profile, self._started_at)
        self.settings.report_dir.mkdir(parents=True, exist_ok=True)
        if self.settings.replay is None:
            for folder in self._folders():
                Recorder(folder).begin(manifest, resume=self.settings.resume)

    async def perform(
        self, scenarios: Iterable[Scenario], on_done: Callable[[Exchange], None] = lambda _: None
    ) -> None:
        """Perform the plan, as often as it is to be repeated. Raises RecordingError where a disk is full."""
        plan = list(scenarios)
        with self._endpoint() as profile:
            for folder in self._folders():
                performer = self._performer(profile, folder)
                try:
                    record = await self._once(plan, performer, Recorder(folder), on_done)
                finally:
                    self._traffic = _sum(self._traffic, performer.traffic)
                    await performer.aclose()
                self.records.append(record)

    def judged(
        self,
        rounds: Sequence[Sequence[Row]],
        *,
        complete: bool,
        partial: frozenset[str],
        stopped: int | None = None,
    ) -> Sequence[Row]:
        """The rows as they count, known failures excused; sets `run`.

        `rounds` are the rows of each repetition, in one order. `complete` and `partial` say what was
        selected, as `gate.apply_known_failures` has them. `stopped` is the exit code of a run that ended
        before its time.
        """
        settings = self.settings
        rows = gate.apply_known_failures(
            _worst(rounds),
            settings.profile.known_failures,
            datetime.datetime.now(datetime.UTC).date(),
            complete=complete,
            partial=partial,
        )
        self._repeats = gate.flips(rounds) if settings.repeat > 1 else None
        run = Run(
            suite=__version__,
            provider=settings.profile.name,
            base_url=self._base_url,
            model=settings.profile.model,
            contract=settings.profile.contract,
            started_at=self._started_at,
            duration=time.monotonic() - self._began,
            exit_code=0,
            traffic=self._traffic,
            rows=rows,
            summary=self._stop_reason() or gate.unjudged_in_one_line(rows),
        )
        self._against = gate.against_baseline(run, settings.baseline) if settings.baseline else None
        code = gate.exit_code(rows, strict_should=settings.strict_should, against=self._against)
        self.run = replace(run, exit_code=code if stopped is None else stopped)
        return rows

    def evidence(self) -> Evidence:
        """What the HTML report shows beside the verdicts."""
        outcomes = self.records[0].outcomes if self.records else {}
        exchanges = {name: seen for name, seen in outcomes.items() if isinstance(seen, Exchange)}
        return Evidence(exchanges, self._against, self._repeats)

    def write(self) -> None:
        """Write `results.json`, `summary.md` and `badge.json`. Raises OSError."""
        if self.run is not None:
            folder = self.settings.report_dir
            results.write(self.run, folder / "results.json")
            markdown.write(self.run, folder / "summary.md", self._against, self._repeats)
            badge.write(self.run, folder / "badge.json")

    def sweep(self, *elsewhere: Path) -> Sequence[Path]:
        """Mask what secrets still stand in the files written, also in those that lie elsewhere.

        Gives the files that had one. Raises OSError.
        """
        return [hit for path in (self.settings.report_dir, *elsewhere) for hit in sweep(path, self._redactor)]

    def _stop_reason(self) -> str:
        return next(filter(None, map(stop_reason, self.records)), "")

    def _folders(self) -> Sequence[Path]:
        first = self.settings.report_dir
        return [first, *(first / f"repeat-{number}" for number in range(2, self.settings.repeat + 1))]

    @contextmanager
    def _endpoint(self) -> Iterator[Profile]:
        """The profile with a base URL to send to; the embedded provider runs as long as it is needed."""
        profile = self.settings.profile
        if not profile.embedded or self.settings.replay:
            yield profile
            return
        with server.serve(key=self._credentials.key) as base_url:
            self._base_url = base_url
            yield replace(profile, base_url=base_url)

    def _performer(self, profile: Profile, folder: Path) -> Performer:
        settings = self.settings
        if settings.replay:
            return settings.replay
        limits = Limits(
            concurrency=settings.concurrency,
            request_timeout=settings.request_timeout,
            deadline=settings.deadline,
            requests_per_minute=settings.requests_per_minute,
            max_requests=settings.max_requests,
            max_output_tokens=settings.max_output_tokens,
        )
        live = Live(profile, self._credentials, self._redactor, limits, self._began)
        return Resuming(Replay(folder), live) if settings.resume else live

    async def _once(
        self,
        plan: Sequence[Scenario],
        performer: Performer,
        recorder: Recorder,
        on_done: Callable[[Exchange], None],
    ) -> Record:
        replaying = self.settings.replay is not None

        def keep(exchange: Exchange) -> None:
            if not replaying:
                recorder.write(exchange)
            on_done(exchange)

        return await perform_all(plan, self.setting, performer, on_done=keep, stop_early=not replaying)


def _credentials(settings: Settings, environ: Mapping[str, str]) -> Credentials:
    if settings.replay or settings.dry_run:
        return Credentials()
    if settings.profile.embedded:
        key = Secret(server.KEY)
        return Credentials(key, secrets=(key,))
    return read_credentials(settings.profile, environ)


def _worst(rounds: Sequence[Sequence[Row]]) -> Sequence[Row]:
    """Of the repetitions of a check the row that is worst for the provider."""
    return [min(rows, key=lambda row: SEVERITY.index(row.verdict)) for rows in zip(*rounds, strict=True)]


SEVERITY = (
    Verdict.FAIL,
    Verdict.STALE,
    Verdict.WARN,
    Verdict.ERROR,
    Verdict.KNOWN,
    Verdict.INCONCLUSIVE,
    Verdict.SKIP,
    Verdict.PASS,
)


def _sum(one: Traffic, other: Traffic) -> Traffic:
    return Traffic(
        one.requests + other.requests,
        one.retries + other.retries,
        one.input_tokens + other.input_tokens,
        one.output_tokens + other.output_tokens,
        max(one.peak_in_flight, other.peak_in_flight),
    )
