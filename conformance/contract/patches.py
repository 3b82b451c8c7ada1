"""The schemas as they lie in `schemas/`, and how a contract is laid over them."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from conformance.resources import SCHEMAS

Schema = dict[str, Any]

Patches = tuple[tuple[str, Schema], ...]
"""Merge patches in their order, each with the name of the schema that it is for."""


@cache
def core(name: str) -> Schema:
    """The schema `schemas/<name>.json`, which no contract has changed."""
    return schema_in(SCHEMAS / f"{name}.json")


def schema_in(file: Path) -> Schema:
    """A schema, or a merge patch for one. Raises OSError, and ValueError where it is no JSON."""
    found: Schema = json.loads(file.read_text(encoding="utf-8"))
    return found


def patched(name: str, schema: Schema, patches: Patches) -> Schema:
    """The schema of that name with those of the patches that are for it."""
    for mine, patch in patches:
        if mine == name:
            schema = merge_patch(schema, patch)
    return schema


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7396: objects merge key by key, null removes a key, anything else replaces."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def view_of(schema: Schema, path: str) -> Schema | None:
    """What a schema of the body says of a field (`temperature`) or a member of one (`reasoning.effort`)."""
    top, _, member = path.partition(".")
    view: Schema | None = schema["properties"].get(top)
    return view.get("properties", {}).get(member) if view and member else view


def pointer(path: str) -> str:
    """Where a schema of the body describes a field, as a JSON pointer in a fragment."""
    return "#/properties/" + path.replace(".", "/properties/")


def with_view(schema: Schema, path: str, other: Schema) -> Schema:
    """The schema with what another one says of a field, in place of its own words."""
    top, _, member = path.partition(".")
    mine = schema["properties"]
    described = view_of(other, path)
    if member:
        described = {**mine[top], "properties": {**mine[top].get("properties", {}), member: described}}
    return {**schema, "properties": {**mine, top: described}}
