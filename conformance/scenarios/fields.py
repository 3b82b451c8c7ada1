"""One request for each boundary case; where an answer that is asked for anyway has the value, that one."""

import json
import re
from collections.abc import Mapping

from conformance.contract.boundaries import PROMPT, Case, Expectation, Marker, packaged_cases
from conformance.contract.contracts import Contract
from conformance.contract.schemas import Schema, schema
from conformance.exchange import Call, encode_json
from conformance.scenarios.answers import (
    REASONING,
    STOPPED,
    TEXT,
    TEXT_STREAM,
    TOOL_CALL,
    TOOL_CALL_STREAM,
    TRUNCATED,
    TRUNCATED_STREAM,
)
from conformance.scenarios.scenario import (
    Behaviour,
    Done,
    Expects,
    Family,
    FollowsRequest,
    Says,
    Scenario,
    Setting,
    message,
    post,
)

MINIMAL = post(
    "minimal",
    {"input": message("Reply with exactly: Hi")},
    area="fields",
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

SCHEMAS: Mapping[Contract, Schema] = {contract: schema("request", contract) for contract in Contract}
CASES: tuple[Case, ...] = packaged_cases()

_CODE_WORD = re.compile(r"The code word is ([A-Z]+)")

CODE_WORDS: Mapping[str, str] = {
    case.id: found[1]
    for case in CASES
    if not isinstance(case.value, Marker) and (found := _CODE_WORD.search(json.dumps(case.value)))
}
"""The cases that tell the model a word and ask for it in a later message, with the word."""

SMOKE = frozenset({"temperature=2.01-rejected", "input=[]-rejected"})
"""The cases of the short plan: a boundary just passed, and an input that is none."""

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
    if case.value is Marker.ABSENT:
        return _without(case)
    return post(
        case.id,
        {"input": message(case.prompt), "store": False, **_bounded(case), **case.fields()},
        area="fields",
        expects=_EXPECTS[case.expectations[Contract.ANYFAST]],
        family=_family(case),
        output_tokens=_tokens(case),
        shows=_shows(case),
        smoke=case.id in SMOKE,
    )


def _bounded(case: Case) -> dict[str, int]:
    """A limit where the answer is two letters or none: a model that does not follow should not talk for long.

    Reasoning counts against the limit as well, and has no other bound.
    """
    if case.top == "max_output_tokens":
        return {}
    if case.aspect.startswith("refused"):
        return {"max_output_tokens": _SHORT}
    brief = case.prompt == PROMPT and case.top not in {"input", "reasoning"}
    return {"max_output_tokens": _ENOUGH} if brief else {}


def _shows(case: Case) -> Behaviour | None:
    """For a value with a behaviour: what an answer must show."""
    if case.aspect.startswith("refused"):
        return None
    if case.path in {"text.format", "tool_choice", "parallel_tool_calls"}:
        return FollowsRequest()
    if word := CODE_WORDS.get(case.id):
        return Says(word)
    return None


def _without(case: Case) -> Scenario:
    """The body without a field that it must have."""

    def build(setting: Setting, _: Done) -> Call:
        body = {
            "model": setting.model,
            "input": message(case.prompt),
            "store": False,
            "max_output_tokens": _SHORT,
        }
        del body[case.top]
        return Call(case.id, body=encode_json(body))

    return Scenario(case.id, "fields", build, expects="refusal")


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


SCENARIOS: Mapping[str, Scenario] = {case.id: _scenario(case) for case in CASES}
"""The scenario of each case, by the case's id."""

_CONTROLS: Mapping[str, str] = {
    "tools": "tools=one-function-accepted",
    "tool_choice": "tool_choice=auto-accepted",
}


def control_of(case: Case) -> Scenario:
    """The same request without the fault: an answer that is asked for anyway, with a right value or none."""
    sent = {**_bounded(case), **case.fields()}
    if case.top in _CONTROLS:
        return SCENARIOS[_CONTROLS[case.top]]
    if "tools" in case.beside:
        return TOOL_CALL
    if case.beside.get("stream") is True:
        return TEXT_STREAM
    return TRUNCATED if sent.get("max_output_tokens") == _SHORT else TEXT


def streamed_control_of(case: Case) -> Scenario:
    """The same for a case that is sent in a request for a stream."""
    return TOOL_CALL_STREAM if case.top == "tools" else TRUNCATED_STREAM


_WITH_STREAM = ("temperature", "top_p", "max_output_tokens", "tools")


def _streamed(case: Case) -> Scenario:
    return post(
        f"stream=true,{case.id}",
        {"input": message(case.prompt), "store": False, **_bounded(case), **case.fields(), "stream": True},
        area="fields",
        expects="refusal",
    )


def _first_refused(path: str) -> Case:
    """A value of the right type just outside its range, or, where there is no range, of the wrong shape."""
    refused = [case for case in CASES if case.path == path and case.aspect == "refused"]
    outside = [case for case in refused if isinstance(case.value, float | int) and case.value is not True]
    return (outside or refused)[0]


STREAMED: tuple[tuple[Case, Scenario], ...] = tuple(
    (case, _streamed(case)) for case in map(_first_refused, _WITH_STREAM)
)
"""Wrong values in a request that asks for a stream: these too are refused before anything is streamed."""
