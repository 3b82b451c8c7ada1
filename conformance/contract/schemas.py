"""The contract as data: the JSON Schemas, with the overlay of each contract merged in."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT202012, SchemaRegistry

from conformance.contract.contracts import Contract
from conformance.resources import SCHEMAS
from conformance.shown import shown

Schema = dict[str, Any]


class Departure(NamedTuple):
    """In what a value departs from its schema; `where` is a JSON path."""

    expected: str
    actual: str
    where: str


@cache
def schema(name: str, contract: Contract) -> Schema:
    """The schema `schemas/<name>.json` with `schemas/<contract>/<name>.json` merged over it (RFC 7396)."""
    core: Schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    overlay = SCHEMAS / contract / f"{name}.json"
    if not overlay.is_file():
        return core
    merged = merge_patch(core, json.loads(overlay.read_text(encoding="utf-8")))
    assert isinstance(merged, dict)
    return merged


@cache
def registry(contract: Contract) -> SchemaRegistry:
    """Every schema of a contract under its `$id`, so that one may refer to another."""
    found: SchemaRegistry = Registry()
    for file in sorted(SCHEMAS.glob("*.json")):
        found = DRAFT202012.create_resource(schema(file.stem, contract)) @ found
    return found


@cache
def validator(name: str, contract: Contract, definition: str = "") -> Draft202012Validator:
    """A validator for one schema, or for one of its `$defs`."""
    whole = schema(name, contract)
    target: Schema = {"$ref": f"{whole['$id']}#/$defs/{definition}"} if definition else whole
    return Draft202012Validator(target, registry=registry(contract))


def departures(value: Any, name: str, contract: Contract, definition: str = "") -> Iterator[Departure]:
    """Everything in which a value departs from a schema, each with its path.

    The validator has an error for each missing key, and one departure names them all.
    """
    errors = validator(name, contract, definition).iter_errors(value)
    yield from dict.fromkeys(found for error in errors for found in _departures(error))


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7396: objects merge key by key, null removes a key, anything else replaces."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def _departures(error: ValidationError) -> Iterator[Departure]:
    """Follow `anyOf` and `oneOf` into the branch that fits best, so that the path points at the fault."""
    if error.context:
        depth = max(len(inner.absolute_path) for inner in error.context)
        deepest = [inner for inner in error.context if len(inner.absolute_path) == depth]
        if depth > len(error.absolute_path) and len({inner.schema_path[0] for inner in deepest}) == 1:
            for inner in deepest:
                yield from _departures(inner)
            return
    yield Departure(_expected(error), _actual(error), error.json_path)


def _expected(error: ValidationError) -> str:
    constraint: Any = error.validator_value
    match error.validator:
        case "type":
            return " or ".join(constraint) if isinstance(constraint, list) else str(constraint)
        case "required":
            return f"the keys {', '.join(constraint)}"
        case "enum":
            return f"one of {', '.join(json.dumps(member) for member in constraint)}"
        case "const":
            return json.dumps(constraint)
        case "minLength" | "minItems" | "minProperties":
            return f"at least {constraint} of length"
        case _:
            return f"{error.validator} {shown(json.dumps(constraint), 120)}"


def _actual(error: ValidationError) -> str:
    instance: Any = error.instance
    if error.validator == "required":
        required: Any = error.validator_value
        missing = [key for key in required if key not in instance]
        return f"no {', '.join(missing)}"
    return shown(json.dumps(instance, ensure_ascii=False, default=str))
