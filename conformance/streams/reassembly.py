"""Puts a stream's items together again, with each of their texts as often as the stream has it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from conformance.streams.events import ItemLookup, Run, StreamEvent, item_id, place, whole_number
from conformance.streams.vocabulary import TEXTS, TextKind, is_about_item

Json = dict[str, Any]

Stage = Literal["deltas", "done", "part", "item", "response"]
"""Where a text stands: in its deltas, its done event, its part's, its item's, or the final response."""


@dataclass(slots=True, eq=False)
class ReassembledItem:
    """One item, from the events about it. `final` is its place in the terminal response, if it has one."""

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
class ReassembledText:
    """One text of one item.

    `place` is its content or summary index (0 where none is given), None for arguments. `versions` are the
    texts of each stage, `at` the number of the event that brought each.
    """

    kind: TextKind
    item: ReassembledItem
    place: int | None
    pieces: list[Any] = field(default_factory=list)
    versions: dict[Stage, str] = field(default_factory=dict)
    at: dict[Stage, int] = field(default_factory=dict)

    def add(self, stage: Stage, text: Any, number: int) -> None:
        """Take down one version; what is no string is left to the event's schema."""
        if isinstance(text, str):
            self.versions[stage] = text
            self.at[stage] = number

    @property
    def agreed(self) -> str:
        """The version that most stages agree on; where none does, the earliest."""
        return Counter(self.versions.values()).most_common(1)[0][0] if self.versions else ""


@dataclass(frozen=True, eq=False)
class Reassembly:
    """Items and texts, each in the order of their first events.

    `output` are the items of the terminal response, None where it has no such list.
    """

    items: Sequence[ReassembledItem]
    texts: Sequence[ReassembledText]
    output: Sequence[Any] | None

    @classmethod
    def of(cls, runs: Iterable[Run], response: Json | None) -> Self:
        """Put a stream's runs and its final response side by side."""
        reader = _Reader()
        last = 0
        for run in runs:
            reader.read(run)
            last = run.event.number
        output = response.get("output") if response is not None else None
        final = output if isinstance(output, list) else None
        reader.finish(final, last)
        return cls(reader.items.items, list(reader.texts.values()), final)


class _Reader:
    def __init__(self) -> None:
        self.items = ItemLookup(ReassembledItem)
        self.texts: dict[tuple[int, TextKind, int | None], ReassembledText] = {}
        self.over = False  # what follows the terminal event is the grammar's business
        self.missed = False  # a delta came whose data cannot be read: no text can be put together

    def read(self, run: Run) -> None:
        """Take the next event, or row of deltas."""
        event = run.event
        self.over = self.over or event.row.ends
        if self.over:
            return
        if not event.data:
            self.missed = self.missed or event.row.carries == "delta"
        elif is_about_item(event.type):
            item = self.items.of(event)
            _identify(item, event)
            self._take(run, item)

    def _take(self, run: Run, item: ReassembledItem) -> None:
        """What an event brings to its item."""
        event, row = run.event, run.event.row
        match row.carries, row.step:
            case "item", "opens":
                item.added = item.added or event
            case "item", "closes":
                item.done = item.done or event
            case "part", "closes":
                for kind, _, text in part_texts([event.carried]):
                    self._text(kind, item, event).add("part", text, event.number)
            case "delta", _ if row.text is not None:
                found = self._text(row.text, item, event)
                found.pieces += run.pieces
                found.at.setdefault("deltas", event.number)
            case "text", _ if row.text is not None:
                self._text(row.text, item, event).add("done", event.carried, event.number)

    def finish(self, output: Sequence[Any] | None, last: int) -> None:
        """Join the deltas, and add what items and response have of each text."""
        _match(self.items.items, output or ())
        versions = _Versions(self.texts.values())
        for text in self.texts.values():
            if text.pieces and not self.missed:
                text.add("deltas", _joined(text.pieces), text.at["deltas"])
            done, final = text.item.done, text.item.final
            if done is not None:
                text.add("item", versions.of(text, text.item.finished), done.number)
            if final is None and text.item.index is None and not text.item.ids:
                final = _only([i for i in output or () if _is(i, TEXTS[text.kind].item)])
            if final is not None:
                text.add("response", versions.of(text, final), last)

    def _text(self, kind: TextKind, item: ReassembledItem, event: StreamEvent) -> ReassembledText:
        at = place(event)
        return self.texts.setdefault((id(item), kind, at), ReassembledText(kind, item, at))


class _Versions:
    """Finds an item's version of a text: by its place, or by its rank where events do not count from 0."""

    def __init__(self, texts: Iterable[ReassembledText]) -> None:
        self._places: dict[tuple[int, TextKind], list[int]] = {}
        self._of_items: dict[int, dict[TextKind, dict[int | None, str]]] = {}
        for text in texts:
            self._places.setdefault((id(text.item), text.kind), []).append(text.place or 0)

    def of(self, text: ReassembledText, item: Json) -> str | None:
        """The text as the item has it; None where it does not."""
        if id(item) not in self._of_items:
            by_kind: dict[TextKind, dict[int | None, str]] = {}
            for kind, at, version in item_texts(item):
                by_kind.setdefault(kind, {})[at] = version
            self._of_items[id(item)] = by_kind
        versions = self._of_items[id(item)].get(text.kind, {})
        places = self._places[id(text.item), text.kind]
        if text.place is None or len(places) != len(versions) or 0 in places:
            found = versions.get(text.place)
        else:
            found = versions.get(sorted(places).index(text.place))
        # A list of parts without this one is a text that was lost; no list at all says nothing.
        home = TEXTS[text.kind]
        if found is None and home.parts is not None and not home.may_be_withheld:
            return "" if isinstance(item.get(home.parts), list) else None
        return found


_OF_PARTS = {text.part: text for text in TEXTS.values() if text.part is not None}
_OF_ITEMS = [text for text in TEXTS.values() if text.part is None]
_LISTS = list(dict.fromkeys(text.parts for text in _OF_PARTS.values()))


def item_texts(item: Any) -> Iterator[tuple[TextKind, int | None, str]]:
    """Every text of a finished item: its kind, its content or summary index, the text."""
    if not isinstance(item, dict):
        return
    for parts in _LISTS:
        yield from part_texts(item.get(parts))
    for text in _OF_ITEMS:
        if item.get("type") == text.item and isinstance(value := item.get(text.key), str):
            yield text.kind, None, value


def part_texts(parts: Any) -> Iterator[tuple[TextKind, int, str]]:
    """The texts of a list of parts: their kinds, their places in it, the texts."""
    for at, part in enumerate(parts if isinstance(parts, list) else ()):
        text = _OF_PARTS.get(str(part.get("type"))) if isinstance(part, dict) else None
        if text is not None and isinstance(value := part.get(text.key), str):
            yield text.kind, at, value


def _match(items: Sequence[ReassembledItem], output: Sequence[Any]) -> None:
    """Give each item its place in the final output: by id, else by index where no other has that id."""
    by_id = {
        there["id"]: there for there in output if isinstance(there, dict) and isinstance(there.get("id"), str)
    }
    claimed = {id(by_id[id_]) for item in items for id_ in item.ids if id_ in by_id}
    for item in items:
        item.final = next((by_id[id_] for id_ in item.ids if id_ in by_id), None)
        if item.final is None and item.index is not None and 0 <= item.index < len(output):
            there = output[item.index]
            if isinstance(there, dict) and id(there) not in claimed:
                item.final = there


def _identify(item: ReassembledItem, event: StreamEvent) -> None:
    """Note by which id and at which index an event places its item."""
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
