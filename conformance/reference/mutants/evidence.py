"""Mutants of what tells an origin: no cache, seals that nobody opens, another API's headers and counts."""

from conformance.reference.conversation import Json
from conformance.reference.hooks import Hooks, Refusal, Request
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import change_response, combine, set_field


def _thoughts_are_open(response: Json) -> None:
    for item in response["output"]:
        if "encrypted_content" in item:
            item["encrypted_content"] = "eyJ0aG91Z2h0cyI6ICIifQ=="


def _takes_any_seal(_: Request, refusal: Refusal | None) -> Refusal | None:
    return None if refusal is not None and refusal.code == "invalid_encrypted_content" else refusal


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "never-caches",
        "finds nothing in a cache, however often it is sent",
        requirement="evidence.cache",
        hooks=change_response(set_field("usage.input_tokens_details.cached_tokens", 0)),
        report="RakuenSoftware/aimee#2569",
    ),
    Mutant(
        "thoughts-unsealed",
        "tells encrypted_content that is not encrypted, in a shape of its own",
        requirement="evidence.sealed",
        hooks=combine(change_response(_thoughts_are_open), Hooks(validate=_takes_any_seal)),
    ),
    Mutant(
        "any-seal-taken",
        "takes back encrypted_content that was changed",
        requirement="evidence.seal-checked",
        hooks=Hooks(validate=_takes_any_seal),
    ),
    Mutant(
        "headers-of-another-upstream",
        "passes on headers of the API that it asks",
        requirement="evidence.headers",
        hooks=Hooks(reply=lambda _, reply: reply.with_header("anthropic-organization-id", "o-1")),
    ),
    Mutant(
        "usage-of-another-api",
        "tells the counts of another API beside its own",
        requirement="evidence.usage",
        hooks=change_response(set_field("usage.prompt_tokens", 9)),
    ),
)
