"""The checks as their marks tell of them: what each judges, what it reads, and the node id that runs it.

It knows what pytest's collection knows, in a third of the time.
"""

import importlib
import inspect
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from conformance.checks.support.marks import expanded
from conformance.contract.contracts import Contract
from conformance.contract.requirements import catalogue
from conformance.resources import CHECKS, PACKAGE
from conformance.scenarios.closure import closure
from conformance.scenarios.request_fields import field_scenarios
from conformance.scenarios.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Row:
    """One parameter set of a check: what pytest writes between brackets, and its own marks.

    `scenario` is the one that the row judges, where the check has a row for each of several.
    """

    id: str
    marks: tuple[pytest.Mark, ...] = ()
    scenario: Scenario | None = None


@dataclass(frozen=True)
class Check:
    """One test function. `node` runs all of its rows; `marks` hold for all of them."""

    node: str
    marks: tuple[pytest.Mark, ...]

    def nodes_of(self, requirement: str) -> list[str]:
        """What runs the rows that judge a requirement: the whole check, or each of its rows."""
        if requirement in _covered(self.marks):
            return [self.node]
        return [f"{self.node}[{row.id}]" for row in self.rows() if requirement in _covered(row.marks)]

    def rows(self) -> Iterator[Row]:
        """Every combination of its parameters; one row without an id where it has none."""
        for combination in itertools.product(*self._axes()):
            marks = (mark for row in combination for mark in row.marks)
            judged = next((row.scenario for row in combination if row.scenario), None)
            yield Row("-".join(row.id for row in combination), tuple(marks), judged)

    def scenarios(self) -> Iterator[Scenario]:
        """What it reads, in all of its rows."""
        for mark in (*self.marks, *(mark for axis in self._axes() for row in axis for mark in row.marks)):
            if mark.name in {"on", "needs"}:
                yield from mark.args

    def _axes(self) -> list[list[Row]]:
        """The scenarios that it is marked with come first, as the plugin parametrizes it."""
        judged = [
            [Row(scenario.name, scenario=scenario) for scenario in mark.args]
            for mark in self.marks
            if mark.name == "on"
        ]
        given = [mark.args[1] for mark in self.marks if mark.name == "parametrize"]
        return [*judged[:1], *([_row(parameters) for parameters in axis] for axis in given)]


def checks(contract: Contract = Contract.ANYFAST) -> Iterator[Check]:
    """All packaged checks, with what they are marked with under a contract; none of what it does not have."""
    fields, asked = field_scenarios(contract), catalogue(contract)
    for file in sorted(CHECKS.glob("test_*.py")):
        module = importlib.import_module(f"{PACKAGE.name}.{CHECKS.name}.{file.stem}")
        for name, function in vars(module).items():
            if name.startswith("test_") and inspect.isfunction(function):
                node = f"{PACKAGE.name}/{CHECKS.name}/{file.name}::{name}"
                marks = tuple(expanded(mark, fields) for mark in _marks(function))
                if _covered(marks) <= asked.keys():
                    yield Check(node, marks)


def all_rows(contract: Contract = Contract.ANYFAST) -> Iterator[tuple[str, str, tuple[Scenario, ...]]]:
    """Every row as pytest's collection has it: node id, requirement, the scenarios that it reads."""
    for check in checks(contract):
        for row in check.rows():
            marks = (*check.marks, *row.marks)
            node = f"{check.node}[{row.id}]" if row.id else check.node
            judged = [row.scenario] if row.scenario else _arguments(marks, "on")
            scenarios = (*judged, *_arguments(marks, "needs"))
            yield node, next(iter(sorted(_covered(marks))), ""), scenarios


def planned(contract: Contract = Contract.ANYFAST) -> Mapping[str, Scenario]:
    """All scenarios that the checks read, by name, each behind those that it comes after."""
    return closure(scenario for check in checks(contract) for scenario in check.scenarios())


def _marks(function: Callable[..., Any]) -> tuple[pytest.Mark, ...]:
    return tuple(getattr(function, "pytestmark", ()))


def _row(parameters: Any) -> Row:
    """A parameter set; the checks name each of theirs, and pytest writes a name in ASCII."""
    name = str(parameters.id).encode("unicode_escape").decode("ascii")
    return Row(name, tuple(getattr(mark, "mark", mark) for mark in parameters.marks))


def _arguments(marks: Iterable[pytest.Mark], name: str) -> list[Scenario]:
    return [scenario for mark in marks if mark.name == name for scenario in mark.args]


def _covered(marks: tuple[pytest.Mark, ...]) -> set[str]:
    return {mark.args[0] for mark in marks if mark.name == "covers"}
