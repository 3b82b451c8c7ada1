"""Whether the responses that a stream shows, begun, under way and ended, are one and the same.

Each function judges one aspect of a `Stream` and yields what departs from it.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from conformance.contract.contracts import Contract
from conformance.shown import shown
from conformance.streams.events import StreamEvent
from conformance.streams.findings import at, in_json
from conformance.streams.members import known_members
from conformance.streams.stream import Stream
from conformance.strict_json import json_type
from conformance.verdicts.verdict import Finding

MAY_CHANGE = frozenset(
    {"status", "output", "usage", "completed_at", "error", "incomplete_details", "service_tier"}
)
"""Members of a response that tell how far it is and what became of it."""

DEEPEST = 64
"""How deep a member is compared: a tool's schema is less deep, and a hostile answer may be deeper."""

JUDGED_APART = frozenset({"id", "created_at", "model"})
"""Members that do not change either, each with a requirement of its own."""


def terminal_type_says_the_status(stream: Stream) -> Iterator[Finding]:
    """The terminal event's type says what response.status says."""
    event = stream.terminal
    if event is not None and event.row.ends and stream.response and "status" in stream.response:
        status = stream.response["status"]
        if status not in event.row.statuses:
            yield Finding(f"status {' or '.join(event.row.statuses)}", in_json(status), at(event))


def response_id_stays(stream: Stream) -> Iterator[Finding]:
    """Snapshots, and events with a response_id, are of the same response as the first."""
    ids = [(snapshot.get("id"), event) for event, snapshot in snapshots(stream)]
    ids += [(event.data["response_id"], event) for event in stream.milestones if "response_id" in event.data]
    given = [(id_, event) for id_, event in ids if isinstance(id_, str)]
    for id_, event in given[1:]:
        if id_ != given[0][0]:
            yield Finding(f"response id {given[0][0]}", id_, at(event))


def snapshots_have_an_id(stream: Stream) -> Iterator[Finding]:
    """Snapshots have a response id."""
    for event, snapshot in snapshots(stream):
        id_ = snapshot.get("id")
        if not (isinstance(id_, str) and id_):
            yield Finding("response.id, a non-empty string", in_json(id_), at(event))


def created_at_stays(stream: Stream) -> Iterator[Finding]:
    """Snapshots were created at the same time as the first."""
    yield from _changing(stream, "created_at")


def model_stays(stream: Stream) -> Iterator[Finding]:
    """Snapshots are of one model; an alias that becomes its dated name is the same."""
    models = [(s["model"], event) for event, s in snapshots(stream) if isinstance(s.get("model"), str)]
    for (before, _), (after, event) in pairwise(models):
        if not (after.startswith(before) or before.startswith(after)):
            yield Finding(f"response.model {before}", after, at(event))


def repeated_request_stays(stream: Stream, contract: Contract) -> Iterator[Finding]:
    """Snapshots repeat the request in the same way as the one before.

    Judged on the members that the contract knows. null and absence tell nothing, defaults may be filled in
    within a member, and an `auto` may become what it stood for.
    """
    for name in sorted(known_members(contract) - MAY_CHANGE - JUDGED_APART):
        told = [(s[name], event) for event, s in snapshots(stream) if s.get(name) is not None]
        for (before, _), (after, event) in pairwise(told):
            if _contradicts(before, after):
                expected = f"response.{name} {shown(in_json(before), 120)}"
                yield Finding(expected, shown(in_json(after), 120), at(event))


def output_begins_empty(stream: Stream) -> Iterator[Finding]:
    """Snapshots before the end have no output: nothing has come yet."""
    for event, snapshot in snapshots(stream):
        if not event.row.ends and snapshot.get("output", []) != []:
            yield Finding("response.output []", shown(in_json(snapshot["output"]), 120), at(event))


def status_begins_under_way(stream: Stream) -> Iterator[Finding]:
    """Snapshots before the end have the status of a response under way."""
    for event, snapshot in snapshots(stream):
        may = event.row.statuses
        if not event.row.ends and "status" in snapshot and snapshot["status"] not in may:
            yield Finding(f"response.status {' or '.join(may)}", in_json(snapshot["status"]), at(event))


def usage_comes_last(stream: Stream) -> Iterator[Finding]:
    """Snapshots before the end have no usage."""
    for event, snapshot in snapshots(stream):
        if not event.row.ends and snapshot.get("usage") is not None:
            yield Finding("response.usage null or absent", in_json(snapshot["usage"]), at(event))


def snapshots_are_whole(stream: Stream) -> Iterator[Finding]:
    """Snapshots before the end are a whole response."""
    wanted = ("id", "object", "created_at", "model", "status", "output")
    for event, snapshot in snapshots(stream):
        missing = [key for key in wanted if key not in snapshot]
        if not event.row.ends and missing:
            yield Finding(f"a response with {', '.join(wanted)}", f"no {', '.join(missing)}", at(event))


def terminal_event_has_the_response(stream: Stream) -> Iterator[Finding]:
    """A terminal event has the response: at the least its id and status."""
    event = stream.terminal
    if event is None or not event.row.ends:
        return
    if stream.response is None:
        yield Finding("a response object", in_json(event.data.get("response")), at(event))
        return
    missing = [key for key in ("id", "status") if not isinstance(stream.response.get(key), str)]
    if missing:
        yield Finding("response.id and response.status", f"no {' and no '.join(missing)}", at(event))


def ended_response_has_usage(stream: Stream) -> Iterator[Finding]:
    """A response that ended has its usage."""
    event = stream.terminal
    if event is None or not event.row.ends or event.type == "response.failed" or stream.response is None:
        return
    usage = stream.response.get("usage")
    totals = ("input_tokens", "output_tokens", "total_tokens")
    if not isinstance(usage, dict) or any(type(usage.get(key)) is not int for key in totals):
        yield Finding(f"response.usage with {', '.join(totals)}", in_json(usage), at(event))


def ended_response_is_whole(stream: Stream) -> Iterator[Finding]:
    """A terminal response has what a response has (the usage aside)."""
    event = stream.terminal
    if event is not None and event.row.ends and stream.response is not None:
        wanted = ("object", "created_at", "model", "output")
        missing = [key for key in wanted if key not in stream.response]
        if missing:
            yield Finding(f"a response with {', '.join(wanted)}", f"no {', '.join(missing)}", at(event))


def stream_ends_well(stream: Stream) -> Iterator[Finding]:
    """A stream whose request asked for nothing unusual does not end with a failure."""
    event = stream.terminal
    if event is not None and (event.type == "response.failed" or event.row.carries == "error"):
        response = event.data.get("response")
        said = response.get("error") if isinstance(response, dict) else event.data.get("error", event.data)
        failure = f"{event.type}: {shown(in_json(said), 200)}"
        yield Finding("response.completed or response.incomplete", failure, at(event))
    elif event is not None and any(other.row.carries == "error" for other in stream.milestones):
        yield Finding("no error event", f"an error event, then {event.type}", at(event))


def snapshots(stream: Stream) -> list[tuple[StreamEvent, dict[str, Any]]]:
    """Every event that carries the response, with the response."""
    carrying = [event for event in stream.milestones if event.row.carries == "response"]
    found = [(event, event.carried) for event in carrying]
    return [(event, response) for event, response in found if isinstance(response, dict)]


def _contradicts(before: Any, after: Any, depth: int = 0) -> bool:
    if before is None or after is None or before == "auto" or depth > DEEPEST:
        return False
    if isinstance(before, dict) and isinstance(after, dict):
        return any(_contradicts(value, after.get(key), depth + 1) for key, value in before.items())
    if isinstance(before, list) and isinstance(after, list):
        pairs = zip(before, after, strict=False)
        return len(before) != len(after) or any(_contradicts(*pair, depth + 1) for pair in pairs)
    return json_type(before) != json_type(after) or bool(before != after)


def _changing(stream: Stream, key: str) -> Iterator[Finding]:
    values = [(snapshot[key], event) for event, snapshot in snapshots(stream) if key in snapshot]
    for value, event in values[1:]:
        if value != values[0][0]:
            yield Finding(f"response.{key} {in_json(values[0][0])}", in_json(value), at(event))
