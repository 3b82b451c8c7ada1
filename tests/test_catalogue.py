"""The catalogue: what is typed, and what follows from a field of the request and an aspect of it."""

import copy
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import pytest

from conformance.contract.aspects import ASPECTS, derived
from conformance.contract.boundaries import Aspect, cases
from conformance.contract.contracts import Contract
from conformance.contract.level import Level
from conformance.contract.patches import Schema
from conformance.contract.request_fields import derive, sides
from conformance.contract.requirements import CatalogueError, Requirement, catalogue, read
from conformance.contract.sources import sources
from conformance.resources import CATALOGUE

SCHEMAS = sides(Contract.ANYFAST)
ENTRY = 'clause = "c"\nsource = "S"\nwhy = "w"\nlevels = "MUST"\n'

MADE_UP: Schema = {
    "description": "How many of the likeliest tokens to choose from",
    "x-source": "S: integer, 0 <= x <= 500",
    "type": "integer",
    "minimum": 0,
    "maximum": 500,
    "x-step": 1,
    "x-echo": "equal",
    "x-conflict": {"type": "null"},
    "examples": [40],
    "x-counterexamples": ["40"],
}


def read_with(
    folder: Path, text: str = "", schemas: Mapping[Contract, Schema] = SCHEMAS, file: str = "request_fields"
) -> Mapping[str, Requirement]:
    (folder / f"{file}.toml").write_text(text, encoding="utf-8")
    return read(folder, derive(schemas), sources())


def with_fields(**described: Any) -> dict[Contract, Schema]:
    """The request as each contract describes it, with further fields or with other keywords of a field."""
    changed = copy.deepcopy(dict(SCHEMAS))
    for schema in changed.values():
        for name, keywords in described.items():
            schema["properties"][name] = {**schema["properties"].get(name, {}), **keywords}
    return changed


def test_a_field_with_a_range_needs_an_entry_of_the_schema_and_nothing_else(tmp_path: Path) -> None:
    before = read_with(tmp_path)
    found = read_with(tmp_path, schemas=with_fields(made_up=MADE_UP))
    new = {id_: known for id_, known in found.items() if id_ not in before}
    assert {id_: known.level(Contract.ANYFAST) for id_, known in new.items()} == {
        "request.made_up.accepted": Level.MUST,
        "request.made_up.refused": Level.MUST,
        "request.made_up.conflict": Level.CONFLICT,
        "request.made_up.param": Level.SHOULD,
        "request.made_up.echo": Level.SHOULD,
    }
    assert new["request.made_up.accepted"].clause == (
        "made_up (integer, 0 <= x <= 500): How many of the likeliest tokens to choose from."
    )
    assert {id_.rpartition(".")[2]: known.area for id_, known in new.items()} == {
        **dict.fromkeys(("accepted", "refused", "conflict", "param"), "request_fields"),
        "echo": "honoured",
    }
    ids = {case.id for case in cases("made_up", with_fields(made_up=MADE_UP))}
    assert ids >= {
        f"made_up={value}" for value in ("0-accepted", "500-accepted", "-1-rejected", "501-rejected")
    }


def test_what_the_page_does_not_have_is_optional(tmp_path: Path) -> None:
    found = read_with(tmp_path, schemas=with_fields(made_up={**MADE_UP, "x-level": "MAY"}))
    optional = found["request.made_up.optional"]
    assert (optional.level(Contract.ANYFAST), optional.if_present) == (Level.MAY, Level.MUST)
    assert found["request.made_up.echo"].levels == {
        "anyfast": "MAY",
        "openai": "SHOULD",
        "openresponses": "SHOULD",
    }


def test_an_entry_replaces_only_what_it_states(tmp_path: Path) -> None:
    before = read_with(tmp_path)
    after = read_with(tmp_path, '["request.n.refused"]\nlevels = "MAY"\n')
    assert list(after) == list(before)
    plain, stated = before["request.n.refused"], after["request.n.refused"]
    assert stated.level(Contract.ANYFAST) is Level.MAY
    assert (stated.clause, stated.source, stated.why) == (plain.clause, plain.source, plain.why)


def test_no_entry_repeats_what_follows_without_it() -> None:
    following = derived(derive(SCHEMAS), sources())
    files = (tomllib.loads(file.read_text(encoding="utf-8")) for file in CATALOGUE.glob("*.toml"))
    typed = {id_: entry for file in files for id_, entry in file.items() if id_.startswith("request.")}
    repeated = [
        (id_, key)
        for id_, entry in typed.items()
        for key, value in entry.items()
        if following.get(id_, {}).get(key) == value
    ]
    assert repeated == []
    assert len(following) > 4 * sum(id_ in following for id_ in typed)


def test_there_is_a_sentence_for_each_aspect() -> None:
    table = tomllib.loads(ASPECTS.read_text(encoding="utf-8"))
    assert set(table) == {*get_args(Aspect), "param", "echo", "default"}


@pytest.mark.parametrize("known", catalogue().values(), ids=catalogue())
def test_no_brace_is_left_unfilled(known: Requirement) -> None:
    assert not re.search(r"\{(field|description|origin|promise|default)\}", f"{known.clause} {known.why}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ENTRY.replace('"S"', '"S; NOPE"'), "more.toml: a.b: NOPE is no mark of sources.toml"),
        (ENTRY.replace('"S"', '"somewhere"'), "more.toml: a.b: 'somewhere' does not begin with the mark"),
        (ENTRY.replace("MUST", "OUGHT"), "more.toml: a.b: 'OUGHT' is not a valid Level"),
        ('levels = "MAY"', "more.toml: a.b: unknown keys [], missing keys ['clause', 'source', 'why']"),
        (f"{ENTRY}note = 1", "more.toml: a.b: unknown keys ['note'], missing keys []"),
    ],
)
def test_a_bad_entry_is_named_with_file_and_id(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(CatalogueError, match=re.escape(said)):
        read_with(tmp_path, f'["a.b"]\n{text}', file="more")


def test_an_id_stands_in_one_file(tmp_path: Path) -> None:
    read_with(tmp_path, f'["a.b"]\n{ENTRY}', file="less")
    with pytest.raises(CatalogueError, match=re.escape("more.toml: a.b stands in the catalogue twice")):
        read_with(tmp_path, f'["a.b"]\n{ENTRY}', file="more")


@pytest.mark.parametrize(
    ("keywords", "said"),
    [
        ({"x-source": "S; NOPE: number"}, "schemas/request.json: made_up: x-source: NOPE is no mark"),
        ({"x-source": None}, "schemas/request.json: made_up has no x-source"),
        ({"description": None}, "schemas/request.json: made_up has no description"),
    ],
)
def test_a_field_that_cannot_be_looked_up_is_named(
    tmp_path: Path, keywords: Mapping[str, str | None], said: str
) -> None:
    described = {key: value for key, value in {**MADE_UP, **keywords}.items() if value is not None}
    with pytest.raises(CatalogueError, match=re.escape(said)):
        read_with(tmp_path, schemas=with_fields(made_up=described))
