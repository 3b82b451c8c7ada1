"""Answers beside the shared ones: a conversation that the client tells, and words that escaping harms."""

from conformance.scenarios.scenario import ask, message

CONVERSATION = ask(
    "conversation",
    [
        *message("Reply with exactly: heron-2291"),
        *message("heron-2291", role="assistant"),
        *message("Reply with exactly: plover-6640"),
    ],
    family="conversation",
    output_tokens=30,
)

SPECIAL_TEXT = ask(
    "special-text", 'Reply with exactly: if a < b && c > "d" then 5\'6 & C:\\new', output_tokens=40
)
