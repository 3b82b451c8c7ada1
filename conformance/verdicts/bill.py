"""What a few counted inputs say of a bill: how many tokens, of which tokenizer, and how many beside."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

FRAME = 24
"""Tokens beside the text that need no reason: one message's frame takes some 3 to 15."""


@dataclass(frozen=True, slots=True)
class Point:
    """One counted input: a unit of text so many `times` in a row, and the input tokens that it was billed."""

    unit: str
    times: int
    billed: int
    scenario: str


@dataclass(frozen=True, slots=True)
class Fit:
    """How a tokenizer fits what was billed: `factor` tokens for each of its own, and `beside` for the frame.

    `misfit` is by how many tokens the worst of the inputs lies off that line.
    """

    tokenizer: str
    factor: Fraction
    beside: Fraction
    misfit: Fraction

    def billed(self, tokens: int) -> Fraction:
        """What so many tokens of the text would be billed."""
        return self.beside + self.factor * tokens


@dataclass(frozen=True, slots=True)
class Price:
    """Money for a million input tokens; `currency` has three letters."""

    million: float
    currency: str


@dataclass(frozen=True, slots=True)
class Bill:
    """The counted inputs and what follows from them.

    `named` is the tokenizer that the profile names, empty where it names none. `fits` has those that explain
    every count, the best first; `beside` are the tokens that no text explains. `room` is how far a count may
    lie off the line, in tokens: a border between two pieces, or the coarseness of what is billed. `cut` is
    the count at which the input ends, where it does, and `whole` what the longest input would have cost.
    """

    points: tuple[Point, ...]
    named: str
    fits: tuple[Fit, ...]
    beside: Fraction
    room: int
    cut: int | None = None
    whole: Fraction | None = None

    @property
    def fit(self) -> Fit | None:
        """The tokenizer that was counted with: the one that is named where it fits, else the best."""
        named = (fit for fit in self.fits if fit.tokenizer == self.named)
        return next(named, self.fits[0] if self.fits else None)

    def dearer(self, fit: Fit, tokens: Mapping[str, int]) -> bool:
        """Whether tokens are billed more than once, and the room does not explain it; `tokens` by unit."""
        sizes = [point.times * tokens[point.unit] for point in self.points]
        return (fit.factor - 1) * (max(sizes) - min(sizes)) > 2 * self.room
