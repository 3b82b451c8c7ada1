"""Which clients break on which mutant, measured: `python -m tests.impact > conformance/clients/hurt.toml`.

Every client that is installed does its jobs with every mutant of the reference provider whose fault it could
come upon. `--python FILE` names the interpreter that has the clients, `--client NAME` and `--mutant ID` (each
may be repeated) narrow it down.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import takewhile

from conformance.clients.hurt import EFFECTS, HURT, clients
from conformance.clients.hurt import mutants as measured
from conformance.driving.jobs import JOBS, Job
from conformance.driving.providing import FromEndpoint
from conformance.driving.roster import CLIENTS, Client
from conformance.driving.running import Setup, Worker
from conformance.exchange import Call
from conformance.reference.mutants import mutants
from conformance.reference.provider import MODEL
from conformance.reference.server import KEY, serve
from conformance.serving.http import serving
from conformance.serving.recorded import Asked
from conformance.verdicts.clients import Cell
from conformance.wire.credentials import Credentials, Secret
from conformance.wire.endpoint import Endpoint
from conformance.wire.limits import Limits
from conformance.wire.live import Live
from conformance.wire.redaction import Redactor

AREAS = ("response", "message", "part", "reasoning", "call", "item", "usage", "stream", "error")
"""Where faults lie that a client can come upon while it does its jobs."""

PATIENCE = 8.0
"""Seconds for one job: the reference provider answers at once."""


class OfMutants(FromEndpoint):
    """The reference provider with each of its mutants; clients are given the one that is `at` now."""

    def __init__(self, root: str) -> None:
        self.at = ""
        credentials = Credentials(Secret(KEY), secrets=(Secret(KEY),))
        limits = Limits(tries=1, deadline=86_400.0)
        super().__init__(Live(Endpoint(root), credentials, Redactor(credentials.secrets), limits), JOBS)

    def path(self, client: Client, job: Job) -> str:
        """The mutant stands before the job."""
        return f"{client.name}.{self.at}.{job.name}"

    def call(self, label: str, asked: Asked, below: str) -> Call:
        """The request as the mutant gets it."""
        mutant = label.removeprefix(f"{label.partition('.')[0]}.").rpartition(".")[0]
        return replace(super().call(label, asked, below), path=f"/m/{mutant}/v1{below}", absolute=True)


def wanted() -> list[str]:
    """The mutants that a client could come upon."""
    return [mutant.id for mutant in mutants().values() if mutant.requirement.partition(".")[0] in AREAS]


@dataclass(frozen=True, slots=True)
class Measured:
    """How a client did with one mutant: the cells in which it was hurt. `version` is the client's."""

    mutant: str
    cells: Sequence[Cell]
    version: str

    @property
    def effects(self) -> list[str]:
        """What the fault does to the client, the silent first."""
        found = {_effect(cell) for cell in self.cells}
        return [effect for effect in EFFECTS if effect in found]

    def unlike(self, kept: Sequence[str]) -> str:
        """In what it differs from what is kept, in words; empty where it does not."""
        if list(kept) == self.effects:
            return ""
        told = "; ".join(f"{cell.job}: {cell.word}: {cell.says}" for cell in self.cells)
        return f"{self.mutant}: was {list(kept)}, is {self.effects} ({told})"


def measure(client: Client, ids: Sequence[str], setup: Setup) -> Iterator[Measured]:
    """How a client does with each mutant."""
    with serve(pace=0.0) as url:
        provider = OfMutants(url.removesuffix("/v1"))
        with (
            serving(provider.answer, fast=True, closing=provider.aclose) as address,
            closing(Worker(client, provider, setup, address)) as worker,
        ):
            for id_ in ids:
                provider.at = id_
                cells = [worker.do(JOBS[name]) for name in client.jobs]
                version = worker.who.version if worker.who else ""
                yield Measured(id_, [cell for cell in cells if cell.hurt], version)


def _effect(cell: Cell) -> str:
    if cell.word == "wrong" and cell.job == "refusal" and cell.exception:
        return "message-lost"
    return cell.word


def table(found: Mapping[str, Mapping[str, Measured]]) -> Iterator[str]:
    """The measurements by client and mutant, as TOML under what the file that is kept says of itself."""
    yield from takewhile(lambda line: not line.startswith("["), HURT.read_text("utf-8").splitlines())
    yield "[clients]"
    for id_, client in clients().items():
        version = next((each.version for each in found.get(id_, {}).values()), client.version)
        yield f"{id_} = {{ name = {json.dumps(client.name)}, version = {json.dumps(version)} }}"
    for mutant in wanted():
        hurt = {id_: by[mutant].effects for id_, by in found.items() if mutant in by and by[mutant].cells}
        if hurt:
            yield from ("", f"[mutants.{mutant}]")
            yield f"requirement = {json.dumps(mutants()[mutant].requirement)}"
            yield from (f"{client} = {json.dumps(seen)}" for client, seen in hurt.items())


def main() -> int:
    """Measure, and print the table; what differs from the one that is kept goes to stderr."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--client", action="append", choices=CLIENTS)
    parser.add_argument("--mutant", action="append", choices=wanted())
    given = parser.parse_args()
    found: dict[str, dict[str, Measured]] = {}
    for name in given.client or CLIENTS:
        if why := CLIENTS[name].missing(given.python):
            sys.stderr.write(f"{name}: {why}\n")
            continue
        found[name] = {}
        for each in measure(CLIENTS[name], given.mutant or wanted(), Setup(MODEL, given.python, PATIENCE)):
            found[name][each.mutant] = each
            if each.mutant in measured() and (unlike := each.unlike(measured()[each.mutant].get(name, ()))):
                sys.stderr.write(f"{name} {unlike}\n")
    sys.stdout.writelines(f"{line}\n" for line in table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
