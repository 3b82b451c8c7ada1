"""The marks in a source: each stands for a document with a title, an address and a date."""

import re

import pytest

from conformance.contract.requirements import Requirement, catalogue
from conformance.contract.sources import Piece, SourceError, cite, cited, sources

GITHUB = "https://github.com/"


@pytest.mark.parametrize("mark", sources())
def test_a_source_can_be_opened_and_is_dated(mark: str) -> None:
    source = sources()[mark]
    assert source.title
    assert source.date
    assert re.fullmatch(r"https://[\w./#-]+", source.url)


def test_no_source_is_listed_that_nothing_names() -> None:
    named = {source.mark.partition(" §")[0] for known in catalogue().values() for source in known.sources}
    assert {mark for mark in named if "#" not in mark} == set(sources())


@pytest.mark.parametrize("known", catalogue().values(), ids=catalogue())
def test_every_requirement_can_be_looked_up(known: Requirement) -> None:
    assert "".join(piece.text for piece in known.citation) == known.source
    assert known.sources
    assert all(source.url.startswith("https://") for source in known.sources)


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("S", ["S"]),
        ("S: 200, Response generated successfully", ["S"]),
        ("S stream, default false", ["S"]),
        ("S (Authorization: required); OA", ["S", "OA"]),
        ("S against OA, OR", ["S", "OA", "OR"]),
        ("S; OA and OR allow null", ["S", "OA", "OR"]),
        ("OA; OR: MUST, MUST NOT", ["OA", "OR"]),
        ("OA, OR; S lists text and reasoning", ["OA", "OR", "S"]),
        ("OA, OR, AF:responses/streaming", ["OA", "OR", "AF:responses/streaming"]),
        ("RFC 9110 §15.5, §15.6", ["RFC 9110 §15.5", "RFC 9110 §15.6"]),
        ("RFC 8259 §4, §6; RFC 7493", ["RFC 8259 §4", "RFC 8259 §6", "RFC 7493"]),
        ("WHATWG SSE; Unicode §3.9", ["WHATWG", "Unicode §3.9"]),
        ("OA, vercel/ai#20179", ["OA", "vercel/ai#20179"]),
        ("OA, contrary to vercel/ai#20179; OA", ["OA", "vercel/ai#20179"]),
    ],
)
def test_marks_are_told_from_words(text: str, marks: list[str]) -> None:
    assert [source.mark for source in cited(text, sources())] == marks
    assert "".join(piece.text for piece in cite(text, sources())) == text


def test_a_section_has_its_own_address() -> None:
    first, between, second = cite("RFC 9110 §15.5, §15.6.1", sources())
    assert (first.text, between, second.text) == ("RFC 9110 §15.5", Piece(", "), "§15.6.1")
    assert [piece.source and piece.source.url for piece in (first, second)] == [
        "https://www.rfc-editor.org/rfc/rfc9110#section-15.5",
        "https://www.rfc-editor.org/rfc/rfc9110#section-15.6.1",
    ]


def test_a_section_of_a_document_without_such_addresses_leads_to_the_document() -> None:
    (section,) = cited("Unicode §3.9", sources())
    assert section.url == sources()["Unicode"].url


def test_a_report_on_github_needs_no_entry() -> None:
    (report,) = cited("vercel/ai#20179", {})
    assert report.url == f"{GITHUB}vercel/ai/issues/20179"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("NOPE", "NOPE is no mark of sources.toml"),
        ("OA, NOPE", "NOPE is no mark of sources.toml"),
        ("S: number; RFC 1 §2", "RFC 1 is no mark of sources.toml"),
        ("AF:nowhere", "AF:nowhere is no mark of sources.toml"),
        ("the page", "'the page' does not begin with the mark of a source"),
        ("S; ", "'' does not begin with the mark of a source"),
        ("", "'' does not begin with the mark of a source"),
    ],
)
def test_a_mark_that_nobody_can_look_up_is_refused(text: str, said: str) -> None:
    with pytest.raises(SourceError, match=re.escape(said)):
        cite(text, sources())
