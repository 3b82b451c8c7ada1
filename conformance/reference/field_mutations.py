"""Makers of hooks that get one field of the request wrong: taken, refused, or too much for the server."""

from typing import Any

from conformance.reference.conversation import Json
from conformance.reference.hooks import Hooks, Refusal, Request
from conformance.reference.mutations import (
    ABSENT,
    Change,
    Predicate,
    When,
    changed_copy,
    field_at,
    remove_fields,
    set_field,
)

HARMLESS: Json = {"input": "Hello!", "model": "gpt-5.2"}
"""What a mutant answers to instead, where it took a value that nothing can be made of."""


def accept_values(path: str, value: Predicate) -> Hooks:
    """Takes values of a field that must be refused, and answers as if the field had not been sent."""

    def refuse(request: Request, found: Refusal | None) -> Refusal | None:
        return None if _meant(request.body, path, value) and is_about(found, path) else found

    def mend(_: Request, body: Json) -> Json:
        return changed_copy(body, _mended(path)) if _meant(body, path, value) else body

    return Hooks(validate=refuse, effective_body=mend)


def refuse_values(path: str, value: Predicate, *, status: int = 400, param: str | None = "") -> Hooks:
    """Refuses values of a field that must be taken. `param` is the field unless given."""

    def refuse(request: Request, found: Refusal | None) -> Refusal | None:
        if found is not None or not _meant(request.body, path, value):
            return found
        told_of = path if param == "" else param
        return Refusal(status, f"Invalid value for '{path}'.", param=told_of, code="invalid_value")

    return Hooks(validate=refuse)


def crash_on_values(path: str, value: Predicate) -> Hooks:
    """Answers values of a field with a 500."""

    def refuse(request: Request, found: Refusal | None) -> Refusal | None:
        sent = request.sent if isinstance(request.sent, dict) else {}
        return Refusal(500, "Internal error.", "server_error") if _meant(sent, path, value) else found

    return Hooks(validate=refuse)


def is_about(found: Refusal | None, path: str) -> bool:
    """Whether a refusal blames a field or a place inside it."""
    return found is not None and (found.param or "").startswith(path)


def has_item_with(key: str, value: Any) -> Predicate:
    """Means lists with an object that has this member."""
    return lambda v: isinstance(v, list) and any(isinstance(i, dict) and i.get(key) == value for i in v)


def has_type(name: str) -> Predicate:
    """Means objects of this `type`."""
    return lambda v: isinstance(v, dict) and v.get("type") == name


def _meant(body: Json, path: str, value: Predicate) -> bool:
    given = field_at(body, path)
    return given is not ABSENT and value(given)


def _mended(path: str) -> Change:
    return set_field(path, HARMLESS[path]) if path in HARMLESS else remove_fields(path)


def refuse_requests(param: str, meant: When) -> Hooks:
    """Refuses every request that is meant, right or not, and lays it to one field."""
    refusal = Refusal(400, f"{param} is not supported.", param=param, code="unsupported_parameter")
    return Hooks(validate=lambda request, found: refusal if meant(request) else found)
