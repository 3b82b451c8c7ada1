"""The command line as a user types it: each line of the table in a process of its own, on real sockets."""

import contextlib
import os
import shlex
import shutil
import socket
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from conformance.reference.server import serve, url_of
from conformance.run.options import OPTIONS
from conformance.verdicts.gate import USAGE
from tests.runs import INSTALLED, KEY, PYTEST, ROOT, Fickle, Ran, Running, serving
from tests.surface import Ends, Line, Server
from tests.surface_table import SELECTIONS, TABLE

CHECKOUT = ("conformance", "schemas", "profiles", "conftest.py", "pyproject.toml")
COMMANDS = {"pytest": PYTEST, "responses-conformance": INSTALLED}

GATEWAY = """
base_url = "{url}"
key_env = "CONFORMANCE_API_KEY"
"""

OWN = {
    "test_plain.py": "def test_plain():\n    pass\n",
    "test_failing.py": "def test_failing():\n    one = 1\n    assert one == 2\n",
    "test_unimportable.py": "import no_such_module\n",
    "test_check.py": """
from conformance.checks.support.marks import covers
from conformance.rules import usage
from conformance.checks.support.families import for_each, judge_answers

@covers("usage.total")
@for_each("text")
def test_own(family, record):
    judge_answers(record, family, usage.total_is_the_sum)
""",
}
"""Tests of a user's own, beside the suite's."""


@dataclass(frozen=True, slots=True)
class Case:
    """A line of the table, typed against one server."""

    line: Line
    server: Server

    @property
    def name(self) -> str:
        """What it is called among the tests."""
        return f"{self.server}: {self.line.typed}"

    @property
    def ends(self) -> Ends:
        """How it should end."""
        return self.line.ends[self.server]

    @property
    def slow(self) -> bool:
        """Whether checks are judged: that takes some seconds."""
        return bool(self.ends.files)


CASES = [Case(line, server) for line in TABLE for server in line.ends]


def marks_of(case: Case) -> list[pytest.MarkDecorator]:
    """Slow, or a fault that is known."""
    slow = [pytest.mark.slow] if case.slow else []
    return [*slow, *([pytest.mark.xfail(strict=True, reason=case.line.fault)] if case.line.fault else [])]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the lines are typed: a checkout of so many checks, a folder to write into, the base URLs."""

    checkout: Path
    total: int
    folder: Path
    reference: str
    slow: str
    fickle: str

    def url(self, case: Case, trap: int) -> str:
        """The endpoint behind a server's name; the embedded provider is served here as well."""
        broken = url_of(self.reference, mutant=case.line.mutant)
        known = {"broken": broken, "slow": self.slow, "fickle": self.fickle}
        return (
            f"http://127.0.0.1:{trap}/v1" if case.server == "trap" else known.get(case.server, self.reference)
        )


@dataclass(frozen=True, slots=True)
class Typed:
    """A line that was typed: how it ended, its folder, and how often the trap was called."""

    ran: Ran
    folder: Path
    names: Mapping[str, str]
    calls: int

    def filled(self, words: str) -> str:
        """Words of the table, with what stands in braces filled in."""
        return words.format(**self.names)


def checkout(folder: Path) -> Path:
    """A checkout of the suite, with a user's own tests in it."""
    folder.mkdir()
    for name in CHECKOUT:
        found = ROOT / name
        if found.is_dir():
            shutil.copytree(found, folder / name, ignore=shutil.ignore_patterns("node_modules"))
        else:
            shutil.copy2(found, folder / name)
    (folder / "own").mkdir()
    for name, text in OWN.items():
        (folder / "own" / name).write_text(text, encoding="utf-8")
    return folder


def type_in(place: Place, number: int, case: Case) -> Typed:
    """Type a line, and before it what it builds on."""
    folder = place.folder / str(number)
    folder.mkdir()
    alone = case.server == "alone"
    cwd = checkout(folder / "checkout") if alone else place.checkout
    report = cwd / "reports" / "reference" if alone else folder / "report"
    with trap() as (port, calls):
        url = place.url(case, port)
        ours = case.server in {"reference", "alone"} or "--provider {dir}" in case.line.typed
        (folder / "gateway.toml").write_text(GATEWAY.format(url=url), encoding="utf-8")
        names = {
            "dir": str(folder),
            "report": str(report),
            "url": url,
            "total": f"{place.total:,}",
            **SELECTIONS,
        }
        ran = None
        for typed in filter(None, (case.line.before, case.line.typed)):
            words = shlex.split(typed.format(**names))
            if not ours and "--base-url" not in words:
                words += ["--base-url", url]
            if "--report-dir" in words:
                report = Path(words[words.index("--report-dir") + 1])
            elif not alone:
                words += ["--report-dir", str(report)]
            command = COMMANDS[words[0]]
            environ = {"CONFORMANCE_API_KEY": KEY, **case.line.environ}
            running = Running(report, *words[1:], environ=environ, cwd=cwd, bare=True, command=command)
            ran = running.wait()
        assert ran is not None
        return Typed(ran, folder, names, calls())


@contextlib.contextmanager
def trap() -> Iterator[tuple[int, Callable[[], int]]]:
    """A port where nobody answers, and the number of those who called there so far."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)

        def calls() -> int:
            count = 0
            with contextlib.suppress(BlockingIOError):
                while True:
                    listener.accept()[0].close()
                    count += 1
            return count

        yield listener.getsockname()[1], calls


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("surface")
    here = checkout(folder / "checkout")
    listed = Running(folder, "--collect-only", "-q", cwd=here, bare=True).wait().printed
    total = sum("::" in line for line in listed.splitlines())
    with serve(key=KEY) as url, serve(key=KEY, latency=4) as slow, serving(Fickle) as fickle:
        yield Place(here, total, folder, url, slow, fickle)


@pytest.fixture(scope="module")
def typed(request: pytest.FixtureRequest, place: Place) -> Iterator[Mapping[str, "Future[Typed]"]]:
    """Everything that is selected, typed by as many hands as there are cores."""
    found = (getattr(item, "callspec", None) for item in request.session.items)
    given = [spec.params.get("case") for spec in found if spec is not None]
    selected = [case for case in given if isinstance(case, Case)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {case.name: pool.submit(type_in, place, number, case) for number, case in enumerate(selected)}
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name, marks=marks_of(case)) for case in CASES])
def test_a_line_ends_as_the_table_says(
    case: Case, place: Place, typed: Mapping[str, "Future[Typed]"]
) -> None:
    done = typed[case.name].result()
    ran, wanted = done.ran, case.ends
    assert ran.code == wanted.code, ran.printed
    assert "Traceback (most" not in ran.printed
    for words in wanted.says:
        assert done.filled(words) in ran.printed, ran.printed
    if ran.code == USAGE:
        assert sum(done.filled(wanted.says[0]) in line for line in ran.printed.splitlines()) == 1, ran.printed
    for words in wanted.never:
        assert words not in ran.printed, ran.printed
    assert contents(ran.report) == wanted.files, ran.printed
    assert not done.calls, ran.printed
    assert wanted.shows(ran), ran.printed
    tell_the_same(ran, place.total)


def contents(folder: Path) -> set[str]:
    """The names of what lies in a folder; nothing where there is no folder."""
    return {file.name for file in folder.iterdir()} if folder.is_dir() else set()


def tell_the_same(ran: Ran, total: int) -> None:
    """Whatever a run says, its files say as well, and none of them knows the key."""
    assert KEY not in ran.printed
    for file in (file for file in ran.report.rglob("*") if file.is_file()):
        assert KEY.encode() not in file.read_bytes(), file
    if not (ran.report / "results.json").is_file():
        return
    results = ran.results
    assert results["exit_code"] == ran.code, ran.printed
    own = sum(row["check"].startswith("conformance/") for row in results["verdicts"])
    assert results["partial"] == {"judged": own, "of": total}
    told = [ran.report / name for name in ("results.json", "summary.md", "badge.json", "index.html")]
    for text in [ran.printed, *(file.read_text(encoding="utf-8") for file in told if file.is_file())]:
        assert "conforms" not in text.lower(), text


def test_every_option_has_a_line() -> None:
    given = {word.partition("=")[0] for line in TABLE for word in line.typed.split()}
    assert not OPTIONS.keys() - given


@pytest.mark.slow
def test_no_line_leaves_anything_in_the_checkout(place: Place, typed: Mapping[str, "Future[Typed]"]) -> None:
    for done in typed.values():
        done.result()
    assert contents(place.checkout) - {"__pycache__", ".pytest_cache"} == {*CHECKOUT, "own"}
