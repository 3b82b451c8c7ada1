"""What `junit.xml` says of the whole run, beside what it says of each check."""

from conformance.report.causes import told_causes
from conformance.report.headline import headline
from conformance.report.text import one_line
from conformance.verdicts.verdict import Run


def suite_properties(run: Run) -> list[tuple[str, str]]:
    """What somebody asks who has nothing but the file: who was judged, by what, and what came of it."""
    values = {
        "provider": run.provider,
        "base_url": run.base_url,
        "model": run.model,
        "contract": run.contract,
        "suite": run.suite,
        "headline": headline(run).words,
        "requests": run.traffic.requests,
        "causes": len(told_causes(run)),
    }
    return [(name, one_line(str(value))) for name, value in values.items()]
