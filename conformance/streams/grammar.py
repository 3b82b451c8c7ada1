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

The module knows events, nothing of HTTP or pytest. An event that the tables do not know (a hosted tool's,
a vendor's own) is let pass wherever it comes before the end.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from conformance.streams.automaton import Machine, Symbol, Table
from conformance.streams.events import Addresses, StreamEvent, whole_number

Rule = Literal[
    "created-first",
    "created-once",
    "in-progress-place",
    "terminal",
    "terminal-once",
    "nothing-after-terminal",
    "item-added",
    "item-added-once",
    "item-done",
    "nothing-after-item-done",
    "part-added",
    "part-added-once",
    "part-done",
    "nothing-after-part-done",
    "text-done",
    "nothing-after-text-done",
    "arguments-done",
    "left-open",
]

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
        ("absent", "part.added"): "text",
        ("text", "text.delta"): "text",
        ("text", "annotation.added"): "text",
        ("text", "text.done"): "told",
        ("told", "annotation.added"): "told",
        ("told", "part.done"): "done",
        ("absent", "part.added refusal"): "refusal",
        ("refusal", "refusal.delta"): "refusal",
        ("refusal", "refusal.done"): "told",
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
        ("open", "summary.done"): "told",
        ("told", "summary_part.done"): "done",
    },
    final=frozenset({"absent", "done"}),
)

ARGUMENTS = Table(
    {
        ("absent", "arguments.delta"): "open",
        ("absent", "arguments.done"): "told",
        ("open", "arguments.delta"): "open",
        ("open", "arguments.done"): "told",
    },
    final=frozenset({"absent", "told"}),
)

SYMBOLS: dict[str, Symbol] = {
    "response.created": "created",
    "response.queued": "queued",
    "response.in_progress": "in_progress",
    "response.completed": "ending",
    "response.failed": "ending",
    "response.incomplete": "ending",
    "error": "error",
    "response.output_item.added": "item.added",
    "response.output_item.done": "item.done",
    "response.content_part.added": "part.added",
    "response.content_part.done": "part.done",
    "response.output_text.delta": "text.delta",
    "response.output_text.done": "text.done",
    "response.output_text.annotation.added": "annotation.added",
    "response.refusal.delta": "refusal.delta",
    "response.refusal.done": "refusal.done",
    "response.reasoning_text.delta": "reasoning.delta",
    "response.reasoning_text.done": "reasoning.done",
    "response.reasoning.delta": "reasoning.delta",
    "response.reasoning.done": "reasoning.done",
    "response.reasoning_summary_part.added": "summary_part.added",
    "response.reasoning_summary_part.done": "summary_part.done",
    "response.reasoning_summary_text.delta": "summary.delta",
    "response.reasoning_summary_text.done": "summary.done",
    "response.function_call_arguments.delta": "arguments.delta",
    "response.function_call_arguments.done": "arguments.done",
}

NAMES: dict[Symbol, str] = {symbol: type_ for type_, symbol in reversed(SYMBOLS.items())} | {
    "ending": "response.completed, response.incomplete or response.failed"
}

MISSING: dict[Symbol, Rule] = {
    "created": "created-first",
    "item.added": "item-added",
    "item.done": "item-done",
    "part.added": "part-added",
    "part.done": "part-done",
    "text.done": "text-done",
    "refusal.done": "text-done",
    "reasoning.done": "text-done",
    "summary_part.added": "part-added",
    "summary_part.done": "part-done",
    "summary.done": "text-done",
    "arguments.done": "arguments-done",
}
"""Which rule an event's absence departs from."""

EXTRA: dict[Symbol, Rule] = {
    "created": "created-once",
    "queued": "in-progress-place",
    "in_progress": "in-progress-place",
    "ending": "terminal-once",
    "failed": "terminal-once",
    "error": "terminal-once",
    "block": "nothing-after-terminal",
    "item.added": "item-added-once",
    "item.done": "nothing-after-item-done",
    "inner": "nothing-after-item-done",
    "part.added": "part-added-once",
    "summary_part.added": "part-added-once",
    "part.done": "nothing-after-part-done",
    "summary_part.done": "nothing-after-part-done",
}
"""Which rule an event departs from that comes where nothing makes room for it; else it is a text's."""


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


KINDS = {"output_text": "", "refusal": " refusal", "reasoning_text": " reasoning"}
"""What a content part's type adds to the symbol that opens it; any other type adds ` other`."""


@dataclass(slots=True)
class Item:
    """What is known of one output item: its place in the table, and those of its parts."""

    index: int | None
    machine: Machine = field(default_factory=lambda: Machine(ITEM, "absent"))
    inner: dict[tuple[str, Any], Machine] = field(default_factory=dict)


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
    """The pass over the events: which machine each moves, and what that tells."""

    def __init__(self) -> None:
        self.found: list[Departure] = []
        self.stream = Machine(STREAM, "start")
        self.items = Addresses(Item)
        self.last: StreamEvent | None = None

    @property
    def over(self) -> bool:
        """Whether the stream's last event has come."""
        return self.stream.state in STREAM.final

    def read(self, event: StreamEvent) -> None:
        """Take the next event."""
        self.last = event
        symbol = SYMBOLS.get(event.type)
        if symbol in {"created", "queued", "in_progress", "ending", "error"}:
            self._move(event, symbol)
            return
        over = self.over
        if symbol is None:
            if over:
                self._found("nothing-after-terminal", event, "nothing more")
            return
        self._take(self.stream, "block", event)
        if not over:
            self._inside(event, symbol)

    def end(self) -> None:
        """Say what is missing at the end."""
        if not self.over:
            number = self.last.number + 1 if self.last else 0
            came = f"the end of the stream after {self.last.type}" if self.last else "no event"
            self.found.append(Departure("terminal", number, NAMES["ending"], came))

    def _move(self, event: StreamEvent, symbol: Symbol) -> None:
        """One event of the stream's own level."""
        if self.stream.state == "broken" and event.type == "response.failed":
            symbol = "failed"
        ends = symbol in {"ending", "error"} and not self.over
        self._take(self.stream, symbol, event)
        if ends:
            self._close_all(event)

    def _inside(self, event: StreamEvent, symbol: Symbol) -> None:
        """One event of an item, or of something in it."""
        item = self.items.of(event)
        if symbol in {"item.added", "item.done"}:
            if symbol == "item.done":
                self._close(item, event)
            self._take(item.machine, symbol, event, item)
        elif self._take(item.machine, "inner", event, item):
            self._in_part(item, event, symbol)

    def _in_part(self, item: Item, event: StreamEvent, symbol: Symbol) -> None:
        """One event of a content part, a summary part or the arguments."""
        data = event.data
        if symbol.startswith("arguments"):
            machine = item.inner.setdefault(("arguments", None), Machine(ARGUMENTS, "absent"))
        elif symbol.startswith("summary"):
            key = ("summary", whole_number(data.get("summary_index")) or 0)
            machine = item.inner.setdefault(key, Machine(SUMMARY, "absent"))
        else:
            key = ("part", whole_number(data.get("content_index")) or 0)
            machine = item.inner.setdefault(key, Machine(PART, "absent"))
            if symbol.startswith("part"):
                symbol = self._part(machine, event, symbol, item)
            elif machine.state == "other":
                return
        self._take(machine, symbol, event, item)

    def _part(self, machine: Machine, event: StreamEvent, symbol: Symbol, item: Item) -> Symbol:
        """The symbol of a part's own event: which kind it opens; where it closes one unopened, say so."""
        part = event.data.get("part")
        kind = KINDS.get(str(part.get("type")), " other") if isinstance(part, dict) else ""
        if symbol == "part.added":
            return symbol + kind
        if machine.state == "absent":
            machine.take("part.added" + kind)
            self._found("part-added", event, NAMES["part.added"], item.index)
        return symbol

    def _take(self, machine: Machine, symbol: Symbol, event: StreamEvent, item: Item | None = None) -> bool:
        allowed = _in_words(machine.allowed)
        missing, fits = machine.take(symbol)
        index = item.index if item is not None else None
        for absent in missing:
            # What may be left out (`queued`, `in_progress`) stands on no shortest way.
            if rule := MISSING.get(absent.split()[0]):
                self._found(rule, event, _in_words((absent,)), index)
        if not fits:
            self._found(self._extra(symbol), event, allowed, index)
        return fits

    def _extra(self, symbol: Symbol) -> Rule:
        if self.over and symbol in {"created", "queued", "in_progress"}:
            return "nothing-after-terminal"
        return EXTRA.get(symbol.split()[0], "nothing-after-text-done")

    def _close(self, item: Item, event: StreamEvent) -> None:
        """What is missing in an item that is done."""
        for machine in item.inner.values():
            for absent in machine.unfinished:
                self._found(MISSING[absent.split()[0]], event, _in_words((absent,)), item.index)
        item.inner.clear()

    def _close_all(self, event: StreamEvent) -> None:
        """What is left open at the end: after a completed response, each is an event that is missing."""
        for item in self.items.found:
            if item.machine.state != "open":
                continue
            if event.type == "response.completed":
                self._close(item, event)
                self._found("item-done", event, NAMES["item.done"], item.index)
            elif event.type != "error":
                self._found("left-open", event, NAMES["item.done"], item.index)

    def _found(self, rule: Rule, event: StreamEvent, allowed: str, item: int | None = None) -> None:
        came = event.type or "an event without a type"
        self.found.append(Departure(rule, event.number, allowed, came, item))


def _in_words(symbols: Iterable[Symbol]) -> str:
    names = (NAMES.get(symbol.split()[0], "an event of an item") for symbol in symbols)
    return " or ".join(dict.fromkeys(names)) or "nothing more"
