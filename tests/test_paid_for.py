"""What a user has paid for is safe: whatever is typed next, no recording and no verdict gets lost by it.

Each story is told by processes against one server whose URL stays the same; what lies in the report folder is
looked at before and after, byte by byte.
"""

import contextlib
import json
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from conformance.reference.server import serve, url_of
from conformance.run.report_folder import FILES
from conformance.verdicts.gate import CONFORMS, INTERNAL, INTERRUPTED, NOTHING, UNJUDGED, USAGE, VIOLATED
from tests.runs import INSTALLED, KEY, Ran, Running, run

pytestmark = pytest.mark.slow

MUTANT = "usage-total-of-output"
WIDE = ("-k", "test_usage")
ONE = ("-k", "test_the_total_is_the_sum and text")
CHECK = "test_the_total_is_the_sum[text]"

Snapshot = Mapping[str, tuple[bytes, int]]
"""Of each file its bytes, and when it was last written (ns)."""


def snapshot(folder: Path) -> Snapshot:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): (file.read_bytes(), file.stat().st_mtime_ns) for file in files}


def changed(before: Snapshot, after: Snapshot) -> set[str]:
    """The files that are not as they were, new and lost ones among them."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def one_line(ran: Ran, words: str) -> bool:
    """Whether just one line of what a run printed says so, and it has no traceback."""
    lines = [line for line in ran.printed.splitlines() if words in line]
    return len(lines) == 1 and "Traceback" not in ran.printed


@dataclass(frozen=True, slots=True)
class Paid:
    """A report folder after a run, the URL of its server, and the results of the run."""

    folder: Path
    url: str
    results: Mapping[str, Any]

    def then(self, *options: str, url: str = "") -> Ran:
        """Another run into the folder."""
        return run(self.folder, "--base-url", url or self.url, *options)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serve(key=KEY, mutant=MUTANT) as base_url:
        yield base_url


@pytest.fixture(scope="module")
def first(url: str, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    ran = run(tmp_path_factory.mktemp("paid") / "report", "--base-url", url, *WIDE)
    assert ran.code == VIOLATED, ran.printed
    return ran


@pytest.fixture
def paid(first: Ran, url: str, tmp_path: Path) -> Paid:
    """A folder of the same content for each test."""
    shutil.copytree(first.report, tmp_path / "report")
    return Paid(tmp_path / "report", url, first.results)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("-k", "nothing_matches"), NOTHING),
        (("--concurency=3",), USAGE),
        (("--provider=nosuch",), USAGE),
        (("conformance/checks/test_nosuch.py",), USAGE),
    ],
)
def test_a_command_that_judges_nothing_leaves_every_byte(
    paid: Paid, options: tuple[str, ...], code: int
) -> None:
    before = snapshot(paid.folder)
    ran = paid.then(*options)
    assert ran.code == code, ran.printed
    assert "Traceback" not in ran.printed
    assert not changed(before, snapshot(paid.folder))


@pytest.mark.parametrize("own", ["unjudged", "unjudged/index.html"])
def test_what_is_the_users_own_is_not_written_over_by_a_run_that_judges_nothing(paid: Paid, own: str) -> None:
    file = paid.folder / own
    file.parent.mkdir(exist_ok=True)
    file.write_text("mine", encoding="utf-8")
    before = snapshot(paid.folder)
    ran = paid.then(*ONE)
    assert ran.code == USAGE, ran.printed
    assert "Traceback" not in ran.printed
    assert own in ran.printed
    assert not changed(before, snapshot(paid.folder))


def test_a_report_that_cannot_be_written_is_one_line(paid: Paid, tmp_path: Path) -> None:
    (paid.folder / "unjudged").symlink_to(tmp_path / "nowhere" / "else")
    before = snapshot(paid.folder)
    ran = run(paid.folder, "--base-url", "http://127.0.0.1:9/v1", *ONE, "--overwrite")
    assert ran.code == INTERNAL, ran.printed
    assert "the reports cannot be written" in ran.printed
    assert "Traceback" not in ran.printed
    assert "report: " not in ran.printed
    assert not changed(before, snapshot(paid.folder))


def kept(ran: Ran) -> dict[str, str]:
    """The rows of an earlier run that a narrower one has left as they were, and when each was judged."""
    return {row["check"]: row["judged_at"] for row in ran.results["kept"]}


def assert_the_rest_is_kept(paid: Paid, ran: Ran, before: Snapshot) -> None:
    """What a narrower run did not judge stands there as it did, with its date."""
    judged = set(ran.verdicts)
    started = paid.results["started_at"]
    everything = {row["check"]: row["verdict"] for row in paid.results["verdicts"]}
    assert kept(ran) == dict.fromkeys(everything.keys() - judged, started)
    told = {row["check"]: row["verdict"] for row in ran.results["kept"]} | ran.verdicts
    assert told == everything
    assert ran.results["partial"] == {"judged": len(judged), "of": paid.results["partial"]["of"]}
    for name in ("index.html", "summary.md"):
        assert started in (ran.report / name).read_text(encoding="utf-8"), name
    renewed = {row["exchange"] for row in ran.results["verdicts"]} - {""}
    assert changed(before, snapshot(paid.folder)) <= {*FILES, *renewed}


def test_a_narrower_run_replaces_its_own_recordings_and_keeps_all_else(paid: Paid) -> None:
    before = snapshot(paid.folder)
    ran = paid.then(*ONE)
    assert ran.code == VIOLATED, ran.printed
    assert [check.rpartition("::")[2] for check in ran.verdicts] == [CHECK]
    assert changed(before, snapshot(paid.folder)) == {*FILES, "exchanges/text.json"}
    assert_the_rest_is_kept(paid, ran, before)


def test_the_short_plan_keeps_what_it_does_not_judge(paid: Paid) -> None:
    before = snapshot(paid.folder)
    ran = paid.then(*WIDE, "-m", "smoke")
    assert ran.code == VIOLATED, ran.printed
    assert 0 < len(ran.verdicts) < len(paid.results["verdicts"])
    assert_the_rest_is_kept(paid, ran, before)


def test_a_run_of_what_failed_keeps_what_passed(paid: Paid, tmp_path: Path) -> None:
    cache = ("-p", "cacheprovider", "-o", f"cache_dir={tmp_path / 'cache'}")
    failed = {row["check"] for row in paid.results["verdicts"] if row["verdict"] == "FAIL"}
    assert paid.then(*WIDE, *cache).code == VIOLATED
    before, now = snapshot(paid.folder), json.loads((paid.folder / "results.json").read_text())
    ran = paid.then(*WIDE, *cache, "--lf")
    assert ran.code == VIOLATED, ran.printed
    assert set(ran.verdicts) == failed
    assert_the_rest_is_kept(Paid(paid.folder, paid.url, now), ran, before)


def test_another_endpoint_is_refused_and_replaces_all_when_told_to(paid: Paid) -> None:
    before = snapshot(paid.folder)
    with serve(key=KEY) as other:
        ran = paid.then(*ONE, url=other)
        assert ran.code == USAGE, ran.printed
        assert one_line(ran, "--overwrite")
        assert not changed(before, snapshot(paid.folder))
        ran = paid.then(*ONE, "--overwrite", url=other)
    assert ran.code == CONFORMS, ran.printed
    assert ran.results["kept"] == []
    assert snapshot(paid.folder).keys() == {*FILES, "exchanges/manifest.json", "exchanges/text.json"}
    for name, (data, _) in snapshot(paid.folder).items():
        assert paid.url.encode() not in data, name
        assert paid.results["started_at"].encode() not in data, name


def test_another_model_is_refused(paid: Paid) -> None:
    before = snapshot(paid.folder)
    ran = paid.then(*ONE, "--model", "gpt-5.2-mini")
    assert ran.code == USAGE, ran.printed
    assert one_line(ran, "--overwrite")
    assert not changed(before, snapshot(paid.folder))


def test_a_file_with_the_key_in_it_stays_as_it_was(url: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"CONFORMANCE_API_KEY={KEY}\n", encoding="utf-8")
    before = snapshot(tmp_path)
    options = ("--report-dir", ".", "--base-url", url, *ONE)
    ran = Running(tmp_path, *options, cwd=tmp_path, bare=True, command=INSTALLED).wait()
    assert ran.code == VIOLATED, ran.printed
    assert snapshot(tmp_path)[".env"] == before[".env"]
    assert ran.results["exit_code"] == VIOLATED


@pytest.mark.parametrize("name", ["index.html", "exchanges/notes.json"])
def test_a_folder_of_somebody_else_is_refused_before_anything_is_sent(
    url: str, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine", encoding="utf-8")
    (tmp_path / ".env").write_text(f"CONFORMANCE_API_KEY={KEY}\n", encoding="utf-8")
    before = snapshot(tmp_path)
    ran = run(tmp_path, "--base-url", url, *ONE)
    assert ran.code == USAGE, ran.printed
    assert one_line(ran, "is no report of this suite")
    assert "performing" not in ran.printed
    assert not changed(before, snapshot(tmp_path))


def test_a_file_of_the_users_own_among_the_recordings_stays(paid: Paid) -> None:
    (paid.folder / "exchanges" / "notes.txt").write_text("mine", encoding="utf-8")
    (paid.folder / "own.html").write_text("mine", encoding="utf-8")
    before = snapshot(paid.folder)
    assert paid.then(*ONE).code == VIOLATED
    assert changed(before, snapshot(paid.folder)) == {*FILES, "exchanges/text.json"}


def recordings(folder: Path) -> set[str]:
    """The scenarios that a folder has recordings of."""
    return {file.stem for file in (folder / "exchanges").glob("*.json")} - {"manifest"}


def under_way(running: Running, count: int) -> None:
    """Wait until a run has recorded so much; fail where it ends before."""
    while len(recordings(running.report)) < count:
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.process.wait(0.02)
        assert running.process.returncode is None, running.out.read_text()


@pytest.fixture(scope="module")
def slow() -> Iterator[str]:
    with serve(key=KEY, mutant=MUTANT, latency=0.5) as base_url:
        yield base_url


SLOWLY = ("conformance/checks/test_usage.py", "--concurrency", "2")


@pytest.fixture(scope="module")
def undisturbed(slow: str, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    ran = run(tmp_path_factory.mktemp("undisturbed") / "report", "--base-url", slow, *SLOWLY)
    assert ran.code == VIOLATED, ran.printed
    return ran


def test_of_two_runs_into_one_folder_the_second_is_refused(
    slow: str, undisturbed: Ran, tmp_path: Path
) -> None:
    running = Running(tmp_path / "report", "--base-url", slow, *SLOWLY)
    under_way(running, 1)
    second = run(tmp_path / "report", "--base-url", slow, *ONE)
    assert running.process.poll() is None, "the first was over too early"
    assert second.code == USAGE, second.printed
    assert one_line(second, "another run is writing into")
    ran = running.wait()
    assert ran.code == VIOLATED, ran.printed
    assert ran.verdicts == undisturbed.verdicts
    assert {file.name for file in ran.report.iterdir()} == {*FILES, "exchanges"}


def test_an_endpoint_that_is_gone_takes_nothing_with_it(tmp_path: Path) -> None:
    with serve(key=KEY, mutant=MUTANT) as url:
        assert run(tmp_path, "--base-url", url, *WIDE).code == VIOLATED
    before = snapshot(tmp_path)
    ran = run(tmp_path, "--base-url", url, *WIDE)
    assert ran.code == UNJUDGED, ran.printed
    aside = {name for name in snapshot(tmp_path) if name.startswith("unjudged/")}
    assert changed(before, snapshot(tmp_path)) == aside
    assert {*FILES} <= {name.removeprefix("unjudged/") for name in aside}
    assert f"report: {tmp_path / 'unjudged' / 'index.html'}" in ran.printed
    assert json.loads((tmp_path / "unjudged" / "results.json").read_text())["exit_code"] == UNJUDGED


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_tells_what_it_judged_and_goes_on_with_resume(
    slow: str, undisturbed: Ran, tmp_path: Path, by: signal.Signals
) -> None:
    running = Running(tmp_path / "report", "--base-url", slow, *SLOWLY)
    under_way(running, 4)
    running.interrupt(by)
    ran = running.wait()
    assert ran.code == INTERRUPTED, ran.printed
    assert "Traceback" not in ran.printed
    assert one_line(ran, "--resume")
    assert ran.results["exit_code"] == INTERRUPTED
    assert 0 < len(ran.verdicts) < len(undisturbed.verdicts)
    assert ran.verdicts.items() <= undisturbed.verdicts.items()
    done = recordings(ran.report)
    again = run(ran.report, "--base-url", slow, *SLOWLY, "--resume")
    assert again.code == VIOLATED, again.printed
    assert again.verdicts == undisturbed.verdicts
    assert again.results["traffic"]["requests"] == len(recordings(undisturbed.report) - done)


def test_a_replay_into_a_folder_with_other_recordings_leaves_them_alone(
    paid: Paid, url: str, tmp_path: Path
) -> None:
    other = run(tmp_path / "other", "--base-url", url_of(url, mutant="usage-zero-output"), *ONE)
    before = snapshot(paid.folder)
    ran = run(paid.folder, "--replay", str(other.report), *ONE)
    assert ran.code == other.code, ran.printed
    after = snapshot(paid.folder)
    assert changed(before, after) == {name for name in after if name.startswith("replayed/")}
    assert {*FILES} <= {name.removeprefix("replayed/") for name in after}
    replayed = json.loads((paid.folder / "replayed" / "results.json").read_text())
    assert {row["check"]: row["verdict"] for row in replayed["verdicts"]} == other.verdicts
