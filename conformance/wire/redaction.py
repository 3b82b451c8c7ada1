"""Masks the key, and every other secret, in whatever is kept or shown.

A secret is found in clear, URL-encoded, JSON-escaped, as an HTML reference (each also in part, and twice
over), in base64 at any alignment, and split over the values of a repeated JSON key, as the deltas of a
stream are. The mask has one length, so it does not tell that of the secret, and no character that JSON,
HTML or a URL escapes. Where a secret is split over deltas, the first becomes the mask and the others are
left empty, so deltas still add up; a Content-Length is told anew. JSON stays JSON, chunks keep their times,
and a redacted exchange gets the verdict that the bare one would have had.

Four things do not survive, because they would tell the length. A rule that weighs how long a text is weighs
the masked one: where a citation points to, one delta for a long text, the same count of tokens for very
different texts. A secret that is a number, and stands in an answer's number, leaves no number behind. Two
spellings of one secret become equal, also where they are keys of one object. And into how many pieces a
secret was cut is seen from the pieces left empty. (A secret with a backslash at an end may take further ones
along, because nobody knows how often they were escaped.)
"""

import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from conformance.exchange import Attempt, Chunk, Exchange, Fault, Headers, Sent
from conformance.wire.edits import Place, applied, masking, moved
from conformance.wire.pieces import Pieces, split_values
from conformance.wire.spellings import Span, backslashes, find_all, spellings

MASK = "********"
"""What stands in place of the first secret; each further one has its number in it: `***2****`."""

SHORTEST = 8
"""A shorter secret is looked for only where it cannot be a word, and a very short one not at all."""

_BETWEEN_STRINGS = re.compile(rb'"\s*[:,{}\[\]][\s:,{}\[\]]*"')
"""What stands between two strings of JSON."""

_OPENING = re.compile(rb'[:,{\[][\s:,{\[]*"')
_CLOSING = re.compile(rb'"[\s:,}\]]*[:,}\]]')


def searchable(secret: str) -> bool:
    """Whether a secret is long and odd enough to be looked for in answers.

    A key such as `none` or `EMPTY`, as servers without authorization take it, guards nothing, and stands in
    bodies for what it means. It is masked in the headers that carry it, and nowhere else.
    """
    return len(secret) >= SHORTEST or (len(secret) >= SHORTEST - 2 and not secret.isalpha())


class Redactor:
    """Masks a fixed set of secrets; `secret_headers` are names whose values are masked whole."""

    def __init__(self, secrets: Iterable[str], secret_headers: Iterable[str] = ()) -> None:
        values = list(dict.fromkeys(str(secret) for secret in secrets if secret))
        masks = dict(zip(values, map(_numbered, range(1, len(values) + 1)), strict=True))
        self._masks = masks
        self._encoded = tuple(mask.encode() for mask in masks.values())
        self._headers = frozenset(name.lower() for name in secret_headers)
        self._short = tuple(value for value in values if not searchable(value))
        self._wanted = spellings((at, value) for at, value in enumerate(values) if searchable(value))

    def __repr__(self) -> str:
        return "Redactor(***)"

    def warnings(self) -> list[str]:
        """What the user should know of secrets that cannot be looked for."""
        if not self._short:
            return []
        return [f"a key or secret of fewer than {SHORTEST} characters is masked in the requests only"]

    def mask(self, data: bytes) -> tuple[bytes, int]:
        """The data masked, and the number of places where a secret stood."""
        masked, _, hits = self._masked(data, in_json=True)
        return masked, hits

    def mask_text(self, text: str) -> str:
        """A text masked."""
        return self._text(text)[0]

    def mask_headers(self, headers: Headers, *, own: bool = False) -> tuple[Headers, int]:
        """Headers masked, each by itself and all values joined; `own` masks what is too short to find too."""
        values, hits = [], 0
        for name, value in headers:
            if name.lower() in self._headers:
                values.append(self._masks.get(value, MASK) if value else "")
                continue
            masked, more = self._text(self._without_short(value) if own else value)
            values.append(masked)
            hits += more
        values, more = self._masked_together(values)
        names = [self._text(name) for name, _ in headers]
        hits += more + sum(found for _, found in names)
        return tuple((name, value) for (name, _), value in zip(names, values, strict=True)), hits

    def mask_exchange(self, exchange: Exchange) -> Exchange:
        """The exchange with every secret masked; `leaks` counts those that stood in the answer."""
        headers, leaks = self.mask_headers(exchange.headers)
        fault = exchange.fault and Fault(exchange.fault.kind, self.mask_text(exchange.fault.message))
        chunks, in_body = self._chunks(exchange)
        if in_body:
            was, now = len(exchange.body), sum(len(chunk.data) for chunk in chunks)
            headers = _resized(headers, was, now)
            fault = fault and replace(fault, message=re.sub(rf"\b{was}(?= bytes\b)", str(now), fault.message))
        asked = exchange.request
        body = self.mask(asked.body)[0]
        sent_headers = _resized(self.mask_headers(asked.headers, own=True)[0], len(asked.body), len(body))
        return replace(
            exchange,
            request=Sent(asked.method, self.mask_text(asked.url), sent_headers, body),
            headers=headers,
            chunks=chunks,
            fault=fault,
            retries=tuple(map(self._attempt, exchange.retries)),
            leaks=exchange.leaks + leaks + in_body,
        )

    def _attempt(self, attempt: Attempt) -> Attempt:
        fault = attempt.fault and replace(attempt.fault, message=self.mask_text(attempt.fault.message))
        return replace(attempt, fault=fault, headers=self.mask_headers(attempt.headers)[0])

    def _chunks(self, exchange: Exchange) -> tuple[tuple[Chunk, ...], int]:
        """The chunks masked: a mask stands whole in the chunk in which its secret began."""
        ends, reached = [], 0
        for chunk in exchange.chunks:
            reached += len(chunk.data)
            ends.append(reached)
        body, borders, hits = self._masked(exchange.body, ends, in_json=True)
        if not hits:
            return exchange.chunks, 0
        cut = zip(exchange.chunks, [0, *borders], borders, strict=False)
        return tuple(Chunk(chunk.at, body[start:end]) for chunk, start, end in cut), hits

    def _text(self, text: str) -> tuple[str, int]:
        masked, _, hits = self._masked(text.encode("utf-8", "surrogatepass"), in_json=False)
        return (masked.decode("utf-8", "surrogatepass"), hits) if hits else (text, 0)

    def _without_short(self, value: str) -> str:
        for secret in self._short:
            if value == secret or value.endswith(f" {secret}"):
                return value.removesuffix(secret) + self._masks[secret]
        return value

    def _masked(
        self, data: bytes, borders: Sequence[int] = (), *, in_json: bool
    ) -> tuple[bytes, Sequence[int], int]:
        """The data masked, where borders in it lie then, and the number of secrets; `in_json` keeps the
        quotes that JSON needs."""
        if not self._wanted.each:
            return data, borders, 0
        edits, hits = masking(self._places(data, in_json=in_json))
        return (applied(data, edits), moved(borders, edits), hits) if hits else (data, borders, 0)

    def _places(self, data: bytes, *, in_json: bool) -> list[Place]:
        """Where secrets stand, whole and in pieces."""
        number = itertools.count()
        places = [
            Place(first, last, self._encoded[rank], next(number), 0)
            for start, end, rank in find_all(data, self._wanted)
            for first, last in (
                _within_strings(data, start, end) if in_json and b'"' in data[start:end] else ((start, end),)
            )
        ]
        whole = {place[:2] for place in places}
        for pieces in split_values(data):
            places += self._in_pieces(data, pieces, number, whole)
        return places

    def _in_pieces(
        self, data: bytes, pieces: Pieces, number: Iterator[int], known: Collection[Span] = ()
    ) -> Iterator[Place]:
        """Where secrets stand in pieces joined, but for those that lie in one piece and are known.

        Of pieces that are summed the first becomes the mask and the others nothing; of other pieces each
        becomes the mask, because an empty id or name breaks a contract.
        """
        found = list(find_all(pieces.joined(data), self._wanted))
        where = pieces.parts((start, end) for start, end, _ in found)
        for (_, _, rank), parts in zip(found, where, strict=True):
            if len(parts) == 1 and parts[0] in known:
                continue
            find, mask = next(number), self._encoded[rank]
            for first, last in parts:
                yield Place(first, last, mask, find, pieces.weight)
                if pieces.summed:
                    mask = b""

    def _masked_together(self, values: Sequence[str]) -> tuple[list[str], int]:
        """Values that may hold a secret together, masked."""
        encoded = [value.encode("utf-8", "surrogatepass") for value in values]
        joined, ends = b"".join(encoded), list(itertools.accumulate(map(len, encoded), initial=0))
        pieces = Pieces()
        pieces.starts.extend(ends[:-1])
        pieces.ends.extend(ends[1:])
        edits, hits = masking(self._in_pieces(joined, pieces, itertools.count()))
        joined, ends = applied(joined, edits), moved(ends, edits)
        cut = itertools.pairwise(ends)
        return [joined[start:end].decode("utf-8", "surrogatepass") for start, end in cut], hits


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


def _numbered(number: int) -> str:
    """The mask of the so-manyth secret."""
    return MASK if number == 1 else f"***{number}".ljust(len(MASK), "*")


def _within_strings(data: bytes, start: int, end: int) -> Iterator[Span]:
    """A span without the bare quotes of JSON strings that it touches, and without what stands between two.

    A secret may begin or end with a quote, or be JSON itself.
    """
    for at in range(max(0, start - 2), start + 1):
        opening = _OPENING.match(data, at, end)
        if opening and opening.end() > start:
            start = opening.end()
            break
    last = data.rfind(b'"', start, end)
    closing = _CLOSING.match(data, last) if last >= 0 else None
    if closing and closing.end() >= end and _bare(data, last):
        end = last
    for between in _BETWEEN_STRINGS.finditer(data, start, end):
        if not _bare(data, between.start()):
            continue
        if between.start() > start:
            yield start, between.start()
        start = between.end()
    if end > start:
        yield start, end


def _bare(data: bytes, quote: int) -> bool:
    """Whether a quote is not escaped."""
    return backslashes(data, quote) % 2 == 0


def _resized(headers: Headers, was: int, now: int) -> Headers:
    """The headers with the Content-Length of a body that has another length now."""
    return tuple(
        (name, str(now) if name.lower() == "content-length" and value == str(was) else value)
        for name, value in headers
    )
