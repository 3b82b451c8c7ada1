"""Collects the body of an answer: decoded, timed, and bounded."""

from dataclasses import dataclass, field

from conformance.exchange import Chunk
from conformance.wire.decoding import Decoder
from conformance.wire.limits import MEBIBYTE, Limits

KEPT = 65536
"""How much stays as evidence of a body that passed a limit, or of one past LONG that has no proper end."""

LONG = 1_000_000

MOST_CHUNKS = 10_000
"""Further chunks are joined where they come within COARSE seconds: a chunk costs more than its bytes."""

COARSE = 0.05

CHUNK_COST = 256
"""Bytes of memory that a chunk takes beside its data."""


class TooLarge(Exception):
    """A body passed a limit; the message says which."""


@dataclass(slots=True)
class Held:
    """Counts the bytes of all bodies in memory, against the limit of the run."""

    most: int
    held: int = 0

    def take(self, count: int) -> None:
        """Room for so many more bytes. Raises TooLarge where there is none."""
        if self.held + count > self.most:
            raise TooLarge(f"the run's answers together are longer than {_size(self.most)}")
        self.held += count

    def give(self, count: int) -> None:
        """So many bytes are let go of."""
        self.held = max(0, self.held - count)


@dataclass(slots=True)
class Collector:
    """Collects an answer's body, decoded, timed and bounded."""

    limits: Limits
    decoder: Decoder
    held: Held
    raw: int = 0
    decoded: int = 0
    pieces: list[tuple[float, bytearray]] = field(default_factory=list)

    def feed(self, at: float, data: bytes) -> None:
        """Take in bytes that came `at` seconds after the request. Raises TooLarge or Undecodable."""
        self.raw += len(data)
        most = self.limits.max_bytes
        if self.raw > most:
            raise TooLarge(f"the body is longer than {_size(most)}; its beginning is kept")
        for piece in self.decoder.feed(data):
            self.decoded += len(piece)
            if self.decoded > most:
                raise TooLarge(f"the body, decoded, is longer than {_size(most)}; its beginning is kept")
            joined = len(self.pieces) >= MOST_CHUNKS and at - self.pieces[-1][0] < COARSE
            self.held.take(len(piece) + (0 if joined else CHUNK_COST))
            if joined:
                self.pieces[-1][1].extend(piece)
            else:
                self.pieces.append((at, bytearray(piece)))

    def chunks(self) -> tuple[Chunk, ...]:
        """What came, decoded."""
        return tuple(Chunk(round(at, 6), bytes(data)) for at, data in self.pieces)

    def trim(self) -> None:
        """Keep only the beginning, and give back what the rest had taken."""
        kept, left = [], KEPT
        for at, data in self.pieces:
            if left <= 0:
                break
            kept.append((at, data[:left]))
            left -= len(data)
        before = sum(len(data) + CHUNK_COST for _, data in self.pieces)
        self.held.give(before - sum(len(data) + CHUNK_COST for _, data in kept))
        self.pieces = kept


def _size(count: int) -> str:
    return f"{count // MEBIBYTE} MiB" if count >= MEBIBYTE else f"{count} bytes"
