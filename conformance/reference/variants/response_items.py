"""Variants of output items, their parts, and their ids."""

import copy
import uuid
from collections.abc import Callable

from conformance.reference.conversation import Json
from conformance.reference.hooks import Hooks, Request
from conformance.reference.mutations import combine, remove_fields, set_field
from conformance.reference.stream_mutations import change_events, change_items, change_parts
from conformance.reference.variants.variant import NOT_OPENRESPONSES, Variant


def _bare_parts(part: Json) -> None:
    part.pop("logprobs", None)


def _renamed(how: Callable[[str], str]) -> Hooks:
    def rename(_: Request, response: Json) -> Json:
        made = copy.deepcopy(response)
        made["id"] = how(made["id"])
        for item in made["output"]:
            item["id"] = how(item["id"])
            if item.get("call_id"):
                item["call_id"] = how(item["call_id"])
        return made

    return Hooks(response=rename)


def _uuid(_: str) -> str:
    return str(uuid.uuid4())


def _counted(request: Request, response: Json) -> Json:
    """Each call has the next number of the provider's."""
    made = copy.deepcopy(response)
    for item in made["output"]:
        if "call_id" in item:
            request.memory["calls"] = request.memory.get("calls", 0) + 1
            item["call_id"] = f"call_{request.memory['calls']}"
    return made


def _called_by_item(_: Request, response: Json) -> Json:
    items = [{**i, "call_id": i["id"]} if "call_id" in i else i for i in response["output"]]
    return {**response, "output": items}


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


VARIANTS: tuple[Variant, ...] = (
    Variant(
        "extra-members-in-items",
        "adds members to items",
        hooks=change_items("", set_field("agent", {"name": "a"})),
    ),
    Variant("extra-members-in-parts", "adds members to parts", hooks=change_parts(set_field("x_tokens", 3))),
    Variant(
        "no-logprobs",
        "leaves logprobs out of parts",
        hooks=combine(
            change_parts(_bare_parts),
            change_events("response.content_part.added", remove_fields("part.logprobs")),
            change_events("response.output_text.*", remove_fields("logprobs")),
        ),
    ),
    Variant("ids-are-uuids", "gives UUIDs for ids", hooks=_renamed(_uuid)),
    Variant(
        "ids-of-another-vendor",
        "gives ids with prefixes of its own",
        hooks=_renamed(lambda i: f"acme-{i.split('_')[1]}"),
    ),
    Variant("call-ids-counted", "counts its calls over its whole life", hooks=Hooks(response=_counted)),
    Variant(
        "call-id-of-item", "gives a call one id for call and item", hooks=Hooks(response=_called_by_item)
    ),
    Variant("two-messages", "answers in two messages", hooks=Hooks(response=_two_messages)),
    Variant("two-parts", "answers in two parts", hooks=Hooks(response=_two_parts)),
    Variant("reasoning-always", "shows a bare reasoning item first", hooks=Hooks(response=_thinking)),
    Variant(
        "hosted-search",
        "shows the search of a hosted tool first",
        hooks=Hooks(response=_searched),
        contracts=NOT_OPENRESPONSES,
    ),
    Variant("cited", "cites a source", hooks=change_parts(_cited)),
    Variant(
        "phase",
        "tells the phase of messages",
        hooks=change_items("message", set_field("phase", "final_answer")),
    ),
    Variant(
        "reasoning-without-status",
        "gives reasoning items no status",
        hooks=combine(
            change_items("reasoning", remove_fields("status")),
            change_events(
                "response.output_item.added",
                lambda e: e["item"].pop("status", None) if e["item"]["type"] == "reasoning" else None,
            ),
        ),
    ),
    Variant(
        "reasoning-content",
        "shows thoughts beside their summary",
        hooks=change_items("reasoning", set_field("content", [])),
    ),
)
