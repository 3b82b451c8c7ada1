"""The contract as data: the JSON Schemas, with the overlay of each contract merged in."""

import json
from collections.abc import Iterator
from functools import cache, reduce
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT202012, SchemaRegistry

from conformance.contract.contracts import Contract
from conformance.contract.patches import Schema, core, patched, with_view
from conformance.resources import SCHEMAS
from conformance.shown import shown


class Departure(NamedTuple):
    """In what a value departs from its schema; `where` is a JSON path."""

    expected: str
    actual: str
    where: str


_REPLACED = {"$ref", "$defs", "$id"}
"""Keywords of a schema that have no use where references are resolved."""


@cache
def schema(name: str, contract: Contract) -> Schema:
    """The schema of that name with what the contract, and those that it extends, lay over it (RFC 7396)."""
    below = schema(name, contract.extends) if contract.extends else core(name)
    return patched(name, below, contract.patches)


@cache
def page_schema(contract: Contract) -> Schema:
    """The request's schema that names the fields, and in whose words they are tried.

    It is the core, into which a user's own contract has put what it states.
    """
    own = schema("request", contract)
    if contract.base is Contract.ANYFAST and not contract.shipped:
        return own
    page = patched("request", core("request"), contract.own)
    # What it states is its alone: nothing of the core's view of the same field is left in it.
    return reduce(lambda so_far, path: with_view(so_far, path, own), sorted(contract.stated), page)


def models_of(contract: Contract) -> tuple[str, ...]:
    """The models that a user's own contract names; none where it leaves that to the profile."""
    named = page_schema(contract)["properties"]["model"].get("enum", ()) if "model" in contract.stated else ()
    return tuple(name for name in named if isinstance(name, str))


@cache
def page_validator(contract: Contract) -> Draft202012Validator:
    """A validator for bodies as the page has them: the same under each of the shipped contracts."""
    if contract.shipped:
        return validator("request", Contract.ANYFAST)
    page = page_schema(contract)
    return Draft202012Validator(resolved(page, page["$id"], registry(contract)))


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
    target = whole["$defs"][definition] if definition else whole
    return Draft202012Validator(resolved(target, whole["$id"], registry(contract)))


def resolved(part: Any, base: str, known: SchemaRegistry) -> Any:
    """A part of the schema `base` with what it refers to in the place of each `$ref`.

    The schemas refer to nothing that holds itself, and a value is held against one thousands of times: what
    a reference leads to is looked up once.
    """
    if isinstance(part, list):
        return [resolved(each, base, known) for each in part]
    if not isinstance(part, dict):
        return part
    own = {key: resolved(part[key], base, known) for key in part if key not in _REPLACED}
    if "$ref" not in part:
        return own
    there = known.resolver(base).lookup(part["$ref"]).contents
    referred = resolved(there, part["$ref"].partition("#")[0] or base, known)
    return {**own, "allOf": [*own.get("allOf", ()), referred]} if own else referred


def departures(value: Any, name: str, contract: Contract, definition: str = "") -> Iterator[Departure]:
    """Everything in which a value departs from a schema, each with its path.

    The validator has an error for each missing key, and one departure names them all.
    """
    errors = validator(name, contract, definition).iter_errors(value)
    yield from dict.fromkeys(found for error in errors for found in _departures(error))


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
