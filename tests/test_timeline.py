"""The picture of a stream: safe, small, readable without colours or script."""

import json
import random
from collections.abc import Sequence
from xml.etree import ElementTree as ET  # the picture is the project's own, however hostile its words

import pytest

from conformance.exchange import Chunk
from conformance.report.timeline import LIMIT, marks, timeline_svg
from conformance.streams.stream import Stream
from conformance.verdicts.verdict import Finding
from tests import streams
from tests.streams import Json, tell, wire

SVG = "{http://www.w3.org/2000/svg}"


def timed(events: list[Json], gap: float = 0.05) -> Stream:
    dice = random.Random(7)  # noqa: S311 - arrivals, not secrets
    at = 0.0
    chunks = []
    for event in events:
        at += dice.uniform(0, gap)
        chunks.append(Chunk(at, wire([event], done=False)))
    return Stream(chunks, False, at)


def drawn(stream: Stream, findings: Sequence[Finding] = ()) -> ET.Element:
    return ET.fromstring(timeline_svg(stream, findings=findings))  # noqa: S314 - the suite's own output


def words(svg: ET.Element) -> str:
    return " ".join(text.text or "" for text in svg.iter(f"{SVG}text"))


def test_healthy_stream_has_a_lane_for_each_item_and_says_so_in_words() -> None:
    svg = drawn(timed(streams.rich()))
    assert svg.get("role") == "img"
    for lane in ("response", "item 0 reasoning", "item 1 message", "item 4 function_call"):
        assert lane in words(svg)
    description = svg.findtext(f"{SVG}desc") or ""
    assert "No departures." in description
    assert "item 1 message: " in description
    title = svg.findtext(f"{SVG}title") or ""
    assert title.startswith(f"Timeline of {len(streams.rich())} events")
    assert title.endswith("ending with response.completed")


def test_departure_is_marked_and_told() -> None:
    events = [event for event in streams.text() if event["type"] != "response.content_part.added"]
    svg = drawn(timed(events))
    told = "event 3: expected response.content_part.added, got response.output_text.delta"
    assert told in words(svg)
    assert "Event 3: expected" in (svg.findtext(f"{SVG}desc") or "")


def test_findings_at_events_are_marked_beside_departures() -> None:
    finding = Finding("sequence_number 4", "9", "event 4 (response.output_text.delta)")
    elsewhere = Finding("200", "500", "status")
    assert [mark.event for mark in marks((), [finding, finding, elsewhere])] == [4]
    assert "event 4: expected sequence_number 4, got 9" in words(
        drawn(timed(streams.text()), findings=[finding])
    )


def test_hostile_words_stay_words() -> None:
    evil = "</svg><script>alert(1)</script>\u202e\x00\"'&"
    events = [tell("response.output_item.added", output_index=0, item={"type": evil, "id": evil}), tell(evil)]
    svg = timeline_svg(timed(events), findings=[Finding(evil, evil, "event 1")])
    assert "<script" not in svg
    drawn(timed(events))


@pytest.mark.parametrize(
    "events",
    [
        streams.whole(streams.text_item(0, *(["&<"] * 9_990))),
        streams.whole(*(streams.call_item(index) for index in range(1_999))),
        [tell("&" * 200 + str(number), output_index=number % 50) for number in range(10_000)],
        [tell("error", message="<>") for _ in range(10_000)],
        [tell("response.created", response={}) for _ in range(2_000)],
    ],
    ids=["deltas", "items", "long-names", "errors", "departures"],
)
def test_picture_stays_small(events: list[Json]) -> None:
    svg = timeline_svg(timed(events, 0.001))
    ET.fromstring(svg)  # noqa: S314 - the suite's own output
    assert len(svg.encode()) <= LIMIT


def test_nothing_is_drawn_of_no_events() -> None:
    assert timeline_svg(Stream(())) == ""
    assert timeline_svg(Stream([Chunk(0.0, json.dumps({"id": 1}).encode())])) == ""


def test_events_of_one_moment_are_drawn_in_their_order() -> None:
    assert "all at one moment" in words(drawn(streams.stream(streams.rich())))
