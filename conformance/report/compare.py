"""`responses-conformance compare`: several providers' results beside each other, as HTML and as Markdown."""

from collections.abc import Sequence
from pathlib import Path

from conformance.report.comparison.markdown import markdown
from conformance.report.comparison.matrix import Matrix, notices
from conformance.report.page import date, environment
from conformance.report.text import encodable


def write(matrices: Sequence[Matrix], output: Path) -> tuple[Path, ...]:
    """Write `output`; beside an HTML file its twin in Markdown. Returns what was written."""
    output.parent.mkdir(parents=True, exist_ok=True)
    twin = output.with_suffix(".md")
    twin.write_text(markdown(matrices), encoding="utf-8")
    if output == twin:
        return (twin,)
    output.write_text(page(matrices), encoding="utf-8")
    return output, twin


def page(matrices: Sequence[Matrix]) -> str:
    """The comparison as one HTML file."""
    template = environment().get_template("compare.html")
    return encodable(template.render(matrices=matrices, notices=notices(matrices), date=date))
