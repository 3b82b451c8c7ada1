"""What clients send: exactly the shape that is refused or dropped is told of, and little is sent for it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from conformance.checks.support.shapes import follows
from conformance.clients.hurt import clients
from conformance.contract.contracts import SHIPPED, Contract
from conformance.contract.request_fields import request_fields
from conformance.contract.requirements import CLIENTS, CatalogueError, catalogue, read
from conformance.contract.sources import sources
from conformance.exchange import Exchange, Performance
from conformance.reference.hooks import HEALTHY, Hooks
from conformance.reference.mutants import client_requests, loops, mutants
from conformance.reference.mutations import combine
from conformance.reference.server import KEY, serve
from conformance.reference.variants import variants
from conformance.run.plan import costs, further_attempts
from conformance.run.record import Record
from conformance.scenarios.client_requests import BYTES, NAMES, OVER_LONG, TURN
from conformance.scenarios.closure import closure
from conformance.scenarios.scenario import Scenario, Target
from conformance.scenarios.shapes import says
from conformance.scenarios.storage_remembered import BY_REFERENCE_PLAIN, NOTED
from conformance.verdicts.judge import Inconclusive
from conformance.verdicts.outcome import Outcome
from conformance.verdicts.verdict import Verdict
from tests.bench import Bench
from tests.exchanges import answer, exchange, recorded
from tests.runs import run
from tests.test_cli import printed, typed

MODULES = ("test_client_requests.py", "test_loops.py")
GREEN = frozenset({Verdict.PASS, Verdict.NOTE, Verdict.SKIP, Verdict.INCONCLUSIVE})


@cache
def bench() -> Bench:
    """The checks of what clients send and send back."""
    return Bench(tuple(c for c in Bench.collect().checks if any(module in c.node for module in MODULES)))


@cache
def whole() -> Bench:
    """Every check of the suite."""
    return Bench.collect()


@cache
def healthy() -> Record:
    return bench().record(HEALTHY)


def told(hooks: Hooks, contract: Contract, checks: Bench | None = None) -> dict[str, Verdict]:
    """The requirements that a provider is told to break, each with its verdict."""
    judging = checks or bench()
    verdicts = judging.verdicts(judging.record(hooks), contract)
    return {
        check.requirement: verdicts[check.node].verdict
        for check in judging.checks
        if verdicts[check.node].verdict not in GREEN
    }


def as_it_must_be(requirement: str, contract: Contract) -> Verdict:
    """What a violation of a requirement is under a contract."""
    level = catalogue(contract)[requirement].level(contract).value
    return Verdict.FAIL if level == "MUST" else Verdict.WARN


def sent(record: Record) -> set[str]:
    """The names of what was sent for these checks' sake."""
    names = (
        Performance.named(name).scenario for name, o in record.outcomes.items() if isinstance(o, Exchange)
    )
    return {name for name in names if name.startswith(("client-", "loop-", "kept-"))}


INCLUDE, PARTS, OUTPUTS = "client.include-empty", "client.items.assistant-parts", "client.items.output-parts"
IDS, THOUGHTS, REFERENCE = "client.items.ids", "loop.reasoning", "loop.reference"
ANSWERED = {"loop.message", "loop.call", "loop.reasoning", "loop.output-image"}
"""What is sent back as it came has ids, whatever else it has."""

SHAPES: Mapping[str, tuple[Hooks, set[str], set[str]]] = {
    "include": (client_requests.INCLUDE, {INCLUDE}, {INCLUDE}),
    "ids": (client_requests.IDS, {IDS, *ANSWERED}, {*ANSWERED} - {"loop.output-image"}),
    "reasoning": (client_requests.THOUGHTS, {THOUGHTS}, {THOUGHTS}),
    "reference": (client_requests.REFERENCES, {REFERENCE}, {REFERENCE}),
    "outputs": (client_requests.OUTPUT_PARTS, {OUTPUTS, "loop.output-image"}, set()),
    "parts": (client_requests.ASSISTANT_PARTS, {PARTS, "loop.message"}, {PARTS, "loop.message"}),
    "all-six": (
        client_requests.SIX_SHAPES,
        {INCLUDE, IDS, PARTS, OUTPUTS, REFERENCE, *ANSWERED},
        {INCLUDE, PARTS, REFERENCE, *ANSWERED} - {"loop.output-image"},
    ),
}
"""A provider that refuses the shape, and what breaks by it: where none is optional, and under the page."""


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("contract", [Contract.OPENAI, Contract.OPENRESPONSES])
def test_a_refused_shape_is_told_of_and_no_other(shape: str, contract: Contract) -> None:
    """By no check of the whole suite, and as badly as its level says."""
    hooks, broken, _ = SHAPES[shape]
    assert told(hooks, contract, whole()) == {id_: as_it_must_be(id_, contract) for id_ in broken}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_page_lets_some_be_refused(shape: str) -> None:
    """Those whose level is MAY, and no other."""
    hooks, everywhere, broken = SHAPES[shape]
    found = told(hooks, Contract.ANYFAST, whole())
    assert found == {id_: as_it_must_be(id_, Contract.ANYFAST) for id_ in broken}
    spared = {catalogue()[id_].level(Contract.ANYFAST).value for id_ in everywhere - broken}
    assert spared <= {"MAY"}


@pytest.mark.parametrize("shape", [*client_requests.DROPPED, "all"])
@pytest.mark.parametrize("contract", SHIPPED.values(), ids=str)
def test_a_shape_that_is_taken_and_not_read_is_red_everywhere(shape: str, contract: Contract) -> None:
    dropped = client_requests.DROPPED
    found = told(dropped[shape] if shape in dropped else combine(*dropped.values()), contract, whole())
    assert {"loop.reference.read", "client.items.read"} & found.keys()
    assert set(found.values()) == {Verdict.FAIL}


DROPS = [m.id for m in (*client_requests.MUTANTS, *loops.MUTANTS) if m.id.endswith(("-dropped", "-cut"))]


@pytest.mark.parametrize("id_", DROPS)
@pytest.mark.parametrize("contract", SHIPPED.values(), ids=str)
def test_what_is_taken_and_dropped_is_red_everywhere(id_: str, contract: Contract) -> None:
    found = told(mutants()[id_].hooks, contract)
    assert found.get(mutants()[id_].requirement) is Verdict.FAIL
    assert set(found.values()) == {Verdict.FAIL}


@pytest.mark.parametrize("contract", SHIPPED.values(), ids=str)
def test_the_reference_takes_and_reads_all_of_it(contract: Contract) -> None:
    """And refuses what its model cannot hold: of that, nothing is read."""
    read = replace(
        bench(), checks=tuple(c for c in bench().checks if c.requirement != "client.over-long.read")
    )
    assert _reasons(read.verdicts(healthy(), contract)) == {}


def _reasons(verdicts: Mapping[str, Outcome]) -> dict[str, str]:
    return {node: o.reason for node, o in verdicts.items() if o.verdict not in {Verdict.PASS, Verdict.NOTE}}


@pytest.mark.parametrize("contract", SHIPPED.values(), ids=str)
def test_a_model_that_answers_in_other_words_breaks_nothing(contract: Contract) -> None:
    assert told(variants()["numbers-in-words"].hooks, contract) == {}


@pytest.mark.parametrize("attempts", [("", "", ""), (NOTED, "", ""), (NOTED, NOTED, ""), (NOTED,)])
def test_a_model_that_does_not_always_follow_proves_nothing(attempts: tuple[str, ...]) -> None:
    """Three misses of a model that misses every other time in plain shapes too are an accident."""
    with pytest.raises(Inconclusive, match=f" {sum(map(bool, attempts))} of {len(attempts)} times"):
        follows(BY_REFERENCE_PLAIN, _answered(BY_REFERENCE_PLAIN, *attempts), says(NOTED))


def test_a_model_that_always_follows_proves_something() -> None:
    follows(BY_REFERENCE_PLAIN, _answered(BY_REFERENCE_PLAIN, NOTED, NOTED, NOTED), says(NOTED))


def _answered(scenario: Scenario, *texts: str) -> Record:
    attempts = enumerate(texts, 1)
    return recorded(*(exchange(scenario, answer(text=text), attempt=number) for number, text in attempts))


def test_a_healthy_provider_is_asked_for_nothing_alone() -> None:
    doubts = {scenario.name for scenario in planned() if scenario.in_doubt}
    assert len(doubts) > 10
    assert sent(healthy()) & doubts == set()
    assert len(sent(healthy()) - {OVER_LONG.name}) == 18


def test_each_shape_is_asked_for_alone_where_all_together_are_refused() -> None:
    found = sent(bench().record(client_requests.INCLUDE))
    alone = {"client-include-empty", "client-extras", "client-dozen-tools", "client-tool-schema"}
    assert alone | {"client-tool-not-strict", "client-long-input"} <= found
    assert "client-item-ids" not in found, "the items were taken together"


def planned() -> Iterable[Scenario]:
    return closure(scenario for check in bench().checks for scenario in check.scenarios).values()


def test_every_request_has_a_bound_on_its_answer() -> None:
    unbounded = [
        exchange.scenario
        for exchange in healthy().outcomes.values()
        if isinstance(exchange, Exchange)
        and exchange.scenario in sent(healthy())
        and exchange.request.method == "POST"
        and "max_output_tokens" not in exchange.sent_json
    ]
    assert unbounded == []
    dear = [s.name for s in planned() if s.name in sent(healthy()) and not 0 < s.output_tokens <= 512]
    assert dear == []


def test_what_is_in_doubt_counts_as_a_further_attempt() -> None:
    target = Target("m")
    doubtful = [scenario for scenario in planned() if scenario.in_doubt]
    once = sum(cost.requests for cost in costs(doubtful, target).values())
    assert further_attempts(doubtful, target).requests == sum(3 if s.shows else 1 for s in doubtful)
    assert once == len(doubtful)


def test_the_first_request_of_an_agent_is_as_long_as_one() -> None:
    call = TURN.build(Target("m"), {})
    assert BYTES < len(call.body or b"") < 1.2 * BYTES
    assert len(NAMES) == 12


MOST_REQUESTS, MOST_OUTPUT, MOST_OF_THE_SHORT_PLAN = 340, 14_000, 14
"""What a run under the page may cost, every answer as long as it may be."""


@pytest.mark.parametrize("narrow", [(), ("-m", "smoke")], ids=["all", "smoke"])
def test_a_run_stays_cheap(tmp_path: Path, narrow: tuple[str, ...]) -> None:
    done = typed(tmp_path, "--dry-run", "--provider", "anyfast", *narrow)
    total = re.search(r"^all: (\d+) requests, at most \d+ input and (\d+) output", done.stdout, re.MULTILINE)
    assert total is not None, done.stdout + done.stderr
    requests, output = map(int, total.groups())
    assert requests <= (MOST_OF_THE_SHORT_PLAN if narrow else MOST_REQUESTS)
    assert output <= MOST_OUTPUT
    assert re.search(r"^loops +\d+ ", done.stdout, re.MULTILINE), "the short plan has a loop too"


def test_a_requirement_names_the_clients_that_send_it(tmp_path: Path) -> None:
    areas = {"client_requests", "loops"}
    assert [r.id for r in catalogue().values() if r.area in areas and not r.sent_by] == []
    assert "  sent by: openai-agents" in printed(tmp_path, "explain", "client.include-empty")
    assert "sent by" not in "".join(printed(tmp_path, "explain", "usage.total"))


def test_the_clients_that_send_are_those_that_are_hurt() -> None:
    assert set(CLIENTS) == set(clients())


def test_a_client_that_nobody_looked_at_is_named(tmp_path: Path) -> None:
    entry = 'clause = "c"\nsource = "S"\nwhy = "w"\nlevels = "MUST"\nsent_by = ["netscape"]\n'
    (tmp_path / "more.toml").write_text(f'["a.b"]\n{entry}', encoding="utf-8")
    with pytest.raises(CatalogueError, match=re.escape("more.toml: a.b: sent_by: netscape is none of")):
        read(tmp_path, request_fields(Contract.ANYFAST), sources())


@pytest.mark.slow
def test_the_report_names_the_clients_that_send_what_is_refused(tmp_path: Path) -> None:
    with serve(mutant="include-empty-refused") as url:
        key = {"CONFORMANCE_API_KEY": KEY}
        ran = run(tmp_path / "r", "--base-url", url, "-k", "test_shape_is_taken and include", environ=key)
    assert list(ran.verdicts.values()) == ["WARN"], ran.printed
    page = (tmp_path / "r" / "index.html").read_text(encoding="utf-8")
    assert '<span class="label">Sent by</span> openai-agents</p>' in page
