"""Which tokenizer explains what inputs were billed, how often a token counts, and what is billed beside."""

import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from statistics import median

from conformance.contract.tokenizers import Tokenizer, tokenizers
from conformance.verdicts.bill import FRAME, Bill, Fit, Point
from conformance.verdicts.verdict import Finding

BORDERS = 3
"""Tokens by which a count may lie off the line: where units meet each other or the frame, and rounding."""

COUNTS = 8
"""So many different counts must all be multiples of a number before that is no accident."""

COARSE = 5
"""The least multiple that tells of rounding; smaller ones are a factor, which `billing.rate` judges."""

WHERE = "$.usage.input_tokens"


def coarseness(counts: Iterable[int]) -> int:
    """The number that every count of a run is a multiple of; 1 where there are too few to say."""
    different = {count for count in counts if count > 0}
    return math.gcd(*different) if len(different) >= COUNTS else 1


def bill_of(points: Sequence[Point], named: str, coarse: int) -> Bill:
    """What the counted inputs come to. Two of the points must be of one unit, at two lengths."""
    room = BORDERS + coarse - 1
    fits = _fits(points, tokenizers().values(), room)
    shorter, longer = twice(points)
    short_of = _cut(points, longer, named, room) if not fits else None
    beside = fits[0].beside if fits else _beside(shorter, longer)
    if short_of is not None:
        beside = short_of.beside
    if longer.billed <= shorter.billed:
        return Bill(points=tuple(points), named=named, fits=(), beside=beside, room=room, cut=longer.billed)
    return Bill(
        tuple(points),
        named,
        tuple(fits),
        beside,
        room,
        longer.billed if short_of else None,
        _predicted(short_of, longer) if short_of else None,
    )


def twice(points: Sequence[Point]) -> tuple[Point, Point]:
    """The two points of one unit, the shorter first."""
    by_unit: dict[str, list[Point]] = {}
    for point in points:
        by_unit.setdefault(point.unit, []).append(point)
    shorter, longer = next(
        sorted(several, key=lambda point: point.times) for several in by_unit.values() if len(several) == 2
    )
    return shorter, longer


def _fits(points: Sequence[Point], known: Iterable[Tokenizer], room: int) -> list[Fit]:
    """The tokenizers that explain every count, the closest first."""
    every = (_fit(points, each) for each in known)
    fitting = [fit for fit in every if fit.misfit <= room and fit.factor > 0]
    return sorted(fitting, key=lambda fit: (fit.misfit, abs(fit.factor - 1)))


def _fit(points: Sequence[Point], tokenizer: Tokenizer) -> Fit:
    """The line through what a tokenizer reckons and what was billed, and the worst off it."""
    sized = [(p.times * tokenizer.tokens[p.unit], p.billed) for p in points]
    factor, beside = line_through(sized)
    misfit = max(abs(billed - beside - factor * size) for size, billed in sized)
    return Fit(tokenizer.name, factor, beside, misfit)


def line_through(places: Sequence[tuple[int, int]]) -> tuple[Fraction, Fraction]:
    """Slope and intercept that a few counts off the line do not bend: the median of all slopes between two.

    Two of the places must have different lengths.
    """
    slopes = [
        Fraction(other_billed - billed, other_size - size)
        for (size, billed), (other_size, other_billed) in combinations(places, 2)
        if size != other_size
    ]
    slope = median(slopes)
    return slope, median(billed - slope * size for size, billed in places)


def _beside(shorter: Point, longer: Point) -> Fraction:
    """What two lengths of one unit leave for no length at all, whatever the tokenizer."""
    slope = Fraction(longer.billed - shorter.billed, longer.times - shorter.times)
    return max(shorter.billed - slope * shorter.times, Fraction(0))


def _cut(points: Sequence[Point], longer: Point, named: str, room: int) -> Fit | None:
    """The tokenizer that explains all but the longest input, of which too little was billed."""
    known = [each for each in tokenizers().values() if named in {"", each.name}]
    others = [point for point in points if point is not longer]
    for fit in _fits(others, known, room):
        if _predicted(fit, longer) - longer.billed > 2 * room:
            return fit
    return None


def _predicted(fit: Fit, point: Point) -> Fraction:
    return fit.billed(point.times * tokenizers()[fit.tokenizer].tokens[point.unit])


def longer_costs_more(bill: Bill) -> Iterator[Finding]:
    """A text twice as long costs more input tokens."""
    shorter, longer = twice(bill.points)
    if longer.billed <= shorter.billed:
        expected = f"more than the {shorter.billed} input tokens of the same text at half the length"
        yield Finding(expected, f"{longer.billed}", WHERE, longer.scenario)


def counted_to_its_end(bill: Bill) -> Iterator[Finding]:
    """What the longest input costs is what its length, and all other inputs, say that it costs."""
    if bill.whole is not None and bill.cut is not None:
        _, longer = twice(bill.points)
        expected = f"{round(bill.whole)} input tokens, as the five other inputs are counted"
        yield Finding(expected, f"{bill.cut}: the input is counted up to there", WHERE, longer.scenario)


def counted_with(bill: Bill) -> Iterator[Finding]:
    """The tokenizer that the profile names explains every count, whatever factor is on it."""
    if any(fit.tokenizer == bill.named for fit in bill.fits):
        return
    other = fit_in_words(bill.fits[0]) if bill.fits else "no tokenizer that is known"
    _, longer = twice(bill.points)
    yield Finding(f"counts that fit {bill.named}", f"counts that fit {other}", WHERE, longer.scenario)


def billed_once(bill: Bill) -> Iterator[Finding]:
    """No token of the input is billed more than once."""
    fit = bill.fit
    if fit is not None and bill.dearer(fit, tokenizers()[fit.tokenizer].tokens):
        _, longer = twice(bill.points)
        actual = f"every input token is billed {times(fit.factor)} times (counted with {fit.tokenizer})"
        yield Finding("every input token billed once", actual, WHERE, longer.scenario)


def nothing_beside(bill: Bill, elsewhere: int = 0) -> Iterator[Finding]:
    """Beside the text no more is billed than a message's frame takes.

    `elsewhere` are tokens that another requirement tells of: a prompt that stands in for instructions.
    """
    beside = bill.beside - elsewhere
    if beside > FRAME + bill.room - BORDERS:
        shorter, _ = twice(bill.points)
        expected = f"at most {FRAME} tokens beside the text: a message's frame takes some 3 to 15"
        actual = f"{round(beside):,} input tokens are billed beside the text that was sent"
        yield Finding(expected, actual, WHERE, shorter.scenario)


def counted_finely(coarse: int) -> Iterator[Finding]:
    """Input tokens are counted one by one, not in tens."""
    if coarse >= COARSE:
        yield Finding("tokens counted one by one", f"every count is a multiple of {coarse}", WHERE)


def in_words(bill: Bill) -> str:
    """What the bill comes to, in a sentence without its verb's subject: for a note and for the page."""
    fit = bill.fit
    if fit is None:
        return (
            f"no tokenizer that is known explains the counts; {round(bill.beside):,} tokens beside the text"
        )
    return fit_in_words(fit)


def fit_in_words(fit: Fit) -> str:
    """A tokenizer, the factor on its tokens, and what stands beside them."""
    return (
        f"{fit.tokenizer}, every token billed {times(fit.factor)} times, "
        f"and {round(fit.beside):,} tokens beside the text"
    )


def times(factor: Fraction) -> str:
    """A factor with two digits behind the point."""
    return f"{float(factor):.2f}"
