"""What an accepted field does to the answer: findings where it provably did nothing, or the contrary."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from conformance.exchange import Exchange
from conformance.response import Body
from conformance.rules.answer import answer_of, spelled, used_up
from conformance.shown import shown
from conformance.strict_json import parse
from conformance.verdicts.verdict import Finding

WORDS_PER_TOKEN = 2
"""More words than this for each token allowed are no answer within the limit, whatever usage says."""


def limit_findings(answer: Body, limit: float) -> Iterator[Finding]:
    """More output than `max_output_tokens`: by the answer's own count, or by the words that came."""
    used = answer.count("output_tokens")
    if used is not None and used > limit:
        yield Finding(f"at most {limit} output tokens", str(used), "$.usage.output_tokens")
    words = len(answer.text.split())
    if words > WORDS_PER_TOKEN * limit:
        yield Finding(f"a text within {limit} tokens", f"{words} words: {shown(answer.text, 80)}")


def stop_findings(answer: Body, sequence: str) -> Iterator[Finding]:
    """The sequence at which the model was to stop stands in its text."""
    text = answer.text
    if sequence in text:
        yield Finding(f"a text that ends before {sequence!r}", shown(text))


def format_findings(answer: Body, layout: Mapping[str, Any]) -> Iterator[Finding]:
    """The text is not the JSON that `text.format` asks for; a refusal or a cut answer need not be."""
    if layout.get("type") not in {"json_schema", "json_object"} or not is_whole(answer):
        return
    text = answer.text
    read = parse(text.encode("utf-8", "surrogatepass"))
    where = "the output text"
    if not read.readable:
        yield Finding("a JSON text", shown(text) or "an empty text", where)
    elif layout["type"] == "json_object":
        if not isinstance(read.value, dict):
            yield Finding("a JSON object", shown(text), where)
    else:
        yield from _schema_findings(read.value, layout.get("schema"), where)


def may_go_on(answer: Body) -> bool:
    """Whether a text that is no JSON may be the beginning of one, which was cut at the limit of tokens."""
    return used_up(answer) and answer.text.lstrip()[:1] in {"", "{", "["}


def choice_findings(answer: Body, choice: Any) -> Iterator[Finding]:
    """The calls contradict `tool_choice`; an answer that was cut off may lack the call."""
    calls = answer.of_type("function_call")
    names = [call.get("name") for _, call in calls]
    match choice:
        case "none" if calls:
            yield Finding("no function call", f"calls of {spelled(names)}", "$.output")
        case "required" if not calls and not was_cut(answer):
            yield Finding("at least one function call", _spoken(answer), "$.output")
        case {"type": "function", "name": name}:
            if not calls and not was_cut(answer):
                yield Finding(f"a call of {name}", _spoken(answer), "$.output")
            elif any(called != name for called in names):
                yield Finding(f"calls of {name} alone", f"calls of {spelled(names)}", "$.output")
        case {"type": "allowed_tools", "tools": [*allowed]}:
            known = [tool.get("name") for tool in allowed if isinstance(tool, dict)]
            if not set(map(str, names)) <= set(map(str, known)):
                yield Finding(f"calls of {spelled(known)} alone", f"calls of {spelled(names)}", "$.output")


def argument_findings(answer: Body, tools: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
    """Arguments that do not fit the parameters of a tool that was declared strict."""
    strict = {tool.get("name"): tool.get("parameters") for tool in tools if tool.get("strict") is True}
    for where, call in answer.of_type("function_call"):
        arguments = call.get("arguments")
        name = call.get("name")
        if not isinstance(name, str) or name not in strict:
            continue
        if not isinstance(arguments, str) or was_cut(answer):
            continue
        read = parse(arguments.encode("utf-8", "surrogatepass"))
        if read.readable:
            yield from _schema_findings(read.value, strict[name], f"{where}.arguments")


def is_whole(answer: Body) -> bool:
    """Whether the model said all that it wanted to say, and did not decline."""
    refused = any(part.get("type") == "refusal" for _, part in answer.parts)
    return answer.status in ("completed", None) and not refused


def was_cut(answer: Body) -> bool:
    """Whether the answer ended before the model did, by what it says or by what it cost."""
    return answer.status != "completed" or used_up(answer)


def ignores_request(exchange: Exchange) -> bool:
    """Whether an answer shows that format, tool choice or stop were not followed: worth a further attempt."""
    answer, sent = answer_of(exchange), exchange.sent_json
    if answer is None or not isinstance(sent, dict):
        return False
    layout = (sent.get("text") or {}).get("format") or {}
    stop = sent.get("stop")
    return (
        any(format_findings(answer, layout))
        or any(choice_findings(answer, sent.get("tool_choice")))
        or any(argument_findings(answer, sent.get("tools") or ()))
        or (isinstance(stop, str) and stop != "" and _ends_elsewhere(answer, stop))
        or (sent.get("parallel_tool_calls") is False and len(answer.of_type("function_call")) > 1)
    )


def _ends_elsewhere(answer: Body, stop: str) -> bool:
    """Whether a text that was ordered word by word is not what stands before the stop sequence."""
    asked = answer.asked.get("input")
    ordered = asked[-1].get("content") if isinstance(asked, list) and asked else asked
    wanted = str(ordered).partition("exactly: ")[2].partition(stop)[0]
    return answer.text.strip() != wanted.strip()


def _schema_findings(value: Any, schema: Any, where: str) -> Iterator[Finding]:
    if not isinstance(schema, Mapping):
        return
    try:
        errors = list(Draft202012Validator(dict(schema)).iter_errors(value))
    except (SchemaError, RecursionError):
        return
    for error in errors[:5]:
        yield Finding(
            f"JSON by the schema that was sent ({shown(error.message, 120)})",
            shown(spelled(value)),
            f"{where} {error.json_path}",
        )


def _spoken(answer: Body) -> str:
    return f"no call, the text {shown(answer.text, 120)!r}"
