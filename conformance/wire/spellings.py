"""How a secret may be spelt: in clear, escaped for a URL, JSON or HTML, or in base64; and where it stands."""

import base64
import re
from array import array
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import combinations

Span = tuple[int, int]
"""Where something begins and ends in a text of bytes."""

_OF_ANY = (
    rb"%(?:25)*[0-7][0-9A-Fa-f]",  # URL, also encoded twice
    rb"\\++u00[0-7][0-9A-Fa-f]",  # JSON, also escaped twice
    rb"&(?:amp;)*(?:#0*+[0-9]{1,3}|#[xX]0*+[0-7][0-9A-Fa-f]|amp|lt|gt|quot|apos);",
)
"""Escapes that may stand for any character."""

_OF_ONE = {b'"': rb"\\++\"", b"/": rb"\\++/", b"\\": rb"\\{2,}"}
"""Those of JSON that stand for one. Bodies within JSON are full of them, so each is read only where a secret
has that character: no other secret can hide in it."""

_ESCAPE = re.compile(b"|".join((*_OF_ANY, *_OF_ONE.values())))
_ESCAPE_SIGNS = (b"%", b"\\", b"&")
_NAMED = {b"amp": b"&", b"lt": b"<", b"gt": b">", b"quot": b'"', b"apos": b"'"}

_JSON_ESCAPE = re.compile(rb"\\(?:u[0-9A-Fa-f]{4}|[\"\\/bfnrt])")


class Spelling:
    """One way to write a secret, to be searched for; `rank` says which secret it is of.

    `quoted` is set where the text ends with a quote that is not the secret's.
    """

    __slots__ = ("_step", "_text", "quoted", "rank")

    def __init__(self, text: bytes, rank: int, *, quoted: bool = False) -> None:
        self._text = text
        self._step = _period(text)
        self.rank = rank
        self.quoted = quoted

    def find(self, text: bytes) -> Iterator[Span]:
        """Where it stands; places that overlap each other are given as one."""
        size, at = len(self._text), text.find(self._text)
        while at >= 0:
            start, end = at, at + size
            at = text.find(self._text, at + self._step)
            while 0 <= at < end:
                end = at + size
                at = text.find(self._text, at + self._step)
            yield start, end


@dataclass(frozen=True, slots=True)
class Spellings:
    """All that is looked for, in clear and in texts without their escapes; `escape` matches those in which a
    character of it may hide."""

    each: tuple[Spelling, ...]
    escape: re.Pattern[bytes]


def spellings(secrets: Iterable[tuple[int, str]]) -> Spellings:
    """What to look for; the secrets come with their ranks."""
    wanted: dict[bytes, Spelling] = {}
    for rank, secret in secrets:
        clear = secret.encode()
        for text in (*_readings(clear), *_base64_cores(clear)):
            wanted.setdefault(text, Spelling(text, rank))
        if clear.endswith(b"\\"):  # as JSON, its end and the quote behind it look like an escaped quote
            for text in _readings(clear + b'"'):
                wanted.setdefault(text, Spelling(text, rank, quoted=True))
    characters = b"".join(wanted)
    backslashed = b"\\" in characters  # what follows one is read with it
    of_one = [escape for sign, escape in _OF_ONE.items() if backslashed or sign in characters]
    return Spellings(tuple(wanted.values()), re.compile(b"|".join((*_OF_ANY, *of_one))))


def find_all(text: bytes, wanted: Spellings) -> Iterator[tuple[int, int, int]]:
    """Where secrets stand, as (start, end, rank), in order; no escape is cut, what overlaps is one."""
    found: list[tuple[int, int, int]] = []
    unescaped = _unescaped(text, wanted.escape)
    for spelling in wanted.each:
        if not spelling.quoted:
            found += [(start, end, spelling.rank) for start, end in spelling.find(text)]
        if unescaped.text is not text:
            found += [
                (unescaped.raw(start), _behind(text, unescaped.raw(end), spelling), spelling.rank)
                for start, end in spelling.find(unescaped.text)
            ]
    if b"\\" in text:
        found = [
            (_escape_around(text, start)[0], _escape_around(text, end)[1], rank) for start, end, rank in found
        ]
    found.sort(key=lambda each: (each[0], -each[1]))
    at = 0
    while at < len(found):
        start, end, rank = found[at]
        at += 1
        while at < len(found) and found[at][0] < end:
            end = max(end, found[at][1])
            at += 1
        yield start, end, rank


@dataclass(frozen=True, slots=True)
class _Unescaped:
    """A text without its escapes. `starts` are where in it an escape became one character, `shifts` how many
    bytes had been left out up to and with that character."""

    text: bytes
    starts: "array[int]"
    shifts: "array[int]"

    def raw(self, at: int) -> int:
        """The offset in the escaped text of a position in this one: behind all escapes that end before it."""
        before = bisect_right(self.starts, at - 1)
        return at + (self.shifts[before - 1] if before else 0)


def _unescaped(text: bytes, escapes: re.Pattern[bytes]) -> _Unescaped:
    starts, shifts = array("q"), array("q")
    if not any(sign in text for sign in _ESCAPE_SIGNS):
        return _Unescaped(text, starts, shifts)
    clear = bytearray()
    reached = 0
    for match in escapes.finditer(text):
        escape = match[0]
        character = _COMMON.get(escape) or _meaning(escape)
        if character is None:
            continue
        start, end = match.span()
        clear += text[reached:start]
        starts.append(len(clear))
        clear += character
        reached = end
        shifts.append(reached - len(clear))
    if not starts:
        return _Unescaped(text, starts, shifts)
    clear += text[reached:]
    return _Unescaped(bytes(clear), starts, shifts)


def _readings(clear: bytes) -> Iterator[bytes]:
    """A secret as it stands, and as it is read where what looks like an escape in it is taken for one.

    Which of them remains of an escaped secret depends on what it was escaped for.
    """
    for count in range(len(_ESCAPE_SIGNS) + 1):
        for signs in combinations(_ESCAPE_SIGNS, count):
            yield _ESCAPE.sub(partial(_read, signs), clear)


def _read(signs: Collection[bytes], escape: re.Match[bytes]) -> bytes:
    meaning = _meaning(escape[0]) if escape[0][:1] in signs else None
    return escape[0] if meaning is None else meaning


def _meaning(escape: bytes) -> bytes | None:
    """The one ASCII character that an escape stands for; None where it stands for no such."""
    if escape[:1] == b"&":
        return _reference(escape[1:-1])
    if escape[:1] == b"\\" and escape[-1:] in b'\\"/':
        return escape[-1:]
    return bytes([int(escape[-2:], 16)])


def _reference(inner: bytes) -> bytes | None:
    name = inner.rsplit(b"amp;", 1)[-1]
    if name in _NAMED:
        return _NAMED[name]
    code = int(name[1:].lower().replace(b"x", b"0"), 16) if name[1:2] in b"xX" else int(name[1:])
    return bytes([code]) if code < 128 else None


def _common() -> Iterator[bytes]:
    for code in range(128):
        yield from (b"%%%02x" % code, b"%%%02X" % code, b"\\u%04x" % code, b"\\u%04X" % code, b"&#%d;" % code)
    yield from (b"&%b;" % name for name in _NAMED)
    yield from (b'\\"', b"\\/", b"\\\\")


_COMMON = {escape: _meaning(escape) for escape in _common()}
"""A hostile body has millions of escapes: most are looked up here."""


def _escape_around(text: bytes, at: int) -> Span:
    """The escape of JSON that a position cuts: half of one would break the string that it stands in.

    Where it cuts none, the position alone.
    """
    sign = text.rfind(b"\\", max(0, at - 5), at)
    if sign >= 0:
        escape = _JSON_ESCAPE.match(text, sign)
        if escape and escape.end() > at and backslashes(text, sign + 1) % 2:
            return escape.span()
    return at, at


def _behind(text: bytes, end: int, spelling: Spelling) -> int:
    """The end of a find, without what the backslashes at its end belong to instead.

    The secret's own last backslash was doubled with each escaping: it is 2, 4 or 8 of those that stand there.
    """
    if spelling.quoted:
        there = backslashes(text, end - 1)
        own = 1 << there.bit_length() - 1 if there > 1 else 0
        return end - 1 - there + own
    if text[end - 1 : end] != b"\\":
        return end
    there = backslashes(text, end)
    return end - 1 if there > 1 and there % 2 else end


def backslashes(text: bytes, end: int) -> int:
    """How many backslashes in a row end there."""
    at = end
    while at and text[at - 1] == 0x5C:
        at -= 1
    return end - at


def _base64_cores(clear: bytes) -> Iterator[bytes]:
    """What base64 makes of a text wherever it begins: the characters that depend on nothing around it."""
    for alignment in range(3):
        encoded = base64.b64encode(b"\0" * alignment + clear)
        first = -(-alignment * 8 // 6)
        last = (alignment + len(clear)) * 8 // 6
        core = encoded[first:last]
        yield core
        yield core.translate(bytes.maketrans(b"+/", b"-_"))


def _period(text: bytes) -> int:
    """The least distance at which a text may overlap itself."""
    return next((step for step in range(1, len(text)) if text.startswith(text[step:])), len(text))
