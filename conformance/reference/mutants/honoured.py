"""Mutants of fields that are taken and then not honoured: no effect, or the wrong one."""

import json
from dataclasses import replace

from conformance.reference.conversation import ConversationItem, Json
from conformance.reference.events import encoded
from conformance.reference.hooks import Draft, Hooks, OutputItem, Reasoning, Reply, Request
from conformance.reference.model import generate
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import (
    change_draft,
    change_final_snapshots,
    change_model_input,
    change_snapshots,
    changed_copy,
    map_field,
    map_items,
    map_texts,
    remove_fields,
    set_field,
    when_status,
    without_reasoning,
)
from conformance.reference.reply_mutations import is_stream_reply
from conformance.reference.stream_mutations import data_of_frame


def _defaults_in_streams(request: Request, response: Json) -> Json:
    return {**response, "temperature": 1.0, "top_p": 1.0} if request.streamed else response


def _lowered(response: Json) -> None:
    response["metadata"] = {key.lower(): value for key, value in response["metadata"].items()}


def _dropping(field: str) -> Hooks:
    """The empty value of a field is lost on the way, as with Go's omitempty."""

    def drop_empty(_: Request, body: Json) -> Json:
        return body if body.get(field) else changed_copy(body, remove_fields(field))

    return Hooks(effective_body=drop_empty)


def _one_more(_: Request, body: Json) -> Json:
    limit = body.get("max_output_tokens")
    return changed_copy(body, set_field("max_output_tokens", limit + 1)) if limit else body


def _fail(response: Json) -> None:
    error = {"code": "server_error", "message": "It was too long."}
    response.update(status="failed", error=error, incomplete_details=None)


def _with_stop(request: Request, draft: Draft) -> Draft:
    stop = request.body.get("stop")
    return map_texts(lambda text: f"{text}{stop}")(draft) if isinstance(stop, str) else draft


def _silent(draft: Draft) -> Draft:
    def change(item: OutputItem) -> OutputItem:
        return Reasoning(item.tokens, (), item.whole) if isinstance(item, Reasoning) else item

    return map_items(draft, change)


def _thought_for_free(request: Request, draft: Draft) -> Draft:
    if "max_output_tokens" not in request.body:
        return draft
    items = draft.items
    return Draft(items, draft.input_tokens, draft.output_tokens + 20, draft.reasoning_tokens + 20)


def _unstreamed(request: Request, reply: Reply) -> Reply:
    """The final response of the stream, as the one body."""
    if not is_stream_reply(request, reply):
        return reply
    last = json.loads(data_of_frame(reply.frames[-2].data))
    return (
        reply.without("content-type")
        .with_header("content-type", "application/json")
        .with_body(encoded(last["response"]))
    )


def _own_words(request: Request, found: Draft) -> Draft:
    free = {key: value for key, value in request.body.items() if key != "stop"}
    made = generate(free, [ConversationItem("user", "Describe what comes to mind.")])
    return replace(made, input_tokens=found.input_tokens)


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "zero-dropped-as-empty",
        "takes a temperature of 0 for none at all, so that 0 echoes 1",
        requirement="request.temperature.echo",
        hooks=_dropping("temperature"),
    ),
    Mutant(
        "top-p-zero-dropped-as-empty",
        "takes a top_p of 0 for none at all, so that 0 echoes 1",
        requirement="request.top_p.echo",
        hooks=_dropping("top_p"),
    ),
    Mutant(
        "user-masked",
        "repeats the user as stars",
        requirement="request.user.echo",
        hooks=change_final_snapshots(lambda r: r.update(user="***") if r.get("user") else None),
    ),
    Mutant(
        "stream-ignored",
        "answers JSON where a stream was asked for",
        requirement="request.stream.effect",
        hooks=Hooks(reply=_unstreamed),
    ),
    Mutant(
        "streams-echo-defaults",
        "forgets the sampling fields in what ends a stream",
        requirement="request.stream.echo",
        hooks=Hooks(snapshot=_defaults_in_streams),
    ),
    Mutant(
        "metadata-keys-lowered",
        "sends metadata on as headers, so that its keys come back in lower case",
        requirement="request.metadata.echo",
        hooks=change_snapshots(_lowered),
    ),
    Mutant(
        "max-output-tokens-ignored",
        "generates past the token limit",
        requirement="request.max_output_tokens.effect",
        hooks=change_model_input(remove_fields("max_output_tokens")),
    ),
    Mutant(
        "max-output-tokens-one-too-many",
        "generates one token more than allowed",
        requirement="request.max_output_tokens.effect",
        hooks=Hooks(model_input=_one_more),
    ),
    Mutant(
        "thoughts-beyond-the-limit",
        "does not count its thoughts against the token limit",
        requirement="request.max_output_tokens.effect",
        hooks=Hooks(draft=_thought_for_free),
    ),
    Mutant(
        "incomplete-reason-of-chat",
        "is incomplete because of `length`",
        requirement="request.max_output_tokens.incomplete",
        hooks=change_final_snapshots(
            when_status("incomplete", set_field("incomplete_details", {"reason": "length"}))
        ),
    ),
    Mutant(
        "incomplete-called-failed",
        "calls a cut answer failed",
        requirement="request.max_output_tokens.incomplete",
        hooks=change_final_snapshots(when_status("incomplete", _fail)),
    ),
    Mutant(
        "stop-silently-dropped",
        "takes a stop sequence and goes on past it",
        requirement="request.stop.effect",
        hooks=change_model_input(remove_fields("stop")),
    ),
    Mutant(
        "stop-included",
        "stops after the sequence instead of before it",
        requirement="request.stop.effect",
        hooks=Hooks(draft=_with_stop),
    ),
    Mutant(
        "stop-empties-the-answer",
        "answers with nothing where a stop sequence was met",
        requirement="request.stop.effect",
        hooks=Hooks(draft=lambda request, d: map_texts(lambda _: "")(d) if request.body.get("stop") else d),
    ),
    Mutant(
        "stop-dropped-by-an-own-mind",
        "says what it likes, and goes on past a stop sequence",
        requirement="request.stop.effect",
        hooks=Hooks(draft=_own_words),
    ),
    Mutant(
        "n-silently-dropped",
        "takes n of 2 and gives one choice",
        requirement="request.n.effect",
        hooks=change_model_input(remove_fields("n")),
    ),
    Mutant(
        "verbosity-silently-dropped",
        "takes a verbosity and answers at the same length",
        requirement="request.text.verbosity.effect",
        hooks=change_model_input(remove_fields("text.verbosity")),
    ),
    Mutant(
        "effort-ignored",
        "does not think, however hard it should",
        requirement="request.reasoning.effort.effect",
        hooks=change_model_input(remove_fields("reasoning")),
    ),
    Mutant(
        "thinks-when-told-not-to",
        "thinks although the effort is none",
        requirement="request.reasoning.effort.effect",
        hooks=change_model_input(
            map_field("reasoning.effort", lambda effort: "low" if effort == "none" else effort)
        ),
    ),
    Mutant(
        "summary-ignored",
        "gives no summary of its thoughts",
        requirement="request.reasoning.summary.effect",
        hooks=change_draft(_silent),
    ),
    Mutant(
        "unstreamed-thoughts-lost",
        "shows its thoughts in streams only",
        requirement="request.reasoning.summary.effect",
        hooks=Hooks(draft=lambda request, d: d if request.streamed else without_reasoning(d)),
        report="router-for-me/CLIProxyAPI#5147",
    ),
    Mutant(
        "reasoning-item-lost",
        "bills thoughts and shows no item for them",
        requirement="request.reasoning.summary.effect",
        hooks=change_draft(without_reasoning),
    ),
)
