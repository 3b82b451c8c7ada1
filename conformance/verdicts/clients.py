"""How real clients did their jobs with a provider: one word for each, and what is wrong."""

from dataclasses import dataclass
from typing import Literal, get_args

ClientWord = Literal["ok", "wrong", "exception", "hang", "not run"]
"""It read what was sent, read something else, raised, never returned, or was not run."""

CLIENT_WORDS: tuple[ClientWord, ...] = get_args(ClientWord)


@dataclass(frozen=True, slots=True)
class Cell:
    """How one client did one job.

    `says` is what is wrong, or why it was not run. `exception` is the class that was raised. `exchanges`
    names what the client was given, in the order it asked.
    """

    client: str
    job: str
    word: ClientWord
    says: str = ""
    exception: str = ""
    exchanges: tuple[str, ...] = ()

    @property
    def hurt(self) -> bool:
        """Whether the client was kept from its job."""
        return self.word not in {"ok", "not run"}


@dataclass(frozen=True, slots=True)
class Who:
    """Which client it was: its distribution, the version, and what it ran in."""

    package: str
    version: str
    runtime: str


@dataclass(frozen=True, slots=True)
class ClientRun:
    """What one client did. `who` is None where it was not run; `why` then says what is missing."""

    client: str
    who: Who | None
    cells: tuple[Cell, ...]
    why: str = ""
