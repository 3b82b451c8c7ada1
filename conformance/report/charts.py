"""Small pictures in inline SVG; every figure in them also stands in words beside them."""

import math
from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup

from conformance.report.measures import percentile, seconds
from conformance.report.text import attribute
from conformance.verdicts.verdict import SEVERITY, Verdict

DOTS = 400
"""More dots than this are no more to see, but to carry."""


def bar(counts: Mapping[Verdict, int], most: int) -> Markup:
    """One stacked bar, worst verdict first; its length is in proportion to `most`."""
    total = sum(counts.values())
    label = ", ".join(f"{counts[v]} {v.value}" for v in SEVERITY if counts.get(v)) or "none"
    pieces = [
        Markup(
            '<rect class="f-{}" x="{:.2f}%" width="{:.2f}%" height="100%"><title>{} {}</title></rect>'
        ).format(verdict.value, at, width, counts[verdict], verdict.value)
        for verdict, at, width in _laid_out(counts, max(most, total, 1))
    ]
    return Markup('<svg class="bar" role="img" aria-label="{}">{}</svg>').format(
        label, Markup("").join(pieces)
    )


def _laid_out(counts: Mapping[Verdict, int], most: int) -> Iterable[tuple[Verdict, float, float]]:
    """Where each piece begins and how wide it is, in percent; what is there is wide enough to be seen."""
    at = 0.0
    present = [verdict for verdict in SEVERITY if counts.get(verdict)]
    smallest = 0.8
    spare = 100 - smallest * len(present)
    for verdict in present:
        width = smallest + spare * counts[verdict] / most
        yield verdict, at, width
        at += width


def strip(values: Sequence[float], low: float, high: float, label: str) -> Markup:
    """One dot for each duration on a logarithmic axis, with lines at the median and the 95th percentile.

    `values` are sorted; `low` and `high` bound the axis, so that several strips can share it.
    """
    step = max(1, math.ceil(len(values) / DOTS))
    dots = [
        Markup('<circle cx="{:.1f}%" cy="{}" r="3"/>').format(
            _at(value, low, high), 10 + 6 * (number * 7 % 4)
        )
        for number, value in enumerate(values[::step])
    ]
    lines = [
        Markup('<line class="{}" x1="{:.1f}%" x2="{:.1f}%" y1="2" y2="36"/>').format(name, at, at)
        for name, at in (
            ("median", _at(percentile(values, 50), low, high)),
            ("p95", _at(percentile(values, 95), low, high)),
        )
    ]
    return Markup('<svg class="strip" role="img" aria-label="{}">{}{}</svg>').format(
        attribute(label), Markup("").join(dots), Markup("").join(lines)
    )


def axis(low: float, high: float) -> Markup:
    """The ticks that belong under strips of these bounds: 1, 2 and 5 of each decade, as far as they fit."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 2, 5) if high / low <= 100 else (1,)
    ticks = [step * 10.0**decade for decade in decades for step in steps]
    marks = [
        Markup('<text x="{:.1f}%" y="10">{}</text>').format(_at(tick, low, high), seconds(tick))
        for tick in ticks
        if low <= tick <= high * 1.001
    ]
    return Markup('<svg class="axis" aria-hidden="true">{}</svg>').format(Markup("").join(marks))


def bounds(*series: Sequence[float]) -> tuple[float, float]:
    """A range for `strip` that holds every value and is never empty."""
    values = [max(value, 0.0005) for each in series for value in each] or [1.0]
    return min(values) / 1.4, max(max(values) * 1.4, min(values) * 4)


def _at(value: float, low: float, high: float) -> float:
    """The place on the axis in percent, a little off both edges."""
    share = math.log(max(value, low) / low) / math.log(high / low)
    return 2 + 96 * min(1.0, share)
