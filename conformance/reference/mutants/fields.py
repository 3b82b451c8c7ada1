"""Mutants of the request's fields, a family for each way in which servers get a field wrong.

They are made from the request schema: a field or a limit that changes there changes its mutants.
"""

import operator
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from jsonschema import Draft202012Validator

from conformance.contract.contracts import Contract
from conformance.contract.schemas import Schema, schema
from conformance.reference.conversation import Json
from conformance.reference.hooks import Asked, Refusal, Seams
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import ABSENT, Change, Value, changed, drop, field_of, put, refusing

HARMLESS: Json = {"input": "Hello!", "model": "gpt-5.2"}
"""What a mutant answers to instead, where it took a value that nothing can be made of."""

_KINDS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
}


def field_mutants() -> Iterator[Mutant]:
    """The families over every field of the schema."""
    for path, described in page_fields():
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
                f"request.{path}.param",
                refusing(_blaming_another(path)),
            )


def _blaming_another(path: str) -> Callable[[Refusal], Refusal]:
    def blame(refusal: Refusal) -> Refusal:
        return replace(refusal, param="messages") if _about(refusal, path) else refusal

    return blame


def _optional(path: str) -> Iterator[Mutant]:
    """A field that the page does not have may be taken or refused; no value of it may break the server."""
    if path == "previous_response_id":
        return
    yield Mutant(
        f"{path}-crashes",
        f"answers a request that has {path} with a 500",
        f"request.{path}.optional",
        crashes(path, lambda value: value is not None),
    )


def page_fields() -> Iterator[tuple[str, Schema]]:
    """The fields that the page has, and the members of `text` and `reasoning`, by dotted path."""
    for name, described in schema("request", Contract.ANYFAST)["properties"].items():
        yield name, described
        if described.get("x-level") != "MAY" and "x-examples" not in described:
            for member, inner in described.get("properties", {}).items():
                yield f"{name}.{member}", inner


def accepts(path: str, value: Value) -> Seams:
    """Takes values of a field that must be refused, and answers as if the field had not been sent."""

    def refuse(asked: Asked, found: Refusal | None) -> Refusal | None:
        return None if _meant(asked.body, path, value) and _about(found, path) else found

    def mend(_: Asked, body: Json) -> Json:
        return changed(body, _mended(path)) if _meant(body, path, value) else body

    return Seams(refuse=refuse, honoured=mend)


def refuses(path: str, value: Value, *, status: int = 400, param: str | None = "") -> Seams:
    """Refuses values of a field that must be taken. `param` is the field unless given."""

    def refuse(asked: Asked, found: Refusal | None) -> Refusal | None:
        if found is not None or not _meant(asked.body, path, value):
            return found
        told_of = path if param == "" else param
        return Refusal(status, f"Invalid value for '{path}'.", param=told_of, code="invalid_value")

    return Seams(refuse=refuse)


def crashes(path: str, value: Value) -> Seams:
    """Answers values of a field with a 500."""

    def refuse(asked: Asked, found: Refusal | None) -> Refusal | None:
        sent = asked.sent if isinstance(asked.sent, dict) else {}
        return Refusal(500, "Internal error.", "server_error") if _meant(sent, path, value) else found

    return Seams(refuse=refuse)


def _about(found: Refusal | None, path: str) -> bool:
    return found is not None and (found.param or "").startswith(path)


def _meant(body: Json, path: str, value: Value) -> bool:
    given = field_of(body, path)
    return given is not ABSENT and value(given)


def _mended(path: str) -> Change:
    return put(path, HARMLESS[path]) if path in HARMLESS else drop(path)


def _is(kind: str) -> Value:
    return _KINDS[kind]


def _in_conflict(described: Schema, value: Any) -> bool:
    """Whether the sources contradict each other on a value, so that taking and refusing it are both right."""
    return "x-conflict" in described and Draft202012Validator(described["x-conflict"]).is_valid(value)


def _beyond(edge: float, compared: Callable[[Any, Any], bool]) -> Value:
    return lambda value: _is("number")(value) and compared(value, edge)


def _same(member: object) -> Value:
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
            f"request.{path}.refused",
            accepts(path, _beyond(edge, outside)),
        )
        if path == "max_output_tokens":
            continue  # the sources contradict each other on its lower limit
        yield Mutant(
            f"{path}-{limit}-refused",
            f"refuses {path} at its limit {edge}, as if the limit were outside",
            f"request.{path}.accepted",
            refuses(path, _beyond(edge, operator.eq)),
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
            f"request.{path}.refused",
            accepts(path, lambda v: isinstance(v, float) and v != int(v)),
        )
    for kind, sample in _SAMPLES.items():
        if kind in allowed or (kind == "number" and "integer" in allowed) or _in_conflict(described, sample):
            continue
        if "." in path and not any(map(_is(kind), _listed_wrong(described))):
            continue
        yield Mutant(
            f"{path}-{kind}-accepted",
            f"takes a {kind} for {path} and answers as if nothing had been said",
            f"request.{path}.refused",
            accepts(path, _is(kind)),
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
            f"request.{path}.{_member_aspect(described, member)}",
            refuses(path, _same(member)),
        )
    if members:
        yield Mutant(
            f"{path}-unlisted-accepted",
            f"takes a {path} that is none of those listed",
            f"request.{path}.refused",
            accepts(path, lambda v: isinstance(v, str) and v not in members),
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
        f"request.{path}.echo",
        Seams(told=lambda asked, response: _wrong_echo(asked, response, path)),
        contract,
    )
    if "default" in described:
        yield Mutant(
            f"{path}-default-wrong",
            f"tells another {path} than the default where none was sent",
            f"request.{path}.default",
            Seams(told=lambda asked, response: _wrong_default(asked, response, path)),
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


def _wrong_echo(asked: Asked, response: Json, path: str) -> Json:
    given = field_of(asked.body, path)
    return response if given is ABSENT else changed(response, put(path, _other(given, path)))


def _wrong_default(asked: Asked, response: Json, path: str) -> Json:
    if field_of(asked.body, path) is not ABSENT:
        return response
    return changed(response, put(path, _other(field_of(response, path), path)))
