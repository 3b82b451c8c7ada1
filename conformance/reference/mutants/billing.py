"""Mutants of the bill: factors, hidden prompts, another tokenizer, input cut, caches that saw what is new."""

from dataclasses import replace
from typing import Any

from conformance.reference.bill_mutations import bill_input, bill_more, count_as
from conformance.reference.conversation import TOKENS_PER_IMAGE, Json
from conformance.reference.hooks import Draft, Hooks, Request
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import change_response


def _times(numerator: int, denominator: int) -> Hooks:
    """So many times, rounded up."""
    return bill_input(lambda _, count: -(-count * numerator // denominator))


def _images_are_free(request: Request, count: int) -> int:
    images = str(request.body.get("input")).count("'input_image'")
    return count - images * TOKENS_PER_IMAGE


def _images_get_dearer(request: Request, made: Draft) -> Draft:
    if "'input_image'" not in str(request.body.get("input")):
        return made
    seen = request.memory["images seen"] = request.memory.get("images seen", 0) + 1
    return replace(made, input_tokens=made.input_tokens + 20 * seen)


def _dearer_output(request: Request, made: Draft) -> Draft:
    """Up to the limit, beyond which no answer may be billed."""
    limit = request.body.get("max_output_tokens") or made.output_tokens * 2
    return replace(made, output_tokens=min(limit, -(-made.output_tokens * 13 // 10)))


def _half_of_what_was_cut(response: Json) -> None:
    if response["status"] == "incomplete":
        usage = response["usage"]
        usage["output_tokens"] //= 2
        usage["total_tokens"] = usage["input_tokens"] + usage["output_tokens"]


def _counts_otherwise(_: Request, answer: Json) -> Json:
    return {**answer, "input_tokens": answer["input_tokens"] + 40} if "input_tokens" in answer else answer


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
        "counted-with-deepseek",
        "counts input with the tokenizer of a third family",
        requirement="billing.tokenizer",
        hooks=count_as("deepseek-v4"),
    ),
    Mutant(
        "counted-with-qwen",
        "counts input with the tokenizer of another family",
        requirement="billing.tokenizer",
        hooks=count_as("qwen3"),
    ),
    Mutant(
        "billed-a-tenth-less",
        "bills every input token 0.9 times",
        requirement="billing.counted-with",
        hooks=_times(9, 10),
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
        "output-billed-a-third-more",
        "bills every output token 1.3 times",
        requirement="billing.output",
        hooks=Hooks(draft=_dearer_output),
    ),
    Mutant(
        "cut-billed-by-half",
        "bills half of the tokens of an answer that the limit cut",
        requirement="billing.cut-at-limit",
        hooks=change_response(_half_of_what_was_cut),
    ),
    Mutant(
        "counted-beforehand-otherwise",
        "counts more tokens beforehand than it bills",
        requirement="billing.beforehand",
        hooks=Hooks(related_answer=_counts_otherwise),
    ),
    Mutant(
        "image-dearer-each-time",
        "bills the same image more each time",
        requirement="billing.same-input",
        hooks=Hooks(draft=_images_get_dearer),
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
