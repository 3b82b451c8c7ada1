"""The hooks: after each of its steps the provider hands over what the step made.

A hook takes the request and what the healthy provider made of it, and returns what is used instead. The
healthy provider's hooks return what they are given.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from conformance.reference.conversation import ConversationItem, Json

T = TypeVar("T")


@dataclass(slots=True)
class Request:
    """One request as it came in.

    `headers` are in lower case; `path` is relative to the base URL, `query` has each name's last value.
    `sent` is the JSON body as sent (None where there is none), `body` what the provider honours of it, with
    `null` members left out. `memory` belongs to the provider and lives as long as it does, `number` counts
    its requests from 1, `now` is Unix time.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw: bytes
    memory: dict[str, Any]
    number: int
    now: float
    sent: Any = None
    body: Json = field(default_factory=dict)

    @property
    def streamed(self) -> bool:
        """Whether the client asks for a stream."""
        return self.body.get("stream") is True


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request turned down, as the error envelope tells it."""

    status: int
    message: str
    kind: str = "invalid_request_error"
    param: str | None = None
    code: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reasoning:
    """A reasoning item: how many tokens it cost, and the summary's parts."""

    tokens: int
    summary: tuple[str, ...] = ()
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Message:
    """A message item with a text. `whole` is false where the token limit cut it."""

    text: str
    whole: bool = True


@dataclass(frozen=True, slots=True)
class RefusalText:
    """A message item in which the model refuses to answer."""

    text: str
    whole: bool = True


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function_call item, its arguments as JSON text."""

    name: str
    arguments: str
    whole: bool = True
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class CustomCall:
    """A custom_tool_call item, its input as the model wrote it."""

    name: str
    input: str
    whole: bool = True
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class HostedCall:
    """An item of a tool that has a type of its own: `members` are those beside id and status."""

    members: Json
    whole: bool = True


OutputItem = Reasoning | Message | RefusalText | ToolCall | CustomCall | HostedCall


@dataclass(frozen=True, slots=True)
class Draft:
    """What the model produced and what it cost."""

    items: tuple[OutputItem, ...]
    input_tokens: int
    output_tokens: int
    reasoning_tokens: int

    @property
    def whole(self) -> bool:
        """Whether nothing was cut."""
        return all(item.whole for item in self.items)


@dataclass(frozen=True, slots=True)
class Frame:
    """Bytes of a body, and the seconds to wait before they are sent."""

    data: bytes
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer on the wire. `cut` ends the connection after the frames, whatever was promised."""

    status: int
    headers: tuple[tuple[str, str], ...]
    frames: tuple[Frame, ...]
    cut: bool = False
    wait: float = 0.0

    @property
    def body(self) -> bytes:
        """The body, whole."""
        return b"".join(frame.data for frame in self.frames)

    def header(self, name: str) -> str:
        """The first header of that name, whatever its case; empty where there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def with_body(self, body: bytes) -> "Reply":
        """The same reply with another body, sent in one piece, and its length set right."""
        others = self.without("content-length").headers
        return replace(self, headers=(*others, ("content-length", str(len(body)))), frames=(Frame(body),))

    def with_header(self, name: str, value: str) -> "Reply":
        """The same reply with one header set."""
        return replace(self, headers=(*self.without(name).headers, (name, value)))

    def without(self, name: str) -> "Reply":
        """The same reply less one header."""
        return replace(self, headers=tuple(h for h in self.headers if h[0].lower() != name.lower()))


Hook = Callable[[Request, T], T]


def unchanged(_: Request, made: T) -> T:
    """The healthy provider's hook after every step."""
    return made


@dataclass(frozen=True, slots=True)
class Hooks:
    """The hooks, in the order in which a request comes past them.

    authorize       the 401, or None where the key is right
    media_type      the refusal of the method or media type, or None
    parse           the body's JSON object, or the refusal of what is none
    validate        the refusal that validation came to, or None
    effective_body  the body that generation and echo see
    conversation    the conversation that generation sees
    model_input     the body that generation alone sees
    draft           what the model produced
    response        the Response object, before it is stored and sent
    store           whether a response is kept
    retrieve        a stored response looked up by id, or None
    related_answer  the answer of a related endpoint (deleted, input_items, input_tokens, compaction)
    snapshot        each Response object that goes out: in a body, or as a snapshot in a stream
    events          the stream's events
    frames          the stream's bytes
    refusal         any refusal, before it is worded
    envelope        the error's JSON body
    reply           the reply on the wire
    """

    authorize: Hook[Refusal | None] = unchanged
    media_type: Hook[Refusal | None] = unchanged
    parse: Hook[Json | Refusal] = unchanged
    validate: Hook[Refusal | None] = unchanged
    effective_body: Hook[Json] = unchanged
    conversation: Hook[list[ConversationItem]] = unchanged
    model_input: Hook[Json] = unchanged
    draft: Hook[Draft] = unchanged
    response: Hook[Json] = unchanged
    store: Hook[bool] = unchanged
    retrieve: Hook[Json | None] = unchanged
    related_answer: Hook[Json] = unchanged
    snapshot: Hook[Json] = unchanged
    events: Hook[list[Json]] = unchanged
    frames: Hook[tuple[Frame, ...]] = unchanged
    refusal: Hook[Refusal] = unchanged
    envelope: Hook[Any] = unchanged
    reply: Hook[Reply] = unchanged


HEALTHY = Hooks()
