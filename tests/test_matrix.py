"""The suite sees every mutant and takes no variant for broken: `-k <id>` judges one of them.

The matrix is judged by processes of its own (see `tests.matrix`); each test here waits for its line. What is
said of all lines together is tested where all of them were selected.
"""

import re
import statistics
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path

import pytest

from conformance.contract.requirements import catalogue
from conformance.reference.mutants import mutants
from conformance.reference.variants import variants
from conformance.verdicts.verdict import Verdict
from tests.bench import Bench
from tests.matrix import Judged, Kind, checks_of, due, figures, ids_in, judging, page
from tests.pairs import pairs, untold

pytestmark = pytest.mark.slow

MOST_UNBROKEN = 5
"""Requirements that need no mutant because the catalogue says why there can be none."""

MOST_BESIDE = 3
"""Requirements beside its own that the median mutant may turn: more would hide the fault."""

FEW = 5
"""Checks that may see a mutant and still be needed each: one text or one item is told up to five times, in
the body, in an item's event, at the end of a stream, in the stored copy, and in what was billed."""

ONE_CAUSE = 0.95
"""The share of mutants, each of which is one fault, that a report tells as one cause, at the least."""

MOST_CAUSES = 3
"""The causes that a report may tell of one fault where it does not tell one."""

README = Path(__file__).parent.parent / "README.md"

KINDS: Mapping[str, Kind] = {"mutant": "mutant", "variant": "variant", "pair": "pair"}
"""What a test's parameter is called, and what is judged for it."""

HIDDEN: Mapping[str, str] = {
    "response-done of response-done+store-false-refused": "each stream asks not to be stored, and is refused",
    "image-free of image-free+image-refused": "no image is looked at, so that none can be free",
}
"""Mutants whose fault the other one of a pair hides, and how: `mutant of pair`."""

Lines = Mapping[tuple[Kind, str], Future[Judged]]


@pytest.fixture(scope="module")
def lines(request: pytest.FixtureRequest) -> Iterator[Lines]:
    """The lines of all mutants and variants that were selected, in that order, as they come."""
    chosen: list[tuple[Kind, str]] = []
    for item in request.session.items:
        if item.path == request.path and isinstance(item, pytest.Function) and hasattr(item, "callspec"):
            for kind, id_ in item.callspec.params.items():
                chosen.append((KINDS[kind], str(id_)))
    with judging() as judge:
        yield {(kind, id_): judge(kind, id_) for kind, id_ in chosen}


@pytest.fixture(scope="module")
def whole(lines: Lines) -> Mapping[tuple[Kind, str], Judged]:
    """The whole matrix."""
    if len([kind for kind, _ in lines if kind != "pair"]) < len(mutants()) + len(variants()):
        pytest.skip("only some of the matrix was selected")
    return {name: line.result() for name, line in lines.items() if name[0] != "pair"}


@pytest.mark.parametrize("mutant", mutants())
def test_mutant_is_seen(lines: Lines, mutant: str) -> None:
    """By a check of its requirement, as FAIL or WARN as the level says; by a note where that is INFO."""
    judged, bent = lines["mutant", mutant].result(), mutants()[mutant]
    said = {f"{seen.requirement} {seen.verdict}: {seen.words}" for seen in judged.seen}
    assert judged.own, f"{bent.requirement} is not {due(bent)}; said was {said or 'nothing'}"


@pytest.mark.parametrize("variant", variants())
def test_variant_stays_green(lines: Lines, variant: str) -> None:
    """Under each contract that it keeps, no verdict is worse than the healthy provider's."""
    judged = lines["variant", variant].result()
    assert [f"{s.contract}: {s.check}[{s.row}] {s.verdict}: {s.words}" for s in judged.red] == []


@pytest.mark.parametrize("pair", pairs())
def test_two_faults_are_two_causes(lines: Lines, pair: str) -> None:
    """Each under its own requirement, except where one of them hides what would show the other."""
    judged = lines["pair", pair].result()
    hidden = {name.partition(" of ")[0] for name in HIDDEN if name.endswith(f" of {pair}")}
    assert set(untold(judged)) == hidden, judged.causes


def test_what_a_mutant_breaks_shows_in_few_other_places(whole: Mapping[tuple[Kind, str], Judged]) -> None:
    """Requirements beside its own that a mutant turns: a report must lead to the fault."""
    collateral = [len(line.collateral) for line in whole.values() if line.kind == "mutant"]
    assert statistics.median(collateral) <= MOST_BESIDE


def test_one_fault_is_one_cause(whole: Mapping[tuple[Kind, str], Judged]) -> None:
    """At whose head stands the requirement that the mutant names; an observation has no cause."""
    several = {line.id: line.causes for line in _told(whole) if not line.explained}
    assert len(several) <= (1 - ONE_CAUSE) * len(_told(whole)), several


def test_no_fault_is_many_causes(whole: Mapping[tuple[Kind, str], Judged]) -> None:
    many = {line.id: line.causes for line in _told(whole) if len(line.causes) > MOST_CAUSES}
    assert many == {}


def test_the_readme_says_how_often_one_fault_is_one_cause(whole: Mapping[tuple[Kind, str], Judged]) -> None:
    share = sum(line.explained for line in _told(whole)) / len(_told(whole))
    told = f"tells {int(share * 100)} % of the mutants as one cause, and none as more than {MOST_CAUSES}"
    assert told in " ".join(README.read_text(encoding="utf-8").split())


def _told(whole: Mapping[tuple[Kind, str], Judged]) -> list[Judged]:
    """The mutants of which a report tells causes."""
    return [line for line in whole.values() if line.kind == "mutant" and line.causes]


def test_every_check_is_needed(whole: Mapping[tuple[Kind, str], Judged]) -> None:
    """For each check there is a mutant of its requirement that it sees with few others or alone."""
    needed = {
        check
        for line in whole.values()
        if line.kind == "mutant" and len(line.checks) <= FEW
        for check in line.checks
        if check[1] == mutants()[line.id].requirement
    }
    unbroken = {requirement.id for requirement in catalogue().values() if requirement.unbroken}
    idle = {check for check in checks_of(Bench.collect()) if check not in needed and check[1] not in unbroken}
    assert idle == set()


def test_the_readme_tells_what_the_matrix_comes_to(whole: Mapping[tuple[Kind, str], Judged]) -> None:
    assert str(figures(list(whole.values()))) in " ".join(README.read_text(encoding="utf-8").split())


def test_the_readme_counts_the_mutants_and_variants_that_there_are() -> None:
    """Without a single verdict, so that a new mutant is told of at once."""
    told = re.search(
        r"(\d+) mutants made by hand and \d+ of (\d+) derived .* \d+ of (\d+) variants",
        " ".join(README.read_text(encoding="utf-8").split()),
    )
    derived = sum(mutant.derived for mutant in mutants().values())
    assert told is not None
    assert [int(n) for n in told.groups()] == [len(mutants()) - derived, derived, len(variants())]


def test_the_page_names_every_mutant_and_variant(whole: Mapping[tuple[Kind, str], Judged]) -> None:
    """`python -m tests.matrix` writes it."""
    assert ids_in(page(list(whole.values()))) == {*mutants(), *variants()}


def test_few_requirements_need_no_mutant() -> None:
    """Those of level INFO have mutants too: a note tells of these."""
    broken = {mutant.requirement for mutant in mutants().values()}
    unbroken = {requirement.id for requirement in catalogue().values() if requirement.unbroken}
    assert catalogue().keys() - broken == unbroken
    assert len(unbroken) <= MOST_UNBROKEN


def test_no_mutant_breaks_what_nothing_can_tell_of() -> None:
    told = {due(mutant) for mutant in mutants().values()}
    assert told <= {Verdict.FAIL, Verdict.WARN, Verdict.NOTE}
