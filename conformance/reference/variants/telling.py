"""Variants of what is told: other events, other ids, more members, fewer members, other items."""

import copy
import uuid
from collections.abc import Callable, Iterator

from conformance.reference.conversation import Json
from conformance.reference.hooks import Hooks, Request
from conformance.reference.mutations import change_snapshots, combine, remove_fields, set_field
from conformance.reference.stream_mutations import (
    change_events,
    change_items,
    change_parts,
    edit_and_renumber_events,
    omit_events,
)
from conformance.reference.variants.variant import EVERYWHERE, NOT_OPENRESPONSES, PAGE, Variant

OPENAI_KEYS = frozenset(
    [
        "error",
        "incomplete_details",
        "instructions",
        "tools",
        "parallel_tool_calls",
        "metadata",
        "tool_choice",
        "temperature",
        "top_p",
    ]
)
"""What the OpenAI document requires beside the page's keys."""

PAGE_KEYS = frozenset(["id", "object", "created_at", "model", "status", "output", "usage"])


def telling_variants() -> Iterator[Variant]:
    """Events, then members, then ids and items."""
    for name, line, hooks in (*_EVENTS, *_MEMBERS, *_ITEMS):
        yield Variant(name, line, hooks, _CONTRACTS.get(name, EVERYWHERE))


def _queued(events: list[Json]) -> list[Json]:
    waiting = {**events[0]["response"], "status": "queued"}
    return [
        {**events[0], "response": waiting},
        {"type": "response.queued", "sequence_number": 0, "response": waiting},
        *events[1:],
    ]


def _spaced(events: list[Json]) -> list[Json]:
    """The white space before each word comes in a delta of its own."""
    found: list[Json] = []
    for event in events:
        delta = event.get("delta", "")
        if event["type"] == "response.output_text.delta" and delta[:1].isspace() and delta.strip():
            found.append({**event, "delta": delta[:1]})
            found.append({**event, "delta": delta[1:]})
        else:
            found.append(event)
    return found


def _by_characters(events: list[Json]) -> list[Json]:
    found: list[Json] = []
    for event in events:
        if event["type"].endswith("_text.delta"):
            found += [{**event, "delta": character} for character in event["delta"]]
        else:
            found.append(event)
    return found


def _with_empty_deltas(events: list[Json]) -> list[Json]:
    found: list[Json] = []
    for event in events:
        if event["type"] == "response.output_text.done":
            kind = "response.output_text.delta"
            place = {k: event[k] for k in ("item_id", "output_index", "content_index")}
            found.append({"type": kind, **place, "delta": "", "logprobs": []})
        found.append(event)
    return found


def _extended(events: list[Json]) -> list[Json]:
    """Events of the vendor's own between the standard ones."""
    found: list[Json] = []
    for event in events[:-1]:
        found += [event, {"type": "acme:progress", "percent": 50}]
    return [*found, events[-1]]


def _interleaved(events: list[Json]) -> list[Json]:
    """All items are announced before any goes on; then they take turns."""
    lanes: dict[int, list[Json]] = {}
    around: list[Json] = []
    for event in events:
        if "output_index" in event:
            lanes.setdefault(event["output_index"], []).append(event)
        else:
            around.append(event)
    mixed: list[Json] = []
    while any(lanes.values()):
        mixed += [lane.pop(0) for lane in lanes.values() if lane]
    return [*around[:-1], *mixed, around[-1]]


def _encrypted(events: list[Json]) -> list[Json]:
    found = copy.deepcopy(events)
    for number, event in enumerate(found):
        items = [event["item"]] if "item" in event else event.get("response", {}).get("output", [])
        for item in items:
            if item["type"] == "reasoning":
                item["encrypted_content"] = f"gAAAA{number}"
    return found


_EVENTS: tuple[tuple[str, str, Hooks], ...] = (
    ("in-progress-left-out", "leaves response.in_progress out", omit_events("response.in_progress")),
    ("queued", "queues each response first", edit_and_renumber_events(_queued)),
    ("white-space-deltas", "sends white space in deltas of its own", edit_and_renumber_events(_spaced)),
    ("deltas-of-a-character", "sends a delta for each character", edit_and_renumber_events(_by_characters)),
    ("empty-deltas", "ends texts with an empty delta", edit_and_renumber_events(_with_empty_deltas)),
    ("extension-events", "sends events of its own", edit_and_renumber_events(_extended)),
    (
        "obfuscated",
        "pads deltas",
        change_events("*", lambda e: e.update(obfuscation="xyz") if "delta" in e else None),
    ),
    ("interleaved-items", "lets the items of a stream take turns", edit_and_renumber_events(_interleaved)),
    (
        "no-logprobs-in-events",
        "leaves logprobs out of events",
        change_events("response.output_text.*", remove_fields("logprobs")),
    ),
    (
        "no-name-in-arguments-done",
        "leaves the name out when arguments are done",
        change_events("response.function_call_arguments.done", remove_fields("name")),
    ),
    (
        "added-items-without-status",
        "announces items without a status",
        change_events("response.output_item.added", remove_fields("item.status")),
    ),
    (
        "created-queued",
        "creates responses as queued",
        change_events("response.created", set_field("response.status", "queued")),
    ),
    (
        "events-with-extra-members",
        "adds members to every event",
        change_events("*", lambda e: e.update(trace_id="t-1")),
    ),
    (
        "encrypted-content-changes",
        "encrypts thoughts anew in each event",
        Hooks(events=lambda _, events: _encrypted(events)),
    ),
)


def _extra(response: Json) -> None:
    response.update(x_region="eu", output_text=None, usage_cost={"usd": 0.0}, conversation=None)
    if isinstance(response.get("usage"), dict):
        response["usage"]["input_tokens_details"]["audio_tokens"] = 0
        response["usage"]["cost"] = 0.0


def _kept(*groups: frozenset[str]) -> Hooks:
    keys = frozenset().union(*groups)

    def keep(response: Json) -> None:
        for key in [*response]:
            if key not in keys:
                del response[key]

    return change_snapshots(keep)


def _bare_parts(part: Json) -> None:
    part.pop("logprobs", None)


def _omitting_nulls(response: Json) -> None:
    for key in [key for key, value in response.items() if value is None]:
        del response[key]


def _cache(response: Json) -> None:
    usage = response.get("usage")
    if isinstance(usage, dict):
        usage["input_tokens_details"]["cached_tokens"] = usage["input_tokens"]


_MEMBERS: tuple[tuple[str, str, Hooks], ...] = (
    ("extra-members", "adds members to responses and usage", change_snapshots(_extra)),
    ("extra-members-in-items", "adds members to items", change_items("", set_field("agent", {"name": "a"}))),
    ("extra-members-in-parts", "adds members to parts", change_parts(set_field("x_tokens", 3))),
    ("page-keys-only", "tells the page's required members and no others", _kept(PAGE_KEYS)),
    (
        "page-keys-and-optional",
        "tells the page's members, the optional ones too",
        _kept(PAGE_KEYS, frozenset({"completed_at", "reasoning", "text"})),
    ),
    (
        "openai-keys-only",
        "tells what the OpenAI document requires and no more",
        _kept(PAGE_KEYS, OPENAI_KEYS),
    ),
    ("nulls-left-out", "leaves members out that would be null", change_snapshots(_omitting_nulls)),
    (
        "no-echo-of-sampling",
        "does not repeat temperature and its kin",
        change_snapshots(remove_fields("temperature", "top_p", "frequency_penalty", "presence_penalty")),
    ),
    (
        "no-usage-details",
        "tells usage without details",
        change_snapshots(remove_fields("usage.input_tokens_details", "usage.output_tokens_details")),
    ),
    (
        "no-cache-write-tokens",
        "does not count tokens written to a cache",
        change_snapshots(remove_fields("usage.input_tokens_details.cache_write_tokens")),
    ),
    ("cached-tokens", "found the whole input in its cache", change_snapshots(_cache)),
    (
        "no-logprobs",
        "leaves logprobs out of parts",
        combine(
            change_parts(_bare_parts),
            change_events("response.content_part.added", remove_fields("part.logprobs")),
            change_events("response.output_text.*", remove_fields("logprobs")),
        ),
    ),
    (
        "completed-at-left-out",
        "does not say when responses were completed",
        change_snapshots(remove_fields("completed_at")),
    ),
    (
        "reasoning-null",
        "tells no reasoning where none was asked for",
        change_snapshots(lambda r: r.update(reasoning=None) if r["reasoning"]["effort"] == "none" else None),
    ),
    (
        "verbosity-left-out",
        "does not repeat the verbosity",
        change_snapshots(remove_fields("text.verbosity")),
    ),
    (
        "service-tier-auto",
        "repeats service_tier as it was asked",
        change_snapshots(set_field("service_tier", "auto")),
    ),
)


def _renamed(how: Callable[[str], str]) -> Hooks:
    def rename(_: Request, response: Json) -> Json:
        made = copy.deepcopy(response)
        made["id"] = how(made["id"])
        for item in made["output"]:
            item["id"] = how(item["id"])
            if "call_id" in item:
                item["call_id"] = how(item["call_id"])
        return made

    return Hooks(response=rename)


def _uuid(_: str) -> str:
    return str(uuid.uuid4())


def _two_messages(_: Request, response: Json) -> Json:
    """The text comes in two messages, cut at its middle; each keeps to the rules of a message."""
    made = copy.deepcopy(response)
    plain = made["text"]["format"]["type"] == "text" and made["status"] == "completed"
    for place, item in enumerate(made["output"]):
        text = item["content"][0].get("text", "") if item["type"] == "message" else ""
        if plain and len(text) > 1 and not item["content"][0]["logprobs"]:
            second = copy.deepcopy(item)
            second["id"] = f"{item['id']}b"
            half = len(text) // 2
            item["content"][0]["text"], second["content"][0]["text"] = text[:half], text[half:]
            made["output"].insert(place + 1, second)
            break
    return made


def _two_parts(_: Request, response: Json) -> Json:
    made = copy.deepcopy(response)
    plain = made["text"]["format"]["type"] == "text"
    for item in made["output"]:
        if item["type"] == "message" and plain and len(item["content"][0].get("text", "")) > 1:
            first = item["content"][0]
            text, half = first["text"], len(first["text"]) // 2
            item["content"] = [
                {**first, "text": text[:half], "logprobs": []},
                {**first, "text": text[half:], "logprobs": []},
            ]
    return made


def _thinking(_: Request, response: Json) -> Json:
    """A reasoning item without a summary or a status before everything, whatever was asked."""
    made = copy.deepcopy(response)
    if not any(item["type"] == "reasoning" for item in made["output"]) and made["status"] == "completed":
        made["output"].insert(0, {"id": made["id"].replace("resp", "rs"), "type": "reasoning", "summary": []})
    return made


def _searched(_: Request, response: Json) -> Json:
    """The finished search of a hosted tool before everything."""
    made = copy.deepcopy(response)
    made["output"].insert(
        0, {"id": made["id"].replace("resp", "ws"), "type": "web_search_call", "status": "completed"}
    )
    return made


def _cited(part: Json) -> None:
    if part.get("text"):
        citation = {"type": "url_citation", "url": "https://example.org/", "title": "t"}
        part["annotations"] = [{**citation, "start_index": 0, "end_index": len(part["text"])}]


_ITEMS: tuple[tuple[str, str, Hooks], ...] = (
    ("ids-are-uuids", "gives UUIDs for ids", _renamed(_uuid)),
    (
        "ids-of-another-vendor",
        "gives ids with prefixes of its own",
        _renamed(lambda i: f"acme-{i.split('_')[1]}"),
    ),
    (
        "dated-model",
        "answers with the dated name of the model",
        change_snapshots(
            lambda r: r.update(model=f"{r['model']}-2025-12-11") if not r["model"].endswith("-11") else None
        ),
    ),
    ("two-messages", "answers in two messages", Hooks(response=_two_messages)),
    ("two-parts", "answers in two parts", Hooks(response=_two_parts)),
    ("reasoning-always", "shows a bare reasoning item first", Hooks(response=_thinking)),
    ("hosted-search", "shows the search of a hosted tool first", Hooks(response=_searched)),
    ("cited", "cites a source", change_parts(_cited)),
    ("phase", "tells the phase of messages", change_items("message", set_field("phase", "final_answer"))),
    (
        "reasoning-without-status",
        "gives reasoning items no status",
        combine(
            change_items("reasoning", remove_fields("status")),
            change_events(
                "response.output_item.added",
                lambda e: e["item"].pop("status", None) if e["item"]["type"] == "reasoning" else None,
            ),
        ),
    ),
    (
        "reasoning-content",
        "shows thoughts beside their summary",
        change_items("reasoning", set_field("content", [])),
    ),
)

_CONTRACTS = {
    "ids-on-events": NOT_OPENRESPONSES,
    "page-keys-only": PAGE,
    "page-keys-and-optional": PAGE,
    "openai-keys-only": NOT_OPENRESPONSES,
    "nulls-left-out": PAGE,
    "no-echo-of-sampling": PAGE,
    "no-usage-details": PAGE,
    "completed-at-left-out": NOT_OPENRESPONSES,
    "added-items-without-status": PAGE,
    "hosted-search": NOT_OPENRESPONSES,
    "events-with-extra-members": EVERYWHERE,
    "no-logprobs-in-events": EVERYWHERE,
    "extension-events": EVERYWHERE,
}
