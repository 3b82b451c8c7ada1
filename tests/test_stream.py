"""A stream as a value: its events, what is wrong with its bytes, its items and texts, its time, its pace."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.contract.contracts import Contract
from conformance.exchange import Chunk, Fault
from conformance.streams import parity
from conformance.streams.burst import deltas_are_spread_out, in_words
from conformance.streams.members import known_members
from conformance.streams.stream import Stream
from conformance.streams.vocabulary import VOCABULARY, EventType
from tests import streams
from tests.streams import numbered, tell, wire


def paced(gap: float, start: float = 0.2, deltas: int = 40) -> Stream:
    """A stream of one message whose deltas come so many seconds apart."""
    events = streams.whole(streams.text_item(0, *(["word "] * deltas)))
    at = start
    chunks = []
    for event in events:
        at += gap if event["type"].endswith("delta") else 0.0
        chunks.append(Chunk(at, wire([event], done=False)))
    return Stream(chunks, False, at)


def test_events_have_their_data_and_their_number() -> None:
    stream = streams.stream(streams.text())
    assert [event.data for event in stream] == streams.text()
    assert [event.number for event in stream] == list(range(len(streams.text())))
    assert {event.name == event.type for event in stream} == {True}
    assert stream.terminal is not None
    assert stream.terminal.type == "response.completed"
    assert stream.response == streams.text()[-1]["response"]
    assert [marker.data for marker in stream.done_markers] == ["[DONE]"]
    assert stream.counts_up


def test_runs_keep_every_delta() -> None:
    stream = streams.stream(streams.rich())
    pieces = [piece for run in stream.runs for piece in run.pieces]
    assert pieces == [event["delta"] for event in streams.rich() if "delta" in event]
    assert len(stream.milestones) < len(stream) == len(streams.rich())


def test_events_read_closely_agree_with_those_read_in_one_pass() -> None:
    stream = streams.stream(streams.rich())
    assert [run.event for run in stream.runs] == [
        event for event in stream.events if event in stream.milestones
    ]
    assert len(stream.events) == len(stream)


def test_type_falls_back_to_the_event_line() -> None:
    body = b'event: response.created\ndata: {"response": {}}\n\nevent: x\ndata: {"type": 5}\n\n'
    assert [event.type for event in Stream.of(streams.exchange(body))] == ["response.created", "x"]


@pytest.mark.parametrize(
    ("data", "kind", "told"),
    [
        ("{", "json", "unreadable"),
        ('{"a": 1, "a": 2}', "json", "stands twice"),
        ('{"a" : 1, "a" :2, "b":":"}', "json", "stands twice"),
        ('{"a": {"b": 1, "b": 2}}', "json", "stands twice"),
        ('{"a":\t1,"a"\t:2, "b": ":x"}', "json", "stands twice"),
        ('{"a": NaN}', "json", "NaN"),
        ('{"a": "\\ud83d"}', "json", "lone surrogate"),
        ('{"a": 1} x', "json", "unreadable"),
        ('"{}"', "object", "JSON string"),
        ("[]", "object", "JSON list"),
        ("7", "object", "JSON int"),
        ("", "json", "unreadable"),
        ("1" * 5000, "json", "5000 digits"),
        ("[" * 100_000, "json", "nested too deeply"),
    ],
)
def test_odd_data_is_told_in_words(data: str, kind: str, told: str) -> None:
    stream = Stream.of(streams.exchange(f"data: {data}\n\n".encode()))
    (fault,) = stream.faults
    assert (fault.kind, fault.event) == (kind, 0)
    assert told in fault.message


@pytest.mark.parametrize(
    "text", ['{"a": "\\ud83d\\ude00"}', '{"a": ":", "b": " :"}', '{ "a" : "\\"" }', " {} "]
)
def test_clean_data_has_no_fault(text: str) -> None:
    stream = Stream.of(streams.exchange(f"data: {text}\n\n".encode()))
    assert stream.faults == []
    assert stream.events[0].data == json.loads(text)


@pytest.mark.parametrize("marker", ["[DONE]", "DONE", "[done]", '"[DONE]"', "[END]", " [DONE]"])
def test_markers_are_kept_apart_in_whatever_spelling(marker: str) -> None:
    stream = Stream.of(streams.exchange(wire(streams.text(), done=False) + f"data: {marker}\n\n".encode()))
    assert len(stream.done_markers) == 1
    assert len(stream.events) == len(stream) == len(streams.text())
    assert stream.faults == []


def test_unterminated_last_event_is_evidence_beside_its_fault() -> None:
    stream = Stream.of(streams.exchange(wire(streams.text(), done=False)[:-2]))
    assert stream.terminal is not None
    assert [fault.kind for fault in stream.faults] == ["unterminated"]


def test_half_an_event_is_no_evidence() -> None:
    stream = Stream.of(streams.exchange(wire(streams.text(), done=False)[:-20]))
    assert stream.terminal is None
    assert [fault.kind for fault in stream.faults] == ["unterminated"]


def test_cut_stream_blames_nothing_on_its_end() -> None:
    body = wire(streams.text())[:900]
    stream = Stream.of(streams.exchange(body, fault=Fault("cut", "reset")))
    assert stream.cut
    assert stream.faults == []
    assert stream.departures == []


def test_reassembly_puts_every_version_of_a_text_side_by_side() -> None:
    found = streams.stream(streams.rich()).reassembly
    assert [item.type for item in found.items] == [
        "reasoning",
        "message",
        "message",
        "function_call",
        "function_call",
    ]
    for text in found.texts:
        stages = {"deltas", "done", "item", "response"} | ({"part"} if text.kind != "arguments" else set())
        assert set(text.versions) == stages
        assert len(set(text.versions.values())) == 1


def test_reassembly_of_many_items_takes_linear_time() -> None:
    """A comparison of each with each would be 10^7 steps here."""
    items = [streams.text_item(index, "a") for index in range(3_000)]
    found = streams.stream(streams.whole(*items)).reassembly
    assert len(found.texts) == 3_000


def test_timing_is_read_off_the_chunks() -> None:
    timing = paced(0.01, deltas=10).timing
    assert timing.first_event == pytest.approx(0.2)
    assert timing.first_delta == pytest.approx(0.21)
    assert timing.last_delta == timing.last_event == pytest.approx(0.3)
    assert timing.largest_gap == pytest.approx(0.01)
    assert (timing.deltas, timing.arrivals) == (10, 10)
    assert "10 deltas at 10 moments" in in_words(timing)
    assert in_words(Stream(()).timing) == "no event came"


def test_burst_after_a_long_wait_is_held_back() -> None:
    (finding,) = deltas_are_spread_out(paced(0.0, start=2.0), [], None)
    assert "40 deltas spread over the 2.0 s" in finding.expected


def test_burst_that_comes_later_than_short_answers_is_held_back() -> None:
    assert list(deltas_are_spread_out(paced(0.0, start=0.8), [0.05, 0.1, 0.06], 0.8))


@pytest.mark.parametrize(
    ("stream", "short", "unstreamed"),
    [
        (paced(0.02), [0.1] * 4, 1.0),
        (paced(0.0, start=0.05), [0.05] * 4, 0.05),
        (paced(0.0, start=1.2), [0.9, 1.1, 1.0, 1.2], 1.2),
        (paced(0.0, start=0.8), [0.05, 0.1, 0.06], 0.1),
        (paced(0.0, start=0.8), [], 0.8),
        (paced(0.0, start=2.0, deltas=5), [], None),
        (paced(0.003, start=6.0), [0.1] * 4, 6.0),
        (Stream(()), [], None),
    ],
    ids=["paced", "quick", "slow-start", "jitter", "nothing-to-compare", "short", "long-thought", "empty"],
)
def test_pace_that_is_no_burst(stream: Stream, short: list[float], unstreamed: float | None) -> None:
    assert list(deltas_are_spread_out(stream, short, unstreamed)) == []


def test_joined_chunks_that_are_spread_are_no_burst() -> None:
    events = streams.whole(streams.text_item(0, *(["word "] * 60)))
    chunks = [
        Chunk(0.7 * number, wire(events[start : start + 20], done=False))
        for number, start in enumerate(range(0, len(events), 20))
    ]
    assert list(deltas_are_spread_out(Stream(chunks, False, 3.0), [0.1] * 4, 3.0)) == []


def test_parity_takes_null_for_absence_and_sees_what_is_lost() -> None:
    plain = streams.response("completed", error=None, store=True)
    known = known_members(Contract.ANYFAST)
    assert not list(parity.shapes_are_the_same(streams.response("completed", store=False), plain, known))
    assert not list(parity.shapes_are_the_same({**plain, "created_at": 1.5}, plain, known))
    assert [f.where for f in parity.shapes_are_the_same(streams.response("completed"), plain, known)] == [
        "$.store"
    ]
    assert [f.where for f in parity.shapes_are_the_same({**plain, "model": 5}, plain, known)] == ["$.model"]
    assert not list(parity.shapes_are_the_same({**plain, "x_trace": 5}, {**plain, "x_queue": {}}, known))
    assert [f.where for f in parity.statuses_are_the_same(streams.response("incomplete"), plain)] == [
        "$.status"
    ]
    call = {**plain, "output": [{"type": "reasoning"}, {"type": "function_call"}]}
    assert [
        f.where for f in parity.main_items_are_the_same(call, {**plain, "output": [{"type": "message"}]})
    ] == ["$.output"]
    assert not list(
        parity.main_items_are_the_same(
            call, {**plain, "output": [{"type": "message"}, {"type": "function_call"}]}
        )
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=8))
def test_no_bytes_raise(chunks: list[bytes]) -> None:
    stream = Stream([Chunk(0.1 * number, data) for number, data in enumerate(chunks)], False, 1.0)
    assert len(stream.events) == len(stream)
    assert stream.reassembly is not None
    assert stream.departures is not None
    assert stream.timing is not None


DELTAS = [row for row in VOCABULARY.values() if row.carries == "delta"]


@pytest.mark.parametrize("row", DELTAS, ids=lambda row: row.name)
def test_deltas_of_each_type_make_its_text(row: EventType) -> None:
    place = {row.index: 0} if row.index else {}
    events = [tell(row.name, item_id="i", output_index=0, **place, delta=piece) for piece in ("Hel", "lo")]
    found = streams.stream(numbered(events))
    assert [run.pieces for run in found.runs] == [["Hel", "lo"]]
    assert found.timing.deltas == 2
    (text,) = found.reassembly.texts
    assert (text.kind, text.versions) == (row.text, {"deltas": "Hello"})


@pytest.mark.parametrize("row", [row for row in DELTAS if row.index], ids=lambda row: row.name)
def test_deltas_of_two_parts_make_two_texts(row: EventType) -> None:
    events = [tell(row.name, item_id="i", output_index=0, delta="a", **{str(row.index): n}) for n in (0, 1)]
    found = streams.stream(numbered(events))
    assert len(found.runs) == 2
    assert [text.place for text in found.reassembly.texts] == [0, 1]


def test_deltas_of_another_shape_begin_a_run_of_their_own() -> None:
    delta = tell("response.output_text.delta", item_id="m", output_index=0, content_index=0, delta="a")
    told = [delta, {**delta, "content_index": 1}, {**delta, "item_id": "n"}, {**delta, "more": 1}, delta]
    assert len(streams.stream(numbered(told)).runs) == 5
