"""Requests that show an effect, each beside the control that shows its premise."""

from conformance.exchange import Call, encode_json
from conformance.scenarios.scenario import PLENTY, Done, NotNeeded, Says, Scenario, Setting, ask, message

BEFORE_STOP, STOP, AFTER_STOP = "ALPHA", "CHARLIE", "DELTA"
IN_FULL = f"{BEFORE_STOP} BRAVO {STOP} {AFTER_STOP}"
SPOKEN = f"Reply with exactly: {IN_FULL}"

STOP_CONTROL = ask("stop-control", SPOKEN, area="behaviour", output_tokens=30, temperature=0)
"""The prompt of the stopped answer, without the stop."""


def _stop_in_own_words(setting: Setting, done: Done) -> Call:
    """Ask the control's question again and stop at a word of its own answer."""
    answer = done[STOP_CONTROL.name].answer if STOP_CONTROL.name in done else None
    said = answer.text if answer else ""
    if STOP in said:
        raise NotNeeded("the model says the words that it is asked for, so the plain stop can be judged")
    word = middle_word(said)
    if not word:
        raise NotNeeded("the model said nothing in which to stop")
    body = {
        "model": setting.model,
        "input": message(SPOKEN),
        "store": False,
        "max_output_tokens": PLENTY,
        "temperature": 0,
        "stop": word,
    }
    return Call(STOP_IN_OWN_WORDS.name, body=encode_json(body))


def middle_word(text: str) -> str:
    """A word from the middle of a text, long enough to be no accident; empty where it has none.

    U+FFFD stands for bytes that are no UTF-8: the model wrote no such word, and nobody can stop at it.
    """
    words = [word for word in text.split() if len(word) > 2 and word.isprintable() and "\ufffd" not in word]
    return words[len(words) // 2] if words else ""


STOP_IN_OWN_WORDS = Scenario(
    "stop-in-own-words",
    "behaviour",
    _stop_in_own_words,
    expects="either",
    family="text",
    after=(STOP_CONTROL,),
    output_tokens=30,
)
"""For a model that does not say what it is told: only the sequence itself in the text proves anything."""

CODE_WORD_CONTROL = ask("code-word-control", "What is the code word?", area="behaviour", output_tokens=40)
"""The question alone: it costs fewer input tokens than the question behind a message that is read."""

UNANSWERED = ask(
    "history-control",
    [*message("Think of a code word."), *message("What is the code word?")],
    area="behaviour",
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
    area="behaviour",
    output_tokens=20,
    shows=Says(LAST_TURN),
)

LONG_INPUT = ask(
    "long-input",
    "Reply with exactly: Hello there\n" + "This sentence is only here to be read. " * 50,
    area="behaviour",
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

IMAGE = ask(
    "image",
    [
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": _WHICH_COLOUR},
                {"type": "input_image", "image_url": PLAIN_RED, "detail": "auto"},
            ],
        }
    ],
    area="behaviour",
    expects="either",
    output_tokens=40,
    shows=Says(IMAGE_COLOUR),
)

IMAGE_CONTROL = ask(
    "image-control",
    [{"role": "user", "content": [{"type": "input_text", "text": _WHICH_COLOUR}]}],
    area="behaviour",
    expects="either",
    output_tokens=40,
)
"""The question alone: it costs fewer input tokens than the question beside an image that is looked at."""

ECHO_STREAM = ask(
    "echo-stream",
    "Reply with exactly: Hello there",
    area="behaviour",
    output_tokens=30,
    stream=True,
    temperature=0.5,
    top_p=0.5,
    max_output_tokens=64,
)
"""What every contract lets a request set, at values that are no defaults, and streamed."""
