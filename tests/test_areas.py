"""One set of areas: what an area has stands under its name in every room."""

import re
from pathlib import Path
from typing import get_args

import pytest

from conformance.contract.area import Area
from conformance.exchange import Performance
from conformance.resources import CATALOGUE, PACKAGE
from conformance.scenarios.scenario import SentFor

ROOT = PACKAGE.parent
AREAS = {file.stem.removeprefix("test_") for file in (PACKAGE / "checks").glob("test_*.py")}
FILES = sorted(PACKAGE.rglob("*.py"))

SHARED = {
    "scenarios": {"answers", "closure", "coverage", "fitting", "scenario", "shapes"},
    "rules": {"acceptance", "answer", "blame", "effects", "refusals", "shapes", "unanswered"},
    "reference/mutants": {"from_schema", "mutant"},
    "reference/variants": {"variant"},
}
"""The modules of each room that serve several areas."""


def of_area(name: str) -> bool:
    """Whether a module is an area's, or a further part of one: `request_fields_accepted`."""
    return name in AREAS or any(name.startswith(f"{area}_") for area in AREAS)


def test_the_areas_are_those_of_the_checks() -> None:
    assert set(get_args(Area)) == AREAS
    (area, more) = get_args(SentFor)
    assert (area, set(get_args(more))) == (Area, {"answers"})


def test_the_catalogue_has_one_file_for_each_area() -> None:
    assert {file.stem for file in CATALOGUE.glob("*.toml")} == AREAS


@pytest.mark.parametrize("room", SHARED)
def test_every_module_of_a_room_is_an_area_s_or_shared(room: str) -> None:
    modules = {file.stem for file in (PACKAGE / room).glob("*.py")} - {"__init__"}
    assert {name for name in modules if not of_area(name)} == SHARED[room]


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_every_path_that_a_page_names_is_there(page: str) -> None:
    """A bare name stands beside the path before it; `<area>` stands for any area."""
    text = (ROOT / page).read_text(encoding="utf-8")
    beside, lost = ROOT, []
    for path in re.findall(r"`([\w./<>*-]+(?:\.(?:py|md|toml|json|mjs|ini)|/))`", text):
        found = [base / path for base in (ROOT, PACKAGE, beside) if _there(base, path)]
        lost += [] if found else [path]
        if found:
            beside = found[0] if path.endswith("/") else found[0].parent
    assert not lost
    commands = re.findall(r"(?:tests|conformance|schemas|profiles|docs)/[\w./-]+\.\w+", text)
    assert [path for path in commands if not (ROOT / path).exists()] == []


def test_one_place_knows_how_a_further_attempt_is_named() -> None:
    """Elsewhere the mark stands only within longer lists of characters."""
    marked = [file for file in FILES if re.search(r"""["'}]~(?=["'{\d])""", file.read_text("utf-8"))]
    assert marked == [PACKAGE / "exchange.py"]
    name = str(Performance("temperature=~2", 3))
    assert (name, Performance.named(name)) == ("temperature=~2~3", Performance("temperature=~2", 3))
    assert Performance.named("a~b") == Performance("a~b")
    assert [str(each) for each in Performance.all_of("a")] == ["a", *map(str, Performance.further("a"))]


def _there(base: Path, path: str) -> bool:
    return any(base.glob(re.sub(r"<\w+>", "*", path).rstrip("/")))
