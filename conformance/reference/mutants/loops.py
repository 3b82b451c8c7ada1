"""Mutants of the loops of clients: answers that are not taken back, and conversations that are forgotten."""

from dataclasses import replace

from conformance.contract.contracts import Contract
from conformance.reference.conversation import ConversationItem, Json, items_of
from conformance.reference.hooks import Hooks, Refusal, Request
from conformance.reference.input_mutations import drop_items, refuse_items, with_image
from conformance.reference.mutants.client_requests import REFERENCES, THOUGHTS
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import change_response, combine

LONG, KEPT = 7, 4
"""A conversation of more items is long, and so many of it are kept."""

Conversation = list[ConversationItem]


def _without_images_of_tools(_: Request, conversation: Conversation) -> Conversation:
    return [replace(item, images=()) if item.role == "tool" else item for item in conversation]


def _in_order(_: Request, conversation: Conversation) -> Conversation:
    """Gives each output to the next call, whatever `call_id` it has."""
    calls = iter([item.call_id for item in conversation if item.role == "call"])
    return [
        replace(item, call_id=next(calls, item.call_id)) if item.role == "tool" else item
        for item in conversation
    ]


def _without_remembered_calls(request: Request, conversation: Conversation) -> Conversation:
    """Of what is remembered only what was said."""
    if not request.body.get("previous_response_id"):
        return conversation
    new = len(items_of(request.body.get("input")))
    before, now = conversation[:-new], conversation[-new:]
    return [*(item for item in before if item.role not in {"call", "tool"}), *now]


def _last_turn_alone(request: Request, conversation: Conversation) -> Conversation:
    """Of what is remembered only the turn before: what that turn itself went on from is gone."""
    previous = request.body.get("previous_response_id")
    new = len(items_of(request.body.get("input")))
    request.memory["remembered"] = len(conversation) - new if previous else 0
    return conversation[request.memory.get(f"before {previous}", 0) :] if previous else conversation


def _note_what_was_remembered(request: Request, response: Json) -> Json:
    request.memory[f"before {response['id']}"] = request.memory["remembered"]
    return response


def _after_thoughts(request: Request, conversation: Conversation) -> Conversation:
    items = items_of(request.body.get("input"))
    if not any(item.get("type") == "reasoning" for item in items):
        return conversation
    return [item for item in conversation if item.role != "tool"]


def _refuse_results_alone(request: Request, found: Refusal | None) -> Refusal | None:
    if found is None and request.body.get("previous_response_id") and "tools" in request.body:
        return Refusal(400, "No tool call found.", param="input", code="invalid_value")
    return found


LONGEST_ID = 64
"""Characters of an id that the provider behind a gateway takes; the gateway itself gives longer ones."""


def _with_long_ids(response: Json) -> None:
    for item in response["output"]:
        item["id"] = f"{item['id']}_{'0' * LONGEST_ID}"


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "own-long-ids-refused",
        "gives its items ids that are longer than those it takes",
        requirement="loop.message",
        report="router-for-me/CLIProxyAPI#4401",
        hooks=combine(
            change_response(_with_long_ids), refuse_items(lambda item: len(item.get("id") or "") > LONGEST_ID)
        ),
    ),
    Mutant(
        "answered-message-refused",
        "refuses a message of its own with the id that it gave it",
        requirement="loop.message",
        hooks=refuse_items(lambda item: item.get("role") == "assistant" and "id" in item),
    ),
    Mutant(
        "answered-call-refused",
        "refuses a call of its own with the status that it gave it",
        requirement="loop.call",
        hooks=refuse_items(lambda item: item.get("type") == "function_call" and "status" in item),
    ),
    Mutant(
        "answered-thoughts-refused",
        "refuses a reasoning item of its own",
        requirement="loop.reasoning",
        report="maximhq/bifrost#5410",
        hooks=THOUGHTS,
    ),
    Mutant(
        "content-null-refused",
        "refuses a reasoning item whose content is null",
        requirement="loop.reasoning.content-null",
        hooks=refuse_items(lambda item: item.get("type") == "reasoning" and item.get("content", "") is None),
        contract=Contract.OPENAI,
    ),
    Mutant(
        "output-image-refused",
        "refuses an image in a tool's output",
        requirement="loop.output-image",
        hooks=refuse_items(with_image),
        contract=Contract.OPENAI,
    ),
    Mutant(
        "output-image-dropped",
        "does not look at an image in a tool's output",
        requirement="loop.read",
        report="router-for-me/CLIProxyAPI#5039",
        hooks=Hooks(conversation=_without_images_of_tools),
    ),
    Mutant(
        "answered-message-dropped",
        "does not read a message of its own that is sent back",
        requirement="loop.read",
        hooks=drop_items(lambda item: item.get("role") == "assistant" and "id" in item),
    ),
    Mutant(
        "result-after-thoughts-dropped",
        "does not read a tool's output where thoughts are sent back",
        requirement="loop.read",
        hooks=Hooks(conversation=_after_thoughts),
    ),
    Mutant(
        "long-conversation-cut",
        "reads the end of a long conversation alone",
        requirement="loop.four-turns",
        hooks=Hooks(conversation=lambda _, items: items[-KEPT:] if len(items) > LONG else items),
    ),
    Mutant(
        "last-four-items-read",
        "reads the last four items of each conversation",
        requirement="loop.four-turns",
        hooks=Hooks(conversation=lambda _, items: items[-4:]),
    ),
    Mutant(
        "outputs-paired-by-order",
        "gives the outputs of tools to its calls in their order",
        requirement="loop.attribution",
        report="router-for-me/CLIProxyAPI#4939",
        hooks=Hooks(conversation=_in_order),
    ),
    Mutant(
        "item-reference-refused",
        "refuses to be referred to an item of its own",
        requirement="loop.reference",
        hooks=REFERENCES,
    ),
    Mutant(
        "item-reference-dropped",
        "takes a reference and does not read what it stands for",
        requirement="loop.reference.read",
        hooks=drop_items(lambda item: item.get("type") == "item_reference"),
    ),
    Mutant(
        "tools-after-previous-refused",
        "refuses to go on with a tool loop that it remembers",
        requirement="loop.previous",
        hooks=Hooks(validate=_refuse_results_alone),
        contract=Contract.OPENAI,
    ),
    Mutant(
        "remembered-calls-dropped",
        "forgets calls and their outputs of the response that it goes on from",
        requirement="loop.previous.read",
        report="vllm-project/vllm#43244",
        hooks=Hooks(conversation=_without_remembered_calls),
    ),
    Mutant(
        "last-turn-remembered-alone",
        "goes on from the last turn, and forgets the turns before it",
        requirement="loop.previous.read",
        hooks=Hooks(conversation=_last_turn_alone, response=_note_what_was_remembered),
    ),
)
