"""Recordings: whole or not there, read back as they were, and refused where they are of something else."""

import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.exchange import Attempt, Call, Chunk, Exchange, Fault, Sent, Traffic, file_name
from conformance.wire.endpoint import Endpoint
from conformance.wire.recording import Manifest, Recorder, RecordingError, read, read_manifest, recordings_in
from conformance.wire.replay import Replay, Resuming

MANIFEST = Manifest.of(
    Endpoint("https://h/v1"), "2030-01-02T03:04:05+00:00", provider="p", model="m", contract="anyfast"
)


def recorded(scenario: str = "text", **changes: Any) -> Exchange:
    exchange = Exchange(
        scenario,
        Sent("POST", "https://h/v1/responses", (("Accept", "*/*"),), b'{"a":1}'),
        200,
        (("X-A", "caf\u00e9"), ("x-a", "2")),
        (Chunk(0.25, "Grüße \ud83d\udc4b".encode("utf-16", "surrogatepass")), Chunk(0.5, b'{"b": 2}')),
        Fault("cut", "broke off"),
        1893553446.5,
        0.75,
        (
            Attempt(503, None, 0.5, (("Retry-After", "1"),), 1893553445.5, 0.25),
            Attempt(None, Fault("connect", "refused"), 1.0),
        ),
        2,
        True,
    )
    return replace(exchange, **changes)


def call(scenario: str = "text", **changes: Any) -> Call:
    return replace(Call(scenario, body=b'{"a":1}'), **changes)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    recorder = Recorder(tmp_path, MANIFEST)
    recorder.begin()
    recorder.write(recorded())
    return tmp_path


def test_what_is_read_is_what_was_written(folder: Path) -> None:
    assert read(folder / "exchanges" / "text.json") == recorded()
    assert read_manifest(recordings_in(folder)) == MANIFEST
    assert recordings_in(folder / "exchanges") == folder / "exchanges"
    assert Replay(folder).find(call()) == recorded()


def test_tries_recorded_before_their_headers_and_times_were_kept_are_read(folder: Path) -> None:
    file = folder / "exchanges" / "text.json"
    table = json.loads(file.read_text())
    for attempt in table["retries"]:
        for name in ("headers", "started_at", "duration"):
            del attempt[name]
    file.write_text(json.dumps(table))
    bare = (Attempt(503, None, 0.5), Attempt(None, Fault("connect", "refused"), 1.0))
    assert Replay(folder).find(call()) == recorded(retries=bare)


def test_nothing_unfinished_is_left(folder: Path) -> None:
    assert sorted(file.name for file in (folder / "exchanges").iterdir()) == ["manifest.json", "text.json"]


LATER = replace(MANIFEST, started_at="2030-01-03T00:00:00+00:00")


def test_a_later_run_adds_to_what_is_there(folder: Path) -> None:
    recorder = Recorder(folder, LATER)
    recorder.begin()
    recorder.open()
    recorder.write(recorded("other"))
    assert read(folder / "exchanges" / "text.json") == recorded()
    assert read(folder / "exchanges" / "other.json") == recorded("other")
    assert read_manifest(folder / "exchanges") == MANIFEST


def test_a_run_of_everything_begins_anew_and_keeps_what_it_does_not_replace(folder: Path) -> None:
    recorder = Recorder(folder, LATER)
    recorder.begin(renews=True)
    recorder.open()
    assert read_manifest(folder / "exchanges") == LATER
    assert read(folder / "exchanges" / "text.json") == recorded()


def test_a_run_that_clears_lets_go_of_what_was_there(folder: Path) -> None:
    recorder = Recorder(folder, LATER)
    recorder.begin(clears=True)
    assert (folder / "exchanges" / "text.json").is_file()
    recorder.open()
    assert sorted(file.name for file in (folder / "exchanges").iterdir()) == ["manifest.json"]


def test_nothing_takes_the_place_of_an_earlier_recording_before_there_is_life(folder: Path) -> None:
    recorder = Recorder(folder, LATER)
    recorder.begin(renews=True)
    recorder.write(recorded(duration=9.0))
    assert read(folder / "exchanges" / "text.json") == recorded()
    assert read_manifest(folder / "exchanges") == MANIFEST
    recorder.open()
    assert read(folder / "exchanges" / "text.json") == recorded(duration=9.0)


def test_nothing_is_lost_that_comes_while_the_folder_is_cleared(folder: Path) -> None:
    """Exchanges are written in threads, and the first that shows life has the old ones cleared away."""
    names = [f"text-{number}" for number in range(200)]
    for name in names:
        (folder / "exchanges" / f"{name}.json").write_bytes((folder / "exchanges" / "text.json").read_bytes())
    recorder = Recorder(folder, LATER)
    recorder.begin(clears=True)
    written: list[str] = []
    with ThreadPoolExecutor(1) as threads:
        opening = threads.submit(recorder.open)
        while not opening.done() and len(written) < len(names):
            recorder.write(recorded(names[len(written)], duration=9.0))
            written.append(names[len(written)])
        opening.result()
    assert {file.stem for file in recorder.folder.iterdir()} == {"manifest", *written}


def test_what_found_no_life_goes_elsewhere(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    beside = tmp_path_factory.mktemp("beside")
    recorder = Recorder(folder, LATER)
    recorder.begin(renews=True)
    recorder.write(recorded(duration=9.0))
    recorder.move(beside)
    assert read(folder / "exchanges" / "text.json") == recorded()
    assert read(beside / "exchanges" / "text.json") == recorded(duration=9.0)
    assert read_manifest(beside / "exchanges") == LATER


def test_what_was_never_sent_takes_no_recordings_place(folder: Path) -> None:
    unsent = recorded(status=None, fault=Fault("budget", "not sent"))
    Recorder(folder, MANIFEST).write(unsent)
    assert read(folder / "exchanges" / "text.json") == recorded()
    Recorder(folder, MANIFEST).write(replace(unsent, scenario="other"))
    assert read(folder / "exchanges" / "other.json").status is None


def test_a_new_exchange_makes_the_further_attempts_of_the_old_one_void(folder: Path) -> None:
    recorder = Recorder(folder, MANIFEST)
    recorder.write(recorded("text~2"))
    recorder.write(recorded())
    assert not (folder / "exchanges" / "text~2.json").exists()
    recorder.write(recorded("text~2"))
    assert read(folder / "exchanges" / "text~2.json") == recorded("text~2")


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_a_file_has_the_mode_that_the_umask_leaves(folder: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        Recorder(folder, MANIFEST).write(recorded("other"))
    finally:
        os.umask(before)
    assert (folder / "exchanges" / "other.json").stat().st_mode & 0o777 == 0o666 & ~umask


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordingError, match=r"cannot write into .*file/exchanges: not a directory"):
        Recorder(tmp_path / "file", MANIFEST).begin()


def test_a_folder_that_vanished_is_named(folder: Path) -> None:
    recorder = Recorder(folder, MANIFEST)
    (folder / "exchanges").rename(folder / "moved")
    with pytest.raises(RecordingError, match=r"cannot write .*text\.json: no such file or directory"):
        recorder.write(recorded())
    assert read(folder / "moved" / "text.json") == recorded()


def test_a_full_disk_leaves_what_is_there(folder: Path) -> None:
    """A limit on the size of files stands in for the disk: the write fails in the middle, as it would."""
    program = (
        "import signal, sys; from pathlib import Path; from tests.test_recording import *\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))\n"
        "big = recorded(chunks=(Chunk(0.0, b'x' * 50000),))\n"
        "try: Recorder(Path(sys.argv[1]), MANIFEST).write(big)\n"
        "except RecordingError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)], capture_output=True, text=True, check=True, timeout=60
    )
    assert "text.json: file too large; the recordings so far are kept" in done.stdout
    assert done.stdout.count("\n") == 1
    assert read(folder / "exchanges" / "text.json") == recorded()
    assert len(list((folder / "exchanges").iterdir())) == 2
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 20000


def test_a_killed_write_leaves_the_recording_whole(folder: Path) -> None:
    """Killed at many moments while it writes the same file over and over, it never leaves half of one."""
    program = (
        "import sys; from pathlib import Path; from tests.test_recording import *\n"
        "recorder = Recorder(Path(sys.argv[1]), MANIFEST); print('ready', flush=True)\n"
        "while True: recorder.write(recorded(chunks=(Chunk(0.0, b'x' * 500000),)))\n"
    )
    for moment in range(4):
        with subprocess.Popen([sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
            time.sleep(moment * 0.005)
            writer.kill()
        assert read(folder / "exchanges" / "text.json").scenario == "text"
    Recorder(folder, MANIFEST).begin()
    assert sorted(file.name for file in (folder / "exchanges").iterdir()) == ["manifest.json", "text.json"]


def fault(folder: Path, asked: Call) -> str:
    found = Replay(folder).find(asked)
    assert found.fault is not None
    assert found.fault.kind == "recording"
    assert found.status is None
    assert "\n" not in found.fault.message
    return found.fault.message


def test_a_recording_cut_anywhere_is_named(folder: Path) -> None:
    file = folder / "exchanges" / "text.json"
    whole = file.read_bytes()
    for length in range(0, len(whole) - 2, 13):
        file.write_bytes(whole[:length])
        assert "text.json is damaged (was it cut?)" in fault(folder, call())


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            call(body=b"{}"),
            f"recorded with another request, by suite {MANIFEST.suite}: it differs in a; record it again",
        ),
        (call(method="GET"), "the method is POST, not GET"),
        (call(path="/resp_1"), "the path is /v1/responses, not …/responses/resp_1"),
        (call(absolute=True, path="/models"), "the path is /v1/responses, not …/models"),
        (call(query=(("a", "1"),)), "the query is empty"),
    ],
)
def test_another_request_is_told_apart(folder: Path, asked: Call, said: str) -> None:
    assert said in fault(folder, asked)


def test_what_the_run_did_not_perform_is_told_apart(folder: Path) -> None:
    found = Replay(folder).find(call("other"))
    assert found.fault == Fault("unrecorded", f"not performed in that run, by suite {MANIFEST.suite}")


def test_a_recording_under_another_name(folder: Path) -> None:
    (folder / "exchanges" / "text.json").rename(folder / "exchanges" / "other.json")
    assert "it was recorded for text" in fault(folder, call("other"))


def test_host_and_key_do_not_count(folder: Path) -> None:
    sent = Sent("POST", "http://elsewhere:9/api/v2/responses?x=1", (("Authorization", "x"),), b'{"a":1}')
    Recorder(folder, MANIFEST).write(recorded(request=sent))
    assert Replay(folder).find(call()).fault == recorded().fault


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"status": "200"},
        {"status": True},
        {"chunks": [["x", "y"]]},
        {"chunks": [[0.1, {"base64": "###"}]]},
        {"chunks": 3},
        {"headers": [["a"]]},
        {"headers": [["a", 1]]},
        {"fault": {"kind": "nonsense", "message": ""}},
        {"request": None},
        {"retries": [3]},
        {"retries": [{"status": "503", "fault": None, "waited": 1}]},
        {"retries": [{"status": 503, "fault": None, "waited": "1"}]},
        {"retries": [{"status": 503, "fault": None, "waited": 1, "headers": [["a", 1]]}]},
        {"duration": "x"},
    ],
    ids=str,
)
def test_a_recording_that_is_none(folder: Path, change: dict[str, object]) -> None:
    file = folder / "exchanges" / "text.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    assert "text.json is no recording" in fault(folder, call())


@pytest.mark.parametrize("text", ["[]", "3", "null", "[" * 100_000])
def test_json_that_is_no_recording(folder: Path, text: str) -> None:
    (folder / "exchanges" / "text.json").write_text(text)
    assert "text.json is" in fault(folder, call())


def test_a_folder_without_recordings(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"it has no manifest\.json; name the report folder of a run"):
        Replay(tmp_path)
    with pytest.raises(RecordingError, match="it is no folder"):
        Replay(tmp_path / "none")
    (tmp_path / "manifest.json").write_text('{"format": 1}')
    with pytest.raises(RecordingError, match="is no manifest of recordings"):
        Replay(tmp_path)


class Sending:
    """Stands where the network would, and counts."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    @property
    def traffic(self) -> Traffic:
        return Traffic(requests=len(self.sent))

    async def perform(
        self, call: Call, *, urgency: int = 0, output_tokens: int = 0, malformed: bool = False
    ) -> Exchange:
        self.sent.append(f"{call.scenario} {urgency} {output_tokens} {malformed}")
        return recorded(call.scenario, fault=None)

    def built_on(self, scenario: str, before: str) -> None:
        """Nothing is older than the latest."""

    def unsent(self, call: Call, fault: Fault) -> Exchange:
        return recorded(call.scenario, fault=fault)

    async def aclose(self) -> None:
        pass


@pytest.mark.parametrize(
    ("changes", "again"),
    [
        ({"fault": None}, False),
        ({}, False),
        ({"fault": None, "status": 400}, False),
        ({"fault": None, "status": 503}, True),
        ({"fault": Fault("timeout", "x"), "status": None}, True),
        ({"fault": Fault("budget", "x"), "status": None}, True),
        ({"fault": Fault("stopped", "x")}, True),
    ],
    ids=str,
)
def test_a_resumed_run_performs_what_is_missing_or_dead(
    folder: Path, changes: dict[str, Any], again: bool
) -> None:
    (folder / "exchanges" / "text.json").unlink()
    Recorder(folder, MANIFEST).write(recorded(**changes))
    sending = Sending()
    resuming = Resuming(Replay(folder), sending)
    exchange = asyncio.run(resuming.perform(call(), urgency=3, output_tokens=4, malformed=True))
    assert sending.sent == (["text 3 4 True"] if again else [])
    assert resuming.resumed == (0 if again else 1)
    assert exchange == (recorded(fault=None) if again else recorded(**changes))
    assert resuming.traffic.requests == len(sending.sent)


def test_a_resumed_run_performs_what_is_older_than_the_run_that_it_goes_on_with(folder: Path) -> None:
    Recorder(folder, MANIFEST).write(recorded(fault=None, started_at=MANIFEST.epoch - 1))
    sending = Sending()
    asyncio.run(Resuming(Replay(folder), sending).perform(call()))
    assert sending.sent == ["text 0 0 False"]


def test_file_names_are_safe_and_distinct() -> None:
    names = ["a", "A", "a/b", "a:b", "../a", "a b", "é", "x" * 300, "x" * 301, "temperature=2.01~2"]
    files = [file_name(name) for name in names]
    assert len({file.lower() for file in files}) == len(names)
    assert all("/" not in file and len(file) < 140 and file.isascii() for file in files)
