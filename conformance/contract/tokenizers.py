"""Tokenizers by what they make of a few units of text: data, each with its origin."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

TOKENIZERS = Path(__file__).with_name("tokenizers.toml")


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """One tokenizer: the tokens of each unit, by the unit's name, and who counted them how."""

    name: str
    tokens: Mapping[str, int]
    origin: str


@cache
def units() -> Mapping[str, str]:
    """The units by name: short strings that are sent repeated."""
    return MappingProxyType(_table()["units"])


@cache
def tokenizers() -> Mapping[str, Tokenizer]:
    """Every tokenizer that is known, by name. Raises ValueError where one does not count every unit."""
    found = {}
    for name, entry in _table()["tokenizers"].items():
        if entry["tokens"].keys() != units().keys():
            raise ValueError(f"{TOKENIZERS.name}: {name} must count {', '.join(units())}")
        found[name] = Tokenizer(name, MappingProxyType(entry["tokens"]), entry["origin"])
    return MappingProxyType(found)


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(TOKENIZERS.read_text(encoding="utf-8"))
