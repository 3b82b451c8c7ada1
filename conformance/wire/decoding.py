"""Content codings, decoded piece by piece under a bound: a small body may hold a very large one."""

import zlib
from collections.abc import Iterator, Sequence
from typing import Protocol

ACCEPTED = "gzip, deflate"
"""What a request says it takes; the Content-Encoding of an answer must keep to it."""

PIECE = 65536
"""How many bytes one step decodes at the most."""


class Undecodable(Exception):
    """The body is not what its Content-Encoding says, or is coded in a way that was not asked for."""


class Decoder(Protocol):
    """Turns coded bytes into decoded pieces of at most PIECE bytes."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decode further bytes; raises Undecodable."""
        ...

    @property
    def complete(self) -> bool:
        """Whether the body may end here."""
        ...


class Identity:
    """No coding."""

    complete = True

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Hand the bytes on."""
        if data:
            yield data


class Inflate:
    """gzip (also of several members) and deflate (with zlib's wrapper, and bare as some servers send it)."""

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._window = zlib.MAX_WBITS | 16 if coding == "gzip" else 0
        self._inflate = zlib.decompressobj(self._window)
        self._first = b""

    @property
    def complete(self) -> bool:
        """Whether the last member has ended (an empty body needs none)."""
        return self._inflate.eof or not self._first

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decode; what follows the end and is no further member is left out."""
        if len(self._first) < 2:
            data = self._begin(data)
        while data:
            if self._inflate.eof:
                if self._coding != "gzip" or not data.startswith(b"\x1f"):
                    return
                self._inflate = zlib.decompressobj(self._window)
            try:
                piece = self._inflate.decompress(data, PIECE)
            except zlib.error as error:
                raise Undecodable(f"the body is not {self._coding}, as its Content-Encoding says") from error
            data = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
            if piece:
                yield piece

    def _begin(self, data: bytes) -> bytes:
        """Wait for two bytes; they tell whether deflate has its wrapper (RFC 1950 section 2.2)."""
        held = self._first + data
        self._first = held[:2]
        if len(held) < 2:
            return b""
        if self._coding == "deflate" and (held[0] & 15 != 8 or int.from_bytes(self._first) % 31):
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        return held


class Chain:
    """Codings on top of each other, the last applied first in line."""

    def __init__(self, decoders: Sequence[Decoder]) -> None:
        self._decoders = decoders

    @property
    def complete(self) -> bool:
        """Whether every coding has ended."""
        return all(decoder.complete for decoder in self._decoders)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decode through all of them."""
        return self._through(0, data)

    def _through(self, at: int, data: bytes) -> Iterator[bytes]:
        if at == len(self._decoders):
            yield data
            return
        for piece in self._decoders[at].feed(data):
            yield from self._through(at + 1, piece)


def decoder_for(content_encoding: str) -> Decoder:
    """The decoder that a Content-Encoding asks for; raises Undecodable for one that was not offered."""
    codings = [coding.strip().lower() for coding in content_encoding.split(",")]
    named = ["gzip" if coding == "x-gzip" else coding for coding in codings if coding not in {"", "identity"}]
    if not named:
        return Identity()
    for coding in named:
        if coding not in {"gzip", "deflate"}:
            raise Undecodable(f"Content-Encoding {coding[:40]!r}, though the request takes {ACCEPTED} only")
    if len(named) > MOST_CODINGS:
        raise Undecodable(f"{len(named)} content codings on top of each other")
    return Chain([Inflate(coding) for coding in reversed(named)])


MOST_CODINGS = 2
"""More codings than that are no plausible answer."""
