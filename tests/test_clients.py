"""Real clients against recordings and the reference provider; those that are not installed are skipped."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.clients.hurt import clients as measured
from conformance.driving.jobs import JOBS, NO_SUCH_MODEL
from conformance.driving.judging import judge
from conformance.driving.process import environment
from conformance.driving.providing import FromRecording
from conformance.driving.roster import CLIENTS, NODE, Client
from conformance.driving.running import Setup, run_clients
from conformance.driving.sent import Sent, sent_by
from conformance.exchange import Exchange, Fault, encode_json
from conformance.reference.server import KEY, serve, url_of
from conformance.report import results
from conformance.run import profile as profiles
from conformance.run.environment import read_credentials
from conformance.run.performing import perform_all
from conformance.scenarios.scenario import Target
from conformance.serving.recorded import Recorded
from conformance.verdicts.clients import Cell
from conformance.verdicts.gate import CONFORMS, UNJUDGED, USAGE, VIOLATED
from conformance.wire.live import Live
from conformance.wire.redaction import Redactor
from tests.exchanges import answer, call
from tests.recordings import exchange, record
from tests.runs import INSTALLED, RESULTS, run
from tests.sample_run import sample_run

pytestmark = pytest.mark.slow

PYTHON = CLIENTS["openai-python"]
MODEL = "gpt-5.2"


@pytest.fixture(scope="module")
def reference() -> Iterator[str]:
    with serve() as url:
        yield url


def recorded(folder: Path, base_url: str) -> Path:
    """A recording of what the jobs need, of one provider."""
    scenarios = {each for job in JOBS.values() for each in (*job.scenarios, *job.streamed)}
    profile = profiles.adhoc(base_url)
    credentials = read_credentials(profile, {"CONFORMANCE_API_KEY": KEY})

    async def run() -> list[Exchange]:
        live = Live(profile.endpoint, credentials, Redactor(credentials.secrets))
        try:
            done = await perform_all(scenarios, Target(MODEL), live)
        finally:
            await live.aclose()
        return list(done.performed())

    return record(folder, *asyncio.run(run()))


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory, reference: str) -> Path:
    return recorded(tmp_path_factory.mktemp("healthy"), reference)


def typed(*words: str, key: str = "") -> subprocess.CompletedProcess[str]:
    """`responses-conformance clients`, as it is typed."""
    return subprocess.run(
        [*INSTALLED, "clients", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**environment(Path("/nonexistent"), {"PATH": "/usr/bin:/bin"}), "CONFORMANCE_API_KEY": key},
    )


def cells(client: Client, folder: Path, *jobs: str, patience: float = 20.0) -> dict[str, Cell]:
    """How a client does with a recording."""
    providing = FromRecording(Recorded(folder))
    setup = Setup(MODEL, sys.executable, patience)
    (run,) = run_clients([client], [JOBS[name] for name in jobs or JOBS], providing, setup)
    return {cell.job: cell for cell in run.cells}


@pytest.mark.parametrize("name", CLIENTS)
def test_every_client_works_with_the_healthy_provider(name: str, reference: str, healthy: Path) -> None:
    client = CLIENTS[name]
    if why := client.missing(sys.executable):
        pytest.skip(f"{name}: {why}")
    for target in (reference, str(healthy)):
        done = typed(target, "--client", name, key=KEY)
        assert done.returncode == CONFORMS, done.stdout + done.stderr
        said = dict(line.split(maxsplit=1) for line in done.stdout.splitlines()[1 : 1 + len(JOBS)])
        assert said == {job: "ok" if job in client.jobs else "not run" for job in JOBS}


def test_openai_python_is_installed_with_the_tests() -> None:
    """So that the test above is never skipped as a whole."""
    assert PYTHON.missing(sys.executable) == ""


@pytest.mark.parametrize(
    ("mutant", "hurt", "said"),
    [
        ("output-empty", {"text", "final", "tool", "loop", "structured"}, "no text was sent, '' was read"),
        ("deltas-cumulative", {"stream"}, "text 'HelloHello there' was read, not 'Hello there'"),
        ("error-detail", {"refusal"}, "the message is lost: 'Error code: 400' is told, not"),
        ("terminal-missing", {"final"}, "exception RuntimeError: Didn't receive a `response.completed`"),
        ("content-a-string", {"text", "final", "loop", "structured"}, "exception AttributeError"),
        ("done-missing", set(), ""),
    ],
)
def test_what_breaks_openai_python_is_seen_on_the_recording_and_live(
    tmp_path: Path, reference: str, mutant: str, hurt: set[str], said: str
) -> None:
    url = url_of(reference, mutant=mutant)
    for target in (url, str(recorded(tmp_path, url))):
        done = typed(target, "--client", "openai-python", "--json", str(tmp_path / "cells.json"), key=KEY)
        assert done.returncode == (VIOLATED if hurt else CONFORMS), done.stdout + done.stderr
        assert said in done.stdout
        (found,) = json.loads((tmp_path / "cells.json").read_text())["clients"]
        assert {each["job"] for each in found["jobs"] if each["outcome"] != "ok"} == hurt, target


def test_the_cells_are_kept_beside_the_verdicts(tmp_path: Path, healthy: Path) -> None:
    for file in (healthy / "exchanges").iterdir():
        (tmp_path / "exchanges").mkdir(exist_ok=True)
        (tmp_path / "exchanges" / file.name).write_bytes(file.read_bytes())
    results.write(sample_run()[0], tmp_path / "results.json")
    before = json.loads((tmp_path / "results.json").read_text())
    done = typed(str(tmp_path), "--client", "openai-python", "--job", "text", "--job", "loop")
    assert done.returncode == CONFORMS, done.stdout + done.stderr
    kept = json.loads((tmp_path / "results.json").read_text())
    RESULTS.validate(kept)
    assert {**kept, "clients": []} == {**before, "clients": []}
    client, other = kept["clients"]
    assert other == before["clients"][1], "what was not run anew stays"
    assert [job["job"] for job in client["jobs"][:4]] == [
        f"job-{w}" for w in ("ok", "wrong", "exception", "hang")
    ]
    client["jobs"] = client["jobs"][4:]
    assert (client["client"], client["package"], client["version"]) == ("openai-python", "openai", "3.57.0")
    assert client["jobs"][0] == {
        "job": "text",
        "outcome": "ok",
        "says": "",
        "exception": "",
        "exchanges": ["text"],
    }
    assert client["jobs"][1]["exchanges"] == ["tool-call", "tool-result"]


def test_damaged_results_are_left_as_they_are(tmp_path: Path) -> None:
    record(tmp_path, exchange("text", (0.0, encode_json(answer(text="hi")))))
    (tmp_path / "results.json").write_text("{")
    done = typed(str(tmp_path), "--client", "openai-python", "--job", "text")
    assert done.returncode == USAGE
    assert "results.json: is no JSON, or was cut in half" in done.stderr.splitlines()[-1]
    assert (tmp_path / "results.json").read_text() == "{"


def test_a_client_that_is_not_there_is_not_run(healthy: Path) -> None:
    done = typed(str(healthy), "--client", "openai-python", "--python", "/nonexistent/python")
    assert done.returncode == UNJUDGED
    said = "openai-python: not run, not installed: pip install 'responses-conformance[clients]'"
    assert done.stdout.splitlines() == [said]


def test_what_the_recording_has_not_is_not_run(tmp_path: Path) -> None:
    folder = record(tmp_path, exchange("text", (0.0, encode_json(answer(text="hi")))))
    found = cells(PYTHON, folder, "text", "stream")
    assert (found["stream"].word, found["stream"].says) == ("not run", "the recording has no text-stream")


def test_a_loop_whose_end_was_not_recorded_shows_what_breaks_at_its_beginning(tmp_path: Path) -> None:
    """A run sends no tool's result where no tool was called."""
    broken = exchange("tool-call", (0.0, encode_json({"id": "r", "object": "response"})))
    found = cells(PYTHON, record(tmp_path / "broken", broken), "loop")["loop"]
    assert (found.word, found.exception, found.exchanges) == ("exception", "TypeError", ("tool-call",))
    whole = exchange("tool-call", (0.0, encode_json(answer(call("get_weather")))))
    found = cells(PYTHON, record(tmp_path / "whole", whole), "loop")["loop"]
    assert (found.word, found.says) == ("not run", "the recording has no tool-result")


def test_a_client_that_hangs_is_ended_and_the_rest_goes_on(tmp_path: Path) -> None:
    stalled = exchange("text", fault=Fault("timeout", "no answer"), status=None, headers=())
    folder = record(tmp_path, stalled, exchange("tool-call", (0.0, encode_json(answer(call("get_weather"))))))
    found = cells(PYTHON, folder, "text", "tool", patience=5.0)
    assert (found["text"].word, found["text"].says) == ("hang", "nothing within 5 s")
    assert found["tool"].word == "ok", "in a new process"


def test_a_driver_that_does_not_start_says_why(tmp_path: Path, healthy: Path) -> None:
    broken = Client("broken", "openai", "python", "no_such_driver")
    found = cells(broken, healthy, "text")["text"]
    assert found.word == "not run"
    assert "no_such_driver" in found.says
    assert not list(tmp_path.iterdir())


def test_a_driver_knows_nothing_of_the_users(tmp_path: Path) -> None:
    found = environment(tmp_path, {"PATH": "/bin", "CONFORMANCE_API_KEY": "sk-1", "OPENAI_API_KEY": "sk-2"})
    assert not {"sk-1", "sk-2"} & set(found.values())
    assert found["OPENAI_AGENTS_DISABLE_TRACING"] == "1"
    assert found["HOME"] == str(tmp_path)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "the following arguments are required: RECORDING_OR_URL"),
        (
            ("{dir}", "--client", "openai-pyton"),
            "there is no client openai-pyton: did you mean openai-python?",
        ),
        (("{dir}", "--job", "txt"), "there is no job txt: did you mean text?"),
        (("{dir}/nosuch",), "no recordings in {dir}/nosuch: it is no folder"),
        (("http://",), "--base-url"),
        (("http://127.0.0.1:9/v1",), "the environment variable CONFORMANCE_API_KEY is empty"),
        (("{dir}", "--cleint", "x"), "there is no option --cleint: did you mean --client?"),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = typed(*(word.format(dir=tmp_path) for word in words))
    assert (done.returncode, done.stdout) == (USAGE, "")
    (line,) = done.stderr.splitlines()
    assert said.format(dir=tmp_path) in line


def streamed(*events: Any, **changes: Any) -> Exchange:
    """A stream of these events."""
    data = b"".join(b"data: " + encode_json(event) + b"\n\n" for event in events)
    return exchange("s", (0.0, data), headers=(("content-type", "text/event-stream"),), **changes)


DELTA = {"type": "response.output_text.delta", "item_id": "m", "output_index": 0, "content_index": 0}


def test_what_was_sent_is_read_out_of_the_bytes() -> None:
    body = exchange("s", (0.0, encode_json(answer(text="hi"))))
    assert sent_by(body) == Sent("hi", usage=(8, 2))
    called = exchange("s", (0.0, encode_json(answer(call("f", '{"a": 1}')))))
    assert sent_by(called).calls == ({"name": "f", "arguments": {"a": 1}},)
    stream = streamed({**DELTA, "delta": "h"}, {**DELTA, "delta": "i"})
    assert sent_by(stream).text == "hi"
    assert sent_by(streamed({"type": "response.completed", "response": answer(text="hi")})).text == "hi"
    assert sent_by(streamed({"type": "error", "message": "broke"})).error == "broke"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"error": {"message": "m"}}', "m"),
        (b'{"error": "m"}', "m"),
        (b'{"message": "m"}', "m"),
        (b'{"detail": "m"}', "m"),
        (b"m\n", "m"),
        (b"{}", ""),
    ],
)
def test_an_errors_message_is_found_wherever_it_is(body: bytes, message: str) -> None:
    assert sent_by(exchange("s", (0.0, body), status=400)).error == message


def said(job: str, reported: dict[str, Any], *sent: Sent, cut: bool = False) -> tuple[str, str]:
    """Word and words of one cell."""
    cell = judge("c", JOBS[job], reported, [("s", each, cut) for each in sent])
    return cell.word, cell.says


RAISED = {"exception": {"class": "Broken", "message": "it broke: \\'m\\'"}}
CALL = {"name": "f", "arguments": {"a": 1}}


def test_what_was_read_is_held_against_what_was_sent() -> None:
    assert said("text", {"text": "hi"}, Sent("hi")) == ("ok", "")
    assert said("text", {"text": "h"}, Sent("hi")) == ("wrong", "text 'h' was read, not 'hi'")
    assert said("text", {"text": ""}, Sent()) == ("wrong", "no text was sent, '' was read")
    assert said("text", {"text": "hi"}) == ("wrong", "it asked nothing")
    assert said("text", RAISED, Sent("hi"))[0] == "exception"
    read = {"usage": {"input": 0, "output": 0}}
    assert said("usage", read, Sent(usage=(8, 2))) == ("wrong", "usage 0/0 was read, not 8/2")
    assert said("tool", {"calls": [{"name": "f", "arguments": '{"a":1}'}]}, Sent(calls=(CALL,)))[0] == "ok"
    empty = {"calls": [{"name": "f", "arguments": ""}]}
    assert said("tool", empty, Sent(calls=(CALL,))) == ("wrong", "f(None) was read, not f({'a': 1})")
    two = {"calls": [CALL, {"name": "g", "arguments": {}}]}
    there = Sent(calls=({"name": "g", "arguments": {}}, CALL))
    assert said("tools-stream", two, there)[0] == "ok", "calls have no order"
    assert said("structured", {"structured": {"a": 1}}, Sent('{"a": 1}'))[0] == "ok"
    assert said("structured", {"structured": None}, Sent('{"a": 1}'))[0] == "wrong"


def test_an_error_is_to_be_raised_with_its_message() -> None:
    assert said("refusal", RAISED, Sent(error="'m'"))[0] == "ok"
    assert "the message is lost" in said("refusal", RAISED, Sent(error="other"))[1]
    assert "no error is raised: '' was read" in said("refusal", {"text": ""}, Sent(error="m"))[1]
    assert said("refusal", RAISED, Sent(error="")) == ("wrong", "no message was sent")
    assert said("refusal", {"text": "hi"}, Sent("hi"))[0] == "not run"


def test_a_connection_that_ends_is_to_be_told() -> None:
    assert said("cut", RAISED, Sent("h"), cut=True)[0] == "ok"
    assert "nothing says so: 'h' was read" in said("cut", {"text": "h"}, Sent("h"), cut=True)[1]
    assert said("cut", {"text": "hi"}, Sent("hi"))[0] == "ok", "it was not cut after all"


@pytest.mark.parametrize(
    ("mutant", "client", "code", "said"),
    [
        ("", "openai-python", CONFORMS, "openai-python: openai "),
        ("content-a-string", "openai-python", VIOLATED, "openai-python must work, and breaks in: text"),
        ("content-a-string", "absent", CONFORMS, ""),
        ("", "missing", UNJUDGED, "ai-sdk must work, and was not run: not installed: npm ci"),
    ],
)
def test_a_client_that_must_work_is_run_and_has_a_say(
    tmp_path: Path, reference: str, mutant: str, client: str, code: int, said: str
) -> None:
    """Where the one row of the run is green; without it no client is asked."""
    named = {"absent": "", "missing": "ai-sdk"}.get(client, client)
    if client == "missing" and CLIENTS["ai-sdk"].missing(sys.executable) == "":
        pytest.skip("it is installed here")
    profile = tmp_path / "gateway.toml"
    url = url_of(reference, mutant=mutant) if mutant else reference
    must = f'must_work = ["{named}"]\n' if named else ""
    profile.write_text(f'base_url = "{url}"\nkey_env = "CONFORMANCE_API_KEY"\n{must}', encoding="utf-8")
    row = "conformance/checks/test_usage.py::test_the_total_is_the_sum[text]"
    ran = run(tmp_path / "report", row, f"--provider={profile}", environ={"CONFORMANCE_API_KEY": KEY})
    assert ran.code == code, ran.printed
    assert said in ran.printed
    assert [each["client"] for each in ran.results.get("clients", ())] == ([named] if named else [])
    assert set(ran.verdicts.values()) == {"PASS"}
    if code != CONFORMS:
        assert said in (ran.report / "summary.md").read_text(encoding="utf-8")
        assert said in (ran.report / "index.html").read_text(encoding="utf-8")


def test_a_cell_leads_to_the_cause_that_explains_it(tmp_path: Path, reference: str) -> None:
    """Where what the client was given shows a violation that is known to break it."""
    url = url_of(reference, mutant="content-a-string")
    options = f"--base-url={url}", "--api-key-env=CONFORMANCE_API_KEY", "--clients"
    for row, leads in (
        ("test_a_message_has_its_shape and text-content", True),
        ("test_the_total_is_the_sum", False),
    ):
        ran = run(tmp_path / "report", "-k", row, *options, environ={"CONFORMANCE_API_KEY": KEY})
        page = (ran.report / "index.html").read_text(encoding="utf-8")
        section = page[page.index('aria-labelledby="clients"') :].partition("</section>")[0]
        assert "AttributeError" in section
        linked = re.findall(r'explained by</span> <a href="#([^"]+)">', section)
        assert bool(linked) is leads, ran.printed
        assert all(f'id="{anchor}"' in page for anchor in linked)


def test_each_driver_is_there_and_its_clients_version_is_pinned() -> None:
    pinned = json.loads((NODE / "package.json").read_text(encoding="utf-8"))["dependencies"]
    locked = json.loads((NODE / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for client in CLIENTS.values():
        if client.runtime == "node":
            assert (NODE / client.driver).is_file()
            assert locked[f"node_modules/{client.package}"]["version"] == pinned[client.package]


def test_the_model_that_is_refused_is_the_recorded_one() -> None:
    (scenario,) = JOBS["refusal"].scenarios
    assert f"model={NO_SUCH_MODEL}-" in scenario.name
    (streamed_one,) = JOBS["refusal"].streamed
    body = json.loads(streamed_one.build(Target("m"), {}).body or b"")
    assert body["model"] == NO_SUCH_MODEL


def test_the_drivers_are_those_of_the_clients_that_were_measured() -> None:
    assert set(CLIENTS) == set(measured())
