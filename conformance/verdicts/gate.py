"""The gate: known failures, the baseline, the exit code, and whether verdicts repeat. All of it pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from conformance.contract import moved
from conformance.contract.level import Level
from conformance.verdicts.clients import ClientRun
from conformance.verdicts.verdict import JUDGED, SETTLED, SEVERITY, Row, Run, Verdict

FAILING = frozenset({Verdict.FAIL, Verdict.WARN})

CONFORMS, VIOLATED, INTERRUPTED, INTERNAL, USAGE, NOTHING, UNJUDGED = range(7)
"""The exit codes."""


class Known(Protocol):
    """An entry of a profile's list of known failures: a requirement or a check, one of them empty.

    `expires` is the first day on which the entry no longer excuses anything.
    """

    @property
    def requirement(self) -> str: ...
    @property
    def check(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def link(self) -> str: ...
    @property
    def expires(self) -> date | None: ...


def check_id(node_id: str) -> str:
    """A check's name wherever the suite lies: its node id from the module's file name on.

    A checkout and an installed wheel spell the folders before it differently. A check that was moved since
    has its name of today.
    """
    path, colons, rest = node_id.partition("::")
    return moved.check(f"{path.replace(chr(92), '/').rsplit('/', 1)[-1]}{colons}{rest}")


def matches(entry: Known, row: Row) -> bool:
    """Whether a known failure means this row: exactly its requirement, or exactly its check."""
    if entry.requirement and entry.requirement != row.requirement:
        return False
    if entry.check and check_id(entry.check) != check_id(row.check):
        return False
    return bool(entry.requirement or entry.check)


def worst(rows: Sequence[Row]) -> Row:
    """Of the repetitions of a check the row that is worst for the provider; the first of several."""
    return min(rows, key=lambda row: SEVERITY.index(row.verdict))


def excused(row: Row, known_failures: Iterable[Known], today: date) -> Row:
    """The row, KNOWN where it fails and is on the list until a later date; an ERROR stays an ERROR.

    What was not judged is neither failing nor fixed.
    """
    if row.verdict not in FAILING:
        return row
    expired = ""
    for entry in known_failures:
        if not matches(entry, row):
            continue
        if entry.expires is None or today < entry.expires:
            until = f", until {entry.expires.isoformat()}" if entry.expires else ""
            link = f" ({entry.link})" if entry.link else ""
            return replace(row, verdict=Verdict.KNOWN, reason=f"known failure{until}: {entry.reason}{link}")
        expired = f"the known failure «{entry.reason}» expired on {entry.expires.isoformat()}"
    return replace(row, reason="; ".join(filter(None, (row.reason, expired)))) if expired else row


def stale_entries(
    rows: Sequence[Row], known_failures: Sequence[Known], checks: Mapping[str, str], profile: str
) -> tuple[Row, ...]:
    """A row of its own for each entry of the list that no longer belongs there.

    `checks` are all checks of the suite, by their ids, with their requirements. An entry is stale where
    everything that it means was judged on its whole evidence and passes, or where the whole suite was judged
    and nothing matches it. That a part of it passes proves nothing.
    """
    made = {check_id(row.check) for row in rows}
    found = []
    for entry in known_failures:
        meant = [row for row in rows if matches(entry, row)]
        left_out = [name for name, requirement in checks.items() if requirement == entry.requirement]
        fixed = _fixed(meant) and all(row.whole for row in meant) and made.issuperset(left_out)
        if fixed or (not meant and checks.keys() <= made):
            found.append(_stale(entry, profile, meant))
    return tuple(found)


def _fixed(rows: Sequence[Row]) -> bool:
    """Whether nothing of it fails; an observation cannot, so that it is nothing to be excused for."""
    verdicts = {row.verdict for row in rows}
    return bool(verdicts & {Verdict.PASS, Verdict.NOTE}) and verdicts <= SETTLED


def _stale(entry: Known, profile: str, meant: Sequence[Row]) -> Row:
    named = entry.requirement or entry.check
    why = "is listed, yet no check matches it"
    if meant:
        observed = all(row.verdict is not Verdict.PASS for row in meant)
        kept = "is an observation under this contract" if observed else "passes now"
        why = f"{kept}, yet is listed as a known failure"
    return Row(
        check=f"{profile}::known_failure[{named}]",
        requirement=meant[0].requirement if meant else entry.requirement,
        level=meant[0].level if meant else Level.INFO,
        verdict=Verdict.STALE,
        reason=f"{named} {why} ({entry.reason}): take it off the list",
    )


@dataclass(frozen=True, slots=True)
class Change:
    """One check that another run judged otherwise; `row` is the present one, `before` the earlier verdict."""

    row: Row
    before: Verdict


@dataclass(frozen=True, slots=True)
class Against:
    """A run held against a baseline.

    `worse` and `better` are changes of verdict (what became a WARN is worse, too), `unjudged` the rows that
    the baseline could judge and this run could not, `new` the rows that the baseline has no verdict of,
    `gone` the baseline's checks that a whole run did not make.
    """

    worse: tuple[Change, ...] = ()
    better: tuple[Change, ...] = ()
    unjudged: tuple[Row, ...] = ()
    new: tuple[Row, ...] = ()
    gone: tuple[Row, ...] = ()

    def in_words(self) -> str:
        """One line: how many checks got worse, better, could not be judged, are new or gone."""
        parts = {
            "worse": len(self.worse),
            "better": len(self.better),
            "no longer judged": len(self.unjudged),
            "new": len(self.new),
            "gone": len(self.gone),
        }
        told = ", ".join(f"{number} {word}" for word, number in parts.items() if number)
        return f"against the baseline: {told or 'no change'}"


_BAD = FAILING | {Verdict.KNOWN, Verdict.STALE}


def _badness(verdict: Verdict) -> int:
    """How bad a verdict is for the provider; where nothing was seen, whatever is bad now is worse."""
    return len(SEVERITY) - SEVERITY.index(verdict) if verdict in _BAD else 0


def against_baseline(run: Run, baseline: Run) -> Against:
    """Hold a run against an earlier one, check by check.

    Raises ValueError where the two were judged against different contracts, so that their verdicts say
    different things.
    """
    if run.contract.name != baseline.contract.name:
        raise ValueError(
            f"the baseline was judged against the contract {baseline.contract}, "
            f"this run against {run.contract}: their verdicts cannot be compared"
        )
    before = {check_id(row.check): row for row in baseline.rows}
    now = {check_id(row.check) for row in run.rows}
    worse, better, unjudged, new = [], [], [], []
    for row in run.rows:
        earlier = before.get(check_id(row.check))
        if earlier is None and row.verdict is Verdict.STALE:
            worse.append(Change(row, Verdict.KNOWN))
        elif earlier is None:
            new.append(row)
        elif row.verdict is Verdict.ERROR:
            if earlier.verdict is not Verdict.ERROR:
                unjudged.append(row)
        elif _badness(row.verdict) > _badness(earlier.verdict):
            worse.append(Change(row, earlier.verdict))
        elif _badness(row.verdict) < _badness(earlier.verdict):
            better.append(Change(row, earlier.verdict))
    gone = () if run.partial else tuple(row for name, row in before.items() if name not in now)
    return Against(tuple(worse), tuple(better), tuple(unjudged), tuple(new), gone)


def exit_code(
    rows: Sequence[Row],
    *,
    strict_should: bool = False,
    hurting: Collection[str] = (),
    against: Against | None = None,
) -> int:
    """The exit code that the verdicts amount to: 0, 1, 5 or 6.

    A WARN is red with `strict_should`, and of the requirements `hurting`. With `against`, only what is worse
    than the baseline counts. A run that judged nothing is never green.
    """
    if not rows:
        return NOTHING
    red = {Verdict.FAIL, Verdict.STALE}
    counted = rows if against is None else [change.row for change in against.worse]
    warned = [row for row in counted if row.verdict is Verdict.WARN]
    if any(row.verdict in red for row in counted):
        return VIOLATED
    if any(strict_should or row.requirement in hurting for row in warned):
        return VIOLATED
    if not any(row.verdict in JUDGED for row in rows):
        return UNJUDGED
    unjudged = [r for r in rows if r.verdict is Verdict.ERROR] if against is None else against.unjudged
    return UNJUDGED if unjudged else CONFORMS


def with_clients(code: int, runs: Sequence[ClientRun], must_work: Collection[str]) -> tuple[int, str]:
    """The exit code of a run that clients have read, of which some must work, and what these did in words.

    One that breaks is red; one that did nothing is not green either.
    """
    hurt, idle = [], []
    for run in runs:
        jobs = ", ".join(cell.job for cell in run.cells if cell.hurt)
        if run.client not in must_work or (not jobs and any(cell.word == "ok" for cell in run.cells)):
            continue
        if jobs:
            hurt.append(f"{run.client} must work, and breaks in: {jobs}")
        else:
            why = run.why or "the recording has nothing for it"
            idle.append(f"{run.client} must work, and was not run: {why}")
    if hurt and code in {CONFORMS, UNJUDGED}:
        code = VIOLATED
    if idle and code == CONFORMS:
        code = UNJUDGED
    return code, "; ".join([*hurt, *idle])


def unjudged_in_one_line(rows: Sequence[Row]) -> str:
    """Why a run that judged nothing is not green; empty where something was judged."""
    if not rows or any(row.verdict in JUDGED for row in rows):
        return ""
    errors = [row for row in rows if row.verdict is Verdict.ERROR]
    if not errors:
        return f"nothing was judged: all {len(rows)} checks were skipped, inconclusive or observations"
    return (
        f"nothing was judged: {len(errors)} of {len(rows)} checks ended in an error, "
        f"the first for this reason: {errors[0].reason}"
    )


@dataclass(frozen=True, slots=True)
class Flip:
    """A check whose verdict is not the same in every run; None where a run did not make it."""

    check: str
    requirement: str
    verdicts: tuple[Verdict | None, ...]


@dataclass(frozen=True, slots=True)
class Repeats:
    """How several judged runs against the same server agree: each check stands in exactly one of these.

    `flaky` are the checks whose verdict flips, `failing` those that are FAIL, WARN, STALE or ERROR in every
    run, `stable` all others.
    """

    runs: int
    stable: tuple[str, ...]
    flaky: tuple[Flip, ...]
    failing: tuple[str, ...]

    def in_words(self) -> tuple[str, ...]:
        """How many checks are steady, and a line for each that is not."""
        counts = f"{len(self.stable)} stable, {len(self.failing)} failing each time, {len(self.flaky)} flaky"
        flips = (
            f"flaky: {flip.requirement} {check_id(flip.check)}: "
            + ", ".join(verdict.value if verdict else "not made" for verdict in flip.verdicts)
            for flip in self.flaky
        )
        return (f"repeated {self.runs} times: {counts}", *flips)


def flips(runs: Sequence[Sequence[Row]]) -> Repeats:
    """Compare the rows of several runs, check by check."""
    verdicts: dict[str, list[Verdict | None]] = {}
    named: dict[str, Row] = {}
    for number, rows in enumerate(runs):
        for row in rows:
            named.setdefault(row.check, row)
            verdicts.setdefault(row.check, [None] * len(runs))[number] = row.verdict
    stable, flaky, failing = [], [], []
    for check, seen in verdicts.items():
        if len(set(seen)) > 1:
            flaky.append(Flip(check, named[check].requirement, tuple(seen)))
        elif seen[0] in FAILING | {Verdict.STALE, Verdict.ERROR}:
            failing.append(check)
        else:
            stable.append(check)
    return Repeats(len(runs), tuple(stable), tuple(flaky), tuple(failing))
