"""Mutants of the usage: what is counted, and what does not add up."""

import copy

from conformance.reference.bill_mutations import bill_more
from conformance.reference.conversation import Json
from conformance.reference.hooks import Hooks, Request
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import (
    Change,
    change_final_snapshots,
    combine,
    hear_always,
    map_field,
    set_field,
)
from conformance.reference.stream_mutations import change_terminal_events


def _constant(response: Json) -> None:
    usage = response["usage"]
    usage["output_tokens"] = 9
    usage["total_tokens"] = usage["input_tokens"] + 9


def _total_of_output(response: Json) -> None:
    response["usage"]["total_tokens"] = response["usage"]["output_tokens"]


def _zero(name: str) -> Change:
    def change(response: Json) -> None:
        usage = response["usage"]
        usage["total_tokens"] -= usage[name]
        usage[name] = 0
        if name == "input_tokens":
            usage["input_tokens_details"]["cached_tokens"] = 0

    return change


def _nothing(usage: Json) -> Json:
    told = {**usage, "input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
    return {**told, "output_tokens_details": {"reasoning_tokens": 0}}


def _adding_up(request: Request, response: Json) -> Json:
    """The counter of the input is never set back."""
    made = copy.deepcopy(response)
    taken = request.memory["taken"] = request.memory.get("taken", 0) + made["usage"]["input_tokens"]
    made["usage"]["input_tokens"] = taken
    made["usage"]["total_tokens"] = taken + made["usage"]["output_tokens"]
    return made


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "usage-not-adding-up",
        "tells a total that is no sum",
        requirement="usage.total",
        hooks=change_final_snapshots(map_field("usage.total_tokens", lambda n: n + 1)),
    ),
    Mutant(
        "usage-total-of-output",
        "tells the output's tokens as the total",
        requirement="usage.total",
        hooks=change_final_snapshots(_total_of_output),
    ),
    Mutant(
        "usage-cached-beyond-input",
        "caches more tokens than came in",
        requirement="usage.sub-counts",
        hooks=change_final_snapshots(set_field("usage.input_tokens_details.cached_tokens", 10**6)),
        report="BerriAI/litellm#40277",
    ),
    Mutant(
        "usage-cached-negative",
        "caches fewer than no tokens",
        requirement="usage.sub-counts",
        hooks=change_final_snapshots(set_field("usage.input_tokens_details.cached_tokens", -1)),
    ),
    Mutant(
        "usage-reasoning-beyond-output",
        "thinks more tokens than it gave",
        requirement="usage.sub-counts",
        hooks=change_final_snapshots(set_field("usage.output_tokens_details.reasoning_tokens", 10**6)),
    ),
    Mutant(
        "usage-reasoning-negative",
        "thinks fewer than no tokens",
        requirement="usage.sub-counts",
        hooks=change_final_snapshots(set_field("usage.output_tokens_details.reasoning_tokens", -1)),
    ),
    Mutant(
        "usage-zero-output",
        "bills no tokens for a text",
        requirement="usage.output-counted",
        hooks=change_final_snapshots(_zero("output_tokens")),
    ),
    Mutant(
        "final-usage-zero",
        "ends with a usage of nothing",
        requirement="usage.output-counted",
        hooks=change_terminal_events(map_field("response.usage", _nothing)),
    ),
    Mutant(
        "usage-zero-input",
        "bills no tokens for a prompt",
        requirement="usage.input-counted",
        hooks=change_final_snapshots(_zero("input_tokens")),
    ),
    Mutant(
        "usage-of-nothing",
        "bills nothing at all, for a model that answers with noise",
        requirement="usage.input-counted",
        hooks=combine(
            hear_always("Reply with exactly: zq xv 77 ;; kkkk bb"),
            change_final_snapshots(map_field("usage", _nothing)),
        ),
    ),
    Mutant(
        "usage-output-constant",
        "bills every answer with the same number of tokens",
        requirement="usage.output-varies",
        hooks=change_final_snapshots(_constant),
    ),
    Mutant(
        "input-tokens-accumulate",
        "adds each request's input tokens to those of all before",
        requirement="usage.input-steady",
        hooks=Hooks(response=_adding_up),
    ),
    Mutant(
        "stream-dearer",
        "bills 40 input tokens more for a stream",
        requirement="usage.input-steady",
        hooks=bill_more(40, lambda request: request.streamed),
    ),
)
