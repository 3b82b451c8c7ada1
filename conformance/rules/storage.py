"""Stored responses: whether what is found is what was answered, and what is left behind."""

from collections.abc import Iterable, Iterator, Set
from functools import cache
from typing import Any

from conformance.contract.contracts import Contract
from conformance.contract.schemas import schema
from conformance.exchange import Exchange
from conformance.response import Body
from conformance.rules.shapes import fits_the_schema
from conformance.shown import shown
from conformance.verdicts.verdict import Finding

KEPT = ("id", "object", "created_at", "model", "status", "output", "usage")
"""The page's required keys: a stored response has them as they were answered."""

DEFAULT_LIMIT = 20
"""Items on a page where the request names no limit."""

VOLATILE = frozenset({"encrypted_content", "logprobs", "obfuscation"})
"""Keys whose values may be worded anew each time."""


def found_is_what_was_answered(
    answered: dict[str, Any], found: object, contract: Contract
) -> Iterator[Finding]:
    """A stored response is the one that was answered.

    A member inside of one of them alone is a difference only where it says something: null, an empty list and
    an empty object say no more than absence does, and what a vendor adds on one side is its own.
    """
    if not isinstance(found, dict):
        yield Finding("the response object", shown(found), "$")
        return
    for key in KEPT:
        if key in answered and not _agree(found.get(key), answered[key], _members(contract)):
            actual = shown(found[key]) if key in found else f"no {key}"
            yield Finding(shown(answered[key]), actual, f"$.{key}")


def stored_shape_is_kept(exchange: Exchange, contract: Contract, definition: str) -> Iterator[Finding]:
    """An answer about what is stored has its shape in `schemas/stored.json`."""
    return fits_the_schema(exchange.json.value, "stored", contract, definition)


def page_ends_are_its_items(value: object) -> Iterator[Finding]:
    """The ends of a list page are the items that they name, and no more is promised than there is."""
    data = value.get("data") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(data, list) or not data:
        return
    for key, item in (("first_id", data[0]), ("last_id", data[-1])):
        own = item.get("id") if isinstance(item, dict) else None
        if isinstance(own, str) and key in value and value[key] != own:
            yield Finding(own, shown(value[key]), f"$.{key}")
    if value.get("has_more") is True and len(data) < DEFAULT_LIMIT:
        yield Finding(f"false, with {len(data)} items and room for {DEFAULT_LIMIT}", "true", "$.has_more")


def holds_text(value: object, text: str) -> bool:
    """Whether a text stands anywhere inside a JSON value."""
    pending = [value]
    while pending:
        inner = pending.pop()
        if isinstance(inner, str) and text in inner:
            return True
        if isinstance(inner, dict):
            pending.extend(inner.values())
        if isinstance(inner, list):
            pending.extend(inner)
    return False


def left_behind(performed: Iterable[Exchange], answers: Iterable[Body]) -> list[str]:
    """The ids of responses that a request of a run stored and none deleted."""
    deleted = {
        exchange.request.url.partition("?")[0].rpartition("/")[2]
        for exchange in performed
        if exchange.request.method == "DELETE" and exchange.status is not None and exchange.status < 300
    }
    stored = [
        body.response["id"]
        for body in answers
        if body.asked.get("store", True) is not False and isinstance(body.response.get("id"), str)
    ]
    return [identifier for identifier in stored if identifier not in deleted]


def _agree(left: Any, right: Any, known: Set[str]) -> bool:
    """Whether two JSON values say the same of what the contract has a word for."""
    match left, right:
        case (dict(), dict()):
            return all(
                _agree(left[key], right[key], known)
                if key in left and key in right
                else key not in known or _says_nothing(left.get(key, right.get(key)))
                for key in {*left, *right} - VOLATILE
            )
        case (list(), list()):
            return len(left) == len(right) and all(
                _agree(one, other, known) for one, other in zip(left, right, strict=True)
            )
        case _:
            return bool(left == right)


def _says_nothing(value: Any) -> bool:
    return value is None or value in ([], {})


@cache
def _members(contract: Contract) -> frozenset[str]:
    """The names of everything that the contract knows inside of a response, at whatever depth."""
    found: set[str] = set()
    pending: list[Any] = [schema(name, contract) for name in ("response", "item", "part")]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            found.update(value["properties"] if isinstance(value.get("properties"), dict) else ())
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
    return frozenset(found)


def previous_is_echoed(body: Body) -> Iterator[Finding]:
    """A response that tells its `previous_response_id` tells the one it was asked with."""
    asked = body.asked.get("previous_response_id")
    told = body.response.get("previous_response_id")
    if "previous_response_id" in body.response and told != asked:
        yield Finding(shown(asked), shown(told), "$.previous_response_id")
