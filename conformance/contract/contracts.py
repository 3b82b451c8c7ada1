"""The contracts: who promises what."""

from enum import StrEnum


class Contract(StrEnum):
    """What a provider promises: the page (`anyfast`), or one of the two public specifications."""

    ANYFAST = "anyfast"
    OPENAI = "openai"
    OPENRESPONSES = "openresponses"
