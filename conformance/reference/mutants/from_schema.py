"""Mutants derived from the request schema: a family for each way in which servers get a field wrong.

A field or a limit that changes there changes its mutants. They share the schema's errors: what the schema has
wrong, the checks and these mutants have wrong alike, so they are counted apart from those made by hand.
"""

import operator
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from jsonschema import Draft202012Validator

from conformance.contract.contracts import Contract
from conformance.contract.patches import Schema
from conformance.contract.schemas import page_schema
from conformance.reference.conversation import Json
from conformance.reference.field_mutations import accept_values, crash_on_values, is_about, refuse_values
from conformance.reference.hooks import Hooks, Refusal, Request
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import (
    ABSENT,
    Predicate,
    changed_copy,
    field_at,
    set_field,
)
from conformance.reference.reply_mutations import change_refusals

_KINDS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
}


def derived_mutants(contract: Contract = Contract.ANYFAST) -> Iterator[Mutant]:
    """The families over every field of the schema, as a contract has it."""
    for path, described in _page_fields(page_schema(contract)):
        yield from _nulls(path, described)
        if described.get("x-level") == "MAY":
            yield from _optional(path)
        else:
            yield from _limits(path, described)
            yield from _types(path, described)
            yield from _members(path, described)
        yield from _echoes(path, described)
        if "." not in path and described.get("x-level") != "MAY":
            yield Mutant(
                f"{path}-param-another",
                f"blames another field where {path} was wrong",
                requirement=f"request.{path}.param",
                hooks=change_refusals(_blaming_another(path)),
                derived=True,
            )


def _blaming_another(path: str) -> Callable[[Refusal], Refusal]:
    def blame(refusal: Refusal) -> Refusal:
        return replace(refusal, param="messages") if is_about(refusal, path) else refusal

    return blame


def _optional(path: str) -> Iterator[Mutant]:
    """A field that the page does not have may be taken or refused; no value of it may break the server."""
    if path == "previous_response_id":
        return
    yield Mutant(
        f"{path}-crashes",
        f"answers a request that has {path} with a 500",
        requirement=f"request.{path}.optional",
        hooks=crash_on_values(path, lambda value: value is not None),
        derived=True,
    )


def _nulls(path: str, described: Schema) -> Iterator[Mutant]:
    """The sources contradict each other on a null: it may be taken or refused, and break nothing."""
    if path in {"model", "input"} or "." in path or described.get("x-level") == "MAY":
        return
    yield Mutant(
        f"{path}-null-crashes",
        f"answers a null {path} with a 500",
        requirement=f"request.{path}.conflict",
        hooks=crash_on_values(path, lambda v: v is None),
        derived=True,
    )


def _page_fields(page: Schema) -> Iterator[tuple[str, Schema]]:
    """The fields that the page has, and the members of `text` and `reasoning`, by dotted path."""
    for name, described in page["properties"].items():
        yield name, described
        if described.get("x-level") != "MAY" and "x-examples" not in described:
            for member, inner in described.get("properties", {}).items():
                yield f"{name}.{member}", inner


def _is(kind: str) -> Predicate:
    return _KINDS[kind]


def _in_conflict(described: Schema, value: Any) -> bool:
    """Whether the sources contradict each other on a value, so that taking and refusing it are both right."""
    return "x-conflict" in described and Draft202012Validator(described["x-conflict"]).is_valid(value)


def _beyond(edge: float, compared: Callable[[Any, Any], bool]) -> Predicate:
    return lambda value: _is("number")(value) and compared(value, edge)


def _same(member: object) -> Predicate:
    return lambda value: bool(value == member)


def _limits(path: str, described: Schema) -> Iterator[Mutant]:
    for limit, name, outside in (
        ("minimum", "below-minimum", operator.lt),
        ("maximum", "above-maximum", operator.gt),
    ):
        if limit not in described:
            continue
        edge = described[limit]
        yield Mutant(
            f"{path}-{name}-accepted",
            f"takes a {path} {'under' if limit == 'minimum' else 'over'} {edge}",
            requirement=f"request.{path}.refused",
            hooks=accept_values(path, _beyond(edge, outside)),
            derived=True,
        )
        if path == "max_output_tokens":
            continue  # the sources contradict each other on its lower limit
        yield Mutant(
            f"{path}-{limit}-refused",
            f"refuses {path} at its limit {edge}, as if the limit were outside",
            requirement=f"request.{path}.accepted",
            hooks=refuse_values(path, _beyond(edge, operator.eq)),
            derived=True,
        )


def _types(path: str, described: Schema) -> Iterator[Mutant]:
    allowed = described.get("type", [])
    allowed = [allowed] if isinstance(allowed, str) else allowed
    if not allowed:
        return
    if "integer" in allowed:
        yield Mutant(
            f"{path}-fraction-accepted",
            f"takes a fraction for {path} and rounds it",
            requirement=f"request.{path}.refused",
            hooks=accept_values(path, lambda v: isinstance(v, float) and v != int(v)),
            derived=True,
        )
    for kind, sample in _SAMPLES.items():
        if kind in allowed or (kind == "number" and "integer" in allowed) or _in_conflict(described, sample):
            continue
        if "." in path and not any(map(_is(kind), _listed_wrong(described))):
            continue
        yield Mutant(
            f"{path}-{kind}-accepted",
            f"takes a {kind} for {path} and answers as if nothing had been said",
            requirement=f"request.{path}.refused",
            hooks=accept_values(path, _is(kind)),
            derived=True,
        )


_SAMPLES: Json = {"string": "x", "boolean": True, "number": 1, "object": {}, "array": []}


def _listed_wrong(described: Schema) -> list[Any]:
    wrong = described.get("x-counterexamples", [])
    return list(wrong.values()) if isinstance(wrong, dict) else list(wrong)


def _members(path: str, described: Schema) -> Iterator[Mutant]:
    members = [member for member in described.get("enum", ()) if isinstance(member, str)]
    for member in members:
        if _in_conflict(described, member):
            continue
        yield Mutant(
            f"{path}-{member}-refused",
            f"refuses {path} {member!r}",
            requirement=f"request.{path}.{_member_aspect(described, member)}",
            hooks=refuse_values(path, _same(member)),
            derived=True,
        )
    if members:
        yield Mutant(
            f"{path}-unlisted-accepted",
            f"takes a {path} that is none of those listed",
            requirement=f"request.{path}.refused",
            hooks=accept_values(path, lambda v: isinstance(v, str) and v not in members),
            derived=True,
        )


def _member_aspect(described: Schema, member: str) -> str:
    if member in described.get("x-should", {}).get("enum", ()):
        return "accepted-should"
    return "accepted"


def _echoes(path: str, described: Schema) -> Iterator[Mutant]:
    if "x-echo" not in described or path == "user":
        return
    contract = Contract.OPENRESPONSES if path.endswith("_penalty") else Contract.ANYFAST
    yield Mutant(
        f"{path}-echo-wrong",
        f"repeats another {path} than the one sent",
        requirement=f"request.{path}.echo",
        hooks=Hooks(snapshot=lambda request, response: _wrong_echo(request, response, path)),
        contract=contract,
        derived=True,
    )
    if "default" in described:
        yield Mutant(
            f"{path}-default-wrong",
            f"tells another {path} than the default where none was sent",
            requirement=f"request.{path}.default",
            hooks=Hooks(snapshot=lambda request, response: _wrong_default(request, response, path)),
            derived=True,
        )


_OTHER: dict[str, Any] = {
    "text.format": {"type": "json_object"},
    "tools": [{"type": "function", "name": "another", "description": None, "parameters": {}, "strict": True}],
    "metadata": {"another": "pair"},
}


def _other(value: Any, path: str) -> Any:
    """Another value of the same kind."""
    if path in _OTHER:
        return _OTHER[path]
    match value:
        case bool():
            return not value
        case int() | float():
            return (
                value / 2
                if value not in {0, 1}
                else value + 0.5
                if path.endswith(("_p", "ture"))
                else value + 1
            )
        case str():
            return {"high": "low", "auto": "none", "disabled": "auto"}.get(value, "high")
        case _:
            return "another"


def _wrong_echo(request: Request, response: Json, path: str) -> Json:
    given = field_at(request.body, path)
    return response if given is ABSENT else changed_copy(response, set_field(path, _other(given, path)))


def _wrong_default(request: Request, response: Json, path: str) -> Json:
    if field_at(request.body, path) is not ABSENT:
        return response
    return changed_copy(response, set_field(path, _other(field_at(response, path), path)))
