"""The endpoints beside `POST /responses`: input items, token counts, compaction, conversations."""

import math
import secrets
import time
from collections.abc import Callable, Mapping, Sequence

from conformance.reference.answer import usage
from conformance.reference.conversation import ConversationItem, Json, compacted
from conformance.reference.hooks import Refusal, Request
from conformance.reference.model import input_tokens
from conformance.reference.validation import refused


def input_items(items: Sequence[Json], query: Mapping[str, str]) -> Json | Refusal:
    """A page of a stored response's input, newest first unless asked otherwise."""
    limit, order = query.get("limit", "20"), query.get("order", "desc")
    if not (limit.isdecimal() and len(limit) < 4 and 1 <= int(limit) <= 100):
        return refused("limit", "'limit' must be an integer from 1 to 100.")
    if order not in {"asc", "desc"}:
        return refused("order", "'order' must be 'asc' or 'desc'.")
    listed = list(items) if order == "asc" else list(reversed(items))
    if after := query.get("after"):
        ids = [item["id"] for item in listed]
        if after not in ids:
            return refused("after", "No item has that id.")
        listed = listed[ids.index(after) + 1 :]
    page = listed[: int(limit)]
    return {
        "object": "list",
        "data": page,
        "first_id": page[0]["id"] if page else None,
        "last_id": page[-1]["id"] if page else None,
        "has_more": len(listed) > len(page),
    }


def counted(request: Request, conversation: Sequence[ConversationItem]) -> Json:
    """How many tokens a request would cost on the way in."""
    return {"object": "response.input_tokens", "input_tokens": input_tokens(request.body, conversation)}


def compaction(request: Request, conversation: Sequence[ConversationItem]) -> Json:
    """The conversation packed into one item that a later request may send instead of it."""
    packed = {
        "id": f"cmp_{secrets.token_hex(24)}",
        "type": "compaction",
        "encrypted_content": compacted(conversation),
    }
    taken = input_tokens(request.body, conversation)
    return {
        "id": f"resp_{secrets.token_hex(25)}",
        "object": "response.compaction",
        "created_at": math.floor(request.now),
        "output": [packed],
        "usage": usage(taken, len(conversation) + 1),
    }


def conversation(identifier: str) -> Json:
    """A conversation that responses may belong to."""
    return {"id": identifier, "object": "conversation", "created_at": math.floor(time.time()), "metadata": {}}


POSTED: dict[str, Callable[[Request, Sequence[ConversationItem]], Json]] = {
    "input_tokens": counted,
    "compact": compaction,
}
"""What is posted beside a response, by the last step of its path."""
