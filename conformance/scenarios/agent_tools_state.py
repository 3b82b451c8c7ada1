"""What long sessions of coding agents need: conversations packed and sent back, work in the background."""

from typing import Any

from conformance.contract.area import Area
from conformance.exchange import Call, encode_json
from conformance.response import Body
from conformance.scenarios.loops import came
from conformance.scenarios.scenario import Done, NotNeeded, Scenario, Shows, Target, message, post
from conformance.scenarios.shapes import ENOUGH, Asked, bounded, in_doubt, premise, says, turn
from conformance.scenarios.storage import DELETE_STORED, identifier, worked

AREA: Area = "agent_tools"

Json = dict[str, Any]

CODE_WORD = "CALYPSO-2291"
_TOLD = [
    *message(f"The code word is {CODE_WORD}. Keep it."),
    *message("I keep it.", "assistant"),
]
_ASK = message("What is the code word?")


def _compact(target: Target, _: Done) -> Call:
    return Call("compact-told", path="/compact", body=encode_json({"model": target.model, "input": _TOLD}))


COMPACTED = Scenario("compact-told", AREA, _compact, expects="either", output_tokens=ENOUGH)
"""A conversation with a code word in it, packed."""


def packed(answer: Body) -> list[Json]:
    """The compaction items of an answer that can be sent back."""
    return [item for _, item in answer.of_type("compaction") if item.get("encrypted_content")]


def _replayed(done: Done) -> Json:
    answer = came(COMPACTED, done)
    if not packed(answer):
        raise NotNeeded(f"{COMPACTED.name} brought no compaction item with a content to send back")
    return {"input": [*(item for _, item in answer.items), *_ASK]}


REPLAYED = turn("compact-replayed", _replayed, COMPACTED, holds=says(CODE_WORD), area=AREA)
"""What came, as it came, in place of the conversation."""

REPLAYED_PLAIN = premise(
    "compact-replayed-plain",
    lambda _: {"input": [*_TOLD, *_ASK]},
    REPLAYED,
    says(CODE_WORD),
    area=AREA,
)
"""The conversation itself."""

TRIGGERED = post(
    "compaction-trigger",
    bounded({"input": [*_TOLD, {"type": "compaction_trigger"}]}),
    area=AREA,
    family="conversation",
    expects="either",
    output_tokens=ENOUGH,
    shows=Shows(lambda answer: bool(packed(answer))),
)
"""A conversation that ends in the wish to be packed."""

_RETENTION = {"prompt_cache_retention": "24h"}
_HELLO = {"type": "input_text", "text": "Reply with exactly: Hi"}
_MARKED = [{"role": "user", "content": [{**_HELLO, "prompt_cache_breakpoint": {"mode": "explicit"}}]}]
_PHASED = [
    *message("Hello"),
    {"role": "assistant", "phase": "commentary", "content": "I am going to say hello."},
]

SESSION = post(
    "agent-session",
    bounded({"input": [*_PHASED, *message(_HELLO["text"])], **_RETENTION}),
    area=AREA,
    family="conversation",
    expects="either",
    output_tokens=ENOUGH,
)
"""What agents say of their prompts, all in one request."""


def _alone(name: str, items: list[Json], **fields: Any) -> Scenario:
    return in_doubt(name, {"input": items, **fields}, SESSION, area=AREA)


SAID = (
    Asked("phase", "agent.phase", SESSION, _alone("agent-phase", [*_PHASED, *message(_HELLO["text"])])),
    Asked(
        "retention",
        "agent.cache-retention",
        SESSION,
        _alone("agent-cache-retention", message(_HELLO["text"]), **_RETENTION),
    ),
)

MARKED = post(
    "agent-cache-breakpoint",
    bounded({"input": _MARKED}),
    area=AREA,
    family="conversation",
    expects="either",
    output_tokens=ENOUGH,
)
"""A part that ends what can be cached: for newer models alone, so that it may be refused."""

CONVERSATION = post(
    "conversation-unknown",
    bounded({"input": _ASK, "conversation": "conv_5f3c9e0000000000000000000000000000000000"}),
    area=AREA,
    expects="refusal",
)
"""To go on with a conversation that there is not."""


def _begin(_: Target, __: Done) -> Call:
    return Call("conversation-begun", path="/conversations", absolute=True, body=encode_json({}))


CONVERSATION_BEGUN = Scenario("conversation-begun", AREA, _begin, expects="either")
"""No source tells of this endpoint: where there is none, there is no conversation to go on with."""

LOCKER = "7741"
_NOTE = message(f"My locker has the number {LOCKER}. Keep it. Reply with exactly: Kept")
_REPEAT = message("Repeat the number of my locker, as it was said before.")


def _begun_id(done: Done) -> str:
    """The id of the conversation; raises NotNeeded where none was begun."""
    value = done[CONVERSATION_BEGUN.name].exchange.json.value if CONVERSATION_BEGUN.name in done else None
    found = value.get("id") if isinstance(value, dict) and worked(CONVERSATION_BEGUN, done) else None
    if not isinstance(found, str) or not found:
        raise NotNeeded(f"{CONVERSATION_BEGUN.name} brought no conversation")
    return found


TOLD = turn(
    "conversation-told",
    lambda done: {"input": _NOTE, "conversation": _begun_id(done), "store": True},
    CONVERSATION_BEGUN,
    area=AREA,
)


def _recalling(done: Done) -> dict[str, Any]:
    if not worked(TOLD, done):
        raise NotNeeded(f"{TOLD.name} was not taken, so there is nothing to remember")
    return {"input": _REPEAT, "conversation": {"id": _begun_id(done)}, "store": True}


RECALLED = turn(
    "conversation-recalled",
    _recalling,
    CONVERSATION_BEGUN,
    TOLD,
    holds=says(LOCKER),
    area=AREA,
)
"""The question alone: what was said in the conversation is the provider's to remember."""

RECALLED_PLAIN = premise(
    "conversation-recalled-plain",
    lambda _: {"input": [*_NOTE, *message("Kept", "assistant"), *_REPEAT]},
    RECALLED,
    says(LOCKER),
    area=AREA,
)


def _background(name: str, *, store: bool) -> Scenario:
    return post(
        name,
        bounded({"input": message("Reply with exactly: Hi"), "background": True, "store": store}),
        area=AREA,
        expects="either",
        output_tokens=ENOUGH,
    )


BEGUN = _background("background", store=True)
BEGUN_TO_CANCEL = _background("background-to-cancel", store=True)
UNSTORED = _background("background-unstored", store=False)


def _about(name: str, of: Scenario, method: str = "GET", tail: str = "") -> Scenario:
    """A call about the response of another scenario."""

    def build(_: Target, done: Done) -> Call:
        body = b"" if method == "POST" else None
        return Call(name, method, f"/{identifier(of, done)}{tail}", body=body)

    return Scenario(name, AREA, build, expects="either", after=(of,))


def _deletion(name: str, of: Scenario, *behind: Scenario) -> Scenario:
    def build(_: Target, done: Done) -> Call:
        if not worked(DELETE_STORED, done):
            raise NotNeeded(f"{DELETE_STORED.name} did not work, so this would show nothing")
        return Call(name, "DELETE", f"/{identifier(of, done)}")

    return Scenario(name, AREA, build, expects="either", after=(of, DELETE_STORED), behind=behind)


FOUND = _about("background-found", BEGUN)
CANCELLED = _about("background-cancelled", BEGUN_TO_CANCEL, "POST", "/cancel")
UNSTORED_FOUND = _about("background-unstored-found", UNSTORED)

DELETIONS = (
    _deletion("delete-background", BEGUN, FOUND),
    _deletion("delete-background-cancelled", BEGUN_TO_CANCEL, CANCELLED),
)
"""After everything that needs them, where deleting works at all."""


def _end(_: Target, done: Done) -> Call:
    path = f"/conversations/{_begun_id(done)}"
    return Call("delete-conversation", "DELETE", path, absolute=True)


CONVERSATION_DELETIONS = (
    _deletion("delete-conversation-told", TOLD, RECALLED),
    _deletion("delete-conversation-recalled", RECALLED),
    Scenario(
        "delete-conversation", AREA, _end, expects="either", after=(CONVERSATION_BEGUN,), behind=(RECALLED,)
    ),
)
