"""What the provider remembers: the newest responses with what led to each, and conversations that go on."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from conformance.reference.conversation import Json

CAPACITY = 512
"""Responses kept, and conversations; the oldest goes when one more comes."""


@dataclass(slots=True)
class Entry:
    """A response with its input as listed items, and all items of its conversation before and up to it.

    `pending` is a background response that nobody has asked for yet.
    """

    response: Json
    inputs: list[Json]
    conversation: list[Json]
    pending: bool = False


@dataclass(slots=True)
class Storage:
    """Responses by id, and the items of conversations by theirs."""

    entries: OrderedDict[str, Entry] = field(default_factory=OrderedDict)
    conversations: OrderedDict[str, list[Json]] = field(default_factory=OrderedDict)

    def keep(self, entry: Entry) -> None:
        """Store a response, forgetting the oldest where there are too many."""
        self.entries[entry.response["id"]] = entry
        while len(self.entries) > CAPACITY:
            self.entries.popitem(last=False)

    def find(self, identifier: object) -> Entry | None:
        """The entry of that id."""
        return self.entries.get(identifier) if isinstance(identifier, str) else None

    def drop(self, identifier: str) -> None:
        """Forget a response."""
        self.entries.pop(identifier, None)

    def item(self, identifier: object) -> Json | None:
        """An item of any stored conversation, by its id."""
        for entry in reversed(self.entries.values()):
            for item in entry.conversation:
                if item.get("id") == identifier:
                    return item
        return None

    def begin(self, items: list[Json]) -> str:
        """Begin a conversation with these items, forgetting the oldest where there are too many."""
        identifier = f"conv_{secrets.token_hex(24)}"
        self.conversations[identifier] = items
        while len(self.conversations) > CAPACITY:
            self.conversations.popitem(last=False)
        return identifier

    def conversation(self, named: Any) -> list[Json] | None:
        """The items of a conversation, which grows with it; it is named by its id or by an object with it."""
        identifier = named.get("id") if isinstance(named, dict) else named
        return self.conversations.get(identifier) if isinstance(identifier, str) else None
