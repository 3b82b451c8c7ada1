"""One run without pytest: performs the plan, turns rows into a run, puts its files into place."""

import asyncio
import datetime
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from conformance import __version__
from conformance.clients.hurt import hurting
from conformance.exchange import Exchange, Performance, Traffic
from conformance.report import badge, junit, markdown, results
from conformance.report.measures import measure, pace
from conformance.report.model import Evidence
from conformance.rules.blame import no_wait_mends
from conformance.run.environment import read_credentials
from conformance.run.metering import metered
from conformance.run.performing import nothing_came, perform_all, stop_reason, stop_trouble
from conformance.run.profile import Profile
from conformance.run.profile_values import ProfileError
from conformance.run.record import Record
from conformance.run.report_folder import FILES, PAGE, RESULTS, ReportFolder, kept_rows
from conformance.run.settings import Settings
from conformance.scenarios.closure import built_on
from conformance.scenarios.scenario import Scenario, Target
from conformance.verdicts import gate
from conformance.verdicts.bill import Price
from conformance.verdicts.clients import ClientRun
from conformance.verdicts.gate import Against, Repeats
from conformance.verdicts.verdict import JUDGED, Row, Run
from conformance.wire.credentials import Credentials, Secret
from conformance.wire.earlier import Earlier
from conformance.wire.endpoint import Endpoint, EndpointError
from conformance.wire.limits import Limits
from conformance.wire.live import Live
from conformance.wire.performer import Performer
from conformance.wire.recording import Manifest, Recorder
from conformance.wire.redaction import Redactor, sweep
from conformance.wire.replay import Replay, Resuming
from conformance.wire.transport import Transport


class Suite:
    """What one run accumulates: `records`, one for each repetition, and `run` once everything is judged."""

    def __init__(self, settings: Settings, environ: Mapping[str, str]) -> None:
        """Read the key, unless nothing will be sent. Raises ProfileError."""
        self.settings = settings
        self.records: list[Record] = []
        self.run: Run | None = None
        self.folder = ReportFolder(settings.report_dir)
        self._earlier: Run | None = None
        self._occupied = False
        self._placed: Sequence[Path] = ()
        self._recorders: list[Recorder] = []
        self._chains: Mapping[str, frozenset[str]] = {}
        self._against: Against | None = None
        self._repeats: Repeats | None = None
        self._traffic = Traffic()
        self._began = time.monotonic()
        self._started_at = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        self._manifest = (
            settings.replay.manifest if settings.replay else manifest_of(settings.profile, self._started_at)
        )
        self._base_url = self._manifest.base_url
        self._credentials = _credentials(settings, environ)
        self._redactor = Redactor(self._credentials.secrets, settings.profile.secret_headers)
        if settings.replay is None and not settings.profile.embedded:
            _check_reachable(settings.profile)

    @property
    def target(self) -> Target:
        """What scenarios may know of the provider."""
        return setting_of(self.settings.profile)

    @property
    def report(self) -> Path:
        """The HTML report, or the results where it was not made."""
        page = self.folder.path / PAGE
        return page if page in self._placed else self.folder.path / RESULTS

    @property
    def recordings(self) -> Path:
        """The folder whose exchanges were judged."""
        return self.settings.replay.folder if self.settings.replay else self.folder.path

    @property
    def warnings(self) -> Sequence[str]:
        """What the user should know before anything is sent."""
        return self._redactor.warnings()

    def begin(self, scenarios: Iterable[Scenario], *, whole: bool) -> None:
        """Make the report folder ready, so that no answer gets lost. Raises FolderError or RecordingError.

        `scenarios` are all that may lie there, `whole` says whether all checks of the suite are to be made.
        """
        settings = self.settings
        if settings.replay and self.folder.recordings() not in {None, settings.replay.folder.resolve()}:
            self.folder = ReportFolder(settings.report_dir / REPLAYED)
        self.folder.check(self._manifest, overwrite=settings.overwrite, resume=settings.resume)
        ReportFolder(self.folder.path / UNJUDGED).check_foreign(overwrite=settings.overwrite)
        self.folder.take()
        self._earlier = self.folder.earlier
        self._occupied = self._earlier is not None or self.folder.recordings() is not None
        if settings.replay is None:
            self._chains = built_on(scenarios)
            heads = frozenset[str]().union(*self._chains.values())
            self._recorders = [Recorder(folder, self._manifest, heads) for folder in self._folders()]
            for recorder in self._recorders:
                recorder.begin(renews=whole and not settings.resume, clears=settings.overwrite)

    def failed_on(self) -> Mapping[str, str]:
        """The scenario on which each check failed that failed when it was last made, by the check's id."""
        if self._earlier is None or self.settings.overwrite:
            return {}
        rows = (*(kept.row for kept in self._earlier.kept), *self._earlier.rows)
        return {
            gate.check_id(row.check): Performance.named(row.scenario).scenario for row in rows if row.findings
        }

    async def perform(
        self,
        scenarios: Iterable[Scenario],
        on_done: Callable[[Exchange], None] = lambda _: None,
        interrupted: asyncio.Event | None = None,
    ) -> None:
        """Perform the plan, as often as it is to be repeated. Raises RecordingError where a disk is full.

        Where nothing at all came the first time, nothing is sent again.
        """
        plan = list(scenarios)
        with self._endpoint() as endpoint:
            recorders: Sequence[Recorder | None] = self._recorders or [None]
            for recorder in recorders:
                if self.records and nothing_came(self.records[0]):
                    self.records.append(self.records[0])
                    continue
                performer = self._performer(endpoint, recorder)
                try:
                    record = await self._once(plan, performer, recorder, on_done, interrupted)
                finally:
                    self._traffic += performer.traffic
                    await performer.aclose()
                self.records.append(record)

    def judged(
        self,
        rows: Sequence[Row],
        repeats: Repeats | None,
        checks: Mapping[str, str],
        *,
        dead: bool,
        others_failed: bool,
        stopped: int | None,
        left_out: str = "",
    ) -> Run:
        """The run that the rows make up; sets `run`.

        `checks` are all checks of the suite, by their ids, with their requirements. `dead` says that nothing
        can be judged there, `others_failed` that a test failed which is no check. `stopped` is the exit code
        of a run that ended before its time, `left_out` why a replay could not make all checks, in words.
        """
        settings, profile = self.settings, self.settings.profile
        made = {gate.check_id(row.check) for row in rows} & checks.keys()
        measures = measure(self.evidence().exchanges.values())
        run = Run(
            suite=__version__,
            provider=profile.name,
            base_url=self._base_url,
            model=profile.model,
            contract=profile.contract,
            started_at=self._started_at,
            duration=time.monotonic() - self._began,
            exit_code=0,
            traffic=self._traffic,
            rows=tuple(rows),
            summary=self.stopped_early
            or gate.unjudged_in_one_line(rows)
            or (OTHERS if others_failed else left_out),
            made=len(made),
            total=len(checks),
            trouble=self._trouble() if dead else (),
            whole_answer=pace(measures.latencies),
            first_delta=pace(measures.first_deltas),
        )
        self._repeats = repeats
        self._against = gate.against_baseline(run, settings.baseline) if settings.baseline else None
        code = gate.exit_code(
            rows,
            strict_should=settings.strict_should,
            hurting=hurting(profile.clients) if settings.strict_clients else (),
            against=self._against,
        )
        if others_failed and code in {gate.CONFORMS, gate.UNJUDGED}:
            code = gate.VIOLATED
        self.run = replace(run, exit_code=code if stopped is None else stopped)
        if self._occupied and not any(row.verdict in JUDGED for row in rows):
            self._stand_aside()
        elif not settings.overwrite:
            recorded = [] if settings.replay else list(self.evidence().exchanges)
            self.run = replace(self.run, kept=kept_rows(self._earlier, rows, checks, recorded))
        return self.run

    def read_by(self, clients: Sequence[ClientRun]) -> None:
        """Add to the run what clients made of it, and to its exit code what those did that must work."""
        if self.run is None:
            return
        code, why = gate.with_clients(self.run.exit_code, clients, self.settings.profile.must_work)
        summary = self.run.summary or why
        self.run = replace(self.run, clients=tuple(clients), exit_code=code, summary=summary)

    def _trouble(self) -> tuple[str, ...]:
        """What is the matter with an endpoint that cannot be judged, why, and how to mend it."""
        told = stop_trouble(self.records[0])
        return told.lines if told else (self.stopped_early,)

    def _stand_aside(self) -> None:
        """A run that judged nothing leaves the earlier report as it was, and its own beside it."""
        self.folder.release()
        self.folder = ReportFolder(self.folder.path / UNJUDGED)
        self.folder.take()
        for recorder in self._recorders[:1]:
            recorder.move(self.folder.path)

    def evidence(self) -> Evidence:
        """What the HTML report shows beside the verdicts."""
        outcomes = self.records[0].outcomes if self.records else {}
        exchanges = {
            name: seen
            for name, seen in outcomes.items()
            if isinstance(seen, Exchange) and not (seen.status is None and _stopped(seen))
        }
        profile = self.settings.profile
        bill = metered(self.records[0], profile.tokenizer) if self.records else None
        price = Price(profile.prices.input, profile.prices.currency) if profile.prices else None
        return Evidence(exchanges, self._against, self._repeats, bill, price)

    def masked(self, data: bytes) -> bytes:
        """Bytes without the run's secrets, for what no later search could look into."""
        return self._redactor.mask(data)[0]

    def comparisons(self) -> list[str]:
        """How the run stands against the baseline, and its repetitions against each other, in words."""
        repeated = self._repeats.in_words() if self._repeats else ()
        return [*repeated, *([self._against.in_words()] if self._against else [])]

    def properties(self) -> list[tuple[str, str]]:
        """What `junit.xml` says of the whole run; nothing before it is judged."""
        return junit.suite_properties(self.run) if self.run is not None else []

    def write(self, folder: Path) -> None:
        """Write `results.json`, `summary.md` and `badge.json` there. Raises OSError."""
        if self.run is not None:
            results.write(self.run, folder / "results.json")
            markdown.write(self.run, folder / "summary.md", self._against, self._repeats)
            badge.write(self.run, folder / "badge.json")

    def publish(self, folder: Path) -> Sequence[Path]:
        """Put the files of a folder into the report folder.

        What secrets still stand in them, or in this run's recordings, is masked before; gives the files that
        had one. Raises OSError.
        """
        for recorder in self._recorders:
            Earlier(recorder.folder).drop(self._chains)
        hit = sweep(folder, self._redactor)
        self._placed = self.folder.place({name: folder / name for name in FILES if (folder / name).is_file()})
        for recorder in self._recorders:
            hit += [found for file in recorder.written for found in sweep(file, self._redactor)]
        return hit

    def end(self) -> None:
        """Let other runs into the report folder."""
        self.folder.release()

    @property
    def stopped_early(self) -> str:
        """Why the run was stopped before everything was sent, in words; empty where it was not."""
        return next(filter(None, map(stop_reason, self.records)), "")

    def _folders(self) -> Sequence[Path]:
        first = self.folder.path
        return [first, *(first / f"repeat-{number}" for number in range(2, self.settings.repeat + 1))]

    @contextmanager
    def _endpoint(self) -> Iterator[Endpoint]:
        """Where to send to; the embedded provider runs as long as it is needed."""
        profile = self.settings.profile
        if not profile.embedded or self.settings.replay:
            yield profile.endpoint
            return
        from conformance.reference import server  # it brings a web server along, which no other run needs

        with server.serve(key=self._credentials.key, contract=profile.contract) as base_url:
            self._base_url = base_url
            yield replace(profile.endpoint, base_url=base_url)

    def _performer(self, endpoint: Endpoint, recorder: Recorder | None) -> Performer:
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
        live = Live(endpoint, self._credentials, self._redactor, limits, self._began, final=no_wait_mends)
        return Resuming(Replay(recorder.folder), live) if settings.resume and recorder else live

    async def _once(
        self,
        plan: Sequence[Scenario],
        performer: Performer,
        recorder: Recorder | None,
        on_done: Callable[[Exchange], None],
        interrupted: asyncio.Event | None,
    ) -> Record:
        if recorder is None:
            return await perform_all(plan, self.target, performer, on_done=on_done, stop_early=False)

        def keep(exchange: Exchange) -> None:
            recorder.write(exchange)
            if not _stopped(exchange):
                on_done(exchange)

        return await perform_all(
            plan, self.target, performer, on_done=keep, on_life=recorder.open, interrupted=interrupted
        )


OTHERS = "tests that are no checks of the suite failed in the same session, so it is red"

UNJUDGED, REPLAYED = "unjudged", "replayed"
"""Folders within the report folder: of a run that must not take the place of what lies there."""


def _stopped(exchange: Exchange) -> bool:
    """Whether it was not sent because the run had been stopped."""
    return exchange.fault is not None and exchange.fault.kind == "stopped"


def setting_of(profile: Profile) -> Target:
    """What scenarios may know of a provider."""
    return Target(profile.model, profile.unclaimed, profile.contract)


def manifest_of(profile: Profile, started_at: str) -> Manifest:
    """What the recordings of a run that begins now are of."""
    return Manifest.of(
        profile.endpoint,
        started_at,
        provider=profile.name,
        model=profile.model,
        contract=profile.contract.name,
        unclaimed=profile.unclaimed,
    )


def _check_reachable(profile: Profile) -> None:
    """Raise ProfileError where nothing could be sent because of an unfit proxy or CA bundle."""
    try:
        Transport(profile.endpoint, connections=1)
    except EndpointError as error:
        raise ProfileError(f"profile {profile.name}: {error}") from None


def _credentials(settings: Settings, environ: Mapping[str, str]) -> Credentials:
    if settings.replay:
        return Credentials()
    if settings.profile.embedded:
        from conformance.reference import server  # as above

        key = Secret(server.KEY)
        return Credentials(key, secrets=(key,))
    return read_credentials(settings.profile, environ)
