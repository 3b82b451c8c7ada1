"""Inputs that show whether they reach the model, each beside the control that shows its premise."""

from typing import Any

from conformance.scenarios.scenario import Says, ask, message

CODE_WORD_CONTROL = ask("code-word-control", "What is the code word?", area="input", output_tokens=40)
"""The question alone: it costs fewer input tokens than the question behind a message that is read."""

UNANSWERED = ask(
    "history-control",
    [*message("Think of a code word."), *message("What is the code word?")],
    area="input",
    output_tokens=40,
)
"""The history without its assistant's message, which costs input tokens where it is read."""

FIRST_TURN, LAST_TURN = "linnet-7715", "dunlin-3098"
TURNS = ask(
    "last-turn",
    [
        *message(f"Reply with exactly: {FIRST_TURN}"),
        *message(FIRST_TURN, "assistant"),
        *message(f"Reply with exactly: {LAST_TURN}"),
    ],
    area="input",
    output_tokens=20,
    smoke=True,
    shows=Says(LAST_TURN),
)

LONG_INPUT = ask(
    "long-input",
    "Reply with exactly: Hello there\n" + "This sentence is only here to be read. " * 50,
    area="input",
    output_tokens=30,
    max_output_tokens=64,
)
"""Its prompt costs much, so its answer is to cost little: a model that repeats it all is cut."""

IMAGE_COLOUR = "red"
PLAIN_RED = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAIAAAD8GO2jAAAAJ0lEQVR42u3N"
    "sQkAAAjAsP7/tF7hIASyp6lTCQQCgUAgEAgEgi/BAjLD/C5w/SM9AAAAAElFTkSuQmCC"
)

_WHICH_COLOUR = "Which colour has this image? Reply with one word."

_IMAGE: list[dict[str, Any]] = [
    {
        "role": "user",
        "content": [
            {"type": "input_text", "text": _WHICH_COLOUR},
            {"type": "input_image", "image_url": PLAIN_RED, "detail": "auto"},
        ],
    }
]

IMAGE = ask(
    "image",
    _IMAGE,
    area="input",
    expects="either",
    output_tokens=40,
    shows=Says(IMAGE_COLOUR),
)

IMAGE_CONTROL = ask(
    "image-control",
    [{"role": "user", "content": [{"type": "input_text", "text": _WHICH_COLOUR}]}],
    area="input",
    expects="either",
    output_tokens=40,
)
"""The question alone: it costs fewer input tokens than the question beside an image that is looked at."""

IMAGE_AGAIN = ask("image-again", _IMAGE, area="input", expects="either", output_tokens=40)
"""The same once more: an image has one price."""
