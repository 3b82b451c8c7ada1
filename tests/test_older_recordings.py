"""Recordings of an older suite are judged: what it asked for counts as asked, what it did not is left out."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from conformance.reference.server import serve
from conformance.verdicts.gate import CONFORMS, UNJUDGED, VIOLATED
from conformance.wire.sameness import difference
from tests.runs import KEY, Ran, run

pytestmark = pytest.mark.slow

SOME = ("-k", "test_usage or test_errors or test_the_parts_of_a_response_agree or test_storage")
"""Answers and streams of every family, refusals, bodies that are no JSON, and what builds on an answer."""

BOUNDS = (",{q}max_output_tokens{q}:512", ",{q}max_output_tokens{q}:4096", "&max_output_tokens=512")
ECHOED = tuple(f"{{q}}max_output_tokens{{q}}:{bound}" for bound in (512, 4096))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run of today against a server with a fault that several families show."""
    with serve(mutant="usage-not-adding-up", key=KEY) as url:
        ran = run(tmp_path_factory.mktemp("made") / "report", f"--base-url={url}", *SOME)
    assert ran.code == VIOLATED, ran.printed
    return ran


@pytest.fixture
def older(made: Ran, tmp_path: Path) -> Path:
    """The same run as 0.1 would have recorded it: without bounds, and with a manifest that knew less."""
    shutil.copytree(made.report, tmp_path / "older")
    manifest = tmp_path / "older" / "exchanges" / "manifest.json"
    told = json.loads(manifest.read_text(encoding="utf-8"))
    del told["unclaimed"]
    manifest.write_text(json.dumps({**told, "suite": "0.1.0"}), encoding="utf-8")
    bounded = sum(change(tmp_path / "older", file.stem, unbound) for file in recordings(tmp_path / "older"))
    assert bounded > 20
    return tmp_path / "older"


def recordings(folder: Path) -> list[Path]:
    return [file for file in (folder / "exchanges").glob("*.json") if file.name != "manifest.json"]


def change(folder: Path, name: str, by: Callable[[dict[str, Any]], dict[str, Any]]) -> bool:
    """Change a recording; tells whether it is another one then."""
    file = folder / "exchanges" / f"{name}.json"
    before = json.loads(file.read_text(encoding="utf-8"))
    after = by(json.loads(json.dumps(before)))
    file.write_text(json.dumps(after, ensure_ascii=False), encoding="utf-8")
    return bool(before != after)


def unbound(exchange: dict[str, Any]) -> dict[str, Any]:
    """The exchange as it was when the request had no bound, so that the answer could repeat none."""
    body = exchange["request"]["body"]
    if isinstance(body, str):
        for bound in BOUNDS:
            body = body.replace(bound.format(q='"'), "")
        if exchange["scenario"] == "cut-json":
            body = body.partition(',"max_')[0][:-12]
        exchange["request"]["body"] = body
    for chunk in exchange["chunks"]:
        for echoed in ECHOED if isinstance(chunk[1], str) else ():
            chunk[1] = chunk[1].replace(echoed.format(q='"'), '"max_output_tokens":null')
    return exchange


def replayed(folder: Path, into: Path, *options: str) -> Ran:
    ran = run(into, f"--replay={folder}", *SOME, *options)
    assert "Traceback" not in ran.printed
    return ran


def test_it_is_judged_as_it_was(made: Ran, older: Path, tmp_path: Path) -> None:
    body = json.loads((older / "exchanges" / "text.json").read_text(encoding="utf-8"))["request"]["body"]
    assert "max_output_tokens" not in body
    ran = replayed(older, tmp_path / "again", f"--baseline={made.report / 'results.json'}")
    assert ran.verdicts == made.verdicts, ran.printed
    assert "against the baseline: no change" in ran.printed
    assert ran.code == CONFORMS, ran.printed
    assert replayed(older, tmp_path / "again").code == VIOLATED


def test_the_order_of_members_does_not_matter(made: Ran, older: Path, tmp_path: Path) -> None:
    def turned(exchange: dict[str, Any]) -> dict[str, Any]:
        body = json.loads(exchange["request"]["body"])
        exchange["request"]["body"] = json.dumps(dict(reversed(body.items())))
        return exchange

    assert change(older, "text", turned)
    assert replayed(older, tmp_path / "again").verdicts == made.verdicts


def test_another_question_is_told_with_what_differs_and_once(older: Path, tmp_path: Path) -> None:
    def asked(exchange: dict[str, Any]) -> dict[str, Any]:
        body = json.loads(exchange["request"]["body"])
        body["input"] = [{"role": "user", "content": "Say something"}]
        exchange["request"]["body"] = json.dumps(body)
        return exchange

    assert change(older, "charset-parameter", asked)
    assert change(older, "structured", asked)
    ran = replayed(older, tmp_path / "again")
    errors = {row["check"]: row["reason"] for row in ran.results["verdicts"] if row["verdict"] == "ERROR"}
    why = "recorded with another request, by suite 0.1.0: it differs in input; record it again"
    assert {reason.partition(": ")[2] for reason in errors.values()} == {why}
    assert {reason.partition(": ")[0] for reason in errors.values()} == {"charset-parameter", "structured"}
    told = [line for line in ran.printed.splitlines() if line.startswith("ERROR")]
    assert told == [f"ERROR {why} ({len(errors)} checks)"]


def test_what_was_not_asked_for_is_left_out(made: Ran, older: Path, tmp_path: Path) -> None:
    (older / "exchanges" / "truncated.json").unlink()
    (older / "exchanges" / "stored.json").unlink()
    ran = replayed(older, tmp_path / "again", f"--baseline={made.report / 'results.json'}")
    left_out = made.verdicts.keys() - ran.verdicts.keys()
    assert any("[truncated" in name for name in left_out)
    assert any("get-stored" in name for name in left_out), "what builds on it was not asked for either"
    assert ran.verdicts == {name: made.verdicts[name] for name in made.verdicts if name not in left_out}
    assert ran.code == CONFORMS, ran.printed
    assert "against the baseline: no change" in ran.printed
    of = ran.results["partial"]["of"]
    assert ran.results["partial"]["judged"] == len(ran.verdicts)
    assert f"partial: {len(ran.verdicts)} of {of:,} checks" in ran.printed
    assert (
        "the recording was made by suite 0.1.0, in a run that did not ask for the rest: "
        f"{len(left_out)} checks left out; record again for those"
    ) in ran.printed.splitlines()
    page = (ran.report / "index.html").read_text(encoding="utf-8")
    assert "made by suite 0.1.0" in page
    assert "class=col-testId" not in page, "what was left out is no test beside the checks"
    skipped = ElementTree.parse(ran.report / "junit.xml").iterfind(".//skipped")  # noqa: S314 - our own
    told = [(each.get("message") or "") + (each.text or "") for each in skipped]
    assert sum("left out: truncated: not performed in that run, by suite 0.1.0" in each for each in told) > 1


def test_a_known_failure_is_not_fixed_by_what_was_left_out(older: Path, tmp_path: Path) -> None:
    profile = tmp_path / "known.toml"
    profile.write_text(
        'base_url = "http://127.0.0.1:9/v1"\nkey_env = ""\n'
        '[[known_failure]]\nrequirement = "storage.same"\nreason = "old"\n'
        '[[known_failure]]\nrequirement = "usage.total"\nreason = "old"\n',
        encoding="utf-8",
    )
    whole = replayed(older, tmp_path / "whole", f"--provider={profile}")
    assert [row["requirement"] for row in whole.results["verdicts"] if row["verdict"] == "STALE"] == [
        "storage.same"
    ]
    (older / "exchanges" / "get-stored-stream.json").unlink()
    ran = replayed(older, tmp_path / "again", f"--provider={profile}")
    assert "STALE" not in ran.verdicts.values(), ran.printed
    assert "KNOWN" in ran.verdicts.values()
    assert ran.code == CONFORMS, ran.printed


def test_where_nothing_was_asked_for_nothing_is_judged(older: Path, tmp_path: Path) -> None:
    (older / "exchanges" / "truncated.json").unlink()
    ran = run(tmp_path / "again", f"--replay={older}", "-k", "test_the_total_is_the_sum and truncated")
    assert ran.code == UNJUDGED, ran.printed
    assert "did not ask for the rest: 1 check left out; record again for those" in ran.printed
    assert not (ran.report / "results.json").exists()


@pytest.mark.parametrize(
    ("recorded", "today", "differs"),
    [
        (b'{"a":1}', b'{"a":1}', ""),
        (b'{"a":1,"b":2}', b'{"b":2, "a":1}', ""),
        (b'{"a":1}', b'{"a":1,"bound":9}', ""),
        (b'{"a":1,"bound":null}', b'{"a":1,"bound":9}', ""),
        (b'{"a":1,"bound":10}', b'{"a":1,"bound":9}', ""),
        (b'{"a":1,"bound":8}', b'{"a":1,"bound":9}', "it differs in bound"),
        (b'{"a":1,"bound":true}', b'{"a":1,"bound":1}', "it differs in bound"),
        (b'{"a":1,"bound":9}', b'{"a":1}', "it differs in bound"),
        (b'{"a":1}', b'{"a":1,"other":9}', "it differs in other"),
        (b'{"a":null}', b"{}", "it differs in a"),
        (b'{"a":1}', b'{"a":1.0,"b":0}', "it differs in a, b"),
        (b'{"a":1}', b'{"a":true}', "it differs in a"),
        (b'{"a":{"bound":1}}', b'{"a":{"bound":2}}', "it differs in a"),
        (b'[{"a":1}]', b'[{"a":1,"bound":9}]', ""),
        (b'[{"a":1}]', b'[{"a":2,"bound":9}]', "it differs in a"),
        (b'[{"a":1}]', b'[{"a":1},{"a":1}]', "the body differs"),
        (b"", b"{}", "the body differs"),
        (b'{"a":NaN}', b'{"bound":9,"a":NaN}', "the body differs"),
        (b'{"a":NaN}', b'{"a":NaN,"bound":9}', ""),
        (b'{"a":1,"a":2}', b'{"a":2}', "the body differs"),
        (b'{a=1,"b":"c"}', b'{a=1,"b":"c","bound":9}', ""),
        (b'{a=1,"b":"c"}', b'{a=2,"b":"c","bound":9}', "the body differs"),
        (b'{"a":1,"b":"c', b'{"a":1,"b":"c","bou', ""),
        (b'{"a":1,"b":"d', b'{"a":1,"b":"c","bou', "the body differs"),
        (b"a=1&b=2", b"a=1&b=2&bound=9", ""),
        (b"a=1&b=2", b"a=1&b=23", "the body differs"),
    ],
)
def test_what_may_differ_and_what_not(recorded: bytes, today: bytes, differs: str) -> None:
    assert difference(recorded, today, ("bound",)) == differs
