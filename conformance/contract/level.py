"""How strongly a contract asks for something."""

from enum import StrEnum


class Level(StrEnum):
    """How strongly a contract asks for a requirement."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"
    INFO = "INFO"
    CONFLICT = "CONFLICT"
