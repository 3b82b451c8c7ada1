"""What the package imports is what it declares to depend on."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions

from conformance.resources import PACKAGE


def imported() -> Iterator[str]:
    """The top-level modules that the package imports, its own and the standard library's aside."""
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_bytes())):
            match node:
                case ast.Import(names=names):
                    found = [alias.name for alias in names]
                case ast.ImportFrom(module=str(module), level=0):
                    found = [module]
                case _:
                    found = []
            yield from (name.partition(".")[0] for name in found)


def declared() -> set[str]:
    """The names of the distributions that come along when the package is installed."""
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {normal(re.split(r"[^\w.-]", line, maxsplit=1)[0]) for line in project["dependencies"]}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_import_is_a_declared_dependency() -> None:
    foreign = set(imported()) - set(sys.stdlib_module_names) - {PACKAGE.name}
    providers = packages_distributions()
    assert [
        name for name in sorted(foreign) if not declared() & set(map(normal, providers.get(name, [name])))
    ] == []
