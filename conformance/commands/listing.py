"""What there is, one line each: requirements, scenarios, profiles, contracts."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from conformance.contract.contracts import SHIPPED, Contract
from conformance.contract.level import Level
from conformance.contract.requirements import Requirement, catalogue
from conformance.run import profile as profiles
from conformance.scenarios.scenario import Scenario

Line = tuple[str, ...]
"""The cells of a line; the first is the name."""


def requirements(contract: Contract = Contract.ANYFAST) -> Iterator[Line]:
    """Id, area, level under each contract, clause."""
    return (_requirement(requirement, contract) for requirement in catalogue(contract).values())


def scenarios(contract: Contract = Contract.ANYFAST) -> Iterator[Line]:
    """Name, area, what a conforming provider does, how the answer comes, its cost, what it comes after."""
    from conformance.checks.survey import (
        planned,  # it imports every check, which the other lists need not wait for
    )

    return map(_scenario, planned(contract).values())


def packaged_profiles(_: Contract = Contract.ANYFAST) -> Iterator[Line]:
    """Name, endpoint, model, contract, the variable of the key. Raises ProfileError."""
    for profile in map(profiles.load, profiles.available()):
        key = f"${profile.key_env}" if profile.key_env else "no key"
        yield profile.name, profile.base_url, profile.model, profile.contract.name, key


def contracts(contract: Contract = Contract.ANYFAST) -> Iterator[Line]:
    """Name, and how many requirements it has of each level: those that are shipped, and one more."""
    for each in dict.fromkeys((*SHIPPED.values(), contract)):
        counts = Counter(requirement.level(each) for requirement in catalogue(each).values())
        yield each.name, *(f"{counts[level]} {level}" for level in Level)


LISTS: Mapping[str, Callable[[Contract], Iterator[Line]]] = MappingProxyType(
    {
        "requirements": requirements,
        "scenarios": scenarios,
        "profiles": packaged_profiles,
        "contracts": contracts,
    }
)
"""What can be listed."""


def beginning(lines: Iterable[Line], prefix: str) -> list[Line]:
    """The lines whose name begins so."""
    return [line for line in lines if line[0].startswith(prefix)]


def steps(names: Iterable[str]) -> list[str]:
    """Dotted names and all that they stand below: what somebody may name."""
    found: dict[str, None] = {}
    for name in names:
        parts = name.split(".")
        found.update(dict.fromkeys(".".join(parts[:end]) for end in range(1, len(parts) + 1)))
    return list(found)


def aligned(lines: Sequence[Line], width: int | None = None) -> Iterator[str]:
    """The lines with their columns below each other, none wider than `width` characters."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (cell.ljust(wide) for cell, wide in zip(line, widths, strict=True))
        text = "  ".join(cells).rstrip()
        yield text if width is None or len(text) <= width else f"{text[: width - 1]}…"


def levels(requirement: Requirement, contract: Contract) -> Iterator[str]:
    """The level under each shipped contract, and under one more; none where it does not ask for it."""
    for each in dict.fromkeys((*SHIPPED.values(), contract)):
        yield f"{each} {requirement.level(each) if requirement.id in catalogue(each) else 'none'}"


def _requirement(requirement: Requirement, contract: Contract) -> Line:
    return requirement.id, requirement.area, *levels(requirement, contract), requirement.clause


def _scenario(scenario: Scenario) -> Line:
    return (
        scenario.name,
        scenario.area,
        scenario.expects,
        "streamed" if scenario.streamed else "",
        f"{scenario.output_tokens} output tokens",
        f"after {', '.join(earlier.name for earlier in scenario.after)}" if scenario.after else "",
    )
