"""The matrix: every mutant and every variant of the reference provider, judged by all checks that apply.

`python -m tests.matrix > mutants.md` writes what each of them is seen by; it takes minutes.

What is changed on the wire (by the hooks `frames` and `reply`) goes over the socket of a real server, through
the suite's own transport. All else is judged in this process: the provider's reply becomes the exchange
without a socket, and from the exchange on the path to the verdict is the same.

A mutant is shown every scenario but the boundary cases of request fields, and of these the ones that the
checks of its requirement read. A variant is shown all scenarios.
"""

import os
import re
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from typing import Literal

from conformance.contract.causes import relations
from conformance.contract.contracts import Contract
from conformance.contract.requirements import catalogue
from conformance.reference.app import Providers
from conformance.reference.hooks import HEALTHY, Hooks, unchanged
from conformance.reference.mutants import mutants
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import combine
from conformance.reference.provider import Provider
from conformance.reference.server import KEY, listening, serve, url_of
from conformance.reference.variants import variants
from conformance.run.record import Record
from conformance.scenarios.closure import closure
from conformance.verdicts.causes import causes
from conformance.verdicts.outcome import Outcome, verdict_if_violated
from conformance.verdicts.verdict import Row, Verdict
from tests.bench import Bench, Check, worse

USAGE = "usage: python -m tests.matrix > mutants.md\n"
"""It takes no option: it judges everything, for minutes."""

Kind = Literal["mutant", "variant", "pair"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What one row of the suite says now, where it says something worse or, of an INFO requirement, else.

    `check` is the test function's node id and `row` its parameters.
    """

    check: str
    row: str
    requirement: str
    verdict: Verdict
    contract: Contract
    words: str


@dataclass(frozen=True, slots=True)
class Judged:
    """One provider's line in the matrix. `rows` says how many rows were judged.

    `causes` are, of a mutant and of a pair, the requirements that each cause is told of. A pair's id is
    that of both mutants, with `+` between; nothing else is told of it.
    """

    kind: Kind
    id: str
    wire: bool
    rows: int
    seen: tuple[Seen, ...]
    causes: tuple[tuple[str, ...], ...] = ()

    @property
    def explained(self) -> bool:
        """Of a mutant, whether all that is violated is told as one cause, at whose head it stands."""
        requirement = mutants()[self.id].requirement
        return len(self.causes) == 1 and requirement in self.causes[0]

    @property
    def own(self) -> tuple[Seen, ...]:
        """Of a mutant, what the checks of its requirement say, with the verdict of its level."""
        mutant = mutants()[self.id]
        return tuple(s for s in self.seen if s.requirement == mutant.requirement and s.verdict is due(mutant))

    @property
    def collateral(self) -> frozenset[str]:
        """Of a mutant, the other requirements that something is said of."""
        return frozenset(s.requirement for s in self.seen) - {mutants()[self.id].requirement}

    @property
    def checks(self) -> frozenset[tuple[str, str]]:
        """The checks that see it: test function and requirement. What cannot be judged is not seen."""
        return frozenset((s.check, s.requirement) for s in self.seen if s.verdict is not Verdict.ERROR)

    @property
    def red(self) -> tuple[Seen, ...]:
        """Of a variant, what is said of it and should not be."""
        return tuple(s for s in self.seen if s.requirement not in variants()[self.id].worse)


def due(mutant: Mutant) -> Verdict:
    """The verdict that a mutant must get from a check of its requirement. NOTE: its notes must tell of it."""
    return verdict_if_violated(catalogue()[mutant.requirement], mutant.contract)


def on_the_wire(hooks: Hooks) -> bool:
    """Whether a provider differs where only its bytes show it."""
    return hooks.frames is not unchanged or hooks.reply is not unchanged


def judge_mutant(id_: str, base_url: str) -> Judged:
    """Judge one mutant by all checks that the scenarios performed allow."""
    mutant = mutants()[id_]
    wire = on_the_wire(mutant.hooks)
    bench = _bench().performing(_scenes(mutant.requirement))
    url = url_of(base_url, mutant=id_) if wire else ""
    verdicts = bench.verdicts(_record(bench, mutant.hooks, url), mutant.contract)
    base = base_url if wire else ""
    healthy = _healthy(mutant.contract, base)
    found = [_seen(check, now, mutant.contract) for check, now in worse(healthy, verdicts, bench)]
    if due(mutant) is Verdict.NOTE:
        # What differs between two runs of the healthy provider says nothing.
        runs = healthy, _healthy(mutant.contract, base, 2)
        for check in bench.of(mutant.requirement).checks:
            now = verdicts[check.node]
            if _told_else([run[check.node].notes for run in runs], now.notes):
                found.append(_seen(check, now, mutant.contract))
    return Judged("mutant", id_, wire, len(bench.checks), tuple(found), _causes(bench, verdicts))


def judge_pair(id_: str, base_url: str) -> Judged:
    """Judge a provider that has the faults of two mutants, for its causes alone."""
    del base_url  # of a provider that no other line has
    both = [mutants()[name] for name in id_.split("+")]
    hooks = combine(*(mutant.hooks for mutant in both))
    names = _scenes(both[0].requirement) | _scenes(both[1].requirement)
    bench, wire = _bench().performing(names), on_the_wire(hooks)
    if wire:
        with listening(Providers(Provider(KEY, hooks), lambda _, __: None)) as url:
            record = _record(bench, hooks, url)
    else:
        record = _record(bench, hooks, "")
    found = _causes(bench, bench.verdicts(record, both[0].contract))
    return Judged("pair", id_, wire, len(bench.checks), (), found)


def _causes(bench: Bench, verdicts: Mapping[str, Outcome]) -> tuple[tuple[str, ...], ...]:
    """The causes that a run with these verdicts would tell: of each the requirements of its own rows."""
    told = causes([_row(check, verdicts[check.node]) for check in bench.checks], relations())
    return tuple(tuple(dict.fromkeys(row.requirement for row in cause.own)) for cause in told)


def _row(check: Check, judged: Outcome) -> Row:
    """The row that a session would make of it, as far as causes ask."""
    name = next((finding.scenario for finding in judged.findings if finding.scenario), "")
    scenario = name or next((named.name for named in check.scenarios), "")
    shown_by = judged.shown_by or (scenario,)
    return Row(
        check.node,
        check.requirement,
        judged.level,
        judged.verdict,
        scenario,
        findings=judged.findings,
        shown_by=shown_by,
    )


def judge_variant(id_: str, base_url: str) -> Judged:
    """Judge one variant by all checks, under each contract that it keeps."""
    variant = variants()[id_]
    wire = on_the_wire(variant.hooks)
    bench = _bench()
    record = _record(bench, variant.hooks, url_of(base_url, variant=id_) if wire else "")
    found: list[Seen] = []
    for contract in sorted(variant.contracts, key=str):
        healthy = _healthy(contract, base_url if wire else "")
        verdicts = bench.verdicts(record, contract)
        found += [_seen(check, now, contract) for check, now in worse(healthy, verdicts, bench)]
    return Judged("variant", id_, wire, len(bench.checks) * len(variant.contracts), tuple(found))


JUDGES: Mapping[Kind, Callable[[str, str], Judged]] = {
    "mutant": judge_mutant,
    "variant": judge_variant,
    "pair": judge_pair,
}


@contextmanager
def judging(processes: int | None = None) -> Iterator[Callable[[Kind, str], Future[Judged]]]:
    """Processes that judge, one for each core, and the server that those on the wire are served by."""
    workers = processes or len(os.sched_getaffinity(0))
    with serve() as url:
        pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
        try:
            yield lambda kind, id_: pool.submit(JUDGES[kind], id_, url)
        finally:
            pool.shutdown(cancel_futures=True)


@cache
def _bench() -> Bench:
    return Bench.collect()


@cache
def _scenes(requirement: str) -> frozenset[str]:
    """The names of the scenarios that a mutant of a requirement is shown."""
    bench = _bench()
    plain = [scenario for scenario in bench.scenarios() if scenario.area != "request_fields"]
    return frozenset(closure([*plain, *bench.of(requirement).scenarios()]))


@cache
def _healthy(contract: Contract, base_url: str, number: int = 1) -> Mapping[str, Outcome]:
    """The verdicts of the healthy provider's first or second run."""
    return _bench().verdicts(_healthy_record(base_url, number), contract)


@cache
def _healthy_record(base_url: str, number: int) -> Record:
    del number  # runs of the same provider, each performed once
    return _record(_bench(), HEALTHY, base_url)


def _record(bench: Bench, hooks: Hooks, url: str) -> Record:
    return bench.record_at(url) if url else bench.record(hooks)


def _seen(check: Check, now: Outcome, contract: Contract) -> Seen:
    row = check.node.partition("[")[2].removesuffix("]")
    words = now.reason or "; ".join(now.notes)
    return Seen(_function(check), row, check.requirement, now.verdict, contract, words[:300])


def _function(check: Check) -> str:
    """`test_module.py::test_name`."""
    return check.node.partition("[")[0].rpartition("/")[2]


def _told_else(before: Sequence[tuple[str, ...]], now: tuple[str, ...]) -> bool:
    """Whether notes tell something new: other figures only where those of the healthy provider are steady."""
    if len(set(before)) == 1:
        return now not in before
    return _figureless(now) not in {_figureless(notes) for notes in before}


def _figureless(notes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(re.sub(r"\w*[0-9][\w.]*", "#", note) for note in notes)


def checks_of(bench: Bench) -> frozenset[tuple[str, str]]:
    """Every check of the suite, as test function and requirement."""
    return frozenset((_function(check), check.requirement) for check in bench.checks)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the matrix comes to. Mutants derived from the schema share its errors, so they count apart."""

    seen_by_hand: int
    by_hand: int
    seen_derived: int
    derived: int
    green: int
    variants: int

    def __str__(self) -> str:
        """A clause that has the suite for its subject."""
        return (
            f"sees {self.seen_by_hand} of {self.by_hand} mutants made by hand and {self.seen_derived} of "
            f"{self.derived} derived from the request schema, and keeps {self.green} of {self.variants} "
            "variants green"
        )


def figures(lines: Sequence[Judged]) -> Figures:
    """The figures of these lines."""
    broken = [line for line in lines if line.kind == "mutant"]
    derived = [line for line in broken if mutants()[line.id].derived]
    by_hand = [line for line in broken if not mutants()[line.id].derived]
    different = [line for line in lines if line.kind == "variant"]
    return Figures(
        seen_by_hand=sum(bool(line.own) for line in by_hand),
        by_hand=len(by_hand),
        seen_derived=sum(bool(line.own) for line in derived),
        derived=len(derived),
        green=sum(not line.red for line in different),
        variants=len(different),
    )


def page(lines: Sequence[Judged]) -> str:
    """The matrix as Markdown. Raises KeyError where a mutant or a variant is missing."""
    judged = {(line.kind, line.id): line for line in lines}
    broken = [judged["mutant", id_] for id_ in mutants()]
    different = [judged["variant", id_] for id_ in variants()]
    text = [
        "# What the suite sees",
        "",
        f"Of its reference provider the suite {figures(lines)}.",
        "",
        "Mutants derived from the schema share its errors, so they are counted apart and marked below.",
        "A mutant is seen where a check of its requirement turns to the verdict of its level: FAIL for a",
        "MUST, WARN for a SHOULD, a note for an observation. Wire: judged over a socket, else in process.",
        "",
        "## Mutants",
        "",
        "| requirement | mutant | what is broken | derived | wire | seen as |",
        "|---|---|---|---|---|---|",
    ]
    for requirement in catalogue().values():
        of_it = [line for line in broken if mutants()[line.id].requirement == requirement.id]
        text += [_mutant_row(line) for line in of_it]
        if not of_it:
            text.append(f"| {requirement.id} | none | {_cell(requirement.unbroken)} | | | |")
    text += ["", "## Variants", "", "| variant | what is different | contracts | wire | kept green |"]
    text += ["|---|---|---|---|---|", *map(_variant_row, different), ""]
    return "\n".join(text)


def ids_in(text: str) -> set[str]:
    """The ids of mutants and variants that a page names."""
    return set(re.findall(r"^\| (?:[^|`]+ \| )?`([^`]+)` \|", text, re.MULTILINE))


def _mutant_row(line: Judged) -> str:
    mutant = mutants()[line.id]
    under = "" if mutant.contract is Contract.ANYFAST else f" ({mutant.contract})"
    verdict = "note" if due(mutant) is Verdict.NOTE else str(due(mutant))
    shown = verdict if line.own else "**no**"
    derived, wire = ("yes" if fact else "" for fact in (mutant.derived, line.wire))
    told = f"{_cell(mutant.line)}{under}"
    return f"| {mutant.requirement} | `{line.id}` | {told} | {derived} | {wire} | {shown} |"


def _variant_row(line: Judged) -> str:
    variant = variants()[line.id]
    under = ", ".join(sorted(map(str, variant.contracts)))
    spared = f" but for {', '.join(sorted(variant.worse))}" if variant.worse else ""
    kept_green = "**no**" if line.red else f"yes{spared}"
    return f"| `{line.id}` | {_cell(variant.line)} | {under} | {'yes' if line.wire else ''} | {kept_green} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main(words: Sequence[str]) -> int:
    """Judge the whole matrix and print the page; what was missed and what it cost goes to stderr."""
    if words:
        asked = set(words) <= {"-h", "--help"}
        (sys.stdout if asked else sys.stderr).write(USAGE)
        return 0 if asked else 4
    began, lines = time.monotonic(), []
    wanted: list[tuple[Kind, str]] = [*(("mutant", id_) for id_ in mutants())]
    wanted += [("variant", id_) for id_ in variants()]
    with judging() as judge:
        for number, future in enumerate([judge(kind, id_) for kind, id_ in wanted], 1):
            lines.append(future.result())
            sys.stderr.write(f"\r{number} of {len(wanted)}, {time.monotonic() - began:.0f} s")
    sys.stdout.write(page(lines))
    sys.stderr.write(f"\n{_in_words(lines)}\n")
    return 0


def _in_words(lines: Sequence[Judged]) -> str:
    beside = sorted(len(line.collateral) for line in lines if line.kind == "mutant")
    missed = [line.id for line in lines if line.kind == "mutant" and not line.own]
    wolf = [line.id for line in lines if line.kind == "variant" and line.red]
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (
        f"the suite {figures(lines)}; missed: {missed or 'none'}; crying wolf: {wolf or 'none'}; "
        "other requirements turned by a mutant: "
        f"median {statistics.median(beside):g}, most {beside[-1]}; "
        f"{spent.ru_utime + spent.ru_stime:.0f} s of processor time"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
