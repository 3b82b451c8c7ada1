"""Whether a text is the JSON that its request asked for."""

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.response import Body
from conformance.rules.answer import is_whole, leave_empty, used_up
from conformance.rules.shapes import fits_the_schema_sent
from conformance.shown import shown
from conformance.strict_json import parse
from conformance.verdicts.verdict import Finding


def text_fits_the_format(answer: Body, layout: Mapping[str, Any]) -> Iterator[Finding]:
    """The text is the JSON that `text.format` asks for; a refusal or a cut answer need not be.

    Raises Elsewhere where the answer holds nothing at all.
    """
    if layout.get("type") not in {"json_schema", "json_object"} or not is_whole(answer):
        return
    leave_empty(answer)
    text = answer.text
    read = parse(text.encode("utf-8", "surrogatepass"))
    where = "the output text"
    if not read.readable:
        yield Finding("a JSON text", shown(text) or "an empty text", where)
    elif layout["type"] == "json_object":
        if not isinstance(read.value, dict):
            yield Finding("a JSON object", shown(text), where)
    else:
        yield from fits_the_schema_sent(read.value, layout.get("schema"), where)


def may_go_on(answer: Body) -> bool:
    """Whether a text that is no JSON may be the beginning of one, which was cut at the limit of tokens."""
    return used_up(answer) and answer.text.lstrip()[:1] in {"", "{", "["}
