"""The mutants: the reference provider broken in one named way each, and what must catch it.

Each stands in the module of its area: that of the checks that cover its requirement, `tests/test_mutants.py`
holds it there. An area of many mutants has further modules, whose names begin with the area's.
"""

from collections.abc import Mapping
from functools import cache
from itertools import chain
from types import MappingProxyType

from conformance.contract.contracts import Contract
from conformance.reference.mutants import (
    agent_tools,
    agent_tools_state,
    answering,
    authorization,
    billing,
    client_requests,
    errors,
    errors_envelope,
    errors_server,
    evidence,
    honoured,
    loops,
    request_fields,
    request_fields_accepted,
    request_fields_refused,
    response_body,
    response_consistency,
    response_fields,
    response_fields_left_out,
    response_items,
    storage,
    storage_endpoints,
    stream_content,
    stream_framing,
    stream_framing_accepted,
    stream_framing_members,
    stream_lifecycle,
    stream_snapshots,
    stream_snapshots_echo,
    stream_time,
    structured_output,
    tools,
    usage,
)
from conformance.reference.mutants import (
    input as input_,
)
from conformance.reference.mutants.from_schema import derived_mutants
from conformance.reference.mutants.mutant import Mutant

TABLES: Mapping[str, tuple[Mutant, ...]] = MappingProxyType(
    {
        "agent_tools": agent_tools.MUTANTS,
        "agent_tools_state": agent_tools_state.MUTANTS,
        "answering": answering.MUTANTS,
        "authorization": authorization.MUTANTS,
        "billing": billing.MUTANTS,
        "client_requests": client_requests.MUTANTS,
        "errors": errors.MUTANTS,
        "errors_envelope": errors_envelope.MUTANTS,
        "errors_server": errors_server.MUTANTS,
        "evidence": evidence.MUTANTS,
        "honoured": honoured.MUTANTS,
        "input": input_.MUTANTS,
        "loops": loops.MUTANTS,
        "request_fields": request_fields.MUTANTS,
        "request_fields_accepted": request_fields_accepted.MUTANTS,
        "request_fields_refused": request_fields_refused.MUTANTS,
        "response_body": response_body.MUTANTS,
        "response_consistency": response_consistency.MUTANTS,
        "response_fields": response_fields.MUTANTS,
        "response_fields_left_out": response_fields_left_out.MUTANTS,
        "response_items": response_items.MUTANTS,
        "storage": storage.MUTANTS,
        "storage_endpoints": storage_endpoints.MUTANTS,
        "stream_content": stream_content.MUTANTS,
        "stream_framing": stream_framing.MUTANTS,
        "stream_framing_accepted": stream_framing_accepted.MUTANTS,
        "stream_framing_members": stream_framing_members.MUTANTS,
        "stream_lifecycle": stream_lifecycle.MUTANTS,
        "stream_snapshots": stream_snapshots.MUTANTS,
        "stream_snapshots_echo": stream_snapshots_echo.MUTANTS,
        "stream_time": stream_time.MUTANTS,
        "structured_output": structured_output.MUTANTS,
        "tools": tools.MUTANTS,
        "usage": usage.MUTANTS,
    }
)
"""The mutants made by hand, by the module that they stand in."""


def mutants(contract: Contract = Contract.ANYFAST) -> Mapping[str, Mutant]:
    """Every mutant by its id, those made by hand first, then those that follow from a contract's fields.

    Raises ValueError where two share an id.
    """
    return _mutants(Contract.ANYFAST if contract.shipped else contract)


@cache
def _mutants(contract: Contract) -> Mapping[str, Mutant]:
    found: dict[str, Mutant] = {}
    for mutant in chain(*TABLES.values(), derived_mutants(contract)):
        if mutant.id in found:
            raise ValueError(f"two mutants are called {mutant.id}")
        found[mutant.id] = mutant
    return MappingProxyType(found)


__all__ = ["TABLES", "Mutant", "mutants"]
