"""The bill on the page: what the counted inputs say in words and in money, and a plot of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from conformance.contract.tokenizers import tokenizers
from conformance.exchange import Exchange
from conformance.report.curl import curl
from conformance.report.text import attribute
from conformance.verdicts.bill import FRAME, Bill, Fit, Point, Price

WIDE, HIGH, EDGE = 360, 200, 34
"""The plot and the room for its labels, in units of its own."""

DEFAULT = "o200k_base"
"""The tokenizer by which lengths are drawn where none explains the counts."""

USUAL_FRAME = 6
"""Tokens of a message's frame in the page's example, with which the predicted line begins."""


@dataclass(frozen=True, slots=True)
class BillTold:
    """The part of the page: sentences, the picture, and the commands that repeat two of the inputs.

    `half` says what the text that one of them has more than the other comes to.
    """

    sentences: tuple[str, ...]
    plot: Markup
    half: str
    curls: tuple[str, ...]


def bill_told(
    bill: Bill | None, price: Price | None, seen: Mapping[str, Exchange], output: Sequence[str] = ()
) -> BillTold | None:
    """What the page says of a bill; None where the inputs were not counted.

    `output` are the notes of the bill for the output.
    """
    if bill is None:
        return None
    lengths = [point.unit for point in bill.points]
    twice = [point for point in bill.points if lengths.count(point.unit) > 1]
    commands = tuple(curl(seen[point.scenario]) for point in twice if point.scenario in seen)
    return BillTold(
        (*_sentences(bill, price), *map(_sentence, output)), _plot(bill), _half(bill, twice), commands
    )


def _half(bill: Bill, twice: Sequence[Point]) -> str:
    """What the second half of the text of the two commands comes to, as the tokenizer counts it."""
    name = _drawn_with(bill)
    times = max(point.times for point in twice) - min(point.times for point in twice)
    return f"{times * tokenizers()[name].tokens[twice[0].unit]} tokens, as {name} counts them"


def _drawn_with(bill: Bill) -> str:
    """The tokenizer by which lengths are told: the one that is named, else the one that was counted with."""
    return bill.named or (bill.fit.tokenizer if bill.fit else DEFAULT)


def _sentences(bill: Bill, price: Price | None) -> Iterator[str]:
    fit = bill.fit
    if bill.cut is not None:
        yield f"Input is counted up to {bill.cut:,} tokens: what comes behind is not."
    if fit is None:
        yield "No known tokenizer explains what was billed, so that nothing is said of a factor."
    else:
        often = "once" if not _is_dearer(bill, fit) else f"{float(fit.factor):.2f} times"
        yield f"Every input token is billed {often}, counted with {fit.tokenizer}."
    beside = _tokens(round(bill.beside))
    if bill.beside > FRAME:
        of_them = "a message's frame is some 3 to 15 of them"
        yield f"{beside} billed that you did not send, with each request; {of_them}."
    else:
        yield f"Beside the text {beside} billed with each request, for its frame."
    if price is not None:
        yield from _money(bill, fit, price)


def _sentence(note: str) -> str:
    return f"{note[:1].upper()}{note[1:]}."


def _money(bill: Bill, fit: Fit | None, price: Price) -> Iterator[str]:
    if fit is not None and _is_dearer(bill, fit):
        billed = float(fit.factor) * price.million
        yield (
            f"A million input tokens that are sent cost {billed:.2f} {price.currency}, "
            f"and {price.million:.2f} by the price list."
        )
    beside = float(bill.beside) * price.million
    yield f"What stands beside the text costs {beside:.2f} {price.currency} in a million requests."


def _tokens(count: int) -> str:
    return f"{count:,} token is" if count == 1 else f"{count:,} tokens are"


def _is_dearer(bill: Bill, fit: Fit) -> bool:
    return bill.dearer(fit, tokenizers()[fit.tokenizer].tokens)


def _plot(bill: Bill) -> Markup:
    """Billed tokens against those that the tokenizer counts, with the predicted line and the billed one."""
    fit = bill.fit
    name = _drawn_with(bill)
    tokens = tokenizers()[name].tokens
    places = [(point.times * tokens[point.unit], point.billed) for point in bill.points]
    far = max(size for size, _ in places)
    top = max(far + USUAL_FRAME, *(billed for _, billed in places))

    def at(size: Fraction | int, billed: Fraction | int) -> tuple[str, str]:
        x = EDGE + (WIDE - 2 * EDGE) * float(size) / far
        y = HIGH - EDGE - (HIGH - 2 * EDGE) * float(billed) / top
        return f"{x:.1f}", f"{y:.1f}"

    def line(kind: str, begin: tuple[str, str], end: tuple[str, str]) -> Markup:
        return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(kind, *begin, *end)

    lines = [
        line("axis", at(0, 0), at(far, 0)),
        line("axis", at(0, 0), at(0, top)),
        line("predicted", at(0, USUAL_FRAME), at(far, far + USUAL_FRAME)),
    ]
    if fit is not None and fit.tokenizer == name:
        lines.append(line("billed", at(0, fit.beside), at(far, fit.billed(far))))
    dots = [Markup('<circle cx="{}" cy="{}" r="3.5"/>').format(*at(*place)) for place in places]
    label = f"billed input tokens against the tokens of the text, as {name} counts them: " + ", ".join(
        f"{billed} for {size}" for size, billed in sorted(places)
    )
    words = Markup('<text x="{}" y="{}">{} tokens sent</text><text x="4" y="22">{} billed</text>').format(
        WIDE - 4 * EDGE, HIGH - 8, far, top
    )
    return Markup('<svg class="bill" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>').format(
        WIDE, HIGH, attribute(label), Markup("").join(lines), Markup("").join(dots), words
    )
