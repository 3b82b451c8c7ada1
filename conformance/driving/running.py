"""Runs clients, job after job, against what stands in the provider's place."""

import sys
from collections.abc import Callable, Iterator, Sequence
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


def read_recording(folder: Path, began: Callable[[str], object]) -> list[ClientRun]:
    """Run every client on a folder of recordings. Raises RecordingError."""
    recorded = Recorded(folder)
    setup = Setup(recorded.manifest.model, sys.executable)
    clients, jobs = list(CLIENTS.values()), list(JOBS.values())
    return run_clients(clients, jobs, FromRecording(recorded), setup, lambda client: began(client.name))


def _run(client: Client, jobs: Sequence[Job], providing: Providing, setup: Setup, address: str) -> ClientRun:
    if why := client.missing(setup.python):
        return ClientRun(client.name, None, tuple(_not_run(client, job, why) for job in jobs), why)
    work = _Work(client, jobs, providing, setup, address)
    cells = tuple(work.cells())
    return ClientRun(client.name, work.who, cells)


class _Work:
    """The jobs of one client, in as few processes as its manners allow: one that hangs is begun anew."""

    def __init__(
        self, client: Client, jobs: Sequence[Job], providing: Providing, setup: Setup, address: str
    ) -> None:
        self._client = client
        self._left = list(jobs)
        self._providing = providing
        self._setup = setup
        self._address = address
        self.who: Who | None = None

    def cells(self) -> Iterator[Cell]:
        """Every job's."""
        while self._left:
            try:
                with driver(self._client.command(self._setup.python)) as found:
                    self.who = found.who
                    yield from self._with(found)
            except (Died, Hangs) as error:
                for job in self._left:
                    yield Cell(self._client.name, job.name, "not run", f"its driver does not start: {error}")
                return

    def _with(self, found: Driver) -> Iterator[Cell]:
        """What one process does, until none is left or it is gone."""
        while self._left:
            job = self._left.pop(0)
            if why := self._client.cannot.get(job.name):
                yield _not_run(self._client, job, why)
                continue
            try:
                first = self._providing.path(self._client, job)
            except Unanswerable as error:
                yield _not_run(self._client, job, str(error))
                continue
            try:
                prompt = self._client.prompts.get(job.name, "")
                task = job.task(base_url(self._address, first), self._setup.model, prompt)
                reported = found.do(task, self._setup.patience)
            except Hangs:
                yield self._ended(job, first, "hang", f"nothing within {self._setup.patience:g} s", "")
                return
            except Died as error:
                yield self._ended(job, first, "exception", f"the process ended: {error}", "ProcessEnded")
                return
            given = self._providing.notes.of(first)
            yield judge(
                self._client.name, job, reported, [(e.scenario, sent_by(e), ended_early(e)) for e in given]
            )

    def _ended(self, job: Job, first: str, word: ClientWord, says: str, kind: str) -> Cell:
        names = tuple(each.scenario for each in self._providing.notes.of(first))
        return Cell(self._client.name, job.name, word, says, kind, names)


def _not_run(client: Client, job: Job, why: str) -> Cell:
    return Cell(client.name, job.name, "not run", why)
