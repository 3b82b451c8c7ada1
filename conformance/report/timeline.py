"""A stream as a picture: its events in lanes over time, with what departs marked.

An inline SVG that needs no script. Its colours are the page's CSS variables, with values to fall back on.
Whatever comes from the provider is escaped. However long the stream, the picture stays below 15 kB: deltas
are bars of a histogram, other events at one spot are one mark, and lanes, marks and words are counted.
Events that come together are spread, so the axis tells the time at some of them and is not to scale.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from conformance.streams.events import StreamEvent, whole_number
from conformance.streams.grammar import Departure
from conformance.streams.stream import Stream
from conformance.streams.vocabulary import is_extension
from conformance.verdicts.verdict import Finding

WIDTH = 1060
LEFT = 150
RIGHT = 12
LANE = 26
TOP = 10
BINS = 100
GAP = 18
"""Pixels that an event which is no delta gets beside its time: those of one moment can be told apart."""
SPREAD = 0.75
"""The share of the width that is given to this, at most."""
TICKS = 5
LANES = 6
MARKS = 6
WORDS = 96
LIMIT = 15_000
"""Characters above which the hints to hover over are left out."""

INK = "var(--ink,#1a1e24)"
QUIET = "var(--quiet,#545d69)"
LINE = "var(--line,#d5dae1)"
DELTA = "var(--INCONCLUSIVE-fill,#6f9fbd)"
GOOD = "var(--PASS-fill,#3d9a62)"
BAD = "var(--FAIL-fill,#d1394a)"


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to point at: the number of an event, and what is wrong there."""

    event: int
    words: str


def marks(departures: Iterable[Departure] = (), findings: Iterable[Finding] = ()) -> list[Mark]:
    """The marks of what the grammar and the checks found, each event and wording once, in order."""
    found = [Mark(d.event, f"expected {d.allowed}, got {d.came}") for d in departures]
    for finding in findings:
        if place := re.match(r"event (\d{1,9})\b", finding.where):
            words = f"expected {finding.expected}, got {finding.actual}"
            found.append(Mark(int(place.group(1)), words))
    return sorted(dict.fromkeys(found), key=lambda mark: mark.event)


def timeline_svg(
    stream: Stream, departures: Sequence[Departure] | None = None, findings: Sequence[Finding] = ()
) -> str:
    """The picture of a stream; empty where no event came.

    `departures` are the grammar's unless given; of `findings`, those count whose place is an event.
    """
    if not stream.events:
        return ""
    pointed = marks(stream.departures if departures is None else departures, findings)
    whole = _drawn(stream, pointed, hints=True)
    return whole if len(whole) <= LIMIT else _drawn(stream, pointed, hints=False)


def _drawn(stream: Stream, pointed: Sequence[Mark], *, hints: bool) -> str:
    events = stream.events
    scale = _Scale(events)
    lanes = _lanes(events)
    bottom = TOP + LANE * len(lanes)
    height = bottom + 50 + 15 * (min(len(pointed), MARKS) + (len(pointed) > MARKS))
    at = f' data-at="{scale.x(_pointed_at(pointed[0], events)) / WIDTH:.2f}"' if pointed else ""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH} {height}"{at} '
        'style="width:100%;height:auto" font-family="system-ui,sans-serif" font-size="11">',
        f"<title>{_cut(_title(stream))}</title>",
        f"<desc>{_cut(_description(events, lanes, pointed), 1500 if hints else 600)}</desc>",
    ]
    for row, (name, members) in enumerate(lanes.items()):
        parts += _lane(name, members, TOP + LANE * row, scale, hints)
    parts += _axis(scale, bottom)
    parts += _legend(bottom + 30)
    parts += _pointers(pointed, events, scale, bottom)
    return "".join((*parts, "</svg>"))


class _Scale:
    """From an event to its place on the axis: by its time, and by its order where events come together."""

    def __init__(self, events: Sequence[StreamEvent]) -> None:
        self.events = events
        start = events[0].at
        span = max(event.at for event in events) - start
        self.by_order = events[-1].at - events[0].at < 1e-6
        others = sum(not _is_delta(event) for event in events)
        deltas = len(events) - others
        weight = min(0.25, max(others, 1) / (2 * deltas)) if deltas else 0.0
        total = (others + weight * deltas) or 1.0
        spread = 1.0 if self.by_order else min(SPREAD, GAP * others / (WIDTH - LEFT - RIGHT))
        self._places: dict[int, float] = {}
        order, latest = 0.0, start
        for event in events:
            order += weight if _is_delta(event) else 1.0
            latest = max(latest, event.at)
            by_time = (latest - start) / (span or 1.0)
            self._places[event.number] = spread * order / total + (1 - spread) * by_time

    def x(self, event: StreamEvent) -> float:
        return LEFT + min(1.0, max(0.0, self._places[event.number])) * (WIDTH - LEFT - RIGHT)

    def ticks(self) -> Iterator[StreamEvent]:
        """Some events that lie well apart, the first and the last among them."""
        last = self.events[-1]
        reached = -1.0 * WIDTH
        apart = (WIDTH - LEFT - RIGHT) / TICKS
        for event in self.events[:-1]:
            if self.x(event) - reached >= apart and self.x(last) - self.x(event) >= apart / 2:
                reached = self.x(event)
                yield event
        yield last


def _lanes(events: Sequence[StreamEvent]) -> dict[str, list[StreamEvent]]:
    """The response's own events, then each item's, then what belongs to none."""
    kinds: dict[int, str] = {}
    found: dict[str, list[StreamEvent]] = {"response": []}
    for event in events:
        index = whole_number(event.data.get("output_index"))
        item = event.data.get("item")
        if index is not None and isinstance(item, dict) and isinstance(item.get("type"), str):
            kinds.setdefault(index, item["type"])
        if index is not None:
            name = f"item {index} {kinds.get(index, '')}".rstrip()
        elif _is_delta(event):
            name = "no item"
        else:
            name = "extensions" if is_extension(event.type) else "response"
        if name not in found and len(found) >= LANES:
            name = "further items"
        found.setdefault(name, []).append(event)
    return found


def _lane(name: str, events: Sequence[StreamEvent], y: float, scale: _Scale, hints: bool) -> list[str]:
    middle = y + LANE / 2
    parts = [
        f'<text x="4" y="{middle + 4:.0f}" fill="{INK}">{_cut(name, 24)}</text>',
        f'<path d="M{LEFT} {middle:.0f}H{WIDTH - RIGHT}" stroke="{LINE}"/>',
    ]
    width = (WIDTH - LEFT - RIGHT) / BINS
    bars = Counter(int((scale.x(event) - LEFT) / width) for event in events if _is_delta(event))
    most = max(bars.values(), default=1)
    bar = f'stroke="{DELTA}" stroke-width="{width:.1f}"'
    path = "".join(
        f"M{LEFT + (bin_ + 0.5) * width:.0f} {middle + h:.0f}v-{2 * h:.0f}"
        for bin_, count in sorted(bars.items())
        for h in (2 + 6 * count / most,)
    )
    if path:
        parts.append(f'<path d="{path}" {bar}><title>{sum(bars.values())} deltas</title></path>')
    spots: dict[int, list[StreamEvent]] = {}
    for event in events:
        if not _is_delta(event):
            spots.setdefault(int((scale.x(event) - LEFT) / width), []).append(event)
    return parts + _spots(spots.values(), middle, scale, hints)


def _spots(groups: Iterable[Sequence[StreamEvent]], y: float, scale: _Scale, hints: bool) -> list[str]:
    """A mark for the events at each spot, with their names to hover over; without hints one for a colour."""
    dots: dict[str, list[str]] = {}
    for events in groups:
        failed = any(event.type == "response.failed" or event.row.carries == "error" for event in events)
        colour = BAD if failed else GOOD if any(event.row.ends for event in events) else INK
        x = f"{scale.x(events[-1]):.0f}"
        hint = (
            f'<circle cx="{x}" cy="{y:.0f}" r="3.5" fill="{colour}"><title>{_names(events)}</title></circle>'
        )
        dots.setdefault(colour, []).append(hint if hints else f"M{x} {y:.0f}h0")
    if hints:
        return [dot for found in dots.values() for dot in found]
    pen = 'stroke-width="7" stroke-linecap="round"'
    return [f'<path d="{"".join(found)}" stroke="{colour}" {pen}/>' for colour, found in dots.items()]


def _is_delta(event: StreamEvent) -> bool:
    return event.row.carries == "delta"


def _names(events: Sequence[StreamEvent]) -> str:
    names = ", ".join(dict.fromkeys(event.type for event in events[:4]))
    more = f" and {len(events) - 4} more" if len(events) > 4 else ""
    return _cut(f"{names[:90]}{more} at {events[-1].at:.3f} s", 130)


def _axis(scale: _Scale, y: float) -> list[str]:
    """The time at some events; where all came at one moment, no more than that."""
    place = f'y="{y + 14:.0f}" fill="{QUIET}"'
    if scale.by_order:
        return [
            f'<text x="{LEFT}" {place}>first event</text>',
            f'<text x="{WIDTH - RIGHT}" {place} text-anchor="end">last event, all at one moment</text>',
        ]
    ends = {scale.events[-1].number: "end"}
    return [
        f'<text x="{scale.x(event):.0f}" {place} text-anchor="{ends.get(event.number, "middle")}">'
        f"{event.at:.2f} s</text>"
        for event in scale.ticks()
    ]


def _legend(y: float) -> list[str]:
    """What the shapes mean, for those that know colours and for those that do not."""
    x, shapes = LEFT, []
    for colour, shape, words in (
        (INK, "h7", "event"),
        (DELTA, "h7", "deltas, the more the higher"),
        (GOOD, "h7", "end"),
        (BAD, "h7", "failure"),
        (BAD, "l4 -7 4 7z", "what departs"),
    ):
        pen = f'stroke="{colour}" stroke-width="{7 if shape == "h7" else 1}" fill="{colour}"'
        shapes.append(f'<path d="M{x} {y}{shape}" {pen}/>')
        shapes.append(f'<text x="{x + 12}" y="{y + 4:.0f}" fill="{QUIET}">{words}</text>')
        x += 30 + 6 * len(words)
    return shapes


def _pointed_at(mark: Mark, events: Sequence[StreamEvent]) -> StreamEvent:
    return next((event for event in events if event.number == mark.event), events[-1])


def _pointers(pointed: Sequence[Mark], events: Sequence[StreamEvent], scale: _Scale, y: float) -> list[str]:
    parts = []
    for row, mark in enumerate(pointed[:MARKS]):
        x = scale.x(_pointed_at(mark, events))
        parts += [
            f'<path d="M{x:.0f} {TOP}V{y:.0f}" stroke="{BAD}" stroke-dasharray="3 2"/>',
            f'<path d="M{x:.0f} {TOP}l-5 -8h10z" fill="{BAD}"/>',
            f'<text x="4" y="{y + 50 + 15 * row:.0f}" fill="{BAD}">'
            f"event {mark.event}: {_cut(mark.words)}</text>",
        ]
    if len(pointed) > MARKS:
        place = f'x="4" y="{y + 50 + 15 * MARKS:.0f}"'
        parts.append(f'<text {place} fill="{BAD}">and {len(pointed) - MARKS} more</text>')
    return parts


def _title(stream: Stream) -> str:
    last = stream.terminal.type if stream.terminal else "no terminal event"
    return f"Timeline of {len(stream)} events in {stream.timing.last_event or 0:.2f} s, ending with {last}"


def _description(
    events: Sequence[StreamEvent], lanes: dict[str, list[StreamEvent]], pointed: Sequence[Mark]
) -> str:
    """The picture in words, for whoever cannot see it."""
    sentences = []
    for name, members in lanes.items():
        deltas = [event for event in members if _is_delta(event)]
        others = Counter(event.type for event in members if not _is_delta(event))
        words = [f"{type_} ({count})" if count > 1 else type_ for type_, count in others.most_common(6)]
        if deltas:
            words.append(f"{len(deltas)} deltas from {deltas[0].at:.2f} s to {deltas[-1].at:.2f} s")
        sentences.append(f"{name}: {', '.join(words) or 'no event'}.")
    wrong = [f"Event {mark.event}: {mark.words}." for mark in pointed[:MARKS]]
    more = [f"And {len(pointed) - MARKS} more departures."] if len(pointed) > MARKS else []
    span = f"From {events[0].at:.2f} s to {events[-1].at:.2f} s."
    return " ".join((span, *sentences, *(wrong or ["No departures."]), *more))


def _cut(text: str, limit: int = WORDS) -> str:
    """Words that fit, safe inside the SVG whatever they are."""
    clean = "".join(c if c.isprintable() else " " for c in text[: limit + 1])
    return escape(clean if len(clean) <= limit else f"{clean[: limit - 1]}…")
