"""The console script `responses-conformance`: finds the command and leaves the rest to its module.

It imports nothing of the suite before it listens to Ctrl-C.
"""

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that is named first, `run` where none is; gives the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = _answered(given)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read the output has enough of it, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:  # before there is a session that would end in order, or behind it
        sys.stderr.write("interrupted\n")
        return 2
    return code


def _answered(given: list[str]) -> int:
    from conformance.commands import COMMANDS
    from conformance.commands.commandline import did_you_mean, refuse

    first = given[0] if given else "run"
    if first in COMMANDS:
        return _command(first)(given[1:])
    if first in {"-h", "--help"}:
        from conformance.commands.helping import program_help

        return program_help()
    if _could_be_a_command(first):
        commands = f"the commands are {', '.join(COMMANDS)}"
        return refuse(f"there is no command {first}: {did_you_mean(first, COMMANDS, commands)}")
    return _command("run")(given)


def _command(name: str) -> Callable[[Sequence[str]], int]:
    found: Callable[[Sequence[str]], int] = importlib.import_module(f"conformance.commands.{name}").main
    return found


def _could_be_a_command(word: str) -> bool:
    """Whether a word is neither an option nor anything that pytest may know: a path or a node id."""
    looks_like_a_path = any(sign in word for sign in ("/", os.sep, "::", ".py", "@"))
    return not (word.startswith("-") or looks_like_a_path or Path(word).exists())
