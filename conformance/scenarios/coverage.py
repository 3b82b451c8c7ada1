"""The table of what is checked of each request field, made from the schema and the catalogue.

`python -m conformance.scenarios.coverage` prints it as Markdown.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from conformance.contract.requirements import catalogue
from conformance.scenarios.request_fields import SHIPPED_FIELDS

REFUSING = frozenset(
    {
        *("accepted", "accepted-should", "refused", "refused-should", "conflict", "optional", "param"),
        *("refused-first", "undeclared", "without-tools"),
    }
)
"""The last steps of the requirements that say whether a value is taken; every other one says what it does."""


@dataclass
class Cell:
    """What is checked of one top-level field, its members included."""

    name: str
    optional: bool
    values: Counter[str] = field(default_factory=Counter)
    honoured: list[str] = field(default_factory=list)


def cells() -> list[Cell]:
    """One cell for each top-level field, in the order of the schema."""
    shipped = SHIPPED_FIELDS
    found = {known.path: Cell(known.path, known.optional) for known in shipped.fields if not known.nested}
    for case in shipped.cases:
        found[case.top].values[case.aspect.removesuffix("-should")] += 1
    for requirement in catalogue().values():
        area, _, rest = requirement.id.partition(".")
        top = rest.partition(".")[0]
        if area == "request" and top in found and rest.rpartition(".")[2] not in REFUSING:
            found[top].honoured.append(rest)
    return list(found.values())


def table() -> str:
    """The whole document, as Markdown."""
    known = cells()
    return "\n".join(
        [
            "# What is checked of each request field",
            "",
            "Made by `python -m conformance.scenarios.coverage` from `schemas/request.json` and the",
            "catalogue. A number counts the values sent; the last column names what an accepted value is",
            "followed into.",
            "",
            "## The fields of the page",
            "",
            *_rows(
                ("field", "accepted", "refused", "conflict", "honoured", "by"),
                ((*_page_row(cell), _names(cell)) for cell in known if not cell.optional),
            ),
            "",
            "## Fields of the public specifications that the page does not have",
            "",
            "A provider may take or refuse them.",
            "",
            *_rows(
                ("field", "values", "honoured", "by"),
                (
                    (f"`{cell.name}`", str(cell.values["optional"]), str(len(cell.honoured)), _names(cell))
                    for cell in known
                    if cell.optional
                ),
            ),
            "",
        ]
    )


def _page_row(cell: Cell) -> tuple[str, ...]:
    values = (cell.values[name] for name in ("accepted", "refused", "conflict"))
    return (f"`{cell.name}`", *map(str, values), str(len(cell.honoured)))


def _names(cell: Cell) -> str:
    return ", ".join(f"`{name}`" for name in cell.honoured)


def _rows(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for row in (head, tuple("---" for _ in head), *rows):
        yield f"| {' | '.join(row)} |"


if __name__ == "__main__":
    sys.stdout.write(table())
