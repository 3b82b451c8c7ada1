"""The events of a stream come in the order of their lifecycle, each as often as it should."""

from conformance.checks.support.marks import covers, on
from conformance.scenarios.answers import STREAMS, TOOL_STREAMS, TRUNCATED_STREAM
from conformance.scenarios.loops import CALL_STREAM
from conformance.streams import snapshots
from conformance.streams.findings import keeps_to
from conformance.streams.preconditions import begun, ended
from conformance.streams.stream import Stream
from conformance.verdicts.judge import judge


@covers("stream.created-first")
@on(*STREAMS)
def test_created_comes_first(stream: Stream) -> None:
    """The id of the response is known before anything else."""
    judge(keeps_to(begun(stream), "created-first"))


@covers("stream.created-once")
@on(*STREAMS)
def test_created_comes_once(stream: Stream) -> None:
    """One stream is one response."""
    judge(keeps_to(begun(stream), "created-once"))


@covers("stream.in-progress-place")
@on(*STREAMS)
def test_in_progress_comes_before_the_first_item(stream: Stream) -> None:
    """The state of a response only moves forward; either event may be left out."""
    judge(keeps_to(begun(stream), "in-progress-place"))


@covers("stream.terminal")
@on(*STREAMS, CALL_STREAM)
def test_stream_has_a_terminal_event(stream: Stream) -> None:
    """The connection's end is no end of the answer."""
    judge(keeps_to(ended(stream), "terminal"))


@covers("stream.terminal-once")
@on(*STREAMS)
def test_stream_has_one_terminal_event(stream: Stream) -> None:
    """An `error` may be followed by the `response.failed` that carries the response."""
    judge(keeps_to(begun(stream), "terminal-once"))


@covers("stream.nothing-after-terminal")
@on(*STREAMS)
def test_nothing_follows_the_terminal_event(stream: Stream) -> None:
    """Comments and [DONE] aside."""
    judge(keeps_to(begun(stream), "nothing-after-terminal"))


@covers("stream.successful")
@on(*STREAMS, CALL_STREAM)
def test_answer_does_not_fail(stream: Stream) -> None:
    """Nothing in these requests gives a reason to."""
    judge(snapshots.stream_ends_well(begun(stream)))


@covers("stream.item-added")
@on(*STREAMS)
def test_items_are_added_first(stream: Stream) -> None:
    """An item is known before its parts and texts come."""
    judge(keeps_to(begun(stream), "item-added"))


@covers("stream.item-added-once")
@on(*STREAMS)
def test_items_are_added_once(stream: Stream) -> None:
    """A second announcement would be a second item."""
    judge(keeps_to(begun(stream), "item-added-once"))


@covers("stream.item-done")
@on(*STREAMS, CALL_STREAM)
def test_items_are_done(stream: Stream) -> None:
    """Judged where the response completed; one that was cut short may leave items open."""
    judge(keeps_to(ended(stream), "item-done"))


@covers("stream.nothing-after-item-done")
@on(*STREAMS)
def test_nothing_of_an_item_follows_its_end(stream: Stream) -> None:
    """Other items may go on."""
    judge(keeps_to(begun(stream), "nothing-after-item-done"))


@covers("stream.part-added")
@on(*STREAMS)
def test_parts_are_added_first(stream: Stream) -> None:
    """Content parts and summary parts; those of a reasoning text may be left out."""
    judge(keeps_to(begun(stream), "part-added"))


@covers("stream.part-added-once")
@on(*STREAMS)
def test_parts_are_added_once(stream: Stream) -> None:
    """A second announcement would empty the part."""
    judge(keeps_to(begun(stream), "part-added-once"))


@covers("stream.part-done")
@on(*STREAMS)
def test_parts_are_done(stream: Stream) -> None:
    """Before their item is."""
    judge(keeps_to(ended(stream), "part-done"))


@covers("stream.nothing-after-part-done")
@on(*STREAMS)
def test_nothing_of_a_part_follows_its_end(stream: Stream) -> None:
    """Other parts may go on."""
    judge(keeps_to(begun(stream), "nothing-after-part-done"))


@covers("stream.text-done")
@on(*STREAMS)
def test_texts_are_done(stream: Stream) -> None:
    """Text, refusal, summary and reasoning text, before their part is."""
    judge(keeps_to(ended(stream), "text-done"))


@covers("stream.nothing-after-text-done")
@on(*STREAMS)
def test_nothing_of_a_text_follows_its_end(stream: Stream) -> None:
    """A late delta would be lost."""
    judge(keeps_to(begun(stream), "nothing-after-text-done"))


@covers("stream.arguments-done")
@on(*TOOL_STREAMS)
def test_arguments_are_done(stream: Stream) -> None:
    """A call can be made when its arguments are whole."""
    judge(keeps_to(ended(stream), "arguments-done"))


@covers("stream.closed-when-cut-short")
@on(TRUNCATED_STREAM)
def test_open_items_are_closed_when_the_answer_is_cut_short(stream: Stream) -> None:
    """In practice many leave them open."""
    judge(keeps_to(ended(stream), "left-open"))
