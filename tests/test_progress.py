"""What a log tells of a run under way: a line for each tenth, and one after a long silence, no more."""

import io
import re
import threading
import time
from pathlib import Path

import pytest

from conformance.exchange import file_name
from conformance.reference import server
from conformance.reference.provider import MODEL
from conformance.session.progress import LONGEST_SILENCE, Log, progress
from tests.runs import run
from tests.sample_run import exchange


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_line_for_each_tenth(clock: Clock) -> None:
    lines: list[str] = []
    log = Log(299, lines.append, clock=clock)
    for number in range(1, 300):
        clock.now += 0.28
        log.step(exchange(f"s{number}"))
    assert lines[0] == "30 of 299 requests done, 8 s, last: s30"
    assert lines[-1] == "299 of 299 requests done, 84 s, last: s299"
    assert len(lines) == 10


def test_at_most_one_line_a_second(clock: Clock) -> None:
    lines: list[str] = []
    log = Log(100, lines.append, clock=clock)
    for number in range(1, 101):
        clock.now += 0.03
        log.step(exchange(f"s{number}"))
    assert [line.split(" requests")[0] for line in lines] == ["34 of 100", "68 of 100"]


def test_few_requests_are_told_one_by_one(clock: Clock) -> None:
    lines: list[str] = []
    log = Log(3, lines.append, clock=clock)
    for name in "abc":
        clock.now += 5
        log.step(exchange(name))
    assert [line[-1] for line in lines] == ["a", "b", "c"]


def test_further_attempts_lengthen_the_plan(clock: Clock) -> None:
    lines: list[str] = []
    log = Log(2, lines.append, clock=clock)
    for name in ("a", "a~2", "a~3", "b"):
        clock.now += 5
        log.step(exchange(name))
    assert lines == [
        "1 of 2 requests done, 5 s, last: a",
        "2 of 3 requests done, 10 s, last: a~2",
        "3 of 4 requests done, 15 s, last: a~3",
        "4 of 4 requests done, 20 s, last: b",
    ]


def test_a_long_silence_is_broken_once_every_thirty_seconds(clock: Clock) -> None:
    lines: list[str] = []
    log = Log(100, lines.append, clock=clock)
    assert log.remind() == LONGEST_SILENCE == 30
    clock.now += 29
    assert log.remind() == 1
    assert lines == []
    clock.now += 1
    assert log.remind() == LONGEST_SILENCE
    clock.now += 20
    log.step(exchange("a"))
    assert log.remind() == 10
    clock.now += 10
    log.remind()
    assert lines == ["0 of 100 requests done, 30 s", "1 of 100 requests done, 60 s, last: a"]


def test_a_tenth_puts_the_next_reminder_off(clock: Clock) -> None:
    log = Log(10, lambda _: None, clock=clock)
    clock.now += 25
    log.step(exchange("a"))
    clock.now += 6
    assert log.remind() == LONGEST_SILENCE - 6


def test_reminders_come_while_no_exchange_ends() -> None:
    lines: list[str] = []
    came = threading.Event()

    def write(line: str) -> None:
        lines.append(line)
        if len(lines) == 3:
            came.set()

    log = Log(9, write, longest_silence=0.05)
    with log.reminding():
        assert came.wait(20)
    assert lines[0] == "0 of 9 requests done, 0 s"


def watchers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "progress"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, None])
def test_the_watch_ends_with_the_block(error: type[BaseException] | None) -> None:
    def block() -> None:
        with progress(3, "h.example", io.StringIO()):
            assert len(watchers()) == 1
            assert watchers()[0].daemon
            if error is not None:
                raise error

    began = time.monotonic()
    if error is None:
        block()
    else:
        with pytest.raises(error):
            block()
    assert watchers() == []
    assert time.monotonic() - began < 10


def test_a_terminal_has_no_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with progress(3, "h.example", io.StringIO()):
        assert watchers() == []


def test_a_host_is_shown_in_one_harmless_line() -> None:
    out = io.StringIO()
    host = "[red]h\x1b[31m\r\n" + "x" * 200
    with progress(3, host, out):
        pass
    assert out.getvalue() == "performing up to 3 requests against [red]h?[31m??" + "x" * 200 + "\n"


class Gone(io.StringIO):
    """A log whose reader went away."""

    def write(self, text: str, /) -> int:
        raise BrokenPipeError(text)


def test_a_log_that_is_gone_ends_no_run() -> None:
    with progress(3, "h.example", Gone()) as step:
        step(exchange("a"))


@pytest.mark.slow
def test_a_run_against_a_slow_server_tells_how_far_it_is(tmp_path: Path) -> None:
    with server.serve(latency=1.0) as base_url:
        ran = run(
            tmp_path / "report",
            "--base-url",
            base_url,
            "--model",
            MODEL,
            "--concurrency",
            "2",
            "-k",
            "temperature",
            environ={"CONFORMANCE_API_KEY": server.KEY},
        )
    first = re.search(r"performing up to (\d+) requests against 127\.0\.0\.1", ran.printed)
    assert first, ran.printed
    told = re.findall(r"(?m)^(\d+) of (\d+) requests done, (\d+) s, last: (\S+)$", ran.printed)
    done = [int(line[0]) for line in told]
    assert 3 <= len(told) <= 10, ran.printed
    assert done == sorted(set(done))
    assert {int(line[1]) for line in told} == {int(first[1])}
    assert ran.printed.index(first[0]) < ran.printed.index(f"{done[0]} of ")
    assert all((ran.report / "exchanges" / file_name(line[3])).is_file() for line in told)


def test_progress_in_a_log_is_one_line() -> None:
    out = io.StringIO()
    with progress(3, "h.example", out) as step:
        for name in ("a", "b", "b~2", "c"):
            step(exchange(name))
    assert out.getvalue() == "performing up to 3 requests against h.example\n"


def test_progress_on_a_terminal_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    out = io.StringIO()
    with progress(2, "[h]", out) as step:
        step(exchange("[red]a"))
        step(exchange("b"))
    assert "2/2" in out.getvalue()
    assert "[h]" in out.getvalue()
