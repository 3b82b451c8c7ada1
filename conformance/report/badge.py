"""`badge.json`: the verdict as an endpoint of shields.io reads it."""

import json
from pathlib import Path
from typing import Any

from conformance.report.headline import headline
from conformance.verdicts.verdict import Run

COLOURS = {"good": "brightgreen", "bad": "red", "open": "lightgrey"}


def to_json(run: Run) -> dict[str, Any]:
    """The badge: the contract on the left, the verdict in words on the right."""
    head = headline(run)
    colour = "yellow" if head.tone == "good" and head.warnings else COLOURS[head.tone]
    return {
        "schemaVersion": 1,
        "label": f"/v1/responses ({run.contract.name})",
        "message": head.short,
        "color": colour,
    }


def write(run: Run, file: Path) -> None:
    """Write `badge.json`."""
    file.write_text(json.dumps(to_json(run), ensure_ascii=False) + "\n", encoding="utf-8")
