"""Runs clients, job after job, against what stands in the provider's place."""

import sys
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from conformance.driving.jobs import JOBS, Job
from conformance.driving.judging import judge
from conformance.driving.process import Died, Driver, Hangs, driver
from conformance.driving.providing import FromRecording, Providing, base_url, ended_early
from conformance.driving.roster import CLIENTS, Client
from conformance.driving.sent import sent_by
from conformance.serving.http import serving
from conformance.serving.recorded import Recorded, Unanswerable
from conformance.verdicts.clients import Cell, ClientRun, ClientWord, Who

PATIENCE = 20.0
"""Seconds that a client may take for one job."""


@dataclass(frozen=True, slots=True)
class Setup:
    """How clients are run: the model they ask for, the interpreter of those in Python, seconds a job."""

    model: str
    python: str
    patience: float = PATIENCE
    fast: bool = True


def run_clients(
    clients: Sequence[Client],
    jobs: Sequence[Job],
    providing: Providing,
    setup: Setup,
    began: Callable[[Client], object] = lambda _: None,
) -> list[ClientRun]:
    """Run every client, one after the other. `began` is told of each."""
    with serving(providing.answer, fast=setup.fast, closing=providing.aclose) as address:
        found = []
        for client in clients:
            began(client)
            found.append(_run(client, jobs, providing, setup, address))
        return found


def read_recording(
    folder: Path, began: Callable[[str], object], only: Collection[str] = ()
) -> list[ClientRun]:
    """Run clients on a folder of recordings: those named, or every one. Raises RecordingError."""
    recorded = Recorded(folder)
    setup = Setup(recorded.manifest.model, sys.executable)
    clients = [client for client in CLIENTS.values() if not only or client.name in only]
    jobs = list(JOBS.values())
    return run_clients(clients, jobs, FromRecording(recorded), setup, lambda client: began(client.name))


def _run(client: Client, jobs: Sequence[Job], providing: Providing, setup: Setup, address: str) -> ClientRun:
    if why := client.missing(setup.python):
        return ClientRun(client.name, None, tuple(_not_run(client, job, why) for job in jobs), why)
    with closing(Worker(client, providing, setup, address)) as worker:
        cells = tuple(map(worker.do, jobs))
    return ClientRun(client.name, worker.who, cells)


class Worker:
    """One client at work. Its process is begun with a job, and anew after one that it did not survive."""

    def __init__(self, client: Client, providing: Providing, setup: Setup, address: str) -> None:
        self.who: Who | None = None
        self._client = client
        self._providing = providing
        self._setup = setup
        self._address = address
        self._process = ExitStack()
        self._driver: Driver | None = None
        self._broken = ""

    def do(self, job: Job) -> Cell:
        """How the client does one job."""
        if why := self._client.cannot.get(job.name, self._broken):
            return _not_run(self._client, job, why)
        try:
            first = self._providing.path(self._client, job)
        except Unanswerable as error:
            return _not_run(self._client, job, str(error))
        try:
            found = self._driver or self._begin()
        except (Died, Hangs) as error:
            self._broken = f"its driver does not start: {error}"
            return _not_run(self._client, job, self._broken)
        prompt = self._client.prompts.get(job.name, "")
        task = job.task(base_url(self._address, first), self._setup.model, prompt)
        try:
            reported = found.do(task, self._setup.patience)
        except Hangs:
            self.close()
            return self._ended(job, first, "hang", f"nothing within {self._setup.patience:g} s", "")
        except Died as error:
            self.close()
            return self._ended(job, first, "exception", f"the process ended: {error}", "ProcessEnded")
        if lacking := self._providing.lacks(first):
            return _not_run(self._client, job, lacking)
        given = self._providing.notes.of(first)
        return judge(
            self._client.name, job, reported, [(e.scenario, sent_by(e), ended_early(e)) for e in given]
        )

    def close(self) -> None:
        """End the process."""
        self._driver = None
        self._process.close()

    def _begin(self) -> Driver:
        self._driver = self._process.enter_context(driver(self._client.command(self._setup.python)))
        self.who = self._driver.who
        return self._driver

    def _ended(self, job: Job, first: str, word: ClientWord, says: str, kind: str) -> Cell:
        names = tuple(each.scenario for each in self._providing.notes.of(first))
        return Cell(self._client.name, job.name, word, says, kind, names)


def _not_run(client: Client, job: Job, why: str) -> Cell:
    return Cell(client.name, job.name, "not run", why)
