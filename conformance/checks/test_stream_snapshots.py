"""The responses and items that a stream shows are the same from first to last."""

from conformance.checks.support.marks import covers, on
from conformance.contract.contracts import Contract
from conformance.scenarios.answers import REASONING_STREAM, STREAMS, TOOL_STREAMS
from conformance.streams import consistency, snapshots
from conformance.streams.preconditions import begun, ended
from conformance.streams.stream import Stream
from conformance.verdicts.judge import judge


@covers("stream.terminal-status")
@on(*STREAMS)
def test_terminal_type_says_the_status(stream: Stream) -> None:
    """response.completed carries a completed response, and so on."""
    judge(snapshots.terminal_type_says_the_status(ended(stream)))


@covers("stream.terminal-response")
@on(*STREAMS)
def test_terminal_event_carries_the_response(stream: Stream) -> None:
    """A bare `error` event carries none."""
    judge(snapshots.terminal_event_has_the_response(ended(stream)))


@covers("stream.terminal-usage")
@on(*STREAMS)
def test_terminal_response_has_its_usage(stream: Stream) -> None:
    """A failed response may have none."""
    judge(snapshots.ended_response_has_usage(ended(stream)))


@covers("stream.terminal-full")
@on(*STREAMS)
def test_terminal_response_is_whole(stream: Stream) -> None:
    """Its fields are judged with those of every other response."""
    judge(snapshots.ended_response_is_whole(ended(stream)))


@covers("stream.response-id")
@on(*STREAMS)
def test_response_keeps_its_id(stream: Stream) -> None:
    """In every event that carries the response or names it."""
    judge(snapshots.response_id_stays(begun(stream)))


@covers("stream.response-id-present")
@on(*STREAMS)
def test_snapshots_have_an_id(stream: Stream) -> None:
    """In every event that carries the response."""
    judge(snapshots.snapshots_have_an_id(begun(stream)))


@covers("stream.response-created-at")
@on(*STREAMS)
def test_response_keeps_its_creation_time(stream: Stream) -> None:
    """Judged where it is given."""
    judge(snapshots.created_at_stays(begun(stream)))


@covers("stream.response-model")
@on(*STREAMS)
def test_response_keeps_its_model(stream: Stream) -> None:
    """Judged where it is given."""
    judge(snapshots.model_stays(begun(stream)))


@covers("stream.response-steady")
@on(*STREAMS)
def test_snapshots_tell_the_request_alike(stream: Stream, contract: Contract) -> None:
    """What tells the state of the response may change, and `auto` may be resolved."""
    judge(snapshots.repeated_request_stays(begun(stream), contract))


@covers("stream.created-output-empty")
@on(*STREAMS)
def test_nothing_is_put_out_before_the_first_item(stream: Stream) -> None:
    """Judged where `output` is given."""
    judge(snapshots.output_begins_empty(begun(stream)))


@covers("stream.created-status")
@on(*STREAMS)
def test_response_begins_under_way(stream: Stream) -> None:
    """Judged where `status` is given."""
    judge(snapshots.status_begins_under_way(begun(stream)))


@covers("stream.early-usage")
@on(*STREAMS)
def test_usage_comes_at_the_end(stream: Stream) -> None:
    """null before is the rule."""
    judge(snapshots.usage_comes_last(begun(stream)))


@covers("stream.snapshot-full")
@on(*STREAMS)
def test_snapshots_are_whole_responses(stream: Stream) -> None:
    """Before the end; the terminal one is judged by itself."""
    judge(snapshots.snapshots_are_whole(begun(stream)))


@covers("stream.output-index")
@on(*STREAMS)
def test_items_are_counted_from_zero(stream: Stream) -> None:
    """In the order in which they are added."""
    judge(consistency.output_indices_count_up(begun(stream)))


@covers("stream.item-id")
@on(*STREAMS)
def test_items_keep_their_id(stream: Stream) -> None:
    """From added over every delta to done."""
    judge(consistency.items_keep_their_id(begun(stream)))


@covers("stream.item-index")
@on(*STREAMS)
def test_items_keep_their_place(stream: Stream) -> None:
    """From added over every delta to done."""
    judge(consistency.items_keep_their_index(begun(stream)))


@covers("stream.item-type")
@on(*STREAMS)
def test_items_keep_their_type(stream: Stream) -> None:
    """From added to done."""
    judge(consistency.items_keep_their_type(begun(stream)))


@covers("stream.item-call")
@on(*TOOL_STREAMS)
def test_calls_keep_name_and_call_id(stream: Stream) -> None:
    """From added to the terminal response."""
    judge(consistency.calls_keep_their_name(begun(stream)))


@covers("stream.added-item-status")
@on(*STREAMS)
def test_added_items_are_in_progress(stream: Stream) -> None:
    """Reasoning items may have no status."""
    judge(consistency.items_begin_in_progress(begun(stream)))


@covers("stream.added-item-empty")
@on(*STREAMS)
def test_added_items_are_empty(stream: Stream) -> None:
    """What they will hold comes in events."""
    judge(consistency.items_begin_empty(begun(stream)))


@covers("stream.added-item-complete")
@on(*STREAMS)
def test_added_items_say_what_they_are(stream: Stream) -> None:
    """Before their first delta."""
    judge(consistency.items_begin_with_their_name(begun(stream)))


@covers("stream.added-message-content")
@on(*STREAMS)
def test_added_messages_have_a_list_to_fill(stream: Stream) -> None:
    """Calls and thoughts have other members."""
    judge(consistency.messages_begin_with_a_list(begun(stream)))


@covers("stream.done-item-status")
@on(*STREAMS)
def test_done_items_are_finished(stream: Stream) -> None:
    """completed, or incomplete where the answer was cut."""
    judge(consistency.done_items_are_finished(begun(stream)))


@covers("stream.item-in-output")
@on(*STREAMS)
def test_done_items_are_in_the_final_output(stream: Stream) -> None:
    """At their index, with their id and type."""
    judge(consistency.done_items_are_in_the_output(ended(stream)))


@covers("stream.output-announced")
@on(*STREAMS)
def test_final_items_were_streamed(stream: Stream) -> None:
    """None comes out of nowhere."""
    judge(consistency.output_was_announced(ended(stream)))


@covers("stream.final-output")
@on(*STREAMS)
def test_final_output_is_not_empty(stream: Stream) -> None:
    """Where the response completed; one of which nothing was streamed either is judged as any other."""
    judge(consistency.final_output_holds_what_came(ended(stream)))


@covers("stream.content-index")
@on(*STREAMS)
def test_content_parts_are_counted_from_zero(stream: Stream) -> None:
    """Within their item."""
    judge(consistency.inner_indices_count_up(begun(stream), "content_index"))


@covers("stream.summary-index")
@on(REASONING_STREAM)
def test_summary_parts_are_counted_from_zero(stream: Stream) -> None:
    """Within their item."""
    judge(consistency.inner_indices_count_up(begun(stream), "summary_index"))


@covers("stream.annotation-index")
@on(*STREAMS)
def test_annotations_are_counted_from_zero(stream: Stream) -> None:
    """Within their part."""
    judge(consistency.inner_indices_count_up(begun(stream), "annotation_index"))
