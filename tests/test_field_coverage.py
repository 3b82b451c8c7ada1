"""The table of field coverage: made from schema and catalogue, without holes."""

import subprocess
import sys

from conformance.contract.requirements import catalogue
from conformance.scenarios.coverage import cells
from conformance.scenarios.request_fields import CASES
from tests.test_request_schema import FIELDS


def test_a_command_prints_a_line_for_each_field() -> None:
    words = [sys.executable, "-m", "conformance.scenarios.coverage"]
    printed = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    fields = [known.path for known in FIELDS.values() if not known.nested]
    assert [line.split("`")[1] for line in printed.splitlines() if line.startswith("| `")] == fields


def test_no_field_of_the_page_lacks_a_cell() -> None:
    page = [cell for cell in cells() if not cell.optional]
    holes = [
        (cell.name, column)
        for cell in page
        for column in ("accepted", "refused", "conflict")
        if not cell.values[column]
    ]
    required = [known.path for known in FIELDS.values() if not known.nested and not known.optional]
    assert [cell.name for cell in page if "." not in cell.name] == required
    assert holes == []
    assert [cell.name for cell in page if not cell.honoured] == []


def test_every_case_is_counted_once() -> None:
    assert sum(cell.values.total() for cell in cells()) == len(CASES)


def test_every_case_has_its_requirement_in_the_catalogue() -> None:
    assert {case.requirement for case in CASES} - set(catalogue()) == set()
