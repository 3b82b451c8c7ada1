"""The keys of the response object: what the page requires, and what may stand beside it."""

import pytest

from conformance.checks.support.families import EVERY, for_each, judge_answers
from conformance.checks.support.marks import covers
from conformance.contract.contracts import Contract
from conformance.response import Body
from conformance.rules.response_fields import response_has_its_shape
from conformance.run.record import Record
from conformance.verdicts.verdict import Finding

REQUIRED = ("id", "object", "created_at", "model", "status", "output", "usage")

ASPECTS = {
    "page_keys": "response.page-keys",
    "error": "response.error-shape",
    "incomplete_details": "response.incomplete-details-shape",
    "echo_types": "response.echo-types",
    "echo_keys": "response.echo-keys",
    "usage_counts": "usage.counts",
    "usage_details_types": "usage.details-shape",
    "usage_details": "usage.details-there",
}
"""Which requirement each further definition of the schema stands for."""


@pytest.mark.parametrize(
    "field",
    [pytest.param(name, id=name, marks=covers(f"response.{name.replace('_', '-')}")) for name in REQUIRED],
)
@for_each(*EVERY)
def test_a_required_field_is_there_with_its_type(
    field: str, family: str, record: Record, contract: Contract
) -> None:
    """Each of the page's seven required fields has a requirement of its own."""
    judge_answers(record, family, lambda body: response_has_its_shape(body, contract, field))


@pytest.mark.parametrize(
    "aspect", [pytest.param(name, id=name, marks=covers(id_)) for name, id_ in ASPECTS.items()]
)
@for_each(*EVERY)
def test_a_further_field_has_its_type(aspect: str, family: str, record: Record, contract: Contract) -> None:
    """What is not required by the page is judged where it is present."""
    judge_answers(record, family, lambda body: response_has_its_shape(body, contract, aspect))


@covers("response.id-prefix")
@for_each("text")
def test_ids_have_the_usual_prefix(family: str, record: Record) -> None:
    """An observation only: ids are the provider's own."""
    judge_answers(record, family, _prefix)


def _prefix(body: Body) -> list[Finding]:
    name = body.response.get("id")
    foreign = isinstance(name, str) and not name.startswith("resp_")
    return [Finding("resp_…", str(name), "$.id")] if foreign else []
