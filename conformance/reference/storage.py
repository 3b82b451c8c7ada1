"""What the provider remembers: the newest responses, with the conversation that led to each."""

from collections import OrderedDict
from dataclasses import dataclass, field

from conformance.reference.conversation import Json

CAPACITY = 512
"""Responses kept; the oldest goes when one more comes."""


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
    """Responses by id."""

    entries: OrderedDict[str, Entry] = field(default_factory=OrderedDict)

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
