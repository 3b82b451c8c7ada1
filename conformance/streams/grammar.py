"""The lifecycle of a stream as transition tables: what may come when, and every departure from it.

    stream    := created queued? in_progress? block* terminal
    terminal  := completed | failed | incomplete | error failed?
    block     := item | extension_event                  ; items may interleave by output_index
    item      := item.added (part | arguments | summary | reasoning)* item.done
    part      := part.added (text.delta | annotation.added)* text.done part.done
               | part.added refusal.delta* refusal.done part.done
    arguments := arguments.delta* arguments.done
    summary   := summary_part.added summary.delta* summary.done summary_part.done
    reasoning := part.added? reasoning.delta* reasoning.done part.done?

The words are the symbols of `vocabulary`, which names the event types that each stands for. The module
knows events, nothing of HTTP or pytest. An event without a symbol (a hosted tool's, a vendor's own) is let
pass wherever it comes before the end.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from conformance.streams.automaton import Machine, Symbol, Table
from conformance.streams.events import ItemLookup, StreamEvent, place
from conformance.streams.vocabulary import TEXTS, VOCABULARY, EventType, Index, Rule

STREAM = Table(
    {
        ("start", "created"): "created",
        ("created", "queued"): "queued",
        ("created", "in_progress"): "begun",
        ("queued", "in_progress"): "begun",
        **{(state, "block"): "running" for state in ("created", "queued", "begun", "running")},
        **{(state, "ending"): "ended" for state in ("created", "queued", "begun", "running")},
        **{(state, "error"): "broken" for state in ("start", "created", "queued", "begun", "running")},
        ("broken", "failed"): "ended",
    },
    final=frozenset({"ended", "broken"}),
)

ITEM = Table(
    {
        ("absent", "item.added"): "open",
        ("open", "inner"): "open",
        ("open", "item.done"): "done",
    },
    final=frozenset({"absent", "done"}),
)

PART = Table(
    {
        ("absent", "part.added text"): "text",
        ("text", "text.delta"): "text",
        ("text", "annotation.added"): "text",
        ("text", "text.done"): "whole",
        ("whole", "annotation.added"): "whole",
        ("whole", "part.done"): "done",
        ("absent", "part.added refusal"): "refusal",
        ("refusal", "refusal.delta"): "refusal",
        ("refusal", "refusal.done"): "whole",
        # The part's own events are optional round a reasoning text.
        ("absent", "part.added reasoning"): "reasoning",
        ("absent", "reasoning.delta"): "reasoning",
        ("absent", "reasoning.done"): "reasoned",
        ("reasoning", "reasoning.delta"): "reasoning",
        ("reasoning", "reasoning.done"): "reasoned",
        ("reasoned", "part.done"): "done",
        # A part of a kind that the tables do not know has events of its own between.
        ("absent", "part.added other"): "other",
        ("other", "part.done"): "done",
    },
    final=frozenset({"absent", "reasoned", "done"}),
)

SUMMARY = Table(
    {
        ("absent", "summary_part.added"): "open",
        ("open", "summary.delta"): "open",
        ("open", "summary.done"): "whole",
        ("whole", "summary_part.done"): "done",
    },
    final=frozenset({"absent", "done"}),
)

ARGUMENTS = Table(
    {
        ("absent", "arguments.delta"): "open",
        ("absent", "arguments.done"): "whole",
        ("open", "arguments.delta"): "open",
        ("open", "arguments.done"): "whole",
    },
    final=frozenset({"absent", "whole"}),
)

INSIDE: Mapping[Index | None, Table] = {"content_index": PART, "summary_index": SUMMARY, None: ARGUMENTS}
"""The table of what an item holds, by the index that names its place there."""

LEVELS: Mapping[Symbol, Rule] = {
    "failed": "terminal-once",
    "block": "nothing-after-terminal",
    "inner": "nothing-after-item-done",
}
"""Symbols that stand for an event at a level above its own, and the rule that one too many departs from."""

PARTS: Mapping[str | None, str] = {
    text.part: text.kind for text in TEXTS.values() if text.index == "content_index"
}
"""What a content part's type adds to the symbol that opens it; any other type adds `other`."""

FIRST: Mapping[Symbol, EventType] = {
    row.symbol: row for row in reversed(list(VOCABULARY.values())) if row.symbol is not None
}
"""The first event type that each symbol stands for: the one that a message names."""

ENDING = " or ".join(", ".join(row.name for row in VOCABULARY.values() if row.ends).rsplit(", ", 1))
"""The types that end a stream, as a message names them: any will do."""


@dataclass(frozen=True, slots=True)
class Departure:
    """One place where a stream leaves the grammar.

    `event` is the number of the event at which it shows, `allowed` what might have come there, `came` what
    came instead; `item` is the output index concerned, None where there is none.
    """

    rule: Rule
    event: int
    allowed: str
    came: str
    item: int | None = None


@dataclass(slots=True)
class ItemState:
    """What is known of one output item: its place in the table, and those of its parts."""

    index: int | None
    machine: Machine = field(default_factory=lambda: Machine(ITEM, "absent"))
    inner: dict[tuple[Index | None, int | None], Machine] = field(default_factory=dict)


def departures(events: Iterable[StreamEvent], *, ended: bool = True) -> list[Departure]:
    """Every departure of a stream from the grammar, in order.

    One event that is missing, or too many, gives one departure: the reading goes on as if it had come, or
    had not. `ended` is false where the connection was cut, so that nothing is said of what is missing there.
    """
    reader = _Reader()
    for event in events:
        reader.read(event)
    if ended:
        reader.end()
    return reader.found


class _Reader:
    """The pass over the events: which machine each moves, and what that shows."""

    def __init__(self) -> None:
        self.found: list[Departure] = []
        self.stream = Machine(STREAM, "start")
        self.items = ItemLookup(ItemState)
        self.last: StreamEvent | None = None

    @property
    def over(self) -> bool:
        """Whether the stream's last event has come."""
        return self.stream.state in STREAM.final

    def read(self, event: StreamEvent) -> None:
        """Take the next event."""
        self.last = event
        row = event.row
        if row.symbol is not None and row.of_stream:
            self._move(event, row.symbol)
            return
        over = self.over
        if row.symbol is None:
            if over:
                self._found(row.surplus, event, "nothing more")
            return
        self._take(self.stream, "block", event)
        if not over:
            self._inside(event, row.symbol)

    def end(self) -> None:
        """Say what is missing at the end."""
        if not self.over:
            number = self.last.number + 1 if self.last else 0
            came = f"the end of the stream after {self.last.type}" if self.last else "no event"
            self.found.append(Departure("terminal", number, ENDING, came))

    def _move(self, event: StreamEvent, symbol: Symbol) -> None:
        """One event of the stream's own level."""
        if self.stream.state == "broken" and event.type == "response.failed":
            symbol = "failed"
        ends = event.row.step == "closes" and not self.over
        self._take(self.stream, symbol, event)
        if ends:
            self._close_all(event)

    def _inside(self, event: StreamEvent, symbol: Symbol) -> None:
        """One event of an item, or of something in it."""
        item = self.items.of(event)
        if event.row.carries == "item":
            if event.row.step == "closes":
                self._close(item, event)
            self._take(item.machine, symbol, event, item)
        elif self._take(item.machine, "inner", event, item):
            self._in_part(item, event, symbol)

    def _in_part(self, item: ItemState, event: StreamEvent, symbol: Symbol) -> None:
        """One event of a content part, a summary part or the arguments."""
        index = event.row.index
        machine = item.inner.setdefault((index, place(event)), Machine(INSIDE[index], "absent"))
        if event.row.carries == "part" and index == "content_index":
            symbol = self._part(machine, event, symbol, item)
        elif machine.state == "other":
            return
        elif event.row.carries == "annotation" and machine.state == "absent":
            # It opens no part: one that never comes is one event that is missing, and no end of it is.
            self._lacking(["part.added text"], event, item)
            return
        self._take(machine, symbol, event, item)

    def _part(self, machine: Machine, event: StreamEvent, symbol: Symbol, item: ItemState) -> Symbol:
        """The symbol of a part's own event: which kind it opens; where it closes one unopened, say so."""
        part = event.carried
        kind = PARTS.get(str(part.get("type")), "other") if isinstance(part, dict) else "text"
        if event.row.step == "opens":
            return f"{symbol} {kind}"
        if machine.state == "absent":
            opening = f"part.added {kind}"
            machine.take(opening)
            self._lacking([opening], event, item)
        return symbol

    def _take(
        self, machine: Machine, symbol: Symbol, event: StreamEvent, item: ItemState | None = None
    ) -> bool:
        allowed = _in_words(machine.allowed)
        missing, fits = machine.take(symbol)
        self._lacking(missing, event, item)
        if not fits:
            self._found(self._surplus(symbol, event.row), event, allowed, item)
        return fits

    def _surplus(self, symbol: Symbol, row: EventType) -> Rule:
        if self.over and row.carries == "response" and not row.ends:
            return "nothing-after-terminal"
        return LEVELS.get(symbol, row.surplus)

    def _lacking(self, symbols: Iterable[Symbol], event: StreamEvent, item: ItemState | None) -> None:
        """What should have come before an event; what may be left out is no departure."""
        for symbol in symbols:
            row = FIRST.get(symbol.split()[0])
            if row is not None and row.missing is not None:
                self._found(row.missing, event, _in_words((symbol,)), item)

    def _close(self, item: ItemState, event: StreamEvent) -> None:
        """What is missing in an item that is done."""
        for machine in item.inner.values():
            self._lacking(machine.unfinished, event, item)
        item.inner.clear()

    def _close_all(self, event: StreamEvent) -> None:
        """What is left open at the end: after a completed response, each is an event that is missing."""
        for item in self.items.items:
            if item.machine.state != "open":
                continue
            if event.type == "response.completed":
                self._close(item, event)
                self._found("item-done", event, _in_words(("item.done",)), item)
            elif event.type != "error":
                self._found("left-open", event, _in_words(("item.done",)), item)

    def _found(self, rule: Rule, event: StreamEvent, allowed: str, item: ItemState | None = None) -> None:
        came = event.type or "an event without a type"
        index = item.index if item is not None else None
        self.found.append(Departure(rule, event.number, allowed, came, index))


def _in_words(symbols: Iterable[Symbol]) -> str:
    return " or ".join(dict.fromkeys(map(_name, symbols))) or "nothing more"


def _name(symbol: Symbol) -> str:
    """What a message calls a symbol."""
    row = FIRST.get(symbol.split()[0])
    if row is None:
        return "an event of an item"
    return ENDING if row.ends else row.name
