"""What the suite knows of one requirement: clause, source, levels, why, its checks and its mutants."""

import importlib
import inspect
from collections.abc import Iterator

import pytest

from conformance.reference.mutants import mutants
from conformance.requirements import Requirement, catalogue
from conformance.resources import CHECKS


def explanation(id_: str) -> list[str]:
    """The lines that explain a requirement; none where the catalogue has no such id."""
    requirement = catalogue().get(id_)
    if requirement is None:
        return []
    return [
        requirement.id,
        f"  clause: {requirement.clause}",
        f"  source: {requirement.source}",
        f"  levels: {_levels(requirement)}",
        f"  why:    {requirement.why}",
        *_listed("checks", checks_of(id_)),
        *_listed("mutants", mutants_of(id_), requirement.unbroken),
    ]


def checks_of(requirement: str) -> list[str]:
    """The checks that judge a requirement, as `test_module.py::test_name`."""
    return [name for name, covered in _checks() if requirement in covered]


def mutants_of(requirement: str) -> list[str]:
    """The mutants that must be caught by a requirement, each with its description."""
    return [f"{m.id}: {m.line}" for m in mutants().values() if m.requirement == requirement]


def _checks() -> Iterator[tuple[str, set[str]]]:
    for file in sorted(CHECKS.glob("test_*.py")):
        module = importlib.import_module(f"conformance.checks.{file.stem}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("test_"):
                yield f"{file.name}::{name}", set(_covered(getattr(function, "pytestmark", [])))


def _covered(marks: list[pytest.Mark]) -> Iterator[str]:
    """The requirements on a function and on its parameter sets."""
    for mark in marks:
        if mark.name == "covers":
            yield mark.args[0]
        elif mark.name == "parametrize":
            for parameters in mark.args[1]:
                inner = getattr(parameters, "marks", ())
                yield from _covered([getattr(each, "mark", each) for each in inner])


def _levels(requirement: Requirement) -> str:
    levels = ", ".join(f"{contract} {level}" for contract, level in requirement.levels.items())
    return f"{levels}; {requirement.if_present} where it is present" if requirement.if_present else levels


def _listed(title: str, names: list[str], otherwise: str = "") -> list[str]:
    return [f"  {title}:", *(f"    {name}" for name in names or [otherwise or "none"])]
