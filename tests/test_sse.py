"""The SSE parser: what the WHATWG standard dispatches, and what a lenient client would hide."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.exchange import Chunk
from conformance.streams import sse

Shown = list[tuple[str | None, str, str | None, int | None]]


def events(*chunks: bytes) -> Shown:
    """What is dispatched of a body in these chunks: event, data, id, retry."""
    log = sse.parse([Chunk(float(number), data) for number, data in enumerate(chunks)])
    return [(event.event, event.data, event.id, event.retry) for event in log.events]


BODIES: dict[str, tuple[bytes, Shown]] = {
    "plain": (
        b"event: a\ndata: 1\n\nevent: b\ndata: 2\n\n",
        [("a", "1", None, None), ("b", "2", None, None)],
    ),
    "bom": (b"\xef\xbb\xbfdata: 1\n\n", [(None, "1", None, None)]),
    "bom-in-the-middle": (b"data: 1\n\n\xef\xbb\xbfdata: 2\n\n", [(None, "1", None, None)]),
    "no-space": (b"event:a\ndata:1\n\n", [("a", "1", None, None)]),
    "two-spaces": (b"data:  1\n\n", [(None, " 1", None, None)]),
    "several-data-lines": (b'data: {"a":\ndata: 1}\n\n', [(None, '{"a":\n1}', None, None)]),
    "data-before-event": (b"data: 1\nevent: a\n\n", [("a", "1", None, None)]),
    "comments": (b": hi\n\n:\ndata: 1\n: there\n\n", [(None, "1", None, None)]),
    "id-and-retry": (b"id: 7\nretry: 10\nevent: a\ndata: 1\n\n", [("a", "1", "7", 10)]),
    "id-with-nul": (b"id: a\0b\ndata: 1\n\n", [(None, "1", None, None)]),
    "retry-not-digits": (b"retry: +1_0\ndata: 1\n\n", [(None, "1", None, None)]),
    "retry-other-digits": ("retry: ٣\ndata: 1\n\n".encode(), [(None, "1", None, None)]),
    "empty-data": (b"data:\n\n", [(None, "", None, None)]),
    "field-without-colon": (b"data\n\n", [(None, "", None, None)]),
    "event-without-data": (b"event: a\n\ndata: 1\n\n", [(None, "1", None, None)]),
    "empty-event-line": (b"event:\ndata: 1\n\n", [("", "1", None, None)]),
    "last-event-line-counts": (b"event: a\nevent: b\ndata: 1\n\n", [("b", "1", None, None)]),
    "unknown-field": (b"date: x\ndata: 1\n\n", [(None, "1", None, None)]),
    "blank-lines": (
        b"\n\n\n\ndata: 1\n\n\n\n\ndata: 2\n\n\n",
        [(None, "1", None, None), (None, "2", None, None)],
    ),
    "utf-8": ("data: Grüße 👋🏽\n\n".encode(), [(None, "Grüße 👋🏽", None, None)]),
    "line-separator-is-text": (
        "data: a\u2028b\x0b\x85c\n\n".encode(),
        [(None, "a\u2028b\x0b\x85c", None, None)],
    ),
    "unterminated": (b"data: 1\n\ndata: 2\n", [(None, "1", None, None)]),
    "only-unterminated": (b"data: 1", []),
    "nothing": (b"", []),
}

ENDS = {"lf": b"\n", "crlf": b"\r\n", "cr": b"\r"}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize(("body", "expected"), BODIES.values(), ids=BODIES)
def test_dispatches_what_the_standard_does(body: bytes, expected: Shown, end: bytes) -> None:
    body = body.replace(b"\n", end)
    assert events(body) == expected
    assert events(*(body[at : at + 1] for at in range(len(body)))) == expected
    for split in range(len(body) + 1):
        assert events(body[:split], body[split:]) == expected


@pytest.mark.parametrize(("body", "expected"), BODIES.values(), ids=BODIES)
def test_trailing_bytes_change_nothing_before_them(body: bytes, expected: Shown) -> None:
    assert events(body + b"\n\n: bye\n\n")[: len(expected)] == expected
    assert events(body + b"\n\ndata: more\n\n")[-1][1] == "more"


def test_mixed_line_ends_are_each_one_line_end() -> None:
    assert events(b"event: a\rdata: 1\r\ndata: 2\n\r\ndata: 3\n\n") == [
        ("a", "1\n2", None, None),
        (None, "3", None, None),
    ]


def test_crlf_split_between_the_two_final_line_ends_dispatches_once() -> None:
    assert events(b"data: 1\r", b"\n\r", b"\ndata: 2\r\n\r\n") == [
        (None, "1", None, None),
        (None, "2", None, None),
    ]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"data: 1", "the end of its last line"),
        (b"data: 1\n", "its blank line"),
        (b"data: 1\r\n", "its blank line"),
    ],
)
def test_unterminated_event_is_evidence_and_a_fault(body: bytes, told: str) -> None:
    log = sse.parse([Chunk(0.0, b"data: 0\n\n"), Chunk(2.0, body)])
    assert log.unterminated is not None
    assert (log.unterminated.number, log.unterminated.data, log.unterminated.at) == (1, "1", 2.0)
    (fault,) = log.faults
    assert (fault.kind, fault.event, fault.offset) == ("unterminated", 1, 9)
    assert told in fault.message


@pytest.mark.parametrize("rest", [b": ping", b": ping\n", b"\n", b"event: a\n", b"\xef\xbb"])
def test_rest_without_data_is_no_fault(rest: bytes) -> None:
    log = sse.parse([Chunk(0.0, b"data: 0\n\n" + rest)])
    assert log.unterminated is None
    assert not [fault for fault in log.faults if fault.kind == "unterminated"]


def test_invalid_utf_8_is_read_on_and_reported_with_its_place() -> None:
    log = sse.parse([Chunk(0.0, b"data: good\n\nevent: a\ndata: x\xff\xfey\n\ndata: \xc3\xa4\n\n")])
    assert [event.data for event in log.events] == ["good", "x\ufffd\ufffdy", "ä"]
    (fault,) = log.faults
    assert (fault.kind, fault.event, fault.offset) == ("utf-8", 1, 28)


def test_invalid_utf_8_in_every_event_is_counted_and_kept_within_bounds() -> None:
    log = sse.parse([Chunk(0.0, b"data: \xff\n\n" * 1000)])
    assert (log.count("utf-8"), len(log.faults), len(log.events)) == (1000, sse.KEPT, 1000)


def test_oddities_are_told_by_kind() -> None:
    body = b": hi\n\nevent: a\n\nretry: x\nid: \0\nfoo: bar\ndata: 1\n\n"
    log = sse.parse([Chunk(0.0, body)])
    assert [oddity.kind for oddity in log.oddities] == [
        "comment",
        "no-data",
        "bad-retry",
        "bad-id",
        "unknown-field",
    ]
    assert not log.faults


def test_arrivals_are_those_of_the_chunks_that_begin_and_complete_an_event() -> None:
    chunks = [Chunk(1.0, b"data: 1\n\nda"), Chunk(2.0, b"ta: 2\n"), Chunk(3.0, b"\ndata: 3\n\n")]
    told = [(event.first_at, event.at) for event in sse.parse(chunks).events]
    assert told == [(1.0, 1.0), (1.0, 3.0), (3.0, 3.0)]


def test_endless_line_in_small_chunks_is_joined_once() -> None:
    """Joining at each chunk would copy 4 GB here, and not end within any patience."""
    pieces = [Chunk(0.0, b"data: ")] + [Chunk(0.0, b"x" * 16)] * 100_000 + [Chunk(0.0, b"\n\n")]
    (event,) = sse.parse(pieces).events
    assert len(event.data) == 1_600_000


def test_body_above_the_window_reads_as_in_small_chunks() -> None:
    body = b"".join(b"event: a\r\ndata: %d\r\n\r\n" % number for number in range(30_000))
    assert len(body) > 2 * sse.WINDOW
    assert [int(event[1]) for event in events(body)] == list(range(30_000))


@given(st.lists(st.binary(max_size=40), max_size=12))
def test_chunk_borders_never_matter(chunks: list[bytes]) -> None:
    assert events(*chunks) == events(b"".join(chunks))


LINES = st.sampled_from(
    [
        b"data: 1",
        b"data:",
        b"event: a",
        b": c",
        b"id: 1",
        b"retry: 5",
        b"x",
        b"",
        b"\xff",
        b"\xef\xbb\xbf",
        "ä".encode(),
    ]
)


@given(st.lists(st.tuples(LINES, st.sampled_from(list(ENDS.values()))), max_size=30), st.integers(1, 9))
def test_line_ends_and_borders_never_matter(lines: list[tuple[bytes, bytes]], step: int) -> None:
    body = b"".join(line + end for line, end in lines)
    pieces = [body[at : at + step] for at in range(0, len(body), step)]
    assert events(*pieces) == events(body)
    # An LF after a CR belongs to it, so that only bodies without that pair can be compared across ends.
    if b"\r\n" not in body:
        assert events(body.replace(b"\r", b"\n")) == events(body)


def test_reads_what_a_json_dump_needs() -> None:
    sent = [{"type": "x", "text": text} for text in ("\u2028", "\r\n", "a\\nb", "data: 1", "🏽")]
    body = b"".join(b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n" for value in sent)
    assert [json.loads(event[1]) for event in events(body)] == sent
