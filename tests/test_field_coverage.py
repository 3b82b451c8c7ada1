"""The documented table of field coverage: made from schema and catalogue, up to date, without holes."""

from conformance.contract.requirements import catalogue
from conformance.resources import PACKAGE
from conformance.scenarios.coverage import cells, table
from conformance.scenarios.request_fields import CASES
from tests.test_request_schema import PAGE_FIELDS

DOCUMENT = PACKAGE.parent / "docs" / "coverage.md"


def test_the_document_is_what_the_suite_would_write_now() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == table(), (
        "run python -m conformance.scenarios.coverage > docs/coverage.md"
    )


def test_no_field_of_the_page_lacks_a_cell() -> None:
    page = [cell for cell in cells() if not cell.optional]
    holes = [
        (cell.name, column)
        for cell in page
        for column in ("accepted", "refused", "conflict")
        if not cell.values[column]
    ]
    assert [cell.name for cell in page if "." not in cell.name] == PAGE_FIELDS
    assert holes == []
    assert [cell.name for cell in page if not cell.honoured] == []


def test_every_case_is_counted_once() -> None:
    assert sum(cell.values.total() for cell in cells()) == len(CASES)


def test_every_case_has_its_requirement_in_the_catalogue() -> None:
    assert {case.requirement for case in CASES} - set(catalogue()) == set()
