"""What must hold between the answers of a run: no id twice, no answer that belongs to another request."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from conformance.response import Body, whole
from conformance.rules.answer import names_model, used_up
from conformance.rules.response_consistency_texts import exact_words
from conformance.shown import shown
from conformance.verdicts.verdict import Finding


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
            found.setdefault(body.exchange.performance.scenario, body)
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


_UNGUESSABLE = re.compile(r"[a-z]{3,}\W*\d{4}")

BEYOND_THE_PAGE = frozenset(
    {"error", "incomplete_details", "instructions", "metadata", "tool_choice", "tools"}
)
"""Keys that a response has where it is told as both public specifications tell it."""


def model_is_the_one_asked_for(body: Body) -> Iterator[Finding]:
    """The answered model is the requested one or a dated name of it; a provider's prefix is free."""
    asked, answered = body.asked.get("model"), body.response.get("model")
    if not isinstance(asked, str) or not isinstance(answered, str) or not asked or not answered:
        return
    if not names_model(answered, asked):
        yield Finding(f"{asked}, or a dated name of it", answered, "$.model")


def a_foreground_answer_is_finished(body: Body) -> Iterator[Finding]:
    """What a client waited for is neither queued nor in progress when it comes."""
    if body.status in ("queued", "in_progress") and body.asked.get("background") is not True:
        yield Finding("a finished status", shown(body.status), "$.status")


def incomplete_says_why(body: Body) -> Iterator[Finding]:
    """Status `incomplete` goes with `incomplete_details.reason`, any other status without it.

    What is neither null nor an object has a requirement of its own, here and below.
    """
    details = body.response.get("incomplete_details")
    reason = details.get("reason") if isinstance(details, dict) else None
    unsaid = not (isinstance(reason, str) and reason)
    shapeless = not isinstance(details, dict | None)
    if body.status == "incomplete" and unsaid and not shapeless and _tells_more_than_the_page(body):
        actual = "no incomplete_details" if "incomplete_details" not in body.response else shown(details)
        yield Finding("a reason, since the response is incomplete", actual, "$.incomplete_details.reason")
    if isinstance(body.status, str) and body.status != "incomplete" and isinstance(details, dict):
        yield Finding(f"null, since the response is {body.status}", shown(details), "$.incomplete_details")


def failed_says_why(body: Body) -> Iterator[Finding]:
    """Status `failed` goes with an error that has code and message, any other status without one."""
    error = body.response.get("error")
    if body.status == "failed" and error is None and _tells_more_than_the_page(body):
        actual = "no error" if "error" not in body.response else shown(error)
        yield Finding("an object, since the response failed", actual, "$.error")
    if isinstance(body.status, str) and body.status != "failed" and isinstance(error, dict):
        yield Finding(f"null, since the response is {body.status}", shown(error), "$.error")


def _tells_more_than_the_page(body: Body) -> bool:
    """Whether the response is told as both specifications do; the page has no word for what went wrong."""
    return bool(BEYOND_THE_PAGE & body.response.keys())


def what_was_cut_is_not_completed(body: Body) -> Iterator[Finding]:
    """An answer that used up `max_output_tokens` was cut short, and says so."""
    if used_up(body) and body.status == "completed":
        limit, given = body.asked["max_output_tokens"], body.count("output_tokens")
        yield Finding(
            f"incomplete, since {given} of {limit} output tokens were used", "completed", "$.status"
        )
