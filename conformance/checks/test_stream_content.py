"""Every text of a stream is the same wherever the stream tells it."""

from conformance.checks.support.marks import covers, needs, on
from conformance.exchange import Exchange
from conformance.rules.answer import answer_of
from conformance.run.record import Record
from conformance.scenarios.answers import (
    LONG_TEXT_STREAM,
    NON_ASCII,
    NON_ASCII_STREAM,
    NON_ASCII_TEXT,
    REASONING_STREAM,
    STREAMS,
    TEXT_STREAM,
    TOOL_STREAMS,
)
from conformance.streams import consistency, texts
from conformance.streams.preconditions import begun, ended
from conformance.streams.stream import Stream
from conformance.streams.vocabulary import TextKind
from conformance.verdicts.judge import Inconclusive, judge

TEXT: tuple[TextKind, ...] = ("text", "refusal")
ARGUMENTS: tuple[TextKind, ...] = ("arguments",)
REASONING: tuple[TextKind, ...] = ("summary", "reasoning")


@covers("stream.some-delta")
@on(*STREAMS)
def test_text_comes_in_deltas(stream: Stream) -> None:
    """At the least one, of whatever kind."""
    judge(texts.some_text_comes_in_a_delta(ended(stream)))


@covers("stream.text-delta")
@on(*STREAMS)
def test_every_text_comes_in_deltas(stream: Stream) -> None:
    """Judged where the stream has deltas at all."""
    judge(texts.texts_come_in_deltas(begun(stream), TEXT))


@covers("stream.unspoken")
@on(*STREAMS)
def test_every_final_text_was_told(stream: Stream) -> None:
    """Text, refusal, arguments and summary."""
    judge(consistency.final_texts_were_streamed(ended(stream)))


@covers("stream.text-deltas")
@on(*STREAMS)
def test_deltas_make_the_texts(stream: Stream) -> None:
    """Order, repeats and losses show here."""
    judge(texts.texts_agree(begun(stream), TEXT, "deltas"))


@covers("stream.text-in-done")
@on(*STREAMS)
def test_done_event_tells_the_texts(stream: Stream) -> None:
    """What the deltas brought, once more as a whole."""
    judge(texts.texts_agree(begun(stream), TEXT, "done"))


@covers("stream.text-in-part")
@on(*STREAMS)
def test_part_holds_the_texts(stream: Stream) -> None:
    """The part as its done event shows it."""
    judge(texts.texts_agree(begun(stream), TEXT, "part"))


@covers("stream.text-in-item")
@on(*STREAMS)
def test_item_holds_the_texts(stream: Stream) -> None:
    """The item as its done event shows it."""
    judge(texts.texts_agree(begun(stream), TEXT, "item"))


@covers("stream.text-in-response")
@on(*STREAMS)
def test_final_response_holds_the_texts(stream: Stream) -> None:
    """Judged where the item is in the final output."""
    judge(texts.texts_agree(begun(stream), TEXT, "response"))


@covers("stream.arguments-deltas")
@on(*TOOL_STREAMS)
def test_deltas_make_the_arguments(stream: Stream) -> None:
    """Order, repeats and losses show here."""
    judge(texts.texts_agree(begun(stream), ARGUMENTS, "deltas"))


@covers("stream.arguments-in-done")
@on(*TOOL_STREAMS)
def test_done_event_tells_the_arguments(stream: Stream) -> None:
    """What the deltas brought, once more as a whole."""
    judge(texts.texts_agree(begun(stream), ARGUMENTS, "done"))


@covers("stream.arguments-in-item")
@on(*TOOL_STREAMS)
def test_item_holds_the_arguments(stream: Stream) -> None:
    """The item as its done event shows it."""
    judge(texts.texts_agree(begun(stream), ARGUMENTS, "item"))


@covers("stream.arguments-in-response")
@on(*TOOL_STREAMS)
def test_final_response_holds_the_arguments(stream: Stream) -> None:
    """Judged where the item is in the final output."""
    judge(texts.texts_agree(begun(stream), ARGUMENTS, "response"))


@covers("stream.reasoning-deltas")
@on(REASONING_STREAM)
def test_deltas_make_the_thoughts(stream: Stream) -> None:
    """Order, repeats and losses show here."""
    judge(texts.texts_agree(begun(stream), REASONING, "deltas"))


@covers("stream.reasoning-in-done")
@on(REASONING_STREAM)
def test_done_event_tells_the_thoughts(stream: Stream) -> None:
    """What the deltas brought, once more as a whole."""
    judge(texts.texts_agree(begun(stream), REASONING, "done"))


@covers("stream.reasoning-in-part")
@on(REASONING_STREAM)
def test_part_holds_the_thoughts(stream: Stream) -> None:
    """The part as its done event shows it."""
    judge(texts.texts_agree(begun(stream), REASONING, "part"))


@covers("stream.reasoning-in-item")
@on(REASONING_STREAM)
def test_item_holds_the_thoughts(stream: Stream) -> None:
    """The item as its done event shows it."""
    judge(texts.texts_agree(begun(stream), REASONING, "item"))


@covers("stream.reasoning-in-response")
@on(REASONING_STREAM)
def test_final_response_holds_the_thoughts(stream: Stream) -> None:
    """Judged where the item is in the final output."""
    judge(texts.texts_agree(begun(stream), REASONING, "response"))


@covers("stream.non-ascii")
@on(NON_ASCII_STREAM)
@needs(NON_ASCII_TEXT, dead=True)
def test_characters_arrive_whole(stream: Stream, record: Record) -> None:
    """Deltas consist of whole characters, however the model's tokens cut them.

    U+FFFD may be the model's own, which writes tokens that are no UTF-8: only where it repeats the phrase
    unharmed without a stream was it the stream that broke it.
    """
    findings = list(texts.characters_are_whole(begun(stream)))
    if findings and not _repeats_unharmed(record):
        raise Inconclusive(
            "U+FFFD may be the model's own: without a stream it does not repeat the phrase either"
        )
    judge(findings)


def _repeats_unharmed(record: Record) -> bool:
    outcome = record.outcomes.get(NON_ASCII_TEXT.name)
    answer = answer_of(outcome) if isinstance(outcome, Exchange) else None
    return answer is not None and NON_ASCII in answer.text and "\ufffd" not in answer.text


@covers("stream.arguments-json")
@on(*TOOL_STREAMS)
def test_arguments_parse(stream: Stream) -> None:
    """Each call's by themselves: two calls do not run into one another."""
    judge(texts.finished_arguments_are_an_object(begun(stream)))


@covers("stream.arguments-delta")
@on(*TOOL_STREAMS)
@needs(TEXT_STREAM, LONG_TEXT_STREAM, dead=True)
def test_arguments_come_in_deltas(stream: Stream, record: Record) -> None:
    """Judged where any stream of the run has deltas: a server without is told of by `stream.some-delta`."""
    whole = list(texts.texts_have_a_delta(begun(stream), ARGUMENTS))
    streams = map(record.stream, record.answers(streamed=True))
    if whole and not any(map(texts.has_deltas, streams)):
        raise Inconclusive("no stream of the run has a delta, of whatever kind")
    judge(whole)
