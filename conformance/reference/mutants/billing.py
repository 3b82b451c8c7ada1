"""Mutants of the bill: factors, hidden prompts, another tokenizer, input cut, caches that saw what is new."""

from typing import Any

from conformance.reference.bill_mutations import bill_input, bill_more, count_as
from conformance.reference.conversation import TOKENS_PER_IMAGE, Json
from conformance.reference.hooks import Hooks, Request
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import change_response


def _times(numerator: int, denominator: int) -> Hooks:
    """So many times, rounded up."""
    return bill_input(lambda _, count: -(-count * numerator // denominator))


def _images_are_free(request: Request, count: int) -> int:
    images = str(request.body.get("input")).count("'input_image'")
    return count - images * TOKENS_PER_IMAGE


def _all_cached(response: Json) -> None:
    usage = response["usage"]
    usage["input_tokens_details"]["cached_tokens"] = usage["input_tokens"]


def _bills_the_refusal(_: Request, envelope: Any) -> Any:
    return {**envelope, "usage": {"input_tokens": 9, "output_tokens": 0, "total_tokens": 9}}


def _thinks_all_the_same(request: Request, response: Json) -> Json:
    if (request.body.get("reasoning") or {}).get("effort") != "none":
        return response
    told = response["usage"]
    more = {"output_tokens": told["output_tokens"] + 5, "total_tokens": told["total_tokens"] + 5}
    return {**response, "usage": {**told, **more, "output_tokens_details": {"reasoning_tokens": 5}}}


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "billed-a-tenth-more",
        "bills every input token 1.1 times",
        requirement="billing.rate",
        hooks=_times(11, 10),
    ),
    Mutant(
        "billed-a-fifth-more",
        "bills every input token 1.2 times",
        requirement="billing.rate",
        hooks=_times(6, 5),
    ),
    Mutant(
        "billed-twice",
        "bills every input token twice",
        requirement="billing.rate",
        hooks=_times(2, 1),
    ),
    Mutant(
        "billed-in-tens",
        "rounds input tokens up to the next ten",
        requirement="billing.exact",
        hooks=bill_input(lambda _, count: -(-count // 10) * 10),
    ),
    Mutant(
        "hidden-prompt",
        "puts a prompt of 50 tokens before every input, and bills it",
        requirement="billing.nothing-beside",
        hooks=bill_more(50),
        report="decolua/9router#3954",
    ),
    Mutant(
        "long-hidden-prompt",
        "puts a prompt of 4,000 tokens before every input, and bills it",
        requirement="billing.nothing-beside",
        hooks=bill_more(4000),
        report="icebear0828/codex-proxy#97",
    ),
    Mutant(
        "hidden-instructions",
        "puts a prompt of its own where there are no instructions, and bills its 4,372 tokens",
        requirement="billing.bare",
        hooks=bill_more(4372, lambda request: not request.body.get("instructions")),
        report="Wei-Shaw/sub2api#6420",
    ),
    Mutant(
        "counted-with-cl100k",
        "counts input with another tokenizer",
        requirement="billing.tokenizer",
        hooks=count_as("cl100k_base"),
    ),
    Mutant(
        "counted-with-qwen",
        "counts input with the tokenizer of another family",
        requirement="billing.counted-with",
        hooks=count_as("qwen3"),
    ),
    Mutant(
        "counted-up-to-120",
        "counts the first 120 tokens of an input",
        requirement="billing.grows",
        hooks=bill_input(lambda _, count: min(count, 120)),
    ),
    Mutant(
        "counted-up-to-220",
        "counts the first 220 tokens of an input",
        requirement="billing.whole-input",
        hooks=bill_input(lambda _, count: min(count, 220)),
    ),
    Mutant(
        "stop-billed",
        "puts the stop sequence into the prompt, and bills it",
        requirement="billing.same-input",
        hooks=bill_more(30, lambda request: bool(request.body.get("stop"))),
    ),
    Mutant(
        "image-free",
        "counts no tokens for an image",
        requirement="billing.image",
        hooks=bill_input(_images_are_free),
    ),
    Mutant(
        "cached-at-first-sight",
        "finds in its cache what nobody has sent before",
        requirement="billing.unseen",
        hooks=change_response(_all_cached),
    ),
    Mutant(
        "refusal-billed",
        "bills the input of a request that it refuses",
        requirement="billing.refusal",
        hooks=Hooks(envelope=_bills_the_refusal),
    ),
    Mutant(
        "thinks-unasked",
        "bills reasoning where none is asked for",
        requirement="billing.effort-none",
        hooks=Hooks(response=_thinks_all_the_same),
    ),
)
