"""`responses-conformance serve`: a recording in the provider's place, for a client to be read against."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.commands.commandline import PROGRAM, Parser, answer, refuse
from conformance.verdicts.gate import CONFORMS

if TYPE_CHECKING:  # it brings asyncio's servers along, which the help need not wait for
    from conformance.serving.answer import Answer
    from conformance.serving.recorded import Asked, Given, Recorded

PROG = f"{PROGRAM} serve"
LARGEST_PORT = 65535


def main(words: Sequence[str]) -> int:
    """Serve until Ctrl-C; gives the exit code."""
    given = arguments(words)
    from conformance.serving.recorded import Recorded
    from conformance.wire.recording import RecordingError

    for ending in (signal.SIGINT, signal.SIGTERM):  # a shell's background process ignores the first
        signal.signal(ending, signal.default_int_handler)
    try:
        recorded = Recorded(given.recording)
        for line in recorded.left_out:
            print(f"{PROG}: left out: {line}", file=sys.stderr)  # noqa: T201 - the command's answer
        asyncio.run(_serve(recorded, given.port, fast=given.fast))
    except KeyboardInterrupt:
        return CONFORMS
    except RecordingError as error:
        return refuse(str(error), PROG)
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else str(error)
        return refuse(f"cannot listen on port {given.port}: {reason}; name another with --port", PROG)
    return CONFORMS


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """Read the words behind `serve`; a mistake ends the process."""
    parser = Parser(
        "serve",
        "Gives the exchanges recorded in a report folder back on 127.0.0.1, each chunk at its time,\n"
        "faults included. The path says which: at the base URL http://127.0.0.1:PORT/text-stream/v1\n"
        "a client gets the exchange text-stream, at /tool-call,tool-result/v1 the one and then the\n"
        "other. What the recording cannot answer is refused, with an error that says why.",
    )
    parser.add_argument("recording", type=Path, metavar="RECORDING", help="the report folder of a run")
    parser.add_argument("--port", type=_port, default=0, metavar="N", help="0 takes a free one (0)")
    parser.add_argument("--fast", action="store_true", help="send the chunks without waiting for their times")
    return parser.read(words)


def _port(text: str) -> int:
    number = int(text) if text.isdecimal() else -1
    if not 0 <= number <= LARGEST_PORT:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to {LARGEST_PORT}")
    return number


async def _serve(recorded: "Recorded", port: int, *, fast: bool) -> None:
    from conformance.serving.http import listening

    listed = list(_listing(recorded))

    async def answers(asked: "Asked") -> "Answer":
        return _answered(recorded, asked, listed)

    async with listening(answers, port=port, fast=fast) as address:
        first = next(iter(recorded.given.values())).base_path
        answer([address, *listed, f"A client's base URL is {address}{first} or its like; Ctrl-C ends this."])
        sys.stdout.flush()
        await asyncio.Event().wait()


def _answered(recorded: "Recorded", asked: "Asked", listed: list[str]) -> "Answer":
    """What a request gets, with a line that says so."""
    from conformance.serving.answer import plain, refusal
    from conformance.serving.recorded import Unanswerable

    if asked.path == "/":
        return plain("\n".join(listed) + "\n")
    try:
        found = recorded.find(asked)
    except Unanswerable as error:
        told, sent = str(error), refusal(error.status, str(error), error.code, error.headers)
    else:
        told, sent = found.name, found.answer
    answer([f"{asked.method} {asked.path} -> {sent.status or sent.ending}: {told}"])
    sys.stdout.flush()
    return sent


def _listing(recorded: "Recorded") -> Iterator[str]:
    """What can be asked for, a line each."""
    from conformance.commands.listing import aligned

    yield from aligned([_line(given) for given in recorded.given.values()])


def _line(given: "Given") -> tuple[str, ...]:
    sent = given.answer
    size = sum(len(chunk.data) for chunk in sent.chunks)
    ends = "" if sent.ending == "whole" else f", {sent.ending}"
    body = f"{len(sent.chunks)} chunks, {size:,} bytes in {sent.end:.2f} s{ends}"
    return (
        given.url_path,
        given.method,
        str(sent.status or "no answer"),
        "stream" if given.streams else "",
        body,
    )
