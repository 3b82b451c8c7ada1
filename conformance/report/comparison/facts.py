"""What a buyer looks at first: how much of the contract is kept, how fast the answers are, whom it breaks."""

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.clients.hurt import EFFECTS, IN_WORDS, clients
from conformance.contract.level import Level
from conformance.report.causes import ToldCause
from conformance.report.measures import seconds
from conformance.verdicts.verdict import JUDGED, Pace, Run, Verdict

MET = frozenset({Verdict.PASS, Verdict.STALE})
"""The verdicts of what is kept: a failure that is known is one all the same."""


@dataclass(frozen=True, slots=True)
class Said:
    """One fact of one provider in words, a remark, and the verdict in whose colour it stands, if in one's."""

    words: str
    remark: str = ""
    tone: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of facts; None where nothing is known of a provider."""

    name: str
    said: tuple[Said | None, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """Of the requirements of one level that were judged, how many are met; and how many were not judged."""

    met: int
    judged: int
    unjudged: int

    @property
    def percent(self) -> int:
        """Rounded down: only what is whole is 100."""
        return 100 * self.met // self.judged if self.judged else 0


def share(run: Run, level: Level) -> Share:
    """How much of what a level asks for is kept, counted in requirements."""
    found: dict[str, list[Verdict]] = {}
    for row in run.rows:
        if row.level is level:
            found.setdefault(row.requirement, []).append(row.verdict)
    judged = [[each for each in verdicts if each in JUDGED] for verdicts in found.values()]
    return Share(
        met=sum(bool(verdicts) and MET.issuperset(verdicts) for verdicts in judged),
        judged=sum(map(bool, judged)),
        unjudged=sum(not verdicts for verdicts in judged),
    )


def facts(runs: Sequence[Run]) -> tuple[Fact, ...]:
    """Shares and speed; a line that nobody has anything in is left out."""
    names = ((Level.MUST, "MUSTs met"), (Level.SHOULD, "SHOULDs met"), (Level.CONFLICT, "CONFLICTs kept"))
    found = [Fact(name, tuple(_share(run, level) for run in runs)) for level, name in names]
    found += [
        Fact("Could not be judged", tuple(map(_unjudged, runs))),
        Fact("Whole answer", tuple(_pace(run.whole_answer) for run in runs)),
        Fact("First delta", tuple(_pace(run.first_delta) for run in runs)),
    ]
    return tuple(fact for fact in found if any(fact.said))


def hurt(causes: Sequence[Sequence[ToldCause]]) -> tuple[Fact, ...]:
    """A line for each client that was seen to break on a cause of any provider: how, and on how many."""
    found = (
        Fact(client.name, tuple(_hurt(told, client.id) for told in causes)) for client in clients().values()
    )
    return tuple(fact for fact in found if any(said and said.tone for said in fact.said))


def ran(runs: Sequence[Run]) -> tuple[Fact, ...]:
    """A line for each client that was run with what a provider sent: how many of its jobs it did."""
    names = dict.fromkeys(each.client for run in runs for each in run.clients)
    found = (Fact(name, tuple(_ran(run, name) for run in runs)) for name in names)
    return tuple(fact for fact in found if any(fact.said))


def _share(run: Run, level: Level) -> Said | None:
    found = share(run, level)
    if not found.judged:
        return Said("none judged", f"of {found.unjudged}") if found.unjudged else None
    left = f"{found.unjudged} of {found.judged + found.unjudged} not judged" if found.unjudged else ""
    return Said(f"{found.met} of {found.judged} ({found.percent}\N{NO-BREAK SPACE}%)", left)


def _unjudged(run: Run) -> Said:
    errors, open_ = (run.counts()[verdict] for verdict in (Verdict.ERROR, Verdict.INCONCLUSIVE))
    words = "1 check" if errors == 1 else f"{errors} checks"
    remark = f"{open_} more inconclusive" if open_ else ""
    return Said(words, remark, Verdict.ERROR if errors else None)


def _pace(pace: Pace | None) -> Said | None:
    if pace is None:
        return None
    return Said(
        f"median {seconds(pace.median)}", f"95th percentile {seconds(pace.p95)}, {pace.answers} answers"
    )


def _hurt(causes: Sequence[ToldCause], client: str) -> Said:
    breaking = [hurt for told in causes for hurt in told.hurt if hurt.client.id == client]
    effects = [each for each in EFFECTS if any(each in hurt.effects for hurt in breaking)]
    if not effects:
        return Said("", "not seen")
    number = "1 cause" if len(breaking) == 1 else f"{len(breaking)} causes"
    return Said("; ".join(IN_WORDS[effect] for effect in effects), f"by {number}", Verdict.FAIL)


def _ran(run: Run, client: str) -> Said | None:
    cells = [cell for each in run.clients if each.client == client for cell in each.cells]
    done = [cell for cell in cells if cell.word != "not run"]
    if not done:
        return None
    well = sum(cell.word == "ok" for cell in done)
    return Said(f"{well} of {len(done)} jobs", tone=Verdict.PASS if well == len(done) else Verdict.FAIL)
