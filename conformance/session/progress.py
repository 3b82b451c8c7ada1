"""Shows how far the exchanges are: a bar on a terminal, a line now and then in a log."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from conformance.exchange import Exchange

Step = Callable[[Exchange], None]

LONGEST_SILENCE = 30.0
"""Seconds after which a log gets a line although no further tenth has ended: a stalled server shows."""

SHORTEST_SILENCE = 1.0
"""Seconds between two lines at least: a run of a few seconds needs no more than its first."""

LONGEST_NAME = 40


@contextmanager
def progress(total: int, host: str, out: TextIO) -> Iterator[Step]:
    """Show the exchanges with a host; yields what is to be called with each that ends, from any thread.

    `total` is the number of planned scenarios: what the answers of others leave without a sense is not sent,
    and further attempts come on top and lengthen the bar.
    """
    console = Console(file=out)
    shown = _harmless(host)
    if console.is_terminal:
        with _bar(total, shown, console) as step:
            yield step
        return

    def write(line: str) -> None:
        with suppress(OSError):  # a log that cannot be written to ends no run; rich would exit there
            out.write(f"{line}\n")
            out.flush()

    write(f"performing {'up to ' * (total > 1)}{total} request{'s' * (total > 1)} against {shown}")
    log = Log(total, write)
    with log.reminding():
        yield log.step


class Log:
    """Writes a line whenever another tenth of the requests has ended, and after a long silence.

    `clock` gives seconds, as `time.monotonic` does; `longest_silence` is in seconds.
    """

    def __init__(
        self,
        total: int,
        write: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        longest_silence: float = LONGEST_SILENCE,
    ) -> None:
        self._total = total
        self._write = write
        self._clock = clock
        self._longest_silence = longest_silence
        self._began = self._told_at = clock()
        self._told_tenths = 0
        self._done = 0
        self._last = ""
        self._lock = threading.Lock()

    def step(self, exchange: Exchange) -> None:
        """Count an exchange that has ended."""
        with self._lock:
            self._done += 1
            self._total = max(self._done, self._total + _is_further(exchange))
            self._last = exchange.scenario
            if self._tenths > self._told_tenths and self._silence >= SHORTEST_SILENCE:
                self._tell()

    def remind(self) -> float:
        """Write a line if the silence is too long; gives the seconds until it will be."""
        with self._lock:
            if self._silence >= self._longest_silence:
                self._tell()
            return self._longest_silence - self._silence

    @contextmanager
    def reminding(self) -> Iterator[None]:
        """Look after the silence as long as the block runs, also while no exchange ends."""
        ended = threading.Event()
        thread = threading.Thread(target=self._remind_until, args=(ended,), name="progress", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _remind_until(self, ended: threading.Event) -> None:
        while not ended.wait(self.remind()):
            pass

    @property
    def _tenths(self) -> int:
        return 10 * self._done // max(1, self._total)

    @property
    def _silence(self) -> float:
        return self._clock() - self._told_at

    def _tell(self) -> None:
        self._told_at = self._clock()
        self._told_tenths = self._tenths
        last = f", last: {self._last}" if self._last else ""
        seconds = self._told_at - self._began
        self._write(f"{self._done} of {self._total} requests done, {seconds:.0f} s{last}")


@contextmanager
def _bar(total: int, host: str, console: Console) -> Iterator[Step]:
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[last]}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(f"requests to {host}", total=total, last="")

        def step(exchange: Exchange) -> None:
            bar.update(
                task,
                advance=1,
                total=(bar.tasks[0].total or 0) + _is_further(exchange),
                last=exchange.scenario[:LONGEST_NAME].ljust(LONGEST_NAME),
            )

        yield step


def _is_further(exchange: Exchange) -> bool:
    """Whether it is a further attempt, which nobody had planned."""
    return exchange.performance.is_further


def _harmless(host: str) -> str:
    """A host as it can be shown on a terminal and in a log: in one line, without control characters."""
    return "".join(character if character.isprintable() else "?" for character in host)
