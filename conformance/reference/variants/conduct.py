"""Variants of conduct: what is refused and how, what the model does with a prompt, how busy the server is."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from conformance.contract.contracts import Contract
from conformance.contract.schemas import schema
from conformance.reference.conversation import Json, Turn
from conformance.reference.hooks import Asked, Called, Draft, Frame, Refusal, Reply, Seams, Thought
from conformance.reference.model import generate
from conformance.reference.mutants.fields import refuses
from conformance.reference.mutations import Value, both, called, drafted, refusing, said, told, turn
from conformance.reference.variants.variant import PAGE, Variant


def conduct_variants() -> Iterator[Variant]:
    """Refusals, contradictions answered the other way, models, storage, load."""
    for name, line, seams in (*_REFUSALS, *_MODELS, *_LOAD):
        yield Variant(name, line, seams)
    for name, path, value in _CONTRADICTIONS:
        yield Variant(
            name, f"refuses {path} where the sources contradict each other", refuses(path, value), PAGE
        )
    yield Variant("nulls-refused", "refuses null for any field", Seams(refuse=_no_nulls), PAGE)
    yield Variant(
        "page-fields-only", "refuses fields that the page does not have", Seams(refuse=_page_only), PAGE
    )
    yield Variant(
        "sampling-with-effort-refused",
        "refuses a temperature beside reasoning",
        Seams(refuse=_sampling_with_effort),
    )
    yield Variant(
        "no-storage-endpoints",
        "has no endpoint but POST /responses, so that the promise of store cannot be verified",
        Seams(media=_nothing_else, stored=lambda *_: False),
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


def _with(**members: Any) -> Seams:
    return Seams(
        envelope=lambda _, envelope: {"error": {**envelope["error"], **members}, "request_id": "r-1"}
    )


_REFUSALS: tuple[tuple[str, str, Seams], ...] = (
    ("refuses-with-422", "refuses with 422 instead of 400", refusing(_status(400, 422))),
    ("unknown-model-404", "answers an unknown model with 404", refusing(_model_not_found)),
    ("media-type-400", "refuses another media type with 400", refusing(_status(415, 400))),
    ("method-404", "answers another method with 404", refusing(_status(405, 404))),
    ("param-top-level", "names the field only, not the place inside it", refusing(_top_level)),
    ("param-dotted", "spells places with dots", refusing(_dotted)),
    ("no-challenge", "does not say how to authorize", refusing(_unchallenged)),
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


def _page_only(asked: Asked, found: Refusal | None) -> Refusal | None:
    known = schema("request", Contract.ANYFAST)["properties"]
    for name in asked.sent if isinstance(asked.sent, dict) else ():
        if name not in known or known[name].get("x-level") == "MAY":
            text = f"Unknown parameter: '{name}'."
            return found or Refusal(400, text, param=name, code="unknown_parameter")
    return found


def _no_nulls(asked: Asked, found: Refusal | None) -> Refusal | None:
    if found is not None:
        return found
    for name, value in asked.sent.items() if isinstance(asked.sent, dict) else ():
        members = value.items() if isinstance(value, dict) else ()
        for path, inner in ((name, value), *((f"{name}.{key}", member) for key, member in members)):
            if inner is None:
                return Refusal(400, f"'{path}' must not be null.", param=path, code="invalid_type")
    return None


def _sampling_with_effort(asked: Asked, found: Refusal | None) -> Refusal | None:
    if found is not None:
        return found
    effort = (asked.body.get("reasoning") or {}).get("effort", "none")
    if effort != "none" and {"temperature", "top_p"} & asked.body.keys():
        return Refusal(400, "Not with reasoning.", param="temperature", code="unsupported_parameter")
    return found


def _nothing_else(asked: Asked, found: Refusal | None) -> Refusal | None:
    if asked.path == "/responses":
        return found
    return Refusal(404, f"Invalid URL ({asked.method} {asked.path[:100]})", code="unknown_url")


def _typed(name: str) -> Value:
    return lambda value: isinstance(value, dict) and value.get("type") == name


_CONTRADICTIONS: tuple[tuple[str, str, Value], ...] = (
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


def _hearing(prompt: str) -> Seams:
    """A model that hears the same prompt whatever is said; limits, stops, schemas, forced calls hold."""

    def draft(asked: Asked, found: Draft) -> Draft:
        made = generate(asked.body, [Turn("user", prompt)])
        return replace(made, input_tokens=found.input_tokens)

    return Seams(draft=draft)


def _short_of_limit(_: Asked, body: Json) -> Json:
    limit = body.get("max_output_tokens", 0)
    return {**body, "max_output_tokens": limit - 1} if limit > 1 else body


def _one_call(draft: Draft) -> Draft:
    calls = [piece for piece in draft.pieces if isinstance(piece, Called)]
    return replace(draft, pieces=tuple(p for p in draft.pieces if p not in calls[1:]))


def _thinking_unseen(draft: Draft) -> Draft:
    """Thoughts are billed and not shown; a cut in the middle of them leaves nothing else to be cut."""
    shown = tuple(piece for piece in draft.pieces if not isinstance(piece, Thought))
    return replace(draft, pieces=shown) if shown and draft.whole else draft


def _n_ignored(_: Asked, body: Json) -> Json:
    return {key: value for key, value in body.items() if key != "n"}


def _chatty(asked: Asked, draft: Draft) -> Draft:
    """Only where nothing counts or shapes the text."""
    layout = (asked.body.get("text") or {}).get("format", {}).get("type", "text")
    if layout != "text" or "max_output_tokens" in asked.body or asked.body.get("stop"):
        return draft
    return said(lambda text: f"Sure! {text}\n")(draft)


_MODELS: tuple[tuple[str, str, Seams], ...] = (
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
    ("chatty", "says something friendly first", Seams(draft=_chatty)),
    ("short-of-the-limit", "stops one token short of a limit", Seams(heard=_short_of_limit)),
    ("one-call-at-a-time", "calls one tool at a time", drafted(_one_call)),
    (
        "spaced-arguments",
        "writes arguments with white space",
        drafted(called(lambda n, a: (n, a.replace(":", ": ").replace(",", ", ")))),
    ),
    ("thoughts-unseen", "bills thoughts and shows none", drafted(_thinking_unseen)),
    ("n-ignored", "gives one choice whatever n is", Seams(heard=_n_ignored)),
    (
        "clock-behind",
        "has a clock a minute behind",
        both(told(turn("created_at", lambda t: t - 60)), told(turn("completed_at", lambda t: t - 60))),
    ),
)


def _now_and_then(every: int, status: int, headers: tuple[tuple[str, str], ...]) -> Seams:
    """One request of so many is turned away for now; the same one again is answered."""

    def reply(asked: Asked, made: Reply) -> Reply:
        turned: set[tuple[str, str, bytes]] = asked.memory.setdefault("turned away", set())
        this = (asked.method, asked.path, asked.raw)
        if asked.number % every or this in turned:
            return made
        turned.add(this)
        body = b'{"error":{"message":"Try again.","type":"too_many_requests","param":null,"code":null}}'
        basic = (("content-type", "application/json"), ("content-length", str(len(body))))
        return Reply(status, (*basic, *headers), (Frame(body),))

    return Seams(reply=reply)


def _jitter(asked: Asked, made: Reply) -> Reply:
    return replace(made, wait=0.001 * (asked.number * 7 % 40))


def _stalling(_: Asked, made: Reply) -> Reply:
    """The third piece of a stream comes late."""
    frames = [replace(f, after=0.3) if place == 3 else f for place, f in enumerate(made.frames)]
    return replace(made, frames=tuple(frames)) if len(frames) > 40 else made


_LOAD: tuple[tuple[str, str, Seams], ...] = (
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
    ("latency-jitter", "takes up to 40 ms longer", Seams(reply=_jitter)),
    ("stalls", "pauses in the middle of long streams", Seams(reply=_stalling)),
)
