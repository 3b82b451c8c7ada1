"""Mutants of the input: parts of the conversation that never reach the model."""

from dataclasses import replace
from typing import Any

from conformance.reference.conversation import ConversationItem, Json, items_of
from conformance.reference.field_mutations import refuse_values
from conformance.reference.hooks import Hooks, Request
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import change_draft, changed_copy, combine, forget_roles, hear_always


def _has_image(value: Any) -> bool:
    contents = [item.get("content") for item in value if isinstance(item, dict)]
    return any(isinstance(c, list) and any(p.get("type") == "input_image" for p in c) for c in contents)


def _first_text_alone(_: Request, body: Json) -> Json:
    def lessen(told: Json) -> None:
        for item in items_of(told.get("input")):
            texts = [part for part in _parts(item) if part.get("type") == "input_text"]
            if len(texts) > 1:
                item["content"] = [part for part in _parts(item) if part not in texts[1:]]

    return changed_copy(body, lessen)


def _parts(item: Json) -> list[Json]:
    content = item.get("content")
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "system-ignored",
        "does not hear the system message",
        requirement="request.input.effect",
        hooks=forget_roles({"system"}),
    ),
    Mutant(
        "developer-ignored",
        "does not hear the developer message",
        requirement="request.input.effect",
        hooks=forget_roles({"developer"}),
    ),
    Mutant(
        "history-ignored",
        "hears the last turn only",
        requirement="request.input.effect",
        hooks=Hooks(conversation=lambda _, conversation: conversation[-1:]),
    ),
    Mutant(
        "assistant-turns-ignored",
        "does not hear its own turns",
        requirement="request.input.effect",
        hooks=forget_roles({"assistant"}),
    ),
    Mutant(
        "instructions-ignored",
        "does not hear the instructions",
        requirement="request.instructions.effect",
        hooks=Hooks(
            conversation=lambda request, conversation: (
                conversation[1:] if request.body.get("instructions") else conversation
            )
        ),
    ),
    Mutant(
        "later-parts-dropped",
        "hears only the first of a message's texts",
        requirement="request.input.effect",
        hooks=Hooks(effective_body=_first_text_alone),
    ),
    Mutant(
        "first-user-turn-answered",
        "answers the first user turn instead of the last",
        requirement="request.input.last-turn",
        hooks=Hooks(conversation=lambda _, conversation: list(reversed(conversation))),
    ),
    Mutant(
        "input-cut-short",
        "hears the first 20 characters of each turn, so that longer input costs no more",
        requirement="request.input.counted",
        hooks=Hooks(
            conversation=lambda _, conversation: [
                ConversationItem(t.role, t.text[:20], t.images, t.call_id) for t in conversation
            ]
        ),
    ),
    Mutant(
        "input-count-made-up",
        "bills every input with the same number of tokens, for a model that answers with noise",
        requirement="request.input.counted",
        hooks=combine(
            hear_always("Reply with exactly: zq xv 77 ;; kkkk bb"),
            change_draft(lambda draft: replace(draft, input_tokens=12)),
        ),
    ),
    Mutant(
        "image-refused",
        "refuses pictures",
        requirement="request.input.image",
        hooks=refuse_values("input", _has_image),
    ),
    Mutant(
        "image-ignored",
        "does not see pictures",
        requirement="request.input.image",
        hooks=Hooks(
            conversation=lambda _, conversation: [
                ConversationItem(t.role, t.text, (), t.call_id) for t in conversation
            ]
        ),
    ),
)
