"""One request for each boundary case; where an answer that is asked for anyway has the value, that one."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from conformance.contract.boundaries import PROMPT, Case, Expectation, Field, Marker
from conformance.contract.contract_file import NEEDED
from conformance.contract.contracts import Contract
from conformance.contract.request_fields import request_fields
from conformance.exchange import Call, encode_json
from conformance.scenarios.answers import (
    REASONING,
    ROOM_TO_THINK,
    STOPPED,
    TEXT,
    TEXT_STREAM,
    TOOL_CALL,
    TOOL_CALL_STREAM,
    TRUNCATED,
    TRUNCATED_STREAM,
)
from conformance.scenarios.fitting import Misfit, worded
from conformance.scenarios.scenario import (
    PLENTY,
    Behaviour,
    Done,
    Expects,
    Family,
    FollowsRequest,
    Says,
    Scenario,
    Target,
    message,
    post,
)

MINIMAL = post(
    "minimal",
    {"input": message("Reply with exactly: Hi")},
    area="request_fields",
    family="text",
    output_tokens=20,
)
"""Nothing but what is required: every other field has its default."""

SHARED: Mapping[str, Scenario] = {
    "model=given-accepted": TEXT,
    "input=one-message-accepted": TEXT,
    "stream=true-accepted": TEXT_STREAM,
    "store=false-accepted": TEXT,
    "max_output_tokens=16-accepted": TRUNCATED,
    "stop=CHARLIE-accepted": STOPPED,
    "reasoning.effort=low-accepted": REASONING,
    "reasoning.summary=auto-accepted": REASONING,
}
"""Answers that carry a case's very value, so that it need not be sent once more."""

_CODE_WORD = re.compile(r"The code word is ([A-Z]+)")

SMOKE = frozenset({"temperature=2.01-rejected"})
"""The cases of the short plan: a boundary just passed."""

_EXPECTS: Mapping[Expectation, Expects] = {
    Expectation.ACCEPTED: "answer",
    Expectation.REJECTED: "refusal",
    Expectation.CONFLICT: "either",
}
_TOKENS: Mapping[str, int] = {"reasoning": 200, "max_output_tokens": 300, "tool_choice": 60, "tools": 60}
_SHORT, _ENOUGH = 16, 64
"""Output tokens: where the counting is cut for certain, and plenty for a word or two."""


def _scenario(case: Case) -> Scenario:
    if case.id in SHARED:
        return SHARED[case.id]
    if case.value is Marker.ABSENT and case.aspect == "accepted":
        return MINIMAL
    return _sent(case)


def _sent(case: Case) -> Scenario:
    """A request of its own."""
    if case.value is Marker.ABSENT and case.top in NEEDED:
        return _without(case)
    return post(
        case.id,
        {"input": message(case.prompt), "store": False, **_bounded(case), **case.fields()},
        area="request_fields",
        expects=_EXPECTS[case.expected],
        family=_family(case),
        output_tokens=_tokens(case),
        shows=_shows(case),
        smoke=case.id in SMOKE,
        tries=case.path,
    )


def _bounded(case: Case) -> dict[str, int]:
    """A limit, which is low where the answer is two letters or none: no model should talk for long.

    Reasoning counts against the limit as well, and has no other bound.
    """
    if case.top == "max_output_tokens":
        return {}
    if case.aspect.startswith("refused"):
        return {"max_output_tokens": _SHORT}
    if case.top == "reasoning":
        return {"max_output_tokens": ROOM_TO_THINK}
    brief = case.prompt == PROMPT and case.top != "input"
    return {"max_output_tokens": _ENOUGH if brief else PLENTY}


def _shows(case: Case) -> Behaviour | None:
    """For a value with a behaviour: what an answer must show."""
    if case.aspect.startswith("refused"):
        return None
    if case.path in {"text.format", "tool_choice", "parallel_tool_calls"}:
        return FollowsRequest()
    word = code_word(case)
    return Says(word) if word else None


def code_word(case: Case) -> str:
    """The word that a case tells the model and asks for in a later message; empty where it tells none."""
    found = None if isinstance(case.value, Marker) else _CODE_WORD.search(json.dumps(case.value))
    return found[1] if found else ""


def _without(case: Case) -> Scenario:
    """The body without a field that every other has."""

    def build(target: Target, _: Done) -> Call:
        body = {
            "model": target.model,
            "input": message(case.prompt),
            "store": False,
            **_bounded(case),
        }
        del body[case.top]
        return Call(case.id, body=encode_json(body))

    return Scenario(
        case.id,
        "request_fields",
        build,
        expects=_EXPECTS[case.expected],
        family=_family(case),
        output_tokens=_tokens(case),
        tries=case.path,
    )


def _family(case: Case) -> Family:
    """What sort of answer an accepted value brings."""
    if case.aspect.startswith("refused"):
        return ""
    match case.path, case.value:
        case "max_output_tokens", int(limit) if limit <= _SHORT:
            return "truncated"
        case "text.format", {"type": "json_schema" | "json_object"}:
            return "structured"
        case ("reasoning", _) | ("reasoning.effort", "none" | None):
            return "text"
        case (("reasoning.effort" | "reasoning.summary"), _):
            return "reasoning"
        case ("tool_choice", "auto" | "required" | {}) | ("parallel_tool_calls", _):
            return "tools"
        case _:
            return "text"


def _tokens(case: Case) -> int:
    """An upper estimate: a refusal costs nothing."""
    if case.aspect.startswith("refused"):
        return 0
    if case.path == "max_output_tokens" and type(case.value) is int:
        return min(case.value, _TOKENS["max_output_tokens"])
    return _TOKENS.get(case.top, 30)


_CONTROLS: Mapping[str, str] = {
    "tools": "tools=one-function-accepted",
    "tool_choice": "tool_choice=auto-accepted",
}


def control_of(case: Case, contract: Contract = Contract.ANYFAST) -> Scenario:
    """The same request without the fault: an answer that is asked for anyway, with a right value or none.

    Where a contract does not let it be asked, the plainest request is the control.
    """
    control = _control(case)
    return control if _can_be_asked(control, contract) else TEXT


def _control(case: Case) -> Scenario:
    sent = {**_bounded(case), **case.fields()}
    if case.top in _CONTROLS:
        return SCENARIOS[_CONTROLS[case.top]]
    if "tools" in case.beside:
        return TOOL_CALL
    if case.beside.get("stream") is True:
        return TEXT_STREAM
    return TRUNCATED if sent.get("max_output_tokens") == _SHORT else TEXT


def streamed_control_of(case: Case, contract: Contract = Contract.ANYFAST) -> Scenario:
    """The same for a case that is sent in a request for a stream."""
    control = TOOL_CALL_STREAM if case.top == "tools" else TRUNCATED_STREAM
    return control if _can_be_asked(control, contract) else TEXT_STREAM


def _can_be_asked(scenario: Scenario, contract: Contract) -> bool:
    try:
        worded(scenario, Target("", contract=contract), {})
    except Misfit:
        return False
    return True


_WITH_STREAM = ("temperature", "top_p", "max_output_tokens", "tools")


def _streamed(case: Case) -> Scenario:
    return post(
        f"stream=true,{case.id}",
        {"input": message(case.prompt), "store": False, **_bounded(case), **case.fields(), "stream": True},
        area="request_fields",
        expects="refusal",
        tries=case.path,
    )


def _outside(path: str, cases: tuple[Case, ...]) -> list[Case]:
    """The first value of the right type just outside its range, or, where there is no range, misshapen."""
    refused = [case for case in cases if case.path == path and case.aspect == "refused"]
    outside = [case for case in refused if isinstance(case.value, float | int) and case.value is not True]
    return (outside or refused)[:1]


@dataclass(frozen=True, eq=False)
class FieldScenarios:
    """The request's fields under a contract, their boundary cases, and the scenario of each by its id.

    `streamed` are wrong values in a request that asks for a stream: these too are refused before anything
    is streamed.
    """

    contract: Contract
    fields: tuple[Field, ...]
    cases: tuple[Case, ...]
    scenarios: Mapping[str, Scenario]
    streamed: tuple[tuple[Case, Scenario], ...]

    @property
    def refused(self) -> Mapping[str, list[Case]]:
        """The cases that are to be refused, by the body's field."""
        found: dict[str, list[Case]] = {}
        for case in self.cases:
            if case.aspect.startswith("refused"):
                found.setdefault(case.top, []).append(case)
        return found

    @property
    def echoes(self) -> Mapping[str, str]:
        """How the response repeats each field that it repeats."""
        return {field.path: field.page["x-echo"] for field in self.fields if "x-echo" in field.page}


def field_scenarios(contract: Contract) -> FieldScenarios:
    """What is sent of the request's fields: the same under each of the shipped contracts."""
    return SHIPPED_FIELDS if contract.shipped else _of(contract)


@cache
def _of(contract: Contract) -> FieldScenarios:
    """A case that is sent under the shipped contracts as well is the same scenario."""
    request = request_fields(contract)
    outside = [case for path in _WITH_STREAM for case in _outside(path, request.cases)]
    return FieldScenarios(
        contract,
        request.fields,
        request.cases,
        {case.id: _known(case, contract) or _sent(case) for case in request.cases},
        tuple((case, _STREAMED.get(case.id) or _streamed(case)) for case in outside),
    )


def _known(case: Case, contract: Contract) -> Scenario | None:
    """The scenario of the same case under the shipped contracts, if it can be asked."""
    known = SCENARIOS.get(case.id)
    if known is not None and known.name != case.id and not _can_be_asked(known, contract):
        return None
    return known


def _shipped() -> FieldScenarios:
    request = request_fields(Contract.ANYFAST)
    outside = [case for path in _WITH_STREAM for case in _outside(path, request.cases)]
    return FieldScenarios(
        Contract.ANYFAST,
        request.fields,
        request.cases,
        {case.id: _scenario(case) for case in request.cases},
        tuple((case, _streamed(case)) for case in outside),
    )


SHIPPED_FIELDS = _shipped()
CASES = SHIPPED_FIELDS.cases
SCENARIOS = SHIPPED_FIELDS.scenarios
"""The cases under the shipped contracts, and the scenario of each by its id."""

_STREAMED = {case.id: scenario for case, scenario in SHIPPED_FIELDS.streamed}
