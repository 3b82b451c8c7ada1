"""Finds the texts of a body that belong together though they stand apart, as the deltas of a stream do."""

import re
from array import array
from collections.abc import Iterable, Iterator

from conformance.wire.spellings import Span

_STRING = re.compile(rb'"((?:[^"\\\n]++|\\.)*+)"(\s{0,8}:\s{0,8})?')
"""A JSON string, and the colon behind it where it is a key. It ends with its line, as JSON's strings do."""

_PLACE = re.compile(
    rb'"(type|item_id|output_index|content_index|summary_index)"\s*:\s*("[^"\\]{0,99}"|\d{1,6})'
)

MOST_GROUPS = 10_000
"""More places than that are not told apart: only a hostile body has them."""

LONGEST_EVENT = 65536


class Pieces:
    """Spans of a text, in their order; compact, because a hostile body may have very many.

    `summed` says that a client puts them together: what is masked in them must add up as well. `weight` says
    how surely they belong together.
    """

    def __init__(self, *, summed: bool = False, weight: int = 1) -> None:
        self.starts, self.ends = array("q"), array("q")
        self.summed = summed
        self.weight = weight

    def joined(self, text: bytes) -> bytes:
        """What stands in the spans, as one."""
        return b"".join(map(text.__getitem__, map(slice, self.starts, self.ends)))

    def parts(self, spans: Iterable[Span]) -> Iterator[list[Span]]:
        """Where in the text spans of the joined one lie; they must come in order, without overlaps."""
        starts, ends = self.starts, self.ends
        at, begun = 0, 0  # a piece, and where it begins in the joined text
        for start, end in spans:
            found = []
            while at < len(starts):
                first, last = starts[at], ends[at]
                shift = first - begun
                if start + shift < last:
                    found.append((max(first, start + shift), min(last, end + shift)))
                if end + shift <= last:
                    break
                begun = last - shift
                at += 1
            yield found


def split_values(data: bytes) -> list[Pieces]:
    """The texts of each JSON key that stands more than once with a text, in their order; likewise the items
    of arrays.

    Once over all of the data, and once for each place that a stream's events name, because items interleave.
    """
    groups: dict[tuple[bytes, bytes], Pieces] = {}
    line_end, place = -1, b""
    key, key_end = b"", -1
    for match in _STRING.finditer(data):
        start, end = match.span(1)
        if match.lastindex == 2:
            key, key_end = data[start : min(end, start + 64)], match.end()
            continue
        if start == end:
            continue
        if start - 1 != key_end:
            key = b""  # an item of an array
        if start > line_end:
            line_end, place = _place(data, start)
        for where in (b"", place) if place else (b"",):
            pieces = groups.get((key, where))
            if pieces is None:
                if where and len(groups) >= MOST_GROUPS:
                    continue
                pieces = groups[key, where] = Pieces(summed=key == b"delta", weight=2 if where else 1)
            pieces.starts.append(start)
            pieces.ends.append(end)
    return [pieces for pieces in groups.values() if len(pieces.starts) > 1]


def _place(data: bytes, at: int) -> tuple[int, bytes]:
    """Where the line around an offset ends, and the members in it that say what the event belongs to."""
    start = data.rfind(b"\n", 0, at) + 1
    end = data.find(b"\n", at)
    end = len(data) if end < 0 else end
    if end - start > LONGEST_EVENT:
        return end, b""
    return end, b",".join(sorted(match[0] for match in _PLACE.finditer(data, start, end)))
