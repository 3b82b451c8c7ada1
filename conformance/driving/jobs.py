"""What every client is asked to do, and which recorded exchanges answer it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from conformance.scenarios.answers import (
    BODIES,
    STRUCTURED,
    STRUCTURED_STREAM,
    TEXT,
    TEXT_STREAM,
    TOOL_CALL,
    TOOL_CALL_STREAM,
    TWO_TOOL_CALLS_STREAM,
    WEATHER_TOOL,
)
from conformance.scenarios.errors import UNKNOWN_MODEL
from conformance.scenarios.scenario import Scenario
from conformance.scenarios.stream_time import HANG_UP_AFTER, HUNG_UP_STREAM, UNKNOWN_MODEL_STREAM
from conformance.scenarios.tools import RESULT, TOOL_RESULT

Looks = Literal["text", "usage", "calls", "structured", "error", "end"]
"""What a job compares: what was read with what was sent, the message of an error, a connection that ended."""

NO_SUCH_MODEL = "no-such-model-5f3c9e"


@dataclass(frozen=True, slots=True)
class Job:
    """One job. `scenarios` are the exchanges that answer it, one a request.

    A client that only ever streams is answered by `streamed` instead. `meaning` says what it shows. Live, the
    connection is cut after so many bytes of the body.
    """

    name: str
    meaning: str
    prompt: str
    scenarios: tuple[Scenario, ...]
    looks: tuple[Looks, ...]
    streamed: tuple[Scenario, ...] = ()
    model: str = ""
    cut_after: int | None = None

    def answered_by(self, *, streams: bool) -> tuple[str, ...]:
        """The names of the exchanges that answer it."""
        return tuple(each.name for each in ((self.streamed or self.scenarios) if streams else self.scenarios))

    def task(self, base_url: str, model: str, prompt: str = "") -> Mapping[str, Any]:
        """What a driver is told; a client may have a prompt of its own."""
        return {
            "job": self.name,
            "base_url": base_url,
            "model": self.model or model,
            "prompt": prompt or self.prompt,
            "tool": WEATHER_TOOL,
            "tool_output": RESULT,
        }


def _prompt(name: str) -> str:
    return str(BODIES[name][2]["input"][0]["content"])


JOBS: Mapping[str, Job] = MappingProxyType(
    {
        job.name: job
        for job in (
            Job("text", "an answer's text", _prompt("text"), (TEXT,), ("text",), (TEXT_STREAM,)),
            Job("usage", "what it cost", _prompt("text"), (TEXT,), ("usage",), (TEXT_STREAM,)),
            Job("stream", "a stream's text", _prompt("text"), (TEXT_STREAM,), ("text",)),
            Job("final", "what a stream ends with", _prompt("text"), (TEXT_STREAM,), ("text", "usage")),
            Job("tool", "a tool's call", _prompt("tool-call"), (TOOL_CALL,), ("calls",), (TOOL_CALL_STREAM,)),
            Job(
                "tools-stream",
                "two calls in a stream",
                _prompt("two-tool-calls"),
                (TWO_TOOL_CALLS_STREAM,),
                ("calls",),
            ),
            Job(
                "loop",
                "call, tool, answer",
                _prompt("tool-call"),
                (TOOL_CALL, TOOL_RESULT),
                ("calls", "text"),
                (TOOL_CALL_STREAM, TEXT_STREAM),
            ),
            Job(
                "structured",
                "an answer as an object",
                _prompt("structured"),
                (STRUCTURED,),
                ("structured",),
                (STRUCTURED_STREAM,),
            ),
            Job(
                "refusal",
                "an error's message",
                _prompt("text"),
                (UNKNOWN_MODEL,),
                ("error",),
                (UNKNOWN_MODEL_STREAM,),
                model=NO_SUCH_MODEL,
            ),
            Job(
                "cut",
                "a connection that ends in the middle",
                _prompt("long-text"),
                (HUNG_UP_STREAM,),
                ("end",),
                cut_after=HANG_UP_AFTER,
            ),
        )
    }
)
"""Every job, by its name."""
