"""What an answer says: the Response of an exchange, and how it repeats the request."""

import json
import math
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from conformance.exchange import Exchange
from conformance.response import Body, Json, whole
from conformance.shown import shown
from conformance.streams.stream import Stream
from conformance.verdicts.judge import Elsewhere
from conformance.verdicts.verdict import Finding

MISSING: Any = object()
"""What `at_path` gives where the response does not have the field."""


def answer_of(exchange: Exchange) -> Body | None:
    """The Response of an accepted request, of a streamed one the terminal event's; else None."""
    if exchange.status != 200:
        return None
    streamed = exchange.media_type == "text/event-stream"
    response = _terminal(exchange) if streamed else exchange.json.value
    if not isinstance(response, dict) or not isinstance(response.get("output"), list):
        return None
    return Body(response, exchange)


def used_up(answer: Body) -> bool:
    """Whether an answer took all the output tokens that it was allowed: so it was cut, whatever it says."""
    limit, given = whole(answer.asked.get("max_output_tokens")), answer.count("output_tokens")
    return limit is not None and given is not None and given >= limit


def says(exchange: Exchange, word: str) -> bool:
    """Whether the answer's text has a word, in whatever case: as a word, not as `red` in `hundred`.

    Only letters and digits of ASCII go on with a word; other scripts put none between words.
    """
    answer = answer_of(exchange)
    whole = rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])"
    return answer is not None and re.search(whole, answer.text, re.IGNORECASE) is not None


def at_path(answer: Body, path: str) -> Any:
    """The value at a dotted path, MISSING where the answer does not have it."""
    value: Any = answer.response
    for key in path.split("."):
        if not isinstance(value, dict) or key not in value:
            return MISSING
        value = value[key]
    return value


def echoes_what_was_sent(answer: Body, path: str, sent: Any, how: str) -> Iterator[Finding]:
    """The response does not contradict a field that was sent.

    A response that does not have the field says nothing of it. `how` is the schema's x-echo: `equal`,
    `resolved` (an `auto` may come back as what it stood for), `names` (of tools), `type` (of a format).
    """
    echoed = at_path(answer, path)
    if echoed is MISSING or (how == "resolved" and sent == "auto" and isinstance(echoed, str)):
        return
    match how:
        case "names":
            same = isinstance(echoed, list) and _names(echoed) == _names(sent)
        case "type":
            same = isinstance(echoed, dict) and echoed.get("type") == sent.get("type")
        case _:
            same = same_json(echoed, sent)
    if not same:
        yield Finding(shown(spelled(sent)), shown(spelled(echoed)), f"$.{path}")


def shows_the_default(answer: Body, path: str, default: Any, how: str) -> Iterator[Finding]:
    """The response does not contradict the default of a field that was not sent; null says nothing."""
    if at_path(answer, path) is not None:
        yield from echoes_what_was_sent(answer, path, default, how)


def names_model(answered: str, asked: str) -> bool:
    """Whether an answered model is the one asked for: the same id, or that id with a date or suffix.

    A suffix that makes it a smaller model (`-mini`) makes it another. Who asks for a dated name may be
    answered by the short one. A vendor's prefix (`openai/gpt-5.2`) counts on neither side, nor does the
    case of the letters.
    """
    got, wanted = (name.strip().lower().rpartition("/")[2] for name in (answered, asked))
    if not got or not wanted:
        return False
    if got.startswith(wanted):
        rest = got.removeprefix(wanted)
        return not rest or (_GOES_ON.match(rest) is None and not LESSER & set(re.split(r"[^a-z0-9]+", rest)))
    return wanted.startswith(got) and _DATE.fullmatch(wanted.removeprefix(got)) is not None


LESSER = frozenset({"mini", "nano", "lite", "tiny", "small"})
"""Words in a model's name that make it another model, not another date of the same one."""

_GOES_ON = re.compile(r"[.0-9a-z]")
"""What continues a name or its version: `gpt-5` is not `gpt-5.2`."""

_DATE = re.compile(r"[-@:_](?:\d{4}(?:-?\d{2}){0,2}|latest)")


def same_json(left: Any, right: Any) -> bool:
    """Whether two JSON values say the same: numbers by value, an object may have further keys on the left.

    1e-6 covers a value that went through single precision.
    """
    match left, right:
        case (bool(), _) | (_, bool()):
            return left is right
        case (int() | float(), int() | float()):
            return math.isclose(left, right, rel_tol=1e-6, abs_tol=1e-9)
        case (dict(), dict()):
            return all(key in left and same_json(left[key], value) for key, value in right.items())
        case (list(), list()):
            return len(left) == len(right) and all(map(same_json, left, right))
        case _:
            return bool(left == right)


def spelled(value: Any) -> str:
    """A value as JSON; Python's spelling where it is none (NaN from a lenient server)."""
    if value is MISSING:
        return "absent"
    return json.dumps(value, ensure_ascii=False, default=str)


def _names(tools: list[Any]) -> list[Any]:
    named = [tool.get("name") for tool in tools if isinstance(tool, dict)]
    return sorted((name for name in named if isinstance(name, str)), key=str)


@lru_cache(maxsize=128)
def _terminal(exchange: Exchange) -> Json | None:
    """The response object that ends a streamed answer; kept, because every row of a stream asks for it."""
    return Stream.of(exchange).response


def is_whole(answer: Body) -> bool:
    """Whether the model said all that it wanted to say, and did not decline."""
    refused = any(part.get("type") == "refusal" for _, part in answer.parts)
    return answer.status in ("completed", None) and not refused


def was_cut(answer: Body) -> bool:
    """Whether the answer ended before the model did, by what it says or by what it cost."""
    return answer.status != "completed" or used_up(answer)


def leave_empty(answer: Body) -> None:
    """Go on only where a completed answer holds something; raises Elsewhere."""
    if not answer.items and not was_cut(answer):
        raise Elsewhere("the answer holds no item, which response.output-not-empty judges")
