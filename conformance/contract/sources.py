"""What the marks in a source stand for: a title, an address and a date, so that a vendor can look it up."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

SOURCES = Path(__file__).with_name("sources.toml")


@dataclass(frozen=True, slots=True)
class Source:
    """One document, or one section of it. `date` is a date or a revision, empty for a report on GitHub.

    `section` is the address of a section behind `url`, with braces for its number; empty where the document
    has no such addresses.
    """

    mark: str
    title: str
    url: str
    date: str = ""
    section: str = ""

    @property
    def name(self) -> str:
        """Title and date."""
        return f"{self.title} ({self.date})" if self.date else self.title

    def at(self, number: str) -> "Source":
        """The section of that number (`15.5.2`)."""
        url = self.url + self.section.format(number)
        return Source(f"{self.mark} §{number}", f"{self.title}, §{number}", url, self.date)


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters of a source as the catalogue words it: a mark, or the words between two marks."""

    text: str
    source: Source | None = None


class SourceError(ValueError):
    """A source names no mark, or one that `sources.toml` lacks; the message names it."""


_REPORT = r"[\w.-]+/[\w.-]+#\d+"
_SECTION = r"§\d+(?:\.\d+)*"
_CITED = re.compile(
    rf"(?P<mark>{_REPORT}|RFC \d+|AF:[\w/.-]+|[A-Z][\w-]*)(?![\w/#])"
    rf"(?P<sections>(?: {_SECTION}(?:, {_SECTION})*)?)"
)
_NEXT = re.compile(rf"(?:, | and | against )(?=[A-Z]|{_REPORT})")


@cache
def sources() -> Mapping[str, Source]:
    """Every source of `sources.toml`, by its mark."""
    entries = tomllib.loads(SOURCES.read_text(encoding="utf-8"))
    return MappingProxyType({mark: Source(mark, **entry) for mark, entry in entries.items()})


def cite(text: str, known: Mapping[str, Source]) -> tuple[Piece, ...]:
    """A source taken apart; the pieces put together are the text.

    A source has parts, with `; ` between them. Each begins with its marks (`OA, OR`, `RFC 9110 §15.5, §15.6`,
    or a report as `owner/repository#7`), and words may follow: `S: number, default 1; OA, OR: or null`.
    Raises SourceError.
    """
    pieces: list[Piece] = []
    for part in text.split("; "):
        pieces += [Piece("; ")] if pieces else []
        pieces += _part(part, known)
    return tuple(pieces)


def cited(text: str, known: Mapping[str, Source]) -> tuple[Source, ...]:
    """The sources that a text names, each once, in its order. Raises SourceError."""
    return tuple(dict.fromkeys(piece.source for piece in cite(text, known) if piece.source))


def denied(text: str, mark: str) -> bool:
    """Whether a text says of a source that it does not have what the text is of: `S: string; OA: absent`."""
    parts = (part.partition(": ") for part in text.split("; "))
    return any(mark in marks.split(", ") and words == "absent" for marks, _, words in parts)


def _part(part: str, known: Mapping[str, Source]) -> Iterator[Piece]:
    rest = part
    while found := _CITED.match(rest):
        yield from _marked(_source(found["mark"], known), found["sections"])
        rest = rest[found.end() :]
        between = _NEXT.match(rest)
        if not between:
            yield from _words(rest)
            return
        yield Piece(between[0])
        rest = rest[between.end() :]
    raise SourceError(f"{rest!r} does not begin with the mark of a source")


def _marked(source: Source, sections: str) -> Iterator[Piece]:
    """The mark alone or together with its first section, then the further ones."""
    if not sections:
        yield Piece(source.mark, source)
        return
    first, *others = sections.split(", ")
    yield Piece(source.mark + first, source.at(first.lstrip(" §")))
    for other in others:
        yield Piece(", ")
        yield Piece(other, source.at(other.lstrip("§")))


def _words(text: str) -> Iterator[Piece]:
    """Words, in which a report may be named."""
    end = 0
    for report in re.finditer(_REPORT, text):
        if report.start() > end:
            yield Piece(text[end : report.start()])
        yield Piece(report[0], _report(report[0]))
        end = report.end()
    if end < len(text):
        yield Piece(text[end:])


def _source(mark: str, known: Mapping[str, Source]) -> Source:
    if re.fullmatch(_REPORT, mark):
        return _report(mark)
    if mark not in known:
        raise SourceError(f"{mark} is no mark of {SOURCES.name}, which needs its title, url and date")
    return known[mark]


def _report(name: str) -> Source:
    repository, _, number = name.partition("#")
    return Source(name, f"GitHub report {name}", f"https://github.com/{repository}/issues/{number}")
