"""Masks the key, and every other secret, in whatever is kept or shown.

A secret is found in clear, URL-encoded, JSON-escaped, as an HTML reference (each also in part, and twice
over), in base64 at any alignment, and split over the values of a repeated JSON key, as the deltas of a
stream are. The mask keeps lengths, and keeps escapes escapes: `%73` becomes `%2a`, `\\u0073` becomes
`\\u002a`. So a Content-Length still holds, deltas still add up, and a redacted exchange gets the verdict
that the bare one would have had.
"""

import base64
import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.exchange import Chunk, Exchange, Fault, Headers, Sent

MASK = ord("*")

KEPT = frozenset(b"\"\\/&<>'")
"""Characters that JSON or HTML must or may escape: they stay, or a mask would break what it stands in."""

_ESCAPE = re.compile(
    rb"%(?:25)*[0-7][0-9A-Fa-f]"  # URL, also encoded twice
    rb"|\\++u00[0-7][0-9A-Fa-f]"  # JSON, also escaped twice
    rb"|\\++[\"/]|\\{2,}"
    rb"|&(?:amp;)*(?:#0*+[0-9]{1,3}|#[xX]0*+[0-7][0-9A-Fa-f]|amp|lt|gt|quot|apos);"
)
_ESCAPE_SIGNS = (b"%", b"\\", b"&")
_NAMED = {b"amp": b"&", b"lt": b"<", b"gt": b">", b"quot": b'"', b"apos": b"'"}

_STRING = re.compile(rb'"((?:[^"\\\n]++|\\.)*+)"(\s{0,8}:\s{0,8})?')
"""A JSON string, and the colon behind it where it is a key. It ends with its line, as JSON's strings do."""

_PLACE = re.compile(
    rb'"(type|item_id|output_index|content_index|summary_index)"\s*:\s*("[^"\\]{0,99}"|\d{1,6})'
)

SHORTEST = 8
"""A shorter secret is looked for only where it cannot be a word, and a very short one not at all."""


def searchable(secret: str) -> bool:
    """Whether a secret is long and odd enough to be looked for in answers.

    A key such as `none` or `EMPTY`, as servers without authorization take it, guards nothing, and stands in
    bodies for what it means. It is masked in the headers that carry it, and nowhere else.
    """
    return len(secret) >= SHORTEST or (len(secret) >= SHORTEST - 2 and not secret.isalpha())


class Redactor:
    """Masks a fixed set of secrets; `secret_headers` are names whose values are masked whole."""

    def __init__(self, secrets: Iterable[str], secret_headers: Iterable[str] = ()) -> None:
        values = [str(secret) for secret in secrets]
        self._headers = frozenset(name.lower() for name in secret_headers)
        self._short = tuple(value.encode() for value in values if value and not searchable(value))
        wanted: dict[bytes, None] = {}
        for value in filter(searchable, values):
            clear = value.encode()
            wanted[clear] = None
            wanted[_canonical(clear).text] = None
            for core in _base64_cores(clear):
                wanted[core] = None
        self._wanted = tuple(sorted(wanted, key=len, reverse=True))

    def __repr__(self) -> str:
        return "Redactor(***)"

    def warnings(self) -> list[str]:
        """What the user should know of secrets that cannot be looked for."""
        if not self._short:
            return []
        return [f"a key or secret of fewer than {SHORTEST} characters is masked in the requests only"]

    def mask(self, data: bytes) -> tuple[bytes, int]:
        """The data masked, in the same length, and the number of places where a secret stood."""
        if not self._wanted:
            return data, 0
        data, hits = self._whole(data)
        for pieces in _split_values(data):
            data, more = self._across(data, pieces)
            hits += more
        return data, hits

    def mask_text(self, text: str) -> str:
        """A text masked."""
        return self._text(text)[0]

    def mask_headers(self, headers: Headers, *, own: bool = False) -> tuple[Headers, int]:
        """Headers masked, each by itself and all values joined; `own` masks what is too short to find too."""
        named = [
            (name, "*" * len(value) if name.lower() in self._headers else value) for name, value in headers
        ]
        encoded = [value.encode("utf-8", "surrogatepass") for _, value in named]
        if own:
            encoded = [self._without_short(value) for value in encoded]
        hits = 0
        for at, value in enumerate(encoded):
            encoded[at], more = self.mask(value)
            hits += more
        pieces = _Pieces()
        for value in encoded:
            pieces.add(pieces.length, pieces.length + len(value))
        joined, more = self._whole(b"".join(encoded))
        encoded = [joined[start:end] for start, end in pieces]
        values = [value.decode("utf-8", "surrogatepass") for value in encoded]
        names = [self._text(name) for name, _ in named]
        hits += more + sum(found for _, found in names)
        return tuple((name, value) for (name, _), value in zip(names, values, strict=True)), hits

    def mask_exchange(self, exchange: Exchange) -> Exchange:
        """The exchange with every secret masked; `leaks` counts those that stood in the answer."""
        headers, leaks = self.mask_headers(exchange.headers)
        body, in_body = self.mask(exchange.body)
        fault = exchange.fault and Fault(exchange.fault.kind, self.mask_text(exchange.fault.message))
        sent = Sent(
            exchange.request.method,
            self.mask_text(exchange.request.url),
            self.mask_headers(exchange.request.headers, own=True)[0],
            self.mask(exchange.request.body)[0],
        )
        return replace(
            exchange,
            request=sent,
            headers=headers,
            chunks=_as_chunked(exchange.chunks, body) if in_body else exchange.chunks,
            fault=fault,
            leaks=exchange.leaks + leaks + in_body,
        )

    def _text(self, text: str) -> tuple[str, int]:
        masked, hits = self.mask(text.encode("utf-8", "surrogatepass"))
        return (masked.decode("utf-8", "surrogatepass"), hits) if hits else (text, 0)

    def _without_short(self, value: bytes) -> bytes:
        for secret in self._short:
            if value == secret or value.endswith(b" " + secret):
                return value.removesuffix(secret) + b"*" * len(secret)
        return value

    def _whole(self, text: bytes) -> tuple[bytes, int]:
        """A text in one piece, masked."""
        spans = list(self._spans(text))
        if not spans:
            return text, 0
        masked = bytearray(text)
        for start, end in spans:
            masked[start:end] = _mask(text[start:end])
        return bytes(masked), len(spans)

    def _across(self, data: bytes, pieces: "_Pieces") -> tuple[bytes, int]:
        """A text of which some pieces that stand apart are masked as if they were one."""
        joined = bytearray()
        for start, end in pieces:
            joined += data[start:end]
        masked, hits = self._whole(bytes(joined))
        if not hits:
            return data, 0
        changed, at = bytearray(data), 0
        for start, end in pieces:
            changed[start:end] = masked[at : at + end - start]
            at += end - start
        return bytes(changed), hits

    def _spans(self, whole: bytes) -> Iterator[tuple[int, int]]:
        """Where secrets stand, without overlaps, as offsets into the text."""
        canonical = _canonical(whole)
        found = [span for wanted in self._wanted for span in _find(whole, wanted)]
        if canonical.text is not whole:
            found += [
                (canonical.raw(start), canonical.raw(end))
                for wanted in self._wanted
                for start, end in _find(canonical.text, wanted)
            ]
        reached = 0
        for start, end in sorted(found):
            if end > reached:
                yield max(start, reached), end
                reached = end


def sweep(path: Path, redactor: Redactor) -> list[Path]:
    """Mask what secrets still stand in a file, or in those of a folder; returns the files that had one.

    It is the last thing before a run ends: a hit means that redaction at capture has a hole.
    """
    hit: list[Path] = []
    for file in sorted(each for each in (path, *path.rglob("*")) if each.is_file() and not each.is_symlink()):
        data = file.read_bytes()
        masked, hits = redactor.mask(data)
        if hits:
            file.write_bytes(masked)
            hit.append(file)
    return hit


@dataclass(frozen=True, slots=True)
class _Canonical:
    """A text without its escapes. `starts` are where in it an escape became one character, `shifts` how many
    bytes had been left out up to and with that character."""

    text: bytes
    starts: "array[int]"
    shifts: "array[int]"

    def raw(self, at: int) -> int:
        """The offset in the escaped text of a position in this one: behind all escapes that end before it."""
        before = bisect_right(self.starts, at - 1)
        return at + (self.shifts[before - 1] if before else 0)


def _canonical(text: bytes) -> _Canonical:
    starts, shifts = array("q"), array("q")
    if not any(sign in text for sign in _ESCAPE_SIGNS):
        return _Canonical(text, starts, shifts)
    clear = bytearray()
    reached = 0
    for match in _ESCAPE.finditer(text):
        character = _meaning(match[0])
        if character is None:
            continue
        clear += text[reached : match.start()]
        starts.append(len(clear))
        clear += character
        reached = match.end()
        shifts.append(reached - len(clear))
    if not starts:
        return _Canonical(text, starts, shifts)
    clear += text[reached:]
    return _Canonical(bytes(clear), starts, shifts)


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


def _mask(span: bytes) -> bytes:
    """Stars in place of a secret; an escape stays one, of a star."""
    masked = bytearray()
    reached = 0
    for match in _ESCAPE.finditer(span):
        masked += _stars(span[reached : match.start()])
        masked += _masked_escape(match[0])
        reached = match.end()
    return bytes(masked + _stars(span[reached:]))


def _stars(clear: bytes) -> bytes:
    return bytes(byte if byte in KEPT else MASK for byte in clear)


def _masked_escape(escape: bytes) -> bytes:
    meaning = _meaning(escape)
    if meaning is None or meaning[0] in KEPT:
        return escape
    if escape[:1] == b"&":
        sign = escape.rindex(b"#")
        digits = len(escape) - sign - 2
        code = (
            b"x" + b"2a".rjust(digits - 1, b"0") if escape[sign + 1] in b"xX" else b"42".rjust(digits, b"0")
        )
        return escape[: sign + 1] + code + b";"
    return escape[:-2] + b"2a"


def _base64_cores(clear: bytes) -> Iterator[bytes]:
    """What base64 makes of a text wherever it begins: the characters that depend on nothing around it."""
    for alignment in range(3):
        encoded = base64.b64encode(b"\0" * alignment + clear)
        first = -(-alignment * 8 // 6)
        last = (alignment + len(clear)) * 8 // 6
        core = encoded[first:last]
        yield core
        yield core.translate(bytes.maketrans(b"+/", b"-_"))


def _find(text: bytes, wanted: bytes) -> Iterator[tuple[int, int]]:
    at = text.find(wanted)
    while at >= 0:
        yield at, at + len(wanted)
        at = text.find(wanted, at + len(wanted))


class _Pieces:
    """Spans of a text, in their order; compact, because a hostile body may have very many."""

    def __init__(self) -> None:
        self._starts, self._ends = array("q"), array("q")
        self.length = 0

    def __len__(self) -> int:
        return len(self._starts)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return zip(self._starts, self._ends, strict=True)

    def add(self, start: int, end: int) -> None:
        """Append a span."""
        self._starts.append(start)
        self._ends.append(end)
        self.length += end - start


def _split_values(data: bytes) -> list[_Pieces]:
    """The texts of each JSON key that stands more than once with a text, in their order; likewise the items
    of arrays.

    Once over all of the data, and once for each place that a stream's events name, because items interleave.
    """
    groups: dict[tuple[bytes, bytes], _Pieces] = {}
    line_end, place = -1, b""
    key, key_end = b"", -1
    for match in _STRING.finditer(data):
        start, end = match.span(1)
        if match[2]:
            key, key_end = data[start : min(end, start + 64)], match.end()
            continue
        if start == end:
            continue
        if match.start() != key_end:
            key = b""  # an item of an array
        if start > line_end:
            line_end, place = _place(data, start)
        groups.setdefault((key, b""), _Pieces()).add(start, end)
        if place and (len(groups) < MOST_GROUPS or (key, place) in groups):
            groups.setdefault((key, place), _Pieces()).add(start, end)
    return [pieces for pieces in groups.values() if len(pieces) > 1]


def _place(data: bytes, at: int) -> tuple[int, bytes]:
    """Where the line around an offset ends, and the members in it that say what the event belongs to."""
    start = data.rfind(b"\n", 0, at) + 1
    end = data.find(b"\n", at)
    end = len(data) if end < 0 else end
    if end - start > LONGEST_EVENT:
        return end, b""
    return end, b",".join(sorted(match[0] for match in _PLACE.finditer(data, start, end)))


MOST_GROUPS = 10_000
"""More places than that are not told apart: only a hostile body has them."""

LONGEST_EVENT = 65536


def _as_chunked(chunks: tuple[Chunk, ...], body: bytes) -> tuple[Chunk, ...]:
    found, at = [], 0
    for chunk in chunks:
        found.append(Chunk(chunk.at, body[at : at + len(chunk.data)]))
        at += len(chunk.data)
    return tuple(found)
