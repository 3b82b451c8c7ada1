"""The areas into which the contract and the suite are cut: one name for a file of each room."""

from typing import Literal

Area = Literal[
    "agent_tools",
    "answering",
    "authorization",
    "billing",
    "client_requests",
    "errors",
    "evidence",
    "honoured",
    "input",
    "loops",
    "request_fields",
    "response_body",
    "response_consistency",
    "response_fields",
    "response_items",
    "storage",
    "stream_content",
    "stream_framing",
    "stream_lifecycle",
    "stream_snapshots",
    "stream_time",
    "structured_output",
    "tools",
    "usage",
]
"""What an area has stands under its name in every room: `catalogue/<area>.toml`, `checks/test_<area>.py`,
and `<area>.py` in `scenarios/`, `rules/`, `reference/mutants/` and `reference/variants/`. It need not have
something in each. `tests/test_areas.py` holds that."""


def title(area: str) -> str:
    """An area's name as people read it: that of `stream_framing` is «Stream framing»."""
    return area.replace("_", " ").capitalize()
