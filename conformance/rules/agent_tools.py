"""Whether the calls of tools beyond functions are what a client can run."""

from collections.abc import Collection, Iterator
from typing import Any

from conformance.response import Body
from conformance.rules.answer import leave_empty, was_cut
from conformance.shown import shown
from conformance.streams.events import StreamEvent, item_id
from conformance.streams.stream import Stream
from conformance.strict_json import parse
from conformance.verdicts.judge import Elsewhere, Inconclusive
from conformance.verdicts.verdict import Finding

CALL = "custom_tool_call"
_INPUT = "response.custom_tool_call_input"
_OF_FUNCTIONS = "response.function_call_arguments"


def has_the_call(answer: Body, holds: bool, expected: str) -> Iterator[Finding]:
    """The answer has what the request forces.

    Raises Inconclusive where it was cut before that: what was asked for may have been about to come; and
    Elsewhere where it holds nothing at all.
    """
    if holds:
        return
    leave_empty(answer)
    if was_cut(answer):
        raise Inconclusive(f"the answer is {shown(answer.status)}, so that the call may be missing")
    items = ", ".join(_told(item) for _, item in answer.items)
    yield Finding(expected, items or "no item", "$.output")


def calls_that_tool_alone(answer: Body, name: str) -> Iterator[Finding]:
    """A custom tool is called as itself: never as a function, and no other tool beside it.

    Raises Inconclusive and Elsewhere as `has_the_call` does.
    """
    leave_empty(answer)
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


def events_tell_the_input(stream: Stream) -> Iterator[Finding]:
    """The input of each custom call comes in events of its own: in pieces, and as a whole.

    Held against the item that ends it, so that what is wrong with the final response is not told again.
    Raises Elsewhere where no such item came.
    """
    if stream.faults:
        raise Elsewhere("not every event can be read, which stream.data-json judges")
    end = stream.terminal
    told = [event for event in stream.events if end is None or event.number < end.number]
    ended = [event for event in told if event.type == "response.output_item.done"]
    calls = [event for event in ended if (event.carried or {}).get("type") == CALL]
    if not calls:
        raise Elsewhere(f"no {CALL} ended in the stream, which stream.item-done judges")
    for ending in calls:
        index, said = ending.data.get("output_index"), ending.carried.get("input")
        events = [event for event in told if _is_about(event, ending)]
        whole = [event.data.get("input") for event in events if event.type == f"{_INPUT}.done"]
        pieces = [event.data.get("delta") for event in events if event.type == f"{_INPUT}.delta"]
        where = f"output[{index}]"
        if whole != [said]:
            yield Finding(f"one {_INPUT}.done with the input of the call", shown(whole, 160), where)
        if "".join(map(str, pieces)) != said:
            yield Finding(f"{_INPUT}.delta events that add up to the input", shown(pieces, 160), where)
        if alien := [event.type for event in events if event.type.startswith(_OF_FUNCTIONS)]:
            yield Finding("no event of a function's arguments", shown(alien[0]), where)


def _is_about(event: StreamEvent, ending: StreamEvent) -> bool:
    """Whether an event is about the item that another one ends: by its id, or else by its place."""
    if not event.type.startswith((_INPUT, _OF_FUNCTIONS)):
        return False
    same_place = event.data.get("output_index") == ending.data.get("output_index")
    return same_place or (bool(item_id(ending)) and item_id(event) == item_id(ending))


def _is_wrapped(text: str) -> bool:
    read = parse(text.encode("utf-8", "surrogatepass"))
    return read.readable and isinstance(read.value, dict)


def _told(item: dict[str, Any]) -> str:
    named = f" of {shown(item.get('name'), 60)}" if "name" in item else ""
    within = f" in the namespace {shown(item.get('namespace'), 60)}" if item.get("namespace") else ""
    return f"{shown(item.get('type'), 60)}{named}{within}"
