"""The provider without its socket: from a request to a reply, step by step past the seams."""

import hmac
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.reference import related_endpoints
from conformance.reference.answer import identified, respond
from conformance.reference.conversation import Json, items_of, turns_of
from conformance.reference.events import encoded, framed, lifecycle, opened
from conformance.reference.hooks import HEALTHY, Asked, Frame, Refusal, Reply, Seams
from conformance.reference.model import generate
from conformance.reference.storage import Entry, Storage
from conformance.reference.validation import as_integers, refusal_of, refused, without_nulls
from conformance.strict_json import parse

MODEL = "gpt-5.2"
LARGEST_BODY = 16 << 20
"""Bytes of a request's body."""

PACE = 0.003
"""Seconds between two deltas of a stream."""

_METHODS = {
    "": ("POST",),
    "input_tokens": ("POST",),
    "compact": ("POST",),
    "ID": ("GET", "DELETE"),
    "ID/cancel": ("POST",),
    "ID/input_items": ("GET",),
}


class Turned(Exception):
    """Carries a refusal out of the step that came to it."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(refusal.message)


@dataclass(slots=True)
class Provider:
    """One provider with a storage of its own, bent at its seams or healthy.

    `key` is the bearer token it takes, `models` the names it serves, `pace` the seconds between deltas.
    """

    key: str
    seams: Seams = HEALTHY
    models: Sequence[str] = (MODEL,)
    pace: float = PACE
    storage: Storage = field(default_factory=Storage)
    memory: dict[str, Any] = field(default_factory=dict)
    served: int = 0

    def reply(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], raw: bytes
    ) -> Reply:
        """Answer one request. `path` is relative to the base URL; header names are in lower case."""
        self.served += 1
        asked = Asked(method, path, query, headers, raw, self.memory, self.served, time.time())
        try:
            made = self._routed(asked)
        except Turned as turned:
            refusal = self.seams.refusal(asked, turned.refusal)
            made = _json(refusal.status, self.seams.envelope(asked, _envelope(refusal)), refusal.headers)
        return self.seams.reply(asked, made)

    def hung_up(self, raw: bytes) -> None:
        """Take note that a client left in the middle of the answer to this body."""
        self.memory["hung up"] = raw

    def _routed(self, asked: Asked) -> Reply:
        _refuse(self.seams.authorize(asked, self._unauthorized(asked)))
        place, identifier = _place(asked.path)
        _refuse(self.seams.media(asked, _wrong_method(asked, place)))
        match place:
            case "models":
                listed = [
                    {"id": m, "object": "model", "created": 0, "owned_by": "reference"} for m in self.models
                ]
                return _json(200, {"object": "list", "data": listed})
            case "":
                return self._create(asked)
            case "input_tokens" | "compact":
                conversation = self._conversation(asked, *self._understood(asked))
                made = related_endpoints.POSTED[place](asked, turns_of(conversation))
                return _json(200, self.seams.listed(asked, made))
            case _:
                return self._stored(asked, place, identifier)

    def _unauthorized(self, asked: Asked) -> Refusal | None:
        given = asked.headers.get("authorization", "")
        scheme, _, token = given.partition(" ")
        if scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), self.key.encode()):
            return None
        text = (
            "Incorrect API key provided." if given else "No API key provided: send 'Authorization: Bearer'."
        )
        challenge = (("www-authenticate", 'Bearer realm="responses"'),)
        return Refusal(401, text, "authentication_error", code="invalid_api_key", headers=challenge)

    def _create(self, asked: Asked) -> Reply:
        inputs, previous = self._understood(asked)
        conversation = self._conversation(asked, inputs, previous)
        turns = self.seams.turns(asked, turns_of(conversation))
        draft = self.seams.draft(asked, generate(self.seams.heard(asked, asked.body), turns))
        response = self.seams.response(asked, respond(asked, draft, time.time()))
        told = response
        if asked.body.get("background"):
            told = {**opened(response), "status": "queued"}
        if self.seams.stored(asked, asked.body.get("store", True) is True):
            listed = [identified(item) for item in inputs]
            whole = [*(previous.conversation if previous else ()), *listed, *response.get("output", ())]
            self.storage.keep(Entry(response, listed, whole, pending=told is not response))
        if not asked.streamed:
            return _json(200, self.seams.told(asked, told))
        return self._stream(asked, response)

    def _stream(self, asked: Asked, response: Json, after: int = -1) -> Reply:
        """The response as a stream, from the event on whose number comes after `after`."""
        options = asked.body.get("stream_options") or {}
        events = lifecycle(response, obfuscated=options.get("include_obfuscation") is True)
        for event in events:
            if "response" in event:
                event["response"] = self.seams.told(asked, event["response"])
        events = self.seams.events(asked, [e for e in events if e["sequence_number"] > after])
        frames = self.seams.frames(asked, framed(events, self.pace))
        headers = (("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-store"))
        return Reply(200, (*headers, _request_id()), frames)

    def _understood(self, asked: Asked) -> tuple[list[Json], Entry | None]:
        """The input's items and the stored response it goes on from; fills in the body honoured."""
        _refuse(self.seams.media(asked, _wrong_media(asked)))
        made = self.seams.parsed(asked, _object(asked))
        if isinstance(made, Refusal):
            raise Turned(made)
        asked.body = without_nulls(made)
        found = refusal_of(asked.body, self.models) or self._unknown_reference(asked)
        _refuse(self.seams.refuse(asked, found))
        asked.body = self.seams.honoured(asked, as_integers(asked.body))
        inputs = [self._dereferenced(item) for item in items_of(asked.body.get("input"))]
        return inputs, self.storage.find(asked.body.get("previous_response_id"))

    def _unknown_reference(self, asked: Asked) -> Refusal | None:
        previous = asked.body.get("previous_response_id")
        entry = self.storage.find(previous)
        if previous is not None and entry is None:
            text = "Previous response not found."
            return refused("previous_response_id", text, "previous_response_not_found")
        items = items_of(asked.body.get("input"))
        before = entry.conversation if entry else []
        calls = {i.get("call_id") for i in [*before, *items] if i.get("type") == "function_call"}
        for index, item in enumerate(items):
            if item.get("type") == "function_call_output" and item.get("call_id") not in calls:
                text = "No tool call found for this function call output."
                return refused(f"input[{index}].call_id", text)
            if item.get("type") == "item_reference" and self.storage.item(item.get("id")) is None:
                return refused(f"input[{index}].id", "Item not found.", "item_not_found")
        return None

    def _dereferenced(self, item: Json) -> Json:
        if item.get("type") != "item_reference":
            return item
        return self.storage.item(item.get("id")) or item

    def _conversation(self, asked: Asked, inputs: list[Json], previous: Entry | None) -> list[Json]:
        """Instructions first, then the turns before, then the new input."""
        told = asked.body.get("instructions")
        opening = [{"role": "developer", "content": told}] if isinstance(told, str) else items_of(told)
        return [*opening, *(previous.conversation if previous else ()), *inputs]

    def _stored(self, asked: Asked, place: str, identifier: str) -> Reply:
        entry = self.storage.find(identifier)
        response = self.seams.found(asked, entry.response if entry else None)
        if response is None:
            text = "Response with that id not found."
            raise Turned(Refusal(404, text, param="response_id", code="not_found"))
        entry = entry or Entry(response, [], [])
        match place, asked.method:
            case "ID/input_items", _:
                made = related_endpoints.input_items(entry.inputs, asked.query)
                if isinstance(made, Refusal):
                    raise Turned(made)
                return _json(200, self.seams.listed(asked, made))
            case "ID/cancel", _:
                return self._cancel(asked, entry)
            case _, "DELETE":
                self.storage.drop(identifier)
                gone = {"id": identifier, "object": "response", "deleted": True}
                return _json(200, self.seams.listed(asked, gone))
            case _:
                entry.pending = False
                return self._again(asked, response)

    def _cancel(self, asked: Asked, entry: Entry) -> Reply:
        if not entry.pending:
            text = "Only background responses that are not finished can be cancelled."
            raise Turned(refused("response_id", text))
        entry.pending = False
        entry.response = {**opened(entry.response), "status": "cancelled"}
        return _json(200, self.seams.told(asked, entry.response))

    def _again(self, asked: Asked, response: Json) -> Reply:
        if asked.query.get("stream") != "true":
            return _json(200, self.seams.told(asked, response))
        after = asked.query.get("starting_after", "")
        return self._stream(asked, response, int(after) if after.isdecimal() else -1)


def _refuse(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise Turned(refusal)


def _place(path: str) -> tuple[str, str]:
    """Which endpoint a path names (`ID` stands for the identifier), and the identifier."""
    steps = path.strip("/").split("/")
    if steps == ["models"]:
        return "models", ""
    if steps[0] == "responses" and len(steps) == 1 and not path.endswith("/"):
        return "", ""
    if steps[0] == "responses" and len(steps) == 2 and steps[1] in {"input_tokens", "compact"}:
        return steps[1], ""
    if steps[0] == "responses" and (place := "/".join(["ID", *steps[2:]])) in _METHODS and len(steps) > 1:
        return place, steps[1]
    text = f"Unknown path: {path[:200]}"
    raise Turned(Refusal(404, text, code="unknown_url"))


def _wrong_method(asked: Asked, place: str) -> Refusal | None:
    allowed = _METHODS.get(place, ("GET",))
    if asked.method in allowed:
        return None
    text = f"{asked.method[:20]} is not allowed here."
    return Refusal(405, text, code="method_not_allowed", headers=(("allow", ", ".join(allowed)),))


def _wrong_media(asked: Asked) -> Refusal | None:
    if len(asked.raw) > LARGEST_BODY:
        return Refusal(413, f"A body has at most {LARGEST_BODY} bytes.", code="body_too_large")
    media = asked.headers.get("content-type", "application/json").split(";")[0].strip().lower()
    if media == "application/json":
        return None
    text = "The body must be sent as application/json."
    return Refusal(415, text, code="unsupported_media_type")


def _object(asked: Asked) -> Json | Refusal:
    parsed = parse(asked.raw)
    asked.sent = parsed.value
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
