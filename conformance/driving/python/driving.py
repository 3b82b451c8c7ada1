"""What the drivers of Python clients share: the protocol, and the shape of a structured answer.

A driver first says who it is, in a line of JSON. Then it reads jobs, a line of JSON each, and answers each
with one line: what it read (`text`, `calls`, `usage`, `structured`), or the `exception` that was raised.
"""

import json
import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Any, Literal

from pydantic import BaseModel

Json = dict[str, Any]

LONGEST = 4000
"""Characters of an exception's message."""


@dataclass(frozen=True, slots=True)
class Task:
    """One job: where and what to ask, the tool that may be called, and what it then answers."""

    job: str
    base_url: str
    model: str
    prompt: str
    tool: Json
    tool_output: str


@dataclass(frozen=True, slots=True)
class Read:
    """What a client made of the answer; None where the job does not look at it.

    A call has a `name` and `arguments`, as text or as the object that the client made of it. `usage` has
    `input` and `output` tokens.
    """

    text: str | None = None
    calls: list[Json] | None = None
    usage: Json | None = None
    structured: Any = None


@dataclass(frozen=True, slots=True)
class ToolCalls:
    """The calls that a client makes to a tool, and what the tool answers."""

    output: str
    calls: list[Json] = field(default_factory=list)

    def answer(self, name: str, arguments: Any) -> str:
        """Take down a call."""
        self.calls.append({"name": name, "arguments": arguments})
        return self.output


class Pet(BaseModel):
    """A part of a structured answer."""

    kind: str


class Person(BaseModel):
    """A structured answer, as somebody writes it down who uses these clients."""

    name: str
    age: int
    mood: Literal["calm", "merry"]
    pets: list[Pet]


def tokens(usage: object, taken: str = "input_tokens", given: str = "output_tokens") -> Json:
    """What a client's usage object says, by the names of its two counts; None where it has none."""
    return {"input": getattr(usage, taken, None), "output": getattr(usage, given, None)}


def drive(distribution: str, jobs: Mapping[str, Callable[[Task], Read]]) -> None:
    """Say who this is, then do jobs until there are no more."""
    runtime = f"Python {platform.python_version()}"
    _say({"package": distribution, "version": version(distribution), "runtime": runtime})
    for line in sys.stdin:
        task = Task(**json.loads(line))
        _say({"job": task.job, **_done(jobs[task.job], task)})


def _done(job: Callable[[Task], Read], task: Task) -> Json:
    try:
        return asdict(job(task))
    except Exception as error:  # noqa: BLE001 - whatever a client raises is what is asked for
        kind = type(error)
        name = f"{kind.__module__.partition('.')[0]}.{kind.__qualname__}".removeprefix("builtins.")
        return {"exception": {"class": name, "message": str(error)[:LONGEST]}}


def _say(line: Json) -> None:
    print(json.dumps(line, default=str), flush=True)  # noqa: T201 - the protocol
