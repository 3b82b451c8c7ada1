"""What a client read against what it was sent: one word for each job, and what is wrong."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from conformance.driving.jobs import Job, Looks
from conformance.driving.sent import Sent, as_json
from conformance.shown import shown
from conformance.verdicts.clients import Cell, ClientWord

SHOWN = 80
"""Characters of a text in a cell."""


Reported = Mapping[str, Any]
"""What a driver's line says."""


def judge(client: str, job: Job, reported: Reported, given: Sequence[tuple[str, Sent, bool]]) -> Cell:
    """How a client did a job.

    `given` are the exchanges that answered it: name, what each sent, and whether it ended in the middle.
    """
    names = tuple(name for name, _, _ in given)
    word, says, kind = _judged(job, reported, [sent for _, sent, _ in given], any(cut for *_, cut in given))
    return Cell(client, job.name, word, says, kind, names)


def _judged(job: Job, reported: Reported, sent: Sequence[Sent], cut: bool) -> tuple[ClientWord, str, str]:
    raised = reported.get("exception")
    kind = str(raised.get("class", "")) if isinstance(raised, dict) else ""
    message = str(raised.get("message", "")) if isinstance(raised, dict) else ""
    if "error" in job.looks:
        return _refusal(sent, kind, message, reported)
    if cut:
        read = f"the connection was cut, and nothing says so: {_quoted(reported.get('text'))} was read"
        return ("ok", "", kind) if kind else ("wrong", read, "")
    if kind:
        return "exception", shown(" ".join(message.split()), 300), kind
    if not sent:
        return "wrong", "it asked nothing", ""
    looks: Sequence[Looks] = ("text",) if job.looks == ("end",) else job.looks
    wrong = [line for look in looks for line in _COMPARED[look](reported, sent)]
    return ("wrong", "; ".join(wrong), "") if wrong else ("ok", "", "")


def _refusal(
    sent: Sequence[Sent], kind: str, message: str, reported: Reported
) -> tuple[ClientWord, str, str]:
    """An error that was sent must be raised, and its message told."""
    wanted = sent[-1].error if sent else None
    if wanted is None and sent:
        return "not run", "the provider answers what was to be refused", ""
    if not kind:
        return "wrong", f"no error is raised: {_quoted(reported.get('text'))} was read", ""
    if not wanted:
        return "wrong", "no message was sent" if sent else f"it asked nothing: {shown(message, 200)}", kind
    if _squeezed(wanted) in _squeezed(message):
        return "ok", "", kind
    return "wrong", f"the message is lost: {_quoted(message)} is told, not {_quoted(wanted)}", kind


def _text(reported: Reported, sent: Sequence[Sent]) -> Iterator[str]:
    read, wanted = reported.get("text"), sent[-1].text
    if not wanted:
        yield f"no text was sent, {_quoted(read)} was read"
    elif read != wanted:
        yield f"text {_quoted(read)} was read, not {_quoted(wanted)}"


def _usage(reported: Reported, sent: Sequence[Sent]) -> Iterator[str]:
    found = reported.get("usage") or {}
    read, wanted = (found.get("input"), found.get("output")), sent[-1].usage
    if None in wanted:
        yield f"no usage was sent, {_tokens(read)} was read"
    elif read != wanted:
        yield f"usage {_tokens(read)} was read, not {_tokens(wanted)}"


def _calls(reported: Reported, sent: Sequence[Sent]) -> Iterator[str]:
    if reported.get("calls") is None:  # a client with tools of its own does not tell their calls
        if len(sent) < 2:
            yield "no tool was called: it asked once"
        return
    read = [{"name": c.get("name"), "arguments": as_json(c.get("arguments"))} for c in reported["calls"]]
    wanted = list(sent[0].calls)
    if not wanted:
        yield f"no call was sent, {_told(read)} was read"
    elif sorted(read, key=repr) != sorted(wanted, key=repr):  # tools run side by side have no order
        yield f"{_told(read)} was read, not {_told(wanted)}"


def _structured(reported: Reported, sent: Sequence[Sent]) -> Iterator[str]:
    read, wanted = reported.get("structured"), sent[-1].structured
    if wanted is None:
        yield f"no object was sent, {_quoted(read)} was read"
    elif read != wanted:
        yield f"{_quoted(read)} was read, not {_quoted(wanted)}"


_COMPARED: Mapping[Looks, Callable[[Reported, Sequence[Sent]], Iterator[str]]] = {
    "text": _text,
    "usage": _usage,
    "calls": _calls,
    "structured": _structured,
}


def _told(calls: Sequence[Mapping[str, Any]]) -> str:
    if not calls:
        return "no call"
    return " and ".join(f"{call['name']}({shown(call['arguments'], SHOWN)})" for call in calls)


def _tokens(counts: tuple[Any, Any]) -> str:
    return f"{counts[0]}/{counts[1]}"


def _quoted(value: object) -> str:
    return repr(shown(value, SHOWN)) if isinstance(value, str) else shown(value, SHOWN)


def _squeezed(text: str) -> str:
    """A message without what quoting and line ends make of it."""
    return "".join(text.replace("\\n", "").replace("\\", "").split())
