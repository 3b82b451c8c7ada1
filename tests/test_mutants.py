"""The tables of mutants and variants: whole, true to the catalogue, and served side by side."""

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import httpx
import pytest

from conformance.checks.survey import Check, checks
from conformance.contract.contracts import SHIPPED, Contract
from conformance.contract.requirements import catalogue
from conformance.reference.__main__ import main
from conformance.reference.hooks import HEALTHY, Request
from conformance.reference.mutants import TABLES, mutants
from conformance.reference.mutations import change_final_snapshots, combine, set_field
from conformance.reference.server import KEY, UnknownName, serve, url_of
from conformance.reference.stream_mutations import change_events
from conformance.reference.variants import TABLES as VARIANT_TABLES
from conformance.reference.variants import variants
from conformance.verdicts.verdict import Verdict
from tests.bench import Bench, by_requirement, worse
from tests.matrix import USAGE
from tests.runs import ROOT

MINIMAL = {"model": "gpt-5.2", "input": "Reply with exactly: Hello there"}
AUTHORIZED = {"authorization": f"Bearer {KEY}"}


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with serve(pace=0.0) as url:
        yield url


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench.collect()


def test_every_mutant_names_a_requirement() -> None:
    unknown = {m.id: m.requirement for m in mutants().values() if m.requirement not in catalogue()}
    assert unknown == {}


def test_there_are_many_with_names_that_fit_a_url() -> None:
    assert len(mutants()) >= 200
    assert len(variants()) >= 80
    names = [*mutants(), *variants()]
    assert [name for name in names if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name)] == []
    lines = [mutant.line for mutant in mutants().values()]
    lines += [variant.line for variant in variants().values()]
    assert [line for line in lines if not line or line.endswith(".") or len(line) > 110] == []


@pytest.mark.parametrize("module", TABLES)
def test_a_mutant_stands_in_the_module_of_its_area(module: str) -> None:
    """That of the checks that must see it, or one whose name begins so."""
    areas = {mutant.id: areas_of(mutant.requirement) for mutant in TABLES[module]}
    strays = {
        id_: found
        for id_, found in areas.items()
        if not any(f"{module}_".startswith(f"{area}_") for area in found)
    }
    assert strays == {}


def test_a_report_can_be_looked_up() -> None:
    reports = {mutant.id: mutant.report for mutant in mutants().values() if mutant.report}
    assert len(reports) >= 10
    assert [id_ for id_, report in reports.items() if not re.fullmatch(r"[\w.-]+/[\w.-]+#\d+", report)] == []


def test_only_what_is_made_from_the_schema_is_called_derived() -> None:
    by_hand = {mutant.id for table in TABLES.values() for mutant in table}
    assert {mutant.id for mutant in mutants().values() if mutant.derived} == mutants().keys() - by_hand


def test_variants_stand_in_modules_of_areas() -> None:
    assert VARIANT_TABLES.keys() <= set().union(*map(areas_of, catalogue()))


@cache
def all_checks() -> tuple[Check, ...]:
    return tuple(checks())


@cache
def areas_of(requirement: str) -> set[str]:
    """The areas of the checks that cover a requirement: `usage` is that of `test_usage.py`."""
    nodes = (node for check in all_checks() for node in check.nodes_of(requirement))
    return {Path(node.split("::")[0]).stem.removeprefix("test_") for node in nodes}


def test_variants_name_requirements() -> None:
    assert [v.id for v in variants().values() if not v.worse <= catalogue().keys()] == []


def test_one_server_serves_all_of_them(base_url: str) -> None:
    with httpx.Client(headers=AUTHORIZED) as client:

        def object_at(url: str) -> object:
            return client.post(f"{url}/responses", json=MINIMAL).json().get("object")

        assert object_at(base_url) == "response"
        assert object_at(url_of(base_url, mutant="object-wrong")) == "chat.completion"
        assert object_at(url_of(base_url, variant="ids-are-uuids")) == "response"
        assert client.post(f"{url_of(base_url, mutant='nobody')}/responses", json=MINIMAL).status_code == 404


def test_each_has_a_storage_of_its_own(base_url: str) -> None:
    with httpx.Client(headers=AUTHORIZED) as client:
        kept = client.post(f"{base_url}/responses", json=MINIMAL).json()["id"]
        assert client.get(f"{base_url}/responses/{kept}").status_code == 200
        assert client.get(f"{url_of(base_url, mutant='object-wrong')}/responses/{kept}").status_code == 404


@pytest.mark.parametrize("kind", ["mutant", "variant"])
def test_every_one_answers(base_url: str, kind: str) -> None:
    """Whatever is wrong with it is on the wire: none of them just breaks down."""
    named = mutants() if kind == "mutant" else variants()
    crashed = []
    with httpx.Client(headers=AUTHORIZED) as client:
        for name in named:
            url = url_of(base_url, **{kind: name})
            try:
                answer = client.post(f"{url}/responses", json=MINIMAL)
            except httpx.RemoteProtocolError:
                continue  # a connection cut on purpose
            except httpx.DecodingError:
                continue
            if answer.text == "Internal Server Error":
                crashed.append(name)
    assert crashed == []


def test_one_can_be_served_as_the_only_one() -> None:
    with serve(mutant="object-wrong") as url:
        assert httpx.post(f"{url}/responses", json=MINIMAL, headers=AUTHORIZED).json()["object"] != "response"
    with pytest.raises(UnknownName), serve(variant="nobody"):
        pass


def test_they_can_be_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert len(listed) == len(mutants()) + len(variants())
    assert "mutant response-done: ends with response.done [stream.terminal]" in listed


def test_hooks_add_up() -> None:
    bent = combine(
        change_final_snapshots(set_field("a", 1)),
        change_final_snapshots(set_field("b", 2)),
        change_events("x", set_field("c", 3)),
    )
    request = Request("POST", "/responses", {}, {}, b"", {}, 1, 0.0)
    assert bent.snapshot(request, {"status": "completed"}) == {"status": "completed", "a": 1, "b": 2}
    assert bent.events(request, [{"type": "x"}]) == [{"type": "x", "c": 3}]
    assert combine() is HEALTHY


@pytest.mark.parametrize("contract", SHIPPED.values(), ids=str)
def test_the_healthy_provider_is_green(bench: Bench, contract: Contract) -> None:
    verdicts = bench.verdicts(bench.record(HEALTHY), contract)
    red = {
        node: o.reason
        for node, o in verdicts.items()
        if o.verdict in {Verdict.FAIL, Verdict.WARN, Verdict.ERROR}
    }
    assert red == {}


@pytest.mark.parametrize(
    "name", ["usage-not-adding-up", "sequence-numbers-all-zero", "zero-dropped-as-empty", "no-key-accepted"]
)
def test_the_bench_sees_the_same_in_this_process_and_over_http(
    bench: Bench, base_url: str, name: str
) -> None:
    """The exchange of a provider in this process is what its reply would be on the wire."""
    mutant = mutants()[name]
    judges = bench.of(mutant.requirement)
    healthy = judges.verdicts(judges.record(HEALTHY), mutant.contract)
    here = judges.verdicts(judges.record(mutant.hooks), mutant.contract)
    there = judges.verdicts(judges.record_at(url_of(base_url, mutant=name)), mutant.contract)
    assert list(worse(healthy, here, judges))
    assert by_requirement(judges, here) == by_requirement(judges, there)


@pytest.mark.parametrize(("words", "code"), [(("--help",), 0), (("usage-total-of-output",), 4)])
def test_the_command_of_the_matrix_tells_its_usage_at_once(words: tuple[str, ...], code: int) -> None:
    command = [sys.executable, "-m", "tests.matrix", *words]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout + done.stderr) == (code, USAGE)
