"""Makers of hooks: what the tables of mutants and variants do to a request, a response and a model."""

import copy
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from conformance.reference.conversation import ConversationItem, Json
from conformance.reference.hooks import (
    HEALTHY,
    Draft,
    Hooks,
    Message,
    OutputItem,
    Reasoning,
    Request,
    ToolCall,
    unchanged,
)
from conformance.reference.model import generate

Change = Callable[[Json], object]
"""Changes an object in place."""

Predicate = Callable[[Any], bool]
"""Says whether a field's value is meant."""

When = Callable[[Request], bool]
"""Says whether a request is meant."""

ABSENT: Any = object()
"""Stands where a body has no such field."""


def combine(*several: Hooks) -> Hooks:
    """Several sets of hooks in one provider; where two have the same hook, the first one's runs first."""
    found: dict[str, Any] = {}
    for hooks in several:
        for field in fields(Hooks):
            hook = getattr(hooks, field.name)
            if hook is not unchanged:
                before = found.get(field.name)
                found[field.name] = hook if before is None else _after(before, hook)
    return Hooks(**found) if found else HEALTHY


def _after(first: Callable[..., Any], second: Callable[..., Any]) -> Callable[[Request, Any], Any]:
    return lambda request, made: second(request, first(request, made))


def set_field(path: str, value: Any) -> Change:
    """Sets a field by its dotted path (`usage.total_tokens`); does nothing where its parent is no object."""

    def change(target: Json) -> None:
        parent, name = _parent(target, path)
        if isinstance(parent, dict):
            parent[name] = copy.deepcopy(value)

    return change


def remove_fields(*paths: str) -> Change:
    """Removes fields by their dotted paths."""

    def change(target: Json) -> None:
        for path in paths:
            parent, name = _parent(target, path)
            if isinstance(parent, dict):
                parent.pop(name, None)

    return change


def map_field(path: str, how: Callable[[Any], Any]) -> Change:
    """Replaces a field that is there and not null by what `how` makes of its value."""

    def change(target: Json) -> None:
        parent, name = _parent(target, path)
        if isinstance(parent, dict) and parent.get(name) is not None:
            parent[name] = how(parent[name])

    return change


def field_at(body: Json, path: str) -> Any:
    """The value at a dotted path; ABSENT where there is none."""
    parent, name = _parent(body, path)
    return parent.get(name, ABSENT) if isinstance(parent, dict) else ABSENT


def _parent(target: Json, path: str) -> tuple[Any, str]:
    *steps, name = path.split(".")
    parent: Any = target
    for step in steps:
        parent = parent.get(step) if isinstance(parent, dict) else None
    return parent, name


def changed_copy(target: Json, change: Change) -> Json:
    """A deep copy of an object, changed."""
    made = copy.deepcopy(target)
    change(made)
    return made


def when_status(status: str, change: Change) -> Change:
    """Changes a response only where it has that status."""

    def guarded(response: Json) -> None:
        if response["status"] == status:
            change(response)

    return guarded


def change_snapshots(change: Change) -> Hooks:
    """Changes every Response object that goes out, snapshots included."""
    return Hooks(snapshot=lambda _, response: changed_copy(response, change))


def change_final_snapshots(change: Change, when: When = lambda _: True) -> Hooks:
    """Changes every finished Response object that goes out in answer to the requests that are meant."""

    def tell(request: Request, response: Json) -> Json:
        meant = not is_unfinished(response) and when(request)
        return changed_copy(response, change) if meant else response

    return Hooks(snapshot=tell)


def is_unfinished(response: Json) -> bool:
    """Whether it is the snapshot of a response that is still to be made, or never was."""
    return response.get("status") in {"in_progress", "queued", "cancelled"}


def change_response(change: Change) -> Hooks:
    """Changes the response before it is stored or sent, so that bodies and streams say the same."""
    return Hooks(response=lambda _, response: changed_copy(response, change))


def is_unstreamed(request: Request) -> bool:
    """Whether the client asks for one body."""
    return not request.streamed


def is_limited_and_unstreamed(request: Request) -> bool:
    """Whether the client asks for one body of 16 tokens, which cuts most answers."""
    return request.body.get("max_output_tokens") == 16 and not request.streamed


def forget_roles(roles: set[str]) -> Hooks:
    """Keeps what these roles said from the model; the last item reaches it where nothing else would."""

    def forget(_: Request, conversation: list[ConversationItem]) -> list[ConversationItem]:
        return [item for item in conversation if item.role not in roles] or conversation[-1:]

    return Hooks(conversation=forget)


def change_model_input(change: Change) -> Hooks:
    """Changes the body that the model sees; the echo stays right."""
    return Hooks(model_input=lambda _, body: changed_copy(body, change))


def change_draft(how: Callable[[Draft], Draft]) -> Hooks:
    """Changes what the model produced."""
    return Hooks(draft=lambda _, draft: how(draft))


def hear_always(prompt: str) -> Hooks:
    """A model that hears the same prompt whatever is said; limits, stops, schemas, forced calls hold."""

    def draft(request: Request, found: Draft) -> Draft:
        made = generate(request.body, [ConversationItem("user", prompt)])
        return replace(made, input_tokens=found.input_tokens)

    return Hooks(draft=draft)


def map_texts(how: Callable[[str], str]) -> Callable[[Draft], Draft]:
    """Changes the texts of a draft, and not what they cost."""

    def change(item: OutputItem) -> OutputItem:
        return Message(how(item.text), item.whole) if isinstance(item, Message) else item

    return lambda draft: map_items(draft, change)


def map_calls(how: Callable[[str, str], tuple[str, str]]) -> Callable[[Draft], Draft]:
    """Changes the names and arguments of a draft's tool calls that were not cut."""

    def change(item: OutputItem) -> OutputItem:
        if not isinstance(item, ToolCall) or not item.whole:
            return item
        name, arguments = how(item.name, item.arguments)
        return replace(item, name=name, arguments=arguments)

    return lambda draft: map_items(draft, change)


def map_items(draft: Draft, how: Callable[[OutputItem], OutputItem]) -> Draft:
    """The draft with each of its items changed."""
    items = tuple(how(item) for item in draft.items)
    return Draft(items, draft.input_tokens, draft.output_tokens, draft.reasoning_tokens)


def without_reasoning(draft: Draft) -> Draft:
    """The draft without its reasoning items; their tokens stay billed."""
    items = tuple(item for item in draft.items if not isinstance(item, Reasoning))
    return Draft(items, draft.input_tokens, draft.output_tokens, draft.reasoning_tokens)
