"""Whether each event has the fields of its type, judged by `schemas/events.json`."""

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema.exceptions import ValidationError

from conformance.contract.contracts import Contract
from conformance.contract.schemas import schema, validator
from conformance.streams.events import StreamEvent
from conformance.streams.findings import at, in_json
from conformance.streams.stream import Stream
from conformance.verdicts.verdict import Finding


def required_fields_are_there(stream: Stream, contract: Contract) -> Iterator[Finding]:
    """An event has the fields that its type requires; one finding for each event."""
    last = -1
    for event, error in _errors(stream, contract):
        absent = _missing(error)
        if absent and event.number != last:
            last = event.number
            yield Finding(f"the fields {', '.join(absent)}", f"only {', '.join(event.data)}", at(event))


def fields_have_their_types(stream: Stream, contract: Contract) -> Iterator[Finding]:
    """Fields that are there hold what they may."""
    for event, error in _errors(stream, contract):
        if not _missing(error):
            where = f"{at(event)} {error.json_path}"
            yield Finding(_wanted(error), in_json(error.instance), where)
    for run in stream.runs:
        odd = next((piece for piece in run.pieces[1:] if type(piece) is not str), "")
        if odd != "":
            yield Finding("string", in_json(odd), f"a delta after {at(run.event)} $.{run.event.row.key}")


def unknown(stream: Stream, contract: Contract) -> list[str]:
    """The event types that the contract does not name, each once."""
    names = schema("events", contract)["$defs"]
    return sorted({event.type for event in stream.milestones if event.type and event.type not in names})


def _errors(stream: Stream, contract: Contract) -> Iterator[tuple[StreamEvent, ValidationError]]:
    """One event of each run stands for all of it: the others have the same keys."""
    names: Mapping[str, Any] = schema("events", contract)["$defs"]
    for event in stream.milestones:
        if event.type in names and event.data.get("type") == event.type:
            for error in validator("events", contract, event.type).iter_errors(event.data):
                yield event, error


def _missing(error: ValidationError) -> list[str]:
    """The absent keys that an error is about; for a choice of shapes, the one that names the least."""
    if error.validator == "anyOf":
        choices = [key for inner in error.context or () for key in _missing(inner)]
        return [" or ".join(choices)] if choices else []
    if error.validator != "required" or not isinstance(error.instance, dict):
        return []
    required: Any = error.validator_value
    return [key for key in required if key not in error.instance]


def _wanted(error: ValidationError) -> str:
    value: Any = error.validator_value
    match error.validator:
        case "type":
            return " or ".join(value) if isinstance(value, list) else str(value)
        case "minimum":
            return f"at least {value}"
        case "minLength":
            return "a non-empty string"
        case _:
            return f"{error.validator} {in_json(value)}"
