"""What must hold between the answers of a run: no id twice, no answer that belongs to another request."""

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from conformance.response import Body, whole
from conformance.shown import shown
from conformance.verdicts.verdict import Finding

EXACTLY = "Reply with exactly: "

VERY_DIFFERENT = 8
"""How many times as long a text is that cannot cost the same."""


def response_ids_differ(bodies: Iterable[Body]) -> Iterator[Finding]:
    """Two responses never share an id."""
    first: dict[str, str] = {}
    for body in bodies:
        name, scenario = body.response.get("id"), body.exchange.scenario
        if isinstance(name, str) and name:
            if name in first:
                yield Finding(f"another id than {first[name]} has", name, "$.id", scenario)
            first.setdefault(name, scenario)


def item_ids_differ(bodies: Iterable[Body]) -> Iterator[Finding]:
    """Two items of different responses never share an id; within one response is judged apart."""
    first: dict[str, str] = {}
    for body in bodies:
        scenario = body.exchange.scenario
        own: dict[str, str] = {}
        for where, item in body.items:
            name = item.get("id")
            if isinstance(name, str) and name:
                own.setdefault(name, where)
        for name, where in own.items():
            if name in first:
                yield Finding(f"another id than an item of {first[name]} has", name, f"{where}.id", scenario)
            first.setdefault(name, scenario)


def call_ids_differ(bodies: Iterable[Body]) -> Iterator[Finding]:
    """Two calls of different responses never share a call_id; within one response is judged apart.

    A response that is told again, under its own id, is no different one.
    """
    first: dict[str, Body] = {}
    for body in bodies:
        for where, call in body.of_type("function_call"):
            name = call.get("call_id")
            if not isinstance(name, str) or not name:
                continue
            other = first.setdefault(name, body)
            if other is not body and other.response.get("id") != body.response.get("id"):
                scenario = body.exchange.scenario
                expected = f"another call_id than a call of {other.exchange.scenario} has"
                yield Finding(expected, name, f"{where}.call_id", scenario)


def not_every_answer_is_empty(completed: Sequence[Body]) -> Iterator[Finding]:
    """Of the completed answers of a run, one at the least holds an item."""
    if completed and all(body.response["output"] == [] for body in completed):
        actual = f"[] in all {len(completed)} completed answers"
        yield Finding("at least one item in some answer", actual, "$.output", completed[0].exchange.scenario)


def completed_with_output(bodies: Iterable[Body]) -> list[Body]:
    """The completed answers whose `output` is a list, be it empty; of several attempts the first."""
    found: dict[str, Body] = {}
    for body in bodies:
        if body.status == "completed" and isinstance(body.response.get("output"), list):
            found.setdefault(body.exchange.scenario.split("~")[0], body)
    return list(found.values())


def answers_belong_to_their_requests(bodies: Iterable[Body]) -> Iterator[Finding]:
    """No answer is the exact words that only another request of the run asked for.

    Judged on words that cannot come by chance: some letters, then digits. A request that builds on an
    earlier response may well repeat what that one was asked for.
    """
    seen = list(bodies)
    owners: dict[str, str] = {}
    for body in seen:
        words = exact_words(body.asked)
        if words and _UNGUESSABLE.search(words):
            owners.setdefault(words, body.exchange.scenario)
    for body in seen:
        owner = owners.get(body.text.strip())
        if owner is None or "previous_response_id" in body.asked or "conversation" in body.asked:
            continue
        if body.text.strip() not in json.dumps(body.asked, ensure_ascii=False):
            yield Finding(
                "an answer to its own request",
                f"{body.text.strip()}, which {owner} asked for",
                body.texts[0][0],
                body.exchange.scenario,
            )


def output_tokens_vary(bodies: Iterable[Body]) -> Iterator[Finding]:
    """Answers of very different length do not all cost the same; judged on those that only hold text."""
    plain = [body for body in bodies if body.text and len(body.items) == len(body.of_type("message"))]
    counts = {body.count("output_tokens") for body in plain}
    if len(counts) != 1 or counts & {None, 0} or len(plain) < 3:
        return
    shortest, longest = (choose(plain, key=lambda body: len(body.text)) for choose in (min, max))
    if len(longest.text) >= VERY_DIFFERENT * len(shortest.text):
        expected = f"more tokens for {len(longest.text)} characters than for {len(shortest.text)}"
        actual = f"{longest.count('output_tokens')} for every answer"
        yield Finding(expected, actual, "$.usage.output_tokens", longest.exchange.scenario)


def input_tokens_differ(pairs: Sequence[tuple[Body, Body]]) -> Iterator[Finding]:
    """Pairs of answers to the same request of which none cost the same input; seen only in three or more.

    A count of nothing has a requirement of its own.
    """
    counts = [(one.count("input_tokens"), other.count("input_tokens"), other) for one, other in pairs]
    if len(counts) < 3 or any(not one or other == 0 or one == other for one, other, _ in counts):
        return
    for one, other, body in counts:
        yield Finding(f"{one}, as its twin", str(other), "$.usage.input_tokens", body.exchange.scenario)


def longest_answers(bodies: Iterable[Body]) -> Mapping[str, int]:
    """The most output tokens that an answer took which no limit cut, by the input that was asked."""
    longest: dict[str, int] = {}
    for body in bodies:
        limit, given = whole(body.asked.get("max_output_tokens")), body.count("output_tokens") or 0
        if limit is None or given < limit:
            asked = json.dumps(body.asked.get("input"), sort_keys=True)
            longest[asked] = max(longest.get(asked, 0), given)
    return longest


def is_longer(longest: Mapping[str, int], body: Body) -> bool:
    """Whether an answer to the same input, without this one's limit, took more tokens than the limit."""
    limit = whole(body.asked.get("max_output_tokens"))
    asked = json.dumps(body.asked.get("input"), sort_keys=True)
    return limit is not None and longest.get(asked, 0) > limit


def a_whole_answer_is_completed(body: Body) -> Iterator[Finding]:
    """Who got exactly the words asked for got a completed response, not a failed or an incomplete one."""
    words = exact_words(body.asked).strip()
    limit, given = whole(body.asked.get("max_output_tokens")), body.count("output_tokens")
    if not words or words != body.text.strip() or (limit is not None and (given is None or given >= limit)):
        return
    if body.status in ("failed", "incomplete"):
        yield Finding(
            f"completed, since the whole answer is there: {shown(words, 60)}", str(body.status), "$.status"
        )


def text_is_what_the_model_said(body: Body) -> Iterator[Finding]:
    """An exact reply came through neither encoded twice nor stripped, and without the model's thinking.

    Only a text that equals the words asked for once the damage is undone shows it; any other text is the
    model's own.
    """
    words, text = exact_words(body.asked), body.text
    if not words or words.strip() == text.strip():
        return
    for damage, undone in _undone(text).items():
        if undone.strip() == words.strip():
            yield Finding(words, f"{shown(text)} ({damage})", body.texts[0][0])
            return
    if "\\" in words and _read_as_json(words.replace('"', '\\"')) == text:
        yield Finding(words, f"{shown(text)} (its backslashes were read as escapes)", body.texts[0][0])
    if not words.isascii() and _is_replaced(words, text):
        yield Finding(words, f"{shown(text)} (what is not ASCII was replaced)", body.texts[0][0])


def exact_words(asked: Mapping[str, object]) -> str:
    """The words that a request asks the model to repeat; empty where it asks for nothing like it.

    Only the last message counts, and nothing that may rightly change the reply beside it.
    """
    if any(key in asked for key in ("stop", "tools", "text", "instructions")):
        return ""
    given = asked.get("input")
    last = given[-1] if isinstance(given, list) and given else given
    content = last.get("content") if isinstance(last, dict) else last
    if not isinstance(content, str) or not content.startswith(EXACTLY):
        return ""
    return content.removeprefix(EXACTLY)


_UNGUESSABLE = re.compile(r"[a-z]{3,}\W*\d{4}")


def _undone(text: str) -> dict[str, str]:
    """The text with each known damage undone. Quotation marks alone are a model's habit, no damage."""
    undone = {"HTML-escaped": html.unescape(text)}
    if "</think" in text:
        undone["with the model's thinking in it"] = text.rpartition("</think")[2].partition(">")[2]
    for codec, name in (("latin-1", "Latin-1"), ("cp1252", "Windows-1252")):
        with suppress(UnicodeError):
            undone[f"UTF-8 read as {name}"] = text.encode(codec).decode()
    if "\\u" in text or not text.startswith('"'):
        undone["encoded as JSON twice"] = _read_as_json(text.strip('"') if "\\u" in text else text)
    undone["with escaped quotation marks"] = text.replace('\\"', '"')
    return undone


def _read_as_json(text: str) -> str:
    """The text that stands between quotation marks in JSON; itself where it cannot."""
    with suppress(ValueError, RecursionError):
        return str(json.loads(f'"{text}"', strict=False))
    return text


def _is_replaced(words: str, text: str) -> bool:
    """Whether the text is the words with whatever is not ASCII left out or replaced by a stand-in."""
    rest = _STAND_IN.sub("", text)
    return rest.isascii() and rest != "" and rest == _BEYOND.sub("", words)


_STAND_IN = re.compile(r"[\s?\ufffd]")
_BEYOND = re.compile(r"[^\x00-\x7f]|[\s?]")
