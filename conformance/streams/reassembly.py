"""What a stream tells: its items, and each of their texts as often as the stream tells it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from conformance.streams.events import (
    DELTAS,
    DONES,
    ENDINGS,
    Addresses,
    Run,
    StreamEvent,
    TextOf,
    item_id,
    whole_number,
)

Json = dict[str, Any]

Stage = Literal["deltas", "done", "part", "item", "response"]
"""Where a text is told: piecemeal, in its done event, in its part's, in its item's, in the final response."""

TEXT_KEYS: dict[str, tuple[TextOf, str]] = {
    "output_text": ("text", "text"),
    "refusal": ("refusal", "refusal"),
    "reasoning_text": ("reasoning", "text"),
    "summary_text": ("summary", "text"),
}
"""Which text a content part holds by its type, and the key it stands under."""

ITEM_OF: dict[TextOf, str] = {
    "text": "message",
    "refusal": "message",
    "arguments": "function_call",
    "summary": "reasoning",
    "reasoning": "reasoning",
}
"""The type of the items that hold each kind of text."""


@dataclass(slots=True, eq=False)
class Told:
    """One item as the events tell it. `final` is its place in the terminal response, if it has one."""

    index: int | None
    added: StreamEvent | None = None
    done: StreamEvent | None = None
    final: Json | None = None
    ids: dict[str, int] = field(default_factory=dict)  # each id it was called by, and where first
    indices: dict[int, int] = field(default_factory=dict)  # each output index, and where first

    @property
    def announced(self) -> Json:
        """The item of its added event; empty where there is none."""
        return _item(self.added)

    @property
    def finished(self) -> Json:
        """The item of its done event; empty where there is none."""
        return _item(self.done)

    @property
    def type(self) -> str | None:
        """The item's type, as the first to name it does."""
        found = (item.get("type") for item in (self.announced, self.finished, self.final or {}))
        return next((type_ for type_ in found if isinstance(type_, str)), None)


@dataclass(slots=True, eq=False)
class Strand:
    """One text of one item.

    `place` is its content or summary index (0 where none is given), None for arguments. `versions` are the
    texts told at each stage, `at` the number of the event that told it.
    """

    kind: TextOf
    item: Told
    place: int | None
    pieces: list[Any] = field(default_factory=list)
    versions: dict[Stage, str] = field(default_factory=dict)
    at: dict[Stage, int] = field(default_factory=dict)

    def tell(self, stage: Stage, text: Any, number: int) -> None:
        """Take down one version; what is no string is left to the event's schema."""
        if isinstance(text, str):
            self.versions[stage] = text
            self.at[stage] = number

    @property
    def text(self) -> str:
        """The version that most stages agree on; where none does, the earliest."""
        return Counter(self.versions.values()).most_common(1)[0][0] if self.versions else ""


@dataclass(frozen=True, eq=False)
class Story:
    """Items in the order of their first events, and strands in the order of theirs.

    `output` are the items of the terminal response, None where it has no such list.
    """

    items: Sequence[Told]
    strands: Sequence[Strand]
    output: Sequence[Any] | None

    @classmethod
    def of(cls, runs: Iterable[Run], response: Json | None) -> Self:
        """Put a stream's runs and its final response side by side."""
        listener = _Listener()
        last = 0
        for run in runs:
            listener.hear(run)
            last = run.event.number
        output = response.get("output") if response is not None else None
        final = output if isinstance(output, list) else None
        listener.finish(final, last)
        return cls(listener.items.found, list(listener.strands.values()), final)


class _Listener:
    def __init__(self) -> None:
        self.items = Addresses(Told)
        self.strands: dict[tuple[int, TextOf, int | None], Strand] = {}
        self.over = False  # what follows the terminal event is the grammar's business
        self.missed = False  # a delta came whose data cannot be read: no text can be put together

    def hear(self, run: Run) -> None:
        event = run.event
        self.over = self.over or event.type in ENDINGS
        if self.over:
            return
        if not event.data:
            self.missed = self.missed or event.type in DELTAS
            return
        if not is_about_item(event):
            return
        item = self.items.of(event)
        _call(item, event)
        kind = DELTAS.get(event.type)
        if kind is not None:
            strand = self._strand(kind, item, event)
            strand.pieces += run.pieces
            strand.at.setdefault("deltas", event.number)
        elif event.type in DONES:
            kind, key = DONES[event.type]
            self._strand(kind, item, event).tell("done", event.data.get(key), event.number)
        elif event.type in PART_DONES:
            for kind, _, text in part_texts([event.data.get("part")]):
                self._strand(kind, item, event).tell("part", text, event.number)
        elif event.type == "response.output_item.added":
            item.added = item.added or event
        elif event.type == "response.output_item.done":
            item.done = item.done or event

    def finish(self, output: Sequence[Any] | None, last: int) -> None:
        """Join the deltas, and add what items and response say of each text."""
        _match(self.items.found, output or ())
        shelf = _Shelf(self.strands.values())
        for strand in self.strands.values():
            if strand.pieces and not self.missed:
                strand.tell("deltas", _joined(strand.pieces), strand.at["deltas"])
            done, final = strand.item.done, strand.item.final
            if done is not None:
                strand.tell("item", shelf.text(strand.item.finished, strand), done.number)
            if final is None and strand.item.index is None and not strand.item.ids:
                final = _only([i for i in output or () if _is(i, ITEM_OF[strand.kind])])
            if final is not None:
                strand.tell("response", shelf.text(final, strand), last)

    def _strand(self, kind: TextOf, item: Told, event: StreamEvent) -> Strand:
        told = whole_number(event.data.get("content_index", event.data.get("summary_index")))
        place = None if kind == "arguments" else told or 0
        return self.strands.setdefault((id(item), kind, place), Strand(kind, item, place))


LISTS: dict[TextOf, str] = {"text": "content", "refusal": "content", "summary": "summary"}
"""Where an item keeps the parts of a text; the content of a reasoning item may be kept back."""


class _Shelf:
    """Finds an item's version of a text: by its place, or by its rank where events do not count from 0."""

    def __init__(self, strands: Iterable[Strand]) -> None:
        self._places: dict[tuple[int, TextOf], list[int]] = {}
        self._texts: dict[int, dict[TextOf, dict[int | None, str]]] = {}
        for strand in strands:
            self._places.setdefault((id(strand.item), strand.kind), []).append(strand.place or 0)

    def text(self, item: Json, strand: Strand) -> str | None:
        """The text; None where the item does not have it."""
        if id(item) not in self._texts:
            by_kind: dict[TextOf, dict[int | None, str]] = {}
            for kind, place, text in item_texts(item):
                by_kind.setdefault(kind, {})[place] = text
            self._texts[id(item)] = by_kind
        texts = self._texts[id(item)].get(strand.kind, {})
        places = self._places[id(strand.item), strand.kind]
        if strand.place is None or len(places) != len(texts) or 0 in places:
            found = texts.get(strand.place)
        else:
            found = texts.get(sorted(places).index(strand.place))
        # A list of parts without this one is a text that was lost; no list at all says nothing.
        lost = found is None and isinstance(item.get(LISTS.get(strand.kind, "")), list)
        return "" if lost else found


PART_DONES = frozenset({"response.content_part.done", "response.reasoning_summary_part.done"})

_OF_ITEMS = (
    "response.output_item.",
    "response.content_part.",
    "response.output_text.",
    "response.refusal.",
    "response.function_call_arguments.",
    "response.reasoning",
)


def is_about_item(event: StreamEvent) -> bool:
    """Whether an event is one of an item's that the grammar knows."""
    return event.type.startswith(_OF_ITEMS)


def item_texts(item: Any) -> Iterator[tuple[TextOf, int | None, str]]:
    """Every text of a finished item: its kind, its content or summary index, the text."""
    if not isinstance(item, dict):
        return
    yield from part_texts(item.get("content"))
    yield from part_texts(item.get("summary"))
    if item.get("type") == "function_call" and isinstance(arguments := item.get("arguments"), str):
        yield "arguments", None, arguments


def part_texts(parts: Any) -> Iterator[tuple[TextOf, int, str]]:
    """The texts of a list of parts."""
    for place, part in enumerate(parts if isinstance(parts, list) else ()):
        if isinstance(part, dict) and (known := TEXT_KEYS.get(str(part.get("type")))):
            kind, key = known
            if isinstance(text := part.get(key), str):
                yield kind, place, text


def _match(items: Sequence[Told], output: Sequence[Any]) -> None:
    """Give each item its place in the final output: by id, else by index where no other has that id."""
    by_id = {
        item["id"]: item for item in output if isinstance(item, dict) and isinstance(item.get("id"), str)
    }
    claimed = {id(by_id[id_]) for told in items for id_ in told.ids if id_ in by_id}
    for told in items:
        told.final = next((by_id[id_] for id_ in told.ids if id_ in by_id), None)
        if told.final is None and told.index is not None and 0 <= told.index < len(output):
            there = output[told.index]
            if isinstance(there, dict) and id(there) not in claimed:
                told.final = there


def _call(item: Told, event: StreamEvent) -> None:
    if (id_ := item_id(event)) is not None:
        item.ids.setdefault(id_, event.number)
    if (index := whole_number(event.data.get("output_index"))) is not None:
        item.indices.setdefault(index, event.number)


def _joined(pieces: list[Any]) -> str | None:
    try:
        return "".join(pieces)
    except TypeError:
        return None


def _item(event: StreamEvent | None) -> Json:
    item = event.data.get("item") if event is not None else None
    return item if isinstance(item, dict) else {}


def _is(item: Any, type_: str) -> bool:
    return isinstance(item, dict) and item.get("type") == type_


def _only(found: list[Json]) -> Json | None:
    return found[0] if len(found) == 1 else None
