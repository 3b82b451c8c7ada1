"""The suite's own part of the HTML report: from a run and its evidence to one block of HTML."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from conformance.exchange import Exchange
from conformance.gate import Against, Repeats
from conformance.report.headline import MEANING, WORST_FIRST, headline
from conformance.report.text import visible
from conformance.verdict import Run

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Evidence:
    """What the report shows beside the verdicts: exchanges by scenario name, comparisons with other runs."""

    exchanges: Mapping[str, Exchange] = field(default_factory=dict)
    against: Against | None = None
    repeats: Repeats | None = None


def environment() -> Environment:
    """Templates in which every printed value is shown as text, whatever it holds."""
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )


def _shown(value: Any) -> Any:
    return value if isinstance(value, (Markup, int, float)) else visible(value)


def render(run: Run, evidence: Evidence) -> str:
    """The block as text that can be written as UTF-8."""
    return (
        environment()
        .get_template("page.html")
        .render(
            run=run,
            head=headline(run),
            counts=[(verdict, run.counts()[verdict]) for verdict in WORST_FIRST],
            meaning=MEANING,
            evidence=evidence,
        )
    )
