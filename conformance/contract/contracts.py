"""The contracts that are shipped, and a user's own: all are files of one kind."""

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from conformance.contract import contract_file
from conformance.contract.contract import Contract, ContractError
from conformance.resources import SCHEMAS
from conformance.shown import nearest, one_line


def _shipped() -> Mapping[str, Contract]:
    found: dict[str, Contract] = {}
    for name in ("anyfast", "openai", "openresponses"):
        file = SCHEMAS / f"{name}.toml"
        found[name] = contract_file.contract_of(file, contract_file.table_in(file), found.get, shipped=True)
    return MappingProxyType(found)


SHIPPED: Mapping[str, Contract] = _shipped()
"""By name; each of these files extends none or one before it."""

Contract.ANYFAST, Contract.OPENAI, Contract.OPENRESPONSES = SHIPPED.values()


def load(given: str, folder: Path = Path(), reading: tuple[Path, ...] = ()) -> Contract:
    """The shipped contract of that name, or the one in that TOML file; a relative path starts at `folder`.

    `reading` are the files that extend it. Raises ContractError.
    """
    if given in SHIPPED:
        return SHIPPED[given]
    if not re.search(r"[/\\]|\.toml$", given):
        near = nearest(given, SHIPPED) or f": there are {', '.join(SHIPPED)}; one of your own is a file"
        raise ContractError(f"unknown contract {one_line(given)!r}{near}")
    file = folder / Path(given).expanduser()
    if file.resolve() in reading:
        names = (*(earlier.name for earlier in reading), file.name)
        raise ContractError(f"contracts extend each other in a circle: {' -> '.join(names)}")
    read = (*reading, file.resolve())
    contract = contract_file.contract_of(
        file, contract_file.table_in(file), lambda name: load(name, file.parent, read)
    )
    if contract.name in SHIPPED:
        raise ContractError(f"{file.name}: {contract.name} is the name of a shipped contract: choose another")
    return contract


__all__ = ["SHIPPED", "Contract", "ContractError", "load"]
