"""Variants of conduct: what is refused and how, what the model does with a prompt, how busy the server is."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from conformance.contract.schemas import schema
from conformance.reference.conversation import ConversationItem, Json
from conformance.reference.field_mutations import refuse_values
from conformance.reference.hooks import Draft, Frame, Hooks, Reasoning, Refusal, Reply, Request, ToolCall
from conformance.reference.model import generate
from conformance.reference.mutations import (
    Predicate,
    change_draft,
    change_snapshots,
    combine,
    map_calls,
    map_field,
    map_texts,
)
from conformance.reference.reply_mutations import change_refusals
from conformance.reference.variants.variant import PAGE, Variant
from conformance.verdicts.verdict import Contract


def conduct_variants() -> Iterator[Variant]:
    """Refusals, contradictions answered the other way, models, storage, load."""
    for name, line, hooks in (*_REFUSALS, *_MODELS, *_LOAD):
        yield Variant(name, line, hooks)
    for name, path, value in _CONTRADICTIONS:
        yield Variant(
            name, f"refuses {path} where the sources contradict each other", refuse_values(path, value), PAGE
        )
    yield Variant("nulls-refused", "refuses null for any field", Hooks(validate=_no_nulls), PAGE)
    yield Variant(
        "page-fields-only", "refuses fields that the page does not have", Hooks(validate=_page_only), PAGE
    )
    yield Variant(
        "sampling-with-effort-refused",
        "refuses a temperature beside reasoning",
        Hooks(validate=_sampling_with_effort),
    )
    yield Variant(
        "no-storage-endpoints",
        "has no endpoint but POST /responses, so that the promise of store cannot be verified",
        Hooks(media_type=_nothing_else, store=lambda *_: False),
        PAGE,
        frozenset({"storage.promise"}),
    )


def _status(old: int, new: int) -> Callable[[Refusal], Refusal]:
    return lambda refusal: replace(refusal, status=new) if refusal.status == old else refusal


def _model_not_found(refusal: Refusal) -> Refusal:
    return replace(refusal, status=404) if refusal.code == "model_not_found" else refusal


def _top_level(refusal: Refusal) -> Refusal:
    """Only the field's name for a place inside it."""
    param = refusal.param
    return replace(refusal, param=param.split(".")[0].split("[")[0] if param else param)


def _dotted(refusal: Refusal) -> Refusal:
    param = refusal.param
    return replace(refusal, param=param.replace("[", ".").replace("]", "") if param else param)


def _unchallenged(refusal: Refusal) -> Refusal:
    return replace(refusal, headers=()) if refusal.status == 401 else refusal


def _with(**members: Any) -> Hooks:
    return Hooks(
        envelope=lambda _, envelope: {"error": {**envelope["error"], **members}, "request_id": "r-1"}
    )


_REFUSALS: tuple[tuple[str, str, Hooks], ...] = (
    ("refuses-with-422", "refuses with 422 instead of 400", change_refusals(_status(400, 422))),
    ("unknown-model-404", "answers an unknown model with 404", change_refusals(_model_not_found)),
    ("media-type-400", "refuses another media type with 400", change_refusals(_status(415, 400))),
    ("method-404", "answers another method with 404", change_refusals(_status(405, 404))),
    ("param-top-level", "names the field only, not the place inside it", change_refusals(_top_level)),
    ("param-dotted", "spells places with dots", change_refusals(_dotted)),
    ("no-challenge", "does not say how to authorize", change_refusals(_unchallenged)),
    (
        "error-extra-members",
        "adds members to errors",
        _with(inner={"trace": "t"}, help="https://example.org/"),
    ),
    ("error-code-null", "gives no code", _with(code=None)),
    ("error-type-of-its-own", "names errors in its own way", _with(type="acme_error")),
    (
        "error-message-not-ascii",
        "words its errors in another language",
        _with(message="Ungültige Anfrage: 请求无效"),
    ),
)


def _page_only(request: Request, found: Refusal | None) -> Refusal | None:
    known = schema("request", Contract.ANYFAST)["properties"]
    for name in request.sent if isinstance(request.sent, dict) else ():
        if name not in known or known[name].get("x-level") == "MAY":
            text = f"Unknown parameter: '{name}'."
            return found or Refusal(400, text, param=name, code="unknown_parameter")
    return found


def _no_nulls(request: Request, found: Refusal | None) -> Refusal | None:
    if found is not None:
        return found
    for name, value in request.sent.items() if isinstance(request.sent, dict) else ():
        members = value.items() if isinstance(value, dict) else ()
        for path, inner in ((name, value), *((f"{name}.{key}", member) for key, member in members)):
            if inner is None:
                return Refusal(400, f"'{path}' must not be null.", param=path, code="invalid_type")
    return None


def _sampling_with_effort(request: Request, found: Refusal | None) -> Refusal | None:
    if found is not None:
        return found
    effort = (request.body.get("reasoning") or {}).get("effort", "none")
    if effort != "none" and {"temperature", "top_p"} & request.body.keys():
        return Refusal(400, "Not with reasoning.", param="temperature", code="unsupported_parameter")
    return found


def _nothing_else(request: Request, found: Refusal | None) -> Refusal | None:
    if request.path == "/responses":
        return found
    return Refusal(404, f"Invalid URL ({request.method} {request.path[:100]})", code="unknown_url")


def _typed(name: str) -> Predicate:
    return lambda value: isinstance(value, dict) and value.get("type") == name


_CONTRADICTIONS: tuple[tuple[str, str, Predicate], ...] = (
    ("small-limits-refused", "max_output_tokens", lambda v: v < 16),
    ("huge-limits-refused", "max_output_tokens", lambda v: v > 100_000),
    ("minimal-effort-refused", "reasoning.effort", lambda v: v in {"minimal", "max"}),
    ("two-choices-refused", "n", lambda v: v > 1),
    ("stop-array-refused", "stop", lambda v: isinstance(v, list)),
    ("empty-stop-refused", "stop", lambda v: v == ""),
    ("empty-user-refused", "user", lambda v: v == ""),
    ("dated-alias-refused", "model", lambda v: isinstance(v, str) and v != "gpt-5.2"),
    ("json-object-refused", "text.format", _typed("json_object")),
    ("allowed-tools-refused", "tool_choice", _typed("allowed_tools")),
    (
        "empty-content-refused",
        "input",
        lambda v: isinstance(v, list) and any(isinstance(i, dict) and i.get("content") == "" for i in v),
    ),
)


def _hearing(prompt: str) -> Hooks:
    """A model that hears the same prompt whatever is said; limits, stops, schemas, forced calls hold."""

    def draft(request: Request, found: Draft) -> Draft:
        made = generate(request.body, [ConversationItem("user", prompt)])
        return replace(made, input_tokens=found.input_tokens)

    return Hooks(draft=draft)


def _short_of_limit(_: Request, body: Json) -> Json:
    limit = body.get("max_output_tokens", 0)
    return {**body, "max_output_tokens": limit - 1} if limit > 1 else body


def _one_call(draft: Draft) -> Draft:
    calls = [item for item in draft.items if isinstance(item, ToolCall)]
    return replace(draft, items=tuple(p for p in draft.items if p not in calls[1:]))


def _thinking_unseen(draft: Draft) -> Draft:
    """Thoughts are billed and not shown; a cut in the middle of them leaves nothing else to be cut."""
    shown = tuple(item for item in draft.items if not isinstance(item, Reasoning))
    return replace(draft, items=shown) if shown and draft.whole else draft


def _n_ignored(_: Request, body: Json) -> Json:
    return {key: value for key, value in body.items() if key != "n"}


def _chatty(request: Request, draft: Draft) -> Draft:
    """Only where nothing counts or shapes the text."""
    layout = (request.body.get("text") or {}).get("format", {}).get("type", "text")
    if layout != "text" or "max_output_tokens" in request.body or request.body.get("stop"):
        return draft
    return map_texts(lambda text: f"Sure! {text}\n")(draft)


_MODELS: tuple[tuple[str, str, Hooks], ...] = (
    (
        "ignores-instructions",
        "answers every prompt with the same prose",
        _hearing("Describe what comes to mind."),
    ),
    (
        "always-refuses",
        "refuses to answer anything",
        _hearing("Refuse: I am sorry, but I cannot help with that."),
    ),
    ("one-word", "answers every prompt with one word", _hearing("Reply with exactly: Yes")),
    (
        "gibberish",
        "answers every prompt with noise",
        _hearing("Reply with exactly: zq xv\u00e9\u4e2d 77\n\n;; kkkk bb \U0001f9ff 0 zq" * 2),
    ),
    ("counts-always", "counts to 300 whatever was asked", _hearing("Count from 1 to 300")),
    ("chatty", "says something friendly first", Hooks(draft=_chatty)),
    ("short-of-the-limit", "stops one token short of a limit", Hooks(model_input=_short_of_limit)),
    ("one-call-at-a-time", "calls one tool at a time", change_draft(_one_call)),
    (
        "spaced-arguments",
        "writes arguments with white space",
        change_draft(map_calls(lambda n, a: (n, a.replace(":", ": ").replace(",", ", ")))),
    ),
    ("thoughts-unseen", "bills thoughts and shows none", change_draft(_thinking_unseen)),
    ("n-ignored", "gives one choice whatever n is", Hooks(model_input=_n_ignored)),
    (
        "clock-behind",
        "has a clock a minute behind",
        combine(
            change_snapshots(map_field("created_at", lambda t: t - 60)),
            change_snapshots(map_field("completed_at", lambda t: t - 60)),
        ),
    ),
)


def _now_and_then(every: int, status: int, headers: tuple[tuple[str, str], ...]) -> Hooks:
    """One request of so many is turned away for now; the same one again is answered."""

    def reply(request: Request, made: Reply) -> Reply:
        turned: set[tuple[str, str, bytes]] = request.memory.setdefault("turned away", set())
        this = (request.method, request.path, request.raw)
        if request.number % every or this in turned:
            return made
        turned.add(this)
        body = b'{"error":{"message":"Try again.","type":"too_many_requests","param":null,"code":null}}'
        basic = (("content-type", "application/json"), ("content-length", str(len(body))))
        return Reply(status, (*basic, *headers), (Frame(body),))

    return Hooks(reply=reply)


def _jitter(request: Request, made: Reply) -> Reply:
    return replace(made, wait=0.001 * (request.number * 7 % 40))


def _stalling(_: Request, made: Reply) -> Reply:
    """The third piece of a stream comes late."""
    frames = [replace(f, after=0.3) if place == 3 else f for place, f in enumerate(made.frames)]
    return replace(made, frames=tuple(frames)) if len(frames) > 40 else made


_LOAD: tuple[tuple[str, str, Hooks], ...] = (
    (
        "429-retry-after-0",
        "answers 429 now and then, with Retry-After: 0",
        _now_and_then(11, 429, (("retry-after", "0"),)),
    ),
    (
        "429-retry-after-1",
        "answers 429 now and then, with Retry-After: 1",
        _now_and_then(97, 429, (("retry-after", "1"),)),
    ),
    ("503-now-and-then", "answers 503 now and then", _now_and_then(13, 503, ())),
    ("latency-jitter", "takes up to 40 ms longer", Hooks(reply=_jitter)),
    ("stalls", "pauses in the middle of long streams", Hooks(reply=_stalling)),
)
