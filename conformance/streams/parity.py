"""Whether a streamed answer ends with what the same request brings without a stream."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import Any

from conformance.strict_json import json_type
from conformance.verdicts.verdict import Finding

Response = Mapping[str, Any]
"""A final response, streamed or not."""

Differ = Callable[[Response, Response], Iterator[Finding]]
"""In what a streamed response differs from an unstreamed one."""

ALWAYS = 5
"""How many requests must all be cut in the same form before that is no accident.

A server that cuts three answers in ten, in either form, cuts five of six requests in one form alone once in
four hundred runs, and three of them in one of twenty.
"""


def shapes_are_the_same(streamed: Response, plain: Response, known: Set[str]) -> Iterator[Finding]:
    """Of the `known` members both have the same keys, with values of the same JSON types.

    What a vendor adds on one side alone is no difference. null says no more than absence does, so that a key
    with null on one side is never a difference.
    """
    for key in sorted(known & {*streamed, *plain}):
        here, there = json_type(streamed.get(key)), json_type(plain.get(key))
        if here == there or (here == "null" and key in streamed) or (there == "null" and key in plain):
            continue
        expected = f"{key}: {there}" if key in plain else f"no {key},"
        actual = here if key in streamed else f"no {key}"
        yield Finding(f"{expected} as in the unstreamed response", actual, f"$.{key}")


def statuses_are_the_same(streamed: Response, plain: Response) -> Iterator[Finding]:
    """The streamed answer has the unstreamed one's status."""
    if streamed.get("status") != plain.get("status"):
        expected = f"status {plain.get('status')} as in the unstreamed response"
        yield Finding(expected, str(streamed.get("status")), "$.status")


def main_items_are_the_same(streamed: Response, plain: Response) -> Iterator[Finding]:
    """The streamed answer has the unstreamed one's main item: a call, or a message."""
    here, there = _main_item(streamed), _main_item(plain)
    if here != there:
        yield Finding(f"an item of type {there} as in the unstreamed response", here, "$.output")


def cut_by_chance(streamed: Response, plain: Response) -> bool:
    """Whether only the length of a sample may tell two answers apart: one was cut, the other ended before.

    What took as many tokens as the one that was cut met the same limit, and should have been cut as well.
    """
    if (streamed.get("status") == "incomplete") == (plain.get("status") == "incomplete"):
        return False
    cut, ended = (streamed, plain) if streamed.get("status") == "incomplete" else (plain, streamed)
    limit, used = _output_tokens(cut), _output_tokens(ended)
    return limit is None or used is None or used < limit


def always_cut_in_one_form(pairs: Iterable[tuple[Response, Response]]) -> bool:
    """Whether the same form alone is cut in every pair in which either is, and in `ALWAYS` at the least."""
    cut = [(one.get("status") == "incomplete", other.get("status") == "incomplete") for one, other in pairs]
    met = [pair for pair in cut if any(pair)]
    return len(met) >= ALWAYS and len(set(met)) == 1 and not all(met[0])


def _output_tokens(response: Response) -> int | None:
    usage = response.get("usage")
    count = usage.get("output_tokens") if isinstance(usage, dict) else None
    return count if isinstance(count, int) else None


def _main_item(response: Response) -> str:
    """What the answer comes down to; words before a call and visible reasoning are the model's own choice."""
    output = response.get("output")
    items_ = [item for item in (output if isinstance(output, list) else ()) if isinstance(item, dict)]
    types = [item.get("type") for item in items_]
    return next((type_ for type_ in ("function_call", "message") if type_ in types), "none of these")
