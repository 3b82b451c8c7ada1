"""Serves the reference provider by hand: `python -m conformance.reference --port 8080`."""

import argparse
import os
import sys
import threading
from collections.abc import Iterator
from typing import NoReturn

from conformance.contract.choosing import chosen
from conformance.contract.contracts import Contract, ContractError
from conformance.reference.mutants import mutants
from conformance.reference.provider import MODEL, PACE
from conformance.reference.server import KEY, UnknownName, serve
from conformance.reference.variants import variants

USAGE = 4
"""The exit code of a command that cannot be followed: that of the suite's other commands."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Tell a mistake in one line."""
        self.exit(USAGE, f"reference provider: {message}\n")


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted. Returns 0, or USAGE where it cannot start."""
    options = _parser().parse_args(arguments)
    try:
        contract = chosen(options.contract)
    except ContractError as error:
        print(f"reference provider: --contract: {error}", file=sys.stderr)  # noqa: T201 - as below
        return USAGE
    if options.list:
        return _list(contract)
    try:
        with serve(
            port=options.port,
            latency=options.latency,
            mutant=options.mutant,
            variant=options.variant,
            key=os.environ.get("REFERENCE_API_KEY") or KEY,
            models=options.model,
            pace=options.pace,
            contract=contract,
        ) as base_url:
            print(base_url, flush=True)  # noqa: T201 - what the command is for
            threading.Event().wait()
    except KeyboardInterrupt:
        return 0
    except (UnknownName, OSError, OverflowError) as error:
        print(f"reference provider: {error}", file=sys.stderr)  # noqa: T201 - what the command is for
        return USAGE
    return 0


def _list(contract: Contract) -> int:
    try:
        print(*_listed(contract), sep="\n", flush=True)  # noqa: T201 - what was asked for
    except BrokenPipeError:  # whoever read the list has enough of it, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _listed(contract: Contract) -> Iterator[str]:
    for mutant in mutants(contract).values():
        yield f"mutant {mutant.id}: {mutant.line} [{mutant.requirement}]"
    for variant in variants().values():
        yield f"variant {variant.id}: {variant.line}"


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m conformance.reference",
        description="Serve the reference provider on 127.0.0.1. The key is $REFERENCE_API_KEY, or "
        f"'{KEY}'. The base URL is printed once the provider answers. Exit code: 0, or 4 where it cannot "
        "be followed.",
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--pace", type=float, default=PACE, help="seconds before each delta")
    parser.add_argument(
        "--model", action="append", default=[], help=f"a name beside {MODEL}, or the contract's"
    )
    parser.add_argument("--contract", default="anyfast", help="a contract of your own (a TOML file) to keep")
    named = parser.add_mutually_exclusive_group()
    named.add_argument("--mutant", help="serve a provider that is broken in one way")
    named.add_argument("--variant", help="serve a provider that is different and right")
    named.add_argument("--list", action="store_true", help="list the mutants and variants, and end")
    return parser


if __name__ == "__main__":
    sys.exit(main())
