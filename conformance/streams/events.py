"""The events of a stream as values, which text each brings, and whose item it belongs to."""

from collections.abc import Callable
from typing import Any, Generic, Literal, NamedTuple, TypeVar

T = TypeVar("T")

ENDINGS = frozenset({"response.completed", "response.failed", "response.incomplete"})
"""The event types that carry the finished response; nothing follows them but the [DONE] marker."""

TextOf = Literal["text", "refusal", "arguments", "summary", "reasoning"]

DELTAS: dict[str, TextOf] = {
    "response.output_text.delta": "text",
    "response.refusal.delta": "refusal",
    "response.function_call_arguments.delta": "arguments",
    "response.reasoning_summary_text.delta": "summary",
    "response.reasoning_text.delta": "reasoning",
    "response.reasoning.delta": "reasoning",
}
"""The events that bring a piece of text, and what text it is. The two reasoning names mean the same."""

DONES: dict[str, tuple[TextOf, str]] = {
    "response.output_text.done": ("text", "text"),
    "response.refusal.done": ("refusal", "refusal"),
    "response.function_call_arguments.done": ("arguments", "arguments"),
    "response.reasoning_summary_text.done": ("summary", "text"),
    "response.reasoning_text.done": ("reasoning", "text"),
    "response.reasoning.done": ("reasoning", "text"),
}
"""The events that bring a text whole, and the key it stands under."""


class StreamEvent(NamedTuple):
    """One dispatched event.

    `number` counts the dispatched events from 0, `name` is the `event:` line (None where there is none),
    `data` the JSON object (empty where the data is none). `type` is the data's type; where the data has
    none, the `event:` line stands in for it, so that one fault is not taken for two. `at` is when the event
    was complete, in seconds since the request was sent.
    """

    number: int
    type: str
    name: str | None
    data: dict[str, Any]
    at: float


class Run(NamedTuple):
    """An event, or a row of deltas that differ in their `delta` and number only.

    `event` is the first of them; `pieces` are the deltas (empty for any other event).
    """

    event: StreamEvent
    pieces: list[Any]


class Addresses(Generic[T]):
    """Which item each event belongs to, told by its id where that is known, else by its output index.

    An event with neither belongs to the item that was announced last. `make` is called with the output
    index (None where the event has none) for an item not met before.
    """

    def __init__(self, make: Callable[[int | None], T]) -> None:
        self.found: list[T] = []
        self._make = make
        self._by_id: dict[str, T] = {}
        self._by_index: dict[int, T] = {}

    def of(self, event: StreamEvent) -> T:
        """The item of an event that has one."""
        id_ = item_id(event)
        index = whole_number(event.data.get("output_index"))
        opens = event.type == "response.output_item.added"
        known = self._by_id.get(id_) if id_ is not None else None
        if known is None and not (opens and id_ is not None):
            known = self._nearest(index, opens)
        if known is None:
            known = self._make(index)
            self.found.append(known)
            if index is not None:
                self._by_index[index] = known
        if id_ is not None:
            self._by_id.setdefault(id_, known)
        return known

    def _nearest(self, index: int | None, opens: bool) -> T | None:
        if index is not None:
            return self._by_index.get(index)
        return self.found[-1] if self.found and not opens else None


def item_id(event: StreamEvent) -> str | None:
    """The id of the item that an event is about: its `item_id`, or that of the `item` it carries."""
    item = event.data.get("item")
    id_ = item.get("id") if isinstance(item, dict) else event.data.get("item_id")
    return id_ if isinstance(id_, str) else None


def whole_number(value: Any) -> int | None:
    """The value if it is an integer, else None: an index that is `true` or `"0"` is none."""
    return value if type(value) is int else None


def is_known(event: StreamEvent) -> bool:
    """Whether an event is of the contract's own vocabulary, not a vendor's extension."""
    return event.type == "error" or event.type.startswith("response.")
