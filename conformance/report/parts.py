"""What the page carries folded: pieces of HTML and the list of every check, compressed into one text.

A whole run's exchanges and checks are some 3 MB of HTML that hardly anybody opens all of. Compressed they are
a tenth of it, and cost the browser nothing before they are opened.
"""

import base64
import gzip
import json
from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup

from conformance.contract.requirements import Requirement
from conformance.report.headline import area_title
from conformance.report.text import cut, encodable, one_line
from conformance.verdicts.gate import check_id
from conformance.verdicts.verdict import SEVERITY, Row

Mask = Callable[[bytes], bytes]
"""Takes secrets out of bytes."""


class Parts:
    """The folded pieces of one page, each once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def keep(self, part: Markup) -> int:
        """Put a piece of safe HTML away; gives the number by which the page asks for it."""
        return self._numbers.setdefault(encodable(str(part)), len(self._numbers))

    def packed(self, rows: Sequence[Row], known: Mapping[str, Requirement], mask: Mask = bytes) -> Markup:
        """All pieces kept so far and the list of checks: JSON, gzip, base64, so nothing in it is markup.

        `known` are the requirements, with their sources, of the contract in force. `mask` sees the bytes
        before they are compressed: afterwards no search for a secret would find it.
        """
        found = {"parts": list(self._numbers), "checks": checks(rows), "sources": cited(rows, known)}
        text = json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()
        packed = base64.b64encode(gzip.compress(mask(text), mtime=0)).decode()
        return Markup(packed)  # noqa: S704 - base64 has no letter that HTML reads anything into


def checks(rows: Sequence[Row]) -> list[list[str | int]]:
    """Every check, worst first: verdict, requirement, level, area, scenario, name, ms of judging.

    The script puts these texts on the page as texts.
    """
    ordered = sorted(rows, key=lambda row: SEVERITY.index(row.verdict))
    return [
        [
            row.verdict.value,
            _text(row.requirement),
            row.level.value,
            _text(area_title(row)),
            _text(row.scenario),
            _text(check_id(row.check)),
            round(row.duration * 1000),
        ]
        for row in ordered
    ]


def cited(rows: Sequence[Row], known: Mapping[str, Requirement]) -> dict[str, list[list[str]]]:
    """Mark, address and name of each source of the rows' requirements, by the id that the list shows."""
    return {
        _text(id_): [[source.mark, source.url, source.name] for source in known[id_].sources]
        for id_ in dict.fromkeys(row.requirement for row in rows)
        if id_ in known
    }


def _text(foreign: str) -> str:
    return one_line(cut(encodable(foreign), 300))
