"""Changes to a text of bytes, collected first and made at once."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Edit(NamedTuple):
    """What stands from `start` to `end` becomes `text`."""

    start: int
    end: int
    text: bytes


class Place(NamedTuple):
    """Where a secret, or one piece of it, stands, and the mask that it becomes there.

    `find` numbers the secrets found: the pieces of one have the same. Where finds share bytes, the one of the
    greatest `weight` says what they become.
    """

    start: int
    end: int
    mask: bytes
    find: int
    weight: int


def masking(places: Iterable[Place]) -> tuple[list[Edit], int]:
    """The edits that mask what was found, in order, and how many secrets they mask."""
    runs: list[Place] = []
    for place in sorted(places):
        last = runs[-1] if runs else None
        if last is None or place.start >= last.end:
            runs.append(place)
        else:
            heavier = max(last, place, key=lambda each: each.weight)
            runs[-1] = heavier._replace(start=last.start, end=max(last.end, place.end))
    return [Edit(*run[:3]) for run in runs], len({run.find for run in runs})


def applied(text: bytes, edits: Iterable[Edit]) -> bytes:
    """The text with the edits made."""
    kept, reached = [], 0
    for edit in edits:
        kept += [text[reached : edit.start], edit.text]
        reached = edit.end
    return b"".join([*kept, text[reached:]])


def moved(borders: Sequence[int], edits: Sequence[Edit]) -> list[int]:
    """Where borders of a text, in order, lie after the edits: one inside of an edit goes behind it."""
    found = []
    shift, at = 0, 0
    for border in borders:
        while at < len(edits) and edits[at].start < border:
            shift += len(edits[at].text) - (edits[at].end - edits[at].start)
            at += 1
        inside = at > 0 and edits[at - 1].end > border
        found.append(shift + (edits[at - 1].end if inside else border))
    return found
