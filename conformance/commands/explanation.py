"""What the suite knows of one requirement: clause, source, levels, why, its checks and its mutants."""

import re
import shlex
from collections.abc import Mapping
from types import MappingProxyType

from conformance.checks.survey import checks
from conformance.contract.requirements import Requirement
from conformance.reference.mutants import mutants

SOURCES: Mapping[str, str] = MappingProxyType({"S": "the page", "OA": "OpenAI", "OR": "Open Responses"})
"""The catalogue's marks in words: the AnyFast page, and the two public specifications."""


def explanation(requirement: Requirement) -> list[str]:
    """The lines that explain a requirement."""
    return [
        requirement.id,
        f"  clause: {requirement.clause}",
        f"  source: {source_in_words(requirement.source)}",
        f"  levels: {_levels(requirement)}",
        f"  why:    {requirement.why}",
        *_listed("checks", checks_of(requirement.id)),
        *_listed("mutants", mutants_of(requirement.id), requirement.unbroken),
    ]


def source_in_words(source: str) -> str:
    """A source of the catalogue with its marks spelled out."""
    return re.sub(r"\b(S|OA|OR)\b", lambda mark: SOURCES[mark[0]], source)


def checks_of(requirement: str) -> list[str]:
    """The node ids that run what judges a requirement, each as a shell takes it."""
    return [shlex.quote(node) for check in checks() for node in check.nodes_of(requirement)]


def mutants_of(requirement: str) -> list[str]:
    """The mutants that must be caught by a requirement, each with its description."""
    return [f"{m.id}: {m.line}" for m in mutants().values() if m.requirement == requirement]


def _levels(requirement: Requirement) -> str:
    levels = ", ".join(f"{contract} {level}" for contract, level in requirement.levels.items())
    return f"{levels}; {requirement.if_present} where it is present" if requirement.if_present else levels


def _listed(title: str, names: list[str], otherwise: str = "") -> list[str]:
    return [f"  {title}:", *(f"    {name}" for name in names or [otherwise or "none"])]
