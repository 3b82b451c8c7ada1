"""Faults of real gateways and servers that were reported in public, and which of them the checks see.

`python -m conformance.reference.reported > docs/reported-faults.md` writes the page.
"""

import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from conformance.contract.requirements import catalogue
from conformance.contract.sources import cite
from conformance.reference.mutants import mutants

FILE = Path(__file__).with_name("reported_faults.toml")


@dataclass(frozen=True, slots=True)
class ReportedFault:
    """One fault: where it was reported (`owner/repository#7`), what went wrong, and what shows it.

    `mutants` are the reference provider broken in this way; `unseen` says why there are none. What is an
    `event` cannot be provoked: it is a rule on every exchange.
    """

    report: str
    fault: str
    mutants: tuple[str, ...] = ()
    unseen: str = ""
    event: bool = False

    @property
    def link(self) -> str:
        """The address of the report."""
        (piece,) = cite(self.report, {})
        assert piece.source is not None
        return piece.source.url


@cache
def reported_faults() -> Mapping[str, ReportedFault]:
    """Every reported fault by its report. Raises ValueError where one has neither mutants nor a reason."""
    found: dict[str, ReportedFault] = {}
    for report, entry in tomllib.loads(FILE.read_text(encoding="utf-8")).items():
        given = {**entry, "mutants": tuple(entry.get("mutants", ()))}
        fault = ReportedFault(report, **given)
        if bool(fault.mutants) == bool(fault.unseen):
            raise ValueError(f"{FILE.name}: {report}: name either mutants or the reason why there are none")
        found[report] = fault
    return MappingProxyType(found)


def figure() -> str:
    """How many of them are seen."""
    faults = reported_faults().values()
    return f"reported faults seen: {sum(bool(fault.mutants) for fault in faults)} of {len(faults)}"


def page() -> str:
    """The table as Markdown."""
    return "\n".join(
        [
            "# Faults that were reported in public",
            "",
            "Made by `python -m conformance.reference.reported` from",
            "`conformance/reference/reported_faults.toml`: what users of gateways and servers of",
            "`POST /v1/responses` reported in 2026, and the mutant of the reference provider that is",
            "broken in the same way. `tests/test_matrix.py` holds that a check sees each mutant: as a",
            "violation of a requirement, or in the note of an observation (INFO). An event cannot be",
            "provoked: it is judged on every exchange in which it may happen.",
            "",
            f"In one line, {figure()}.",
            "",
            "| report | what went wrong | shown by, with its requirement; or why not | event |",
            "|---|---|---|---|",
            *map(_row, reported_faults().values()),
            "",
        ]
    )


def _row(fault: ReportedFault) -> str:
    shown = ", ".join(_named(fault)) or f"not seen: {fault.unseen}"
    event = "yes" if fault.event else ""
    return f"| [{fault.report}]({fault.link}) | {fault.fault} | {shown} | {event} |"


def _named(fault: ReportedFault) -> Iterator[str]:
    for id_ in fault.mutants:
        mutant = mutants()[id_]
        level = catalogue()[mutant.requirement].level_if_violated(mutant.contract)
        yield f"`{id_}` ({mutant.requirement}, {level} under {mutant.contract})"


if __name__ == "__main__":
    sys.stdout.write(page())
