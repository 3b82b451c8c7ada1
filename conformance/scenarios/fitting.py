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
from conformance.contract.schemas import page_schema, registry, schema
from conformance.exchange import Call, encode_json
from conformance.scenarios.scenario import Done, NotNeeded, Scenario, Target

BOUNDS = ("max_output_tokens",)
"""What a request carries only so that no answer is endless, where it is not about that itself."""


ANY_VALUE = ("reasoning.effort", "reasoning.summary", "temperature", "top_p")
"""What only goes along where a request is not about it: another right value does as well."""

NO_THOUGHTS, FEW_THOUGHTS = "none", "minimal"
"""Efforts with which nothing, or maybe nothing, is there to be seen of what a model thinks."""


class Misfit(NotNeeded):
    """The contract in force has changed what a scenario was written for. The message says how."""


def worded(scenario: Scenario, target: Target, done: Done) -> Call:
    """The call of a scenario. Raises NotNeeded, and what its `build` raises."""
    if "store" in target.contract.removed and scenario.area == "storage" and scenario.after:
        raise Misfit(f"the contract {target.contract} has no store, so nothing tells what is kept")
    if _keeps_all(target.contract) and scenario.area == "storage" and _answers(scenario):
        raise Misfit(f"the contract {target.contract} lets nobody say store: false, so all is kept")
    call = replace(scenario.build(target, done), bounds=BOUNDS if _is_padding(scenario) else ())
    return call if target.contract.shipped else _fitted(call, scenario, target.contract)


def _keeps_all(contract: Contract) -> bool:
    """Whether a request cannot ask that its answer be forgotten."""
    return "store" in contract.stated and not _takes(contract, "store", False)


def _answers(scenario: Scenario) -> bool:
    """Whether it builds on answers that are asked for with `store: false`, where a contract has that."""
    return any(before.area == "answers" for before in scenario.after)


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
        if _is_about(scenario, path) or _is_given(contract, path):
            continue
        value = _value(kept, path)
        if _takes(contract, path, value) is _takes(Contract.ANYFAST, path, value):
            continue
        other = _other(contract, path, value)
        if other is None:
            raise Misfit(f"the contract {contract} says otherwise of the {path} that the request has")
        kept = _with_value(kept, path, other)
    return call if kept == body else replace(call, body=encode_json(kept))


def _is_about(scenario: Scenario, path: str) -> bool:
    """Whether a scenario was made to try the field, a member of it, or the field that it is a member of."""
    return f"{scenario.tries}.".startswith(f"{path}.") or f"{path}.".startswith(f"{scenario.tries}.")


def _is_given(contract: Contract, path: str) -> bool:
    """Whether the field's right value is the profile's, which was held against the contract before."""
    return bool((view_of(page_schema(contract), path) or {}).get("x-given"))


def _idle(name: str, value: Any, scenario: Scenario, contract: Contract) -> bool:
    """Whether a field is sent only so that an answer is short or not kept, and the contract lacks it."""
    if name not in contract.removed and _takes(contract, name, value):
        return False
    if name == "store":
        about = scenario.area == "storage" or scenario.tries == name
        return value is False and (name in contract.removed or not about)
    return name == "max_output_tokens" and _is_padding(scenario)


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


def _with_value(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    top, _, member = path.partition(".")
    return {**body, top: {**body[top], member: value} if member else value}


def _other(contract: Contract, path: str, value: Any) -> Any:
    """A right value under the contract for one that was right and is not; None where none will do."""
    if path not in ANY_VALUE or _takes(contract, path, value):
        return None
    view = view_of(page_schema(contract), path) or {}
    limits = [view[limit] for limit in ("minimum", "maximum") if limit in view]
    near = sorted(limits, key=lambda limit: abs(limit - value)) if isinstance(value, int | float) else []
    listed = [member for member in view.get("enum", ()) if member != NO_THOUGHTS]
    found = [*near, *sorted(listed, key=lambda member: member == FEW_THOUGHTS)]
    return next((each for each in found if each is not None and _takes(contract, path, each)), None)


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
