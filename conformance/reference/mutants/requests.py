"""Mutants of single requests: fields required, fields null, fields without effect."""

from collections.abc import Callable, Iterator
from typing import Any

from conformance.reference.conversation import ConversationItem, Json
from conformance.reference.hooks import Draft, Hooks, Message, Refusal, Request
from conformance.reference.mutants.fields import accept_values, crash_on_values, page_fields, refuse_values
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import (
    change_draft,
    change_model_input,
    changed_copy,
    map_texts,
    remove_fields,
    set_field,
)


def request_mutants() -> Iterator[Mutant]:
    """Required fields, nulls, effects, parts of the conversation."""
    yield from _required()
    yield from _nulls()
    yield from _effects()
    yield from _hearing()


def _required() -> Iterator[Mutant]:
    for field, instead in (("model", "gpt-5.2"), ("input", "Hello!")):
        yield Mutant(
            f"{field}-missing-accepted",
            f"answers a request without {field}",
            f"request.{field}.refused",
            _assuming(field, instead, lambda body, field=field: field not in body),
        )
        yield Mutant(
            f"{field}-null-accepted",
            f"answers a request whose {field} is null",
            f"request.{field}.refused",
            _assuming(field, instead, lambda body, field=field: body.get(field, 1) is None),
        )
    yield Mutant(
        "model-unknown-accepted",
        "answers for a model that does not exist",
        "request.model.refused",
        accept_values("model", lambda v: isinstance(v, str) and bool(v)),
    )
    yield Mutant(
        "long-input-refused",
        "refuses an input of more than 1500 characters",
        "response.answered",
        refuse_values("input", lambda v: len(str(v)) > 1500),
    )
    yield Mutant(
        "streams-echo-defaults",
        "forgets the sampling fields in what ends a stream",
        "request.stream.echo",
        Hooks(snapshot=_defaults_in_streams),
    )
    yield Mutant(
        "model-empty-accepted",
        "answers for a model without a name",
        "request.model.refused",
        accept_values("model", lambda v: v == ""),
    )


def _defaults_in_streams(request: Request, response: Json) -> Json:
    return {**response, "temperature": 1.0, "top_p": 1.0} if request.streamed else response


def _assuming(field: str, instead: str, missing: Any) -> Hooks:
    def refuse(request: Request, found: Refusal | None) -> Refusal | None:
        if missing(request.body) and found is not None and found.param == field:
            request.body = {**request.body, field: instead}
            return None
        return found

    return Hooks(validate=refuse)


def _nulls() -> Iterator[Mutant]:
    for path, described in page_fields():
        if path in {"model", "input"} or "." in path or described.get("x-level") == "MAY":
            continue
        yield Mutant(
            f"{path}-null-crashes",
            f"answers a null {path} with a 500",
            f"request.{path}.conflict",
            crash_on_values(path, lambda v: v is None),
        )
    for name, path, value, line in (
        (
            "stop-array-crashes",
            "stop",
            lambda v: isinstance(v, list),
            "answers an array of stop sequences with a 500",
        ),
        ("n-two-crashes", "n", lambda v: v == 2, "answers n of 2 with a 500"),
        (
            "effort-minimal-crashes",
            "reasoning.effort",
            lambda v: v == "minimal",
            "answers effort minimal with a 500",
        ),
        (
            "dated-model-crashes",
            "model",
            lambda v: isinstance(v, str) and v.startswith("gpt-5.2-"),
            "answers a dated model with a 500",
        ),
        (
            "empty-content-crashes",
            "input",
            lambda v: isinstance(v, list) and any(isinstance(i, dict) and i.get("content") == "" for i in v),
            "answers an empty message with a 500",
        ),
        (
            "json-object-crashes",
            "text.format",
            lambda v: isinstance(v, dict) and v.get("type") == "json_object",
            "answers json_object with a 500",
        ),
        (
            "previous-null-crashes",
            "previous_response_id",
            lambda v: v is None,
            "answers a null previous_response_id with a 500",
        ),
        (
            "small-limit-crashes",
            "max_output_tokens",
            lambda v: isinstance(v, int) and v < 16,
            "answers a limit under 16 with a 500",
        ),
    ):
        yield Mutant(
            name, line, f"request.{path}.{_OPTIONAL.get(path, 'conflict')}", crash_on_values(path, value)
        )


_OPTIONAL = {"previous_response_id": "optional"}


def _effects() -> Iterator[Mutant]:
    """Fields that are taken, repeated, and then do nothing (or the wrong thing)."""
    yield Mutant(
        "max-output-tokens-ignored",
        "generates past the token limit",
        "request.max_output_tokens.effect",
        change_model_input(remove_fields("max_output_tokens")),
    )
    yield Mutant(
        "max-output-tokens-one-too-many",
        "generates one token more than allowed",
        "request.max_output_tokens.effect",
        Hooks(model_input=_one_more),
    )
    yield Mutant(
        "truncation-called-completed",
        "calls an answer completed that the token limit cut",
        "request.max_output_tokens.incomplete",
        change_draft(_pretending_whole),
    )
    yield Mutant(
        "stop-silently-dropped",
        "takes a stop sequence and goes on past it",
        "request.stop.effect",
        change_model_input(remove_fields("stop")),
    )
    yield Mutant(
        "stop-included",
        "stops after the sequence instead of before it",
        "request.stop.effect",
        Hooks(draft=_with_stop),
    )
    yield Mutant(
        "stop-empties-the-answer",
        "answers with nothing where a stop sequence was met",
        "request.stop.effect",
        Hooks(draft=lambda request, d: map_texts(lambda _: "")(d) if request.body.get("stop") else d),
    )
    yield Mutant(
        "n-silently-dropped",
        "takes n of 2 and gives one choice",
        "request.n.effect",
        change_model_input(remove_fields("n")),
    )
    yield Mutant(
        "zero-dropped-as-empty",
        "takes a temperature of 0 for none at all, so that 0 echoes 1",
        "request.temperature.echo",
        _dropping("temperature"),
    )
    yield Mutant(
        "top-p-zero-dropped-as-empty",
        "takes a top_p of 0 for none at all, so that 0 echoes 1",
        "request.top_p.echo",
        _dropping("top_p"),
    )
    yield Mutant(
        "store-false-dropped-as-empty",
        "takes store false for none at all, so that false echoes true",
        "request.store.echo",
        _dropping("store"),
    )


def _dropping(field: str) -> Hooks:
    """The empty value of a field is lost on the way, as with Go's omitempty."""

    def drop_empty(_: Request, body: Json) -> Json:
        return body if body.get(field) else changed_copy(body, remove_fields(field))

    return Hooks(effective_body=drop_empty)


def _one_more(_: Request, body: Json) -> Json:
    limit = body.get("max_output_tokens")
    return changed_copy(body, set_field("max_output_tokens", limit + 1)) if limit else body


def _pretending_whole(draft: Draft) -> Draft:
    items = tuple(Message(p.text) if isinstance(p, Message) else p for p in draft.items)
    return Draft(items, draft.input_tokens, draft.output_tokens, draft.reasoning_tokens)


def _with_stop(request: Request, draft: Draft) -> Draft:
    stop = request.body.get("stop")
    return map_texts(lambda text: f"{text}{stop}")(draft) if isinstance(stop, str) else draft


def _hearing() -> Iterator[Mutant]:
    """Parts of the conversation that never reach the model."""
    for name, line, requirement, deaf in (
        ("system-ignored", "does not hear the system message", "request.input.effect", {"system"}),
        (
            "developer-ignored",
            "does not hear the developer message",
            "request.input.effect",
            {"developer"},
        ),
        ("history-ignored", "hears the last turn only", "request.input.effect", None),
        ("assistant-turns-ignored", "does not hear its own turns", "request.input.effect", {"assistant"}),
        (
            "tool-output-ignored",
            "does not hear what a tool answered",
            "request.tools.result-read",
            {"tool", "call"},
        ),
    ):
        yield Mutant(name, line, requirement, Hooks(conversation=_deafened(deaf)))
    yield Mutant(
        "first-user-turn-answered",
        "answers the first user turn instead of the last",
        "request.input.last-turn",
        Hooks(conversation=lambda _, conversation: list(reversed(conversation))),
    )
    yield Mutant(
        "instructions-ignored",
        "does not hear the instructions",
        "request.instructions.effect",
        Hooks(
            conversation=lambda request, conversation: (
                conversation[1:] if request.body.get("instructions") else conversation
            )
        ),
    )
    yield Mutant(
        "image-refused",
        "refuses pictures",
        "request.input.image",
        refuse_values("input", _has_image),
    )
    yield Mutant(
        "tool-output-refused",
        "refuses what a tool answered",
        "request.tools.result",
        refuse_values(
            "input", lambda v: any(i.get("type") == "function_call_output" for i in v if isinstance(i, dict))
        ),
    )
    yield Mutant(
        "image-ignored",
        "does not see pictures",
        "request.input.image",
        Hooks(
            conversation=lambda _, conversation: [
                ConversationItem(t.role, t.text, (), t.call_id) for t in conversation
            ]
        ),
    )
    yield Mutant(
        "input-cut-short",
        "hears the first 20 characters of each turn, so that longer input costs no more",
        "request.input.counted",
        Hooks(
            conversation=lambda _, conversation: [
                ConversationItem(t.role, t.text[:20], t.images, t.call_id) for t in conversation
            ]
        ),
    )


def _has_image(value: Any) -> bool:
    contents = [item.get("content") for item in value if isinstance(item, dict)]
    return any(isinstance(c, list) and any(p.get("type") == "input_image" for p in c) for c in contents)


def _deafened(
    speakers: set[str] | None,
) -> Callable[[Request, list[ConversationItem]], list[ConversationItem]]:
    return lambda _, conversation: _deaf(conversation, speakers)


def _deaf(conversation: list[ConversationItem], speakers: set[str] | None) -> list[ConversationItem]:
    if speakers is None:
        return conversation[-1:]
    return [item for item in conversation if item.role not in speakers] or conversation[-1:]
