"""What a provider asks for its tokens, as its profile says."""

from dataclasses import dataclass

PER = 1_000_000
"""Prices are told for so many tokens."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Money for a million tokens, read (`input`) and written (`output`); `currency` has three letters."""

    input: float
    output: float
    currency: str = "USD"

    def of(self, input_tokens: int, output_tokens: int) -> float:
        """What so many tokens cost, in the currency."""
        return (input_tokens * self.input + output_tokens * self.output) / PER
