"""What a contract's file says of one field of the request, as a merge patch of its schema."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.contract.contract import ContractError
from conformance.contract.patches import Schema, merge_patch
from conformance.shown import kind_of, nearest, shown
from conformance.strict_json import json_type

TYPES = ("string", "number", "integer", "boolean", "array", "object", "null")

NULL: Schema = {"type": "null"}


@dataclass(frozen=True, slots=True)
class FieldTable:
    """The table of one field. `where` names file and field; `mark` is what the contract is cited by.

    A shipped contract has no mark here: its fields carry their own origin.
    """

    where: str
    table: Mapping[str, Any]
    mark: str


def changed(field: FieldTable, view: Schema) -> Schema:
    """The patch for a field that is there, described by `view`. Raises ContractError."""
    if not field.table:
        raise ContractError(f"{field.where}: says nothing: write what is different, such as maximum = 1")
    patch = _keywords(field, view)
    after = merge_patch(view, patch)
    _check(field, after)
    if field.mark:
        patch |= _undisputed(field.table, view, after)
        patch |= _other_names(field, view, after) if view.get("x-given") else {}
        patch |= {"x-level": None, "x-source": f"{field.mark}: {promise(merge_patch(after, patch))}"}
    return patch


def added(field: FieldTable, path: str) -> Schema:
    """The description of a field that the contract has beyond the one that it extends.

    Whether a null means as much as an absent field is disputed unless the type says it. Raises ContractError.
    """
    if "type" not in field.table:
        raise ContractError(f'{field.where}: type is missing: write one, such as type = "integer"')
    described = {"description": f"The field {path}", **_keywords(field, {})}
    _check(field, described)
    if "number" in _types(described):
        described.setdefault("x-step", 0.01)
    if "null" not in _types(described):
        described["x-conflict"] = NULL
    described["x-source"] = f"{field.mark}: {promise(described)}" if field.mark else "S"
    return described


def promise(view: Schema) -> str:
    """What a field's description promises, as the catalogue words it: number, default 1, 0 <= x <= 2."""
    parts = [" or ".join(_types(view)) or "any type"]
    parts += [f"default {shown(view['default'])}"] if "default" in view else []
    low, high = view.get("minimum"), view.get("maximum")
    if low is not None or high is not None:
        if low is None:
            parts.append(f"x <= {high}")
        else:
            parts.append(f"x >= {low}" if high is None else f"{low} <= x <= {high}")
    if "enum" in view:
        parts.append(f"one of {', '.join(_told(m) for m in view['enum'])}")
    return ", ".join(parts).replace("; ", ", ")


def _told(member: Any) -> str:
    return json.dumps(member) if isinstance(member, dict | list) else str(member)


def _keywords(field: FieldTable, view: Schema) -> Schema:
    """The keywords of the schema that the table's keys stand for."""
    patch: Schema = {}
    for key, value in field.table.items():
        if key not in READERS:
            near = nearest(key, READERS) or f": the keys are {', '.join(READERS)}"
            raise ContractError(f"{field.where}: unknown key {key!r}{near}")
        keyword, read = READERS[key]
        where = f"{field.where}: {key}"
        if key == "without":
            patch |= dict.fromkeys(_lifted(where, value, view))
        else:
            patch[keyword] = read(where, value)
    types = _types(merge_patch(view, patch))
    if "enum" in patch and "null" in types and None not in patch["enum"]:
        patch["enum"] = [*patch["enum"], None]  # TOML has no null
    return patch


def _check(field: FieldTable, view: Schema) -> None:
    """Raise ContractError where what the field is now cannot be: it would have no right value."""
    types, where = _types(view), field.where
    ranged = next((key for key in ("minimum", "maximum") if key in view), "")
    if ranged and not {"number", "integer"} & set(types):
        raise ContractError(f"{where}: {ranged}: a range is for numbers, the type is {' or '.join(types)}")
    if "minItems" in view and "array" not in types:
        raise ContractError(f"{where}: min_items is for arrays, the type is {' or '.join(types)}")
    if "minimum" in view and "maximum" in view and view["minimum"] > view["maximum"]:
        raise ContractError(
            f"{where}: the minimum {view['minimum']} is above the maximum {view['maximum']}: nothing is left"
        )
    whole = "integer" in types and "number" not in types and "minimum" in view and "maximum" in view
    if whole and math.ceil(view["minimum"]) > math.floor(view["maximum"]):
        raise ContractError(
            f"{where}: no whole number lies between {view['minimum']} and {view['maximum']}: nothing is left"
        )
    told = [("default", view["default"])] if "default" in view else []
    told += [("examples", value) for value in field.table.get("examples", ())]
    told += [("enum", value) for value in field.table.get("enum", ())]
    for key, value in told:
        if fault := _fault(value, view):
            mend = "" if key in field.table else ": state another default"
            raise ContractError(f"{where}: {key}: {shown(json.dumps(value), 80)} {fault}{mend}")


def _fault(value: Any, view: Schema) -> str:
    """Why a value does not fit what the field is; empty where it does."""
    kind, types = json_type(value), _types(view)
    whole = kind == "number" and float(value).is_integer()
    if types and kind not in types and not (whole and "integer" in types):
        return f"is none of the type, which is {' or '.join(types)}"
    if "enum" in view and value not in view["enum"]:
        return "is none of the enum"
    if kind == "number" and value < view.get("minimum", value):
        return f"is below the minimum {view['minimum']}"
    if kind == "number" and value > view.get("maximum", value):
        return f"is above the maximum {view['maximum']}"
    if kind == "array" and len(value) < view.get("minItems", 0):
        return f"has fewer than {view['minItems']} items"
    return ""


def _undisputed(table: Mapping[str, Any], view: Schema, after: Schema) -> Schema:
    """The patch that ends the sources' dispute about what the contract states."""
    stated = {key: after[key] for key in ("minimum", "maximum") if key in table}
    disputed: list[Schema] = [view["x-conflict"]] if "x-conflict" in view else []
    if disputed and "enum" in table:
        disputed = [*disputed, NULL]
    if disputed and "type" in table:
        disputed = [*disputed, {"type": [*_types(after), "null"]}]
    if disputed and "null" in _types(after):
        disputed = [*disputed, {"not": NULL}]
    if disputed and stated:
        disputed = [*disputed, stated]
    patch: Schema = {"x-conflict": {"allOf": disputed}} if len(disputed) > 1 else {}
    if "enum" in table and not _types(after):
        patch["x-conflict"] = NULL  # no enum in TOML can say whether a null is right, only a type can
    if {"enum", "type"} & table.keys():
        patch |= {key: None for key in ("x-should", "x-should-refuse") if key in view}
    return patch


def _other_names(field: FieldTable, view: Schema, after: Schema) -> Schema:
    """The patch for a field whose right value is the profile's, and one of the enum where there is one.

    Where the contract says which names there are, one that was disputed (a dated name) is right if it is
    among them, and else nobody's to ask for.
    """
    if "string" not in _types(after):
        raise ContractError(f'{field.where}: type: a profile names it in text: leave it "string"')
    if "enum" not in field.table and after.get("enum") == view.get("enum"):
        return {}
    from jsonschema import Draft202012Validator  # heavy, and `--help` knows the contracts too

    disputed = Draft202012Validator(view.get("x-conflict", False))
    names = after.get("enum", [])
    wrong = [value for value in view.get("x-counterexamples", []) if value not in names]
    found: Schema = {"x-counterexamples": [value for value in wrong if not disputed.is_valid(value)]}
    return {**found, "x-conflict": None, **({} if "examples" in field.table else {"examples": names})}


def _types(view: Schema) -> list[str]:
    types: str | list[str] = view.get("type", [])
    return [types] if isinstance(types, str) else types


def _lifted(where: str, value: Any, view: Schema) -> Sequence[str]:
    """The keywords that no longer hold."""
    found = []
    for key in _list(where, value):
        if key not in READERS or READERS[key][0] not in view:
            raise ContractError(f"{where}: there is no {shown(key, 40)} to do without")
        found.append(READERS[key][0])
    return found


def _type(where: str, value: Any) -> Any:
    types = _list(where, value) if isinstance(value, list) else [value]
    for name in types:
        if name not in TYPES:
            near = nearest(str(name), TYPES) or f": the types are {', '.join(TYPES)}"
            raise ContractError(f"{where}: {shown(name, 40)!r} is no type of JSON{near}")
    return value


def _number(where: str, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ContractError(f"{where}: must be a number without quotes, is {kind_of(value)}")
    if value != value or value in (float("inf"), float("-inf")):
        raise ContractError(f"{where}: {value} is no number of JSON")
    return value


def _step(where: str, value: Any) -> Any:
    if _number(where, value) <= 0:
        raise ContractError(f"{where}: must be more than 0")
    return value


def _count(where: str, value: Any) -> Any:
    if type(value) is not int or value < 0:
        raise ContractError(f"{where}: must be a whole number of 0 or more")
    return value


def _list(where: str, value: Any) -> Any:
    if not isinstance(value, list):
        raise ContractError(f"{where}: must be a list, is {kind_of(value)}")
    if not value:
        raise ContractError(f"{where}: is empty, so that no value would be right")
    return [_json(where, member) for member in value]


def _text(where: str, value: Any) -> Any:
    if not isinstance(value, str) or not value.strip():
        raise ContractError(
            f"{where}: must be text in quotes, is {kind_of(value) if value != '' else 'empty'}"
        )
    return " ".join(value.split())


def _json(where: str, value: Any) -> Any:
    """A value of TOML that JSON has, too."""
    match value:
        case str() | bool() | int():
            return value
        case float():
            return _number(where, value)
        case list():
            return [_json(where, member) for member in value]
        case dict():
            return {key: _json(where, member) for key, member in value.items()}
        case _:
            raise ContractError(
                f"{where}: JSON has no {kind_of(value).removeprefix('a ')}: write text in quotes"
            )


def _echo(where: str, value: Any) -> Any:
    if not isinstance(value, bool):
        raise ContractError(f"{where}: must be true or false, is {kind_of(value)}")
    return "equal" if value else None


Read = Callable[[str, Any], Any]

READERS: Mapping[str, tuple[str, Read]] = {
    "type": ("type", _type),
    "minimum": ("minimum", _number),
    "maximum": ("maximum", _number),
    "enum": ("enum", _list),
    "min_items": ("minItems", _count),
    "default": ("default", _json),
    "description": ("description", _text),
    "examples": ("examples", _list),
    "step": ("x-step", _step),
    "echo": ("x-echo", _echo),
    "without": ("", _list),
}
"""The keys of a field's table: the keyword that each stands for, and how its value is read."""
