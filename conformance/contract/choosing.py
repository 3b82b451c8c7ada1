"""Finds the contract that somebody names, and sees that all which it says has something to hold for."""

from fnmatch import fnmatchcase
from pathlib import Path

from conformance.contract.contracts import Contract, ContractError, load
from conformance.contract.requirements import catalogue
from conformance.shown import nearest, one_line


def chosen(given: str, folder: Path = Path()) -> Contract:
    """The shipped contract of that name, or the one in that TOML file; a relative path starts at `folder`.

    Raises ContractError, also for a level of no requirement that there is.
    """
    contract = load(given, folder)
    for pattern, _ in contract.levels:
        if not any(fnmatchcase(id_, pattern) for id_ in catalogue(contract)):
            raise ContractError(f"{Path(given).name}: levels: {_nothing(pattern, contract)}")
    return contract


def _nothing(pattern: str, contract: Contract) -> str:
    if contract.has_removed(pattern):
        return f"{one_line(pattern)}: the contract has removed the field, so nothing is asked of it"
    steps = [id_.split(".") for id_ in catalogue(contract)]
    patterns = {".".join((*parts[:end], "*")) for parts in steps for end in range(1, len(parts))}
    known = sorted(patterns) if "*" in pattern else [*catalogue(contract)]
    near = nearest(pattern, known) or ": `responses-conformance list` shows all"
    what = "no requirement's id is like" if "*" in pattern else "there is no requirement"
    return f"{what} {one_line(pattern)!r}{near}"
