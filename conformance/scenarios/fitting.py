"""A call as the contract in force lets it be asked.

Most scenarios are written for what the shipped contracts have in common. Where a user's own contract has
changed a field, some of them no longer mean what they were written for: these are left out.
"""

import json
from dataclasses import replace
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from conformance.contract.contracts import Contract
from conformance.contract.patches import pointer, view_of
from conformance.contract.schemas import registry, schema
from conformance.exchange import Call, encode_json
from conformance.scenarios.scenario import Done, NotNeeded, Scenario, Target

BOUNDS = ("max_output_tokens",)
"""What a request carries only so that no answer is endless, where it is not about that itself."""


class Misfit(NotNeeded):
    """The contract in force has changed what a scenario was written for. The message says how."""


def worded(scenario: Scenario, target: Target, done: Done) -> Call:
    """The call of a scenario. Raises NotNeeded, and what its `build` raises."""
    if "store" in target.contract.removed and scenario.area == "storage" and scenario.after:
        raise Misfit(f"the contract {target.contract} has no store, so nothing tells what is kept")
    call = replace(scenario.build(target, done), bounds=BOUNDS if _is_padding(scenario) else ())
    return call if target.contract.shipped else _fitted(call, scenario, target.contract)


def _fitted(call: Call, scenario: Scenario, contract: Contract) -> Call:
    """The call without what it carries only to be short and forgotten, where the contract has no such field.

    Raises Misfit where a further field means something else than under the shipped contracts.
    """
    body = _object(call)
    if body is None:
        return call
    kept = {name: value for name, value in body.items() if not _idle(name, value, scenario, contract)}
    for path in sorted(contract.removed | contract.stated):
        if not _has(kept, path):
            continue
        if path in contract.removed:
            raise Misfit(f"the contract {contract} has no {path}, which the request needs")
        value, tried = _value(kept, path), scenario.tries.partition(".")[0] == path.partition(".")[0]
        if not tried and _takes(contract, path, value) is not _takes(Contract.ANYFAST, path, value):
            raise Misfit(f"the contract {contract} says otherwise of the {path} that the request has")
    return call if kept == body else replace(call, body=encode_json(kept))


def _idle(name: str, value: Any, scenario: Scenario, contract: Contract) -> bool:
    """Whether a field is sent only so that an answer is short or not kept, and the contract lacks it."""
    if name not in contract.removed:
        return name == "max_output_tokens" and _is_padding(scenario) and not _takes(contract, name, value)
    return (name == "store" and value is False) or (name == "max_output_tokens" and _is_padding(scenario))


def _is_padding(scenario: Scenario) -> bool:
    """Whether a limit of the output is there only so that nobody waits: not what the request is about."""
    return scenario.family != "truncated" and scenario.tries != "max_output_tokens"


def _object(call: Call) -> dict[str, Any] | None:
    try:
        body = json.loads(call.body) if call.body else None
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _has(body: dict[str, Any], path: str) -> bool:
    top, _, member = path.partition(".")
    return top in body and (not member or (isinstance(body[top], dict) and member in body[top]))


def _value(body: dict[str, Any], path: str) -> Any:
    top, _, member = path.partition(".")
    return body[top][member] if member else body[top]


def _takes(contract: Contract, path: str, value: Any) -> bool:
    """Whether a value fits what a contract says of a field; a field that it does not know takes none."""
    found = _of_field(contract, path)
    return found is not None and found.is_valid(value)


@cache
def _of_field(contract: Contract, path: str) -> Draft202012Validator | None:
    whole = schema("request", contract)
    if view_of(whole, path) is None:
        return None
    return Draft202012Validator({"$ref": f"{whole['$id']}{pointer(path)}"}, registry=registry(contract))
