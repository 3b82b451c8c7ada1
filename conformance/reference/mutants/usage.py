"""Mutants of the usage: what is counted, and what does not add up."""

from collections.abc import Iterator
from typing import Any

from conformance.contract.contracts import Contract
from conformance.reference.conversation import Json
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import (
    drop,
    final,
    put,
    turn,
)


def usage_mutants() -> Iterator[Mutant]:
    """Counts, details, sums."""
    for name, line, requirement, change in _USAGE:
        contract = Contract.OPENAI if requirement == "usage.details-there" else Contract.ANYFAST
        yield Mutant(name, line, requirement, final(change), contract)


def _put_in(details: str, name: str, value: int) -> Any:
    return put(f"usage.{details}.{name}", value)


def _constant(response: Json) -> None:
    usage = response["usage"]
    usage["output_tokens"] = 9
    usage["total_tokens"] = usage["input_tokens"] + 9


def _total_of_output(response: Json) -> None:
    response["usage"]["total_tokens"] = response["usage"]["output_tokens"]


def _chat_usage(response: Json) -> None:
    usage = response["usage"]
    usage["prompt_tokens"] = usage.pop("input_tokens")
    usage["completion_tokens"] = usage.pop("output_tokens")


def _zero(name: str) -> Any:
    def change(response: Json) -> None:
        usage = response["usage"]
        usage["total_tokens"] -= usage[name]
        usage[name] = 0

    return change


def _negative(response: Json) -> None:
    usage = response["usage"]
    usage["input_tokens"] = -usage["input_tokens"]
    usage["total_tokens"] = usage["input_tokens"] + usage["output_tokens"]


_USAGE: tuple[Any, ...] = (
    (
        "usage-not-adding-up",
        "tells a total that is no sum",
        "usage.total",
        turn("usage.total_tokens", lambda n: n + 1),
    ),
    (
        "usage-output-constant",
        "bills every answer with the same number of tokens",
        "usage.output-varies",
        _constant,
    ),
    ("usage-total-of-output", "tells the output's tokens as the total", "usage.total", _total_of_output),
    ("usage-total-missing", "leaves the total out", "usage.counts", drop("usage.total_tokens")),
    ("usage-input-missing", "leaves input_tokens out", "usage.counts", drop("usage.input_tokens")),
    ("usage-output-missing", "leaves output_tokens out", "usage.counts", drop("usage.output_tokens")),
    ("usage-of-chat", "counts prompt_tokens and completion_tokens", "usage.counts", _chat_usage),
    ("usage-strings", "tells counts as strings", "usage.counts", turn("usage.input_tokens", str)),
    (
        "usage-floats",
        "tells counts with fractions",
        "usage.counts",
        turn("usage.output_tokens", lambda n: n + 0.5),
    ),
    ("usage-empty", "answers with an empty usage", "usage.counts", put("usage", {})),
    (
        "usage-input-details-missing",
        "leaves the input's details out",
        "usage.details-there",
        drop("usage.input_tokens_details"),
    ),
    (
        "usage-output-details-missing",
        "leaves the output's details out",
        "usage.details-there",
        drop("usage.output_tokens_details"),
    ),
    (
        "usage-details-null",
        "answers with null details",
        "usage.details-shape",
        put("usage.input_tokens_details", None),
    ),
    (
        "usage-cached-beyond-input",
        "caches more tokens than came in",
        "usage.sub-counts",
        _put_in("input_tokens_details", "cached_tokens", 10**6),
    ),
    (
        "usage-cached-negative",
        "caches fewer than no tokens",
        "usage.sub-counts",
        _put_in("input_tokens_details", "cached_tokens", -1),
    ),
    (
        "usage-reasoning-beyond-output",
        "thinks more tokens than it gave",
        "usage.sub-counts",
        _put_in("output_tokens_details", "reasoning_tokens", 10**6),
    ),
    (
        "usage-reasoning-negative",
        "thinks fewer than no tokens",
        "usage.sub-counts",
        _put_in("output_tokens_details", "reasoning_tokens", -1),
    ),
    ("usage-zero-output", "bills no tokens for a text", "usage.output-counted", _zero("output_tokens")),
    ("usage-zero-input", "bills no tokens for a prompt", "usage.input-counted", _zero("input_tokens")),
    ("usage-negative", "bills fewer than no tokens", "usage.counts", _negative),
)
