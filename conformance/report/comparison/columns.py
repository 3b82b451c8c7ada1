"""The columns of a comparison: one provider's run each, told apart, with the way to its report."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from conformance.report import charts
from conformance.report.causes import ToldCause, told_causes
from conformance.report.headline import Headline, headline
from conformance.report.page import told
from conformance.verdicts.verdict import Run


@dataclass(frozen=True, slots=True)
class Column:
    """One provider's run.

    `href` leads to its report, relative to the comparison; it is empty where none lies beside the results.
    """

    label: str
    run: Run
    head: Headline
    href: str
    bar: Markup
    told: str
    causes: tuple[ToldCause, ...]


def columns_of(runs: Sequence[tuple[Path, Run]], folder: Path) -> list[Column]:
    """Providers that share a name are told apart by their model, and where that is the same, by the file."""
    labels = _distinct([(run.provider, run.model, run.contract.name, str(file.parent)) for file, run in runs])
    return [
        Column(
            label,
            run,
            headline(run),
            _report(file.parent / "index.html", folder),
            charts.bar(run.counts(), len(run.rows)),
            told(run.counts()),
            told_causes(run),
        )
        for label, (file, run) in zip(labels, runs, strict=True)
    ]


def _distinct(names: Sequence[tuple[str, str, str, str]]) -> list[str]:
    labels = []
    for provider, model, contract, folder in names:
        rivals = [other for other in names if other[0] == provider and other[2] == contract]
        if len(rivals) == 1:
            labels.append(provider)
        elif len({other[1] for other in rivals}) == len(rivals):
            labels.append(f"{provider} ({model})")
        else:
            labels.append(f"{provider} ({folder})")
    return labels


def _report(file: Path, folder: Path) -> str:
    """The way to a report from a folder; empty where there is no report."""
    if not file.is_file():
        return ""
    try:
        path = os.path.relpath(file, folder)
    except ValueError:  # another drive
        return file.resolve().as_uri()
    return quote(Path(path).as_posix())
