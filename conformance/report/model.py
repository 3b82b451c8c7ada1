"""What the page shows, worked out before a template sees it: cards, reasons, what passed, the evidence."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from markupsafe import Markup

from conformance.contract.requirements import Requirement, catalogue
from conformance.contract.sources import Source, sources
from conformance.exchange import RECORDINGS, Exchange, file_name
from conformance.report.curl import curl
from conformance.report.headline import area
from conformance.report.measures import seconds
from conformance.report.text import block, cut, difference
from conformance.report.timeline import timeline_svg
from conformance.streams.stream import Stream
from conformance.verdicts.gate import Against, Repeats
from conformance.verdicts.judge import in_words
from conformance.verdicts.verdict import SEVERITY, Finding, Row, Run, Verdict

BODY_LIMIT = 20_000
"""Characters of one body that the page carries; the recording has the rest."""

EVIDENCE_BUDGET = 1_100_000
FINDINGS_BUDGET = 500_000
TIMELINES_BUDGET = 300_000
"""Characters of HTML for the whole page, so that it stays below 5 MB whatever a provider sends."""

TEXT_LIMIT = 600
FINDINGS_SHOWN = 4


@dataclass(frozen=True)
class Evidence:
    """What the report shows beside the verdicts: exchanges by scenario name, comparisons with other runs."""

    exchanges: Mapping[str, Exchange] = field(default_factory=dict)
    against: Against | None = None
    repeats: Repeats | None = None


class Budget:
    """Room for foreign text on the page: what comes first gets it, what comes later is named only."""

    def __init__(self, characters: int) -> None:
        self._left = characters

    def __bool__(self) -> bool:
        return self._left > 0

    def spend(self, *parts: str) -> None:
        """Take the parts off what is left."""
        self._left -= sum(map(len, parts))


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding with its differing parts marked."""

    expected: Markup
    actual: Markup
    where: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was seen: a scenario's exchange, or no more than its name."""

    scenario: str
    check: str
    anchor: str
    line: str


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one requirement that show the same: told once, with every place."""

    places: tuple[Place, ...]
    findings: tuple[ShownFinding, ...]
    more: int
    reason: str
    notes: tuple[str, ...]
    timeline: Markup
    curl: str


@dataclass(frozen=True, slots=True)
class Card:
    """One requirement with one verdict. `anchor` is its id on the page, empty where a card above has it."""

    id: str
    anchor: str
    area: str
    level: str
    verdict: Verdict
    requirement: Requirement | None
    groups: tuple[Group, ...]
    rows: int
    others: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Rows that share one reason for not being judged, as cards without findings."""

    words: str
    traceback: str
    cards: tuple[Card, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A requirement with its rows that pass, or that are observations, and what these saw."""

    id: str
    anchor: str
    area: str
    level: str
    requirement: Requirement | None
    rows: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """One exchange as the page carries it."""

    anchor: str
    scenario: str
    line: str
    request: Markup
    response: Markup
    timeline: Markup
    curl: str
    file: str
    trouble: str


class Model:
    """Everything on the page that depends on rows and exchanges."""

    def __init__(self, run: Run, evidence: Evidence) -> None:
        self._rows = run.rows
        self._exchanges = evidence.exchanges
        self._findings = Budget(FINDINGS_BUDGET)
        self._timelines = Budget(TIMELINES_BUDGET)
        self._taken: set[str] = set()
        self._streams: dict[str, Stream] = {}
        self._anchors = {name: f"exchange-{number}" for number, name in enumerate(_named(run, evidence), 1)}
        self.cards = {
            verdict: tuple(self._cards(verdict))
            for verdict in (Verdict.FAIL, Verdict.STALE, Verdict.WARN, Verdict.KNOWN)
        }
        self.reasons = {
            verdict: tuple(self._reasons(verdict))
            for verdict in (Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.SKIP)
        }
        self.passed = tuple(self._listed(Verdict.PASS))
        self.observed = tuple(self._listed(Verdict.NOTE))
        self.sources = _sources(self._rows)
        self.exchanges = tuple(self._shown())

    def _of(self, verdict: Verdict) -> list[Row]:
        rows = [row for row in self._rows if row.verdict is verdict]
        return sorted(rows, key=lambda row: (area(row), row.requirement))

    def _anchor(self, id_: str) -> str:
        if id_ in self._taken:
            return ""
        self._taken.add(id_)
        return id_

    def _cards(self, verdict: Verdict) -> Iterator[Card]:
        for id_, members in groupby(self._of(verdict), key=lambda row: row.requirement):
            rows = list(members)
            yield self._card(id_, verdict, rows, tuple(self._groups(rows)))

    def _card(self, id_: str, verdict: Verdict, rows: Sequence[Row], groups: tuple[Group, ...]) -> Card:
        others: dict[Verdict, int] = {}
        for row in self._rows:
            if row.requirement == id_ and row.verdict is not verdict:
                others[row.verdict] = others.get(row.verdict, 0) + 1
        return Card(
            id=id_,
            anchor=self._anchor(id_),
            area=area(rows[0]),
            level=rows[0].level.value,
            verdict=verdict,
            requirement=catalogue().get(id_),
            groups=groups,
            rows=len(rows),
            others=", ".join(f"{others[v]} {v.value}" for v in SEVERITY if v in others),
        )

    def _groups(self, rows: Iterable[Row]) -> Iterator[Group]:
        alike: dict[tuple[object, ...], list[Row]] = {}
        for row in rows:
            findings = tuple((f.expected, f.actual, f.where) for f in row.findings)
            alike.setdefault((findings, _reason(row)), []).append(row)
        for members in alike.values():
            yield self._group(members)

    def _group(self, rows: Sequence[Row]) -> Group:
        first = rows[0]
        distinct = tuple(dict.fromkeys(replace(finding, scenario="") for finding in first.findings))
        findings = tuple(self._some_findings(distinct))
        exchange = self._exchanges.get(_evidence_of(first))
        seen = dict.fromkeys((name, row.check) for row in rows for name in _seen_in(row))
        return Group(
            places=tuple(self._place(name, check) for name, check in seen),
            findings=findings,
            more=len(distinct) - len(findings),
            reason=cut(_reason(first), TEXT_LIMIT),
            notes=tuple(cut(note, TEXT_LIMIT) for note in first.notes[:3]),
            timeline=self._timeline(exchange, first.findings) if _of_events(first) else Markup(""),
            curl=self._curl(exchange),
        )

    def _place(self, name: str, check: str) -> Place:
        exchange = self._exchanges.get(name)
        return Place(name, check, self._anchors.get(name, ""), line(exchange) if exchange else "")

    def _some_findings(self, findings: Sequence[Finding]) -> Iterator[ShownFinding]:
        for finding in findings[:FINDINGS_SHOWN]:
            if not self._findings:
                return
            expected, actual = difference(finding.expected, finding.actual, TEXT_LIMIT)
            where = cut(finding.where, 200)
            self._findings.spend(expected, actual, where)
            yield ShownFinding(expected, actual, where)

    def _curl(self, exchange: Exchange | None) -> str:
        """The line itself where there is room for it; the exchange has it, too."""
        if exchange is None or not self._findings:
            return ""
        found = curl(exchange)
        self._findings.spend(found)
        return found

    def _timeline(self, exchange: Exchange | None, findings: Sequence[Finding]) -> Markup:
        """The stream's timeline with what the findings point to; the exchange's own marks every departure."""
        if exchange is None or not self._timelines:
            return Markup("")
        found = self._drawn(exchange, findings)
        self._timelines.spend(found)
        return found

    def _drawn(self, exchange: Exchange, findings: Sequence[Finding] | None = None) -> Markup:
        if exchange.media_type != "text/event-stream":
            return Markup("")
        if exchange.scenario not in self._streams:
            self._streams[exchange.scenario] = Stream.of(exchange)
        stream = self._streams[exchange.scenario]
        svg = timeline_svg(stream) if findings is None else timeline_svg(stream, (), findings)
        return Markup(svg)  # noqa: S704 - timeline_svg escapes every foreign word

    def _reasons(self, verdict: Verdict) -> Iterator[Reason]:
        because: dict[tuple[str, str], list[Row]] = {}
        for row in self._of(verdict):
            because.setdefault((_reason(row), row.traceback), []).append(row)
        for (words, traceback), rows in sorted(because.items(), key=lambda each: -len(each[1])):
            cards = []
            for id_, members in groupby(rows, key=lambda row: row.requirement):
                same = list(members)
                group = Group(
                    tuple(self._place(_evidence_of(row), row.check) for row in same),
                    (),
                    0,
                    "",
                    (),
                    Markup(""),
                    "",
                )
                cards.append(self._card(id_, verdict, same, (group,)))
            yield Reason(cut(words, TEXT_LIMIT), cut(traceback, 4000), tuple(cards), len(rows))

    def _listed(self, verdict: Verdict) -> Iterator[tuple[str, tuple[Listed, ...]]]:
        rows = self._of(verdict)
        for name, members in groupby(rows, key=area):
            entries = []
            for id_, same in groupby(members, key=lambda row: row.requirement):
                alike = list(same)
                notes = dict.fromkeys(
                    cut(f"{row.scenario}: {note}" if row.scenario else note, 300)
                    for row in alike
                    for note in row.notes
                )
                entries.append(
                    Listed(
                        id=id_,
                        anchor=self._anchor(id_),
                        area=name,
                        level=alike[0].level.value,
                        requirement=catalogue().get(id_),
                        rows=len(alike),
                        notes=tuple(notes)[:4],
                    )
                )
            yield name, tuple(entries)

    def _shown(self) -> Iterator[Shown]:
        budget = Budget(EVIDENCE_BUDGET)
        for name, anchor in self._anchors.items():
            exchange = self._exchanges[name]
            drawn = self._drawn(exchange) if budget else Markup("")
            shown = _exchange(exchange, anchor, drawn, roomy=bool(budget))
            budget.spend(shown.request, shown.response, shown.timeline, shown.curl)
            yield shown


def line(exchange: Exchange) -> str:
    """One exchange in a line: what was asked, what came, how long it took."""
    request = exchange.request
    path = request.url.split("://", 1)[-1].partition("/")[2]
    came = f"HTTP {exchange.status}" if exchange.status is not None else "no answer"
    size = len(exchange.body)
    told = f"{size / 1000:.1f} kB" if size >= 1000 else f"{size} bytes"
    return f"{request.method} /{cut(path, 80)} → {came}, {seconds(exchange.duration)}, {told}"


def _exchange(exchange: Exchange, anchor: str, drawn: Markup, *, roomy: bool) -> Shown:
    limit = BODY_LIMIT if roomy else 200
    file = f"{RECORDINGS}/{file_name(exchange.scenario)}"
    request, answer = exchange.request, exchange.body
    asked = f"{request.method} {cut(request.url, 2000)}\n{_headers(request.headers)}"
    status = f"HTTP {exchange.status}\n{_headers(exchange.headers)}" if exchange.status is not None else ""
    trouble = [f"{exchange.fault.kind}: {exchange.fault.message}"] if exchange.fault else []
    trouble += [f"retried {len(exchange.retries)} times"] if exchange.retries else []
    trouble += [f"the key stood in the answer at {exchange.leaks} places"] if exchange.leaks else []
    return Shown(
        anchor=anchor,
        scenario=exchange.scenario,
        line=line(exchange),
        request=block(f"{asked}\n{_body(request.body, limit, file)}"),
        response=block(f"{status}\n{_body(answer, limit, file)}" if status else "no answer came"),
        timeline=drawn,
        curl=curl(exchange) if roomy else "",
        file=file,
        trouble=cut("; ".join(trouble), TEXT_LIMIT),
    )


def _headers(headers: Sequence[tuple[str, str]], most: int = 60) -> str:
    lines = [f"{name}: {cut(value, 500)}\n" for name, value in headers[:most]]
    return "".join(lines) + (f"… {len(headers) - most} more headers\n" if len(headers) > most else "")


def _body(body: bytes, limit: int, file: str) -> str:
    """Bytes that are no UTF-8 are shown as `\\xff`."""
    text = body[: 4 * limit].decode("utf-8", "backslashreplace")
    if len(text) <= limit and len(body) <= 4 * limit:
        return text
    return f"{text[:limit]}\n… cut here; all {len(body):,} bytes are in {file}"


def _reason(row: Row) -> str:
    """The reason without what the findings tell and without the scenario, so that rows can share it."""
    told = in_words(row.findings[0]) if row.findings else f"{row.scenario}: "
    return row.reason.removeprefix(told).removeprefix("; ")


def _evidence_of(row: Row) -> str:
    """The scenario whose exchange shows a row: its own, or the one that its finding names."""
    return row.scenario or next((f.scenario for f in row.findings if f.scenario), "")


def _seen_in(row: Row) -> Iterator[str]:
    """The scenarios that show a row: its own, then further attempts or whatever its findings name."""
    yield _evidence_of(row)
    yield from (finding.scenario for finding in row.findings if finding.scenario)


def _of_events(row: Row) -> bool:
    """Whether a row's findings are about a stream's events, so that its timeline tells something."""
    of_stream = area(row).startswith("stream")
    return of_stream or any(finding.where.startswith("event ") for finding in row.findings)


def _sources(rows: Iterable[Row]) -> tuple[Source, ...]:
    """The documents that the rows' requirements name, by their marks: each once, not section by section."""
    known = catalogue()
    of_them = (known[id_] for id_ in dict.fromkeys(row.requirement for row in rows) if id_ in known)
    cited = {source.mark.partition(" §")[0]: source for each in of_them for source in each.sources}
    return tuple(sources().get(mark, cited[mark]) for mark in sorted(cited))


def _named(run: Run, evidence: Evidence) -> list[str]:
    """The exchanges in the order in which a reader comes upon them, the unmentioned ones last."""
    ordered = sorted(run.rows, key=lambda row: SEVERITY.index(row.verdict))
    mentioned = [name for row in ordered for name in (_evidence_of(row), *(f.scenario for f in row.findings))]
    return [name for name in dict.fromkeys([*mentioned, *evidence.exchanges]) if name in evidence.exchanges]
