"""The events of a stream as values, and which item each belongs to."""

from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

from conformance.streams.vocabulary import EventType, event_type

T = TypeVar("T")


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

    @property
    def row(self) -> EventType:
        """What the vocabulary says of its type."""
        return event_type(self.type)

    @property
    def carried(self) -> Any:
        """What its type is to carry (a response, an item, a part, a text); None where that is absent."""
        key = self.row.key
        return self.data.get(key) if key is not None else None


class Run(NamedTuple):
    """An event, or a row of deltas that differ in their `delta` and number only.

    `event` is the first of them; `pieces` are the deltas (empty for any other event).
    """

    event: StreamEvent
    pieces: list[Any]


class ItemLookup(Generic[T]):
    """Finds the item that an event belongs to: by its id where that is known, else by its output index.

    An event with neither belongs to the item that was announced last. `make` is called with the output
    index (None where the event has none) for an item not met before. `items` are all, in order.
    """

    def __init__(self, make: Callable[[int | None], T]) -> None:
        self.items: list[T] = []
        self._make = make
        self._by_id: dict[str, T] = {}
        self._by_index: dict[int, T] = {}

    def of(self, event: StreamEvent) -> T:
        """The item of an event that has one."""
        id_ = item_id(event)
        index = whole_number(event.data.get("output_index"))
        opens = event.row.carries == "item" and event.row.step == "opens"
        known = self._by_id.get(id_) if id_ is not None else None
        if known is None and not (opens and id_ is not None):
            known = self._nearest(index, opens)
        if known is None:
            known = self._make(index)
            self.items.append(known)
            if index is not None:
                self._by_index[index] = known
        if id_ is not None:
            self._by_id.setdefault(id_, known)
        return known

    def _nearest(self, index: int | None, opens: bool) -> T | None:
        if index is not None:
            return self._by_index.get(index)
        return self.items[-1] if self.items and not opens else None


def item_id(event: StreamEvent) -> str | None:
    """The id of the item that an event is about: its `item_id`, or that of the `item` it carries."""
    item = event.data.get("item")
    id_ = item.get("id") if isinstance(item, dict) else event.data.get("item_id")
    return id_ if isinstance(id_, str) else None


def whole_number(value: Any) -> int | None:
    """The value if it is an integer, else None: an index that is `true` or `"0"` is none."""
    return value if type(value) is int else None


def place(event: StreamEvent) -> int | None:
    """The index of the part that an event is about, 0 where it gives none; None for what has no parts."""
    index = event.row.index
    return None if index is None else whole_number(event.data.get(index)) or 0
