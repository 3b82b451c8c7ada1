"""Streams that are refused, or hung up on, and what comes after."""

from dataclasses import replace

from conformance.exchange import Call
from conformance.scenarios.answers import (
    LONG_TEXT_STREAM,
    TEXT_STREAM,
)
from conformance.scenarios.scenario import Done, Scenario, Target, ask, message, post

TOO_HOT_STREAM = ask(
    "too-hot-stream",
    "Reply with exactly: Hello there",
    area="stream_time",
    family="",
    expects="refusal",
    stream=True,
    temperature=2.5,
)
"""A value out of range, which is refused before anything is streamed."""

UNKNOWN_MODEL_STREAM = post(
    "unknown-model-stream",
    {
        "model": "no-such-model-5f3c9e",
        "input": message("Reply with exactly: Hello there"),
        "store": False,
        "stream": True,
    },
    area="stream_time",
    expects="refusal",
    output_tokens=30,
)
"""A model that nobody offers."""

HANG_UP_AFTER = 600
"""Bytes of the body: past the first event of any stream, well before the end of a long one."""


def _hung_up(target: Target, done: Done) -> Call:
    call = LONG_TEXT_STREAM.build(target, done)
    return replace(call, scenario="hung-up-stream", hang_up_after=HANG_UP_AFTER)


HUNG_UP_STREAM = Scenario("hung-up-stream", "stream_time", _hung_up, streamed=True, output_tokens=300)
"""A long answer whose client closes the connection in the middle."""


def _afterwards(target: Target, _: Done) -> Call:
    return replace(TEXT_STREAM.build(target, {}), scenario="after-hang-up")


AFTER_HANG_UP = Scenario(
    "after-hang-up",
    "stream_time",
    _afterwards,
    streamed=True,
    after=(HUNG_UP_STREAM,),
    output_tokens=30,
)
"""The next request, which must be served as if nothing had happened."""
