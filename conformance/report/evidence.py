"""The exchanges as the page carries them: named, drawn, cut where they are long."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from markupsafe import Markup

from conformance.exchange import RECORDINGS, Exchange, file_name
from conformance.report.came import pretty
from conformance.report.curl import curl
from conformance.report.measures import seconds
from conformance.report.text import block, cut
from conformance.report.timeline import timeline_svg
from conformance.streams.stream import Stream
from conformance.verdicts.bill import Bill, Price
from conformance.verdicts.gate import Against, Repeats
from conformance.verdicts.verdict import SEVERITY, Finding, Row

BODY_LIMIT = 20_000
"""Characters of one body that the page carries; the recording has the rest."""

EVIDENCE_BUDGET = 2_500_000
TIMELINES_BUDGET = 400_000
"""Characters of HTML before they are compressed, so that the page stays small whatever a provider sends."""

TEXT_LIMIT = 600


@dataclass(frozen=True)
class Evidence:
    """What the report shows beside the verdicts: exchanges by scenario name, comparisons with other runs.

    `bill` is what the counted inputs come to, `price` what the profile says that input costs.
    """

    exchanges: Mapping[str, Exchange] = field(default_factory=dict)
    against: Against | None = None
    repeats: Repeats | None = None
    bill: Bill | None = None
    price: Price | None = None


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
class Place:
    """Where something was seen: a scenario's exchange, or no more than its name."""

    scenario: str
    check: str
    anchor: str
    line: str


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


class Exchanges:
    """The exchanges of a run in the order in which a reader comes upon them, each with a name on the page."""

    def __init__(self, rows: Sequence[Row], exchanges: Mapping[str, Exchange]) -> None:
        self._exchanges = exchanges
        self._streams: dict[str, Stream] = {}
        self._timelines = Budget(TIMELINES_BUDGET)
        self.anchors = {name: anchor_of(name) for name in _in_order(rows, exchanges)}
        self.shown = tuple(self._shown())
        self._by_name = {shown.scenario: shown for shown in self.shown}

    def get(self, scenario: str) -> Exchange | None:
        """What went over the wire for a scenario."""
        return self._exchanges.get(scenario)

    def as_shown(self, scenario: str) -> Shown | None:
        """The same as the page carries it."""
        return self._by_name.get(scenario)

    def place(self, scenario: str, check: str) -> Place:
        """Where a row was seen."""
        exchange = self._exchanges.get(scenario)
        return Place(scenario, check, self.anchors.get(scenario, ""), line(exchange) if exchange else "")

    def timeline(self, scenario: str, findings: Sequence[Finding]) -> Markup:
        """The stream's timeline with what the findings point to; the exchange's own marks every departure."""
        exchange = self._exchanges.get(scenario)
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

    def _shown(self) -> Iterator[Shown]:
        budget = Budget(EVIDENCE_BUDGET)
        for name, anchor in self.anchors.items():
            exchange = self._exchanges[name]
            drawn = self._drawn(exchange) if budget else Markup("")
            shown = _exchange(exchange, anchor, drawn, roomy=bool(budget))
            budget.spend(shown.request, shown.response, shown.timeline, shown.curl)
            yield shown


def anchor_of(scenario: str) -> str:
    """The id on the page of a scenario's exchange: the name of its recording."""
    return f"exchange-{PurePosixPath(file_name(scenario)).stem}"


def line(exchange: Exchange) -> str:
    """One exchange in a line: what was asked, what came, how long it took."""
    request = exchange.request
    path = request.url.split("://", 1)[-1].partition("/")[2]
    came = f"HTTP {exchange.status}" if exchange.status is not None else "no answer"
    size = len(exchange.body)
    told = f"{size / 1000:.1f} kB" if size >= 1000 else f"{size} bytes"
    return f"{request.method} /{cut(path, 80)} → {came}, {seconds(exchange.duration)}, {told}"


def evidence_of(row: Row) -> str:
    """The scenario whose exchange shows a row: its own, or the one that its finding names."""
    return row.scenario or next((f.scenario for f in row.findings if f.scenario), "")


def seen_in(row: Row) -> Iterator[str]:
    """The scenarios that show a row: its own, then further attempts or whatever its findings name."""
    yield evidence_of(row)
    yield from (finding.scenario for finding in row.findings if finding.scenario)


def readable(body: bytes, limit: int, rest: str) -> str:
    """Bytes as text, cut to `limit`; those that are no UTF-8 are shown as `\\xff`. `rest` ends a cut."""
    text = body[: 4 * limit].decode("utf-8", "backslashreplace")
    return text if len(text) <= limit and len(body) <= 4 * limit else f"{text[:limit]}{rest}"


def _exchange(exchange: Exchange, anchor: str, drawn: Markup, *, roomy: bool) -> Shown:
    limit = BODY_LIMIT if roomy else 200
    file = f"{RECORDINGS}/{file_name(exchange.scenario)}"
    request = exchange.request
    asked = f"{request.method} {cut(request.url, 2000)}\n{_headers(request.headers)}\n"
    status = f"HTTP {exchange.status}\n{_headers(exchange.headers)}\n" if exchange.status is not None else ""
    trouble = [f"{exchange.fault.kind}: {exchange.fault.message}"] if exchange.fault else []
    trouble += [f"other tries: {'; '.join(map(str, exchange.retries))}"] if exchange.retries else []
    trouble += [f"the key stood in the answer at {exchange.leaks} places"] if exchange.leaks else []
    answered = block(status) + _body(exchange.body, limit, file, json=exchange.json.value is not None)
    return Shown(
        anchor=anchor,
        scenario=exchange.scenario,
        line=line(exchange),
        request=block(asked) + _body(request.body, limit, file, json=exchange.sent_json is not None),
        response=answered if status else Markup("no answer came"),
        timeline=drawn,
        curl=curl(exchange) if roomy else "",
        file=file,
        trouble=cut("; ".join(trouble), TEXT_LIMIT),
    )


def _headers(headers: Sequence[tuple[str, str]], most: int = 60) -> str:
    lines = [f"{name}: {cut(value, 500)}\n" for name, value in headers[:most]]
    return "".join(lines) + (f"… {len(headers) - most} more headers\n" if len(headers) > most else "")


def _body(body: bytes, limit: int, file: str, *, json: bool) -> Markup:
    """JSON is laid out; whatever else came is shown byte for byte."""
    text = readable(body, limit, f"\n… cut here; all {len(body):,} bytes are in {file}")
    return pretty(text, limit) if json else block(text)


def _in_order(rows: Sequence[Row], exchanges: Mapping[str, Exchange]) -> list[str]:
    """The exchanges in the order in which a reader comes upon them, the unmentioned ones last."""
    ordered = sorted(rows, key=lambda row: SEVERITY.index(row.verdict))
    mentioned = [name for row in ordered for name in seen_in(row)]
    return [name for name in dict.fromkeys([*mentioned, *exchanges]) if name in exchanges]
