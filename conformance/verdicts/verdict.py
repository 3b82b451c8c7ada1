"""The closed words of an outcome: verdict, finding, one judged row, one run."""

from dataclasses import dataclass
from enum import StrEnum

from conformance.contract.contracts import Contract
from conformance.contract.level import Level
from conformance.exchange import Traffic
from conformance.verdicts.clients import ClientRun


class Verdict(StrEnum):
    """What one check says of one provider."""

    PASS = "PASS"  # noqa: S105 - a verdict, no password
    FAIL = "FAIL"
    WARN = "WARN"
    ERROR = "ERROR"
    INCONCLUSIVE = "INCONCLUSIVE"
    SKIP = "SKIP"
    KNOWN = "KNOWN"
    STALE = "STALE"
    NOTE = "NOTE"


SEVERITY = (
    Verdict.FAIL,
    Verdict.STALE,
    Verdict.ERROR,
    Verdict.WARN,
    Verdict.KNOWN,
    Verdict.INCONCLUSIVE,
    Verdict.SKIP,
    Verdict.PASS,
    Verdict.NOTE,
)
"""The verdicts, worst first: what every list is sorted by, and what a check that was repeated counts as.

NOTE stands last: it is an observation, which says nothing of whether the contract is kept.
"""

JUDGED = frozenset({Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.KNOWN, Verdict.STALE})
"""The verdicts that say something about the provider."""

SETTLED = frozenset({Verdict.PASS, Verdict.SKIP, Verdict.NOTE})
"""The verdicts that ask nobody to do anything."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One departure from the contract.

    `where` is a JSON path (`$.usage.total_tokens`), an event number (`event 7`) or a header's name;
    `scenario` names the exchange that shows it, empty for the check's own.
    """

    expected: str
    actual: str
    where: str = ""
    scenario: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One check's verdict, as `results.json` and every report show it.

    `check` is the pytest node id, `exchange` the recording's path relative to the report folder (empty
    where nothing was sent), `reason` says in words why the row is not a plain PASS, `notes` are
    observations that never change a verdict. `judged` counts the exchanges that the check looked at, and
    `whole` says whether these are all that it can look at: of a narrowed run it may not be. `shown_by` names
    the scenarios whose exchanges show a violation, or could not be judged. `traceback` is set only where the
    suite itself broke.
    """

    check: str
    requirement: str
    level: Level
    verdict: Verdict
    scenario: str = ""
    exchange: str = ""
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    judged: int = 0
    whole: bool = True
    shown_by: tuple[str, ...] = ()
    traceback: str = ""
    duration: float = 0.0


@dataclass(frozen=True, slots=True)
class Kept:
    """An earlier row of a check that this run did not judge, with when it was (ISO 8601), and by what."""

    row: Row
    judged_at: str
    contract: Contract


@dataclass(frozen=True, slots=True)
class Pace:
    """How long something took in so many answers: the median and the 95th percentile, in seconds."""

    answers: int
    median: float
    p95: float


@dataclass(frozen=True, slots=True)
class Run:
    """Everything a report needs to know of one run, without a look at the wire.

    `started_at` is ISO 8601 in UTC, `duration` seconds. `summary` is one line for the case in which the
    counts alone mislead (nothing could be judged, the run was stopped early), else empty. `made` of the
    suite's `total` checks stand in `rows`; the report folder's earlier rows of the others are `kept`.
    `trouble` is set where nothing at all could be judged: what is the matter, why, how to mend it, a line
    each. `clients` are the real clients that read the recording, where they were asked to. `whole_answer` and
    `first_delta` tell how fast the answers were, None where none came or an older suite did not say.
    """

    suite: str
    provider: str
    base_url: str
    model: str
    contract: Contract
    started_at: str
    duration: float
    exit_code: int
    traffic: Traffic
    rows: tuple[Row, ...]
    summary: str = ""
    made: int = 0
    total: int = 0
    kept: tuple[Kept, ...] = ()
    trouble: tuple[str, ...] = ()
    clients: tuple[ClientRun, ...] = ()
    whole_answer: Pace | None = None
    first_delta: Pace | None = None

    @property
    def partial(self) -> str:
        """`1 of 1,512` for a run that left out some of the suite's checks; empty for a whole one."""
        return f"{self.made:,} of {self.total:,}" if self.made < self.total else ""

    def counts(self) -> dict[Verdict, int]:
        """How many rows have each verdict; every verdict has its entry."""
        found = dict.fromkeys(Verdict, 0)
        for row in self.rows:
            found[row.verdict] += 1
        return found
