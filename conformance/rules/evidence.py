"""What an answer tells of where it comes from: words for a note, and never a finding."""

import base64
import binascii
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from conformance.contract.origins import header_origin, usage_origin
from conformance.exchange import Exchange
from conformance.response import Body, number

VERSION = 0x80
"""The first byte of the public token format, which base64 begins with `gAAAA` for centuries to come."""

FIXED, BLOCK = 57, 16
"""Bytes of version, time, initial vector and signature; and of each block of what is sealed."""

CLOCKS = 2
"""Seconds by which two clocks of one house may differ."""


@dataclass(frozen=True, slots=True)
class Seal:
    """An encrypted content: its bytes, and the Unix time inside it where it has the public shape."""

    length: int
    sealed_at: int | None


def seal_of(content: str) -> Seal | None:
    """What an encrypted content is made of; None where it is no base64."""
    in_one_alphabet = content.replace("+", "-").replace("/", "_")
    try:
        data = base64.b64decode(in_one_alphabet + "=" * (-len(content) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    shaped = len(data) > FIXED and data[0] == VERSION and (len(data) - FIXED) % BLOCK == 0
    return Seal(len(data), int.from_bytes(data[1:9], "big") if shaped else None)


def seals_in(answer: Body) -> Sequence[str]:
    """The encrypted contents of an answer's reasoning."""
    contents = (item.get("encrypted_content") for _, item in answer.of_type("reasoning"))
    return [content for content in contents if isinstance(content, str) and content]


def shape_in_words(answer: Body, content: str) -> str:
    """The shape of an encrypted content, and where the time inside it lies."""
    seal = seal_of(content)
    if seal is None:
        return "encrypted_content is no base64"
    if seal.sealed_at is None:
        return "encrypted_content is base64 of another shape than the public values, which begin gAAAA"
    shape = "encrypted_content has the shape of public values: version 0x80, a time, 57 + 16k bytes"
    begun, ended = (number(answer.response.get(name)) for name in ("created_at", "completed_at"))
    if begun is None:
        return shape
    if seal.sealed_at < begun - CLOCKS:
        return f"{shape}; it was sealed {begun - seal.sealed_at:,.0f} s before created_at"
    if ended is not None and seal.sealed_at > ended + CLOCKS:
        return f"{shape}; it was sealed {seal.sealed_at - ended:,.0f} s after completed_at"
    return f"{shape}; it was sealed between created_at and completed_at"


TOLD = 4
"""So many headers of one origin are named, and the others counted."""


def headers_in_words(exchanges: Iterable[Exchange]) -> Iterator[str]:
    """The origins that headers name, each once, with the headers."""
    found: dict[str, list[str]] = {}
    for name in sorted({name.lower() for exchange in exchanges for name, _ in exchange.headers}):
        if of := header_origin(name):
            found.setdefault(of, []).append(name)
    for of, names in found.items():
        more = f" and {len(names) - TOLD} more" if len(names) > TOLD else ""
        yield f"response headers of {of}: {', '.join(names[:TOLD])}{more}"


def usage_in_words(answers: Iterable[Body]) -> Iterator[str]:
    """Fields of another API's usage, each once."""
    for name in sorted({name for body in answers for name in body.usage}):
        if of := usage_origin(name):
            yield f"usage.{name} is a field of {of}"
