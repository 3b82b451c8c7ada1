"""What the page shows, worked out before a template sees it: causes, cards, what passed, evidence."""

from collections.abc import Iterable, Mapping

from conformance.contract.requirements import Requirement, catalogue
from conformance.contract.sources import Source, sources
from conformance.report.articles import Articles
from conformance.report.cards import Cards
from conformance.report.causes import told_causes
from conformance.report.evidence import Evidence, Exchanges
from conformance.verdicts.verdict import Row, Run, Verdict

__all__ = ["Evidence", "Model"]


class Model:
    """Everything on the page that depends on rows and exchanges."""

    def __init__(self, run: Run, evidence: Evidence) -> None:
        exchanges = Exchanges(run.rows, evidence.exchanges)
        cards = Cards(run, exchanges)
        self.causes = tuple(Articles(run, cards, exchanges).of(told_causes(run)))
        self.cards = {verdict: cards.of_verdict(verdict) for verdict in (Verdict.STALE, Verdict.KNOWN)}
        self.reasons = {
            Verdict.ERROR: cards.unjudged(),
            Verdict.INCONCLUSIVE: cards.reasons(Verdict.INCONCLUSIVE),
            Verdict.SKIP: cards.reasons(Verdict.SKIP),
        }
        self.passed = tuple(cards.listed(Verdict.PASS))
        self.observed = tuple(cards.listed(Verdict.NOTE))
        self.sources = _sources(run.rows, catalogue(run.contract))
        self.exchanges = exchanges.shown
        self.exchange_of = exchanges.as_shown
        self.anchors = exchanges.anchors


def _sources(rows: Iterable[Row], known: Mapping[str, Requirement]) -> tuple[Source, ...]:
    """The documents that the rows' requirements name, by their marks: each once, not section by section."""
    of_them = (known[id_] for id_ in dict.fromkeys(row.requirement for row in rows) if id_ in known)
    cited = {source.mark.partition(" §")[0]: source for each in of_them for source in each.sources}
    return tuple(sources().get(mark, cited[mark]) for mark in sorted(cited))
