"""The event types of a stream, one row each: what such an event carries, and its place in the lifecycle.

Whatever reads a stream takes what it knows of a type from here. `schemas/events.json` has the same types,
with the fields of each. A type without a row, a vendor's own or a later one of the contract's, reads as
`EventType(name)` does: it is let pass wherever it comes before the end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Carries = Literal["response", "item", "part", "delta", "text", "annotation", "error", "unknown"]
"""What an event brings: a response as it stands, an item or part as it begins or as it is done, a piece of a
text, a text as a whole, an annotation, an error; `unknown` is what the suite does not look into."""

Step = Literal["opens", "extends", "closes"]
"""What an event does to the thing that it is about."""

TextKind = Literal["text", "refusal", "arguments", "summary", "reasoning"]

Index = Literal["content_index", "summary_index"]

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
"""The rules of the lifecycle. Each is a requirement of the same name, `stream.` before it."""


@dataclass(frozen=True, slots=True)
class Text:
    """One kind of text, and where it stands once it is whole.

    `key` holds it in its done event, and in its part or item. `item` is the type of the items that have it.
    Where parts hold it, `part` is their type, `parts` the item's list of them, and `index` names the part
    in an event; all three are None where the item holds it itself. `may_be_withheld` says that an item with
    the list may lack this text.
    """

    kind: TextKind
    key: str
    item: str
    part: str | None = None
    parts: str | None = None
    index: Index | None = None
    may_be_withheld: bool = False


TEXTS: Mapping[TextKind, Text] = {
    text.kind: text
    for text in (
        Text("text", "text", "message", "output_text", "content", "content_index"),
        Text("refusal", "refusal", "message", "refusal", "content", "content_index"),
        Text("arguments", "arguments", "function_call"),
        Text("summary", "text", "reasoning", "summary_text", "summary", "summary_index"),
        Text("reasoning", "text", "reasoning", "reasoning_text", "content", "content_index", True),
    )
}


@dataclass(frozen=True, slots=True)
class EventType:
    """One event type: the row of the table.

    `symbol` is its name in the grammar's tables; types that mean the same share one. It is None for a type
    that is tolerated only. What the event carries stands under `key` in its data, None where that differs.
    `text` is the text that it extends or closes, `index` names the part of the item that it is about.
    `missing` is the rule that its absence departs from (None: it may be left out), `surplus` the one that
    it departs from where nothing makes room for it. `statuses` are those that its response may have.
    """

    name: str
    symbol: str | None = None
    carries: Carries = "unknown"
    key: str | None = None
    step: Step = "extends"
    text: TextKind | None = None
    index: Index | None = None
    missing: Rule | None = None
    surplus: Rule = "nothing-after-terminal"
    statuses: tuple[str, ...] = ()

    @property
    def tolerated(self) -> bool:
        """Whether it may come anywhere before the end."""
        return self.symbol is None

    @property
    def of_stream(self) -> bool:
        """Whether it is about the response as a whole."""
        return self.carries in {"response", "error"}

    @property
    def ends(self) -> bool:
        """Whether it carries the finished response: nothing follows it but the [DONE] marker."""
        return self.carries == "response" and self.step == "closes"


def _response(
    name: str, symbol: str, step: Step, *statuses: str, surplus: Rule, missing: Rule | None = None
) -> EventType:
    return EventType(
        name, symbol, "response", "response", step, missing=missing, surplus=surplus, statuses=statuses
    )


def _item(name: str, symbol: str, step: Step, *, missing: Rule, surplus: Rule) -> EventType:
    return EventType(name, symbol, "item", "item", step, missing=missing, surplus=surplus)


def _part_added(name: str, symbol: str, index: Index) -> EventType:
    return EventType(name, symbol, "part", "part", "opens", None, index, "part-added", "part-added-once")


def _part_done(name: str, symbol: str, index: Index) -> EventType:
    return EventType(
        name, symbol, "part", "part", "closes", None, index, "part-done", "nothing-after-part-done"
    )


def _delta(name: str, symbol: str, kind: TextKind) -> EventType:
    index = TEXTS[kind].index
    return EventType(name, symbol, "delta", "delta", "extends", kind, index, None, "nothing-after-text-done")


def _text_done(name: str, symbol: str, kind: TextKind, *, missing: Rule = "text-done") -> EventType:
    text = TEXTS[kind]
    return EventType(
        name, symbol, "text", text.key, "closes", kind, text.index, missing, "nothing-after-text-done"
    )


_HOSTED_TOOLS = (
    "response.audio.delta",
    "response.audio.done",
    "response.audio.transcript.delta",
    "response.audio.transcript.done",
    "response.code_interpreter_call.completed",
    "response.code_interpreter_call.in_progress",
    "response.code_interpreter_call.interpreting",
    "response.code_interpreter_call_code.delta",
    "response.code_interpreter_call_code.done",
    "response.custom_tool_call_input.delta",
    "response.custom_tool_call_input.done",
    "response.file_search_call.completed",
    "response.file_search_call.in_progress",
    "response.file_search_call.searching",
    "response.image_generation_call.completed",
    "response.image_generation_call.generating",
    "response.image_generation_call.in_progress",
    "response.image_generation_call.partial_image",
    "response.mcp_call.completed",
    "response.mcp_call.failed",
    "response.mcp_call.in_progress",
    "response.mcp_call_arguments.delta",
    "response.mcp_call_arguments.done",
    "response.mcp_list_tools.completed",
    "response.mcp_list_tools.failed",
    "response.mcp_list_tools.in_progress",
    "response.shell_call_command.added",
    "response.shell_call_command.delta",
    "response.shell_call_command.done",
    "response.shell_call_output_content.delta",
    "response.shell_call_output_content.done",
    "response.web_search_call.completed",
    "response.web_search_call.in_progress",
    "response.web_search_call.searching",
)
"""Audio, and the tools that a provider runs itself: the contract names the events, no check asks for them."""

_ROWS = (
    _response(
        "response.created",
        "created",
        "opens",
        "in_progress",
        "queued",
        missing="created-first",
        surplus="created-once",
    ),
    _response("response.queued", "queued", "extends", "queued", surplus="in-progress-place"),
    _response("response.in_progress", "in_progress", "extends", "in_progress", surplus="in-progress-place"),
    _response("response.completed", "ending", "closes", "completed", surplus="terminal-once"),
    _response("response.incomplete", "ending", "closes", "incomplete", surplus="terminal-once"),
    _response("response.failed", "ending", "closes", "failed", surplus="terminal-once"),
    EventType("error", "error", "error", step="closes", surplus="terminal-once"),
    _item(
        "response.output_item.added", "item.added", "opens", missing="item-added", surplus="item-added-once"
    ),
    _item(
        "response.output_item.done",
        "item.done",
        "closes",
        missing="item-done",
        surplus="nothing-after-item-done",
    ),
    _part_added("response.content_part.added", "part.added", "content_index"),
    _part_done("response.content_part.done", "part.done", "content_index"),
    _part_added("response.reasoning_summary_part.added", "summary_part.added", "summary_index"),
    _part_done("response.reasoning_summary_part.done", "summary_part.done", "summary_index"),
    _delta("response.output_text.delta", "text.delta", "text"),
    _text_done("response.output_text.done", "text.done", "text"),
    _delta("response.refusal.delta", "refusal.delta", "refusal"),
    _text_done("response.refusal.done", "refusal.done", "refusal"),
    _delta("response.function_call_arguments.delta", "arguments.delta", "arguments"),
    _text_done(
        "response.function_call_arguments.done", "arguments.done", "arguments", missing="arguments-done"
    ),
    _delta("response.reasoning_summary_text.delta", "summary.delta", "summary"),
    _text_done("response.reasoning_summary_text.done", "summary.done", "summary"),
    _delta("response.reasoning_text.delta", "reasoning.delta", "reasoning"),
    _text_done("response.reasoning_text.done", "reasoning.done", "reasoning"),
    _delta("response.reasoning.delta", "reasoning.delta", "reasoning"),
    _text_done("response.reasoning.done", "reasoning.done", "reasoning"),
    EventType(
        "response.output_text.annotation.added",
        symbol="annotation.added",
        carries="annotation",
        key="annotation",
        index="content_index",
        surplus="nothing-after-text-done",
    ),
    *(EventType(name) for name in _HOSTED_TOOLS),
)

VOCABULARY: Mapping[str, EventType] = {row.name: row for row in _ROWS}
"""Every event type that the contract names. Where several share a symbol, a message names the first."""


def event_type(name: str) -> EventType:
    """The row of a type; of one that the contract does not name, a row that says nothing."""
    return VOCABULARY.get(name) or EventType(name)


def is_extension(name: str) -> bool:
    """Whether a type is a vendor's own: the contract's are `error` and what begins with `response.`."""
    return name != "error" and not name.startswith("response.")


_OF_ITEMS = tuple(
    dict.fromkeys(row.name.rpartition(".")[0] for row in _ROWS if not (row.tolerated or row.of_stream))
)


def is_about_item(name: str) -> bool:
    """Whether a type is about an item: one that the grammar knows, or a relative of one by its name."""
    return name.startswith(_OF_ITEMS)
