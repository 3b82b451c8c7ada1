"""The gate: known failures, the baseline, the exit code, and whether verdicts repeat. All of it pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from conformance.verdict import Level, Row, Run, Verdict

FAILING = frozenset({Verdict.FAIL, Verdict.WARN})
JUDGED = frozenset({Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.KNOWN, Verdict.STALE})
"""The verdicts that say something about the provider."""

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

    A checkout and an installed wheel spell the folders before it differently.
    """
    path, colons, rest = node_id.partition("::")
    return f"{path.replace(chr(92), '/').rsplit('/', 1)[-1]}{colons}{rest}"


def matches(entry: Known, row: Row) -> bool:
    """Whether a known failure means this row: exactly its requirement, or exactly its check."""
    if entry.requirement and entry.requirement != row.requirement:
        return False
    if entry.check and check_id(entry.check) != check_id(row.check):
        return False
    return bool(entry.requirement or entry.check)


def apply_known_failures(
    rows: Sequence[Row],
    known_failures: Sequence[Known],
    today: date,
    *,
    complete: bool = True,
    partial: Collection[str] = (),
) -> tuple[Row, ...]:
    """The rows with the known failures excused, and with what no longer belongs on the list as STALE.

    A failing row on the list is KNOWN until the entry's date. An ERROR stays an ERROR: what was not
    judged is neither failing nor fixed. An entry is STALE where everything that it means was judged and
    passes, or, in a `complete` run, where nothing matches it. `partial` are the requirements of which the
    run left out some checks: that the rest of them pass proves nothing.
    """
    found = [_excused(row, known_failures, today) for row in rows]
    for entry in known_failures:
        places = [place for place, row in enumerate(rows) if matches(entry, row)]
        if not places:
            if complete:
                found.append(_unmatched(entry))
        elif _fixed([rows[place] for place in places]) and (entry.check or entry.requirement not in partial):
            for place in places:
                if found[place].verdict is Verdict.PASS:
                    found[place] = _stale(found[place], entry)
    return tuple(found)


def _excused(row: Row, known_failures: Iterable[Known], today: date) -> Row:
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


def _fixed(rows: Sequence[Row]) -> bool:
    verdicts = {row.verdict for row in rows}
    return Verdict.PASS in verdicts and verdicts <= {Verdict.PASS, Verdict.SKIP}


def _stale(row: Row, entry: Known) -> Row:
    reason = f"passes now, yet is listed as a known failure ({entry.reason}): take it off the list"
    return replace(row, verdict=Verdict.STALE, reason=reason)


def _unmatched(entry: Known) -> Row:
    named = entry.requirement or entry.check
    return Row(
        check=entry.check,
        requirement=entry.requirement,
        level=Level.INFO,
        verdict=Verdict.STALE,
        reason=f"no check matches the known failure {named!r} ({entry.reason}): take it off the list",
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
    `gone` the baseline's checks that this run did not make.
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


_BADNESS: Mapping[Verdict, int] = {
    Verdict.PASS: 0,
    Verdict.SKIP: 0,
    Verdict.INCONCLUSIVE: 0,
    Verdict.ERROR: 0,  # nothing was seen, so whatever is bad now is worse
    Verdict.KNOWN: 1,
    Verdict.WARN: 2,
    Verdict.STALE: 3,
    Verdict.FAIL: 4,
}


def against_baseline(run: Run, baseline: Run) -> Against:
    """Hold a run against an earlier one, check by check.

    Raises ValueError where the two were judged against different contracts, so that their verdicts say
    different things.
    """
    if run.contract is not baseline.contract:
        raise ValueError(
            f"the baseline was judged against the contract {baseline.contract.value}, "
            f"this run against {run.contract.value}: their verdicts cannot be compared"
        )
    before = {check_id(row.check): row for row in baseline.rows}
    now = {check_id(row.check) for row in run.rows}
    worse, better, unjudged, new = [], [], [], []
    for row in run.rows:
        earlier = before.get(check_id(row.check))
        if earlier is None:
            new.append(row)
        elif row.verdict is Verdict.ERROR:
            if earlier.verdict is not Verdict.ERROR:
                unjudged.append(row)
        elif _BADNESS[row.verdict] > _BADNESS[earlier.verdict]:
            worse.append(Change(row, earlier.verdict))
        elif _BADNESS[row.verdict] < _BADNESS[earlier.verdict]:
            better.append(Change(row, earlier.verdict))
    gone = tuple(row for name, row in before.items() if name not in now)
    return Against(tuple(worse), tuple(better), tuple(unjudged), tuple(new), gone)


def exit_code(rows: Sequence[Row], *, strict_should: bool = False, against: Against | None = None) -> int:
    """The exit code that the verdicts amount to: 0, 1, 5 or 6.

    With `against`, only what is worse than the baseline counts. A run that judged nothing is never green.
    """
    if not rows:
        return NOTHING
    red = {Verdict.FAIL, Verdict.STALE} | ({Verdict.WARN} if strict_should else set())
    counted = rows if against is None else [change.row for change in against.worse]
    if any(row.verdict in red for row in counted):
        return VIOLATED
    if not any(row.verdict in JUDGED for row in rows):
        return UNJUDGED
    unjudged = [r for r in rows if r.verdict is Verdict.ERROR] if against is None else against.unjudged
    return UNJUDGED if unjudged else CONFORMS


def unjudged_in_one_line(rows: Sequence[Row]) -> str:
    """Why a run that judged nothing is not green; empty where something was judged."""
    if not rows or any(row.verdict in JUDGED for row in rows):
        return ""
    errors = [row for row in rows if row.verdict is Verdict.ERROR]
    if not errors:
        return f"nothing was judged: all {len(rows)} checks were skipped or inconclusive"
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
