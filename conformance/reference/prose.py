"""What the obedient model says: rules over the conversation, tried in order, each deterministic."""

import re
from collections.abc import Sequence

from conformance.reference.conversation import ConversationItem
from conformance.reference.images import colour_of

GREETING = "Hi! How can I help you today?"
_GREETINGS = {
    "low": "Hi! How can I help?",
    "high": f"{GREETING} Ask me anything you like, as often as you like.",
}

_EXACTLY = re.compile(
    r"(?:reply|answer|respond|say|repeat|output|write)\b[^:\n]{0,60}?\b(?:exactly|verbatim|only)\b"
    r"[^:\n]{0,60}:\s*(.+)",
    re.IGNORECASE | re.DOTALL,
)
_OBJECT = re.compile(r"\bexactly\b[^{:\n]{0,60}(\{.*\})", re.IGNORECASE | re.DOTALL)
_ALWAYS = re.compile(
    r"(?:always|only|must)\b[^.\n:]{0,60}?\b(?:with|say|answer|reply|write|output)\b"
    r"[^.\n:]{0,40}?\b(?:word|text|phrase|token|line|exactly)\b:?\s+[\"'`]?([\w-]+)",
    re.IGNORECASE,
)
_COUNT = re.compile(r"count\s+(?:up\s+)?from\s+(\d{1,4})\s+to\s+(\d{1,4})", re.IGNORECASE)
_REFUSE = re.compile(r"^\s*refuse:\s*(.+)", re.IGNORECASE | re.DOTALL)
_FACT = re.compile(
    r"\b((?:the|my|your)\s+(?:\w+\s+){0,2}?\w+)\s+(?:is|was|=)\s+[\"'`]?([\w-]+)", re.IGNORECASE
)
_ASKED = re.compile(r"\b((?:the|my|your)\s+(?:\w+\s+){0,2}?\w+)\s*[?.!]", re.IGNORECASE)
_RECALL = re.compile(
    r"\b(repeat|recall|remember|earlier|before|previous|first|last|told|said|say|what|which|who)\b",
    re.IGNORECASE,
)
_WORDY = re.compile(r"\b(write|describe|explain|tell|story|essay|list|poem|summari[sz]e)\b", re.IGNORECASE)
_INVENT = re.compile(r"\binvent a code word\b", re.IGNORECASE)
INVENTED = "QUIVERNO"
_DEGREES = re.compile(r"\bhow many degrees\b", re.IGNORECASE)
_QUOTED = re.compile(r':\s*"([^"]+)"')
_COLOUR = re.compile(r"\bcolou?r\b", re.IGNORECASE)

_SENTENCES = (
    "A server that keeps its contract is easy to build upon.",
    "Its answers have the shape that was promised, whatever was asked.",
    "What it cannot do it refuses, and it says which field was at fault.",
    "A stream tells one story, from the first event to the last.",
    "Its numbers add up, and its names stay the same.",
    "So a client can be short, and its author can sleep.",
)
_SENTENCE_COUNT = {"low": 3, "medium": 6, "high": 12}


def refusal_in(conversation: Sequence[ConversationItem]) -> str:
    """The text after `Refuse:` where the user's last message asks for a refusal; else empty."""
    found = _REFUSE.match(last_of(conversation, "user").text)
    return found[1].strip() if found else ""


def reply_to(conversation: Sequence[ConversationItem], verbosity: str) -> str:
    """The model's text for a conversation. A system's or developer's order to reply so comes first."""
    for item in reversed(conversation):
        if item.role in {"system", "developer"} and (ordered := ordered_by(item.text)):
            return ordered
    last = conversation[-1] if conversation else ConversationItem("user", "")
    if last.role == "tool":
        return f"The tool answered: {last.text}"
    asked = last_of(conversation, "user")
    return (
        ordered_by(asked.text)
        or _counted(asked.text)
        or _invented(asked.text)
        or _reported(conversation, asked.text)
        or _seen(asked)
        or _recalled(conversation, asked)
        or _free(asked.text, verbosity)
    )


def last_of(conversation: Sequence[ConversationItem], role: str) -> ConversationItem:
    """The last item of a role, an empty one where there is none."""
    return next((item for item in reversed(conversation) if item.role == role), ConversationItem("user", ""))


def ordered_by(text: str) -> str:
    """The words that a text orders to be said exactly; empty where it orders nothing."""
    if found := _OBJECT.search(text) or _EXACTLY.search(text):
        return found[1].strip()
    if found := _ALWAYS.search(text):
        return found[1]
    return ""


def _counted(text: str) -> str:
    found = _COUNT.search(text)
    if not found:
        return ""
    first, last = int(found[1]), int(found[2])
    return ", ".join(map(str, range(first, last + 1)))


def _invented(text: str) -> str:
    return INVENTED if _INVENT.search(text) else ""


def fact_of(conversation: Sequence[ConversationItem], name: str) -> str:
    """What a conversation says that a thing is (`code word`); empty where it does not say."""
    for item in reversed(conversation):
        for told, value in _FACT.findall(item.text):
            if _plain(told) == name:
                return str(value)
    return ""


def _reported(conversation: Sequence[ConversationItem], asked: str) -> str:
    """What a tool answered to the call whose argument the user names."""
    named = {i.call_id for i in conversation if i.role == "call" and _argument_in(i.text, asked)}
    outputs = [i.text for i in conversation if i.role == "tool" and i.call_id in named]
    return outputs[-1] if _DEGREES.search(asked) and outputs else ""


def _argument_in(call: str, text: str) -> bool:
    return any(re.search(rf"\b{re.escape(word)}\b", text) for word in _QUOTED.findall(call.partition(" ")[2]))


def _seen(asked: ConversationItem) -> str:
    colours = [colour_of(image) or "unknown" for image in asked.images]
    if not colours:
        return ""
    return (
        colours[0]
        if _COLOUR.search(asked.text)
        else f"I see a plain {' and a plain '.join(colours)} picture."
    )


def _recalled(conversation: Sequence[ConversationItem], asked: ConversationItem) -> str:
    """A fact or the words from earlier in the conversation, where the user asks for them."""
    earlier = [i for i in conversation if i is not asked and i.role != "call" and (i.text or i.images)]
    if not earlier or not _RECALL.search(asked.text):
        return ""
    wanted = {_plain(name) for name in _ASKED.findall(asked.text)}
    for item in reversed(earlier):
        for name, value in _FACT.findall(item.text):
            if _plain(name) in wanted:
                return str(value)
    if re.search(r"\byou\b.*\b(say|said|answer|answered|replied|told)\b", asked.text, re.IGNORECASE):
        earlier = [item for item in earlier if item.role == "assistant"] or earlier
    return "Earlier it was said: " + " / ".join(map(_retold, earlier[-6:]))


def _retold(item: ConversationItem) -> str:
    pictures = (f"a plain {colour_of(image) or 'unknown'} picture" for image in item.images)
    return " with ".join([item.text[-400:], *pictures])


def _plain(name: str) -> str:
    return " ".join(name.lower().split()[1:])


def _free(text: str, verbosity: str) -> str:
    if _WORDY.search(text):
        number = _SENTENCE_COUNT.get(verbosity, 6)
        return " ".join(_SENTENCES[index % len(_SENTENCES)] for index in range(number))
    return _GREETINGS.get(verbosity, GREETING)
