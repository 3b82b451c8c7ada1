"""Shows how far the exchanges are: a bar on a terminal, one line before and one after in a log."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from conformance.exchange import Exchange


@contextmanager
def progress(total: int, host: str, out: TextIO) -> Iterator[Callable[[Exchange], None]]:
    """Show the exchanges with a host; yields what is to be called with each that ends, from any thread.

    `total` is the number of planned scenarios; further attempts come on top and lengthen the bar.
    """
    console = Console(file=out)
    if not console.is_terminal:
        console.print(f"performing {total} requests against {host}", markup=False, highlight=False)
        yield lambda _: None
        return
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
            further = "~" in exchange.scenario
            planned = bar.tasks[0].total or 0
            bar.update(
                task,
                advance=1,
                total=planned + 1 if further else planned,
                last=exchange.scenario[:40].ljust(40),
            )

        yield step
