"""What the provider refuses: what the request schema refuses, and what no schema can say."""

import json
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError, best_match

from conformance.contract.contract_file import NEEDED
from conformance.contract.contracts import Contract
from conformance.contract.schemas import page_schema, page_validator
from conformance.reference.agent_tools import declared
from conformance.reference.agent_validation import ITEMS, faults_of_agent_tools, in_plain_shapes
from conformance.reference.attachments import faults_of_attachments
from conformance.reference.conversation import Json
from conformance.reference.hooks import Refusal
from conformance.reference.seal import is_own
from conformance.shown import shown

LONGEST_TEXT = 10_485_760
"""Characters of one input text (the OpenResponses limit)."""

CONTEXT = 1_000_000
"""Characters of all texts of an input that the model holds."""

MOST_CHOICES = 8

DATED = re.compile(r"-\d{4}-\d{2}-\d{2}$")
"""What turns a model's name into that of one dated snapshot."""

_CODES = {
    "type": "invalid_type",
    "required": "missing_required_parameter",
    "minimum": "below_min_value",
    "maximum": "above_max_value",
    "enum": "invalid_value",
    "const": "invalid_value",
}


def refused(param: str, message: str, code: str = "invalid_value") -> Refusal:
    """A 400 that names the field."""
    return Refusal(400, message, param=param, code=code)


def refusal_of(body: Json, models: Sequence[str], contract: Contract = Contract.ANYFAST) -> Refusal | None:
    """The first thing wrong with a body whose null members are left out; None where it may be answered."""
    found = best_match(_errors(_plain(body), contract))
    if found is not None:
        return _worded(found)
    if not {body["model"], DATED.sub("", body["model"])} & set(models):
        text = f"The model '{shown(body['model'], 80)}' does not exist or you do not have access to it."
        return refused("model", text, "model_not_found")
    return next(_semantic(body), None)


def _errors(body: Json, contract: Contract) -> Iterator[ValidationError]:
    for error in page_validator(contract).iter_errors(body):
        # Which names exist is asked separately: it has an answer of its own.
        if error.json_path != "$.model" or error.validator == "type":
            yield error


def without_nulls(body: Json) -> Json:
    """The body without the members that are null: a null says no more than an absent field.

    `model` and `input` keep theirs, since the page requires them.
    """
    found = {key: value for key, value in body.items() if value is not None or key in {"model", "input"}}
    for key in ("text", "reasoning"):
        if isinstance(found.get(key), dict):
            found[key] = {name: value for name, value in found[key].items() if value is not None}
    return found


def without_removed(body: Json, contract: Contract) -> Json:
    """The body without the fields that a user's own contract takes away: what is unknown is ignored."""
    found = {key: value for key, value in body.items() if key not in contract.removed}
    for path in contract.removed:
        top, _, member = path.partition(".")
        if member and isinstance(found.get(top), dict):
            found[top] = {name: value for name, value in found[top].items() if name != member}
    return found


def needless(contract: Contract) -> Json:
    """What a request need not have under a contract, since it has a default for it."""
    page = page_schema(contract)
    needed = {name: page["properties"][name] for name in NEEDED}
    return {name: described["default"] for name, described in needed.items() if "default" in described}


def as_integers(body: Json) -> Json:
    """The body with its whole numbers as integers, however they were spelled (16.0 is 16)."""
    return {
        key: int(value) if key in _INTEGERS and isinstance(value, float) else value
        for key, value in body.items()
    }


_INTEGERS = frozenset({"max_output_tokens", "n", "top_logprobs", "max_tool_calls"})


def _plain(body: Json) -> Json:
    """The body with the spellings that the schema leaves out put into those that it has."""
    plain = in_plain_shapes(body)
    stop = plain.get("stop")
    if isinstance(stop, list) and stop and all(isinstance(text, str) for text in stop):
        plain["stop"] = stop[0]
    if isinstance(plain.get("reasoning"), dict) and plain["reasoning"].get("effort") == "max":
        plain["reasoning"] = {**plain["reasoning"], "effort": "high"}
    if isinstance(plain.get("input"), list):
        plain["input"] = [{"role": "user", "content": ""} if _opaque(i) else i for i in plain["input"]]
    return plain


_OF_HOSTED_TOOLS = frozenset(
    {
        "web_search_call",
        "file_search_call",
        "computer_call",
        "code_interpreter_call",
        "image_generation_call",
        "mcp_list_tools",
        "mcp_call",
    }
)
"""Items that an answer may bring and a client sends back: they say nothing to this model."""


def _opaque(item: Any) -> bool:
    """An item that the schema leaves out, and that is taken: a packed conversation, a hosted tool's call."""
    if not isinstance(item, dict):
        return False
    packed = item.get("type") == "compaction" and isinstance(item.get("encrypted_content"), str)
    return packed or item.get("type") in _OF_HOSTED_TOOLS | ITEMS


def _worded(error: ValidationError) -> Refusal:
    path = list(error.absolute_path)
    if error.validator == "required" and isinstance(error.instance, dict):
        wanted: Any = error.validator_value
        path.append(next(name for name in wanted if name not in error.instance))
    param = spelled(path)
    what = f"Missing required parameter: '{param}'." if error.validator == "required" else ""
    message = what or f"Invalid '{param}': {shown(error.message, 200)}"
    return refused(param, message, _CODES.get(str(error.validator), "invalid_value"))


def spelled(path: Sequence[str | int]) -> str:
    """A path as clients write it: `input[0].content`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def _semantic(body: Json) -> Iterator[Refusal]:
    yield from _input(body)
    yield from _format(body)
    yield from _tools(body)
    yield from faults_of_agent_tools(body)
    yield from faults_of_attachments(body)
    if body.get("n", 1) > MOST_CHOICES:
        yield refused("n", f"At most {MOST_CHOICES} choices can be generated.", "above_max_value")
    if body.get("background") is True and body.get("store") is False:
        yield refused("store", "A background response must be stored.")
    if body.get("previous_response_id") and body.get("conversation"):
        yield refused("previous_response_id", "previous_response_id and conversation exclude each other.")


def _input(body: Json) -> Iterator[Refusal]:
    texts = list(_texts(body.get("input"), "input"))
    for path, text in texts:
        if len(text) > LONGEST_TEXT:
            yield refused(path, f"'{path}' is too long.", "string_above_max_length")
    if sum(len(text) for _, text in texts) > CONTEXT:
        text = "Your input exceeds the context window of this model."
        yield refused("input", text, "context_length_exceeded")
    items = body.get("input")
    for index, item in enumerate(items if isinstance(items, list) else ()):
        content = item.get("encrypted_content") if item.get("type") == "reasoning" else None
        if content and not is_own(content):
            text = "The encrypted content could not be verified."
            yield refused(f"input[{index}].encrypted_content", text, "invalid_encrypted_content")


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    for index, item in enumerate(value if isinstance(value, list) else ()):
        for key in ("content", "text", "output"):
            if isinstance(item, dict) and key in item:
                yield from _texts(item[key], f"{path}[{index}].{key}")


def _format(body: Json) -> Iterator[Refusal]:
    layout = (body.get("text") or {}).get("format") or {}
    if layout.get("type") == "json_object":
        spoken = " ".join(text for _, text in _texts(body.get("input"), "input"))
        if "json" not in f"{spoken} {body.get('instructions', '')}".lower():
            yield refused("text.format", "'input' must contain the word 'json' to use json_object.")
    if layout.get("type") == "json_schema" and (fault := _schema_fault(json.dumps(layout.get("schema")))):
        yield refused("text.format.schema", fault, "invalid_json_schema")


@lru_cache(maxsize=256)
def _schema_fault(text: str) -> str:
    """What is wrong with a schema, given as JSON: clients send the same tools again and again."""
    try:
        Draft202012Validator.check_schema(json.loads(text))
    except SchemaError as error:
        return f"Invalid schema: {shown(error.message, 200)}"
    return ""


def _tools(body: Json) -> Iterator[Refusal]:
    tools = body.get("tools") or []
    for index, tool in enumerate(tools):
        if tool.get("parameters") is not None and (fault := _schema_fault(json.dumps(tool["parameters"]))):
            yield refused(f"tools[{index}].parameters", fault, "invalid_function_parameters")
    choice = body.get("tool_choice", "auto")
    names = {tool.get("name") for tool in declared(body)}
    if choice == "required" and not names:
        yield refused("tool_choice", "tool_choice 'required' needs at least one tool in 'tools'.")
    if isinstance(choice, dict):
        chosen = [choice] if choice.get("type") == "function" else choice.get("tools", [])
        chosen = [entry for entry in chosen if entry.get("type") in {"function", "custom"}]
        for name in (tool.get("name") for tool in chosen):
            if name not in names:
                yield refused("tool_choice", f"Tool choice '{shown(name, 80)}' not found in 'tools'.")
