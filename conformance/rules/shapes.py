"""Whether a JSON value has the shape that the contract gives it."""

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from conformance.contract.contracts import Contract
from conformance.contract.schemas import departures
from conformance.rules.answer import spelled
from conformance.shown import shown
from conformance.verdicts.verdict import Finding


def fits_the_schema(value: Any, name: str, contract: Contract, definition: str = "") -> Iterator[Finding]:
    """A value does not depart from `schemas/<name>.json`, or from one of its `$defs`."""
    return (Finding(*found) for found in departures(value, name, contract, definition))


def fits_the_schema_sent(value: Any, schema: Any, where: str) -> Iterator[Finding]:
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
