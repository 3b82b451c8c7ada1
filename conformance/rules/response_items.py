"""What stands in an answer's output: the shape of items and parts, and how they fit the response."""

from collections.abc import Iterator

from conformance import strict_json
from conformance.contract.contracts import Contract
from conformance.response import Body, whole
from conformance.rules.shapes import fits_the_schema
from conformance.shown import shown
from conformance.verdicts.verdict import Finding

OWN_ITEMS = ("message", "reasoning", "function_call")
"""The item types whose shape the suite knows; hosted tools and vendors' types have words of their own."""


def item_has_its_shape(body: Body, contract: Contract, aspect: str, *types: str) -> Iterator[Finding]:
    """One aspect of `schemas/item.json`, on the items of the given types (on all without any)."""
    for where, item in body.of_type(*types) if types else body.items:
        yield from _moved(fits_the_schema(item, "item", contract, aspect), where)


def part_has_its_shape(body: Body, contract: Contract, aspect: str, *types: str) -> Iterator[Finding]:
    """One aspect of `schemas/part.json`, on the content parts of the given types."""
    for where, part in body.parts:
        if part.get("type") in types:
            yield from _moved(fits_the_schema(part, "part", contract, aspect), where)


def items_end_as_the_response_does(body: Body) -> Iterator[Finding]:
    """A completed response holds completed items only: an unfinished one would make it incomplete."""
    if body.status != "completed":
        return
    for where, item in body.items:
        status = item.get("status")
        unfinished = status in ("incomplete", "in_progress") or (
            item.get("type") in OWN_ITEMS and isinstance(status, str) and status != "completed"
        )
        if unfinished:
            yield Finding("completed, as the response is", shown(status), f"{where}.status")


def an_incomplete_item_ends_the_output(body: Body) -> Iterator[Finding]:
    """Generation stopped inside the item, so nothing can follow it; with `n` there are several ends."""
    if body.asked.get("n") not in (None, 1):
        return
    items = body.items
    for where, item in items[:-1]:
        if item.get("status") == "incomplete":
            yield Finding("nothing after an incomplete item", f"{items[-1].where} follows", where)


def ids_differ(body: Body) -> Iterator[Finding]:
    """Two items of one response never share an id."""
    yield from _repeated(body, "id")


def call_ids_differ(body: Body) -> Iterator[Finding]:
    """Two calls of one response never share a call_id: the outputs could not be told apart."""
    yield from _repeated(body, "call_id", "function_call")


def calls_are_declared(body: Body) -> Iterator[Finding]:
    """A call names one of the functions that the request declared."""
    tools = body.asked.get("tools")
    declared: list[object] = []
    for tool in tools if isinstance(tools, list) else []:
        if not isinstance(tool, dict) or tool.get("type") != "function":
            return
        declared.append(tool.get("name"))
    for where, call in body.of_type("function_call"):
        name = call.get("name")
        if isinstance(name, str) and name not in declared:
            expected = f"one of {', '.join(map(str, declared))}" if declared else "no call: no tool was sent"
            yield Finding(expected, name, f"{where}.name")


def arguments_are_objects(body: Body) -> Iterator[Finding]:
    """The arguments of a finished call are a JSON text of an object."""
    for where, call in body.of_type("function_call"):
        arguments = call.get("arguments")
        cut = "incomplete" in (call.get("status"), body.status) or call.get("status") == "in_progress"
        if not isinstance(arguments, str) or cut:
            continue
        parsed = strict_json.parse(arguments.encode("utf-8", "surrogatepass"))
        if not isinstance(parsed.value, dict):
            yield Finding(
                "the JSON text of an object", shown(arguments) or "an empty text", f"{where}.arguments"
            )
        for fault in parsed.faults if isinstance(parsed.value, dict) else ():
            yield Finding("JSON as RFC 8259 has it", fault, f"{where}.arguments")


def a_cut_call_says_so(body: Body) -> Iterator[Finding]:
    """A call whose arguments end in the middle, in a response that is incomplete, is not completed."""
    for where, call in body.of_type("function_call") if body.status == "incomplete" else ():
        arguments = call.get("arguments")
        if call.get("status") != "completed" or not isinstance(arguments, str):
            continue
        if not isinstance(strict_json.parse(arguments.encode("utf-8", "surrogatepass")).value, dict):
            actual = f"completed, with the arguments {shown(arguments) or 'of an empty text'}"
            yield Finding("incomplete, as the response is", actual, f"{where}.status")


def a_call_breaks_off(body: Body) -> bool:
    """Whether the arguments of a call are no whole JSON text."""
    told = [call.get("arguments") for _, call in body.of_type("function_call")]
    texts = [text.encode("utf-8", "surrogatepass") for text in told if isinstance(text, str)]
    return any(not strict_json.parse(text).readable for text in texts)


def a_completed_answer_has_output(body: Body) -> Iterator[Finding]:
    """A completed response holds at least one item."""
    if body.status == "completed" and body.response.get("output") == []:
        yield Finding("at least one item, since the response is completed", "[]", "$.output")


def what_was_billed_is_there(body: Body) -> Iterator[Finding]:
    """A completed answer that used tokens beside reasoning brings some text, refusal or call.

    Judged where nothing but text could be asked for: a stop sequence may leave an empty text.
    """
    given, thought = body.count("output_tokens"), body.count("reasoning_tokens", "output_tokens_details")
    if body.status != "completed" or "stop" in body.asked or given is None or given - (thought or 0) <= 2:
        return
    others = [item for item in body.items if item.value.get("type") not in ("message", "reasoning")]
    said = body.text or any(part.get("type") != "output_text" for _, part in body.parts)
    if not said and not others:
        yield Finding(f"what the {given} output tokens were used for", "no text, refusal or call", "$.output")


def citations_lie_in_the_text(body: Body) -> Iterator[Finding]:
    """0 <= start_index <= end_index <= the text's length, in code points or in UTF-16 units."""
    for where, part in body.parts:
        text, annotations = part.get("text"), part.get("annotations")
        if not isinstance(text, str) or not isinstance(annotations, list):
            continue
        length = max(len(text), len(text.encode("utf-16-le", "surrogatepass")) // 2)
        for index, annotation in enumerate(annotations):
            if not isinstance(annotation, dict) or annotation.get("type") != "url_citation":
                continue
            start, end = whole(annotation.get("start_index")), whole(annotation.get("end_index"))
            if start is None or end is None or not 0 <= start <= end <= length:
                yield Finding(
                    f"0 <= start_index <= end_index <= {length}",
                    f"{start} and {end}",
                    f"{where}.annotations[{index}]",
                )


def _repeated(body: Body, key: str, *types: str) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for where, item in body.of_type(*types) if types else body.items:
        name = item.get(key)
        if not isinstance(name, str):
            continue
        if name in first:
            yield Finding(f"another {key} than {first[name]} has", name, f"{where}.{key}")
        first.setdefault(name, where)


def _moved(findings: Iterator[Finding], where: str) -> Iterator[Finding]:
    """The findings of an inner object, placed in the whole body."""
    for found in findings:
        yield Finding(found.expected, found.actual, f"{where}{found.where.removeprefix('$')}")
