"""What names where an answer comes from: data, see `origins.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

ORIGINS = Path(__file__).with_name("origins.toml")


def header_origin(name: str) -> str:
    """Whose response header it is, by how it begins; empty where it names nobody."""
    lower = name.lower()
    return next((of for begins, of in _table()["headers"].items() if lower.startswith(begins)), "")


def usage_origin(field: str) -> str:
    """Whose usage has such a field; empty where none is known to."""
    return str(_table()["usage"].get(field, ""))


@cache
def _table() -> Mapping[str, Any]:
    return MappingProxyType(tomllib.loads(ORIGINS.read_text(encoding="utf-8")))
