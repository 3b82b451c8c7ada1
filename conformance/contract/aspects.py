"""The requirements that follow from a field of the request and an aspect of it, so that none is typed.

`request.temperature.refused` is the sentence of `refused` in `aspects.toml` with what `schemas/request.json`
says of temperature.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance.contract.boundaries import Case, Field
from conformance.contract.request_fields import RequestFields
from conformance.contract.sources import Source, SourceError, cite

ASPECTS = Path(__file__).with_name("aspects.toml")

Entry = dict[str, Any]
"""An entry of the catalogue as its TOML has it."""


class AspectError(ValueError):
    """A field of the schema lacks what the sentences need, or names an unknown source.

    The message names file, field and keyword.
    """


def derived(request: RequestFields, known: Mapping[str, Source]) -> dict[str, Entry]:
    """The entries of every field with their areas, by id, in the order of the schema and of `aspects.toml`.

    Raises AspectError where a field lacks a keyword or its `x-source` a mark among the known ones.
    """
    table: dict[str, Entry] = tomllib.loads(ASPECTS.read_text(encoding="utf-8"))
    found: dict[str, Entry] = {}
    for field in request.fields:
        values, of_it = _values(field, known), set(_aspects(field, request.cases))
        for aspect in (aspect for aspect in table if aspect in of_it):
            found[f"request.{field.path}.{aspect}"] = _entry(table[aspect], values, optional=field.optional)
    return found


def _aspects(field: Field, cases: Sequence[Case]) -> Iterator[str]:
    """What is asked of a field.

    Its values are accepted, refused and so on, as its boundary cases have it; a refusal names the body's
    field, whichever of its members is wrong; and what the response repeats is followed there.
    """
    yield from (case.aspect for case in cases if case.path == field.path)
    if any(case.top == field.path and case.aspect.startswith("refused") for case in cases):
        yield "param"
    if "x-echo" in field.page:
        yield "echo"
        if "default" in field.page:
            yield "default"


def _entry(sentences: Entry, values: Mapping[str, str], *, optional: bool) -> Entry:
    entry = {key: _filled(value, values) for key, value in sentences.items()}
    if_optional = entry.pop("levels_if_optional", None)
    return {**entry, "levels": if_optional} if optional and if_optional else entry


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    return value.format_map(values) if isinstance(value, str) else value


def _values(field: Field, known: Mapping[str, Source]) -> dict[str, str]:
    where = f"schemas/request.json: {field.path}"
    for keyword in ("description", "x-source"):
        if keyword not in field.page:
            raise AspectError(f"{where} has no {keyword}")
    origin: str = field.page["x-source"]
    try:
        cite(origin, known)
    except SourceError as error:
        raise AspectError(f"{where}: x-source: {error}") from None
    return {
        "field": field.path,
        "description": field.page["description"],
        "origin": origin,
        "promise": origin.partition("; ")[0].partition(": ")[2],
        "default": json.dumps(field.page.get("default")),
    }
