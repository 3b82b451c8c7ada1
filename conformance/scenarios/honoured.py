"""Fields that show an effect, each beside the control that shows its premise."""

from conformance.exchange import Call, encode_json
from conformance.scenarios.scenario import PLENTY, Done, NotNeeded, Scenario, Target, ask, message

BEFORE_STOP, STOP, AFTER_STOP = "ALPHA", "CHARLIE", "DELTA"
IN_FULL = f"{BEFORE_STOP} BRAVO {STOP} {AFTER_STOP}"
SPOKEN = f"Reply with exactly: {IN_FULL}"

STOP_CONTROL = ask("stop-control", SPOKEN, area="honoured", output_tokens=30, temperature=0)
"""The prompt of the stopped answer, without the stop."""


def _stop_in_own_words(target: Target, done: Done) -> Call:
    """Ask the control's question again and stop at a word of its own answer."""
    answer = done[STOP_CONTROL.name].answer if STOP_CONTROL.name in done else None
    said = answer.text if answer else ""
    if STOP in said:
        raise NotNeeded("the model says the words that it is asked for, so the plain stop can be judged")
    word = middle_word(said)
    if not word:
        raise NotNeeded("the model said nothing in which to stop")
    body = {
        "model": target.model,
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
    "honoured",
    _stop_in_own_words,
    expects="either",
    family="text",
    after=(STOP_CONTROL,),
    output_tokens=30,
)
"""For a model that does not say what it is told: only the sequence itself in the text proves anything."""

ECHO_STREAM = ask(
    "echo-stream",
    "Reply with exactly: Hello there",
    area="honoured",
    output_tokens=30,
    stream=True,
    temperature=0.7,
    top_p=0.9,
    max_output_tokens=64,
)
"""What every contract lets a request set, at values that are no defaults, and streamed.

No binary fraction is 0.7 or 0.9: a provider that keeps them in 32 bits tells nearly what was sent.
"""
