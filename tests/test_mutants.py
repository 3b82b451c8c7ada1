"""The tables of mutants and variants: whole, true to the catalogue, and served side by side."""

import re
from collections.abc import Iterator

import httpx
import pytest

from conformance.contract.contracts import Contract
from conformance.contract.requirements import catalogue
from conformance.reference.__main__ import main
from conformance.reference.hooks import HEALTHY, Asked
from conformance.reference.mutants import mutants
from conformance.reference.mutations import both, each, final, put
from conformance.reference.server import KEY, UnknownName, serve, url_of
from conformance.reference.variants import variants
from conformance.verdicts.verdict import Verdict
from tests.bench import Bench, by_requirement, worse

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


def test_bends_add_up() -> None:
    bent = both(final(put("a", 1)), final(put("b", 2)), each("x", put("c", 3)))
    asked = Asked("POST", "/responses", {}, {}, b"", {}, 1, 0.0)
    assert bent.told(asked, {"status": "completed"}) == {"status": "completed", "a": 1, "b": 2}
    assert bent.events(asked, [{"type": "x"}]) == [{"type": "x", "c": 3}]
    assert both() is HEALTHY


@pytest.mark.parametrize("contract", Contract)
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
    here = judges.verdicts(judges.record(mutant.seams), mutant.contract)
    there = judges.verdicts(judges.record_at(url_of(base_url, mutant=name)), mutant.contract)
    assert list(worse(healthy, here, judges))
    assert by_requirement(judges, here) == by_requirement(judges, there)
