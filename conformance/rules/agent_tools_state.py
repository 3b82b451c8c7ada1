"""Whether packed conversations can be sent back, and whether work in the background comes to its end."""

from collections.abc import Iterator

from conformance.exchange import Exchange
from conformance.response import Body
from conformance.shown import shown
from conformance.verdicts.verdict import Finding

UNFINISHED = frozenset({"queued", "in_progress"})
"""The statuses of a response that is still to be made."""


def compaction_is_whole(answer: Body) -> Iterator[Finding]:
    """Each compaction item has an id and its encrypted content."""
    for where, item in answer.of_type("compaction"):
        for member in ("id", "encrypted_content"):
            if not isinstance(item.get(member), str) or not item[member]:
                yield Finding("a text", shown(item.get(member)), f"{where}.{member}")


def is_found_again(begun: Body, found: Exchange | None) -> Iterator[Finding]:
    """A response that was begun is found by its id, as it stands by now."""
    wanted = begun.response.get("id")
    value = found.json.value if found is not None and found.status == 200 else None
    if not isinstance(value, dict) or value.get("id") != wanted:
        told = f" with {shown(value['id'], 80)}" if isinstance(value, dict) and "id" in value else ""
        actual = "no request for it" if found is None else f"HTTP {found.status}{told}"
        yield Finding(f"HTTP 200 with the response {shown(wanted, 80)}", actual, "status")


def is_ended(cancelled: Exchange) -> Iterator[Finding]:
    """A response that was cancelled has ended: it is cancelled, or it was finished before and says so."""
    status = cancelled.status or 0
    if 400 <= status < 500 and status not in {404, 405}:
        return
    value = cancelled.json.value
    told = value.get("status") if isinstance(value, dict) else None
    if status != 200 or told in UNFINISHED or told is None:
        yield Finding("a response that is cancelled or finished", f"HTTP {status}, status {shown(told)}", "$")
