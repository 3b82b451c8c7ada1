"""Reads a contract from its TOML file; every mistake in it is one line that says how to mend it."""

import datetime
import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from conformance.contract import moved
from conformance.contract.capabilities import CLAIMABLE
from conformance.contract.contract import Contract, ContractError
from conformance.contract.field_file import READERS, FieldTable, added, changed
from conformance.contract.level import Level
from conformance.contract.patches import Patches, Schema, core, merge_patch, patched, schema_in, view_of
from conformance.contract.sources import Source, denied, sources
from conformance.shown import kind_of, nearest, one_line

Parents = Callable[[str], Contract | None]
"""Finds the contract that one extends, by what stands there. May raise ContractError."""

KEYS = ("extends", "name", "title", "source", "date", "revision", "overlays", "claims", "request", "levels")
LEVELS = (Level.MUST, Level.SHOULD, Level.MAY, Level.INFO)
"""What a contract may ask; that sources dispute is for the catalogue to say."""
NEEDED = ("model", "input")
"""Without these fields there is no request, unless the contract has a default for one."""


def table_in(file: Path) -> dict[str, Any]:
    """What a TOML file says. Raises ContractError."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ContractError(f"cannot read the contract {file}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ContractError(f"{file.name}: not UTF-8 at byte {error.start}: save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ContractError(f"{file.name}: not TOML: {one_line(str(error))}") from None


def contract_of(file: Path, table: Mapping[str, Any], parents: Parents, *, shipped: bool = False) -> Contract:
    """The contract that a file's table describes. Raises ContractError.

    A shipped one may extend none. Its fields are those of the sources that it stands for, so that they carry
    their own origin; what a user's own states about a field is cited as its `source`.
    """
    where = file.name
    known_keys(table, KEYS, where)
    name = _text(table, "name", where) or file.stem
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        raise ContractError(f"{where}: name: use letters, digits, '.', '_' and '-'")
    parent = _parent(table, parents, where, shipped=shipped)
    source = _source(table, name, where)
    contract = Contract(
        name,
        source or (parent.source if parent else None),
        _text(table, "revision", where),
        parent,
        _overlays(table, file),
        tuple(_levels(table, where)),
        parent.stated if parent else frozenset(),
        parent.removed if parent else frozenset(),
        shipped,
        _claims(table, parent, where),
    )
    if "request" not in table:
        return contract
    if source is None and not shipped:
        raise ContractError(
            f"{where}: source is missing: write the address of the page that states this of the request"
        )
    return _with_fields(contract, _table(table["request"], f"{where}: request"), f"{where}: request")


def _with_fields(contract: Contract, request: Mapping[str, Any], where: str) -> Contract:
    """The contract with what its file says of the request's fields."""
    known_keys(request, ("fields", "add", "remove"), where)
    lineage = [*contract.lineage()]
    before = core("request")
    for each in reversed(lineage):
        before = patched("request", before, each.patches)
    mark = "" if contract.shipped or contract.source is None else contract.source.mark
    patch: Schema = {}
    removed = _names(request.get("remove", []), f"{where}.remove") | _denied(contract, before)
    for path in removed:
        if path in NEEDED:
            raise ContractError(f"{where}.remove: no request can do without {path}: leave it in")
        if view_of(before, path) is None and view_of(core("request"), path) is None:
            raise ContractError(f"{where}.remove: there is no field {path!r}{_nearest_field(path, before)}")
        if path.partition(".")[0] not in removed - {path}:
            patch = merge_into(patch, path, None)
    fields, adds = (_table(request.get(key, {}), f"{where}.{key}") for key in ("fields", "add"))
    for path, value in fields.items():
        at = f"{where}.fields.{_key(path)}"
        view = view_of(before, path)
        if view is not None and removed & {path, path.partition(".")[0]}:
            raise ContractError(
                f"{at}: the same file removes the field: take it out of {where}.remove, or this table away"
            )
        if view is None:
            near = _nearest_field(path, before) or ":"
            raise ContractError(
                f"{at}: there is no such field{near} a new one stands under [request.add.{_key(path)}]"
            )
        _refuse_members(_table(value, at), path, view, where)
        patch = merge_into(patch, path, changed(FieldTable(at, _table(value, at), mark), view))
    for path, value in adds.items():
        at = f"{where}.add.{_key(path)}"
        _can_be_added(path, before, at)
        patch = merge_into(patch, path, added(FieldTable(at, _table(value, at), mark), path))
    needed = [name for name in NEEDED if "default" not in merge_patch(before["properties"], patch)[name]]
    return replace(
        contract,
        patches=(*contract.patches, ("request", {"properties": patch, "required": needed})),
        stated=frozenset() if contract.shipped else (contract.stated - removed) | fields.keys() | adds.keys(),
        removed=frozenset() if contract.shipped else (contract.removed - adds.keys()) | removed,
    )


def _denied(contract: Contract, before: Schema) -> frozenset[str]:
    """The fields whose own entries say that the specification of a shipped contract does not have them."""
    if not contract.shipped or contract.source is None:
        return frozenset()
    mark = contract.source.mark
    fields = before["properties"].items()
    return frozenset(path for path, field in fields if denied(str(field.get("x-source")), mark))


def merge_into(patch: Schema, path: str, change: Schema | None) -> Schema:
    """A patch of the body's properties with that of one more field; None takes the field away."""
    top, _, member = path.partition(".")
    mine = patch.get(top) or {}
    members = mine.get("properties", {})
    if member:
        return {**patch, top: {**mine, "properties": {**members, member: change}}}
    return {**patch, top: {**change, "properties": members} if change and members else change}


def _can_be_added(path: str, before: Schema, where: str) -> None:
    if not re.fullmatch(r"[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)?", path, re.ASCII):
        raise ContractError(
            f'{where}: not the name of a field: write top_k, or "reasoning.budget" for a member'
        )
    if view_of(before, path) is not None:
        raise ContractError(
            f"{where}: the field is there already: change it under [request.fields.{_key(path)}]"
        )
    top, _, member = path.partition(".")
    if member and "properties" not in (view_of(before, top) or {}):
        raise ContractError(f"{where}: {top} is no object with members, so none can be added")


def _key(path: str) -> str:
    """A field's name as TOML has it in the name of a table."""
    return f'"{path}"' if "." in path else path


def _refuse_members(table: Mapping[str, Any], path: str, view: Schema, where: str) -> None:
    for key in table:
        if key in view.get("properties", ()) and key not in READERS:
            meant = _key(f"{path}.{key}")
            raise ContractError(
                f"{where}.fields.{path}.{key}: a member is named in quotes: [request.fields.{meant}]"
            )


def _nearest_field(path: str, schema: Schema) -> str:
    members = [
        f"{top}.{member}"
        for top, view in schema["properties"].items()
        for member in view.get("properties", ())
    ]
    return nearest(path, [*schema["properties"], *members])


def _parent(table: Mapping[str, Any], parents: Parents, where: str, *, shipped: bool) -> Contract | None:
    given = _text(table, "extends", where)
    if given:
        try:
            return parents(given)
        except ContractError as error:
            raise ContractError(f"{where}: extends: {error}") from None
    if not shipped:
        raise ContractError(f'{where}: extends is missing: add extends = "anyfast", or another contract')
    return None


def _source(table: Mapping[str, Any], name: str, where: str) -> Source | None:
    """The document: an address with a title of its own, or a mark that the suite knows already."""
    given, title, date = _text(table, "source", where), _text(table, "title", where), _date(table, where)
    if not given:
        if title or date:
            raise ContractError(f"{where}: source is missing: write the address of the page")
        return None
    if given in sources():
        known = sources()[given]
        return replace(known, title=title or known.title, date=date or known.date)
    if not re.fullmatch(r"https?://[^\s/]\S*", given):
        raise ContractError(f"{where}: source: write an address such as https://host/page")
    if not title:
        raise ContractError(f"{where}: title is missing: write what the page at source is called")
    return Source(_mark(name), title, given, date)


def _mark(name: str) -> str:
    """What stands in a citation: the name in capitals, or with a word before it where that is taken."""
    mark = re.sub(r"[^\w-]", "-", name.upper())
    return mark if mark[0].isalpha() and mark not in sources() else f"CONTRACT-{mark}"


def _claims(table: Mapping[str, Any], parent: Contract | None, where: str) -> frozenset[str]:
    """The optional capabilities that it claims, or else those of the one that it extends."""
    if "claims" not in table:
        return parent.claims if parent else frozenset()
    claims = table["claims"]
    if not isinstance(claims, list) or not all(isinstance(name, str) for name in claims):
        raise ContractError(f'{where}: claims: must be a list of capabilities, such as ["{CLAIMABLE[0]}"]')
    for name in claims:
        if name not in CLAIMABLE:
            near = nearest(name, CLAIMABLE) or f": a contract may claim {', '.join(CLAIMABLE)}"
            raise ContractError(f"{where}: claims: unknown capability {one_line(name)!r}{near}")
    return frozenset(claims)


def _date(table: Mapping[str, Any], where: str) -> str:
    """The day as `2026-11-01`, in quotes or without; empty where there is none."""
    value = table.get("date", "")
    if type(value) is datetime.date:
        return value.isoformat()
    text = _text(table, "date", where)
    try:
        return datetime.date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise ContractError(f"{where}: date: {text!r} is no day: write it as 2026-11-01") from None


def _overlays(table: Mapping[str, Any], file: Path) -> Patches:
    """The merge patches in a folder beside the file, each named like the schema that it is for."""
    given = _text(table, "overlays", file.name)
    if not given:
        return ()
    folder, where = file.parent / given, f"{file.name}: overlays"
    if not folder.is_dir():
        raise ContractError(f"{where}: there is no folder {folder}")
    found: dict[str, Schema] = {}
    for patch in sorted(folder.glob("*.json")):
        try:
            core(patch.stem)
        except FileNotFoundError:
            raise ContractError(f"{where}: {patch.name} is named like none of the schemas") from None
        try:
            found[patch.stem] = dict(_table(schema_in(patch), f"{where}: {patch.name}"))
        except ValueError as error:
            raise ContractError(f"{where}: {patch.name}: not JSON: {one_line(str(error))}") from None
    return tuple(found.items())


def _levels(table: Mapping[str, Any], where: str) -> list[tuple[str, Level]]:
    found = []
    for pattern, level in _table(table.get("levels", {}), f"{where}: levels").items():
        if isinstance(level, dict):
            raise ContractError(
                f'{where}: levels: {pattern}: put the whole id in quotes: "usage.total" = "MUST"'
            )
        if level not in LEVELS:
            near = f": write {', '.join(LEVELS[:-1])} or {LEVELS[-1]}"
            raise ContractError(f"{where}: levels: {pattern}: {one_line(str(level))!r} is no level{near}")
        found.append((moved.requirement(pattern), Level(level)))
    return found


def known_keys(table: Mapping[str, Any], known: Collection[str], where: str) -> None:
    """Raise ContractError for a key that is none of those."""
    for key in table:
        if key not in known:
            near = nearest(key, known) or f": the keys are {', '.join(known)}"
            raise ContractError(f"{where}: unknown key {one_line(key)!r}{near}")


def _text(table: Mapping[str, Any], key: str, where: str) -> str:
    value = table.get(key, "")
    if not isinstance(value, str) or (key in table and not value.strip()):
        kind = "empty" if value == "" else kind_of(value)
        raise ContractError(f"{where}: {key}: must be text in quotes, is {kind}")
    return one_line(value)


def _table(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ContractError(f"{where}: must be a table, is {kind_of(value)}")
    return value


def _names(value: Any, where: str) -> set[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ContractError(f'{where}: must be a list of fields, such as ["stop", "n"]')
    return set(value)
