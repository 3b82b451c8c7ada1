"""What the suite knows of one requirement: clause, source, levels, why, its checks and its mutants."""

import shlex

from conformance.checks.survey import checks
from conformance.commands.listing import levels
from conformance.contract.contracts import Contract
from conformance.contract.requirements import Requirement
from conformance.contract.sources import Source
from conformance.reference.mutants import mutants


def explanation(requirement: Requirement, contract: Contract) -> list[str]:
    """The lines that explain a requirement, with its level under a contract beside the shipped ones."""
    return [
        requirement.id,
        f"  clause: {requirement.clause}",
        f"  area:   {requirement.area}",
        f"  source: {requirement.source}",
        *(f"    {looked_up(source)}" for source in requirement.sources),
        f"  levels: {_levels(requirement, contract)}",
        f"  why:    {requirement.why}",
        *([f"  sent by: {', '.join(requirement.sent_by)}"] if requirement.sent_by else []),
        *_listed("checks", checks_of(requirement.id, contract)),
        *_listed("mutants", mutants_of(requirement.id, contract), requirement.unbroken),
    ]


def looked_up(source: Source) -> str:
    """A source in a line: its mark, title and date, and the address to open."""
    return f"{source.mark}: {source.name}, {source.url}"


def checks_of(requirement: str, contract: Contract = Contract.ANYFAST) -> list[str]:
    """The node ids that run what judges a requirement, each as a shell takes it."""
    return [shlex.quote(node) for check in checks(contract) for node in check.nodes_of(requirement)]


def mutants_of(requirement: str, contract: Contract = Contract.ANYFAST) -> list[str]:
    """The mutants that must be caught by a requirement, each with its description."""
    return [f"{m.id}: {m.line}" for m in mutants(contract).values() if m.requirement == requirement]


def _levels(requirement: Requirement, contract: Contract) -> str:
    told = ", ".join(levels(requirement, contract))
    return f"{told}; {requirement.if_present} where it is present" if requirement.if_present else told


def _listed(title: str, names: list[str], otherwise: str = "") -> list[str]:
    return [f"  {title}:", *(f"    {name}" for name in names or [otherwise or "none"])]
