"""What the package imports is what it declares to depend on."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from conformance.resources import PACKAGE

DRIVERS = PACKAGE / "driving" / "python"
"""They run where the clients are, which come with an extra."""


def imported(files: Iterable[Path]) -> Iterator[str]:
    """The top-level modules that files import, the package's own and the standard library's aside."""
    for file in files:
        for node in ast.walk(ast.parse(file.read_bytes())):
            match node:
                case ast.Import(names=names):
                    found = [alias.name for alias in names]
                case ast.ImportFrom(module=str(module), level=0):
                    found = [module]
                case _:
                    found = []
            yield from (name.partition(".")[0] for name in found)


def declared(extra: str = "") -> set[str]:
    """The names of the distributions that come along when the package is installed, or one of its extras."""
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = project["optional-dependencies"][extra] if extra else project["dependencies"]
    return {normal(re.split(r"[^\w.-]", line, maxsplit=1)[0]) for line in lines}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_import_is_a_declared_dependency() -> None:
    files = (file for file in PACKAGE.rglob("*.py") if DRIVERS not in file.parents)
    foreign = set(imported(files)) - set(sys.stdlib_module_names) - {PACKAGE.name}
    providers = packages_distributions()
    assert [
        name for name in sorted(foreign) if not declared() & set(map(normal, providers.get(name, [name])))
    ] == []


PROVIDED = {
    "agents": "openai-agents",
    "langchain_core": "langchain-openai",
    "langchain_openai": "langchain-openai",
    "openai": "openai",
    "pydantic": "openai",
    "pydantic_ai": "pydantic-ai-slim",
}
"""What brings each module along that a driver imports, wherever the tests run."""


def test_every_import_of_a_driver_comes_with_the_extra() -> None:
    foreign = set(imported(DRIVERS.glob("*.py"))) - set(sys.stdlib_module_names) - {PACKAGE.name}
    assert {PROVIDED[name] for name in foreign} == declared("clients")
