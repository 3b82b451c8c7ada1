"""Every boundary case of every field: accepted, or refused well, or either where the sources disagree."""

from collections.abc import Callable, Iterable, Iterator

import pytest
from _pytest.mark import ParameterSet

from conformance.checks.support.marks import covers, each, needs, needs_each, on, without_fault
from conformance.checks.support.outcomes import (
    is_taken,
    leave_stream,
    outcome_of,
    server_errors,
    streams_nothing,
)
from conformance.contract.boundaries import Aspect, Case, Expectation
from conformance.contract.contracts import Contract
from conformance.exchange import Exchange, trouble
from conformance.rules.acceptance import (
    blames_itself,
    judge_case,
    judge_either,
    leave_server_error,
    params_name_what_was_wrong,
    refusal,
)
from conformance.rules.errors import error_of, has_param, names_any_param, param_names_a_field
from conformance.rules.refusals import judge_refusals
from conformance.run.record import Record
from conformance.scenarios.answers import TEXT_STREAM, TRUNCATED
from conformance.scenarios.errors import UNKNOWN_MODEL
from conformance.scenarios.request_fields import (
    FieldScenarios,
    control_of,
    field_scenarios,
    streamed_control_of,
)
from conformance.scenarios.scenario import Scenario
from conformance.scenarios.stream_time import TOO_HOT_STREAM, UNKNOWN_MODEL_STREAM
from conformance.scenarios.tools import REQUIRED_WITHOUT_TOOLS, UNDECLARED_NAME
from conformance.verdicts.judge import Absent, CannotJudge, Elsewhere, judge
from conformance.verdicts.verdict import Finding

Note = Callable[[str], None]


def _of(*aspects: Aspect) -> Callable[[FieldScenarios], Iterator[ParameterSet]]:
    """A row for each case of these aspects."""

    def rows(fields: FieldScenarios) -> Iterator[ParameterSet]:
        for case in fields.cases:
            if case.aspect in aspects:
                yield pytest.param(case, id=case.id, marks=_marks(case, fields))

    return rows


def _marks(case: Case, fields: FieldScenarios) -> list[pytest.MarkDecorator]:
    scenario, control = fields.scenarios[case.id], control_of(case, fields.contract)
    marks = [covers(case.requirement), on(scenario, dead=True)]
    if scenario.streamed and scenario is not TEXT_STREAM:
        marks.append(needs(TEXT_STREAM, dead=True))
    may_refuse = [c for c, expected in case.expectations.items() if expected is not Expectation.ACCEPTED]
    if may_refuse and scenario is not control:
        marks.append(without_fault(control, may_refuse))
    return marks


def _streamed(fields: FieldScenarios) -> Iterator[ParameterSet]:
    for case, scenario in fields.streamed:
        marks = [
            on(scenario, dead=True),
            needs(fields.scenarios[case.id], TEXT_STREAM, dead=True),
            without_fault(streamed_control_of(case, fields.contract)),
        ]
        yield pytest.param(case, id=scenario.name, marks=marks)


def _refused_fields(fields: FieldScenarios) -> Iterator[ParameterSet]:
    for field, refused in fields.refused.items():
        marks = [
            covers(f"request.{field}.param"),
            needs(*dict.fromkeys(fields.scenarios[case.id] for case in refused), dead=True),
            without_fault(control_of(refused[0], fields.contract)),
        ]
        yield pytest.param(field, id=field, marks=marks)


def _wrong(fields: FieldScenarios) -> frozenset[str]:
    """The scenarios that try a wrong value, by name."""
    cases = (case for refused in fields.refused.values() for case in refused)
    return frozenset(fields.scenarios[case.id].name for case in cases)


OTHERWISE_WRONG = (
    TOO_HOT_STREAM,
    UNKNOWN_MODEL_STREAM,
    UNDECLARED_NAME,
    REQUIRED_WITHOUT_TOOLS,
)
"""What is wrong beside the fields' cases, streamed or not."""

_OTHERWISE_WRONG = frozenset(scenario.name for scenario in OTHERWISE_WRONG)


def _every_value(fields: FieldScenarios) -> Iterable[Scenario]:
    return (*fields.scenarios.values(), *(scenario for _, scenario in fields.streamed), *OTHERWISE_WRONG)


@each("case", _of("accepted", "accepted-should"))
def test_value_is_accepted(
    case: Case, scenario: Scenario, record: Record, contract: Contract, note: Note
) -> None:
    """A client that keeps to the documentation gets an answer."""
    exchange = outcome_of(record, scenario)
    leave_stream(record, exchange)
    if refusal(exchange):
        _leave_what_goes_along(case, record, field_scenarios(contract))
    judge_case(case.expectations[contract], exchange, record.performed, note)


def _leave_what_goes_along(case: Case, record: Record, fields: FieldScenarios) -> None:
    """Go on only where what must go along with a value is ever taken; raises Elsewhere."""
    for path in case.beside:
        alone = [c for c in fields.cases if c.path == path and c.aspect == "accepted" and not c.beside]
        outcomes = [record.outcomes.get(fields.scenarios[c.id].name) for c in alone]
        sent = [outcome for outcome in outcomes if isinstance(outcome, Exchange)]
        if sent and all(map(refusal, sent)):
            raise Elsewhere(f"it is sent with {path}, which is refused: request.{path}.accepted judges that")


@each("case", _of("refused", "refused-should"))
def test_value_is_refused(
    case: Case, scenario: Scenario, record: Record, contract: Contract, note: Note
) -> None:
    """A mistake in the request comes back as a 4xx error, not as an answer to something else."""
    exchange = outcome_of(record, scenario)
    leave_server_error(exchange, record.performed)
    judge_case(case.expectations[contract], exchange, record.performed, note)


@each("case", _of("conflict"))
def test_disputed_value_is_accepted_or_refused(
    case: Case, scenario: Scenario, record: Record, contract: Contract, note: Note
) -> None:
    """Where the sources contradict each other either answer is right, and the report says which it was."""
    judge_case(case.expectations[contract], outcome_of(record, scenario), record.performed, note)


@each("case", _of("optional"))
def test_optional_field_is_taken_or_refused(
    case: Case, scenario: Scenario, record: Record, note: Note
) -> None:
    """A field that the page does not have may be unknown, but it breaks nothing."""
    exchange = outcome_of(record, scenario)
    leave_stream(record, exchange)
    judge_either(exchange, record.performed, note)
    if refusal(exchange):
        raise Absent(f"{case.path} is refused with HTTP {exchange.status}")


@covers("request.stream.refused-first")
@each("case", _streamed)
def test_refusal_of_a_stream_is_plain_json(
    case: Case, scenario: Scenario, record: Record, contract: Contract, note: Note
) -> None:
    """A client that asked for a stream learns of its mistake by the status, before any event."""
    if is_taken(record, field_scenarios(contract).scenarios[case.id]):
        raise Elsewhere(f"it is taken without a stream as well, which {case.requirement} judges")
    exchange = outcome_of(record, scenario)
    leave_stream(record, exchange)
    leave_server_error(exchange, record.performed)
    judge_case(case.expectations[contract], exchange, record.performed, note)


@each("field", _refused_fields)
def test_refusal_names_the_field(field: str, record: Record, contract: Contract, note: Note) -> None:
    """`error.param` lets a program find the field at fault without reading prose.

    That a refusal names any field at all is one fault for all of them, and judged once.
    """
    fields = field_scenarios(contract)
    cases = fields.refused[field]
    sent = [(outcome_of(record, fields.scenarios[case.id]), (field, *case.beside)) for case in cases]
    refused = [(exchange, names) for exchange, names in sent if refusal(exchange)]
    if not refused and all(trouble(e) and not blames_itself(e, record.performed) for e, _ in sent):
        raise CannotJudge(trouble(sent[0][0]))
    if not refused:
        raise Absent(f"no wrong {field} was refused, so no refusal can name it")
    naming = [(exchange, names) for exchange, names in refused if names_any_param(exchange)]
    if not naming:
        raise Elsewhere(f"no refusal of a wrong {field} names a field, {_nameless(refused[0][0])}")
    judge(params_name_what_was_wrong(naming))
    note(f"{len(naming)} of {len(refused)} refusals name it")


@covers("error.param")
@needs(UNKNOWN_MODEL, dead=True)
@without_fault(TRUNCATED)
def test_a_refusal_for_a_field_names_one(record: Record, contract: Contract) -> None:
    """Every refusal of a wrong value, in one row: a provider that leaves `param` empty has one fault."""
    wrong = _wrong(field_scenarios(contract))
    refused = [exchange for exchange in record.refusals() if exchange.scenario in wrong and refusal(exchange)]
    if not refused:
        raise Absent("no wrong value was refused")
    told = [exchange for exchange in refused if has_param(exchange)]
    if not told:
        raise Elsewhere(f"no refusal has error.param, {_nameless(refused[0])}")
    judge(judge_refusals(told, param_names_a_field))


def _nameless(exchange: Exchange) -> str:
    """Which requirement judges a refusal that names no field."""
    if error_of(exchange) is None:
        return "which error.envelope judges"
    return "which error.param judges" if has_param(exchange) else "which error.code-and-param judges"


@covers("request.no-server-error")
@needs_each(_every_value)
def test_no_value_makes_the_server_fail(record: Record, contract: Contract) -> None:
    """A 5xx tells a client to try again: for a value that is wrong it would do so for ever.

    A value that may be sent has a row of its own, which says that it was not answered.
    """
    fields = field_scenarios(contract)
    wrong = {*_wrong(fields), *(scenario.name for _, scenario in fields.streamed), *_OTHERWISE_WRONG}
    judge(
        Finding("a status below 500", f"HTTP {exchange.status}", "status", exchange.scenario)
        for exchange in server_errors(record)
        if exchange.performance.scenario in wrong and not streams_nothing(record, exchange)
    )
