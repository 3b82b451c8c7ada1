"""JSON as RFC 8259 has it: the value, and everything that a lenient reader would have let pass."""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

MAX_DIGITS = 4000
"""Longer integers are no plausible answer, and CPython refuses to convert them."""

MAX_DEPTH = 200
"""Deeper nesting is no plausible answer, and would exhaust the stack of what walks over it."""

MAX_FAULTS = 20
"""What is wrong more often is wrong in the same way."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """`value` is None where nothing could be read; `faults` say in words what is wrong with the bytes.

    A fault need not cost the value: duplicate keys or NaN are read on past and reported.
    """

    value: Any
    faults: tuple[str, ...] = ()

    @property
    def readable(self) -> bool:
        """Whether there is a value at all (`null` is one)."""
        return not any(fault.startswith("unreadable") for fault in self.faults)


class _Unreadable(ValueError):
    pass


def parse(data: bytes) -> Parsed:
    """Read one JSON text. Never raises: whatever a server sends becomes a value or a fault."""
    faults: list[str] = []
    text = _decoded(data, faults)
    hooks = _Hooks(faults)
    try:
        value = json.loads(
            text,
            object_pairs_hook=hooks.unique,
            parse_constant=hooks.constant,
            parse_float=hooks.real,
            parse_int=hooks.integer,
        )
    except json.JSONDecodeError as error:
        return Parsed(None, (*faults, f"unreadable: {error.msg} at character {error.pos}"))
    except _Unreadable as error:
        return Parsed(None, (*faults, f"unreadable: {error}"))
    except RecursionError:
        return Parsed(None, (*faults, "unreadable: nested too deeply"))
    if _is_deep(text, value):
        return Parsed(None, (*faults, f"unreadable: nested more than {MAX_DEPTH} levels deep"))
    if _has_lone_surrogate(text, value):
        faults.append("a lone surrogate, which no UTF-8 text can hold")
    return Parsed(value, tuple(faults[:MAX_FAULTS]))


def json_type(value: Any) -> str:
    """The name that JSON has for a value's type; every number is a `number`."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _decoded(data: bytes, faults: list[str]) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        faults.append(f"invalid UTF-8 at byte {error.start}")
        text = data.decode("utf-8", "replace")
    if text.startswith("\ufeff"):
        faults.append("a byte order mark before the JSON text")
        text = text[1:]
    return text


@dataclass(frozen=True, slots=True)
class _Hooks:
    """What `json.loads` is told to do with what it would otherwise let pass."""

    faults: list[str]

    def unique(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                self.faults.append(f"the key {key[:80]!r} stands twice in one object")
            found[key] = value
        return found

    def constant(self, name: str) -> float:
        self.faults.append(f"{name} is no JSON number")
        return float(name)

    def real(self, digits: str) -> float:
        value = float(digits)
        if math.isinf(value):
            self.faults.append(f"{digits[:80]} is more than a double can hold")
        return value

    def integer(self, digits: str) -> int:
        if len(digits) > MAX_DIGITS:
            raise _Unreadable(f"an integer of {len(digits)} digits")
        return int(digits)


def _is_deep(text: str, value: Any) -> bool:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _has_lone_surrogate(text: str, value: Any) -> bool:
    if "\\u" not in text:
        return False
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    except (RecursionError, ValueError):
        return False
    return False
