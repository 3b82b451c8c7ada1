"""What a user can type and how it ends: the words in which `tests/surface_table.py` puts it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from conformance.verdicts.gate import CONFORMS, USAGE, VIOLATED
from tests.runs import KEY, Ran

FILES = frozenset({"index.html", "results.json", "junit.xml", "summary.md", "badge.json", "exchanges"})
NONE: frozenset[str] = frozenset()
"""What lies in a report folder: after a run, and where nothing was to be written."""

Server = Literal["reference", "broken", "slow", "fickle", "trap", "alone"]
"""What a line is typed against.

`reference` is the embedded provider, `broken` one with a mutant. `slow` takes seconds for each answer,
`fickle` is wrong every other time. Behind `trap` nobody answers and nobody may call. A line that is typed
`alone` stands in a checkout of its own, and neither an endpoint nor a report folder is added to it.
"""

BROKEN = "usage-total-of-output"
"""The mutant behind `broken` unless a line says otherwise."""

Environ = Mapping[str, str]
WITH_KEY: Environ = {"CONFORMANCE_API_KEY": KEY}
WITHOUT_KEY: Environ = {"CONFORMANCE_API_KEY": ""}


@dataclass(frozen=True, slots=True)
class Ends:
    """How a run ends: its exit code, what is printed and what never, what lies in the report folder.

    `shows` says whether all else is as it should be.
    """

    code: int
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    files: frozenset[str] = FILES
    shows: Callable[[Ran], object] = lambda _: True


@dataclass(frozen=True, slots=True)
class Line:
    """One row: what is typed, and how it ends against each server.

    `before` is typed first, against the same server and into the same report folder. `fault` says why the row
    does not hold yet.
    """

    typed: str
    ends: Mapping[Server, Ends]
    before: str = ""
    mutant: str = BROKEN
    environ: Environ = field(default_factory=lambda: WITH_KEY)
    fault: str = ""


def ends(
    code: int,
    *says: str,
    never: tuple[str, ...] = (),
    files: frozenset[str] = FILES,
    shows: Callable[[Ran], object] = lambda _: True,
) -> Ends:
    """How a run ends."""
    return Ends(code, says, never, files, shows)


def judged(
    typed: str, *says: str, before: str = "", environ: Environ = WITH_KEY, fault: str = "", only: bool = False
) -> Line:
    """A line that selects one check and changes nothing in its verdict.

    With `only` it is not typed against the reference as well.
    """
    told = ("partial: 1 of {total} checks", *says)
    red = ends(VIOLATED, *told, shows=verdicts_are("FAIL"))
    green = ends(CONFORMS, *told, shows=verdicts_are("PASS"))
    against: dict[Server, Ends] = {"broken": red} if only else {"reference": green, "broken": red}
    return Line(typed, against, before, environ=environ, fault=fault)


def shown(typed: str, *says: str, fault: str = "") -> Line:
    """A line that only shows something: nothing is sent or written, and no key is needed."""
    return Line(typed, {"trap": ends(CONFORMS, *says, files=NONE)}, environ=WITHOUT_KEY, fault=fault)


def refused(typed: str, *says: str, environ: Environ = WITH_KEY, fault: str = "") -> Line:
    """A line that cannot be followed: nothing is sent or written."""
    return Line(typed, {"trap": ends(USAGE, *says, files=NONE)}, environ=environ, fault=fault)


def verdicts_are(*verdicts: str) -> Callable[[Ran], bool]:
    """Whether exactly these are the verdicts, in any order."""
    return lambda ran: sorted(ran.verdicts.values()) == sorted(verdicts)


def traffic(name: str, wanted: int) -> Callable[[Ran], bool]:
    """Whether the run had so much traffic of that kind."""
    return lambda ran: bool(ran.results["traffic"][name] == wanted)


def starts(ran: Ran) -> list[float]:
    """When each request of a run was sent, as Unix time, in order."""
    files = (file for file in (ran.report / "exchanges").iterdir() if file.name != "manifest.json")
    return sorted(json.loads(file.read_text(encoding="utf-8"))["started_at"] for file in files)
