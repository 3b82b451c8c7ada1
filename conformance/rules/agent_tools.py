"""Whether the calls of tools beyond functions are what a client can run."""

from collections.abc import Collection, Iterator
from typing import Any

from conformance.response import Body
from conformance.rules.answer import was_cut
from conformance.shown import shown
from conformance.streams.events import StreamEvent, item_id
from conformance.streams.stream import Stream
from conformance.strict_json import parse
from conformance.verdicts.judge import Inconclusive
from conformance.verdicts.verdict import Finding

CALL = "custom_tool_call"
_INPUT = "response.custom_tool_call_input"


def has_the_call(answer: Body, holds: bool, expected: str) -> Iterator[Finding]:
    """The answer has what the request forces.

    Raises Inconclusive where it was cut before that: what was asked for may have been about to come.
    """
    if holds:
        return
    if was_cut(answer):
        raise Inconclusive(f"the answer is {shown(answer.status)}, so that the call may be missing")
    items = ", ".join(_told(item) for _, item in answer.items)
    yield Finding(expected, items or "no item", "$.output")


def calls_that_tool_alone(answer: Body, name: str) -> Iterator[Finding]:
    """A custom tool is called as itself: never as a function, and no other tool beside it."""
    calls = answer.of_type(CALL, "function_call")
    if not calls and was_cut(answer):
        raise Inconclusive(f"the answer is {shown(answer.status)}, so that the call may be missing")
    if not calls:
        yield Finding(f"a {CALL} of {name}", f"no call, the text {shown(answer.text, 120)!r}", "$.output")
    for where, call in calls:
        if (call.get("type"), call.get("name")) != (CALL, name):
            yield Finding(f"a {CALL} of {name}", _told(call), where)


def input_is_raw(answer: Body) -> Iterator[Finding]:
    """The input is the text that the model wrote, with no JSON around it."""
    for where, call in answer.of_type(CALL):
        said = call.get("input")
        if not isinstance(said, str) or _is_wrapped(said):
            expected = "the text that the model wrote, with no JSON around it"
            yield Finding(expected, shown(said, 160), f"{where}.input")


def input_fits_the_grammar(answer: Body, words: Collection[str]) -> Iterator[Finding]:
    """The input is one of the texts that the grammar allows."""
    for where, call in answer.of_type(CALL):
        if call.get("input") not in words and not was_cut(answer):
            expected = f"one of {', '.join(words)}, as the grammar has it"
            yield Finding(expected, shown(call.get("input"), 160), f"{where}.input")


def events_tell_the_input(stream: Stream, answer: Body) -> Iterator[Finding]:
    """The input of each custom call comes in events of its own: in pieces, and as a whole."""
    calls = answer.of_type(CALL)
    for where, call in calls:
        index = int(where.rpartition("[")[2].rstrip("]"))
        events = [event for event in stream.events if _is_about(event, call.get("id"), index)]
        whole = [event.data.get("input") for event in events if event.type == f"{_INPUT}.done"]
        pieces = [event.data.get("delta") for event in events if event.type == f"{_INPUT}.delta"]
        if whole != [call.get("input")]:
            yield Finding(f"one {_INPUT}.done with the input of the call", shown(whole, 160), where)
        if "".join(map(str, pieces)) != call.get("input"):
            yield Finding(f"{_INPUT}.delta events that add up to the input", shown(pieces, 160), where)
        if alien := [event.type for event in events if event.type.startswith("response.function_call")]:
            yield Finding("no event of a function's arguments", shown(alien[0]), where)


def _is_about(event: StreamEvent, id_: Any, index: int) -> bool:
    if not event.type.startswith((_INPUT, "response.function_call_arguments")):
        return False
    return item_id(event) == id_ if isinstance(id_, str) else event.data.get("output_index") == index


def _is_wrapped(text: str) -> bool:
    read = parse(text.encode("utf-8", "surrogatepass"))
    return read.readable and isinstance(read.value, dict)


def _told(item: dict[str, Any]) -> str:
    named = f" of {shown(item.get('name'), 60)}" if "name" in item else ""
    within = f" in the namespace {shown(item.get('namespace'), 60)}" if item.get("namespace") else ""
    return f"{shown(item.get('type'), 60)}{named}{within}"
