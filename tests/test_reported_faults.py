"""The table of faults that were reported in public: true to the mutants, and told as it is."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.reference import reported
from conformance.reference.mutants import mutants
from conformance.reference.reported import figure, page, reported_faults
from tests.runs import ROOT

PAGE = ROOT / "docs" / "reported-faults.md"


def test_every_fault_names_mutants_that_there_are_or_a_reason() -> None:
    named = [id_ for fault in reported_faults().values() for id_ in fault.mutants]
    assert [id_ for id_ in named if id_ not in mutants()] == []
    assert len(reported_faults()) == 86
    assert [f.report for f in reported_faults().values() if f.unseen and len(f.unseen.split()) < 4] == []


def test_a_mutant_of_a_reported_fault_is_in_its_row() -> None:
    known = reported_faults()
    strays = [m.id for m in mutants().values() if m.report in known and m.id not in known[m.report].mutants]
    assert strays == []


def test_the_page_is_made_from_the_data() -> None:
    made = subprocess.run(
        [sys.executable, "-m", "conformance.reference.reported"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert PAGE.read_text(encoding="utf-8") == made.stdout == page()


def test_page_and_readme_tell_the_figure() -> None:
    assert figure() == "reported faults seen: 73 of 86"
    for told in (PAGE, ROOT / "README.md"):
        assert figure() in " ".join(told.read_text(encoding="utf-8").split())


def test_links_lead_to_the_reports() -> None:
    links = [fault.link for fault in reported_faults().values()]
    assert [link for link in links if not re.fullmatch(r"https://github\.com/[\w./-]+/\d+", link)] == []


def test_a_fault_without_mutant_and_reason_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "faults.toml"
    file.write_text('["a/b#1"]\nfault = "f"\n', encoding="utf-8")
    monkeypatch.setattr(reported, "FILE", file)
    with pytest.raises(ValueError, match=re.escape("faults.toml: a/b#1: name either mutants or the reason")):
        reported_faults.__wrapped__()
