"""The provider without its socket: from a request to a reply, step by step past the hooks."""

import hmac
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.contract.contracts import Contract
from conformance.reference import chat, related_endpoints
from conformance.reference.answer import identified, respond
from conformance.reference.conversation import Json, conversation_of, items_of
from conformance.reference.events import encoded, framed, lifecycle, opened
from conformance.reference.hooks import HEALTHY, Frame, Hooks, Refusal, Reply, Request
from conformance.reference.model import generate
from conformance.reference.storage import Entry, Storage
from conformance.reference.validation import (
    as_integers,
    needless,
    refusal_of,
    refused,
    without_nulls,
    without_removed,
)
from conformance.shown import shown
from conformance.strict_json import parse

MODEL = "gpt-5.2"
LARGEST_BODY = 16 << 20
"""Bytes of a request's body."""

PACE = 0.003
"""Seconds between two deltas of a stream."""

_CALLS = ("function_call", "custom_tool_call")
_OUTPUTS = tuple(f"{kind}_output" for kind in _CALLS)

_METHODS = {
    "": ("POST",),
    "input_tokens": ("POST",),
    "compact": ("POST",),
    "chat/completions": ("POST",),
    "conversations": ("POST",),
    "conversations/ID": ("GET", "DELETE"),
    "ID": ("GET", "DELETE"),
    "ID/cancel": ("POST",),
    "ID/input_items": ("GET",),
}


class RequestRefused(Exception):
    """Carries a refusal out of the step that came to it."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(refusal.message)


@dataclass(slots=True)
class Provider:
    """One provider with a storage of its own, changed by its hooks or healthy.

    `key` is the bearer token it takes, `models` the names it serves, `pace` the seconds between deltas,
    `contract` what it keeps.
    """

    key: str
    hooks: Hooks = HEALTHY
    models: Sequence[str] = (MODEL,)
    pace: float = PACE
    contract: Contract = Contract.ANYFAST
    storage: Storage = field(default_factory=Storage)
    memory: dict[str, Any] = field(default_factory=dict)
    served: int = 0

    def reply(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], raw: bytes
    ) -> Reply:
        """Answer one request. `path` is relative to the base URL; header names are in lower case."""
        self.served += 1
        request = Request(method, path, query, headers, raw, self.memory, self.served, time.time())
        try:
            made = self._routed(request)
        except RequestRefused as raised:
            refusal = self.hooks.refusal(request, raised.refusal)
            made = _json(refusal.status, self.hooks.envelope(request, _envelope(refusal)), refusal.headers)
        return self.hooks.reply(request, made)

    def hung_up(self, raw: bytes) -> None:
        """Take note that a client left in the middle of the answer to this body."""
        self.memory["hung up"] = raw

    def _routed(self, request: Request) -> Reply:
        _refuse(self.hooks.authorize(request, self._unauthorized(request)))
        place, identifier = _place(request.path)
        _refuse(self.hooks.media_type(request, _wrong_method(request, place)))
        match place:
            case "models":
                listed = [
                    {"id": m, "object": "model", "created": 0, "owned_by": "reference"} for m in self.models
                ]
                return _json(200, {"object": "list", "data": listed})
            case "":
                return self._create(request)
            case "chat/completions":
                return self._complete(request)
            case "conversations":
                given = self.hooks.parse(request, _object(request))
                if isinstance(given, Refusal):
                    raise RequestRefused(given)
                begun = self.storage.begin([identified(item) for item in items_of(given.get("items"))])
                return _json(200, related_endpoints.conversation(begun))
            case "conversations/ID":
                return self._begun(request, identifier)
            case "input_tokens" | "compact":
                conversation = self._conversation(request, *self._understood(request))
                made = related_endpoints.POSTED[place](request, conversation_of(conversation))
                return _json(200, self.hooks.related_answer(request, made))
            case _:
                return self._stored(request, place, identifier)

    def _unauthorized(self, request: Request) -> Refusal | None:
        given = request.headers.get("authorization", "")
        scheme, _, token = given.partition(" ")
        if scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), self.key.encode()):
            return None
        text = (
            "Incorrect API key provided." if given else "No API key provided: send 'Authorization: Bearer'."
        )
        challenge = (("www-authenticate", 'Bearer realm="responses"'),)
        return Refusal(401, text, "authentication_error", code="invalid_api_key", headers=challenge)

    def _create(self, request: Request) -> Reply:
        inputs, previous = self._understood(request)
        given = conversation_of(self._conversation(request, inputs, previous))
        conversation = self.hooks.conversation(request, given)
        draft = generate(self.hooks.model_input(request, request.body), conversation)
        draft = self.hooks.draft(request, draft)
        answer = respond(request, draft, time.time(), self.contract)
        response = self.hooks.response(request, answer)
        told = response
        if request.body.get("background"):
            told = {**opened(response), "status": "queued"}
        if self.hooks.store(request, request.body.get("store", True) is True):
            listed = [identified(item) for item in inputs]
            whole = [*self._before(request, previous), *listed, *response.get("output", ())]
            self.storage.keep(Entry(response, listed, whole, pending=told is not response))
        if (going_on := self.storage.conversation(request.body.get("conversation"))) is not None:
            going_on += [*map(identified, inputs), *response.get("output", ())]
        if not request.streamed:
            return _json(200, self.hooks.snapshot(request, told))
        return self._stream(request, response)

    def _stream(self, request: Request, response: Json, after: int = -1) -> Reply:
        """The response as a stream, from the event on whose number comes after `after`."""
        options = request.body.get("stream_options") or {}
        events = lifecycle(response, obfuscated=options.get("include_obfuscation") is True)
        for event in events:
            if "response" in event:
                event["response"] = self.hooks.snapshot(request, event["response"])
        events = self.hooks.events(request, [e for e in events if e["sequence_number"] > after])
        frames = self.hooks.frames(request, framed(events, self.pace))
        headers = (("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-store"))
        return Reply(200, (*headers, _request_id()), frames)

    def _complete(self, request: Request) -> Reply:
        given = _object(request)
        if isinstance(given, Refusal):
            raise RequestRefused(given)
        request.body = without_nulls(chat.as_responses(given))
        _refuse(refusal_of(request.body, self.models))
        request.body = as_integers(request.body)
        if not request.streamed:
            return _json(200, chat.completion(request))
        headers = (("content-type", "text/event-stream; charset=utf-8"), _request_id())
        return Reply(200, headers, chat.chunks(request, self.pace))

    def _understood(self, request: Request) -> tuple[list[Json], Entry | None]:
        """The input's items and the stored response it goes on from; fills in the body honoured."""
        _refuse(self.hooks.media_type(request, _wrong_media(request)))
        made = self.hooks.parse(request, _object(request))
        if isinstance(made, Refusal):
            raise RequestRefused(made)
        told = without_removed(without_nulls(made), self.contract)
        request.body = {**needless(self.contract), **told}
        found = refusal_of(request.body, self.models, self.contract) or self._unknown_reference(request)
        _refuse(self.hooks.validate(request, found))
        request.body = self.hooks.effective_body(request, as_integers(request.body))
        inputs = [self._dereferenced(item) for item in items_of(request.body.get("input"))]
        return inputs, self.storage.find(request.body.get("previous_response_id"))

    def _unknown_reference(self, request: Request) -> Refusal | None:
        previous = request.body.get("previous_response_id")
        entry = self.storage.find(previous)
        if previous is not None and entry is None:
            text = "Previous response not found."
            return refused("previous_response_id", text, "previous_response_not_found")
        named = request.body.get("conversation")
        if named is not None and previous is None and self.storage.conversation(named) is None:
            text = f"Conversation {shown(named, 80)} not found."
            return Refusal(404, text, param="conversation", code="not_found")
        given = items_of(request.body.get("input"))
        items = [self._dereferenced(item) for item in given]
        before = self._before(request, entry)
        calls = {i.get("call_id") for i in [*before, *items] if i.get("type") in _CALLS}
        for index, item in enumerate(items):
            if item.get("type") in _OUTPUTS and item.get("call_id") not in calls:
                text = "No tool call found for this function call output."
                return refused(f"input[{index}].call_id", text)
            if item.get("type") == "item_reference":
                return refused(f"input[{index}].id", "Item not found.", "item_not_found")
        return None

    def _dereferenced(self, item: Json) -> Json:
        if item.get("type") != "item_reference":
            return item
        return self.storage.item(item.get("id")) or item

    def _conversation(self, request: Request, inputs: list[Json], previous: Entry | None) -> list[Json]:
        """Instructions first, then the conversation before, then the new input."""
        told = request.body.get("instructions")
        opening = [{"role": "developer", "content": told}] if isinstance(told, str) else items_of(told)
        return [*opening, *self._before(request, previous), *inputs]

    def _before(self, request: Request, previous: Entry | None) -> list[Json]:
        """What a request goes on from, by the id of a response or of a conversation."""
        if previous is not None:
            return previous.conversation
        return self.storage.conversation(request.body.get("conversation")) or []

    def _begun(self, request: Request, identifier: str) -> Reply:
        """A conversation, looked at or ended."""
        if self.storage.conversation(identifier) is None:
            raise RequestRefused(Refusal(404, "Conversation not found.", code="not_found"))
        if request.method == "DELETE":
            del self.storage.conversations[identifier]
            gone = {"id": identifier, "object": "conversation.deleted", "deleted": True}
            return _json(200, self.hooks.related_answer(request, gone))
        return _json(200, related_endpoints.conversation(identifier))

    def _stored(self, request: Request, place: str, identifier: str) -> Reply:
        entry = self.storage.find(identifier)
        response = self.hooks.retrieve(request, entry.response if entry else None)
        if response is None:
            text = "Response with that id not found."
            raise RequestRefused(Refusal(404, text, param="response_id", code="not_found"))
        entry = entry or Entry(response, [], [])
        match place, request.method:
            case "ID/input_items", _:
                made = related_endpoints.input_items(entry.inputs, request.query)
                if isinstance(made, Refusal):
                    raise RequestRefused(made)
                return _json(200, self.hooks.related_answer(request, made))
            case "ID/cancel", _:
                return self._cancel(request, entry)
            case _, "DELETE":
                self.storage.drop(identifier)
                gone = {"id": identifier, "object": "response", "deleted": True}
                return _json(200, self.hooks.related_answer(request, gone))
            case _:
                entry.pending = False
                return self._again(request, response)

    def _cancel(self, request: Request, entry: Entry) -> Reply:
        if not entry.pending:
            text = "Only background responses that are not finished can be cancelled."
            raise RequestRefused(refused("response_id", text))
        entry.pending = False
        entry.response = {**opened(entry.response), "status": "cancelled"}
        return _json(200, self.hooks.snapshot(request, entry.response))

    def _again(self, request: Request, response: Json) -> Reply:
        if request.query.get("stream") != "true":
            return _json(200, self.hooks.snapshot(request, response))
        after = request.query.get("starting_after", "")
        return self._stream(request, response, int(after) if after.isdecimal() else -1)


def _refuse(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise RequestRefused(refusal)


def _place(path: str) -> tuple[str, str]:
    """Which endpoint a path names (`ID` stands for the identifier), and the identifier."""
    steps = path.strip("/").split("/")
    if (named := "/".join(steps)) in {"models", "chat/completions"}:
        return named, ""
    if steps[0] == "conversations" and len(steps) <= 2:
        return "/".join(["conversations", *["ID"] * (len(steps) - 1)]), "".join(steps[1:])
    if steps[0] == "responses" and len(steps) == 1 and not path.endswith("/"):
        return "", ""
    if steps[0] == "responses" and len(steps) == 2 and steps[1] in {"input_tokens", "compact"}:
        return steps[1], ""
    if steps[0] == "responses" and (place := "/".join(["ID", *steps[2:]])) in _METHODS and len(steps) > 1:
        return place, steps[1]
    text = f"Unknown path: {path[:200]}"
    raise RequestRefused(Refusal(404, text, code="unknown_url"))


def _wrong_method(request: Request, place: str) -> Refusal | None:
    allowed = _METHODS.get(place, ("GET",))
    if request.method in allowed:
        return None
    text = f"{request.method[:20]} is not allowed here."
    return Refusal(405, text, code="method_not_allowed", headers=(("allow", ", ".join(allowed)),))


def _wrong_media(request: Request) -> Refusal | None:
    if len(request.raw) > LARGEST_BODY:
        return Refusal(413, f"A body has at most {LARGEST_BODY} bytes.", code="body_too_large")
    media = request.headers.get("content-type", "application/json").split(";")[0].strip().lower()
    if media == "application/json":
        return None
    text = "The body must be sent as application/json."
    return Refusal(415, text, code="unsupported_media_type")


def _object(request: Request) -> Json | Refusal:
    parsed = parse(request.raw)
    request.sent = parsed.value
    if parsed.faults:
        return Refusal(400, f"The body is no JSON: {parsed.faults[0][:200]}.", code="invalid_json")
    if not isinstance(parsed.value, dict):
        return Refusal(400, "The body must be a JSON object.", code="invalid_json")
    return parsed.value


def _envelope(refusal: Refusal) -> Json:
    error = {
        "message": refusal.message,
        "type": refusal.kind,
        "param": refusal.param,
        "code": refusal.code,
    }
    return {"error": error}


def _json(status: int, value: Any, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    body = encoded(value)
    basic = (("content-type", "application/json"), ("content-length", str(len(body))), _request_id())
    return Reply(status, (*basic, *headers), (Frame(body),))


def _request_id() -> tuple[str, str]:
    return ("x-request-id", f"req_{secrets.token_hex(12)}")
