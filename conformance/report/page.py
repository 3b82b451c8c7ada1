"""The suite's own part of the HTML report: from a run and its evidence to one block of HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from conformance.contract.level import Level
from conformance.contract.requirements import catalogue
from conformance.report import charts, clients
from conformance.report.billing import bill_told
from conformance.report.causes import counts_in_words, hurt_clients, in_words
from conformance.report.headline import MEANING, SIGN, area_title, headline, kept_in_words
from conformance.report.measures import Measures, measure, percentile, seconds
from conformance.report.model import Evidence, Model
from conformance.report.parts import Mask, Parts
from conformance.report.text import attribute, block, encodable, marked, prose, visible
from conformance.verdicts.verdict import SEVERITY, Row, Run, Verdict

HERE = Path(__file__).parent

TITLES = {
    Verdict.STALE: "Known failures that pass now",
    Verdict.KNOWN: "Known failures",
    Verdict.ERROR: "Could not be judged",
    Verdict.INCONCLUSIVE: "Inconclusive",
    Verdict.SKIP: "Skipped",
}


LEVELS = {
    Level.MUST: "a violation is a FAIL",
    Level.SHOULD: "a violation is a WARN",
    Level.MAY: "optional: absent is a SKIP, there and wrong counts",
    Level.INFO: "an observation, which changes no verdict",
    Level.CONFLICT: "the sources contradict each other: either answer passes, and it is noted which came",
}
"""What each level means for the verdict, explained where it stands."""

FIRST, SPREAD = 6, 40
"""How many causes the first screen has room for, and how many are spread out; those behind are unfolded."""

NOT_WELL = frozenset({Verdict.FAIL, Verdict.STALE, Verdict.WARN})
KEPT_SHOWN = 200
"""Of what is kept from earlier runs the page names the violations; results.json has all of it."""


@dataclass(frozen=True, slots=True)
class Tally:
    """One line of a chart: how the rows of one area or level were judged."""

    name: str
    counts: Mapping[Verdict, int]
    bar: Markup
    words: str


def environment() -> Environment:
    """Templates in which every printed value is text, whatever it holds; `foreign` also isolates it."""
    found = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: value if isinstance(value, (Markup, int, float)) else marked(str(value)),
    )
    found.filters.update(foreign=visible, prose=prose, attribute=attribute, block=block, seconds=seconds)
    found.globals.update(
        run_verdict=Verdict,
        signs=SIGN,
        meaning=MEANING,
        levels_mean=LEVELS,
        error=Verdict.ERROR,
        style=_asset("page.css"),
        script=_asset("page.js"),
    )
    return found


def render(run: Run, evidence: Evidence, mask: Mask = bytes) -> str:
    """The block as text that can be written as UTF-8."""
    text = _trouble(run, evidence, mask) if run.trouble else _page(run, evidence, mask)
    return encodable(text)


def _trouble(run: Run, evidence: Evidence, mask: Mask) -> str:
    """Where nothing can be judged, that is all there is to say: what, why, how to mend it, what was sent."""
    template = environment().get_template("trouble.html")
    model = Model(replace(run, rows=()), evidence)
    parts = Parts()
    return template.render(
        run=run,
        head=headline(run),
        date=date(run.started_at),
        model=model,
        keep=parts.keep,
        packed=partial(parts.packed, known=catalogue(run.contract), mask=mask),
    )


OUTPUT, ORIGIN = "billing.output", "evidence."
"""How the requirements begin whose notes tell of the bill for the output, and are evidence of origin."""


def _noted(run: Run, requirements: str) -> tuple[str, ...]:
    return tuple(note for row in run.rows if row.requirement.startswith(requirements) for note in row.notes)


def _page(run: Run, evidence: Evidence, mask: Mask) -> str:
    counts = run.counts()
    measures = measure(evidence.exchanges.values())
    model = Model(run, evidence)
    parts = Parts()
    return (
        environment()
        .get_template("page.html")
        .render(
            run=run,
            head=headline(run),
            date=date(run.started_at),
            counts=[(verdict, counts[verdict]) for verdict in SEVERITY],
            violated=counts_in_words(run),
            told=told(counts),
            first=model.causes[:FIRST],
            spread=SPREAD,
            hurt=in_words(hurt_clients([cause.told for cause in model.causes])),
            total=charts.bar(counts, len(run.rows)),
            areas=tallies(run.rows, sorted({area_title(row) for row in run.rows}), area_title),
            levels=tallies(run.rows, [level.value for level in Level], lambda row: row.level.value),
            speeds=_speeds(measures),
            titles=TITLES,
            model=model,
            keep=parts.keep,
            packed=partial(parts.packed, known=catalogue(run.contract), mask=mask),
            kept=kept_in_words(run),
            kept_rows=[kept for kept in run.kept if kept.row.verdict in NOT_WELL][:KEPT_SHOWN],
            against=evidence.against,
            repeats=evidence.repeats,
            bill=bill_told(evidence.bill, evidence.price, evidence.exchanges, _noted(run, OUTPUT)),
            origin=_noted(run, ORIGIN),
            client_jobs=clients.jobs(run.clients),
            client_looks=clients.LOOKS,
            client_version=clients.version,
            client_cause=partial(clients.explaining, causes=[article.told for article in model.causes]),
            cause_anchors={article.told.id: article.anchor for article in model.causes},
        )
    )


def tallies(rows: Sequence[Row], names: Sequence[str], name_of: Any) -> list[Tally]:
    """The counts of each name that has rows, drawn as shares of its own."""
    found: dict[str, dict[Verdict, int]] = {name: {} for name in names}
    for row in rows:
        counts = found[name_of(row)]
        counts[row.verdict] = counts.get(row.verdict, 0) + 1
    return [
        Tally(name, counts, charts.bar(counts, sum(counts.values())), told(counts))
        for name, counts in found.items()
        if counts
    ]


def told(counts: Mapping[Verdict, int]) -> str:
    """The counts in words, worst first: `2 FAIL, 40 PASS`."""
    return ", ".join(f"{counts[v]}\N{NO-BREAK SPACE}{v.value}" for v in SEVERITY if counts.get(v))


def date(started_at: str) -> str:
    """A start as people read it; as it is where it is no ISO 8601 with its offset."""
    try:
        moment = datetime.fromisoformat(started_at)
    except ValueError:
        return started_at
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if moment.tzinfo else started_at


@dataclass(frozen=True, slots=True)
class Speed:
    """One measure of speed, in words and as a strip of dots."""

    name: str
    count: int
    median: str
    p95: str
    strip: Markup


def _speeds(measures: Measures) -> tuple[list[Speed], Markup]:
    series = [
        ("whole answer", measures.latencies),
        ("first delta", measures.first_deltas),
    ]
    low, high = charts.bounds(*(values for _, values in series))
    found = []
    for name, values in series:
        if values:
            median, p95 = seconds(percentile(values, 50)), seconds(percentile(values, 95))
            label = f"{name}: {len(values)} values, median {median}, 95th percentile {p95}"
            found.append(Speed(name, len(values), median, p95, charts.strip(values, low, high, label)))
    return found, charts.axis(low, high)


def _asset(name: str) -> Markup:
    return Markup((HERE / name).read_text(encoding="utf-8"))  # noqa: S704 - a file of this package
